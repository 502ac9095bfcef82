"""The box for whoever grades: rubric, notes, model answer; from the class's source, for the Formgrader's page alone."""

import io
import re
from contextlib import redirect_stdout

import jupytext
import nbformat
import pytest
from traitlets.config import Config

from course import data
from grader import markdown, material, proofs, rubric, stages
from grader.exercises import of_stage
from grader.notebook import instructor_notebook, student_notebook, to_bytes
from grader.release import student_files
from tests.grader.submissions import cell_of

WRITTEN = {
    (stage, cell.id)
    for stage in stages.stages()
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


each_written = pytest.mark.parametrize(("stage", "name"), sorted(WRITTEN), ids=[name for _, name in sorted(WRITTEN)])


def parts_of(stage, name):
    """(the instructor's notebook, what stands above a written answer, its notes, its model answer, its cell)"""
    notebook = instructor_notebook(stage)
    question, cell = next((above, cell) for above, cell in rubric.written(notebook) if cell.id == name)
    return notebook, question, *rubric.notes_of(cell), cell


@each_written
def test_every_written_answer_has_rubric_notes_and_model_answer_in_its_box(stage, name):
    notebook, question, notes, model, _ = parts_of(stage, name)
    box = rubric.boxes_of(notebook)[name]
    assert notes.startswith("**Notes for whoever grades this.**") and len(model.split()) > 100
    assert box.index(question) < box.index(notes) < box.index(model)
    shown = rubric.to_html(rubric.OURS + box)
    assert "<pre>" not in shown.partition("<div")[0] and "<table>" in shown and "A model answer." in shown
    assert len(box) < markdown.MAX_SOURCE, "or its end would be cut off"
    assert rubric.boxes_of(student_notebook(notebook)) == {}


@each_written
def test_every_rubric_adds_up(stage, name):
    notebook, question, _, model, cell = parts_of(stage, name)
    assert rubric.points_of(question) == cell.metadata.nbgrader.points
    assert list(rubric.faults_of_written(notebook)) == []
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|", question, re.MULTILINE)
    assert [row for row in rows if f"- *{row}*: " not in model] == [], "says of each row what it is paid for"


@each_written
def test_a_model_answer_has_every_heading_that_students_find(stage, name):
    *_, model, cell = parts_of(stage, name)
    asked = re.findall(r"^\*\*(.+?)\*\*", rubric.NOTES.sub("", cell.source), re.MULTILINE)
    assert len(asked) > 4
    for heading in asked[1:]:  # the first stands for the title itself
        assert f"**{heading}" in model, heading


@each_written
def test_the_instructors_material_holds_both_and_no_release_does(stage, name):
    notebook, _, notes, model, _ = parts_of(stage, name)
    files = material.material([stage])
    assert notes in files["rubrics.md"].decode() and model in files["rubrics.md"].decode()
    solved = nbformat.reads(files[f"solved/{stage}/{stage}.ipynb"].decode(), as_version=4)
    assert model in cell_of(solved, name).source
    released = student_files(stage)
    assert list(rubric.told_by(notebook, released)) == []
    kept = [line.encode() for line in f"{notes}\n{model}".splitlines() if len(line.split()) > 6]
    assert len(kept) > 20
    assert not [line for line in kept for content in released.values() if line in content]


@pytest.fixture
def only_words(monkeypatch):
    """The proofs of a release without those that run anything."""
    monkeypatch.setattr(proofs, "faults_of_exercise", lambda exercise: [])
    for name in ("faults_of_run", "faults_of_stub_run"):
        monkeypatch.setattr(proofs, name, lambda *_: [])


@pytest.mark.slow
@each_written
@pytest.mark.parametrize("place", ["prose", "comment", "messages"])
@pytest.mark.parametrize("part", ["notes", "model", "code"])
def test_a_release_that_tells_of_them_is_refused(stage, name, place, part, only_words):
    notebook, _, notes, model, _ = parts_of(stage, name)
    text = {"notes": notes, "model": model.partition("#### ")[2], "code": model.partition("```python")[2]}[part]
    told = " ".join(text.split()[30:60]).upper()
    files = student_files(stage)
    if place == "messages":
        files["checks/messages.json"] = f'{{"right": "{told}"}}'.encode()
    else:
        released = nbformat.reads(files[f"{stage}.ipynb"].decode(), as_version=4)
        comment = "\n".join(f"# {line}" for line in (told[:90], told[90:]))
        cell_of(
            released, "title" if place == "prose" else "imports"
        ).source += f"\n{comment if place == 'comment' else told}"
        files[f"{stage}.ipynb"] = to_bytes(released)
    found = [fault for fault in proofs.faults_of(stage, notebook, files) if f"notes for graders of {name}" in fault]
    where = {"prose": f"{stage}.ipynb, cell title", "comment": f"{stage}.ipynb, cell imports"}
    assert len(found) == 1 and found[0].startswith(where.get(place, "checks/messages.json"))


@each_written
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (rubric.MODEL, "**A model.**", "no model answer"),
        (r"(?s)\*\*A model answer\.\*\*.*(?=\n### END)", rubric.MODEL, "no model answer"),
        (r"\|\|---", "||", "no rubric above it"),
        (r"\| \*\*(\w+)\*\* \|.*", "", "the rubric above it adds up to"),
    ],
    ids=["model misspelled", "model empty", "no table", "no rows"],
)
def test_what_graders_would_miss_is_a_fault_with_its_cell(stage, name, old, new, why):
    notebook = instructor_notebook(stage)
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == name)
    cell = notebook.cells[place - ("rubric" in why)]
    if why == "no rubric above it":
        cell.source = "Five questions, 4 points each."
    else:
        cell.source = re.sub(old if old.startswith("(") or "rubric" in why else re.escape(old), new, cell.source)
    (found,) = proofs.faults_of_cells(stage, notebook)
    assert found.startswith(f"{stage}.ipynb, cell {name}: ") and why in found


# The capstone's model answer is about a real table; what it says of it is computed here, by the very cells it shows.


@pytest.fixture(scope="module")
def ran():
    """(the model answer's prose, its code, what its cells print, their names) of the capstone."""
    model = parts_of("15_beyond", "report")[3]
    prose, code = re.fullmatch(r"(.+)\n```python\n(.+)\n```", model, re.DOTALL).groups()
    names = {name: exercise.model for name, exercise in of_stage("15_beyond").items()}
    cells = {
        cell.metadata.get("id"): cell.source
        for cell in jupytext.reads(stages.source_of("15_beyond"), "py:percent").cells
    }
    with redirect_stdout(io.StringIO()) as said:
        exec(cells["imports"], names)
        names |= {"demo": lambda function: function}
        exec(cells["network"] + "\n" + cells["starter"], names)
        names |= {"demo": lambda function: function()}
        exec(code, names)
        names["one_core"].restore_original_limits()
    return prose, code, said.getvalue(), names


def numbers(text):
    return set(re.findall(r"(?<![\w.])[+-]?\d+(?:\.\d+)?", text.replace("−", "-")))


@pytest.mark.slow
def test_every_figure_of_the_capstones_model_answer_is_what_its_cells_compute(ran):
    prose, code, printed, names = ran
    report = prose.partition("#### ")[2]
    known = numbers(printed) | numbers(code)
    known |= {str(count) for count in (len(names["X"]), len(names["sealed"]), names["X"].shape[1])}
    known |= numbers(re.search(r"Mangasarian, \d{4}", data.breast_cancer.__doc__)[0])
    told = re.sub(r"\(lessons? [\d, and]+\)|cells? \d", "", report)
    assert numbers(told) - known == set()
    rows = [line for line in printed.splitlines() if line.startswith("| ")]
    assert len(rows) == 3 and all(row in report for row in rows)
    for line in ("+0.2 ± 2.3 points", "better in 7, worse in 5 of 20"):
        assert line in printed and line in report.replace("\n", " ").replace(" ahead: ", "; ")


@pytest.mark.slow
def test_what_the_model_answer_says_happened_did(ran):
    prose, _, printed, names = ran
    found = dict(re.findall(r"^\| (.+?) \| ([\d.]+)", printed, re.MULTILINE))
    assert abs(float(found["16 hidden units"]) - float(found["one neuron"])) < 1, "that is no difference"
    assert "gradients and nudges agree to a millionth: True" in printed
    hits, missed, share = re.search(r"found (\d+) of 47, missed (\d+), which is ([\d.]+)%", printed).groups()
    assert int(hits) + int(missed) == 47 and f"**{hits} of 47**" in prose and f"{share} %" in prose
    assert float(share) == pytest.approx(100 * int(missed) / 47, abs=0.05)
    assert names["y"][names["open_rows"]].sum() == 165
    assert not set(names["open_rows"]) & set(names["sealed"]) and len(names["y"]) == 569


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
