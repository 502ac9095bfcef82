"""A class that nobody taught: students whose scores and statuses are known before anything is graded.

What each answer is worth comes from the exercise's own declaration: its points, less those of the properties that the
answer loses. Which it loses is told by trying it against the reference here, by rules of this file alone; nothing of
course.judge, course.compare or grader.challenge is asked. A seed gives the same class every time.
"""

import copy
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from grader import records
from grader.classroom import Classroom
from grader.collect import STAMP
from grader.exercise import rng_of
from grader.exercises import of_stage
from grader.notebook import model_source
from tests.grader.attacks import cells, files, floods, forging  # noqa: F401  registering
from tests.grader.attacks.registry import ATTACKS
from tests.grader.misconceived import source_of
from tests.grader.phrasings import OWN_WAY, UNNAMED, right
from tests.grader.submissions import cell_of, solved

STAGE = "01_one_neuron"
PENALTY = 0.1  # of the score, for each day begun
DAYS = 2  # that late ones are late
LATE = "\nc.LatePolicy.penalty_per_day = {}\n"

# Those that wait for a deadline, harm the disk or look for others' folders are the attacks' own tests' business.
SLOW = ("took longer than", "Stopped")
ELSEWHERE = {"attack_forged_sheets", "attack_link_to_a_classmate", "attack_hundred_megabytes", "attack_pipe"}
GENTLE = [
    attack
    for name, attack in sorted(ATTACKS.items())
    if attack.plain == "" and attack.says not in SLOW and name not in ELSEWHERE
]
BROKEN = [attack for attack in GENTLE if attack.status == "not graded"]
HOSTILE = [attack for attack in GENTLE if attack.status == "graded" and attack.points == 0]


@dataclass(frozen=True)
class Student:
    """One student, and all that is true of their grade. answers: exercise -> "right", "stub", a mistake's name."""

    name: str
    kind: str
    points: float
    status: str = "graded"
    penalty: float = 0.0
    answers: dict = field(default_factory=dict)
    sources: dict = field(default_factory=dict)  # exercise -> source, None for the stub
    own: tuple = ()
    attack: object = None


def class_of(n, seed=1):
    """n students: a tenth each broken or hostile, stubs, late, twice; in thirty one pair who copied, and one who
    handed in the published solution."""
    rng = np.random.default_rng(seed)
    kinds = plan(n)
    mistakes = [(name, wrong) for name, exercise in of_stage(STAGE).items() for wrong in exercise.misconceptions]
    places = {}  # student -> the mistakes they must make, so that each registered one is made by somebody
    honest = [i for i, kind in enumerate(kinds) if kind == "mixed"]
    for k, (name, wrong) in enumerate(mistakes):
        places.setdefault(honest[k % len(honest)], {}).setdefault(name, wrong)
    return [_student(f"s{i + 1:03}", kind, rng, i, places.get(i, {})) for i, kind in enumerate(kinds)]


def plan(n):
    """The kinds of n students, in the proportions of thirty."""
    thirty = (
        ["mixed"] * 17 + ["right"] * 2 + ["published"] + ["copied"] * 2 + ["stub", "late", "late", "twice", "twice"]
        + ["broken", "hostile", "hostile"]
    )  # fmt: skip
    return [thirty[i % 30] for i in range(n)]


def _student(name, kind, rng, i, must):
    if kind in ("broken", "hostile"):
        pool = BROKEN if kind == "broken" else HOSTILE
        attack = pool[(i // 30 * 2 + i) % len(pool)]
        return Student(name, kind, attack.points, attack.status, attack=attack)
    names = of_stage(STAGE)
    if kind == "stub":
        answers = dict.fromkeys(names, "stub")
        return Student(name, kind, 0.0, answers=answers, sources=dict.fromkeys(names))
    if kind == "copied":
        sources, own = _own_way(i)
        return Student(name, kind, total_of(dict.fromkeys(names, "right")), answers=dict.fromkeys(names, "right"),
                       sources=sources, own=own)  # fmt: skip
    if kind == "published":
        sources = {e: "\n".join(model_source(exercise.model, solution=True)) for e, exercise in names.items()}
        return Student(name, kind, total_of(dict.fromkeys(names, "right")), answers=dict.fromkeys(names, "right"),
                       sources=sources)  # fmt: skip
    able = rng.beta(3, 2) if kind == "mixed" else 1.0
    answers, sources = {}, {}
    for exercise in names.values():
        answers[exercise.name], sources[exercise.name] = _answer(rng, exercise, able, must.get(exercise.name))
    points = total_of(answers)
    penalty = round(PENALTY * DAYS * points, 6) if kind == "late" else 0.0
    return Student(name, kind, points, penalty=penalty, answers=answers, sources=sources, own=(f"# {name}",))


def _answer(rng, exercise, able, must):
    """(what kind of answer it is, its source)."""
    if must is not None:
        return must.name, source_of(exercise, must)
    if rng.random() < able:
        return "right", right(rng, exercise.name)
    kind = rng.random()
    if kind < 0.15:
        return "stub", None
    if kind < 0.45:
        unnamed = UNNAMED[exercise.name]
        name = list(unnamed)[min(int(rng.geometric(0.7)) - 1, len(unnamed) - 1)]
        return f"unnamed: {name}", unnamed[name][int(rng.integers(len(unnamed[name])))]
    # Some mistakes are common and some are rare, as in any class.
    known = exercise.misconceptions
    wrong = known[min(int(rng.geometric(0.65)) - 1, len(known) - 1)]
    return wrong.name, source_of(exercise, wrong)


def _own_way(i):
    """A notebook of one's own, and for each second of a pair a copy with other names and another look."""
    own = "def spell_out(values):\n    words = []\n    for k in reversed(range(len(values))):\n" \
          "        words.append(f'{k}:{values[k]:.2f}')\n    return ' | '.join(words[::2] + words[1::2])"  # fmt: skip
    sources = dict(OWN_WAY)
    if i % 2:
        other = {
            "running": "acc",
            "pairs": "both",
            "terms": "parts",
            "said": "guess",
            "push": "delta",
            "left": "budget",
        }
        for old, new in other.items():
            sources = {name: source.replace(old, new) for name, source in sources.items()}
        sources = {name: source.replace("\n    ", "\n    # my own idea\n    ", 1) for name, source in sources.items()}
        own = own.replace("words", "bits").replace("spell_out", "show_it")
    return sources, (own,)


# What an answer is worth


def total_of(answers):
    """The points of a submission by the declarations of its exercises."""
    return float(sum(worth(exercise, answers[name]) for name, exercise in of_stage(STAGE).items()))


def worth(exercise, answer):
    """The points of one answer: all of them, none, or those of the properties that a known mistake leaves intact."""
    if answer == "right":
        return exercise.total
    if answer == "stub" or answer.startswith("unnamed: "):
        return 0.0
    wrong = next(m.wrong for m in exercise.misconceptions if m.name == answer)
    lost = lost_by(exercise, wrong)
    if lost - set(exercise.points):
        lost |= {"value"}  # what has no points of its own is part of the value
    return float(sum(points for name, points in exercise.points.items() if name not in lost))


def lost_by(exercise, wrong):
    """The properties a wrong answer loses, by running it beside the reference on a case or two of its own."""
    lost = set()
    for case in exercise.cases(rng_of("synthetic")):
        mine, theirs = copy.deepcopy(case["args"]), copy.deepcopy(case["args"])
        got, want = wrong(*mine), exercise.model(*theirs)
        if repr(mine) != repr(theirs):
            lost.add("purity")
        if "judge" in case:
            lost |= {"value"}  # where a judge decides, a registered mistake is one by declaration
        elif _kind(got) != _kind(want):
            lost.add("shape")
            if not (np.shape(got) == np.shape(want) and _numbers(got) == _numbers(want)):
                lost.add("value")
        elif _numbers(got) != _numbers(want):
            lost.add("value")
    return lost


def _kind(value):
    if isinstance(value, tuple):
        return tuple(_kind(part) for part in value)
    if isinstance(value, np.ndarray) and value.ndim:
        return value.shape, value.dtype.kind
    return np.asarray(value).dtype.kind


def _numbers(value):
    """All numbers in a value, as they read to nine digits."""
    parts = value if isinstance(value, tuple) else (value,)
    return [f"{float(x):.9g}" for part in parts for x in np.ravel(part)]


# How it reaches the class


def hand_in(classroom, students, stage=STAGE):
    """Put every submission into the exchange, as nbgrader's submit would; set the due date and the price of lateness."""
    config = classroom.root / "nbgrader_config.py"
    if "penalty_per_day" not in config.read_text():
        config.write_text(config.read_text() + LATE.format(PENALTY))
    api = classroom.api()
    inbound = classroom.root / "exchange" / api.coursedir.course_id / "inbound"
    inbound.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC).replace(tzinfo=None)
    due = now + timedelta(hours=12)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        gradebook.find_assignment(stage).duedate = due
        gradebook.db.commit()
    depot = Classroom(classroom.root.parent / "desks")
    released = solved(stage, **dict.fromkeys(of_stage(stage)))
    for student in students:
        when = due + timedelta(days=DAYS - 0.5) if student.kind == "late" else now
        if student.kind == "twice":  # the first try, which must not count: nothing done yet
            first = Student(student.name, "stub", 0.0, sources=dict.fromkeys(student.sources))
            _lay(depot, inbound, released, first, now - timedelta(minutes=2), stage)
        _lay(depot, inbound, released, student, when, stage)


def _lay(depot, inbound, released, student, when, stage):
    folder = depot.folder("submitted", stage, student.name)
    if student.attack:
        student.attack.make(depot, student.name)
    else:
        folder.mkdir(parents=True)
        (folder / f"{stage}.ipynb").write_text(json.dumps(notebook_of(released, student)))
    stamp = when.strftime(STAMP)
    if not (folder / "timestamp.txt").exists():
        (folder / "timestamp.txt").write_text(stamp)
    os.rename(folder, inbound / f"{student.name}+{stage}+{stamp}")


def notebook_of(released, student):
    """The released notebook with a student's answers in place of its stubs."""
    notebook = copy.deepcopy(released)
    for name, source in student.sources.items():
        if source is not None:
            cell_of(notebook, name).source = source
    first = next(i for i, cell in enumerate(notebook.cells) if cell.id.startswith("check-"))
    for k, source in enumerate(student.own):
        notebook.cells.insert(first + k, new_code_cell(source, id=f"own-{k}"))
    return notebook


# What became of it


def in_gradebook(classroom, stage=STAGE):
    """student -> (points, penalty), as nbgrader has them."""
    api = classroom.api()
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        found = gradebook.assignment_submissions(stage)
        return {one.student.id: (one.score, one.late_submission_penalty or 0.0) for one in found}


def assert_as_known(classroom, students, stage=STAGE):
    """Every score, penalty and status is what the generator knows, and everybody has feedback."""
    book = in_gradebook(classroom, stage)
    assert set(book) == {student.name for student in students}
    wrong = []
    for student in students:
        record = records.load(classroom, stage, student.name)
        found = (*book[student.name], record.status)
        if found != pytest.approx((student.points, student.penalty, student.status)) and found != (
            student.points, student.penalty, student.status,
        ):  # fmt: skip
            wrong.append((student, found, record.why))
        assert (classroom.folder("feedback", stage, student.name) / f"{stage}.html").is_file(), student.name
    assert not wrong
