"""What comes back from the sandbox is held to its form: whatever a hostile process says, there is a verdict."""

import numpy as np
import pytest

from course.judge import judge
from grader.challenge import STATUSES, failed, sound
from grader.exercises import EXERCISES
from tests.grader.kinds import KINDS

JUNK = (
    None,
    5,
    -1.5,
    True,
    "x" * 5000,
    ["a", 3],
    ("a", 3, None),
    {"type": 3},
    {"global": [1]},
    np.zeros(3),
    np.zeros(()),
)
SHEETS = [EXERCISES["perceptron"].visible_sheet, *(exercise.visible_sheet for exercise in KINDS.values())]


@pytest.mark.parametrize("part", sorted({*failed("died", ""), "takes", "compiled"} - {"status"}))
@pytest.mark.parametrize("status", sorted(STATUSES))
def test_junk_in_any_part_of_an_outcome_ends_in_a_verdict(status, part):
    for sheet in SHEETS:
        for junk in JUNK:
            made = sound({"status": status, part: junk})
            judge(sheet, [made] * len(sheet["cases"]))


def test_the_names_of_arguments_are_few_short_texts():
    kept = sound({"status": "returned", "takes": ("x" * 100, 3, *["y"] * 100)})["takes"]
    assert kept == ("x" * 60, *["y"] * 18)
    assert sound({"status": "returned", "takes": {"x": 1}}).get("takes", ()) == ()
