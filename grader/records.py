"""How each submission stands: graded, not graded and why, or waiting for a person and why. One small file each.

nbgrader's gradebook holds the scores; what it has no column for is here, beside it, and in the CSV export. A record
also knows which answers a person has scored, so that a changed answer never keeps an old one's manual score.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from nbgrader.api import BaseCell
from nbgrader.utils import is_grade

from course.files import put

GRADED, NOT_GRADED, PERSON = "graded", "not graded", "needs a person"


@dataclass(frozen=True)
class Record:
    """status: one of the three. why: in words, '' for a graded one. isolation: what kept the student code in.

    fingerprint: of everything that grading it again would look at; basis: parts of that, by name, so that an appeal can
    say which has changed. feedback: the fingerprint of the scores and comments that the feedback was written with.
    answers: graded cell -> hash of its answer.
    """

    status: str
    why: str = ""
    isolation: str = ""
    fingerprint: str = ""
    feedback: str = ""
    answers: dict = field(default_factory=dict)
    basis: dict = field(default_factory=dict)


def load(classroom, stage, student):
    """The record of a submission, or None."""
    try:
        return Record(**json.loads(_path(classroom, stage, student).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def save(classroom, stage, student, record):
    """Keep a record, whole or not at all."""
    put(_path(classroom, stage, student), json.dumps(asdict(record), indent=1).encode())


def hash_of(*parts):
    """A fingerprint of texts, bytes and None, in order."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode(errors="replace")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def answers_of(notebook):
    """Graded cell -> hash of the answer it grades: its own source, or that of the solution cell it checks."""
    sources = {cell.metadata.nbgrader.grade_id: cell.source for cell in notebook.cells if "nbgrader" in cell.metadata}
    graded = [cell.metadata.nbgrader.grade_id for cell in notebook.cells if is_grade(cell)]
    return {name: hash_of(sources.get(name.removeprefix("check-"), sources[name])) for name in graded}


def names_of(gradebook, submission):
    """id -> name of the cells that a SubmittedNotebook's grades and comments are for: asked one by one, it takes long."""
    cells = gradebook.db.query(BaseCell.id, BaseCell.name).filter(BaseCell.notebook_id == submission.notebook_id)
    return dict(map(tuple, cells))


def renew_manual_scores(submission, names, before, answers):
    """Take a person's score off an answer that has changed since, and say so; returns the graded cells it was taken from.

    submission: nbgrader's SubmittedNotebook, names: `names_of` it. before, answers: graded cell -> hash of the answer
    then and now. nbgrader itself keeps the old score and flags every graded cell again, changed or not.
    """
    comments = {names[comment.cell_id]: comment for comment in submission.comments}
    changed = []
    for grade in submission.grades:
        name = names[grade.cell_id]
        if grade.manual_score is None or name not in before:
            continue  # nothing to compare with: nbgrader's flag, which asks a person to look, stays
        if before[name] == answers.get(name):
            grade.needs_manual_grade = False  # the same answer: the score stands
            continue
        changed.append(name)
        comment = comments.get(name.removeprefix("check-"))
        if comment is not None:
            said = f": {comment.manual_comment}" if comment.manual_comment else "."
            comment.manual_comment = f"An earlier answer had {grade.manual_score:g} points{said}"
        grade.manual_score, grade.needs_manual_grade = None, True
    return changed


def reason(waiting, changed):
    """Why a person is needed: the graded cells that wait, and whether their answers changed after a person's score."""
    words = [f"{name} (changed since a person scored it)" if name in changed else name for name in waiting]
    return f"to be scored by hand: {', '.join(words)}"


def _path(classroom, stage, student):
    return classroom.state / "records" / stage / f"{student}.json"
