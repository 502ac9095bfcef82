"""What grader/README.md shows is what its commands print; and the instructor's material says what is true."""

import json
import os
import re
import shlex
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from course.catalog import STAGES
from course.errors import BadInput
from grader import commands, material
from grader.classroom import Classroom
from grader.exercises import EXERCISES, of_stage
from grader.notebook import instructor_notebook, to_bytes
from tests.grader.submissions import solved, submit

ROOT = Path(__file__).parents[2]
STAGE = "01_one_neuron"
PAGE = (ROOT / "grader" / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ ([^\n]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FIRMER = "def perceptron(x, w, b):\n    return 1 if np.sum(x * w) + b > 0 else 0"
APART = "def weighted_sum(x, w):\n    return x * w"
NOT_ALL_WELL = {"threshold grade 01": 1, "cd class && threshold doctor": 1}  # lines of the page that end with code 1


def printed(line, folder):
    """What a line of the page prints, run in an empty folder. Names of the folder and of this machine's Python go."""
    words, place = line.removeprefix("cd class && "), folder / "class" if line.startswith("cd ") else folder
    program, *rest = shlex.split(words)
    run = [sys.executable, "-m", "course.cli", *rest] if program == "threshold" else [program, *rest]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # an environment need not be activated
    env = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "220", "NO_COLOR": "1"}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
    with subprocess.Popen(run, cwd=place, env=env, preexec_fn=_mind_ctrl_c, **options) as running:
        said = []
        for each in running.stdout:
            said.append(each.replace(f"{folder}/", "").rstrip())
            if address := re.fullmatch(r"\s*(http://127\.0\.0\.1:\d+)/lab(\?token=\w+)\n", each):
                answers("{}/api/status{}".format(*address.groups()))
                os.killpg(running.pid, signal.SIGINT)  # what Ctrl+C sends
        assert running.wait(60) == NOT_ALL_WELL.get(line, 0), said
    return "\n".join(said)


def _mind_ctrl_c():
    """Whatever is started in the background, as this may be, inherits that it is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def answers(address, seconds=60):
    """Wait until JupyterLab, whose address was printed, does."""
    for _ in range(seconds * 5):
        try:
            with urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer from {address}")


def is_shown(said, shown):
    """Whether a page shows what was said. There … stands for anything in a line, alone on a line for any lines."""
    lines = [
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n" for line in shown.splitlines()
    ]
    return re.fullmatch("".join(lines), f"{said}\n" if said else "")


def happens_before(line, classroom):
    """What the page tells between its commands."""
    if line == "threshold grade 01":
        submit(classroom, STAGE, solved(STAGE), "ada")
        submit(classroom, STAGE, solved(STAGE, perceptron=FIRMER), "ben")
        submit(classroom, STAGE, solved(STAGE, perceptron=FIRMER, weighted_sum=APART), "cleo")
        submit(classroom, STAGE, to_bytes(solved(STAGE))[:9000], "dora")
    elif line == "threshold grade 01 --student dora":
        submit(classroom, STAGE, solved(STAGE, perceptron_train=None), "dora")
    elif line == "cd class && threshold doctor":
        classroom.root.chmod(0o755)


@pytest.mark.slow
def test_every_command_of_the_page_prints_what_the_page_shows(tmp_path):
    for line, shown in SHOWN:
        happens_before(line, Classroom(tmp_path / "class"))
        said = printed(line, tmp_path)
        assert is_shown(said, shown), f"$ {line}\n{said}"


def test_every_command_that_the_page_names_is_shown_on_it():
    prose = re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`((?:threshold|nbgrader) \w+)", prose))
    named |= {f"threshold {name}" for name in commands.COMMANDS} | {"threshold doctor"}
    run = {" ".join(line.removeprefix("cd class && ").split()[:2]) for line, _ in SHOWN}
    assert named <= run


@pytest.mark.parametrize(
    ("said", "shown", "same"),
    [
        ("a 1\nb", "a 1\nb\n", True),
        ("a 1\nb", "a …\nb\n", True),
        ("a\nb\nc", "a\n…\nc\n", True),
        ("a\n\nc", "a\n\nc\n", True),
        ("", "", True),
        ("a 1\nb", "a 2\nb\n", False),
        ("a\nb\nc", "a\n…\nd\n", False),
        ("a\nb\nc", "a\nc\n", False),
        ("a", "", False),
    ],
)
def test_a_page_shows_what_was_said_and_nothing_else(said, shown, same):
    assert bool(is_shown(said, shown)) is same


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
