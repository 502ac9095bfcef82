"""An attack: a submission, what it must come to here, and whether plain nbgrader may be shown it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.grader.submissions import solved, submit

STAGE = "01_one_neuron"
NAMES = ("weighted_sum", "perceptron", "perceptron_update", "perceptron_train")
FULL = 10.0
ATTACKS = {}


@dataclass(frozen=True)
class Attack:
    """make: student and classroom to a submission in its folder. points, status: what it must end with.

    says: words that the student must find in the graded notebook. plain: '' where plain nbgrader may run it, else why not.
    """

    name: str
    make: Callable
    points: float
    status: str
    says: str
    plain: str


def cheat(*, points=0.0, says="", plain=""):
    """Register a function that returns own cells, or a dict of sources for the graded functions; no answer is right."""

    def register(function):
        def make(classroom, student):
            made = function()
            wrong = {name: f"def {name}(*args):\n    return None" for name in NAMES}
            own, sources = (made, {}) if isinstance(made, list) else ([], made)
            submit(classroom, STAGE, solved(STAGE, own=own, **(wrong | sources)), student)

        ATTACKS[function.__name__] = Attack(function.__name__, make, points, "graded", says, plain)
        return function

    return register


def trouble(*, points=FULL, status="graded", says="", plain=""):
    """Register a function that spoils a right submission: it returns own cells or sources, or changes the folder."""

    def register(function):
        def make(classroom, student):
            made = function() if not function.__code__.co_argcount else None
            own = made if isinstance(made, list) else []
            sources = made if isinstance(made, dict) else {}
            folder = submit(classroom, STAGE, solved(STAGE, own=own, **sources), student)
            if made is None:
                function(folder)

        ATTACKS[function.__name__] = Attack(function.__name__, make, points, status, says, plain)
        return function

    return register
