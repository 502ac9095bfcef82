"""The worked example of course/README.md, done to a copy of the clone word for word; and a stage corrected mid-term."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from course import catalog, messages
from grader import exercises, release, stages
from grader.classroom import Classroom
from grader.grading import grade_stage, unchanged
from grader.notebook import instructor_notebook
from tests.grader.kinds import KINDS
from tests.grader.submissions import cell_of, released_unproved, solved, submit

ROOT = Path(__file__).parents[2]
README = (ROOT / "course" / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"`([\w/]+\.(?:py|json))`:\n\n```(?:python|json)\n(.*?)```", re.DOTALL)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
ROOMS = ("course", "solutions", "grader", "tests")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy of the clone, with the README's example in it; `run` runs a line there."""
    root = tmp_path_factory.mktemp("clone")
    for room in ROOMS:
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__", "*.nb[ic]"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root)
    for name, text in BLOCK.findall(README):
        path = root / name
        path.write_text((path.read_text() + "\n" + text) if path.exists() else text)
    return root


def run(clone, *line, expected=0):
    words = [sys.executable, *line[1:]] if line[0] == "python" else [sys.executable, "-m", "course.cli", *line[1:]]
    env = os.environ | {"PYTHONPATH": str(clone), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, cwd=clone, env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout


def test_the_example_has_its_four_files():
    names = [name for name, _ in BLOCK.findall(README)]
    assert names == [
        "solutions/margin.py",
        "grader/exercises/margin.py",
        "course/stages/01_one_neuron.py",
        "course/translation.json",
    ]


def test_the_example_runs_and_prints_what_the_page_shows(clone):
    (shown,) = CONSOLE.findall(README)
    tests, released = [part.strip().splitlines() for part in shown.split("$ ")[1:]]
    assert "passed" in run(clone, *tests[0].split(), "-p", "no:cacheprovider", "-n", "0")
    said = run(clone, *released[0].split()).replace(f"{clone}/", "")
    assert [line.rstrip() for line in said.splitlines()] == [line.rstrip() for line in released[1:]]
    student = json.loads((clone / "class/release/01_one_neuron/01_one_neuron.ipynb").read_text())
    assert {"margin-intro", "margin", "check-margin"} <= {cell["id"] for cell in student["cells"]}


def test_the_translation_is_what_checks_say(clone):
    program = (
        "from course.messages import say; print(say('right', exercise='f', total=3)); print(say('died', message='x'))"
    )
    assert run(clone, "python", "-c", program).splitlines() == [
        "f: richtig. Alle 3 Fälle stimmen.",
        "ended the Python process it ran in (x)",
    ]


def test_a_translation_that_does_not_fit_is_refused_before_anything_is_released():
    found = list(messages.faults_of({"right": "{exercise} {totl}", "rihgt": "x", "died": "{message"}))
    none = "there is no message 'rihgt'; did you mean 'right'?"
    assert [line.split(":")[0] for line in found] == ["'died'", "'right'", "'right'", none]
    assert list(messages.faults_of(messages.MESSAGES)) == []


def test_a_file_that_is_no_translation_says_so(tmp_path):
    (tmp_path / "translation.json").write_text('["right"]')
    with pytest.raises(ValueError, match="not of the form"):
        messages.translation(tmp_path / "translation.json")
    assert messages.translation(tmp_path / "none.json") == {}


def test_a_dropped_lesson_is_gone_from_the_map_and_from_all(clone):
    (clone / "course/stages/14_transfer.py").unlink()
    path = clone / "course/catalog.py"
    line = next(line for line in path.read_text().splitlines() if "14_transfer" in line)
    path.write_text(path.read_text().replace(line + "\n", ""))
    program = (
        "from grader.stages import resolve\nfrom course.coursemap import survey\n"
        "print(len(resolve(['all'])), [s.stage.number for s in survey('.')])"
    )
    said = run(clone, "python", "-c", program)
    assert said.startswith(f"{len(catalog.STAGES) - 1} ") and "'13', '15'" in said
    waiting = next(name for name, exercise in exercises.EXERCISES.items() if exercise.stage == "14_transfer")
    promises = ("tests/grader/test_promises.py", "-k", waiting, "-p", "no:cacheprovider", "-n", "0")
    assert "There is no course/stages/14_transfer.py" in run(clone, "python", "-m", "pytest", "-q", *promises)


STAGE = "00_corrected"
SOURCE = """\
# %% [markdown] id="title"
# {points} points.

# %% [markdown] id="prose"
# Mulitply.

# %% role="setup" id="imports"
import numpy as np

from course import check

# %% exercise="scale"
"""
FLOAT64 = """\
def scale(x, factor):
    return {"scaled": x.astype(float) * factor, "largest": float(np.max(x * factor))}
"""


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """A stage of one exercise, and a function that corrects it."""
    folder = tmp_path / "stages"
    folder.mkdir()
    monkeypatch.setattr(stages, "FOLDER", folder)

    def put(source, **registered):
        (folder / f"{STAGE}.py").write_text(source)
        for name, exercise in registered.items():
            monkeypatch.setitem(exercises.EXERCISES, name, replace(exercise, stage=STAGE))
        release.sheet_files.cache_clear()

    put(SOURCE, scale=KINDS["scale"])
    yield put
    release.sheet_files.cache_clear()


def test_what_was_submitted_stays_valid_when_its_stage_is_corrected(stage, tmp_path):
    classroom = Classroom(tmp_path / "class").create()
    first = release.release(classroom, STAGE)
    submit(classroom, STAGE, solved(STAGE, own=["mine = 1"]), "ada")
    submit(classroom, STAGE, solved(STAGE, scale=FLOAT64), "ben")
    before = {result.student: result for result in grade_stage(classroom, STAGE, jobs=1)}
    assert (before["ada"].points, before["ada"].maximum, before["ben"].points) == (2, 2, 1.5)
    assert unchanged(classroom, classroom.api(), STAGE, "ben") == before["ben"]

    worth_more = replace(KINDS["scale"], points={"value": 3, "shape": 0.5, "stability": 0.25, "purity": 0.25})
    stage(SOURCE.replace("Mulitply", "Multiply"), scale=worth_more)
    assert unchanged(classroom, classroom.api(), STAGE, "ben") is None, "other points are reason enough to grade again"
    second = release.release(classroom, STAGE)
    assert second["points"] == 4 and first["files"] != second["files"]

    after = {result.student: result for result in grade_stage(classroom, STAGE, jobs=1)}
    assert {result.status for result in after.values()} == {"graded"}
    assert (after["ada"].points, after["ada"].maximum) == (4, 4)
    assert after["ben"].points == 3.5
    feedback = (classroom.folder("feedback", STAGE, "ada") / f"{STAGE}.html").read_text()
    assert "About your submission" not in feedback  # nothing of it was missing, double or put back


def test_what_a_stage_asks_for_stays_once_somebody_has_submitted(stage, tmp_path):
    def everything():
        return {step: release.read_folder(classroom.root / step) for step in ("source", "release", "dist")}

    classroom = Classroom(tmp_path / "class").create()
    release.release(classroom, STAGE)
    stage(SOURCE + '\n# %% exercise="slope"\n', slope=KINDS["slope"])
    release.release(classroom, STAGE)  # nobody has
    submit(classroom, STAGE, solved(STAGE), "ada")
    grade_stage(classroom, STAGE, jobs=1)
    before = everything()
    stage(SOURCE + '\n# %% exercise="shuffled"\n', shuffled=KINDS["shuffled"])
    exercises.EXERCISES["slope"] = replace(KINDS["slope"], stage="elsewhere")
    with pytest.raises(release.NotReleased) as stopped:
        release.release(classroom, STAGE)
    assert [fault.split(", and")[0] for fault in stopped.value.faults] == [
        f"{STAGE}.ipynb, cell shuffled: is new",
        f"{STAGE}.ipynb, cell slope: is gone",
    ]
    assert everything() == before


def test_points_of_a_stage_are_those_of_its_exercises(stage):
    stage(SOURCE, scale=replace(KINDS["scale"], points={"value": 5}))
    notebook = instructor_notebook(STAGE)
    assert "5 points" in cell_of(notebook, "title").source
    assert cell_of(notebook, "check-scale").metadata.nbgrader.points == 5


class TestTerms:
    """Due date, lateness, attempts: in the class's own nbgrader_config.py and gradebook."""

    @pytest.fixture
    def classroom(self, stage, tmp_path):
        classroom = Classroom(tmp_path / "class").create()
        released_unproved(classroom, STAGE)
        return classroom

    def nbgrader(self, classroom, *line):
        command = [sys.executable, "-m", "nbgrader", *line]
        done = subprocess.run(command, cwd=classroom.root, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr

    def test_a_due_date_stays_when_the_stage_is_released_again(self, classroom):
        self.nbgrader(classroom, "db", "assignment", "add", STAGE, "--duedate=2027-03-01 18:00:00 UTC")
        released_unproved(classroom, STAGE)
        api = classroom.api()
        with api.gradebook as gradebook:
            assert gradebook.find_assignment(STAGE).duedate == datetime(2027, 3, 1, 18)

    def test_what_comes_after_the_last_attempt_is_left_alone(self, classroom):
        with (classroom.root / "nbgrader_config.py").open("a") as config:
            config.write(f'c.Collect.attempts = {{"{STAGE}": 2, "*": 5}}\n')
        inbound = classroom.root / "exchange" / "threshold" / "inbound"
        for attempt in (1, 2, 3):
            when = datetime(2027, 3, 1, 12) + timedelta(hours=attempt)
            folder = inbound / f"ada+{STAGE}+{when:%Y-%m-%d %H:%M:%S.%f} UTC+x"
            shutil.copytree(classroom.folder("release", STAGE), folder)
            (folder / f"{STAGE}.ipynb").write_text(json.dumps(solved(STAGE, own=[f"attempt = {attempt}"])))
        grade_stage(classroom, STAGE, jobs=1)
        kept = (classroom.folder("submitted", STAGE, "ada") / f"{STAGE}.ipynb").read_text()
        assert "attempt = 2" in kept and "attempt = 3" not in kept
