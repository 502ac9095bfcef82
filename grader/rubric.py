"""What a person needs in view to grade a written answer: the question as it was set, and the notes for whoever grades.

Both come from the class's own source, not from the submission, where a student may have rewritten them. They exist only
in the page that the Formgrader shows: no release, no autograded notebook and no feedback holds them.
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
    for before, cell in zip([None, *source.cells], source.cells, strict=False):
        about, notes = cell.metadata.get("nbgrader", {}), NOTES.search(cell.source)
        if not (about.get("grade") and about.get("solution") and notes):
            continue
        question = before.source if before is not None and before.cell_type == "markdown" else ""
        title = TITLE.format(name=about["grade_id"], points=about["points"])
        boxes[about["grade_id"]] = "\n\n".join(filter(None, (title, notes[1].strip(), question)))
    return boxes


def to_html(source):
    """Clean HTML of Markdown (grader.markdown), and a box as one."""
    if not source.startswith(OURS):
        return markdown.to_html(source)
    said = markdown.to_html(source.removeprefix(OURS))
    return f'{STYLE}<aside class="threshold-rubric" aria-label="For whoever grades">{said}</aside>'
