"""Every model answer, broken in one place: its own check must not call that right, or a student's slip would pass."""

from dataclasses import replace

import pytest

from course.attempt import attempt
from course.judge import judge
from grader.exercise import case
from grader.exercises import EXERCISES
from tests import mutants as slips
from tests.grader.kinds import KINDS
from tests.mutants import survives, survivors
from tests.sound import SOUND

CHOSEN = {"probe", "behavior"}  # many answers are right, and what is broken may be another of them
AT_ITS_END = {"schedule": {"if t > total:"}}  # both sides say the same to within the tolerance

each_exercise = pytest.mark.parametrize(
    "exercise", [exercise for exercise in EXERCISES.values() if exercise.kind not in CHOSEN], ids=lambda one: one.name
)


def is_right(answer, sheets):
    """Fails where the check finds something wrong with a function. That it is compiled, a copy cannot say."""
    for sheet in sheets:
        verdict = judge(sheet, [attempt(answer, case) for case in sheet["cases"]])
        lost = {name for name, entry in verdict.properties.items() if not entry["passed"]} - {"compiled"}
        compiled = sheet["kind"] == "compiled" and verdict.cases[0] == verdict.cases[1]
        assert verdict.status == "right" or (compiled and not lost)


def passing(exercise):
    """What is broken in the copies of a model answer that its check lets pass."""
    sheets = [exercise.sheet(seed, misconceptions=False) for seed in ("visible", "hidden")]
    return survivors(exercise.model, lambda broken: is_right(broken, sheets))


@pytest.mark.full
@each_exercise
def test_no_broken_answer_passes(exercise):
    sound = (SOUND | AT_ITS_END).get(exercise.name, set())
    assert passing(exercise) == sound, "a case that tells it apart, or a reason why none can"


def test_what_no_case_asks_about_is_found():
    scale = KINDS["scale"]
    assert passing(scale) == set()
    weak = replace(scale, cases=lambda rng: [case("times one", rng.normal(size=3), 1.0)], misconceptions=())
    assert passing(weak) == {"return {'scaled': x / factor, 'largest': float(np.max(x * factor))}",
                               "return {'scaled': x * factor, 'largest': float(np.max(x / factor))}"}  # fmt: skip


def test_a_function_that_never_ends_is_no_survivor(monkeypatch):
    def forever(x, factor):
        while True:
            pass

    monkeypatch.setattr(slips, "SECONDS", 1)
    assert not survives(is_right, forever, [KINDS["scale"].sheet("x", misconceptions=False)])
