"""A class, graded: collect, verdicts, gradebook, feedback. One bad submission never stops the others."""

import warnings
from dataclasses import asdict, dataclass

from nbgrader.api import Gradebook, MissingEntry

from course.errors import BadInput
from grader.nbgrader import ISOLATION, admit_folder
from grader.release import last_line
from grader.sandbox import choose


@dataclass(frozen=True)
class Result:
    """How one submission ended: "graded", or "not graded" with the reason."""

    student: str
    stage: str
    status: str
    points: float | None = None
    maximum: float | None = None
    why: str = ""

    def as_dict(self):
        return asdict(self)


def grade_stage(classroom, stage, *, isolation=None, release_feedback=False, progress=lambda student, of: None):
    """Grade every submission of a stage; returns the isolation level and one Result each.

    Raises BadInput where the stage was never released, NoIsolation where nothing keeps student code in.
    """
    if not (classroom.folder("release", stage) / f"{stage}.ipynb").is_file():
        raise BadInput(f"{stage} was never released to this class: run `threshold release {stage}` first.")
    level = choose(isolation)
    ISOLATION["level"] = level
    api = classroom.api()
    _collect(classroom, api, stage)
    students = classroom.students(stage)
    results = []
    for student in students:
        progress(student, len(students))
        results.append(grade_one(classroom, api, stage, student))
    if release_feedback and results:
        api.release_feedback(stage)
    return level, results


def grade_one(classroom, api, stage, student):
    """Grade one submission, whatever it holds."""
    try:
        notes = admit_folder(classroom, stage, student)
    except OSError as fault:
        return Result(student, stage, "not graded", why=f"the submitted folder cannot be used: {fault}")
    with warnings.catch_warnings():  # nbgrader's own, about its database sessions; they would fill the terminal
        warnings.simplefilter("ignore")
        answer = api.autograde(stage, student, force=True, create=True)
        if not answer["success"]:
            return Result(student, stage, "not graded", why=last_line(answer))
        feedback = api.generate_feedback(stage, student, force=True)
    points, maximum = scores(classroom, api, stage, student)
    empty = [note for note in notes if "nothing to grade" in note]
    if empty:
        return Result(student, stage, "not graded", points, maximum, empty[0].replace("`", ""))
    why = "" if feedback["success"] else f"the feedback could not be written: {last_line(feedback)}"
    return Result(student, stage, "graded", points, maximum, why)


def scores(classroom, api, stage, student):
    """(points, maximum) from the gradebook."""
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        try:
            submission = gradebook.find_submission(stage, student)
        except MissingEntry:
            return None, None
        return submission.score, submission.max_score


def _collect(classroom, api, stage):
    """Fetch what students submitted through the exchange, where there is one."""
    inbound = classroom.root / "exchange" / api.coursedir.course_id / "inbound"
    if api.config.Exchange.root != str(classroom.root / "exchange") or inbound.is_dir():
        api.collect(stage, update=True)
