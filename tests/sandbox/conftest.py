"""Sessions at every level that this machine can start. They are shared: a test that ends its session gets another one.

"one-shot" is bubblewrap without a zygote: as it starts where the kernel allows none.
"""

import os
import shutil
import textwrap
from pathlib import Path

import pytest

from grader.sandbox import SessionLost, bubblewrap, landlock, machine, open_session, session

session.SANDBOXES["one-shot"] = bubblewrap.OneShot


def reason_not_to_try(level):
    """Why this machine cannot have a level, as far as one can tell without trying; else None."""
    if level in ("bubblewrap", "one-shot") and shutil.which("bwrap") is None:
        return "the program bwrap is not installed"
    if level == "landlock":
        try:
            landlock.version()
        except OSError as fault:
            return f"this kernel has no Landlock: {fault}"
        locked = [path for path in Path(machine.interpreter()).parents if not path.stat().st_mode & 0o001]
        if os.geteuid() == 0 and locked:
            return f"root's sessions run as another user, who cannot read this Python: it lies in {locked[-1]}"
    return None


HERE = [level for level in session.SANDBOXES if reason_not_to_try(level) is None]  # test_choice.py: what is missing
TIGHT = [level for level in HERE if level != "none"]
MOST = [level for level in HERE if level != "one-shot"]  # what runs inside does not know how it was started


class Sessions:
    """The session of each level, reopened where a test has ended it."""

    def __init__(self):
        self.open, self.cannot = {}, {}

    def at(self, level):
        if level in self.cannot:
            pytest.skip(f"{level} does not start here: {self.cannot[level]}")
        try:
            self.open[level].run("", 10)
        except (KeyError, SessionLost):
            self.open[level] = self._start(level)
        return self.open[level]

    def _start(self, level):
        try:
            return open_session(level, memory_mb=1400)
        except SessionLost as why:
            self.cannot[level] = why
            pytest.skip(f"{level} does not start here: {why}")


@pytest.fixture(scope="session")
def sessions():
    found = Sessions()
    yield found
    for session in found.open.values():
        session.close()


@pytest.fixture(params=MOST)
def session(request, sessions):
    """A session at any level: what it promises has nothing to do with isolation."""
    return sessions.at(request.param)


@pytest.fixture(params=[level for level in MOST if level in TIGHT])
def tight(request, sessions):
    """A session at a level that keeps student code in."""
    return sessions.at(request.param)


@pytest.fixture
def doomed(tight):
    """Such a session, for a test that leaves it in no state to be shared."""
    yield tight
    tight.close()


@pytest.fixture(params=HERE)
def level(request, sessions):
    """A level that starts here."""
    sessions.at(request.param)
    return request.param


def define(session, source):
    """Run a cell that must not fail."""
    ran = session.run(textwrap.dedent(source), 20.0)
    assert ran.status == "ran", ran.error


def call(session, name, *args, seconds=20.0):
    """The outcome of a call."""
    return session.call(name, {"args": args}, seconds)


def value(session, name, *args):
    """What a call returns that must not fail."""
    outcome = call(session, name, *args)
    assert outcome["status"] == "returned", outcome["error"]
    return outcome["value"]
