"""Submissions through nbgrader's own autograde: scores, partial credit and words, for every kind of case."""

import pytest

from grader import challenge
from grader.grading import grade_stage
from grader.sandbox import SessionLost
from tests.grader.kinds import KINDS
from tests.grader.submissions import grade_one, graded_outputs, solved, submit, text_of

pytestmark = pytest.mark.slow

MAXIMUM = sum(sum(exercise.points.values()) for exercise in KINDS.values())

# One wrong answer of every kind, as a student would type it: source, points, what the student must read.
WRONG = {
    "scale": (
        "def scale(x, factor):\n    return {'scaled': x.astype(float) * factor, 'largest': float(np.max(x * factor))}",
        1.5,
        "float64 always",
    ),
    "slope": (
        "def slope(f, x):\n    g = np.zeros_like(x)\n    for i in np.ndindex(x.shape):\n"
        "        step = np.zeros_like(x)\n        step[i] = 1e-5\n        g[i] = (f(x + step) - f(x)) / 1e-5\n    return g",
        0,
        "forward difference",
    ),
    "shuffled": ("def shuffled(n, rng):\n    return np.random.default_rng(0).permutation(n)", 0, "own seed"),
    "keep": ("def keep(path, params):\n    np.savez(path, *params.values())", 0, "names lost"),
    "double": ("def double(x, out):\n    i = cuda.grid(1)\n    out[i] = 2 * x[i]", 0, "no guard"),
    "fit": ("def fit(X, y):\n    return np.zeros(X.shape[1]), 0.0", 0, "untrained"),
    "absolute_probes": ("def absolute_probes():\n    return [1.0, 2.0]", 0, "positive inputs only"),
    "row_totals": (
        "@njit(parallel=True)\ndef row_totals(A):\n    sums = np.zeros(A.shape[0], A.dtype)\n"
        "    for column in prange(A.shape[1]):\n        for row in range(A.shape[0]):\n"
        "            sums[row] += A[row, column]\n    return sums",
        0.5,
        "threads share a sum",
    ),
}


@pytest.fixture(scope="module")
def api(class_of_kinds):
    return class_of_kinds.api()


def test_the_model_answers_get_full_points(class_of_kinds, stage_of_kinds, api):
    submit(class_of_kinds, stage_of_kinds, solved(stage_of_kinds), "right")
    result = grade_one(class_of_kinds, api, stage_of_kinds, "right")
    assert (result.status, result.points, result.maximum) == ("graded", MAXIMUM, MAXIMUM)


def test_stubs_get_nothing_and_are_called_not_written(class_of_kinds, stage_of_kinds, api):
    submit(class_of_kinds, stage_of_kinds, solved(stage_of_kinds, **dict.fromkeys(KINDS)), "stub")
    result = grade_one(class_of_kinds, api, stage_of_kinds, "stub")
    assert (result.status, result.points) == ("graded", 0)
    for name, outputs in graded_outputs(class_of_kinds, stage_of_kinds, "stub").items():
        assert f"{name}: not written yet" in text_of(outputs)


def test_each_kind_of_wrong_answer_is_named_and_costs_its_own_points_only(class_of_kinds, stage_of_kinds, api):
    answers = {name: source for name, (source, _, _) in WRONG.items()}
    submit(class_of_kinds, stage_of_kinds, solved(stage_of_kinds, **answers), "wrong")
    result = grade_one(class_of_kinds, api, stage_of_kinds, "wrong")
    assert (result.status, result.points) == ("graded", sum(points for _, points, _ in WRONG.values()))
    outputs = graded_outputs(class_of_kinds, stage_of_kinds, "wrong")
    for name, (_, _, words) in WRONG.items():
        assert words in text_of(outputs[name]), name


def test_one_wrong_answer_costs_no_other_points(class_of_kinds, stage_of_kinds, api):
    submit(class_of_kinds, stage_of_kinds, solved(stage_of_kinds, fit=WRONG["fit"][0]), "nearly")
    assert grade_one(class_of_kinds, api, stage_of_kinds, "nearly").points == MAXIMUM - 3


def test_answers_hard_coded_from_the_visible_cases_fail_on_fresh_ones(class_of_kinds, stage_of_kinds, api):
    source = f"def shuffled(n, rng):\n    answers = {visible_answers('shuffled')!r}\n    return np.array(answers[n])"
    submit(class_of_kinds, stage_of_kinds, solved(stage_of_kinds, shuffled=source), "copier")
    assert grade_one(class_of_kinds, api, stage_of_kinds, "copier").points == MAXIMUM - 1
    said = text_of(graded_outputs(class_of_kinds, stage_of_kinds, "copier")["shuffled"])
    assert "The visible cases are right, fresh inputs are not" in said


def visible_answers(name):
    sheet = KINDS[name].sheet(KINDS[name].visible_seed)
    return {case["args"][0]: case["expected"]["value"].tolist() for case in sheet["cases"]}


def test_a_whole_class_in_one_command(class_of_kinds, stage_of_kinds):
    submit(class_of_kinds, stage_of_kinds, solved(stage_of_kinds), "zoe")
    results = grade_stage(class_of_kinds, stage_of_kinds)
    assert {result.isolation for result in results} <= {"bubblewrap", "landlock"}
    assert {result.status for result in results} == {"graded"}
    feedback = class_of_kinds.folder("feedback", stage_of_kinds, "zoe") / f"{stage_of_kinds}.html"
    assert "All 3 cases agree" in feedback.read_text()


def test_a_sandbox_that_does_not_start_is_the_graders_failure_and_no_zero(
    class_of_kinds, stage_of_kinds, api, monkeypatch
):
    def broken(level):
        raise SessionLost("the disk is full")

    monkeypatch.setattr(challenge, "open_session", broken)
    submit(class_of_kinds, stage_of_kinds, solved(stage_of_kinds, own=["# never seen before"]), "unlucky")
    result = grade_one(class_of_kinds, api, stage_of_kinds, "unlucky")
    assert (result.status, result.points) == ("not graded", None)
    assert result.why == "SessionLost: the disk is full"
