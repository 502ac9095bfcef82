"""What a person needs in view to grade a written answer: its rubric, the notes for whoever grades, a model answer.

All come from the class's own source, not from the submission, where a student may have rewritten them. The rubric is in
the cell above the answer, for everybody; notes and model answer stand in its solution region, for graders alone. They
exist only in the page that the Formgrader shows: no release, no autograded notebook and no feedback holds them. A
release is proved to have all three (`faults_of_written`) and to give none of the two away (`told_by`).
"""

import re
import secrets

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbformat.v4 import new_markdown_cell

from grader import markdown
from grader.classroom import Classroom
from grader.notebook import BEGIN, END

NOTES = re.compile(rf"^{BEGIN}\n(.*?)\n{END}$", re.MULTILINE | re.DOTALL)
MODEL = "**A model answer.**"  # begins the line, and the part of the notes, in which one stands
ROW = re.compile(r"^\| *\*\*.+?\*\* *\|", re.MULTILINE)  # of a rubric: what is scored, in bold
HEAD = re.compile(r"^\|[ |]*((?:\| *\d+(?:\.\d+)? *)+)\|$", re.MULTILINE)  # the points of its columns
TOLD = 12  # words in a row: that is no chance
TITLE = "#### For whoever grades `{name}` ({points:g} points): students never see this box"
OURS = secrets.token_hex(16)  # begins a box; of what a student wrote, no class survives, and nobody can guess this
# Beside the answer where there is room, and still there at its end: a row of a grid is as high as the answer.
STYLE = """<style>
.threshold-rubric { background: #fff8e1; color: #222; border-left: 6px solid #b26a00; padding: .5em 1.2em; }
.threshold-rubric :is(td, th) { border: 1px solid #b26a00; padding: .2em .5em; vertical-align: top; text-align: left; }
.threshold-rubric :is(h1, h2, h3, h4) { font-size: 1.1em; }
.threshold-rubric :is(h1, h2, h3, h4) a { display: none; }
@media (min-width: 1100px) {
  .container:has(.threshold-rubric) { width: min(96vw, 1700px); }
  main #notebook-container {
    display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); column-gap: 1.5em;
  }
  main #notebook-container > .cell { grid-column: 1 / -1; min-width: 0; }
  main #notebook-container > .cell:has(.threshold-rubric) { grid-column: 2; }
  main #notebook-container > .cell:has(+ .cell .threshold-rubric) { grid-column: 1; }
  .inner_cell:has(.threshold-rubric) {
    position: sticky; top: 60px; max-height: calc(100vh - 80px); overflow: auto;
  }
}
</style>"""


class ShowRubric(Preprocessor):
    """Puts the box beside each answer that a person scores, in the Formgrader alone."""

    def preprocess(self, notebook, resources):
        """The notebook with the boxes."""
        if "submission_id" not in resources:  # the Formgrader's page of one submission, and nothing else, has one
            return notebook, resources
        path = Classroom(self.config.CourseDirectory.root).folder("source", resources["assignment_id"])
        path = path / f"{resources['notebook_id']}.ipynb"
        boxes = boxes_of(nbformat.read(path, as_version=4)) if path.is_file() else {}
        cells = []
        for cell in notebook.cells:
            box = boxes.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            cells += [cell, new_markdown_cell(OURS + box)] if box else [cell]
        notebook.cells = cells
        return notebook, resources


def boxes_of(source):
    """Graded cell -> the box for it, as Markdown, for every cell of a source notebook that a person scores."""
    boxes = {}
    for question, cell in written(source):
        about, (notes, model) = cell.metadata.nbgrader, notes_of(cell)
        title = TITLE.format(name=about.grade_id, points=about.points)
        boxes[about.grade_id] = "\n\n".join(filter(None, (title, question, notes, model)))
    return boxes


def written(notebook):
    """(what stands above it, cell) of each answer of an instructor's notebook that a person scores."""
    for before, cell in zip([None, *notebook.cells], notebook.cells, strict=False):
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade") and about.get("solution") and NOTES.search(cell.source):
            yield (before.source if before is not None and before.cell_type == "markdown" else ""), cell


def notes_of(cell):
    """(notes for whoever grades, model answer) of a written answer's cell; '' for what is not there."""
    notes, mark, model = NOTES.search(cell.source)[1].partition(f"\n{MODEL}")
    return notes.strip(), (mark + model).strip()


def points_of(rubric):
    """The most that a rubric gives: its rows times the points of its last column; None where there is no table of one."""
    head = HEAD.search(rubric)
    return len(ROW.findall(rubric)) * max(map(float, head[1].split("|")[1:])) if head else None


def faults_of_written(notebook):
    """What graders would miss at each written answer, a line each: a rubric that adds up, a model answer."""
    for question, cell in written(notebook):
        where, points, most = f"cell {cell.id}", cell.metadata.nbgrader.points, points_of(question)
        if most is None:
            yield f"{where}: no rubric above it; the cell before needs a table that begins | | 0 | 2 | 4 |"
        elif most != points:
            yield f"{where}: is worth {points:g} points, and the rubric above it adds up to {most:g}"
        if not notes_of(cell)[1].removeprefix(MODEL).strip():
            yield f"{where}: no model answer; write one after the notes, below a line that begins {MODEL}"


def told_by(notebook, files):
    """What the files of a release (path -> bytes) tell of notes and model answers, a line each: file, of which answer."""
    for _, cell in written(notebook):
        kept = _runs("\n\n".join(notes_of(cell))) - _runs(NOTES.sub("", cell.source))
        for name, content in sorted(files.items()):
            for place, text in _texts(name, content):
                if told := kept & _runs(text):
                    yield f"{place}: contains “{' '.join(min(told))}” from the notes for graders of {cell.id}"


def _texts(name, content):
    """(where, text) of all that can be read in a file: a notebook's cells one by one."""
    text = content.decode(errors="replace")
    if not name.endswith(".ipynb"):
        return [(name, text)]
    return [(f"{name}, cell {cell.id}", cell.source) for cell in nbformat.reads(text, as_version=4).cells]


def _runs(text):
    """Every run of TOLD words, whatever stands between them."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + TOLD]) for i in range(len(words) - TOLD + 1)}


def to_html(source):
    """Clean HTML of Markdown (grader.markdown), and a box as one."""
    if not source.startswith(OURS):
        return markdown.to_html(source)
    said = markdown.to_html(source.removeprefix(OURS))
    return f'{STYLE}<aside class="threshold-rubric" aria-label="For whoever grades">{said}</aside>'
