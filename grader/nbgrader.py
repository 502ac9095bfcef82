"""What plugs into nbgrader: `configure` for a class's nbgrader_config.py, and the two preprocessors it names.

`nbgrader autograde`, the Formgrader's button and `threshold grade` all pass through here.
"""

import hashlib
import json
from pathlib import Path

import nbformat
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor

from course import report
from grader import gate
from grader.classroom import Classroom, write_aside
from grader.exercises import of_stage
from grader.notebook import STUB

SANITIZE = ["ClearOutput", "DeduplicateIds", "OverwriteKernelspec", "OverwriteCells", "CheckCellMetadata"]
AUTOGRADE = [
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
RUNS = ("setup", "solution", "own")  # the roles of cells that grading runs
ISOLATION = {"level": None}  # None: the strongest that holds; `threshold grade --isolation` sets it


def configure(c, config_file):
    """Fill nbgrader's configuration `c` for the class whose nbgrader_config.py is `config_file`."""
    root = Path(config_file).resolve().parent
    c.CourseDirectory.root = str(root)
    # A learner's progress stays with the learner, also where the notebook lies outside a workspace.
    c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", ".threshold"]
    c.Exchange.root = str(root / "exchange")
    c.ClearSolutions.code_stub = {"python": STUB}
    c.Autograde.pre_convert_hook = "grader.nbgrader.admit_submission"
    c.Autograde.sanitize_preprocessors = [
        "grader.nbgrader.SubmissionGate",
        *(f"nbgrader.preprocessors.{name}" for name in SANITIZE),
    ]
    c.Autograde.autograde_preprocessors = ["grader.nbgrader.ChallengeExecute", *AUTOGRADE]
    c.OverwriteCells.add_missing_cells = True
    c.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.HTMLExporter.sanitize_html = True


def admit_submission(assignment, student, notebooks):
    """nbgrader's pre-convert hook: the gate's first step, before anything is copied or parsed.

    nbgrader swallows what a hook raises, so this only marks the folder as admitted; SubmissionGate insists on it.
    """
    if not notebooks:
        return
    folder = Path(notebooks[0]).resolve().parent
    admit_folder(Classroom(folder.parents[2]), folder.name, folder.parent.name)
    notebooks[:] = [str(Path(notebooks[0]).parent / f"{folder.name}.ipynb")]


def admit_folder(classroom, stage, student):
    """Admit one submission and keep the gate's notes for the second step."""
    folder = classroom.folder("submitted", stage, student)
    if folder.is_symlink():
        raise OSError(f"{folder} is a link")
    release = classroom.folder("release", stage) / f"{stage}.ipynb"
    notes = _notes_so_far(classroom, stage, student) + gate.admit(folder, stage, release.read_bytes())
    _keep_notes(classroom, stage, student, notes)
    ADMITTED[classroom.root, student, stage] = notes
    return notes


def _notes_so_far(classroom, stage, student):
    """What was noted when this very notebook was admitted before: a stand-in must not pass for a submission."""
    path = classroom.folder("submitted", stage, student) / f"{stage}.ipynb"
    kept = _notes_file(classroom, stage, student)
    if not kept.exists() or not path.is_file() or path.is_symlink():
        return []
    record = json.loads(kept.read_text())
    return record["notes"] if record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() else []


def _keep_notes(classroom, stage, student, notes):
    path = classroom.folder("submitted", stage, student) / f"{stage}.ipynb"
    record = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "notes": notes}
    write_aside(_notes_file(classroom, stage, student), json.dumps(record).encode())


def _notes_file(classroom, stage, student):
    return classroom.state / "notes" / stage / f"{student}.json"


ADMITTED = {}  # (class, student, stage) -> notes; what is not in here was never looked at, and is not graded


class ClassPreprocessor(NbGraderPreprocessor):
    """A preprocessor that knows its class: it hangs on an exporter, that on a converter, and that has the folder."""

    def _whose(self, resources):
        who = resources["nbgrader"]
        return Classroom(self.parent.parent.coursedir.root), who["assignment"], who["student"]


class SubmissionGate(ClassPreprocessor):
    """The gate's second step: the submission's sources in the release's cells."""

    def preprocess(self, notebook, resources):
        classroom, stage, student = self._whose(resources)
        if (classroom.root, student, stage) not in ADMITTED:
            raise RuntimeError(f"{student}, {stage}: the submitted folder was not admitted; nothing is graded")
        release = nbformat.read(classroom.folder("release", stage) / f"{stage}.ipynb", as_version=4)
        notebook, notes = gate.restore(notebook, release)
        notes = ADMITTED.pop((classroom.root, student, stage)) + notes
        if notes:
            notebook.cells.insert(0, gate.note_cell(notes))
        return notebook, resources


class ChallengeExecute(ClassPreprocessor):
    """In place of nbgrader's Execute: challenge the functions, write each verdict into its graded cell."""

    def preprocess(self, notebook, resources):
        from grader.challenge import grade  # only grading needs a sandbox, releasing does not
        from grader.sandbox import choose

        classroom, stage, _ = self._whose(resources)
        graded = {cell.metadata.nbgrader.grade_id.removeprefix("check-"): cell for cell in _graded(notebook)}
        for cell in graded.values():  # an empty output would be full points
            cell.outputs = [error_output("NotGraded", "The grader did not get to this cell.")]
        runs = [
            c for c in notebook.cells if c.cell_type == "code" and c.metadata.get("threshold", {}).get("role") in RUNS
        ]
        exercises = [name for name in of_stage(stage) if name in graded]
        level = choose(ISOLATION["level"])
        verdicts, errors = grade([cell.source for cell in runs], exercises, classroom.secret(), level)
        for index, error in errors.items():
            runs[index].outputs = [error_output(error["type"], error["message"])]
        for name, verdict in verdicts.items():
            graded[name].outputs = outputs_of(verdict)
            graded[name].execution_count = None
        return notebook, resources


def outputs_of(verdict):
    """A verdict as the outputs from which nbgrader takes the score: stdout alone is full, a number partial, an error 0."""
    text = report.text(verdict)
    if verdict.points <= 0:
        return [error_output("CheckFailed", report.headline(verdict), text)]
    said = new_output("stream", name="stdout", text=text)
    if verdict.points >= verdict.maximum:
        return [said]
    score = repr(min(max(verdict.points, 0.0), verdict.maximum))
    return [said, new_output("execute_result", data={"text/plain": score}, execution_count=None)]


def error_output(name, message, text=None):
    """An error output; nbgrader scores a graded cell that has one with 0."""
    name, message = report.clean(name), report.clean(message)
    return new_output("error", ename=name, evalue=message, traceback=[text or f"{name}: {message}"])


def _graded(notebook):
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
