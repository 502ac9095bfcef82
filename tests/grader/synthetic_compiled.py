"""A class of stage 09, where the grade also says whether numba has computed and whether two threads quarrel.

As in tests.grader.synthetic, what each answer is worth is known before anything is graded. Here it is written down by
hand, mistake by mistake, in `LOSES`: nothing of course.compilation or course.judge is asked.
"""

import copy
from types import SimpleNamespace

import numpy as np

from grader.exercises import of_stage
from grader.notebook import to_bytes
from tests.grader.loops import RIGHT, UNNAMED
from tests.grader.misconceived import compiled_source_of, source_of
from tests.grader.submissions import solved, submit
from tests.grader.synthetic import DAYS, PENALTY, Student

STAGE = "09_numba"
RACE = {"value", "compiled"}  # right by luck on one machine, wrong on the next
LOSES = {  # exercise -> registered mistake -> the properties it loses
    "matmul_njit": {
        "not compiled": {"compiled"},
        "the last product alone": {"value"},
        "one product too few": {"value"},
        "bounds of k and n swapped": {"value", "compiled"},  # runs out of an array, so there is nothing to compile
        "B read along its rows": {"value", "compiled"},
        "float64 always": {"shape"},
        "sums that start from anything": {"value"},
    },
    "row_sums": {
        "not compiled": {"compiled"},
        "object mode": {"compiled"},
        "columns shared out": RACE,
        "one cell for every row's sum": RACE,
        "a sum split among threads": {"compiled"},
        "sums of the columns": {"value", "shape"},
        "last column lost": {"value"},
        "float64 always": {"shape"},
        "sums that start from anything": {"value"},
    },
    "softmax_njit": {
        "not compiled": {"compiled"},
        "no shift": {"stability"},
        "not divided": {"value", "stability"},
        "divided by half a sum": {"value", "stability"},
        "one cell for every row's total": RACE,
        # exp of a float32 is one in numba and none in Python, and this table keeps the digits by which they differ
        "float64 always": {"shape", "value", "compiled"},
        "changes z in place": {"purity"},
    },
    "conv2d_macs": {"parameters counted": {"value"}, "stride left out": {"value"}, "one image": {"value"}},
    "conv2d_njit": {
        "not compiled": {"compiled"},
        "channels shared out": RACE,
        "float64 always": {"shape"},
        "bias forgotten": {"value"},
        "first channel only": {"value"},
        "filter turned around": {"value"},
    },
}
RACES = [(name, wrong) for name, wrongs in LOSES.items() for wrong, lost in wrongs.items() if lost is RACE]
NOTHING_COMPILED = "import functools\n\nnjit = numba.njit = lambda f=None, **options: f or (lambda g: g)"
KINDS = ("right", "uncompiled", "racing", "named", "unnamed", "mixed", "late", "pretending", "broken")


def class_of(n=9, seed=1):
    """n students, a kind after the other; the same seed gives the same class."""
    rng = np.random.default_rng(seed)
    return [_student(f"s{i + 1:02}", KINDS[i % len(KINDS)], rng) for i in range(n)]


def graded():
    """The exercises of the stage that have points."""
    return {name: exercise for name, exercise in of_stage(STAGE).items() if exercise.points}


def _student(name, kind, rng):
    if kind == "broken":
        return Student(name, kind, 0.0, "not graded", attack=SimpleNamespace(make=_cut_off))
    answers = {exercise: _answer(kind, exercise, rng) for exercise in graded()}
    sources = {exercise: source for exercise, (_, source) in answers.items()}
    answers = {exercise: answer for exercise, (answer, _) in answers.items()}
    own = (f"# {name}",)
    if kind == "pretending":  # the word is there, and nothing is compiled
        own = (NOTHING_COMPILED,)
        answers = {e: "not compiled" if "not compiled" in LOSES[e] else answer for e, answer in answers.items()}
    points = float(sum(worth(exercise, answers[name]) for name, exercise in graded().items()))
    penalty = round(PENALTY * DAYS * points, 6) if kind == "late" else 0.0
    return Student(name, kind, points, penalty=penalty, answers=answers, sources=sources, own=own)


def _answer(kind, exercise, rng):
    """(what kind of answer it is, its source)"""
    if kind == "mixed":
        kind = ("right", "named", "stub", "uncompiled", "unnamed")[int(rng.integers(5))]
    if kind == "uncompiled" and "not compiled" in LOSES[exercise]:
        return "not compiled", _written(exercise, "not compiled")
    if kind == "racing" and (races := [wrong for name, wrong in RACES if name == exercise]):
        wrong = races[int(rng.integers(len(races)))]
        return wrong, _written(exercise, wrong)
    if kind == "named":
        wrong = list(LOSES[exercise])[int(rng.integers(len(LOSES[exercise])))]
        return wrong, _written(exercise, wrong)
    if kind == "unnamed":
        ((name, sources),) = UNNAMED[exercise].items()
        return f"unnamed: {name}", sources[0]
    if kind == "stub":
        return "stub", None
    # Whoever pretends writes what is right in plain Python too: math.exp and np.exp alike.
    return "right", RIGHT[exercise][int(rng.integers(len(RIGHT[exercise])))]


def _written(exercise, mistake):
    """A registered mistake as a student hands it in."""
    exercise = of_stage(STAGE)[exercise]
    wrong = next(wrong for wrong in exercise.misconceptions if wrong.name == mistake)
    return compiled_source_of(exercise, wrong) if exercise.kind == "compiled" else source_of(exercise, wrong)


def worth(exercise, answer):
    """The points of one answer: all, none, or those of the properties that a mistake leaves intact."""
    if answer == "right":
        return exercise.total
    if answer == "stub" or answer.startswith("unnamed: "):
        return 0.0
    lost = set(LOSES[exercise.name][answer])
    if lost - set(exercise.points):
        lost |= {"value"}  # what has no points of its own is part of the value
    return float(sum(points for name, points in exercise.points.items() if name not in lost))


def _cut_off(classroom, student):
    """A right notebook of which half has arrived."""
    whole = to_bytes(copy.deepcopy(solved(STAGE)))
    submit(classroom, STAGE, whole[: len(whole) // 2], student)
