"""Processes are found, counted and ended from /proc alone."""

import contextlib
import mmap
import os
import subprocess
import sys
import time

import pytest

from grader.sandbox import processes

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@contextlib.contextmanager
def started(*command):
    """A process in a session of its own that has printed a line."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            process.stdout.readline()
            yield process
        finally:
            process.kill()
            processes.end_session(process.pid)


def eventually(happens):
    deadline = time.monotonic() + 10
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.01)
    return happens()


def test_descendants_are_found_through_their_parents_whatever_their_name():
    script = "import ctypes, subprocess; ctypes.CDLL(None).prctl(15, b') R 1 1 (', 0, 0, 0)\n"
    script += "subprocess.Popen(['sleep', '60']); print(flush=True); import time; time.sleep(60)"
    with started(sys.executable, "-c", script) as process:
        found = processes.descendants(os.getpid())
        assert process.pid in found
        assert len(processes.descendants(process.pid)) == 1
        assert processes.descendants(process.pid) < found
    assert process.pid not in processes.descendants(os.getpid())


def test_a_session_ends_as_a_whole_even_a_bomb():
    with started("sh", "-c", "b() { sleep 0.1; b & b; }; echo; b & sleep 60") as process:
        assert eventually(lambda: len(processes.descendants(process.pid)) > 2)
        processes.end_session(process.pid)
        assert process.pid not in {one.session for one in processes.living()}


def test_nobody_in_a_stopped_group_runs():
    with started("sh", "-c", "echo; sleep 60") as process:
        with processes.stopped(process.pid):
            assert eventually(lambda: state(process.pid) in "TD")  # D: it waits for a child it just started
        assert eventually(lambda: state(process.pid) == "S")


def state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def test_memory_is_what_a_process_holds_for_itself():
    before = processes.memory(os.getpid())
    with mmap.mmap(-1, 30_000_000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:  # malloc might reuse memory
        held.write(bytes(len(held)))
        assert 25_000_000 < processes.memory(os.getpid()) - before < 40_000_000
    assert processes.memory(2**22 + 1) == 0  # nobody


def test_tasks_are_counted_with_their_threads():
    assert processes.tasks_of(os.geteuid()) >= 1
    assert processes.tasks_of(2**31 - 7) == 0


@pytest.mark.parametrize(
    ("script", "words"), [("exit 3", "exit status 3"), ("exit 0", "exit status 0"), ("kill -9 $$", "signal 9, SIGKILL")]
)
def test_an_end_is_put_in_words(script, words):
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", script], os.environ)
    assert processes.in_words(os.waitpid(pid, 0)[1]) == words
