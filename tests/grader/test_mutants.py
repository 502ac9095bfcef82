"""Every model answer, broken in one place: its own check must not call that right, or a student's slip would pass."""

from dataclasses import replace

import pytest

from course.attempt import attempt
from course.judge import judge
from grader.exercise import case
from grader.exercises import EXERCISES
from tests import mutants as slips
from tests.grader.kinds import KINDS
from tests.mutants import mutants, survives

CHOSEN = {"probe", "behavior"}  # many answers are right, and what is broken may be another of them
SOUND = {  # what a break leaves right, by exercise, and why
    "augment": {
        # no draw is exactly ½; an image more is one that nobody looks at
        "corners, mirrored = (rng.integers(2 * shift + 1, size=(N, 2)), rng.random(N) <= 0.5)",
        "P = np.pad(X, ((0, 1), (0, 0), (shift, shift), (shift, shift)))",
    },
    # what a pickle would do is asked in tests/solutions/test_checkpoint.py
    "load_checkpoint": {"with np.load(path, allow_pickle=True) as archive:"},
    # every entry is written before anybody reads it, or only the shape counts
    "conv2d_backward": {"dP, dK = (np.zeros_like(P), np.ones_like(K))"},
    "lstm_forward": {
        "hs, cs = (np.ones((N, T, H), X.dtype), np.zeros((N, T, H), X.dtype))",
        "hs, cs = (np.zeros((N, T, H), X.dtype), np.ones((N, T, H), X.dtype))",
        "gates = np.ones((N, T, 4 * H), X.dtype)",
    },
    "lstm_backward": {
        "dX, dWx, dWh, db = (np.ones_like(X), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wh[0]))",
        "dX, dWx, dWh, db = (np.zeros_like(X), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wh[1]))",
    },
    "rnn_forward": {"hs = np.ones((N, T, h0.shape[1]), X.dtype)"},
    "bptt": {
        "dX, dWx = (np.ones_like(X), np.zeros_like(Wx))",
        "dWh, db = (np.zeros_like(Wh), np.zeros_like(Wh[1]))",
    },
    "numeric_gradient": {"g = np.ones(x.shape)"},
    # the largest of the sums is the largest of the means
    "ensemble_predict": {"return np.argmax(np.sum(P, axis=0), axis=1)"},
    # at exactly 0, or at the very end, both sides say the same
    "discriminator_loss_backward": {
        "p_real = np.where(real > 0, 1, e_real) / (1 + e_real)",
        "p_fake = np.where(fake > 0, 1, e_fake) / (1 + e_fake)",
    },
    "generator_loss_backward": {"p = np.where(fake > 0, 1, e) / (1 + e)"},
    "sigmoid": {"return np.where(x > 0, 1, e) / (1 + e)"},
    "relu_kernel": {"y[i] = 0 if x[i] <= 0 else x[i]"},
    "schedule": {"if t > total:"},
    # after the last barrier any thread of the block may hand the sum on
    "reduce_sum": {"if lane == 1:"},
}

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


def survivors(exercise):
    sheets = [exercise.sheet(seed, misconceptions=False) for seed in ("visible", "hidden")]
    return [what for what, broken in mutants(exercise.model) if survives(is_right, broken, sheets)]


@pytest.mark.full
@each_exercise
def test_no_broken_answer_passes(exercise):
    found = survivors(exercise)
    assert set(found) == set(SOUND.get(exercise.name, ())), "a case that tells it apart, or a reason why none can"


def test_what_no_case_asks_about_is_found():
    scale = KINDS["scale"]
    assert survivors(scale) == []
    weak = replace(scale, cases=lambda rng: [case("times one", rng.normal(size=3), 1.0)], misconceptions=())
    assert survivors(weak) == ["return {'scaled': x / factor, 'largest': float(np.max(x * factor))}",
                               "return {'scaled': x * factor, 'largest': float(np.max(x / factor))}"]  # fmt: skip


def test_a_function_that_never_ends_is_no_survivor(monkeypatch):
    def forever(x, factor):
        while True:
            pass

    monkeypatch.setattr(slips, "SECONDS", 1)
    assert not survives(is_right, forever, [KINDS["scale"].sheet("x", misconceptions=False)])
