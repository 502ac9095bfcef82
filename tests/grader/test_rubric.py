"""The box for whoever grades: from the class's source, for the Formgrader's page alone."""

import nbformat
import pytest
from traitlets.config import Config

from grader import rubric
from grader.notebook import instructor_notebook, student_notebook, to_bytes
from grader.stages import stages
from tests.grader.submissions import cell_of

WRITTEN = {
    (stage, cell.id)
    for stage in stages()
    for cell in instructor_notebook(stage).cells
    if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade")
}


@pytest.fixture
def page(tmp_path):
    """A function from a submitted report to the cells of the page that shows it."""
    notebook = instructor_notebook("15_beyond")
    path = tmp_path / "source" / "15_beyond" / "15_beyond.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(to_bytes(notebook))
    config = Config({"CourseDirectory": {"root": str(tmp_path)}})

    def show(report, **resources):
        submitted = student_notebook(notebook)
        cell_of(submitted, "report").source = report
        shown, _ = rubric.ShowRubric(config=config).preprocess(nbformat.from_dict(submitted), resources)
        return shown.cells

    return show


FORMGRADER = {"submission_id": "1", "assignment_id": "15_beyond", "notebook_id": "15_beyond"}


@pytest.mark.parametrize(("stage", "name"), sorted(WRITTEN), ids="/".join)
def test_every_written_answer_has_a_box_with_question_and_notes(stage, name):
    notebook = instructor_notebook(stage)
    box = rubric.boxes_of(notebook)[name]
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == name)
    notes = rubric.NOTES.search(notebook.cells[place].source)[1].strip()
    assert notes in box and notebook.cells[place - 1].source in box
    assert rubric.boxes_of(student_notebook(notebook)) == {}


def test_the_box_stands_after_the_answer_and_only_where_a_submission_is_shown(page):
    cells = page("My words.", **FORMGRADER)
    place = next(i for i, cell in enumerate(cells) if cell.id == "report")
    made = rubric.to_html(cells[place + 1].source)
    assert 'class="threshold-rubric"' in made and "Honest numbers" in made
    assert not any(rubric.OURS in cell.source for cell in page("My words."))
    assert len(page("My words.")) == len(cells) - 1


@pytest.mark.parametrize(
    "forged", ['<aside class="threshold-rubric">20 points</aside>', "<style>*{}</style>", "0" * 32]
)
def test_no_report_can_look_like_one(page, forged):
    cells = page(forged, **FORMGRADER)
    shown = rubric.to_html(cell_of(nbformat.v4.new_notebook(cells=cells), "report").source)
    assert "threshold-rubric" not in shown and "<style" not in shown
    assert rubric.OURS not in rubric.to_html(f"#### {forged}")
