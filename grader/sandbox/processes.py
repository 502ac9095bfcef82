"""The processes below this one: who they are, what they hold, and their end. Read from /proc."""

import contextlib
import os
import signal
import time
from typing import NamedTuple


class Process(NamedTuple):
    """A living process, as /proc shows it."""

    pid: int
    parent: int
    group: int
    session: int


def living():
    """Every process that can be seen and is not dead."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                state, *ids = file.read().rpartition(")")[2].split()[:4]  # before it, a name of the process's choice
        except OSError:
            continue
        if state not in "ZX":
            yield Process(int(name), *map(int, ids))


def descendants(root):
    """The ids of the living processes below `root`."""
    children = {}
    for process in living():
        children.setdefault(process.parent, []).append(process.pid)
    found, look = set(), [root]
    while look:
        below = children.get(look.pop(), [])
        found.update(below)
        look += below
    return found


def sweep(group, keep, patience=20.0):
    """Kill every descendant but `keep`; True once they are gone. Student code cannot leave its process group."""
    end = time.monotonic() + patience
    with stopped(group):
        while alive := descendants(os.getpid()) - keep:
            if time.monotonic() > end:
                return False
            for pid in alive:
                _signal(os.kill, pid, signal.SIGKILL)
            time.sleep(0.002)
    return True


@contextlib.contextmanager
def stopped(group):
    """Nobody in a process group runs meanwhile: a thousand runnable processes leave no time to look for them."""
    _signal(os.killpg, group, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(os.killpg, group, signal.SIGCONT)


def end_session(session):
    """Kill every process of a session that could not leave its group."""
    while groups := {process.group for process in living() if process.session == session}:
        for group in groups:
            _signal(os.killpg, group, signal.SIGKILL)
        time.sleep(0.0005)


def _signal(send, target, number):
    with contextlib.suppress(ProcessLookupError):
        send(target, number)


def memory(pid):
    """The bytes a process holds for itself; what it mapped from files is left out."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            lines = [line.split() for line in file if line.startswith(("RssAnon:", "RssShmem:"))]
    except OSError:
        return 0
    return sum(int(line[1]) for line in lines) << 10


def tasks_of(uid):
    """How many processes and threads a user has: what RLIMIT_NPROC counts."""
    count = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{name}").st_uid == uid:
                count += len(os.listdir(f"/proc/{name}/task"))
        except OSError:
            continue
    return count


def in_words(status):
    """How a process ended, from waitpid's status."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return (
            f"signal {number}, {signal.Signals(number).name}" if number in set(signal.Signals) else f"signal {number}"
        )
    return f"exit status {os.WEXITSTATUS(status)}"
