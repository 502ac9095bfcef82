"""Under Landlock a process reads what it was given, writes where it may, and nothing else."""

import subprocess
import sys
import textwrap

import pytest

from grader.sandbox import landlock, machine

SCRIPT = """
    import json, os, sys
    from pathlib import Path
    from grader.sandbox import landlock, seccomp
    given, hidden, scratch, *readable = sys.argv[1:]
    seccomp.prctl(seccomp.SET_NO_NEW_PRIVS, 1)
    landlock.restrict([given, "/no/such/path", *readable], [scratch, "/dev/null"])

    def works(attempt):
        try:
            attempt()
            return True
        except OSError:
            return False

    print(json.dumps({
        "read given": works(lambda: Path(given).read_text()),
        "write given": works(lambda: Path(given).write_text("")),
        "read hidden": works(lambda: Path(hidden).read_text()),
        "list hidden": works(lambda: os.listdir(os.path.dirname(hidden))),
        "truncate hidden": works(lambda: os.truncate(hidden, 0)),
        "remove hidden": works(lambda: os.remove(hidden)),
        "link hidden": works(lambda: os.link(hidden, scratch + "/link")),
        "write scratch": works(lambda: Path(scratch, "file").write_text("mine")),
        "move in scratch": works(lambda: (os.mkdir(scratch + "/d"), os.rename(scratch + "/file", scratch + "/d/file"))),
        "use /dev/null": works(lambda: Path("/dev/null").write_text("")),
    }))
"""


def test_only_what_was_given_can_be_read_and_written(tmp_path):
    try:
        abi = landlock.version()
    except OSError as fault:
        pytest.skip(f"this kernel has no Landlock: {fault}")
    if abi < 3:
        pytest.skip(f"Landlock's ABI {abi} does not cover truncation; the canary refuses it")
    given, hidden, scratch = tmp_path / "given", tmp_path / "hidden" / "file", tmp_path / "scratch"
    hidden.parent.mkdir()
    scratch.mkdir()
    given.write_text("for all")
    hidden.write_text("for nobody")
    readable = [str(machine.PROJECT), *machine.readable()]
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(given), str(hidden), str(scratch), *readable]
    done = subprocess.run(command, capture_output=True, text=True, cwd=machine.PROJECT)
    works = {"read given", "write scratch", "move in scratch", "use /dev/null"}
    assert done.returncode == 0, done.stderr
    import json

    assert {what for what, did in json.loads(done.stdout).items() if did} == works
    assert (given.read_text(), hidden.read_text()) == ("for all", "for nobody")
