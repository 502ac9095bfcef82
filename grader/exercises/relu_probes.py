"""The learner writes the test: which two gradients at which two gates tell the right ReLU from six wrong ones?"""

import numpy as np

from course import data
from grader.exercise import Exercise, Misconception, case
from grader.exercises import relu

STAGE = "05_backprop"
NAMES = (
    "asks the gradient, not z",
    "asks both, z and the gradient",
    "open at exactly 0",
    "gate forgotten",
    "slope alone",
    "times the output",
)
WRONG = {m.name: m.wrong for m in relu.relu_backward.misconceptions if m.name in NAMES}


def relu_probes():
    """Two pairs that together give every wrong relu_backward away.

    -> a list of two pairs (dy, z) of those above, for example [(1, 1), (2, 3)]
    """
    return [(2, 0), (-1, 3)]


def relu_probes_cases(rng):
    grid = data.gates()
    arrays = [(np.array([float(dy)]), np.array([float(z)])) for dy, z in grid]
    want = {
        "name": "tells_apart",
        "grid": grid,
        "right": [relu.relu_backward.model(*pair) for pair in arrays],
        "wrong": {name: [wrong(*pair) for pair in arrays] for name, wrong in WRONG.items()},
        "most": 2,
    }
    return [case("two pairs against six wrong versions", judge=want)]


probes = Exercise(
    "relu_probes",
    STAGE,
    relu_probes,
    relu_probes_cases,
    points={"value": 1.5},
    kind="probe",
    hints=(
        "For each wrong version, look for one pair (dy, z) on which its answer differs from the right one. Not "
        "every pair does.",
        "Mistakes hide where the gate is wide open and the gradient is an ordinary positive number. What is "
        "special at z = 0, and at a dy below 0?",
        "One pair should sit exactly at the bend of ReLU, the other should send a negative gradient through an "
        "open gate. And 1 is a number that hides products.",
    ),
    misconceptions=(
        Misconception(
            "no gate at exactly 0",
            wrong=lambda: [(2.0, -2.0), (-1.0, 3.0)],
            hint="Somebody opens the gate at exactly 0, and your gates are all clearly open or shut. Which z would show it?",
        ),
        Misconception(
            "no gradient below 0 at an open gate",
            wrong=lambda: [(2.0, 0.0), (2.0, 3.0)],
            hint="Somebody stops gradients below 0 at open gates, and you never send one there. Which pair would?",
        ),
        Misconception(
            "a gradient of 1",
            wrong=lambda: [(2.0, 0.0), (1.0, 3.0)],
            hint="At the open gate you send a 1: there a slope and a gradient are the same number, and a gradient below 0 "
            "is never tried. Which dy shows both?",
        ),
        Misconception(
            "a sum of 1",
            wrong=lambda: [(2.0, 0.0), (-1.0, 1.0)],
            hint="With z = 1 the output of ReLU is its slope, 1. Which z tells them apart?",
        ),
        Misconception(
            "one pair alone",
            wrong=lambda: [(-1.0, 3.0)],
            hint="At one gate you cannot see what happens at another. You may choose two pairs.",
        ),
    ),
)
