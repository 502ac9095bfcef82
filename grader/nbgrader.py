"""What plugs into nbgrader: `configure` for a class's nbgrader_config.py, and the three preprocessors it names.

`nbgrader autograde`, the Formgrader's button and `threshold grade` all pass through here.
"""

from functools import lru_cache
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade

from grader import gate, records
from grader.admission import ADMITTED, basis_of, fingerprint_of
from grader.classroom import Classroom
from grader.exercises import of_stage
from grader.notebook import STUB
from grader.outputs import error_output, outputs_of

AUTOGRADE = [
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "grader.nbgrader.KeepRecord",
]
RUNS = ("setup", "solution", "own")  # the roles of cells that grading runs
ISOLATION = {"level": None}  # None: the strongest that holds; `threshold grade --isolation` sets it


def isolation():
    """The level at which this process runs student code; raises NoIsolation where none holds."""
    from grader.sandbox import choose

    return choose(ISOLATION["level"])


def configure(c, config_file):
    """Fill nbgrader's configuration `c` for the class whose nbgrader_config.py is `config_file`."""
    root = Path(config_file).resolve().parent
    c.CourseDirectory.root = str(root)
    # A learner's progress stays with the learner, also where the notebook lies outside a workspace.
    c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", ".threshold"]
    c.Exchange.root = str(root / "exchange")
    c.ClearSolutions.code_stub = {"python": STUB}
    c.Autograde.pre_convert_hook = "grader.admission.admit_submission"
    # nbgrader's own steps are for notebooks whose cells are the student's. The gate leaves nothing of a submission but
    # sources and what is safe to show of its outputs; all else is the release's, which was checked when it was made.
    c.Autograde.sanitize_preprocessors = ["grader.nbgrader.SubmissionGate"]
    c.Autograde.autograde_preprocessors = ["grader.nbgrader.ChallengeExecute", *AUTOGRADE]
    c.NotebookExporter.optimistic_validation = True  # once, after the last preprocessor
    c.AssignLatePenalties.plugin_class = "grader.late.LatePolicy"
    c.ExchangeFactory.collect = "grader.collect.Collect"
    c.ExportApp.plugin_class = "grader.export.CsvExport"
    c.GenerateFeedback.exporter_class = "grader.feedback.FeedbackExporter"
    c.GenerateFeedback.preprocessors = ["nbgrader.preprocessors.GetGrades", "nbgrader.preprocessors.ClearHiddenTests"]
    # The Formgrader shows submissions too: what students wrote is cleaned there as in their feedback.
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.preprocessors = ["grader.rubric.ShowRubric"]
    c.HTMLExporter.filters = {"markdown2html": "grader.rubric.to_html"}


def restored(classroom, stage, notebook):
    """A submitted notebook in the cells of the release: (notebook, notes)."""
    return gate.restore(notebook, released(classroom, stage))


def released(classroom, stage):
    """The notebook that was handed out, read once as long as it stays the same."""
    path = classroom.folder("release", stage) / f"{stage}.ipynb"
    return _released(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _released(path, changed):
    """The released notebook as it was at that time. Nobody changes it in memory."""
    return nbformat.read(path, as_version=4)


def challenges(stage, notebook):
    """What there is to grade in a restored notebook: (the cells that run, the exercises' graded cells by name)."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    runs = [cell for cell in code if cell.metadata.get("threshold", {}).get("role") in RUNS]
    graded = {cell.metadata.nbgrader.grade_id.removeprefix("check-"): cell for cell in code if is_grade(cell)}
    return runs, {name: graded[name] for name in of_stage(stage) if name in graded}


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
        notebook, notes = restored(classroom, stage, notebook)
        notes = ADMITTED[classroom.root, student, stage] + notes
        if notes:
            notebook.cells.insert(0, gate.note_cell(notes))
        return notebook, resources


class ChallengeExecute(ClassPreprocessor):
    """In place of nbgrader's Execute: challenge the functions, write each verdict into its graded cell."""

    def preprocess(self, notebook, resources):
        from grader import verdicts  # only grading needs a sandbox, releasing does not

        classroom, stage, _ = self._whose(resources)
        for cell in notebook.cells:
            if cell.cell_type == "code" and is_grade(cell) and not cell.metadata.nbgrader.solution:
                # An empty output would be full points.
                cell.outputs = [error_output("NotGraded", "The grader did not get to this cell.")]
        runs, checks = challenges(stage, notebook)
        found = verdicts.graded(classroom, stage, [cell.source for cell in runs], list(checks), isolation())
        for index, error in found.errors.items():
            runs[index].outputs = [error_output(error["type"], error["message"])]
        for name, verdict in found.verdicts.items():
            checks[name].outputs = outputs_of(verdict)
            checks[name].execution_count = None
        return notebook, resources


class KeepRecord(ClassPreprocessor):
    """The last step: how this submission stands, and no manual score for an answer that has changed."""

    def preprocess(self, notebook, resources):
        classroom, stage, student = self._whose(resources)
        notes = ADMITTED.pop((classroom.root, student, stage), [])
        before, answers = records.load(classroom, stage, student), records.answers_of(notebook)
        with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            submission = gradebook.find_submission_notebook(stage, stage, student)
            names = records.names_of(gradebook, submission)
            changed = records.renew_manual_scores(submission, names, before.answers if before else {}, answers)
            waiting = [names[grade.cell_id] for grade in submission.grades if grade.needs_manual_grade]
            due = submission.assignment.duedate
            gradebook.db.commit()
        status, why = records.GRADED, ""
        if gate.nothing_to_grade(notes):
            status, why = records.NOT_GRADED, gate.nothing_to_grade(notes).replace("`", "")
        elif waiting:
            status, why = records.PERSON, records.reason(waiting, changed)
        fingerprint = fingerprint_of(classroom, stage, student, due, isolation())
        basis = basis_of(classroom, stage, student)
        record = records.Record(status, why, isolation(), fingerprint, answers=answers, basis=basis)
        records.save(classroom, stage, student, record)
        return notebook, resources
