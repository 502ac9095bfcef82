"""What holds for every exercise of the registry, and for one small exercise of every kind."""

import contextlib
import functools
import hashlib
import inspect
import os
import subprocess
import sys

import numpy as np
import pytest

from course.attempt import attempt
from course.errors import BadInput
from course.judge import judge
from course.wire import pack, unpack
from grader.exercise import KINDS as ALL_KINDS
from grader.exercise import rng_of
from grader.exercises import EXERCISES
from grader.helpers import missing_names
from grader.notebook import instructor_notebook
from tests.grader.kinds import KINDS

ALL = EXERCISES | KINDS
SEEDS = ("visible", "hidden-1", "hidden-2")

each_exercise = pytest.mark.parametrize("exercise", ALL.values(), ids=ALL)
each_seed = pytest.mark.parametrize("seed", SEEDS)
each_misconception = pytest.mark.parametrize(
    ("exercise", "misconception"),
    [(exercise, wrong) for exercise in ALL.values() for wrong in exercise.misconceptions],
    ids=[f"{exercise.name}: {wrong.name}" for exercise in ALL.values() for wrong in exercise.misconceptions],
)


@functools.cache
def baked(name, seed):
    return pack(ALL[name].sheet(seed))


@functools.cache
def sheet_of(name, seed):
    """The sheet after its travels. Nobody changes it."""
    return unpack(baked(name, seed))


def verdict_on(function, exercise, seed):
    """As the grader would: the sheet travels, the function is tried, the outcomes travel back, a judge decides."""
    sheet = sheet_of(exercise.name, seed)
    outcomes = unpack(pack([attempt(function, case) for case in sheet["cases"]]))
    return judge(sheet, outcomes)


def test_every_kind_of_case_is_tried():
    assert {exercise.kind for exercise in KINDS.values()} == set(ALL_KINDS)


@each_seed
@each_exercise
def test_the_model_answer_gets_full_points(exercise, seed):
    verdict = verdict_on(exercise.model, exercise, seed)
    assert verdict.status == "right", verdict.symptom
    assert verdict.points == verdict.maximum == sum(exercise.points.values())


@functools.cache
def missing(stage):
    return missing_names(instructor_notebook(stage))


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_the_model_answer_uses_nothing_from_outside_its_body(exercise):
    try:
        names = missing(exercise.stage).get(exercise.name, [])
    except BadInput as dropped:
        pytest.skip(f"{exercise.name} waits for its stage. {dropped}")
    assert not names, f"write out {', '.join(names)}: a student gets the function alone, and no helper of it"


@each_seed
@each_exercise
def test_a_stub_is_not_attempted(exercise, seed):
    def stub(*args):
        raise NotImplementedError

    verdict = verdict_on(stub, exercise, seed)
    assert (verdict.status, verdict.points) == ("not attempted", 0)


@each_seed
@each_misconception
def test_a_misconception_is_diagnosed_as_itself(exercise, misconception, seed):
    verdict = verdict_on(misconception.wrong, exercise, seed)
    assert verdict.status == "wrong", "no case tells it from the right answer: add one that does, or leave it out"
    assert verdict.misconceptions == (misconception.name,), "add a case on which these differ, or make them one"
    assert verdict.hint == misconception.hint
    assert verdict.points < verdict.maximum or exercise.reveal == "worked"


@each_exercise
def test_a_wrong_answer_takes_what_the_right_one_takes(exercise):
    args = exercise.cases(rng_of("arguments"))[0]["args"]
    for misconception in exercise.misconceptions:
        with contextlib.suppress(ValueError):  # a function of C says nothing of its arguments
            takes = inspect.signature(misconception.wrong)
            try:
                takes.bind(*args)
            except TypeError as fault:
                pytest.fail(f"“{misconception.name}” is called with {exercise.arguments}: {fault}", pytrace=False)


@each_exercise
@pytest.mark.parametrize("constant", [0, 1, 0.0, None, True, np.zeros(3)], ids=repr)
def test_a_constant_earns_nothing(exercise, constant):
    verdict = verdict_on(lambda *args: constant, exercise, "visible")
    assert verdict.points == 0


@each_exercise
def test_a_function_that_raises_earns_nothing_and_says_why(exercise):
    def raising(*args):
        raise TypeError("unsupported operand")

    verdict = verdict_on(raising, exercise, "visible")
    taken = "a wrong answer that raises in every case cannot be told from any other error: make it answer in one"
    assert verdict.points == 0, taken
    assert "raised TypeError" in verdict.symptom


@each_exercise
def test_every_seed_gives_equally_many_cases_and_never_the_same(exercise):
    sheets = [sheet_of(exercise.name, seed) for seed in SEEDS]
    counts = {len(sheet["cases"]) for sheet in sheets}
    assert len(counts) == 1, "let rng choose what is in a case, never how many there are"
    assert exercise.kind == "probe" or len({pack(sheet["cases"]) for sheet in sheets}) == len(SEEDS)


@pytest.mark.slow
def test_a_sheet_is_the_same_to_the_byte_in_another_process():
    """Where sets are walked through in another order."""
    program = (
        "import hashlib\n"
        "from course.wire import pack\n"
        "from grader.exercises import EXERCISES\n"
        "for e in EXERCISES.values(): print(e.name, hashlib.sha256(pack(e.sheet('visible'))).hexdigest())\n"
    )
    elsewhere = {**os.environ, "PYTHONHASHSEED": "1"}
    done = subprocess.run([sys.executable, "-c", program], env=elsewhere, capture_output=True, text=True, check=True)
    here = {name: hashlib.sha256(baked(name, "visible")).hexdigest() for name in set(EXERCISES) - set(KINDS)}
    assert dict(line.split() for line in done.stdout.splitlines()) == here
