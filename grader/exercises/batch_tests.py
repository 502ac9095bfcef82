"""The learner writes the test: which small batches tell the right batch normalization from six wrong ones?

Each of the batches to choose from (course.data.small_batches) is blind to something, so it takes a pair.
"""

from course import data
from grader.exercise import Exercise, Misconception, case
from grader.exercises import batchnorm

STAGE = "07_depth"
SUSPECTS = (
    "one mean per example",
    "N − 1 in the variance",
    "ε outside the root",
    "momentum the other way round",
    "batch statistics in evaluation",
    "running statistics move in evaluation",
)


def batch_tests():
    """Two tests that together unmask all six wrong batch normalizations.

    -> a list of two letters from `tests`, for example ["a", "b"]
    """
    return ["d", "f"]


def batch_tests_cases(rng):
    """Nothing random: the finite choice of tests, and what every batch normalization answers to each."""
    tests = data.small_batches()
    wrong = {m.name: m.wrong for m in batchnorm.batchnorm_forward.misconceptions if m.name in SUSPECTS}
    want = {
        "name": "tells_apart",
        "grid": list(tests),
        "right": [batchnorm.batchnorm_forward.model(*test) for test in tests.values()],
        "wrong": {name: [f(*test) for test in tests.values()] for name, f in wrong.items()},
        "most": 2,
    }
    return [case("two tests that unmask all six wrong batch normalizations", judge=want)]


exercise = Exercise(
    "batch_tests",
    STAGE,
    batch_tests,
    batch_tests_cases,
    points={"value": 2},
    kind="probe",
    hints=(
        "For each wrong version, ask which numbers would make it right by luck: a mean of 0, a variance of 1, "
        "an ε of 0, a momentum of ½.",
        "Some mistakes show only while training, others only in evaluation. Do your two tests cover both?",
        "Make the table: six versions, a cross for each test that unmasks one. Two columns must fill every row.",
    ),
    misconceptions=(
        Misconception(
            "a momentum of one half",
            wrong=lambda: ["a", "f"],
            hint="Half of the old and half of the new: what changes if the two are exchanged?",
        ),
        Misconception(
            "an ε of 0",
            wrong=lambda: ["b", "f"],
            hint="Where ε is 0 it may stand anywhere. Which mistake hides behind that?",
        ),
        Misconception(
            "a symmetric batch",
            wrong=lambda: ["c", "f"],
            hint="Exchange the rows and the columns of this batch, and it is still the same. Which mistake does that hide?",
        ),
        Misconception(
            "evaluation that is like the batch",
            wrong=lambda: ["d", "e"],
            hint="Work out the mean and the variance of this batch. Whose are they as well?",
        ),
        Misconception(
            "training alone",
            wrong=lambda: ["c", "d"],
            hint="Two of the six are right as long as they train. Which tests have `train` False?",
        ),
    ),
)
