"""The learner writes the test: which loss histories tell the right early stopping from six wrong ones?

Each of the histories to choose from (course.data.loss_histories) lets some of them through.
"""

from course import data
from grader.exercise import Exercise, Misconception, case
from grader.exercises import early_stopping

STAGE = "08_generalize"
PATIENCE = 2
WRONG = {
    "keeps the last weights": early_stopping.last_weights,
    "counter never reset": early_stopping.never_reset,
    "one epoch too early": early_stopping.stops_early,
    "one epoch too late": early_stopping.stops_late,
    "a tie counts as progress": early_stopping.ties_count,
    "chosen with hindsight": early_stopping.from_hindsight,
}


def history_tests():
    """Two tests that together unmask all six wrong versions of early_stop.

    -> a list of two letters of the histories above, for example ["a", "b"]
    """
    return ["c", "d"]


def history_tests_cases(rng):
    """Nothing random: the finite choice of histories, and what every version answers to each, patience 2."""
    histories = data.loss_histories()
    want = {
        "name": "tells_apart",
        "grid": list(histories),
        "right": [early_stopping.early_stop.model(h, PATIENCE) for h in histories.values()],
        "wrong": {name: [f(h, PATIENCE) for h in histories.values()] for name, f in WRONG.items()},
        "most": 2,
    }
    return [case("two histories that unmask all six wrong versions", judge=want)]


exercise = Exercise(
    "history_tests",
    STAGE,
    history_tests,
    history_tests_cases,
    points={"value": 1},
    kind="probe",
    hints=(
        "For each wrong version, ask: on which history does it answer just as the right one does? There it gets away.",
        "A counter that is never reset shows only where a bump comes before the best. Which history has one?",
        "A tie shows only where a loss equals the best before it, hindsight only where the lowest loss comes "
        "after the right stop. One history can do both.",
    ),
    misconceptions=(
        Misconception(
            "a plateau and a second valley",
            wrong=lambda: ["d", "f"],
            hint="In both, the first bump comes after the best. Where must one come, to show whose counter is never "
            "reset?",
        ),
        Misconception(
            "a bump and a second valley",
            wrong=lambda: ["c", "f"],
            hint="No loss in either of them equals the best before it. Which history shows whether a tie is progress?",
        ),
        Misconception(
            "a bump and a flat line",
            wrong=lambda: ["c", "e"],
            hint="Neither goes on after the right stop. Whom does it unmask if the lowest loss of all comes later?",
        ),
        Misconception(
            "falling only",
            wrong=lambda: ["a"],
            hint="Where the loss falls to the end, nobody has anything to stop. You may choose two, and others rise.",
        ),
    ),
)
