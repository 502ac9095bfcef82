"""What a sandbox is given of this machine, and what it is not."""

import os
import sys

from grader.sandbox import machine
from grader.sandbox.bubblewrap import mounts


def test_the_kit_holds_the_course_and_what_works_inside_and_nothing_else():
    found = {path.relative_to(machine.kit()).as_posix() for path in machine.kit().rglob("*.py")}
    assert {"course/__init__.py", "course/attempt.py", "course/wire.py"} <= found
    assert {path for path in found if path.startswith("sandbox/")} == {
        "sandbox/__init__.py",
        *(f"sandbox/{name}.py" for name in machine.INSIDE),
    }
    assert not any(path.startswith("course/stages") for path in found)
    assert {path.name for path in machine.kit().iterdir()} == {"course", "sandbox", "fonts"}


def test_the_kit_can_be_read_by_every_user():
    for path in (machine.kit(), *machine.kit().rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_nothing_readable_holds_the_project_or_a_home():
    for path in machine.readable():
        assert not str(machine.PROJECT).startswith(f"{path.rstrip('/')}/") or path == "/usr"
        assert path != os.path.expanduser("~")
        assert path != "/"


def test_a_project_below_a_readable_folder_is_hidden(monkeypatch):
    monkeypatch.setattr(machine, "PROJECT", type(machine.PROJECT)("/usr/src/course"))
    monkeypatch.setattr(machine, "readable", lambda: ["/usr", "/usr/src/course/.venv/lib"])
    options = mounts({"/scratch": 64})
    hidden = options.index("/usr/src/course")
    assert options[hidden - 1] == "--tmpfs"
    assert options.index("/usr") < hidden < options.index("/usr/src/course/.venv/lib")


def test_the_environment_tells_nothing_of_the_host_or_of_grading(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv("TOKEN", "secret")
    told = machine.environment("/scratch")
    assert "secret" not in told.values()
    assert not any(word in f"{name}={value}" for name, value in told.items() for word in ("NBGRADER", "grad", "TOKEN"))


def test_packages_are_looked_for_in_this_process_order():
    folders = machine.package_folders()
    assert folders == [path for path in sys.path if path in folders]
    assert folders
