"""A snapshot may answer several calls, to save the time it takes to make one; what goes wrong in it ends with it."""

import time

import pytest

from tests.sandbox.conftest import define, value

pytestmark = pytest.mark.slow

NOTEBOOK = """
    import os, subprocess, threading, time
    from numba import njit
    seen = []
    def count(x):
        seen.append(x)
        return len(seen)
    def leave(name):
        open(name, "w").close()
        return sorted(n for n in os.listdir(".") if not n.startswith("threshold-case-"))
    def end(x):
        os._exit(3)
    def kill(x):
        import ctypes
        ctypes.string_at(0)
    def spin(x):
        while True: pass
    def stubborn(x):
        raise ValueError("no")
    def daemon(x):
        subprocess.Popen(["/bin/sleep", "600"])
        return count(x)
    @njit
    def compiled(x):
        return x + 1
    def compile_and_count(x):
        compiled(x)
        return count(x)
    def hoard(x):
        def grow():
            held = []
            while True:
                held.append(bytearray(b"x") * 20_000_000)
        threading.Thread(target=grow, daemon=True).start()
        return 1
"""


@pytest.fixture
def notebook(session):
    define(session, NOTEBOOK)
    return session


def again(session, name, x=0.0, seconds=20.0):
    """The outcome of a call in the snapshot of the last one."""
    return session.call(name, {"args": (x,)}, seconds, fresh=False)


def test_calls_follow_each_other_in_one_snapshot_until_a_fresh_one(notebook):
    assert value(notebook, "count", 1) == 1
    assert [again(notebook, "count")["value"] for _ in range(3)] == [2, 3, 4]
    assert value(notebook, "count", 1) == 1
    assert again(notebook, "count")["value"] == 2


def test_the_first_call_needs_no_snapshot_to_go_on_from(notebook):
    notebook.run("pass", 10)
    assert again(notebook, "count")["value"] == 1


def test_a_cell_comes_after_the_snapshot_not_into_it(notebook):
    value(notebook, "count", 1)
    define(notebook, "seen.append('cell')")
    assert again(notebook, "count")["value"] == 2


def test_what_a_call_leaves_in_the_folder_is_gone_with_the_snapshot(notebook):
    assert value(notebook, "leave", "a") == ["a"]
    assert again(notebook, "leave", "b")["value"] == ["a", "b"]
    assert value(notebook, "leave", "c") == ["c"]


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("end", "died", "exit status 3"),
        ("kill", "died", "signal 11, SIGSEGV"),
        ("spin", "timed out", "took longer than 1 s"),
    ],
)
def test_a_call_that_ends_the_snapshot_says_how_and_the_next_one_gets_another(notebook, name, status, words):
    assert value(notebook, "count", 1) == 1
    outcome = again(notebook, name, seconds=1.0 if name == "spin" else 20.0)
    assert (outcome["status"], outcome["error"]["message"]) == (status, words)
    assert again(notebook, "count")["value"] == 1
    assert again(notebook, "count")["value"] == 2


def test_an_error_does_not_end_it(notebook):
    value(notebook, "count", 1)
    assert again(notebook, "stubborn")["status"] == "raised"
    assert again(notebook, "nobody")["status"] == "missing"
    assert again(notebook, "count")["value"] == 2


def test_whoever_leaves_a_process_behind_gets_another_one(tight):
    define(tight, NOTEBOOK)
    value(tight, "count", 1)
    assert again(tight, "daemon")["value"] == 2
    assert again(tight, "count")["value"] == 1


def test_a_snapshot_that_compiled_becomes_the_state_and_the_next_call_a_snapshot_of_it(notebook):
    value(notebook, "count", 1)
    assert again(notebook, "compile_and_count")["value"] == 2
    assert again(notebook, "count")["value"] == 3
    assert again(notebook, "count")["value"] == 4
    assert value(notebook, "count", 1) == 3  # the state was never called again
    assert value(notebook, "compile_and_count", 1.0) == 3


def test_a_snapshot_that_uses_too_much_between_calls_ends_alone(doomed):
    define(doomed, NOTEBOOK)
    assert value(doomed, "hoard", 1) == 1
    time.sleep(3.0)
    assert again(doomed, "count")["value"] == 1


def test_forged_answers_to_later_calls_find_no_listener(tight):
    define(
        tight,
        """
        import os, struct
        def forge(x):
            frame = struct.pack("!Ici", 5 + 4, b"a", os.getpid()) + b"fake"
            for fd in range(3, 250):
                try: os.write(fd, frame * 3)
                except OSError: pass
            return "forged"
        def good(x): return "good"
        """,
    )
    assert tight.call("forge", {"args": (1,)}, 10)["status"] == "died"
    assert again(tight, "good")["value"] == "good"
    assert again(tight, "forge")["status"] == "died"
    assert again(tight, "good")["value"] == "good"
    assert value(tight, "good", 1) == "good"
