"""What a student gets back: one small HTML page without a script, from the autograded notebook and the gradebook.

First the points, then for each exercise the verdict in the words of their own `check`, their answer and a person's
comment; then the cells they added. Everything in it may be hostile: it is escaped or cleaned, and cut to a budget, so
that no notebook makes a large page.
"""

import html
from pathlib import Path

import jinja2
from nbconvert.exporters import Exporter
from nbconvert.filters import strip_ansi
from nbgrader.utils import parse_utc
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets import default

from course.catalog import STAGES
from grader.markdown import to_html
from grader.outputs import SIGNATURES, cut

TEMPLATE = Path(__file__).with_name("feedback.html.j2")
MAX_CODE = 6_000  # characters a cell
MAX_TEXT = 120_000  # bytes of everything students wrote and printed
MAX_PICTURES = 120_000  # bytes of base64
NO_RESPONSE = "No response."  # nbgrader's own words
MARKS = {"✓": "all points", "◐": "some", "✗": "none", "○": "not written yet"}
LEFT_OUT = "<p class='left-out'>The rest is left out here: your notebook has it.</p>"


class FeedbackExporter(Exporter):
    """The exporter of `nbgrader generate_feedback`; the class's configuration names it."""

    @default("file_extension")
    def _file_extension_default(self):
        return ".html"

    def from_notebook_node(self, notebook, resources=None, **options):
        """The page, after nbgrader's preprocessors have put scores and comments into the notebook."""
        notebook, resources = super().from_notebook_node(notebook, resources, **options)
        resources["output_extension"] = ".html"
        environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
        template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
        light, dark = (HtmlFormatter(style=style).get_style_defs(".code") for style in ("default", "github-dark"))
        page = template.render(
            title=_title(resources["nbgrader"]["notebook"]),
            points=resources["nbgrader"]["score"],
            maximum=resources["nbgrader"]["max_score"],
            penalty=resources["nbgrader"]["late_penalty"],
            handed_in=_handed_in(resources.get("metadata", {}).get("path", "")),
            marks=MARKS,
            **parts(notebook.cells),
            light=light,
            dark=dark,
        )
        return page, resources


def parts(cells):
    """What the page shows of a notebook: the notes at its top, the graded exercises, and the student's own cells."""
    budget = Budget()
    answers = {cell.metadata.nbgrader.grade_id: cell for cell in cells if _says(cell, "solution")}
    graded = [entry(cell, answers, budget) for cell in cells if _says(cell, "grade") or _says(cell, "task")]
    notes = [to_html(cell.source) for cell in cells if cell.id == "threshold-notes"]
    own = [budget.cell(cell) for cell in cells if cell.metadata.get("threshold", {}).get("role") == "own"]
    return {"notes": notes, "graded": graded, "own": own}


def entry(cell, answers, budget):
    """One graded cell: its name, points, verdict, answer and comment."""
    about = cell.metadata.nbgrader
    answer = answers.get(about.grade_id.removeprefix("check-"), cell)
    points, maximum = float(about.get("score") or 0.0), float(about.get("points") or 0.0)
    said = dict.fromkeys(other.metadata.nbgrader.comment for other in (cell, answer) if _says(other, "comment"))
    comments = [to_html(comment) for comment in said if comment.strip() != NO_RESPONSE]  # the verdict says that
    verdict = "" if answer is cell else "\n".join(map(_text, cell.get("outputs", []))).strip()
    return {
        "id": about.grade_id,
        "name": about.grade_id.removeprefix("check-"),
        "points": points,
        "maximum": maximum,
        "mark": _mark(points, maximum, verdict),
        "verdict": verdict,
        "answer": budget.cell(answer),
        "comments": comments,
    }


class Budget:
    """What is left of a page's size."""

    def __init__(self):
        self.text, self.pictures = MAX_TEXT, MAX_PICTURES

    def cell(self, cell):
        """A cell a student wrote, as HTML."""
        if cell.cell_type != "code":
            return self.take(to_html(cell.source), LEFT_OUT)
        shown = [self.take(code(cell.source), LEFT_OUT)]
        return "".join(shown + [self.output(output) for output in cell.get("outputs", [])])

    def output(self, output):
        """A picture or a text that a cell showed."""
        data = output.get("data", {})
        for mime in SIGNATURES:
            if mime in data:
                return self.picture(mime, data[mime], output.get("metadata", {}).get(mime, {}).get("alt", ""))
        text = _text(output)
        return self.take(f"<pre class='output'>{html.escape(text)}</pre>", LEFT_OUT) if text else ""

    def picture(self, mime, content, alt):
        """A picture of the notebook, inside the page."""
        if len(content) > self.pictures:
            return "<p class='left-out'>A figure is left out here: your notebook has it.</p>"
        self.pictures -= len(content)
        alt = html.escape(str(alt) or "A figure of your notebook")
        return f"<img src='data:{mime};base64,{html.escape(content)}' alt='{alt}'>"

    def take(self, made, instead):
        """`made`, or `instead` where it does not fit any more."""
        size = len(made.encode(errors="replace"))
        if size > self.text:
            return instead
        self.text -= size
        return made


def code(source):
    """Python, with colors where it is short enough for them."""
    if len(source) > MAX_CODE:
        return f"<pre class='code'>{html.escape(cut(source, MAX_CODE))}</pre>"
    return f"<pre class='code'>{highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))}</pre>"


def _mark(points, maximum, verdict):
    """One of MARKS; a stub that was left as it is has the mark that its check gives it."""
    if points >= maximum:
        return "✓"
    return "◐" if points > 0 else "○" if verdict.startswith("○") else "✗"


def _handed_in(folder):
    """When the submission in `folder` was handed in, "2027-03-01 18:00 UTC"; "" where nothing says so."""
    try:
        said = (Path(folder) / "timestamp.txt").read_text(encoding="utf-8").strip()
        return f"{parse_utc(said):%Y-%m-%d %H:%M} UTC"
    except Exception:  # no such file; or the parser raises what the content makes it raise
        return ""


def _text(output):
    """What an output says: printed text, a plain value or an error's words."""
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return strip_ansi("\n".join(output.traceback))
    return "" if output.output_type == "execute_result" else output.get("data", {}).get("text/plain", "")


def _title(stage):
    """ "1 · One neuron"; the bare name of a stage that an instructor added."""
    return next((f"{int(known.number)} · {known.title}" for known in STAGES if known.name == stage), stage)


def _says(cell, what):
    return bool(cell.metadata.get("nbgrader", {}).get(what))
