"""The learner writes the test: which tables of scores tell softmax from six wrong ones."""

import numpy as np

from course import data
from grader.exercise import Exercise, Misconception, case
from grader.exercises.softmax import STAGE, down_the_columns, no_shift, one_shift, smallest_shift, whole_table
from solutions.softmax import softmax


def _winner_takes_all(z):
    best = z == z.max(axis=1, keepdims=True)
    return best / best.sum(axis=1, keepdims=True)


WRONG = {
    "down the columns": down_the_columns,
    "one sum for the whole table": whole_table,
    "no shift": no_shift,
    "one shift for the whole table": one_shift,
    "shift by the smallest": smallest_shift,
    "winner takes all": _winner_takes_all,
}


def softmax_probes():
    """Two tables that together give every wrong softmax away.

    -> a list of two letters of the tables above, for example ["a", "b"]
    """
    return ["e", "g"]


def probe_cases(rng):
    tables = data.score_tables()
    with np.errstate(all="ignore"):  # the wrong ones overflow: that is what gives them away
        wrong = {name: [function(z) for z in tables.values()] for name, function in WRONG.items()}
    right = [softmax(z) for z in tables.values()]
    want = {"name": "tells_apart", "grid": list(tables), "right": right, "wrong": wrong, "most": 2}
    return [case("two tables against six wrong versions", judge=want)]


probes = Exercise(
    "softmax_probes",
    STAGE,
    softmax_probes,
    probe_cases,
    points={"value": 1.5},
    kind="probe",
    hints=(
        "Read the wrong versions, one by one. For each, which kind of table would bring its mistake to light?",
        "One version fails only where numbers are large. Another fails only where two rows need different "
        "treatment. Can one table do both?",
        "Two tables are allowed. For every table, write down which versions it catches; then look for two lists "
        "that together hold all of them.",
    ),
    misconceptions=(
        Misconception(
            "mild scores only",
            wrong=lambda: ["b", "c"],
            hint="With small scores nothing overflows, so whoever forgot to shift goes free. Which tables are extreme?",
        ),
        Misconception(
            "single rows only",
            wrong=lambda: ["d", "e"],
            hint="In a table of one row, “the row” and “the whole table” are the same. What must a table have to tell them "
            "apart?",
        ),
        Misconception(
            "large scores that lie close together",
            wrong=lambda: ["d", "g"],
            hint="One is left, who takes off the smallest score: that does no harm where a row's scores are close. In which "
            "table are they far apart?",
        ),
        Misconception(
            "equal scores",
            wrong=lambda: ["a", "b"],
            hint="These tables look the same from every side: in both, a column holds what a row holds. What would an "
            "uneven table show?",
        ),
    ),
)
