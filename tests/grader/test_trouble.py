"""Broken and hostile submissions: each ends with an explicit status and clear words, and stops nobody else's grading.

Two sound submissions stand in one class with one of every trouble, graded by `threshold grade`'s own function and by
plain `nbgrader autograde` with the class's configuration.
"""

import subprocess
import sys

import nbformat
import pytest

from grader import challenge
from grader.grading import grade_stage, look_up
from tests.grader.kinds import KINDS
from tests.grader.submissions import cell_of, grade_one, graded_outputs, solved, submit, text_of

pytestmark = pytest.mark.slow

MAXIMUM = sum(sum(exercise.points.values()) for exercise in KINDS.values())
SHUFFLED = KINDS["shuffled"].points["value"]
GOOD = ("anna", "zeno")

LOOPS = {
    "python": "def shuffled(n, rng):\n    while True:\n        pass",
    "njit": "from numba import njit\n\n@njit\ndef spin(n):\n    i = 0\n    while i >= 0:\n        i = (i + 1) % 7\n"
    "    return i\n\ndef shuffled(n, rng):\n    return spin(n)",
}


def truncated(classroom, stage, student):
    folder = submit(classroom, stage, solved(stage), student)
    path = folder / f"{stage}.ipynb"
    path.write_bytes(path.read_bytes()[:2000])


def empty(classroom, stage, student):
    submit(classroom, stage, b"", student)


def nested_deeply(classroom, stage, student):
    submit(classroom, stage, b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", student)


def not_a_notebook(classroom, stage, student):
    submit(classroom, stage, b'{"cells": 3}', student)


def renamed(classroom, stage, student):
    folder = submit(classroom, stage, solved(stage), student)
    (folder / f"{stage}.ipynb").rename(folder / "my homework.ipynb")


def link_to_the_gradebook(classroom, stage, student):
    folder = submit(classroom, stage, solved(stage), student)
    (folder / f"{stage}.ipynb").unlink()
    (folder / f"{stage}.ipynb").symlink_to(classroom.root / "gradebook.db")


def check_cell_copied(classroom, stage, student):
    notebook = solved(stage)
    copy = nbformat.from_dict(cell_of(notebook, "check-shuffled"))
    notebook.cells.append(copy)
    submit(classroom, stage, notebook, student)


def check_cell_deleted(classroom, stage, student):
    notebook = solved(stage)
    notebook.cells.remove(cell_of(notebook, "check-shuffled"))
    submit(classroom, stage, notebook, student)


def solution_cell_deleted(classroom, stage, student):
    notebook = solved(stage)
    notebook.cells.remove(cell_of(notebook, "shuffled"))
    submit(classroom, stage, notebook, student)


def wrong_kernel(classroom, stage, student):
    notebook = solved(stage)
    notebook.metadata["kernelspec"] = {"name": "julia-1.9", "display_name": "Julia", "language": "julia"}
    submit(classroom, stage, notebook, student)


def file_called_numba(classroom, stage, student):
    submit(classroom, stage, solved(stage), student, **{"numba.py": "raise SystemExit('shadowed')"})


def cell_exits(classroom, stage, student):
    submit(classroom, stage, solved(stage, own=["import os\nos._exit(3)"]), student)


def cell_says_exit(classroom, stage, student):
    submit(classroom, stage, solved(stage, own=["exit()"]), student)


def function_exits(classroom, stage, student):
    source = "import os\n\ndef shuffled(n, rng):\n    os._exit(0)"
    submit(classroom, stage, solved(stage, shuffled=source), student)


def function_hangs(classroom, stage, student):
    submit(classroom, stage, solved(stage, shuffled=LOOPS["python"]), student)


def compiled_function_hangs(classroom, stage, student):
    submit(classroom, stage, solved(stage, shuffled=LOOPS["njit"]), student)


def cell_hangs(classroom, stage, student):
    submit(classroom, stage, solved(stage, own=["while True:\n    pass"]), student)


def cell_prints_50_megabytes(classroom, stage, student):
    submit(classroom, stage, solved(stage, own=["for i in range(50):\n    print('x' * 1_000_000)"]), student)


def function_prints_50_megabytes(classroom, stage, student):
    source = "def shuffled(n, rng):\n    print('x' * 50_000_000)\n    return rng.permutation(n)"
    submit(classroom, stage, solved(stage, shuffled=source), student)


def function_warns(classroom, stage, student):
    source = (
        "import sys\nimport warnings\n\ndef shuffled(n, rng):\n    warnings.warn('careful')\n"
        "    print('hm', file=sys.stderr)\n    return rng.permutation(n)"
    )
    submit(classroom, stage, solved(stage, shuffled=source), student)


# trouble -> (status, points, what the student reads somewhere in the graded notebook)
TROUBLE = {
    truncated: ("not graded", 0, "cut off or damaged"),
    empty: ("not graded", 0, "it is empty"),
    nested_deeply: ("not graded", 0, "cannot be read"),
    not_a_notebook: ("not graded", 0, "not a Jupyter notebook"),
    link_to_the_gradebook: ("not graded", 0, "was a link"),
    renamed: ("graded", MAXIMUM, "please keep its name"),
    check_cell_copied: ("graded", MAXIMUM, "several cells `check-shuffled`"),
    check_cell_deleted: ("graded", MAXIMUM, "`check-shuffled` was missing"),
    solution_cell_deleted: ("graded", MAXIMUM - SHUFFLED, "`shuffled` was missing"),
    wrong_kernel: ("graded", MAXIMUM, "julia-1.9"),
    file_called_numba: ("graded", MAXIMUM, "All 2 cases agree"),
    cell_exits: ("graded", MAXIMUM, "ended"),
    cell_says_exit: ("graded", MAXIMUM, "All 2 cases agree"),
    function_exits: ("graded", MAXIMUM - SHUFFLED, "ended the Python process"),
    function_hangs: ("graded", MAXIMUM - SHUFFLED, "took longer than"),
    compiled_function_hangs: ("graded", MAXIMUM - SHUFFLED, "took longer than"),
    cell_hangs: ("graded", MAXIMUM, "Stopped"),
    cell_prints_50_megabytes: ("graded", MAXIMUM, "All 2 cases agree"),
    function_prints_50_megabytes: ("graded", MAXIMUM, "All 2 cases agree"),
    function_warns: ("graded", MAXIMUM, "All 2 cases agree"),
}

each_trouble = pytest.mark.parametrize("trouble", TROUBLE, ids=lambda trouble: trouble.__name__)


def in_trouble(classroom, stage):
    for student in GOOD:
        submit(classroom, stage, solved(stage), student)
    for trouble in TROUBLE:
        trouble(classroom, stage, trouble.__name__)
    return classroom


@pytest.fixture(scope="module")
def graded_by_us(stage_of_kinds, class_of_kinds, copy_of):
    classroom = in_trouble(copy_of(class_of_kinds), stage_of_kinds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(challenge, "CALL_SECONDS", 5.0)
        patch.setattr(challenge, "CELLS_SECONDS", 8.0)
        results = grade_stage(classroom, stage_of_kinds)
    return classroom, {result.student: result for result in results}


def everything_read(classroom, stage, student):
    path = classroom.folder("autograded", stage, student) / f"{stage}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    return "\n".join(cell.source + text_of(cell.get("outputs", [])) for cell in notebook.cells)


@each_trouble
def test_trouble_ends_with_its_status_its_points_and_clear_words(graded_by_us, stage_of_kinds, trouble):
    classroom, results = graded_by_us
    status, points, words = TROUBLE[trouble]
    result = results[trouble.__name__]
    assert (result.status, result.points) == (status, points), result.why
    assert words in everything_read(classroom, stage_of_kinds, trouble.__name__)
    assert "Traceback" not in result.why


@pytest.mark.parametrize("student", GOOD)
def test_the_others_are_graded_as_if_nothing_were(graded_by_us, student):
    _, results = graded_by_us
    assert (results[student].status, results[student].points) == ("graded", MAXIMUM)


@pytest.mark.parametrize("trouble", [truncated, renamed], ids=lambda trouble: trouble.__name__)
def test_grading_again_says_the_same(graded_by_us, stage_of_kinds, trouble):
    classroom, results = graded_by_us
    student = trouble.__name__
    assert grade_one(classroom, classroom.api(), stage_of_kinds, student) == results[student]
    assert TROUBLE[trouble][2] in everything_read(classroom, stage_of_kinds, student)


def test_nothing_submitted_is_lost(graded_by_us, stage_of_kinds):
    classroom, _ = graded_by_us
    for trouble in (truncated, empty, nested_deeply, not_a_notebook, link_to_the_gradebook):
        kept = list(
            (classroom.root / "set_aside" / trouble.__name__ / stage_of_kinds).glob(f"*/{stage_of_kinds}.ipynb")
        )
        assert len(kept) == 1, trouble.__name__


def test_no_graded_cell_is_left_without_a_verdict(graded_by_us, stage_of_kinds):
    classroom, results = graded_by_us
    for student in results:
        outputs = graded_outputs(classroom, stage_of_kinds, student)
        assert set(outputs) == set(KINDS)
        assert all(outputs.values()), student


def test_plain_nbgrader_autograde_gives_the_same_scores(graded_by_us, stage_of_kinds):
    """The command an instructor may prefer, with the class's own configuration, on every submission that ends soon."""
    classroom, results = graded_by_us
    api = classroom.api()
    hangs = (function_hangs, compiled_function_hangs, cell_hangs)
    students = [*GOOD, *(trouble.__name__ for trouble in TROUBLE if trouble not in hangs)]
    program = f"""
import sys
sys.path.insert(0, {str(__file__).rsplit("/tests/", 1)[0]!r})
from grader import exercises, stages
from tests.grader.kinds import KINDS
exercises.EXERCISES.update(KINDS)
from nbgrader.apps.nbgraderapp import NbGraderApp
NbGraderApp.launch_instance(sys.argv[1:])
"""
    others = ",".join(sorted(set(results) - set(students)))
    command = [sys.executable, "-c", program, "autograde", stage_of_kinds, "--force"]
    command += [f"--CourseDirectory.student_id_exclude={others}"]
    subprocess.run(command, cwd=classroom.root, capture_output=True, check=True)
    for student in students:
        found = look_up(api, stage_of_kinds, student)
        assert (found.points, found.maximum) == (results[student].points, MAXIMUM), student
