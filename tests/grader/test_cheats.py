"""Five notebooks that earn points in plain nbgrader without one right line, and none here.

The same submissions of the same release go through nbgrader as it comes and through this class's configuration.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.grading import grade_stage, look_up
from tests.grader.submissions import solved, submit

pytestmark = pytest.mark.slow

STAGE = "01_one_neuron"
NAMES = ("weighted_sum", "perceptron", "perceptron_update", "perceptron_train")
CLONE = Path(__file__).parent.parent.parent

PATCHED_ASSERT = """
import sys
from dataclasses import replace
kit = sys.modules["course.check"]
honest = kit.judge
kit.judge = lambda sheet, outcomes: replace(honest(sheet, outcomes), status="right", properties={})
"""

ALIASED_REFERENCE = f"""
import sys
sys.path.insert(0, {str(CLONE)!r})
from solutions.perceptron import weighted_sum, perceptron, perceptron_update, perceptron_train
"""

AST_TRANSFORMER = """
import ast

class WithoutChecks(ast.NodeTransformer):
    def visit_Expr(self, node):
        called = getattr(getattr(node.value, "func", None), "id", "")
        return ast.Pass() if called == "check" else node

get_ipython().ast_transformers.append(WithoutChecks())
"""

# The last value a cell shows is its score for nbgrader, even if an error follows.
DISPLAY_HOOK = "def {name}(*args):\n    import sys\n    sys.displayhook({points})\n    return None"

GRADEBOOK_WRITE = """
import pathlib, sqlite3
for place in pathlib.Path.cwd().parents:
    if (place / "gradebook.db").is_file():
        with sqlite3.connect(place / "gradebook.db", timeout=1) as book:
            book.execute("UPDATE grade SET manual_score = 10.0")
"""


def cheats():
    """Student -> the cheating notebook."""
    points = {"weighted_sum": 2.0, "perceptron": 2.0, "perceptron_update": 3.0, "perceptron_train": 3.0}
    wrong = {name: f"def {name}(*args):\n    return None" for name in NAMES}
    hooks = {name: DISPLAY_HOOK.format(name=name, points=points[name]) for name in NAMES}
    alias = dict.fromkeys(NAMES, "pass")
    return {
        "patched_assert": solved(STAGE, own=[PATCHED_ASSERT], **wrong),
        "aliased_reference": solved(STAGE, own=[ALIASED_REFERENCE], **alias),
        "ast_transformer": solved(STAGE, own=[AST_TRANSFORMER], **wrong),
        "display_hook": solved(STAGE, **hooks),
        "gradebook_write": solved(STAGE, own=[GRADEBOOK_WRITE], **wrong),
    }


CHEATS = ("patched_assert", "aliased_reference", "ast_transformer", "display_hook", "gradebook_write")


@pytest.fixture(scope="module")
def ours(class_of_stage_01, copy_of):
    classroom = copy_of(class_of_stage_01)
    for student, notebook in cheats().items():
        submit(classroom, STAGE, notebook, student)
    submit(classroom, STAGE, solved(STAGE), "honest")
    results = grade_stage(classroom, STAGE)
    return {result.student: result for result in results}


@pytest.fixture(scope="module")
def plain(class_of_stage_01, copy_of):
    """The same release and submissions in a class of nbgrader as it comes."""
    classroom = copy_of(class_of_stage_01)
    config = (
        f"c = get_config()\nc.CourseDirectory.course_id = 'plain'\nc.CourseDirectory.root = {str(classroom.root)!r}\n"
    )
    (classroom.root / "nbgrader_config.py").write_text(config)
    for student, notebook in cheats().items():
        submit(classroom, STAGE, notebook, student)
    submit(classroom, STAGE, solved(STAGE), "honest")
    command = [sys.executable, "-m", "nbgrader", "autograde", STAGE]
    subprocess.run(command, cwd=classroom.root, capture_output=True, check=True)
    api = classroom.api()
    return {student: look_up(api, STAGE, student).points for student in (*CHEATS, "honest")}


@pytest.mark.parametrize("cheat", CHEATS)
def test_plain_nbgrader_gives_points(plain, cheat):
    assert plain[cheat] >= 2.0


@pytest.mark.parametrize("cheat", CHEATS)
def test_here_the_same_notebook_gets_none(ours, cheat):
    assert (ours[cheat].status, ours[cheat].points) == ("graded", 0)


def test_honest_work_gets_all_points_in_both(ours, plain):
    assert ours["honest"].points == plain["honest"] == ours["honest"].maximum == 10
