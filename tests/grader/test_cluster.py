"""Grading on a cluster: a real scheduler and two workers on loopback, one of them killed in the middle, the same gradebook."""

import gc
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path

import pytest

from course.errors import BadInput
from grader import challenge, verdicts
from grader.ahead import Ahead
from grader.grading import grade_stage
from grader.sandbox import NoIsolation, choose
from tests.grader.submissions import solved, submit
from tests.grader.test_class import CLONE, GREATER, wait_for

pytest.importorskip("distributed", reason="Dask is not installed: pip install -e '.[cluster]'")
from distributed import Client
from distributed.scheduler import KilledWorker

from grader import cluster

pytestmark = pytest.mark.slow

STAGE = "01_one_neuron"
KINDS_OF_WORK = (
    {},
    {"perceptron": GREATER},
    {"weighted_sum": None},
    {"perceptron_train": "def perceptron_train(*_):\n    import os\n    os._exit(1)"},
)
STUDENTS = {f"student{i}": KINDS_OF_WORK[i % 4] for i in range(8)}


def hand_in(classroom):
    for student, sources in STUDENTS.items():
        submit(classroom, STAGE, solved(STAGE, own=[f"# {student[-1]}"], **sources), student)
    return classroom


@pytest.fixture(scope="module")
def alone(class_of_stage_01, copy_of):
    """What this machine makes of the class without a cluster."""
    return grade_stage(hand_in(copy_of(class_of_stage_01)), STAGE, jobs=2)


@contextmanager
def dask(*words, log):
    """A process of Dask, killed at the end with all it started."""
    env = {**os.environ, "PYTHONPATH": str(CLONE)}
    with open(log, "wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words], env=env, stdout=file, stderr=file, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def scheduler(tmp_path):
    """(the process, its address), on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show")
    with dask(*words, log=tmp_path / "scheduler.log") as process:
        wait_for(lambda: is_open(port))
        yield process, f"tcp://127.0.0.1:{port}"


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def workers(scheduler, tmp_path):
    """(two worker processes, the scheduler's address)."""
    quiet = ("--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard")
    logs = [tmp_path / f"worker{i}.log" for i in range(2)]
    with (
        dask("worker", scheduler[1], *quiet, "--local-directory", str(tmp_path / "0"), log=logs[0]) as one,
        dask("worker", scheduler[1], *quiet, "--local-directory", str(tmp_path / "1"), log=logs[1]) as other,
    ):
        wait_for(lambda: all("Registered to" in log.read_text() for log in logs))
        yield (one, other), scheduler[1]


def test_a_worker_killed_in_the_middle_and_the_gradebook_is_that_of_grading_alone(
    workers, alone, class_of_stage_01, copy_of
):
    processes, address = workers
    classroom = hand_in(copy_of(class_of_stage_01))
    told, alive = [], []

    def progress(student, of):
        if processes[0].poll() is None:
            processes[0].kill()
            processes[0].wait()

    with cluster.connect(address, choose()) as found:
        ask = found.client.submit
        found.client.submit = lambda function, work, **options: (told.append(work), ask(function, work, **options))[1]
        results = grade_stage(classroom, STAGE, pool=found.grade_ahead, progress=progress)
        alive = found.client.nthreads()
    assert results == alone
    assert {result.points for result in results} == {10, 8.5, 8, 7}
    assert len(alive) == 1
    # What left this machine: each submission once, no secret, nobody's name.
    assert len(told) == len(STUDENTS)
    assert not any(classroom.secret() in work or b"student" in work for work in told)
    assert all(set(json.loads(work)) == {"cells", "seeds", "level", "code"} for work in told)


def test_the_command_grades_with_a_cluster_and_says_when_none_is_left(workers, alone, class_of_stage_01, copy_of):
    processes, address = workers
    classroom = hand_in(copy_of(class_of_stage_01))
    command = [
        sys.executable, "-m", "course.cli", "grade", "01", "--class", str(classroom.root), "--scheduler", address,
    ]  # fmt: skip
    one = subprocess.run([*command, "--student", "student3", "--json"], cwd=CLONE, capture_output=True, text=True)
    assert one.returncode == 0, one.stderr
    assert json.loads(one.stdout)["results"] == [alone[3].as_dict()]
    lasting = "import grader.cluster; grader.cluster.PATIENCE_SECONDS = 0.5; from course.cli import main; main()"
    command[1:3] = ["-c", lasting]
    run = subprocess.Popen(command, cwd=CLONE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    records = classroom.state / "records" / STAGE
    wait_for(lambda: len(list(records.glob("*.json"))) > 1)
    for process in processes:
        process.kill()
    _, said = run.communicate(timeout=120)
    assert run.returncode == 1
    lines = [line for line in said.splitlines() if line.strip()]
    assert lines[-1:] == [
        f"The cluster at {address} has had no worker for 0.5 s. "
        "What is graded is kept; the same command goes on from there."
    ]
    assert "Traceback" not in said
    assert grade_stage(classroom, STAGE, jobs=2) == alone


def test_a_scheduler_that_ends_is_told_in_a_sentence(scheduler, workers, class_of_stage_01, copy_of):
    classroom = hand_in(copy_of(class_of_stage_01))
    with cluster.connect(scheduler[1], choose()) as found:
        grading = found.grade_ahead(classroom, STAGE, list(STUDENTS), choose())
        assert next(grading).fault == ""
        scheduler[0].kill()
        with pytest.raises(cluster.ClusterLost, match="does not answer any more"):
            list(grading)


def test_workers_of_another_version_grade_nothing(workers, monkeypatch):
    monkeypatch.setattr(verdicts, "code", lambda: "another")
    refused = pytest.raises(BadInput, match=r"the worker tcp://127.0.0.1:\d+ has another version of the course")
    with refused, cluster.connect(workers[1], choose()):
        pass


def test_a_scheduler_without_workers_or_none_at_all_is_told_in_a_sentence(scheduler, monkeypatch):
    refused = pytest.raises(BadInput, match=f"{scheduler[1]} has no workers: start some with `dask worker")
    with refused, cluster.connect(scheduler[1], "none"):
        pass
    scheduler[0].kill()
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    for address in (scheduler[1], "nowhere", "smoke://signal:1"):
        refused = pytest.raises(BadInput, match=f"No Dask scheduler answers at {address} \\(.+\\)\\.$")
        with refused, cluster.connect(address, "none"):
            pass
        assert all(one.status == "closed" for one in gc.get_objects() if type(one) is Client)


def test_a_worker_answers_bytes_with_json_and_tells_what_it_cannot_do(class_of_stage_01, monkeypatch):
    cells, names = ["def perceptron(x, w, b):\n    return 1"], ["perceptron"]
    work = cluster._work(b"secret", cells, names, "none")
    graded = verdicts.parse(cluster.graded_from(work))
    found, errors = challenge.grade(cells, names, b"secret", "none")
    assert graded == verdicts.Graded(found, errors, "none")
    assert found["perceptron"].status == "wrong"
    other = json.loads(work) | {"code": "another"}
    assert b"another version" in cluster.graded_from(json.dumps(other).encode())
    unknown = json.loads(work) | {"seeds": {"nothing": "seed"}}
    assert json.loads(cluster.graded_from(json.dumps(unknown).encode())) == {"fault": "KeyError: 'nothing'"}

    def nothing_holds(level):
        raise NoIsolation("nothing")

    monkeypatch.setattr(cluster, "choose", nothing_holds)
    said = json.loads(cluster.graded_from(work))["fault"]
    assert said == "the worker cannot keep student code in by none, which holds here"


def test_a_worker_without_the_course_is_told_as_one():
    why = cluster.misfit(ModuleNotFoundError("No module named 'grader'"), "none", "code")
    assert why == "does not have the course installed (No module named 'grader')"
    assert cluster.misfit(RuntimeError("broken"), "none", "code") == "cannot grade: broken"


class Answer:
    def __init__(self, content):
        self.content = content

    def result(self):
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (KilledWorker("task", "worker", 4), "ended every time it had this submission"),
        (OSError("gone"), "the cluster gave no verdict: OSError: gone"),
        (b'{"fault": "TypeError: x"}', "TypeError: x"),
        (b"[]", "no verdict"),
        (b"\xff", "no verdict"),
        (b'{"isolation": "none", "verdicts": {}, "errors": {}}', "no verdict"),  # not what was asked
    ],
    ids=["killed", "lost", "fault", "list", "no JSON", "other exercises"],
)
def test_what_is_no_verdict_is_never_kept_and_never_a_zero(answer, why, tmp_path):
    place = tmp_path / "verdict.json"
    found = cluster._kept(Answer(answer), Ahead("ada", ("a note",)), ["perceptron"], place)
    assert (found.student, found.notes) == ("ada", ("a note",))
    assert why in found.fault
    assert not place.exists()


def test_conda_names_the_packages_of_the_extras_as_well():
    root = Path(__file__).parent.parent.parent
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    conda = re.findall(r"^  # - ([\w.-]+>=[\w.]+)$", (root / "environment.yml").read_text(), re.MULTILINE)
    assert set(conda) == {*extras["cluster"], *extras["hub"]}
