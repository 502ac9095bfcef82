"""A grade that somebody doubts: the exact verdict again, from its seed, with every case it rests on in view.

Nothing is written: neither the gradebook nor what is stored changes. `threshold grade STAGE --student NAME --again`
grades anew.
"""

import contextlib
from dataclasses import dataclass, field

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import is_grade

from course.errors import BadInput
from course.example import example_of
from course.findings import examine, failure_in_words
from course.judge import Verdict
from grader import challenge, gate, records
from grader.admission import basis_of
from grader.ahead import opened
from grader.exercises import EXERCISES
from grader.outputs import outputs_of

CHANCE = "nothing it depends on has changed: what the function does depends on time or on chance"
CHANGED = {
    "submission": "the submission has changed since it was graded",
    "release": "the stage was released anew since",
    "level": "student code is kept in by {now} now, it was {before}",
    "version": "the exercise has version {now} now, it was {before}",
    "points": "the exercise is worth {now} points now, and {before} in the gradebook: release the stage again, then grade",
    "code": "the course's code, Python or what computes has changed since",
}


@dataclass(frozen=True)
class Case:
    """One call and what came of it, as text. round: "visible" or "hidden". words: what was found wrong with it."""

    round: str
    label: str
    call: str
    expected: str
    got: str
    words: tuple = ()


@dataclass(frozen=True)
class Replayed:
    """One exercise, replayed. before: the gradebook's own points, None where it has none; by_hand: a person's.

    why: what has changed since it was graded, where the verdict differs.
    """

    verdict: Verdict
    seed: str
    cases: tuple
    before: float | None = None
    by_hand: float | None = None
    why: tuple = ()

    @property
    def same(self):
        """Whether the gradebook holds these points, in these words."""
        return self.before is not None and not self.why


@dataclass(frozen=True)
class Appeal:
    """All that was replayed of one submission, what its cells raised, and what kept them in."""

    student: str
    stage: str
    level: str
    record: records.Record | None
    exercises: tuple
    errors: dict = field(default_factory=dict)


def appeal(classroom, stage, student, names, level):
    """Replay the verdicts on these exercises of a submission, all where `names` is empty -> Appeal.

    level: of isolation. Raises BadInput where there is no such submission or exercise, or nothing that can be read.
    """
    if not classroom.folder("submitted", stage, student).is_dir():
        raise BadInput(f"{student}: no submission of {stage} in {classroom.root / 'submitted'}.")
    found, cells, graded = opened(classroom, stage, student)
    if fault := found.fault or gate.nothing_to_grade(found.notes).replace("`", ""):
        raise BadInput(f"{student}, {stage} cannot be graded: {fault}")
    unknown = sorted(set(names) - set(graded))
    if unknown:
        raise BadInput(f"{unknown[0]} is no graded exercise of {stage}; there are {', '.join(graded)}.")
    record = records.load(classroom, stage, student)
    book, read = _scores(classroom, stage, student), _read(classroom, stage, student)
    basis = basis_of(classroom, stage, student) | {"level": level}
    replayed = []
    with challenge.Replay(level, cells) as replay:
        for name in names or graded:
            seed = challenge.seed_of(classroom.secret(), cells, name)
            trial = challenge.tried(replay, EXERCISES[name], seed)
            before, by_hand, worth = book.get(name, (None, None, None))
            why = () if before is None else _why(trial.verdict, before, worth, read.get(name), record, basis)
            replayed.append(Replayed(trial.verdict, seed, tuple(_cases(trial)), before, by_hand, why))
    return Appeal(student, stage, level, record, tuple(replayed), replay.errors)


def _cases(trial):
    """A Case for each call, unless the function was never written."""
    if trial.verdict.status == "not attempted":
        return
    for which, (sheet, outcomes) in zip(("visible", "hidden"), trial.rounds, strict=False):
        for i, (case, outcome) in enumerate(zip(sheet["cases"], outcomes, strict=True)):
            words = tuple(dict.fromkeys(finding.symptom for finding in examine(i, case, outcome, sheet)))
            bare = {name: value for name, value in case.items() if name != "compiled"}  # those show no right answer
            shown = example_of(sheet, i, outcome) or example_of(sheet | {"cases": {i: bare}}, i, outcome)
            got = failure_in_words(outcome) or shown["got"]
            yield Case(which, case["label"], shown["call"], shown["expected"], got, words)


def _why(verdict, before, worth, read, record, basis):
    """What may have changed a verdict, () where it has not changed."""
    same_words = read is None or read == _text(outputs_of(verdict))
    if abs(verdict.points - before) < 1e-9 and same_words:
        return ()
    then = (record.basis if record else {}) | {"level": record.isolation if record else ""}
    pairs = {what: (then.get(what), basis[what]) for what in ("submission", "release", "level", "code")}
    versions = then.get("versions", {}).get(verdict.exercise), basis["versions"].get(verdict.exercise)
    said = pairs | {"version": versions, "points": (f"{worth:g}", f"{verdict.maximum:g}")}
    changed = [what for what, (old, new) in said.items() if old and old != new]
    return tuple(CHANGED[what].format(before=said[what][0], now=said[what][1]) for what in changed) or (CHANCE,)


def _scores(classroom, stage, student):
    """Exercise -> (the grader's points, a person's or None, what it is worth), from the gradebook."""
    api = classroom.api()
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook, contextlib.suppress(MissingEntry):
        grades = gradebook.find_submission_notebook(stage, stage, student).grades
        return {
            grade.name.removeprefix("check-"): (grade.auto_score, grade.manual_score, grade.max_score)
            for grade in grades
            if grade.auto_score is not None
        }
    return {}


def _read(classroom, stage, student):
    """Exercise -> the words in its graded cell, which the student reads in the feedback."""
    path = classroom.folder("autograded", stage, student) / f"{stage}.ipynb"
    if not path.is_file():
        return {}
    cells = nbformat.read(path, as_version=4).cells
    graded = [cell for cell in cells if cell.cell_type == "code" and is_grade(cell)]
    return {cell.metadata.nbgrader.grade_id.removeprefix("check-"): _text(cell.outputs) for cell in graded}


def _text(outputs):
    return "\n".join(line for output in outputs for line in (output.get("text"), *output.get("traceback", ())) if line)
