"""Hints lead to an answer and never hold it; what a learner's machine needs for them is in the answer sheet."""

from dataclasses import replace

import pytest

from course.wire import pack, unpack
from grader.aids import aids, formula, told_by_hints
from grader.exercises import EXERCISES
from grader.notebook import instructor_notebook, model_source, pieces, student_notebook
from tests.grader.kinds import KINDS

each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


@each_exercise
def test_every_exercise_has_a_ladder_unless_it_is_worked_out(exercise):
    assert len(exercise.hints) >= 2 or exercise.reveal == "worked"
    assert len(set(exercise.hints)) == len(exercise.hints)
    for step in exercise.hints:
        assert step == step.strip() and step[-1] in ".?)" and step.count("`") % 2 == 0
        assert 20 <= len(step) <= 320, "a hint is read at a glance"


@each_exercise
def test_no_hint_gives_the_answer_away(exercise):
    assert list(told_by_hints(exercise)) == []


@pytest.mark.parametrize("name", ["perceptron", "softmax", "dense_backward", "mlp_forward", "adam_step", "reduce_sum"])
def test_a_hint_that_holds_a_line_of_the_answer_is_found(name):
    exercise = EXERCISES[name]
    lines = [
        line
        for line in model_source(exercise.model, solution=True)[1].splitlines()
        if " = " in line or "return" in line
    ]
    shown = "\n".join(pieces(exercise)[1])
    secret = max((line.strip() for line in lines if line.strip() not in shown), key=len)
    for text in (
        secret,
        f"Write `{secret.replace(' ', '')}` there.",
        secret.removeprefix("return ").partition(" = ")[2] or secret,
    ):
        assert list(told_by_hints(replace(exercise, hints=("Think.", text)))), text


def test_a_hint_for_a_mistake_gives_no_answer_away_either():
    exercise = EXERCISES["relu"]
    (wrong, *others) = exercise.misconceptions
    telling = replace(wrong, hint="Write np.maximum(x, 0).")
    (found,) = told_by_hints(replace(exercise, misconceptions=(telling, *others)))
    assert found == f"relu: the hint for “{wrong.name}” gives `np.maximum(x,0)` away"


def test_what_a_stub_shows_may_be_said():
    exercise = EXERCISES["early_stop"]
    assert not list(told_by_hints(replace(exercise, hints=tuple(pieces(exercise)[1]))))


@each_exercise
def test_a_learners_machine_gets_hints_and_formula_in_the_sheet(exercise):
    made = unpack(pack(aids(exercise)))
    assert made["hints"] == list(exercise.hints) and made["reveal"] == exercise.reveal
    assert made["formula"] == formula(exercise.model) and "  " not in made["formula"].replace("   ", "")
    if exercise.reveal == "parsons":
        assert set(made["puzzle"]["lines"]) <= {
            line.strip() for line in model_source(exercise.model, solution=True)[1].splitlines()
        }
        assert f"def {exercise.name}(" in made["puzzle"]["head"] and "Raises" not in made["puzzle"]["head"]
    else:
        assert made["puzzle"] is None


def test_a_puzzle_stands_below_its_stub_and_nowhere_else():
    for stage in sorted({exercise.stage for exercise in EXERCISES.values()}):
        cells = student_notebook(instructor_notebook(stage)).cells
        ids = [cell.id for cell in cells]
        for name, exercise in EXERCISES.items():
            if exercise.stage == stage:
                place = ids.index(name)
                below = [f"puzzle-{name}"] * (exercise.reveal == "parsons") + [f"check-{name}"]
                assert ids[place + 1 : place + 1 + len(below)] == below


def test_the_small_exercises_of_every_kind_have_aids_too():
    for exercise in KINDS.values():
        assert set(aids(exercise)) == {"reveal", "hints", "formula", "puzzle"}
