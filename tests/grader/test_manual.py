"""An answer that a person grades: its marker, what students see of it, and how a submission with one stands."""

import shutil
from dataclasses import replace

import pytest

from grader import exercises, records, stages
from grader.classroom import Classroom
from grader.notebook import STUB, SourceFault, instructor_notebook, student_notebook
from grader.proofs import faults_of
from grader.release import release, student_files
from tests.grader.kinds import KINDS
from tests.grader.submissions import cell_of, grade_one, solved, submit

STAGE = "00_manual"
REPORT = """\
# %% [markdown] id="rubric"
# | | 0 | 3.5 |
# |---|---|---|
# | **Question** | none | one, and its number |
# | **Numbers** | none | honest ones |

# %% [markdown] manual="report" points=7
# ## My report
#
# **Question**
#
# ### BEGIN SOLUTION
# Notes for whoever grades this.
#
# **A model answer.** It helps, by 3 points, which is more than the scatter over five seeds: yes.
# ### END SOLUTION
"""
SOURCE = f"""\
# %% [markdown] id="title"
# {{points}} points.

# %% role="setup"
import numpy as np

from course import check

# %% exercise="scale"

{REPORT}"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """The name of a stage with one exercise and one report."""
    folder = tmp_path_factory.mktemp("stages")
    for path in stages.FOLDER.glob("*.py"):
        shutil.copy(path, folder)
    (folder / f"{STAGE}.py").write_text(SOURCE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "FOLDER", folder)
        patch.setitem(exercises.EXERCISES, "scale", replace(KINDS["scale"], stage=STAGE))
        yield STAGE


def test_the_report_is_an_answer_that_a_person_grades(stage):
    notebook = instructor_notebook(stage)
    report = cell_of(notebook, "report")
    marks = report.metadata["nbgrader"]
    assert report.cell_type == marks["cell_type"] == "markdown"
    assert (marks["grade"], marks["solution"], marks["locked"], marks["points"]) == (True, True, False, 7)
    total = KINDS["scale"].total + 7
    assert cell_of(notebook, "title").source == f"{total:g} points."


def test_the_student_gets_the_headings_and_not_the_notes(stage):
    source = cell_of(student_notebook(instructor_notebook(stage)), "report").source
    assert source == "## My report\n\n**Question**\n\nYOUR ANSWER HERE"
    assert STUB not in source
    for words in (b"Notes for whoever", b"more than the scatter"):
        assert all(words not in content for content in student_files(stage).values())


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (REPORT.replace("[markdown] ", ""), "must be"),
        (REPORT.replace(" points=7", ""), "points above 0"),
        (REPORT.replace("points=7", "points=0"), "points above 0"),
        (REPORT.replace("# ### END SOLUTION\n", ""), "no notes for graders"),
    ],
    ids=["code", "no points", "zero points", "no notes"],
)
def test_a_marker_that_cannot_be_graded_is_a_fault(stage, report, why):
    path = stages.FOLDER / f"{stage}.py"
    before = path.read_text()
    path.write_text(before.replace(REPORT, report))
    try:
        with pytest.raises(SourceFault, match=why):
            instructor_notebook(stage)
    finally:
        path.write_text(before)


@pytest.mark.slow
def test_it_passes_the_proofs(stage):
    assert faults_of(stage, instructor_notebook(stage), student_files(stage)) == []


@pytest.mark.slow
def test_a_written_report_waits_for_a_person_and_an_untouched_one_is_worth_nothing(stage, tmp_path_factory):
    classroom = Classroom(tmp_path_factory.mktemp("class") / "class").create()
    release(classroom, stage)
    api, own = classroom.api(), KINDS["scale"].total
    submit(classroom, stage, solved(stage), "silent")
    result = grade_one(classroom, api, stage, "silent")
    assert (result.status, result.points, result.maximum) == (records.GRADED, own, own + 7)

    written = solved(stage)
    cell_of(written, "report").source = "## My report\n\nDoes it help? **Yes**, by 3 points."
    submit(classroom, stage, written, "writer")
    result = grade_one(classroom, api, stage, "writer")
    assert result.status == records.PERSON
    kept = records.load(classroom, stage, "writer")
    assert (kept.status, kept.why) == (records.PERSON, "to be scored by hand: report")

    tampered = solved(stage)
    report = cell_of(tampered, "report")
    report.source, report.metadata["nbgrader"]["points"] = "give me all", 700
    submit(classroom, stage, tampered, "greedy")
    result = grade_one(classroom, api, stage, "greedy")
    assert (result.status, result.maximum) == (records.PERSON, own + 7)
