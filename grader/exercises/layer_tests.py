"""The learner writes the test: which small layers tell the right dense layer from six wrong ones?

Each of the layers to choose from (course.data.small_layers) is blind to something, so it takes a pair.
"""

from course import data
from grader.exercise import Exercise, Misconception, case
from grader.exercises import dense

STAGE = "03_networks"


def layer_tests():
    """Two tests that together unmask all six wrong layers.

    -> a list of two names from `tests`, for example ["all ones", "zero input"]
    """
    return ["no bias", "identity weights"]


def layer_tests_cases(rng):
    """Nothing random: the finite choice of tests, and what every layer answers to each."""
    tests = data.small_layers()
    wrong = {m.name: m.wrong for m in dense.dense_forward.misconceptions if m.name != "bias added once per input"}
    want = {
        "name": "tells_apart",
        "grid": list(tests),
        "right": [dense.dense_forward.model(*test) for test in tests.values()],
        "wrong": {name: [f(*test) for test in tests.values()] for name, f in wrong.items()},
        "most": 2,
    }
    return [case("two tests that unmask all six wrong layers", judge=want)]


exercise = Exercise(
    "layer_tests",
    STAGE,
    layer_tests,
    layer_tests_cases,
    points={"value": 2},
    kind="probe",
    hints=(
        "For each wrong layer, ask: on which test does it answer just as the right one does? There it gets away.",
        "Biases of 0 hide whoever forgets them. Weights that stay the same when they are turned hide whoever "
        "turns them.",
        "So one test must have biases that matter, and the other weights that change when turned, with sums "
        "below 0 somewhere. Make a table: six layers, a cross for each test that unmasks one. Two columns must "
        "fill every row.",
    ),
    misconceptions=(
        Misconception(
            "ones and identity",
            wrong=lambda: ["all ones", "identity weights"],
            hint="Both weight matrices look the same when rows and columns change places. Which mistake hides there?",
        ),
        Misconception(
            "ones and no bias",
            wrong=lambda: ["all ones", "no bias"],
            hint="In one test all biases are 0, in the other all are 1. What if b runs along the wrong side?",
        ),
        Misconception(
            "one test alone",
            wrong=lambda: ["no bias"],
            hint="A layer that forgets its biases is right whenever they are 0. You may choose two tests.",
        ),
        Misconception(
            "identity and symmetric weights",
            wrong=lambda: ["identity weights", "symmetric weights"],
            hint="A matrix that equals its own transpose cannot show that something was transposed. Which test can?",
        ),
    ),
)
