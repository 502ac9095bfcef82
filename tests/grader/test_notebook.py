"""From a stage's source to the instructor's and the student's notebook."""

import re
from dataclasses import replace

import nbformat
import numpy as np
import pytest

from grader import stages
from grader.exercise import BadExercise, Exercise, case
from grader.exercises import EXERCISES
from grader.notebook import (
    STUB,
    SourceFault,
    _check_cell,
    _solution_cell,
    instructor_notebook,
    model_source,
    scaffold,
    student_notebook,
    to_bytes,
)
from grader.release import student_files
from tests.grader.kinds import KINDS


def test_a_marker_becomes_the_function_and_a_locked_check(stage_of_kinds):
    notebook = instructor_notebook(stage_of_kinds)
    cells = {cell.id: cell for cell in notebook.cells}
    assert "### BEGIN SOLUTION\n    return rng.permutation(n)\n    ### END SOLUTION" in cells["shuffled"].source
    assert cells["check-shuffled"].source == "check(shuffled)"
    marks = cells["check-shuffled"].metadata["nbgrader"]
    assert (marks["grade"], marks["locked"], marks["points"]) == (True, True, 1.0)


def test_the_student_sees_signature_docstring_and_stub(stage_of_kinds):
    notebook = student_notebook(instructor_notebook(stage_of_kinds))
    cells = {cell.id: cell for cell in notebook.cells}
    assert cells["shuffled"].source == (
        "def shuffled(n, rng):\n"
        '    """0 … n−1 in the generator\'s order"""\n'
        "    raise NotImplementedError  # your code replaces this line"
    )


def test_points_are_filled_in(stage_of_kinds):
    total = sum(sum(exercise.points.values()) for exercise in KINDS.values())
    assert f"{total:g} points" in instructor_notebook(stage_of_kinds).cells[0].source


def test_both_notebooks_are_valid_and_the_same_to_the_byte_every_time(stage_of_kinds):
    notebook = instructor_notebook(stage_of_kinds)
    nbformat.validate(notebook)
    nbformat.validate(student_notebook(notebook))
    assert to_bytes(notebook) == to_bytes(instructor_notebook(stage_of_kinds))
    assert student_files(stage_of_kinds) == student_files(stage_of_kinds)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_a_stub_is_the_models_signature_and_docstring_and_nothing_of_its_body(exercise):
    head, stub = model_source(exercise.model, solution=False)
    _, body = model_source(exercise.model, solution=True)
    assert re.match(rf"(@njit.*\n)?def {exercise.name}\(", head)
    assert " ".join(exercise.model.__doc__.splitlines()[0].split()) in " ".join(head.split())
    assert body not in head + stub


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('# %% exercise="nobody"\n', "no exercise of this stage"),
        ('# %% exercise="scale"\n\n# %% exercise="scale"\n', "used twice"),
        ("# %%\n1 + 1\n", 'no cell for the exercises .*; write `# %% exercise="'),
    ],
    ids=["unknown", "twice", "forgotten"],
)
def test_a_source_that_cannot_become_a_notebook_says_which_cell(
    stage_of_kinds, monkeypatch, tmp_path, source, complaint
):
    (tmp_path / f"{stage_of_kinds}.py").write_text(source)
    monkeypatch.setattr(stages, "FOLDER", tmp_path)
    with pytest.raises(SourceFault, match=complaint):
        instructor_notebook(stage_of_kinds)


def revealed(how, **extras):
    """The source of the stub of one exercise under another `reveal`."""
    points = {} if how == "worked" else {"value": 1}
    exercise = replace(KINDS["scale"], reveal=how, points=points, **extras)
    cell = _solution_cell(exercise)
    notebook = nbformat.v4.new_notebook(cells=[cell, _check_cell(exercise)])
    return student_notebook(notebook).cells


def test_a_worked_exercise_shows_its_body_and_is_not_graded():
    cell, check = revealed("worked")
    assert "return {" in cell.source
    assert "nbgrader" not in cell.metadata
    assert "nbgrader" not in check.metadata


def test_fill_in_cuts_its_blanks_out_of_the_body():
    cell, _ = revealed("fill_in", blanks=("x * factor",))
    assert "\n    # return {" in cell.source, "without the # and its space, a line stands where a body does"
    assert "____" in cell.source
    assert "x * factor" not in cell.source
    assert STUB in cell.source


def test_parsons_shows_every_line_of_the_body_out_of_order():
    exercise = replace(KINDS["slope"], reveal="parsons")
    lines = scaffold(exercise, model_source(exercise.model, solution=True)[1])[1:-1]
    told = [line.removeprefix("    #").strip() for line in lines]
    body = [line.strip() for line in model_source(exercise.model, solution=True)[1].splitlines()]
    assert sorted(told) == sorted(body)
    assert told != body


def test_a_blank_that_is_not_in_the_body_is_a_fault():
    with pytest.raises(SourceFault, match="not in the model answer"):
        revealed("fill_in", blanks=("x / factor",))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "valeu"}, "kind names 'valeu'; there are value, callable"),
        ({"reveal": "all"}, "reveal names 'all'; there are none, parsons"),
        ({"points": {"value": 1, "style": 1}}, "points names 'style'; there are value"),
        ({"points": {"shape": 1}}, "points must contain 'value'"),
        ({"points": {"value": "1"}}, "points holds '1', which is no number"),
        ({"points": 2}, "points is 2; say what for, as in {'value': 1.5"),
        ({"reference": np}, "reference is no function; of a module take the function in it, truth.relu"),
        ({"name": "rellu"}, "rellu: the function is called 'relu'"),
        ({"points": {"value": 1}, "reveal": "worked"}, "a worked exercise carries no points"),
        ({"blanks": ("x",)}, "blanks belong to reveal='fill_in'"),
        ({"cases": [case("a", 1.0)]}, "cases is no function; write one that takes rng"),
        ({"hints": "What comes out for 3?"}, "hints is no tuple of str; one alone has a comma behind it"),
        ({"misconceptions": EXERCISES["relu"].misconceptions[0]}, "misconceptions is no tuple of Misconception"),
    ],
)
def test_an_exercise_says_what_of_its_declaration_cannot_be_meant(wrong, said):
    with pytest.raises(BadExercise, match=said):
        replace(EXERCISES["relu"], **wrong)


@pytest.mark.parametrize("made", [np.ones(3), case(np.ones(3))], ids=["bare arguments", "no words"])
def test_what_is_no_case_is_shown(made):
    with pytest.raises(BadExercise, match=r'relu: cases returns .*; write case."in words"'):
        replace(EXERCISES["relu"], cases=lambda rng: [made]).sheet("any")


def test_an_exercise_without_points_says_so_in_a_sentence():
    known = EXERCISES["relu"]
    with pytest.raises(BadExercise, match="relu: points must contain 'value'"):
        Exercise(known.name, known.stage, known.reference, known.cases)
