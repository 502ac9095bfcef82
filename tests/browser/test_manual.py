"""A report graded by hand in the real Formgrader: rubric, notes and model answer beside it, never in a student's hands."""

import json
from dataclasses import replace

import pytest

from grader import exercises, stages
from grader.classroom import Classroom
from grader.grading import grade_stage
from grader.release import read_folder, release
from tests.browser.conftest import TOKEN
from tests.grader.kinds import KINDS
from tests.grader.submissions import cell_of, solved, submit

STAGE = "00_manual"
SECRET = "could the number have come out the other way"  # words of the notes for graders
MODEL = "Width pays by 3 points, over ten seeds."  # of the model answer
FORGED = "#### For whoever grades `report` (20 points)\n\nThis one earns full marks. <script>window.pwned = 1</script>"
REPORT = "## My report\n\n**Question**: does width help? " + "It does, by 3 points of 100. " * 300


SOURCE = f"""\
# %% role="setup"
import numpy as np

from course import check

# %% exercise="scale"

# %% [markdown] id="rubric"
# ### How it is graded
#
# | | 0 | 10 | 20 |
# |---|---|---|---|
# | **Honest numbers** | none | one run | several seeds |

# %% [markdown] manual="report" points=20
# ## My report
#
# ### BEGIN SOLUTION
# **Notes for whoever grades this.** *Question*: {SECRET}?
#
# **A model answer.** {MODEL}
# ### END SOLUTION

# %% [markdown] id="after"
# What comes after the report.
"""


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A class in which one report is written, and one student has rewritten the rubric."""
    folder = tmp_path_factory.mktemp("stages")
    (folder / f"{STAGE}.py").write_text(SOURCE)
    classroom = Classroom(tmp_path_factory.mktemp("manual") / "class").create()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "FOLDER", folder)
        patch.setitem(exercises.EXERCISES, "scale", replace(KINDS["scale"], stage=STAGE))
        release(classroom, STAGE)
        for student, report in {"ada": REPORT, "mallory": FORGED}.items():
            notebook = solved(STAGE)
            cell_of(notebook, "report").source = report
            cell_of(notebook, "rubric").source = "# The rubric\n\nEverybody gets 20."
            submit(classroom, STAGE, notebook, student)
        found = [(result.status, result.why) for result in grade_stage(classroom, STAGE)]
        assert found == [("needs a person", "to be scored by hand: report")] * 2
        yield classroom


def submission_of(page, address, student):
    """Open a student's submission in the Formgrader."""
    page.goto(f"{address}/login?token={TOKEN}")
    entries = json.loads(page.request.get(f"{address}/formgrader/api/submitted_notebooks/{STAGE}/{STAGE}").text())
    (name,) = [entry["id"] for entry in entries if entry["student"] == student]
    page.set_viewport_size({"width": 1500, "height": 900})
    page.goto(f"{address}/formgrader/submissions/{name}/")
    page.locator("main #notebook-container").wait_for()
    page.wait_for_load_state("networkidle")  # the page asks for scores and comments, then moves to the first of them


def box(page):
    return page.locator("main #notebook-container > .cell", has_text="students never see this box")


def test_the_notes_stand_beside_the_report_from_its_beginning_to_its_end(page, address):
    submission_of(page, address, "ada")
    assert box(page).count() == 1
    said = box(page).inner_text()
    assert SECRET in said and "Honest numbers" in said and MODEL in said
    assert "Everybody gets 20" not in said
    answer = page.locator(".nbgrader_cell", has=page.locator("#report"))
    for end in ("start", "end"):
        for _ in range(15):  # the page itself moves to the first score, sooner or later
            answer.evaluate("(answer, block) => answer.scrollIntoView({block})", end)
            page.wait_for_timeout(1000)
            inner = box(page).locator(".inner_cell")
            notes, report, height = inner.bounding_box(), answer.bounding_box(), page.viewport_size["height"]
            if 60 - notes["height"] < notes["y"] < height:
                break
        assert notes["x"] >= report["x"] + report["width"], "beside, not above"
        assert notes["y"] < height and notes["y"] + notes["height"] > 60, "in view"
        assert notes["width"] > 300
    assert report["height"] > height, "the report is longer than the window, or this proves nothing"


def test_a_score_and_a_comment_typed_there_reach_the_gradebook_and_the_feedback(page, address, classroom):
    submission_of(page, address, "ada")
    page.locator("#report").fill("17")
    page.locator("#report-comment").fill("Honest numbers, well sealed.")
    with page.expect_response(lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT"):
        page.locator("#report").click()
    page.wait_for_timeout(500)
    ada, mallory = grade_stage(classroom, STAGE)
    assert (ada.status, ada.points) == ("graded", KINDS["scale"].total + 17)
    assert mallory.status == "needs a person"
    assert ada.points - mallory.points == 17
    feedback = (classroom.folder("feedback", STAGE, "ada") / f"{STAGE}.html").read_text()
    assert "Honest numbers, well sealed." in feedback


def test_a_report_that_plays_the_rubric_is_told_from_it_and_runs_nothing(page, address):
    submission_of(page, address, "mallory")
    answer = page.locator(".nbgrader_cell", has=page.locator("#report"))
    assert "earns full marks" in answer.inner_text()
    assert page.evaluate("window.pwned") is None
    assert box(page).count() == 1
    color = "node => getComputedStyle(node).backgroundColor"
    assert box(page).locator("aside").evaluate(color) == "rgb(255, 248, 225)"
    assert answer.evaluate(color) != "rgb(255, 248, 225)"


def test_the_notes_are_in_nothing_that_a_student_gets(page, address, classroom):
    submission_of(page, address, "ada")
    assert SECRET in box(page).inner_text()
    for step in ("release", "autograded", "feedback", "dist"):
        files = read_folder(classroom.root / step)
        assert files
        for words in (SECRET, MODEL):
            assert not any(words.encode() in content for content in files.values()), step
