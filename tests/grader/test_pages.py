"""What grader/README.md shows is what its commands print; and the instructor's material says what is true."""

import json
import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from course.catalog import STAGES
from course.errors import BadInput
from grader import material
from grader.classroom import Classroom
from grader.exercises import EXERCISES, of_stage
from grader.notebook import instructor_notebook
from tests.grader.submissions import solved, submit

ROOT = Path(__file__).parents[2]
STAGE = "01_one_neuron"
PAGE = (ROOT / "grader" / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```console\n\$ (.+)\n((?:.+\n)*)```", PAGE)
FIRMER = "def perceptron(x, w, b):\n    return 1 if np.sum(x * w) + b > 0 else 0"


def printed(line, folder):
    """What a line of the page prints, run in an empty folder."""
    program, *rest = shlex.split(line)
    words = [sys.executable, "-m", "course.cli" if program == "threshold" else program, *rest]
    place = folder / "class" if program == "nbgrader" else folder
    env = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    done = subprocess.run(words, cwd=place, env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.replace(f"{folder}/", "")
    return [re.sub(r"course[0-9a-f]{10}", "course…", each).rstrip() for each in said.splitlines()]


@pytest.mark.slow
def test_every_command_of_the_page_prints_what_the_page_shows(tmp_path):
    assert [line.split()[:2] for line, _ in SHOWN] == [
        ["threshold", "release"],
        ["threshold", "material"],
        ["nbgrader", "db"],
        ["threshold", "grade"],
    ]
    for line, shown in SHOWN:
        if line.startswith("threshold grade"):
            classroom = Classroom(tmp_path / "class")
            submit(classroom, STAGE, solved(STAGE), "ada")
            submit(classroom, STAGE, solved(STAGE, perceptron=FIRMER), "ben")
        assert printed(line, tmp_path) == shown.splitlines()


LESSONS = [entry.name for entry in STAGES]  # another test may have registered a stage of its own


@pytest.fixture(scope="module")
def texts():
    notebooks = {stage: instructor_notebook(stage) for stage in LESSONS}
    return {
        "syllabus": material.syllabus(notebooks),
        "rubrics": material.rubrics(notebooks),
        "quiz_key": material.quiz_key(LESSONS),
    }


def test_the_syllabus_has_every_stage_with_its_minutes_points_and_goals(texts):
    total = 0.0
    for entry in STAGES:
        points = material.points_of(instructor_notebook(entry.name))
        total += points
        row = rf"^\| {entry.number} \| {re.escape(entry.title)} \| {entry.minutes} \| {points:g} \| \d+ \|$"
        assert re.search(row, texts["syllabus"], re.MULTILINE)
    assert f"| **all** | **{sum(entry.minutes for entry in STAGES)}** | **{total:g}** |" in texts["syllabus"]
    assert texts["syllabus"].count("You will be able to\n\n- ") == len(STAGES)


def test_the_rubrics_have_every_exercise_and_every_known_mistake(texts):
    for exercise in EXERCISES.values():
        if exercise.stage in LESSONS:
            assert f"### `{exercise.name}` · " in texts["rubrics"]
            for wrong in exercise.misconceptions:
                assert f"- *{wrong.name}*: {wrong.hint}" in texts["rubrics"]
    assert "### report · 20 points, by a person\n\n**Notes for whoever grades this.**" in texts["rubrics"]


def test_the_quiz_key_marks_one_right_choice_for_each_question(texts):
    questions = re.findall(r"^\d+\. \[\d\d\] ", texts["quiz_key"], re.MULTILINE)
    assert len(questions) == len(re.findall(r"^   - \*\*[a-z]\) ", texts["quiz_key"], re.MULTILINE)) >= 6 * len(STAGES)


def test_the_material_lies_in_a_closed_folder_with_solved_notebooks(tmp_path):
    classroom = Classroom(tmp_path / "class").create()
    folder = material.put_material(classroom, [STAGE])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and folder.parent == classroom.root
    book = json.loads((folder / "solved" / STAGE / f"{STAGE}.ipynb").read_text())
    text = "".join("".join(cell["source"]) for cell in book["cells"])
    assert text.count("### BEGIN SOLUTION") == len(of_stage(STAGE))
    assert (folder / "solved" / STAGE / "checks" / "perceptron.safetensors").is_file()
    assert not any((classroom.root / name).exists() for name in ("release", "dist", "source"))


@pytest.mark.parametrize("name", material.HANDED_OUT)
def test_it_never_goes_where_students_get_things_from(tmp_path, name):
    classroom = Classroom(tmp_path / "class").create()
    (tmp_path / "link").symlink_to(classroom.root / name)
    for folder in (classroom.root / name, classroom.root / name / "deeper", tmp_path / "link"):
        with pytest.raises(BadInput, match="choose another"):
            material.put_material(classroom, [STAGE], folder)
    assert not list((classroom.root / name).rglob("*.md"))
