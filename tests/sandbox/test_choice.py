"""Grading refuses to run where nothing keeps student code in, and says what was tried and how to mend it."""

import os
import shutil
import subprocess
import sys

import pytest

from grader.sandbox import LEVELS, NoIsolation, SessionLost, canary, choice, choose
from tests.sandbox.conftest import HERE, reason_not_to_try

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def fresh():
    choose.cache_clear()
    yield
    choose.cache_clear()


@pytest.mark.parametrize("level", [*LEVELS, "one-shot"])
def test_every_level_is_tried_on_this_machine(level):
    reason = reason_not_to_try(level)
    if reason:
        pytest.skip(reason)
    assert level in HERE


def test_no_isolation_lets_student_code_do_everything_the_canary_tries():
    found = canary.holes("none")
    expected = {"read a file of the host", "write a file of the host", "read the answers", "reach a server of the host"}
    expected |= {"send a datagram", "signal a process of the host", "import the reference", "import the grader"}
    expected |= {"see the host's environment", "trace a process of the host", "write into another process"}
    assert expected <= set(found)


def test_a_level_with_a_hole_is_refused_with_what_was_tried_and_the_mend(monkeypatch):
    monkeypatch.setattr(choice, "probe", lambda level: ["reach a server of the host"])
    with pytest.raises(NoIsolation) as refusal:
        choose(None)
    said = str(refusal.value)
    assert "Nothing is graded" in said
    assert "bubblewrap: student code could reach a server of the host" in said
    assert "landlock" in said
    assert "/etc/apparmor.d/bwrap" in said


def test_a_level_that_does_not_start_is_refused(monkeypatch):
    def fails(level):
        raise SessionLost("The program bwrap is not installed.")

    monkeypatch.setattr(choice, "probe", fails)
    with pytest.raises(NoIsolation, match="bwrap is not installed"):
        choose("bubblewrap")


def test_none_is_used_only_when_it_is_typed(monkeypatch):
    monkeypatch.setattr(choice, "probe", lambda level: ["anything"])
    assert choose("none") == "none"
    with pytest.raises(NoIsolation):
        choose(None)


def test_the_strongest_level_that_holds_is_chosen(monkeypatch):
    monkeypatch.setattr(choice, "probe", lambda level: [] if level == "landlock" else ["x"])
    assert choose(None) == "landlock"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="the program setpriv is not installed")
def test_an_ordinary_user_is_kept_in_as_well():
    """The same probe as an ordinary user, where that user can read this Python at all."""
    program = "import json; from grader.sandbox.choice import probe; print(json.dumps(probe('bubblewrap')))"
    setpriv = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups"]
    python = os.path.realpath(sys.executable)
    if subprocess.run([*setpriv, "test", "-x", python]).returncode:
        pytest.skip("an ordinary user cannot read this Python (it lies in root's home)")
    done = subprocess.run([*setpriv, sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
