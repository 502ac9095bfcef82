"""Notebooks with anything anywhere: the gate always ends with our graded cells, readable, and nothing else of force."""

import json
import shutil

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import gate, nbgrader
from grader.notebook import instructor_notebook, student_notebook
from tests.grader.submissions import solved

STAGE = "01_one_neuron"
RELEASE = student_notebook(instructor_notebook(STAGE))
HONEST = json.loads(json.dumps(solved(STAGE)))

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("half \ud800")
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


# A place by its share of the way through the tree, what to do there, and with what.
edits = st.lists(
    st.tuples(st.floats(0, 0.999), st.sampled_from(["replace", "remove", "double"]), anything), min_size=1, max_size=6
)


def places(tree, path=()):
    """The path of every value in a JSON tree."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def mutated(changes):
    """The honest notebook with values replaced, removed or doubled."""
    notebook = json.loads(json.dumps(HONEST))
    for share, what, value in changes:
        known = list(places(notebook))
        *above, key = known[int(share * len(known))]
        tree = notebook
        for step in above:
            tree = tree[step]
        if what == "replace":
            tree[key] = value
        elif what == "remove":
            del tree[key]
        elif isinstance(tree, list):
            tree.insert(0, tree[key])
    return notebook


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(edits)
def test_whatever_is_changed_the_graded_cells_are_ours(tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("fuzz") / "submitted" / "ada" / STAGE
    folder.mkdir(parents=True)
    (folder / f"{STAGE}.ipynb").write_text(json.dumps(mutated(changes)))
    try:
        check_admitted(folder)
    finally:
        shutil.rmtree(folder.parents[2])


def check_admitted(folder):
    _, admitted = gate.admit(folder, STAGE, json.dumps(RELEASE).encode())
    assert admitted == nbformat.read(folder / f"{STAGE}.ipynb", as_version=4)
    restored, _ = gate.restore(admitted, RELEASE)
    nbformat.validate(restored)
    ours = {cell.id: cell for cell in RELEASE.cells if cell.metadata.get("nbgrader")}
    found = [cell for cell in restored.cells if cell.metadata.get("nbgrader")]
    assert sorted(cell.id for cell in found) == sorted(ours)
    for cell in found:
        assert cell.metadata == ours[cell.id].metadata
        assert cell.metadata.nbgrader.solution or cell.source == ours[cell.id].source
    runs, checks = nbgrader.challenges(STAGE, restored)
    assert list(checks) == ["weighted_sum", "perceptron", "perceptron_update", "perceptron_train"]
    assert all(isinstance(cell.source, str) for cell in runs)


def test_a_new_id_is_one_that_no_cell_has():
    notebook = nbformat.from_dict(HONEST)
    for k, cell in enumerate(notebook.cells):
        if "nbgrader" not in cell.metadata:
            cell.id = "twice" if k % 2 else f"cell-{k + 1}"
    restored, _ = gate.restore(notebook, RELEASE)
    nbformat.validate(restored)
    assert len({cell.id for cell in restored.cells}) == len(restored.cells)


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b'"x"', b"{" * 1000, b"\x00" * 100, b"NaN"])
def test_bytes_that_are_no_notebook_are_set_aside(tmp_path, content):
    folder = tmp_path / "submitted" / "ada" / STAGE
    folder.mkdir(parents=True)
    (folder / f"{STAGE}.ipynb").write_bytes(content)
    check_admitted(folder)
    assert len(list(tmp_path.glob(f"set_aside/ada/{STAGE}/*/{STAGE}.ipynb"))) == 1
