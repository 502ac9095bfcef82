"""The `threshold` command as a person types it: in a process of its own, with a terminal; and what it costs there."""

import os
import pty
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.cpugroup import ENTER, NoGroups, cpu_group

CLONE = Path(__file__).parents[2]


def threshold(*words, folder, group=None):
    """Run the command as a user does, with a terminal for its progress: (exit code, stdout, what the terminal showed).

    group: a grader.cpugroup.Group to run it in.
    """
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "course.cli", *words, "--class", str(folder)]
    command = ["sh", "-c", ENTER, str(group.folder), *command] if group else command
    environment = os.environ | {"PYTHONPATH": str(CLONE), "TERM": "xterm", "COLUMNS": "200"}
    run = subprocess.Popen(command, cwd=CLONE, stdout=subprocess.PIPE, stderr=slave, text=True, env=environment)
    os.close(slave)
    shown = []
    reader = threading.Thread(target=lambda: shown.extend(_read(master)))
    reader.start()
    with run:
        out = run.stdout.read()
    code = run.returncode
    reader.join()
    os.close(master)
    return code, out, b"".join(shown).decode(errors="replace")


def _read(handle):
    try:
        while data := os.read(handle, 1 << 16):
            yield data
    except OSError:  # how a pseudo-terminal says that its other end is closed
        return


@contextmanager
def group_or_skip():
    """A control group: sandboxes are killed, and whoever is killed unwaited-for is counted nowhere else."""
    try:
        with cpu_group() as group:
            yield group
    except NoGroups as why:
        pytest.skip(str(why))


class Memory:
    """The largest resident memory of all descendants of a process together, looked at five times a second.

    Proportional where the kernel tells (a page that n processes share counts n times 1/n), else resident.
    """

    def __init__(self, root):
        self.root, self.peak, self.done = root, 0, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def _watch(self):
        while not self.done.is_set():
            self.peak = max(self.peak, sum(map(memory_of, descendants(self.root))))
            time.sleep(0.2)


def descendants(root):
    """The ids of all processes below one."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, fresh = set(), {root}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def memory_of(process):
    """Bytes of one process."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
        return 1024 * int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])
    except (OSError, TypeError):
        return 0
