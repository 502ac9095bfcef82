"""What a learner did survives: other notebooks, torn files, a disk that takes nothing."""

import json
import os
import subprocess
import sys

import pytest

from course import progress


def saved(folder):
    return json.loads((folder / ".threshold" / "progress.json").read_text(encoding="utf-8"))


def test_what_was_recorded_is_there_for_the_next_notebook(notebook_folder):
    progress.record("quiz", "01/1", {"chose": "b"})
    progress.record("prediction", "xor", "drei – vier")
    progress._waiting.clear()
    assert progress.recorded("quiz") == {"01/1": {"chose": "b"}}
    assert saved(notebook_folder)["prediction"] == {"xor": "drei – vier"}
    assert progress.recorded("nothing of that kind") == {}


def test_the_workspace_is_the_nearest_parent_that_has_a_state_folder(notebook_folder, monkeypatch):
    (notebook_folder / ".threshold").mkdir()
    stage = notebook_folder / "01_one_neuron"
    stage.mkdir()
    monkeypatch.chdir(stage)
    progress.record("check", "perceptron", "right")
    assert saved(notebook_folder)["check"] == {"perceptron": "right"}
    assert not (stage / ".threshold").exists()
    monkeypatch.chdir("/")
    for folder in (notebook_folder, stage, str(stage)):
        assert progress.recorded("check", folder) == {"perceptron": "right"}


@pytest.mark.parametrize(
    "content",
    ['{"format": 1, "quiz": {"01/1"', "[]", '{"format": 99, "quiz": {}}', '{"format": 1, "quiz": 3}', "\x00\xff"],
    ids=["torn", "a list", "a later format", "not a table", "bytes"],
)
def test_a_file_that_is_not_ours_is_kept_aside(notebook_folder, content):
    path = notebook_folder / ".threshold" / "progress.json"
    path.parent.mkdir()
    path.write_bytes(content.encode("latin-1"))
    assert progress.recorded("quiz") == {}
    assert path.read_bytes() == content.encode("latin-1"), "reading moves nothing"
    progress.record("quiz", "01/1", "b")
    progress.record("quiz", "01/2", "c")
    assert saved(notebook_folder)["quiz"] == {"01/1": "b", "01/2": "c"}
    assert [p.read_bytes() for p in path.parent.glob("*.kept-*")] == [content.encode("latin-1")]


def test_a_disk_that_takes_nothing_costs_nothing_but_the_memory(notebook_folder):
    obstacle = notebook_folder / ".threshold"
    obstacle.write_text("a file where the folder should be")
    progress.record("quiz", "01/1", "b")
    assert progress.recorded("quiz") == {"01/1": "b"}
    obstacle.unlink()
    progress.record("quiz", "01/2", "c")
    assert saved(notebook_folder)["quiz"] == {"01/1": "b", "01/2": "c"}, "the next write brings the first along"


def test_what_json_cannot_hold_is_refused_before_anything_is_touched(notebook_folder):
    with pytest.raises(TypeError):
        progress.record("quiz", "01/1", object())
    assert not (notebook_folder / ".threshold").exists()
    assert progress.recorded("quiz") == {}


def test_a_lock_left_by_a_dead_process_is_removed(notebook_folder):
    lock = notebook_folder / ".threshold" / progress.LOCK
    lock.parent.mkdir()
    lock.touch()
    os.utime(lock, (0, 0))
    progress.record("quiz", "01/1", "b")
    assert saved(notebook_folder)["quiz"] == {"01/1": "b"}
    assert [path.name for path in lock.parent.iterdir()] == ["progress.json"], "nothing is left behind"


def test_notebooks_that_write_at_once_lose_nothing(notebook_folder):
    (notebook_folder / ".threshold").mkdir()
    code = "import sys; from course.progress import record\nfor i in range(15): record('quiz', f'{sys.argv[1]}/{i}', i)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    writers = [subprocess.Popen([sys.executable, "-c", code, str(n)], env=environment) for n in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert len(saved(notebook_folder)["quiz"]) == 45
