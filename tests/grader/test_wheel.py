"""The course as one file: tried in an environment of its own, and read for answers like any release."""

import io
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from grader import leaks
from grader import wheel as work
from grader.exercises import EXERCISES
from grader.notebook import model_source
from grader.release import student_files

ROOT = Path(__file__).parents[2]
STAGE = "01_one_neuron"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel():
    """(name, bytes) of a wheel of two stages."""
    return work.build_wheel({stage: student_files(stage) for stage in (STAGE, "03_networks")})


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The wheel that `pip wheel .` makes."""
    folder = tmp_path_factory.mktemp("plain")
    line = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation", "-w"]
    subprocess.run([*line, str(folder), str(ROOT)], check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path.name, path.read_bytes()


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A function that installs a wheel in a fresh environment; dependencies are lent, the clone is not."""

    def make(wheel):
        folder = tmp_path_factory.mktemp("fresh")
        python = folder / "env" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
        lent = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True
        ).stdout.strip()
        (Path(lent) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
        (folder / wheel[0]).write_bytes(wheel[1])
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index"]
        subprocess.run([*pip, str(folder / wheel[0])], check=True, capture_output=True)
        return folder

    return make


@pytest.fixture(scope="module")
def learner(environment, wheel):
    """A learner's machine with the course wheel on it."""
    return environment(wheel)


def run(folder, *line, expected=0, **settings):
    """Run a program of a fresh environment in an empty folder; what it printed."""
    place = folder / "work"
    place.mkdir(exist_ok=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | settings
    done = subprocess.run(
        [folder / "env" / "bin" / line[0], *line[1:]], cwd=place, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == expected, done.stderr
    return done.stdout + done.stderr


def content_of(wheel):
    with zipfile.ZipFile(io.BytesIO(wheel[1])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_is_the_same_to_the_byte_every_time(wheel):
    files = {stage: student_files(stage) for stage in (STAGE, "03_networks")}
    assert work.build_wheel(files) == wheel


def test_a_corrected_stage_is_another_version(wheel):
    files = {
        STAGE: student_files(STAGE) | {"checks/more.safetensors": b"x"},
        "03_networks": student_files("03_networks"),
    }
    name, _ = work.build_wheel(files)
    assert name != wheel[0] and name.split("+")[0] == wheel[0].split("+")[0]


def test_it_holds_the_kit_and_what_students_get(wheel):
    held = content_of(wheel)
    for name, content in student_files(STAGE).items():
        assert held[f"course/baked/{STAGE}/{name}"] == content
    assert {name.split("/")[0].split("-")[0] for name in held} == {"course", "threshold_course"}
    assert "course/check.py" in held and not any(name.startswith("course/stages/") for name in held)


def test_nothing_leaks(wheel):
    assert list(work.leaks_of_wheel(wheel[1], [b"5ec2e7" * 10], ["/srv/classes"])) == []


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        ("course/stages/01_one_neuron.py", b"", "a stage's source tells where its answers are"),
        ("solutions/dense.py", b"", "this kind of file has no place in a release"),
        ("course/twins.so", b"", "this kind of file has no place in a release"),
        ("course/__pycache__/check.pyc", b"\xa7\r\r\n", "is compiled Python"),
        ("course/seed.txt", b"5ec2e7" * 10, "contains the class secret"),
        ("course/where.txt", b"see /home/ada/answers", "contains the path of somebody's folder, /home/ada"),
        ("course/where.txt", str(ROOT).encode(), f"contains a path of this machine, {ROOT}"),
        (f"course/baked/{STAGE}/checks/perceptron.safetensors", b"", "is no answer sheet (WireError)"),
        (f"course/baked/{STAGE}/notes.md", b"", "this kind of file has no place in a release"),
    ],
)
def test_what_is_planted_in_it_is_found(wheel, path, content, told):
    spoiled = io.BytesIO()
    with zipfile.ZipFile(spoiled, "w") as archive:
        for name, data in (content_of(wheel) | {path: content}).items():
            archive.writestr(name, data)
    found = list(work.leaks_of_wheel(spoiled.getvalue(), [b"5ec2e7" * 10]))
    assert f"{path}: {told}" in found


def test_an_answer_in_the_kit_is_found(wheel):
    kit = {name: content for name, content in content_of(wheel).items() if name.startswith("course/check")}
    assert list(leaks.answers_in_kit(kit, [STAGE])) == []
    body = model_source(EXERCISES["perceptron_train"].model, solution=True)[1]
    kit["course/check.py"] += f"\n\ndef _helper(X, y):\n{body}\n".encode()
    assert list(leaks.answers_in_kit(kit, [STAGE])) == ["course/check.py: contains the solution of perceptron_train"]


class TestFreshEnvironment:
    def test_learn_builds_the_whole_workspace(self, learner, wheel):
        home = learner / "home"
        # JupyterLab itself is not the matter here: a stand-in says that it was asked for.
        said = run(learner, "python", "-c", SERVE_NOTHING, HOME=str(home))
        assert "New: 01_one_neuron, 03_networks" in said and "stand-in for JupyterLab" in said
        baked = {name: content for name, content in content_of(wheel).items() if name.startswith("course/baked/")}
        assert {name.split("/")[2] for name in baked} == {STAGE, "03_networks"}
        for name, content in baked.items():
            there = (learner / "work" / "workspace" / name.removeprefix("course/baked/")).read_bytes()
            if name.endswith(".ipynb"):  # a workspace fills in what this machine's kernel says of itself
                assert json.loads(there)["cells"] == json.loads(content)["cells"]
            else:
                assert there == content
        assert "2 stages, up to date." in run(learner, "python", "-c", SERVE_NOTHING, HOME=str(home))

    def test_check_works_there(self, learner):
        run(learner, "python", "-c", SERVE_NOTHING)
        said = run(learner, "python", "-c", CHECKS)
        assert "weighted_sum: right" in said
        assert "not written yet" in said
        assert "A known slip gives exactly this" in said

    @pytest.mark.parametrize("room", ["solutions", "grader", "tests"])
    def test_no_other_room_can_be_imported(self, learner, room):
        said = run(learner, "python", "-c", f"import {room}", expected=1)
        assert f"No module named '{room}'" in said

    def test_no_answer_is_on_the_disk(self, learner):
        package = run(learner, "python", "-c", "import course; print(course.__path__[0])").strip()
        assert Path(package).is_relative_to(learner)
        names = {path.relative_to(package).parts[0] for path in Path(package).rglob("*") if path.is_file()}
        assert "baked" in names and "stages" not in names

    def test_the_instructors_commands_are_not_offered(self, learner):
        said = run(learner, "threshold", "--help")
        assert "learn" in said and "release" not in said


def test_a_plain_wheel_holds_the_kit_alone_and_says_which_file_to_install(plain, environment):
    held = content_of(plain)
    assert not any(name.startswith(("course/baked/", "course/stages/", "grader", "solutions")) for name in held)
    assert "course/check.py" in held
    said = run(environment(plain), "threshold", "learn", "--no-browser", expected=2)
    assert "install the course wheel that your instructor made with `threshold release all --wheel`" in said


def test_the_command_builds_it_beside_the_zips_and_not_where_a_proof_fails(tmp_path):
    folder = tmp_path / "class"

    def command(*line, expected=0):
        done = subprocess.run(
            [sys.executable, "-m", "course.cli", "release", *line, "--class", str(folder), "--json"],
            capture_output=True, text=True, cwd=tmp_path, timeout=300, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.returncode == expected, done.stdout + done.stderr
        return json.loads(done.stdout)

    said = command(STAGE, "--wheel")
    path = folder / "dist" / said["wheel"]["name"]
    assert said["faults"] == {} and said["wheel"]["stages"] == [STAGE]
    assert list(work.leaks_of_wheel(path.read_bytes())) == []
    assert [each.name for each in folder.glob("dist/*.whl")] == [path.name]


SERVE_NOTHING = """
import sys
from course import cli, lab
lab.serve = lambda folder, page, **options: print("stand-in for JupyterLab:", page) or 0
sys.argv = ["threshold", "learn", "--no-browser"]
cli.main()
"""

CHECKS = """
import os
import numpy as np
from course import check
from course.check import CheckFailed

os.chdir("workspace/01_one_neuron")

def weighted_sum(x, w):
    return np.sum(x * w)

check(weighted_sum)

def perceptron(x, w, b):
    raise NotImplementedError

try:
    check(perceptron)
except CheckFailed as stopped:
    print(stopped)

def perceptron(x, w, b):
    return 1 if np.sum(x * w) + b > 0 else 0

try:
    check(perceptron)
except CheckFailed as stopped:
    print(stopped)
"""
