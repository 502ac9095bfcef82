"""A grade that somebody doubts, replayed from its seed; and one student graded again, the others left alone."""

import json
import unicodedata
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from course import cli
from course.errors import BadInput
from grader import exercises, records
from grader.appeal import CHANCE, appeal
from grader.commands import add_commands
from grader.exercise import case
from grader.grading import grade_stage
from grader.sandbox import choose
from tests.grader.kinds import STAGE as KINDS_STAGE
from tests.grader.submissions import solved, submit
from tests.grader.test_class import GREATER, score_by_hand

pytestmark = pytest.mark.slow

STAGE = "01_one_neuron"
# Everything a terminal would obey: clear the screen, set the title, turn the text around; and a markup of rich's.
COMMANDS = "\\x1b[2J\\x1b]0;owned\\x07\\r\\b[bold]\\u202e\\u2028"
HOSTILE = f"def perceptron(x, w, b):\n    raise ValueError('{COMMANDS} said')"
NAMES = f"class Liar(dict):\n    pass\nLiar.__name__ = '{COMMANDS}'\ndef weighted_sum(x, w):\n    return Liar()"
ENDS = "def perceptron_update(*_):\n    import os\n    os._exit(1)"
STUDENTS = {
    "ada": {},
    "ben": {"perceptron": GREATER},
    "cleo": {"weighted_sum": None},
    "mallory": {"perceptron": HOSTILE, "weighted_sum": NAMES, "perceptron_update": ENDS},
}


@pytest.fixture(scope="module")
def classroom(class_of_stage_01, copy_of):
    classroom = copy_of(class_of_stage_01)
    for student, sources in STUDENTS.items():
        submit(classroom, STAGE, solved(STAGE, own=[f"# {student}"], **sources), student)
    grade_stage(classroom, STAGE, jobs=2)
    return classroom


def heard(classroom, student, *names):
    return appeal(classroom, STAGE, student, names, choose())


def run(*words):
    app = cli.typer.Typer()
    add_commands(app)
    return CliRunner().invoke(app, [str(word) for word in words])


def test_every_verdict_comes_again_and_every_case_is_shown(classroom):
    before = {path: path.stat().st_mtime_ns for path in classroom.root.rglob("*") if path.is_file()}
    for student in STUDENTS:
        found = heard(classroom, student)
        assert [one.verdict.exercise for one in found.exercises] == list(exercises.of_stage(STAGE))
        assert all(one.same for one in found.exercises)
        for one in found.exercises:
            rounds = {case.round for case in one.cases}
            done = {"right": {"visible", "hidden"}, "not attempted": set()}.get(one.verdict.status)
            assert done is None or rounds == done
    after = {path: path.stat().st_mtime_ns for path in classroom.root.rglob("*") if path.is_file()}
    assert {path for path in after if before.get(path) != after[path]} <= set(  # what the gate noted, written anew
        (classroom.state / "notes").rglob("*")
    )


def test_the_hidden_case_that_cost_the_points_is_there_with_its_words(classroom):
    (one,) = heard(classroom, "ben", "perceptron").exercises
    wrong = [case for case in one.cases if case.words]
    assert {case.round for case in wrong} == {"visible", "hidden"}
    assert all(case.label == "exactly on the threshold" for case in wrong)
    assert {(case.expected, case.got) for case in wrong} == {("1", "0")}
    assert wrong[1].words == ("returned 0, expected 1",)
    hidden = exercises.EXERCISES["perceptron"].sheet(one.seed)["cases"]
    assert [case.label for case in one.cases if case.round == "hidden"] == [entry["label"] for entry in hidden]
    assert one.verdict.misconceptions == ("> where ≥ is meant",)


def test_the_same_seed_every_time_and_another_for_another_submission(classroom):
    seeds = [heard(classroom, student, "perceptron").exercises[0].seed for student in ("ada", "ada", "ben")]
    assert seeds[0] == seeds[1] != seeds[2]


def test_nothing_a_submission_says_reaches_the_terminal_as_a_command(classroom):
    for words in (
        ("appeal", "01", "mallory", "--class", classroom.root),
        ("grade", "01", "--student", "mallory", "--class", classroom.root),
    ):
        said = run(*words)
        assert said.exit_code == 0, said.output
        assert not [c for c in said.output if c != "\n" and unicodedata.category(c).startswith("C")]
    said = run("appeal", "01", "mallory", "--class", classroom.root).output
    assert "raised ValueError: [2J]0;owned[bold]" in said
    assert "ended the Python process it ran in" in said
    assert "hidden cases were not tried" in said


def test_the_document_holds_all_of_it(classroom):
    said = run("appeal", "01", "cleo", "weighted_sum", "perceptron", "--class", classroom.root, "--json")
    assert said.exit_code == 0
    unwritten, right = json.loads(said.output)["exercises"]
    assert (unwritten["verdict"]["status"], unwritten["cases"], unwritten["before"]) == ("not attempted", [], 0.0)
    assert len(right["cases"]) == 16 and right["same"] is True


def test_a_persons_score_is_named_beside_the_graders(classroom):
    score_by_hand(classroom, "cleo", "weighted_sum", 1.5, "On paper it was right.")
    (one,) = heard(classroom, "cleo", "weighted_sum").exercises
    assert (one.before, one.by_hand, one.same) == (0.0, 1.5, True)
    said = run("appeal", "01", "cleo", "weighted_sum", "--class", classroom.root).output
    assert "gradebook  0, the same; a person gave 1.5, which counts" in said


def test_a_verdict_that_differs_says_what_has_changed(classroom, monkeypatch):
    known = exercises.EXERCISES["perceptron"]
    harder = replace(
        known, version=2, cases=lambda rng: [*known.cases(rng)[:-1], case("at nothing", [0.0], [0.0], 0.0)]
    )
    monkeypatch.setitem(exercises.EXERCISES, "perceptron", replace(harder, points={"value": 1.0}))
    (one,) = heard(classroom, "ada", "perceptron").exercises
    assert one.why == (
        "the exercise has version 2 now, it was 1",
        "the exercise is worth 1 points now, and 2 in the gradebook: release the stage again, then grade",
    )
    assert not one.same
    said = run("appeal", "01", "ada", "perceptron", "--class", classroom.root)
    assert said.exit_code == 1
    assert "gradebook  2, and that is another verdict" in said.output
    monkeypatch.setattr("grader.verdicts.code", lambda: "another")
    assert "the course's code, Python or what computes has changed since" in " ".join(
        heard(classroom, "ada", "perceptron").exercises[0].why
    )


def test_a_submission_that_was_changed_or_plays_with_chance_is_told_as_one(classroom):
    submit(classroom, STAGE, solved(STAGE, perceptron=GREATER), "eve")
    grade_stage(classroom, STAGE, only=["eve"])
    submit(classroom, STAGE, solved(STAGE), "eve")
    (one,) = heard(classroom, "eve", "perceptron").exercises
    assert one.why == ("the submission has changed since it was graded",)
    moody = "def perceptron(x, w, b):\n    import os, numpy as np\n    return os.urandom(8).hex()"
    submit(classroom, STAGE, solved(STAGE, perceptron=moody), "eve")
    grade_stage(classroom, STAGE, only=["eve"])
    (one,) = heard(classroom, "eve", "perceptron").exercises
    assert one.why == (CHANCE,)


def test_what_was_never_graded_is_replayed_all_the_same(classroom):
    submit(classroom, STAGE, solved(STAGE), "fay")
    (one,) = heard(classroom, "fay", "perceptron").exercises
    assert (one.before, one.same, one.verdict.status) == (None, False, "right")
    said = run("appeal", "01", "fay", "perceptron", "--class", classroom.root)
    assert said.exit_code == 1 and "nothing: it was never graded" in said.output


@pytest.mark.parametrize("graded", [False, True])
def test_of_a_notebook_that_cannot_be_read_there_is_nothing_to_replay(classroom, graded):
    submit(classroom, STAGE, b'{"cells": [', "gil")
    if graded:  # the gate has put a released notebook in its place by then
        (result,) = grade_stage(classroom, STAGE, only=["gil"])
        assert result.status == "not graded"
    with pytest.raises(
        BadInput, match=r"gil, 01_one_neuron cannot be graded: The notebook 01_one_neuron\.ipynb cannot be read \("
    ):
        heard(classroom, "gil")


def test_one_student_is_graded_again_and_nobody_else(classroom):
    places = {student: classroom.folder("autograded", STAGE, student) / f"{STAGE}.ipynb" for student in STUDENTS}
    before = {student: path.stat().st_mtime_ns for student, path in places.items()}
    unchanged = run("grade", "01", "--student", "ben", "--class", classroom.root, "--json")
    assert [one["student"] for one in json.loads(unchanged.output)["results"]] == ["ben"]
    assert {student: path.stat().st_mtime_ns for student, path in places.items()} == before
    again = run("grade", "01", "--student", "ben", "--again", "--class", classroom.root, "--json")
    assert again.output == unchanged.output
    assert {s for s, path in places.items() if path.stat().st_mtime_ns != before[s]} == {"ben"}
    assert records.load(classroom, STAGE, "ben").status == "graded"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("grade", "01", "--student", "zoe"), "zoe: no submission of 01_one_neuron"),
        (("appeal", "01", "zoe"), "zoe: no submission of 01_one_neuron"),
        (("appeal", "01", "ada", "conv2d"), "conv2d is no graded exercise of 01_one_neuron; there are weighted_sum,"),
        (("appeal", "all", "ada"), "one stage and one student"),
        (("appeal", "01", "../ada"), "one stage and one student"),
        (("appeal", "01", "ada", "--isolation", "hope"), "--isolation takes bubblewrap"),
        (("grade", "01", "--isolation", "hope"), "--isolation takes bubblewrap"),
        (("grade", "01", "--watch", "--json"), "leave out --json"),
        (("grade", "01", "--watch", "--again"), "leave out --again"),
    ],
    ids=" ".join,
)
def test_who_or_what_is_not_there_is_told_in_a_sentence(classroom, words, why):
    with pytest.raises(BadInput, match=why):
        raise run(*words, "--class", classroom.root).exception


def test_every_kind_of_case_can_be_shown(class_of_kinds):
    submit(class_of_kinds, KINDS_STAGE, solved(KINDS_STAGE), "ada")
    found = appeal(class_of_kinds, KINDS_STAGE, "ada", (), choose())
    for one in found.exercises:
        assert one.verdict.status == "right"
        assert {case.round for case in one.cases} == {"visible", "hidden"}
        assert all(case.call.startswith(one.verdict.exercise) and case.expected and case.got for case in one.cases)
