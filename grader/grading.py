"""A class, graded: collect, verdicts, gradebook, feedback. One bad submission never stops the others.

Verdicts are made ahead by several processes (ahead.py) and stored; nbgrader then reads them, one submission after the
other. What has not changed since it was graded is not touched again, so a run that was interrupted goes on.
"""

import fcntl
import os
import re
import warnings
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

from nbgrader.api import Gradebook, MissingEntry

from course.errors import BadInput
from grader import records
from grader.admission import AHEAD, fingerprint_of
from grader.ahead import grade_ahead
from grader.nbgrader import ISOLATION, isolation, released
from grader.release import last_line
from grader.thrift import thrift


@dataclass(frozen=True)
class Result:
    """How one submission ended: "graded", "not graded" or "needs a person", the last two with the reason.

    points: before lateness; penalty: what that takes of them. `threshold grade --json` prints these fields.
    """

    student: str
    stage: str
    status: str
    points: float | None = None
    maximum: float | None = None
    why: str = ""
    isolation: str = ""
    penalty: float = 0.0

    def as_dict(self):
        return asdict(self)


def grade_stage(
    classroom,
    stage,
    *,
    level=None,
    jobs=1,
    again=False,
    feedback=True,
    release_feedback=False,
    pool=grade_ahead,
    only=(),
    progress=lambda student, of: None,
    say=lambda text: None,
):
    """Grade every submission of a stage; returns one Result each, by student.

    level: of isolation; None for the strongest that holds. jobs: processes. again: also what has not changed.
    feedback: write it too. release_feedback: and let students fetch it. pool: what grades ahead (a Cluster's, or ours).
    only: these students; all, where it is empty. say: is told what of the exchange is left out, and why.
    Raises BadInput where the stage was never released, the exchange cannot be collected or one of `only` has not
    submitted it, NoIsolation where nothing keeps student code in.
    """
    _require_release(classroom, stage)
    ISOLATION["level"] = level
    level = isolation()
    with alone(classroom), thrift():
        api = classroom.api()
        _collect(classroom, api, stage, say)
        students = _students(classroom, stage, only)
        kept = [] if again else [unchanged(classroom, api, stage, student, feedback) for student in students]
        results = [result for result in kept if result]
        pending = [student for student in students if student not in {result.student for result in results}]
        for result in results:
            progress(result.student, len(students))
        for ahead in pool(classroom, stage, pending, level, jobs=jobs, again=again):
            results.append(finish(classroom, api, stage, ahead, feedback))
            progress(ahead.student, len(students))
        if release_feedback and results:
            for student in only or [None]:
                api.release_feedback(stage, student)
    return sorted(results, key=lambda result: result.student)


def finish(classroom, api, stage, ahead, feedback=True):
    """Take a submission that was graded ahead through nbgrader: gradebook and feedback."""
    if ahead.fault:
        return _not_graded(classroom, stage, ahead.student, ahead.fault)
    with warnings.catch_warnings():  # nbgrader's own, about its database sessions; they would fill the terminal
        warnings.simplefilter("ignore")
        AHEAD[classroom.root, ahead.student, stage] = list(ahead.notes)
        try:
            answer = api.autograde(stage, ahead.student, force=True, create=True)
        finally:
            AHEAD.pop((classroom.root, ahead.student, stage), None)
        if not answer["success"]:
            return _not_graded(classroom, stage, ahead.student, last_line(answer))
        page = api.generate_feedback(stage, ahead.student, force=True) if feedback else None
    record = records.load(classroom, stage, ahead.student)
    book = look_up(api, stage, ahead.student)
    why = record.why
    if page and page["success"]:
        records.save(classroom, stage, ahead.student, replace(record, feedback=book.fingerprint))
    elif page:
        why = f"the feedback could not be written: {last_line(page)}"
    return _of_the_book(ahead.student, stage, replace(record, why=why), book)


def _not_graded(classroom, stage, student, why):
    before = records.load(classroom, stage, student)
    record = records.Record(records.NOT_GRADED, why, isolation(), answers=before.answers if before else {})
    records.save(classroom, stage, student, record)
    return Result(student, stage, record.status, why=why, isolation=record.isolation)


def unchanged(classroom, api, stage, student, feedback=True):
    """The Result of a submission that is graded already, with nothing changed since; else None. feedback: that too."""
    record = records.load(classroom, stage, student)
    book = look_up(api, stage, student) if record and record.fingerprint else None
    if book is None or record.fingerprint != fingerprint_of(classroom, stage, student, book.due, isolation()):
        return None
    page = classroom.folder("feedback", stage, student) / f"{stage}.html"
    if feedback and not (page.is_file() and record.feedback == book.fingerprint):
        return None
    if not (classroom.folder("autograded", stage, student) / f"{stage}.ipynb").is_file():
        return None
    return _of_the_book(student, stage, record, book)


def _of_the_book(student, stage, record, book):
    score = book.points, book.maximum
    return Result(student, stage, record.status, *score, record.why, record.isolation, book.penalty)


@dataclass(frozen=True)
class Entry:
    """What the gradebook holds of a submission; `fingerprint` changes with every score and comment."""

    points: float
    maximum: float
    penalty: float
    due: object
    fingerprint: str


def look_up(api, stage, student):
    """The gradebook's Entry of a submission, or None."""
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        try:
            whole = gradebook.find_submission(stage, student)
        except MissingEntry:
            return None
        scores, comments = [], []
        for notebook in whole.notebooks:
            names = records.names_of(gradebook, notebook)
            scores += [(names[g.cell_id], g.score, g.manual_score, g.extra_credit) for g in notebook.grades]
            comments += [(names[c.cell_id], c.comment) for c in notebook.comments]
        penalty = whole.late_submission_penalty or 0.0
        fingerprint = records.hash_of(scores, comments, penalty)
        return Entry(whole.score, whole.max_score, penalty, whole.assignment.duedate, fingerprint)


@contextmanager
def alone(classroom):
    """Hold the class for one grading at a time. Raises BadInput where another one is under way."""
    with open(classroom.state / "grading.lock", "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise BadInput(
                f"{classroom.root} is being graded already (process {file.read().strip() or 'unknown'}): "
                "let that end, then run this again."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _require_release(classroom, stage):
    """Raises BadInput where there is no released notebook to hold submissions against."""
    path = classroom.released(stage)
    try:
        released(classroom, stage)
    except Exception as fault:  # nbformat raises what the content makes it raise
        raise BadInput(
            f"{path} cannot be read ({type(fault).__name__}): run `threshold release {stage}` again; what students have "
            "handed in stays valid."
        ) from None


def _students(classroom, stage, only):
    there = classroom.students(stage)
    missing = sorted(set(only) - set(there))
    if missing:
        raise BadInput(f"{', '.join(missing)}: no submission of {stage} in {classroom.root / 'submitted'}.")
    return [student for student in there if student in only] if only else there


def _collect(classroom, api, stage, say):
    """Fetch what students submitted through the exchange, where there is one. Raises BadInput where that fails."""
    inbound = classroom.root / "exchange" / api.coursedir.course_id / "inbound"
    if api.config.Exchange.root == str(classroom.root / "exchange") and not inbound.is_dir():
        return
    answer = api.collect(stage, update=True)
    if not answer["success"]:
        raise BadInput(
            f"Nothing is graded, for the exchange cannot be collected: {last_line(answer)}. If nobody hands in through "
            "it, take c.Exchange.root out of nbgrader_config.py; else mend it, then run this again."
        )
    for line in re.findall(r"^\[ERROR\] (.+)$", answer.get("log", ""), re.MULTILINE):
        say(line)
