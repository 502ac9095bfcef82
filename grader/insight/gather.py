"""What there is to know of a stage: records, the gradebook's scores, the stored verdicts, the sources handed in."""

import json
from dataclasses import dataclass, field

import nbformat
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)

from course.errors import BadInput
from grader import gate, nbgrader, records, verdicts
from grader.exercises import of_stage
from grader.notebook import model_source

OWN = "own cells"
CHANGED = "handed in again, or the judge was changed, since it was graded: run `threshold grade`"


@dataclass(frozen=True)
class Submission:
    """One student's work. points: with what a person gave and less what lateness took; None while it is not graded.

    scores: graded cell -> points. verdicts: exercise -> Verdict. parts: exercise (or "own cells") -> source.
    reason: why a person is needed, or ''. judged: whether its verdicts and scores can be counted.
    """

    student: str
    status: str
    reason: str = ""
    points: float | None = None
    penalty: float = 0.0
    scores: dict = field(default_factory=dict)
    verdicts: dict = field(default_factory=dict)
    parts: dict = field(default_factory=dict)

    @property
    def judged(self):
        return self.points is not None and bool(self.verdicts)


@dataclass(frozen=True)
class Seen:
    """A stage as a whole. maxima: graded cell -> points. given: the sources of the release. solution: the published one."""

    submissions: list
    exercises: list
    maximum: float
    maxima: dict
    given: list
    solution: dict


def gather(classroom, stage):
    """Everything known of a stage. Raises BadInput where it was never released, or nobody has handed it in."""
    path = classroom.released(stage)
    students = classroom.students(stage)
    if not students:
        raise BadInput(f"{stage}: there are no submissions yet; run `threshold grade {stage}` when there are.")
    release = nbformat.read(path, as_version=4)
    maxima, scores, penalties = _scores(classroom, stage)
    submissions = [
        _submission(classroom, stage, student, release, scores.get(student), penalties.get(student, 0.0))
        for student in students
    ]
    exercises = of_stage(stage)
    return Seen(
        submissions,
        [name for name, exercise in exercises.items() if exercise.points],
        float(sum(maxima.values())),
        maxima,
        [cell.source for cell in release.cells if cell.cell_type == "code"],
        {name: "\n".join(model_source(exercise.model, solution=True)) for name, exercise in exercises.items()},
    )


def _submission(classroom, stage, student, release, scores, penalty):
    record = records.load(classroom, stage, student)
    if record is None:
        return Submission(student, records.NOT_GRADED, "not looked at yet: run `threshold grade`")
    if record.status == records.NOT_GRADED or scores is None:
        return Submission(student, records.NOT_GRADED, record.why or "not in the gradebook")
    points = max(0.0, sum(score for score, _ in scores.values()) - penalty)
    waits = any(waiting for _, waiting in scores.values())
    reason = (record.why or "to be scored by hand") if waits else ""
    status = records.PERSON if waits else records.GRADED
    cells, parts = _sources(classroom, stage, student, release)
    found = verdicts.load(verdicts.place_of(classroom, stage, *cells, record.isolation)) if cells else None
    if found is None:
        reason = "; ".join(filter(None, (reason, CHANGED)))
    plain = {name.removeprefix("check-"): score for name, (score, _) in scores.items()}
    return Submission(
        student, status, reason, points, penalty, plain, dict(found.verdicts) if found else {}, parts if found else {}
    )


def _sources(classroom, stage, student, release):
    """((the cells that run, the exercises judged), part -> source), or (None, {}) where nothing can be read."""
    path = classroom.folder("submitted", stage, student) / f"{stage}.ipynb"
    try:
        if path.is_symlink() or path.parent.is_symlink() or path.stat().st_size > gate.MAX_NOTEBOOK:
            return None, {}
        submitted = nbformat.from_dict(json.loads(path.read_bytes()))  # validating it once more would take the time
        notebook, _ = gate.restore(submitted, release)
        runs, checks = nbgrader.challenges(stage, notebook)
    except Exception:  # it was handed in anew, and the gate has not seen it: whatever it holds
        return None, {}
    parts = {name: cell.source for name in checks for cell in runs if cell.id == name}
    own = [cell.source for cell in runs if cell.metadata["threshold"]["role"] == "own"]
    return ([cell.source for cell in runs], list(checks)), parts | ({OWN: "\n".join(own)} if own else {})


def _scores(classroom, stage):
    """(graded cell -> its points; student -> cell -> (score, whether it waits for a person); student -> penalty)."""
    api = classroom.api()
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        try:
            assignment = gradebook.find_assignment(stage)
        except MissingEntry:
            return {}, {}, {}
        maxima = {cell.name: cell.max_score for book in assignment.notebooks for cell in book.grade_cells}
        scores, penalties = {}, {}
        query = (
            gradebook.db.query(
                SubmittedAssignment.student_id, BaseCell.name, Grade.score, Grade.needs_manual_grade,
                SubmittedNotebook.late_submission_penalty,
            )
            .select_from(Grade)
            .join(BaseCell, Grade.cell_id == BaseCell.id)
            .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .filter(Assignment.name == stage)
        )  # fmt: skip
        for student, cell, score, waits, penalty in query:
            scores.setdefault(student, {})[cell] = (float(score or 0.0), bool(waits))
            penalties[student] = float(penalty or 0.0)
    return {name.removeprefix("check-"): points for name, points in maxima.items()}, scores, penalties
