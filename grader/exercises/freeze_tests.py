"""The learner writes the test: which facts about one training step show that a base was really frozen?

The facts are those of the lesson's table. Each is looked at in a small network whose layers are all of one size, so
that no shape complains when somebody forgets the base.
"""

import numpy as np

from grader.exercise import Exercise, Misconception, case

STAGE = "14_transfer"
LR, KEEP = 0.5, 0.9
X, Y = np.array([[2.0, 1.0], [1.0, 3.0], [0.5, 2.0]]), np.array([0, 1, 1])
START = {
    "W1": np.array([[1.0, -1.0], [-0.5, 1.0]]),
    "b1": np.array([0.5, -0.25]),
    "mean": np.array([0.25, 0.5]),
    "W2": np.array([[0.5, -0.25], [0.25, 1.0]]),
    "b2": np.array([0.25, -0.5]),
}


def step(params, decay=0.0, *, learns=("W2", "b2"), decays=("W2",), skips=False, statistics=False):
    """One step of the head behind a frozen base that subtracts a running mean -> (params, loss before the step)."""
    sums = X @ params["W1"] + params["b1"]
    mean = KEEP * params["mean"] + (1 - KEEP) * sums.mean(axis=0) if statistics else params["mean"]
    hidden = X if skips else np.maximum(sums - params["mean"], 0)
    z = hidden @ params["W2"] + params["b2"]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    dz = (p - np.eye(2)[Y]) / len(Y)
    back = (dz @ params["W2"].T) * (sums > params["mean"])
    slopes = {"W1": X.T @ back, "b1": back.sum(axis=0), "W2": hidden.T @ dz, "b2": dz.sum(axis=0)}
    after = params | {"mean": mean}
    for name in slopes:
        pull = decay * params[name] if name in decays else 0
        after[name] = params[name] - LR * ((slopes[name] if name in learns else 0) + pull)
    return after, float(-np.mean(np.log(p[np.arange(len(Y)), Y])))


WRONG = {
    "head frozen too": {"learns": (), "decays": ()},
    "frozen layer skipped": {"skips": True},
    "gradient zeroed, decay left on": {"decays": ("W1", "b1", "W2")},
    "running mean goes on": {"statistics": True},
    "base trains along": {"learns": ("W1", "b1", "W2", "b2"), "decays": ("W1", "b1", "W2")},
}
ZERO_HEAD = START | {"W2": np.zeros((2, 2)), "b2": np.zeros(2)}
FACTS = {
    "a": lambda how: step(ZERO_HEAD, **how)[1],
    "b": lambda how: step(ZERO_HEAD, **how)[0]["W1"],
    "c": lambda how: step(START, **how)[0]["W1"],
    "d": lambda how: step(START, 0.1, **how)[0]["W1"],
    "e": lambda how: step(START, **how)[0]["mean"],
    "f": lambda how: step(ZERO_HEAD, **how)[0]["b2"],
    "g": lambda how: step(START, **how)[0]["W2"],
}


def freeze_tests():
    """Three facts that together unmask all five colleagues whose base is not properly frozen.

    -> a list of three letters of the table above, for example ["a", "b", "c"]
    """
    return ["d", "e", "g"]


def freeze_tests_cases(rng):
    """Nothing random: the finite choice of facts, and what every version makes of each."""
    want = {
        "name": "tells_apart",
        "grid": list(FACTS),
        "right": [fact({}) for fact in FACTS.values()],
        "wrong": {name: [fact(how) for fact in FACTS.values()] for name, how in WRONG.items()},
        "most": 3,
    }
    return [case("three facts that unmask all five", judge=want)]


exercise = Exercise(
    "freeze_tests",
    STAGE,
    freeze_tests,
    freeze_tests_cases,
    points={"value": 1},
    kind="probe",
    hints=(
        "For each colleague, ask what gives them away: a number that moves although it should not, or one that "
        "stands still although it should move.",
        "Not only gradients move weights: weight decay does too, and batch statistics move without any "
        "gradient. Which facts look at that?",
        "One fact for the base's weights, where decay is on; one for the statistics; one that shows what the "
        "head learned from the base.",
    ),
    misconceptions=(
        Misconception(
            "no weight decay in the test",
            wrong=lambda: ["c", "e", "g"],
            hint="In your three runs nothing decays. If a gradient is zero, what else can move a weight?",
        ),
        Misconception(
            "statistics not looked at",
            wrong=lambda: ["c", "d", "g"],
            hint="You look at the base's weights twice. What else does a base keep, which moves without any gradient?",
        ),
        Misconception(
            "a head that is zero",
            wrong=lambda: ["d", "e", "f"],
            hint="Behind a head of zeros every base gives the same scores. Can b2 tell then whether there was a base at "
            "all?",
        ),
        Misconception(
            "only what must not change",
            wrong=lambda: ["b", "c", "d"],
            hint="Three looks at the frozen part. Who freezes everything passes them all: what has to change?",
        ),
        Misconception(
            "the loss and the weights",
            wrong=lambda: ["a", "c", "g"],
            hint="Before the first step, with a head of zeros, the loss is ln 2 for everybody. What is a fact worth that "
            "nobody can get wrong?",
        ),
    ),
)
