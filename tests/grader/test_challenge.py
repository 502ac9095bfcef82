"""What comes back from the sandbox is held to its form: whatever a hostile process says, there is a verdict."""

from types import SimpleNamespace

import numpy as np
import pytest

from course.judge import judge
from grader import challenge
from grader.challenge import STATUSES, failed, grade, sound
from grader.exercises import EXERCISES
from grader.sandbox.session import Ran
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
ONE_OF_EACH_KIND = EXERCISES["perceptron"], *KINDS.values()


@pytest.mark.parametrize("part", sorted({*failed("died", ""), "takes", "compiled"} - {"status"}))
@pytest.mark.parametrize("status", sorted(STATUSES))
def test_junk_in_any_part_of_an_outcome_ends_in_a_verdict(status, part):
    for sheet in (exercise.visible_sheet for exercise in ONE_OF_EACH_KIND):
        for junk in JUNK:
            made = sound({"status": status, part: junk})
            judge(sheet, [made] * len(sheet["cases"]))


class Slow:
    """A session and a clock: every cell and every call takes as long as it may, by this clock."""

    now = 0.0

    def run(self, source, seconds):
        self.now += seconds
        return Ran("ran", None, seconds)

    def calls(self, name, questions, seconds, *, fresh):
        self.now += seconds
        return [failed("raised", "", seconds)]

    def close(self):
        pass


@pytest.fixture
def slow(monkeypatch):
    session = Slow()
    monkeypatch.setattr(challenge, "open_session", lambda level: session)
    monkeypatch.setattr(challenge, "time", SimpleNamespace(monotonic=lambda: session.now))
    return session


SOME = [name for name, exercise in EXERCISES.items() if exercise.stage < "04"]


def test_no_notebook_takes_longer_than_all_of_it_may(slow):
    verdicts, errors = grade(["pass"] * 1000, SOME, b"secret", "none")
    assert slow.now <= challenge.NOTEBOOK_SECONDS
    assert [error["message"] for error in errors.values()] == [challenge.TOO_LONG]
    assert {verdict.status for verdict in verdicts.values()} == {"wrong"}
    assert "took longer than 300 s" in verdicts["perceptron"].symptom


def test_calls_that_are_slow_but_end_cost_no_more_either(slow):
    grade(["pass"], SOME, b"secret", "none")
    assert slow.now == challenge.NOTEBOOK_SECONDS


def test_slow_cells_each_get_a_little_more_than_their_share(slow):
    _, errors = grade(["pass"] * 40, [], b"secret", "none")
    assert errors == {}
    assert slow.now == challenge.CELLS_SECONDS + 39 * challenge.CELL_LEAST


def test_the_names_of_arguments_are_few_short_texts():
    kept = sound({"status": "returned", "takes": ("x" * 100, 3, *["y"] * 100)})["takes"]
    assert kept == ("x" * 60, *["y"] * 18)
    assert sound({"status": "returned", "takes": {"x": 1}}).get("takes", ()) == ()
