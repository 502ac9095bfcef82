"""A workspace never loses what a learner wrote, whatever the course brings and wherever the power fails."""

import itertools
import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

from course import kernelinfo, merge, workspace
from course.errors import BadInput
from tests.course.materials import notebook, sources, stage

NAME = "01_one_neuron"
PATH = f"{NAME}/{NAME}.ipynb"
FIRST = {"intro": "# One neuron", "setup": "import numpy", "sum": "raise NotImplementedError", "check": "check(f)"}


def bring(folder, files=None, **cells):
    """Update `folder` with one stage of the given cells; returns the steps."""
    return workspace.update(folder, {NAME: (files or {}) | {f"{NAME}.ipynb": notebook(**cells)}})


def edit(folder, change):
    """Let a learner `change` the list of cells of the notebook."""
    path = folder / PATH
    book = merge.read(path.read_bytes())
    change(book.cells)
    path.write_bytes(merge.write(book))
    return path


def write_in(key, source):
    def change(cells):
        next(cell for cell in cells if cell.id == key).source = source

    return change


def tree(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def texts(folder, path=PATH):
    return sources((folder / path).read_bytes())


@pytest.fixture
def room(tmp_path):
    """A fresh workspace of one stage."""
    folder = tmp_path / "my workspace"
    bring(folder, **FIRST)
    return folder


def test_the_first_run_builds_everything(tmp_path):
    steps = workspace.update(tmp_path, {NAME: stage(NAME, "weighted_sum", **FIRST), "": {"start.ipynb": notebook()}})
    assert texts(tmp_path) == list(FIRST.values())
    assert (tmp_path / NAME / "checks" / "weighted_sum.safetensors").read_bytes() == b"weighted_sum"
    assert {step.news for step in steps} == {"new"}


def test_a_second_run_touches_nothing(room):
    edit(room, write_in("sum", "return x @ w"))
    before, times = tree(room), {p: p.stat().st_mtime_ns for p in room.rglob("*")}
    assert {step.news for step in bring(room, **FIRST)} == {""}
    assert tree(room) == before
    assert {p: p.stat().st_mtime_ns for p in room.rglob("*")} == times


def test_what_the_learner_left_alone_follows_the_course(room):
    steps = bring(room, **FIRST | {"intro": "# One neuron, better told", "more": "# And more"})
    assert texts(room) == [
        "# One neuron, better told",
        "import numpy",
        "raise NotImplementedError",
        "check(f)",
        "# And more",
    ]
    assert [step.news for step in steps] == ["updated"]


def test_what_the_learner_wrote_and_added_stays_in_its_place(room):
    edit(room, write_in("sum", "return x @ w"))
    edit(room, lambda cells: cells.insert(3, v4.new_code_cell("print(my_try)", id="mine")))
    steps = bring(room, **{"top": "# Read me"} | FIRST | {"intro": "# Better"})
    assert texts(room) == ["# Read me", "# Better", "import numpy", "return x @ w", "print(my_try)", "check(f)"]
    assert [step.news for step in steps] == ["updated"]
    assert not list(room.glob("*/*.new*"))


def test_outputs_stay_with_an_unchanged_cell_and_go_with_a_changed_one(room):
    def run(cells):
        for cell in cells[1:3]:
            cell.outputs, cell.execution_count = [v4.new_output("stream", text="ran")], 7

    edit(room, run)
    bring(room, **FIRST | {"setup": "import numpy as np"})
    _, setup, total, _ = merge.read((room / PATH).read_bytes()).cells
    assert setup.source == "import numpy as np" and setup.outputs == [] and setup.execution_count is None
    assert total.outputs[0].text == "ran" and total.execution_count == 7


STUB = 'def f(x):\n    """{says}"""\n    # {hint}\n    raise NotImplementedError'


@pytest.mark.parametrize(
    ("course", "told"),
    [
        (STUB.format(says="y = 2 · x", hint="y = ____"), ""),
        (STUB.format(says="y = x", hint="y = ____") + "(1)", "yours kept"),
        ("%timeit f(3)", "yours kept"),
    ],
    ids=["words", "code", "no Python"],
)
def test_where_a_stub_is_only_reworded_a_learner_is_not_asked_to_compare(room, course, told):
    before = FIRST | {"sum": STUB.format(says="y = x", hint="y = ??")}
    bring(room, **before)
    edit(room, write_in("sum", "def f(x):\n    return x"))
    (step,) = bring(room, **before | {"sum": course})
    assert step.news == told and "def f(x):\n    return x" in texts(room)


def test_where_both_changed_the_learners_stays_and_the_courses_is_beside_it(room):
    edit(room, write_in("sum", "return x @ w"))
    newer = FIRST | {"sum": "raise NotImplementedError('mind the shapes')"}
    (step,) = bring(room, **newer)
    assert step.news == "yours kept" and step.beside[0] == f"{NAME}/{NAME}.new.ipynb"
    assert "return x @ w" in texts(room)
    assert texts(room, step.beside[0]) == list(newer.values())
    before = tree(room)
    assert [step.news for step in bring(room, **newer)] == [""], "told once"
    assert tree(room) == before


def test_the_copy_beside_is_replaced_only_while_nobody_wrote_in_it(room):
    edit(room, write_in("sum", "return x @ w"))
    beside = room / NAME / f"{NAME}.new.ipynb"
    for version in ("two", "three"):
        (step,) = bring(room, **FIRST | {"sum": version})
        assert step.beside[0] == f"{NAME}/{NAME}.new.ipynb" and version in sources(beside.read_bytes())
    beside.write_bytes(notebook(mine="# I work here now"))
    (step,) = bring(room, **FIRST | {"sum": "four"})
    assert step.beside[0] == f"{NAME}/{NAME}.new-2.ipynb"
    assert sources(beside.read_bytes()) == ["# I work here now"]


def test_a_cell_the_learner_deleted_stays_deleted_and_one_the_course_drops_goes(room):
    edit(room, lambda cells: cells.pop(0))
    bring(room, **{key: FIRST[key] for key in ("intro", "sum", "check")})
    assert texts(room) == ["raise NotImplementedError", "check(f)"]


def test_cells_the_learner_moved_stay_where_they_were_put(room):
    edit(room, lambda cells: cells.append(cells.pop(1)))
    bring(room, **FIRST | {"intro": "# Better"})
    assert texts(room) == ["# Better", "raise NotImplementedError", "check(f)", "import numpy"]


def test_points_follow_the_course_even_in_a_cell_the_learner_wrote_in(room):
    edit(room, write_in("sum", "return x @ w"))
    book = merge.read(notebook(**FIRST))
    book.cells[2].metadata.nbgrader = {"points": 3}
    (step,) = workspace.update(room, {NAME: {f"{NAME}.ipynb": merge.write(book)}})
    mine = merge.read((room / PATH).read_bytes()).cells[2]
    assert step.news == "updated" and (mine.source, mine.metadata.nbgrader.points) == ("return x @ w", 3)


def test_an_editor_that_knows_no_cell_ids_is_forgiven(room):
    path = edit(room, lambda cells: [cell.pop("id") for cell in cells])
    assert b'"id"' not in path.read_bytes()
    bring(room, **FIRST | {"intro": "# Better"})
    assert texts(room) == ["# Better", *list(FIRST.values())[1:]]


def test_an_editor_that_keeps_no_outputs_is_forgiven(room):
    path = edit(room, lambda cells: cells.append(v4.new_code_cell("print(my_try)", id="mine")))
    path.write_bytes(path.read_bytes().replace(b'"outputs"', b'"dropped"'))
    bring(room, **FIRST | {"intro": "# Better"})
    assert texts(room) == ["# Better", *list(FIRST.values())[1:], "print(my_try)"]


def test_a_cell_copied_with_its_id_is_kept_twice(room):
    edit(room, lambda cells: cells.insert(3, v4.new_code_cell("return 2", id="sum")))
    bring(room, **FIRST | {"intro": "# Better"})
    assert texts(room) == ["# Better", "import numpy", "raise NotImplementedError", "return 2", "check(f)"]
    ids = [cell.id for cell in merge.read((room / PATH).read_bytes()).cells]
    assert ids[2] == "sum" and len(set(ids)) == 5


def test_a_file_the_learner_deleted_comes_back(room):
    (room / PATH).unlink()
    bring(room, **FIRST)
    assert texts(room) == list(FIRST.values())


def test_other_files_follow_the_course_unless_the_learner_changed_them(room):
    bring(room, {"a.csv": b"1", "b.csv": b"1", "c.csv": b"1"}, **FIRST)
    (room / NAME / "b.csv").write_bytes(b"mine")
    bring(room, {"a.csv": b"2", "b.csv": b"2", "c.csv": b"1"}, **FIRST)
    held = {path.name: path.read_bytes() for path in (room / NAME).glob("*.csv")}
    assert held == {"a.csv": b"2", "b.csv": b"mine", "b.new.csv": b"2", "c.csv": b"1"}


def test_a_link_keeps_pointing_where_it_points(room, tmp_path):
    elsewhere = tmp_path / "elsewhere.ipynb"
    (room / PATH).rename(elsewhere)
    (room / PATH).symlink_to(elsewhere)
    bring(room, **FIRST | {"intro": "# Better"})
    assert (room / PATH).is_symlink() and "# Better" in sources(elsewhere.read_bytes())


def test_a_foreign_file_of_the_same_name_stops_everything_before_anything(tmp_path):
    (tmp_path / NAME).mkdir()
    (tmp_path / PATH).write_bytes(notebook(own="# My own notes"))
    before = tree(tmp_path)
    with pytest.raises(BadInput, match=r"01_one_neuron\.ipynb is not a file of this course.*--workspace"):
        workspace.update(tmp_path, {"00_claims": stage("00_claims"), NAME: stage(NAME)})
    assert tree(tmp_path) == before


def test_a_notebook_fetched_through_nbgrader_is_recognized_with_what_was_written_in_it(tmp_path):
    (tmp_path / NAME).mkdir()
    (tmp_path / PATH).write_bytes(notebook(**FIRST | {"sum": "return x @ w"}))
    assert [step.news for step in bring(tmp_path, **FIRST)] == [""]
    bring(tmp_path, **FIRST | {"intro": "# Better"})
    assert texts(tmp_path) == ["# Better", "import numpy", "return x @ w", "check(f)"]


def test_a_workspace_that_lost_its_hidden_folder_loses_nothing_else(room):
    edit(room, write_in("sum", "return x @ w"))
    shutil.rmtree(room / workspace.STATE)
    assert [step.news for step in bring(room, **FIRST)] == [""]
    assert "return x @ w" in texts(room)


BROKEN = {
    "cut short": notebook(**FIRST)[:200],
    "empty": b"",
    "a list": b"[]",
    "not text": b"\xff\xfe\x00",
    "of an older format": b'{"nbformat": 3, "worksheets": []}',
    "with a cell that has no text": b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}}]}',
    "with a cell of no type": notebook(**FIRST).replace(b'"cell_type": "code"', b'"cell_typ": "code"', 1),
    "with a cell of an odd type": notebook(**FIRST).replace(b'"cell_type": "code"', b'"cell_type": ["code"]', 1),
    "with a cell without metadata": notebook(**FIRST).replace(b'"metadata"', b'"metadat"', 1),
    "with a cell of odd metadata": notebook(**FIRST).replace(b'"metadata": {}', b'"metadata": []', 1),
    "with a stream that says nothing": notebook(**FIRST).replace(
        b'"outputs": []', b'"outputs": [{"output_type": "stream"}]', 1
    ),
    "with an id that is no text": notebook(**FIRST).replace(b'"id": "setup"', b'"id": ["setup"]', 1),
    "with outputs that are none": notebook(**FIRST).replace(b'"outputs": []', b'"outputs": [{}]', 1),
    "of an odd version": notebook(**FIRST).replace(b'"nbformat_minor": 5', b'"nbformat_minor": "5"'),
    "without metadata": b'{"nbformat": 4, "cells": []}',
    "with a cell that is no cell": b'{"nbformat": 4, "metadata": {}, "cells": [1]}',
    "nested too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_an_unreadable_notebook_is_named_and_left_as_it_is(room, data):
    (room / PATH).write_bytes(data)
    before = tree(room)
    with pytest.raises(BadInput, match=r"01_one_neuron\.ipynb is not a readable notebook .*rename it"):
        bring(room, **FIRST | {"intro": "# Better"})
    assert tree(room) == before


def test_a_folder_that_cannot_be_written_is_named(room, monkeypatch):
    def refuse(source, target):
        raise PermissionError(13, "Permission denied", str(target))

    before = tree(room)
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(BadInput, match=r"workspace .*my workspace cannot be written .*Permission denied.*--workspace"):
        bring(room, **FIRST | {"intro": "# Better"})
    assert tree(room) == before, "no half-written file stays behind"


def test_a_file_in_the_place_of_the_workspace_is_named(tmp_path):
    (tmp_path / "workspace").write_text("a shopping list")
    with pytest.raises(BadInput, match="cannot be written"):
        bring(tmp_path / "workspace", **FIRST)


@pytest.mark.parametrize("learner", [None, "return x @ w"], ids=["untouched", "touched"])
def test_a_run_that_is_cut_off_anywhere_is_completed_by_the_next(tmp_path, monkeypatch, learner):
    newer = FIRST | {"sum": "raise NotImplementedError('mind the shapes')", "intro": "# Better"}

    def play(folder, cut):
        bring(folder, {"data.csv": b"1"}, **FIRST)
        if learner:
            edit(folder, write_in("sum", learner))
        left = itertools.count()
        whole = workspace.put
        monkeypatch.setattr(workspace, "put", lambda *a: whole(*a) if next(left) < cut else pytest.fail("power cut"))
        try:
            bring(folder, {"data.csv": b"2", "extra.csv": b"2"}, **newer)
        except pytest.fail.Exception:
            cut = None
        monkeypatch.setattr(workspace, "put", whole)
        bring(folder, {"data.csv": b"2", "extra.csv": b"2"}, **newer)
        return cut, tree(folder)

    _, expected = play(tmp_path / "uncut", 99)
    for cut in itertools.count():
        completed, found = play(tmp_path / f"cut {cut}", cut)
        assert found == expected
        if completed is not None:
            break
    assert cut >= 6


texts_of = st.text("abcd#\n", max_size=4)
books = st.dictionaries(st.sampled_from("pqrstuvw"), texts_of, max_size=6)


@given(old=books, mine=books, new=books, order=st.randoms(use_true_random=False))
def test_merging_loses_nothing_a_learner_wrote(old, mine, new, order):
    keys = list(mine)
    order.shuffle(keys)
    versions = [merge.read(notebook(**cells)) for cells in (old, {key: mine[key] for key in keys}, new)]
    merged, contested = merge.merge(*versions)
    held = {cell.get("id"): cell.source for cell in merged.cells}
    theirs = {key: source for key, source in mine.items() if old.get(key) != source}
    recognized = merge.recognize(versions[1], versions[0])
    if [c.id for c in recognized.cells] == keys:  # no id was drawn anew
        assert theirs.items() <= held.items()
    assert all(source in held.values() for source in theirs.values() if source not in old.values())
    assert contested or all(
        held.get(key) == new[key] for key in new if key not in theirs and (key in mine or key not in old)
    )


@given(old=books, other=books)
def test_where_one_side_did_nothing_the_other_wins(old, other):
    before, after = merge.read(notebook(**old)), merge.read(notebook(**other))
    assert merge.write(merge.merge(before, before, after)[0]) == notebook(**other)
    kept, contested = merge.merge(before, after, before)
    assert [cell.source for cell in kept.cells] == list(other.values()) and not contested


def test_the_workspace_is_the_one_we_are_in_else_a_new_one_here(tmp_path, room):
    assert workspace.locate(start=room / NAME) == room
    assert workspace.locate(start=tmp_path) == tmp_path / "workspace"
    assert workspace.locate(tmp_path / "named", start=room) == tmp_path / "named"
    (tmp_path / ".threshold").mkdir()  # a class keeps its state under the same name
    assert workspace.locate(start=tmp_path) == tmp_path / "workspace"


def test_material_comes_from_the_wheel_or_the_clone_or_a_sentence_says_what_to_install(tmp_path):
    assert workspace.baked(tmp_path / "baked") is None
    (tmp_path / "baked" / NAME / "checks").mkdir(parents=True)
    (tmp_path / "baked" / NAME / "checks" / "f.safetensors").write_bytes(b"f")
    assert workspace.materials(workspace.baked(tmp_path / "baked")) == {NAME: {"checks/f.safetensors": b"f"}}
    clone = workspace.Source(("00_claims", NAME), lambda name: stage(name, "f"))
    assert workspace.materials(clone, only=NAME).keys() == {NAME}
    with pytest.raises(BadInput, match="install the course wheel"):
        workspace.materials(None)


def test_a_notebook_comes_as_jupyterlab_would_save_it(tmp_path):
    """Its language is the one this machine's kernel will tell of, so that opening it changes nothing."""
    source = workspace.Source((NAME,), lambda name: stage(name, "f"))
    files = workspace.materials(source)[NAME]
    assert files["checks/f.safetensors"] == b"f"
    book = merge.read(files[f"{NAME}.ipynb"])
    assert book.metadata.language_info == kernelinfo.LANGUAGE
    assert sources(files[f"{NAME}.ipynb"]) == sources(stage(NAME)[f"{NAME}.ipynb"])


def test_the_language_is_what_the_kernel_says_of_itself():
    from ipykernel.ipkernel import IPythonKernel

    told = {key: value for key, value in IPythonKernel.language_info.items() if key != "pygments_lexer"}
    ours = {key: value for key, value in kernelinfo.LANGUAGE.items() if key != "pygments_lexer"}
    assert ours == told
