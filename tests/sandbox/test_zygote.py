"""Sessions are forks of one process, and nothing of one session, or of that process, is within reach of another."""

import ast
import multiprocessing
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.sandbox import SessionLost, launch, machine, nursery, open_session, processes
from grader.sandbox.session import Session
from tests.sandbox.conftest import HERE, TIGHT, call, define, value

pytestmark = [pytest.mark.slow, pytest.mark.skipif("bubblewrap" not in HERE, reason="no bubblewrap, no zygote")]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def zygote(sessions):
    """The zygote that the shared sessions come from."""
    if sessions.at("bubblewrap").kind != "zygote":
        assert "not permitted" in nursery.NURSERY.refusal
        pytest.skip(f"the kernel allows no zygote here: {nursery.NURSERY.refusal}")
    return nursery.NURSERY.zygote


@pytest.fixture
def own_nursery(zygote):
    """A nursery beside that of this process, for tests that do it harm."""
    made = nursery.Nursery()
    yield made
    made.close()


def pair(level):
    return open_session(level, memory_mb=1400), open_session(level, memory_mb=1400)


LOOK = """
    import os
    def seen(folder):
        names = set()
        for top in {folder, os.environ["HOME"], "/scratch", "/dev/shm", "/tmp", "/dev/mqueue"}:
            try:
                names |= set(os.listdir(top))
            except OSError:
                pass
        for pid in range(1, 4_000):
            try:
                names.add(open(f"/proc/{pid}/cmdline").read())
            except OSError:
                pass
        return sorted(names)
"""


@pytest.mark.parametrize("level", TIGHT)
def test_two_sessions_see_nothing_of_each_other(level, sessions):
    sessions.at(level)
    marker = f"marker{time.time_ns()}"
    ours, theirs = pair(level)
    with ours, theirs:
        leave = f"""
            import os, subprocess
            for folder in (os.environ["HOME"], "/dev/shm"):
                try: open(os.path.join(folder, "{marker}"), "w").close()
                except OSError: pass
            subprocess.Popen(["/bin/sh", "-c", "sleep 600; : {marker}"])
            def home(): return os.environ["HOME"]
        """
        define(ours, LOOK)
        define(ours, leave)
        define(theirs, LOOK)
        define(theirs, "seen_by_a_cell = seen(os.environ['HOME'])\ndef told(): return seen_by_a_cell")
        # A call empties the folders first, so a cell looks: its own session sees the marker, the other one does not.
        define(ours, "seen_by_a_cell = seen(os.environ['HOME'])\ndef told(): return seen_by_a_cell, home()")
        own, home = value(ours, "told")
        assert any(marker in name for name in own)
        assert not any(marker in name for name in value(theirs, "told"))
        assert not any(marker in name for name in value(theirs, "seen", home))


def test_two_sessions_share_no_namespace_that_counts(zygote):
    source = """
        import os
        def spaces():
            return {name: os.readlink(f"/proc/self/ns/{name}") for name in ("mnt", "pid", "ipc", "net", "uts", "user")}
    """
    found = []
    ours, theirs = pair("bubblewrap")
    with ours, theirs:
        for one in (ours, theirs):
            define(one, source)
            found.append(value(one, "spaces"))
    found.append({name: os.readlink(f"/proc/self/ns/{name}") for name in found[0]})
    apart = set(found[0]) - ({"user"} if os.geteuid() == 0 else set())  # root's sessions are users of the host
    for name in apart:
        assert len({spaces[name] for spaces in found}) == len(found), name


def test_processes_of_two_sessions_cannot_signal_each_other(zygote):
    ours, theirs = pair("bubblewrap")
    with ours, theirs:
        define(theirs, "def good(): return 'good'")
        define(
            ours,
            """
            import os, signal
            def bombard():
                hits = 0
                for pid in range(-1, 4_000):
                    try: os.kill(pid, signal.SIGKILL)
                    except OSError: continue
                    hits += 1
                return hits
            """,
        )
        assert value(ours, "bombard") == 0
        assert value(theirs, "good") == "good"


ENDS = {
    "exit": "import os; os._exit(7)",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "memory bomb": "x = []\nwhile True:\n    try: x.append(bytearray(b'x') * 10_000_000)\n    except MemoryError: pass",
    "file bomb": "import itertools\nfor i in itertools.count(): open(f'file-{i}', 'w').close()",
    "loop": "while True: pass",
}


@pytest.mark.parametrize("cell", ENDS.values(), ids=ENDS)
def test_the_zygote_and_other_sessions_survive_the_end_of_one(zygote, cell):
    ours, theirs = pair("bubblewrap")
    with ours, theirs:
        define(theirs, "def good(): return 'good'")
        with pytest.raises(SessionLost):
            ours.run(cell, 2.0)
        assert value(theirs, "good") == "good"
        with open_session("bubblewrap") as another:
            assert another.run("1", 10).status == "ran"
    assert nursery.NURSERY.zygote is zygote


def test_a_fork_bomb_takes_no_processes_from_another_session(zygote):
    ours, theirs = pair("bubblewrap")
    with ours, theirs:
        define(theirs, "import subprocess\ndef program(): return subprocess.run(['/bin/true']).returncode")
        bomb = "import os\ndef bomb():\n    while True:\n        try: os.fork()\n        except OSError: pass"
        define(ours, bomb)
        with ThreadPoolExecutor(1) as pool:
            ended = pool.submit(call, ours, "bomb")
            answers = [call(theirs, "program")["value"]]
            while not ended.done():
                answers.append(call(theirs, "program")["value"])
            assert ended.result()["status"] == "died"
        assert set(answers) == {0}


def test_a_killed_zygote_costs_its_sessions_only(own_nursery):
    lost = Session(own_nursery.session(300, 16))
    assert lost.run("1", 10).status == "ran"
    dead = own_nursery.zygote
    signal.pidfd_send_signal(dead.init, signal.SIGKILL)
    select.select([dead.init], [], [], 10)  # dead, and with it all that it forked
    with pytest.raises(SessionLost):
        lost.run("1", 10)
    with Session(own_nursery.session(300, 16)) as session:
        assert (session.kind, session.run("1", 10).status) == ("zygote", "ran")
    assert own_nursery.zygote is not dead


def test_a_zygote_that_ends_every_time_is_no_endless_loop(own_nursery, monkeypatch):
    own_nursery.session(300, 16).stop()
    monkeypatch.setattr(nursery.Zygote, "fork", lambda *_: (_ for _ in ()).throw(nursery.Dead))
    with pytest.raises(SessionLost, match="ends every time"):
        own_nursery.session(300, 16)


def test_a_session_that_cannot_start_says_why_and_costs_no_other_one(own_nursery):
    with Session(own_nursery.session(300, 16)) as session:
        zygote = own_nursery.zygote
        with pytest.raises(SessionLost, match="mount: Invalid argument"):
            own_nursery.session(300, -16)  # a folder smaller than nothing
        assert session.run("1", 10).status == "ran"
        assert own_nursery.zygote is zygote


def test_an_interrupted_request_is_not_answered_to_the_next_one(own_nursery, monkeypatch):
    own_nursery.session(300, 16).stop()
    receive = nursery.frames.receive
    interrupts = iter([KeyboardInterrupt])

    def interrupted(channel, *args, **options):
        if channel is getattr(own_nursery.zygote, "control", None):
            for fault in interrupts:
                raise fault
        return receive(channel, *args, **options)

    monkeypatch.setattr(nursery.frames, "receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        own_nursery.session(300, 16)
    with Session(own_nursery.session(300, 16)) as session:
        define(session, "def good(): return 'good'")
        assert value(session, "good") == "good"


def test_where_the_kernel_allows_no_zygote_a_session_is_a_bubblewrap_each(monkeypatch):
    monkeypatch.setattr(nursery, "TO_PART", "CAP_CHOWN")  # any that is of no use here
    made = nursery.Nursery()
    with Session(made.session(300, 16)) as session:
        assert (session.kind, session.run("1", 10).status) == ("one-shot", "ran")
    assert "Operation not permitted" in made.refusal
    monkeypatch.setattr(nursery, "Zygote", None)  # it is not tried again
    made.session(300, 16).stop()
    assert (made.kind, made.zygote) == ("one-shot", None)


def test_once_sessions_are_forks_they_never_quietly_become_anything_else(own_nursery, monkeypatch):
    own_nursery.session(300, 16).stop()
    own_nursery.close()

    def refused():
        raise launch.Refused("not today")

    monkeypatch.setattr(nursery, "Zygote", refused)
    with pytest.raises(SessionLost, match="not today"):
        own_nursery.session(300, 16)


def test_many_threads_open_sessions_at_once_and_the_zygote_outlives_them(own_nursery):
    def one(number):
        with Session(own_nursery.session(300, 16)) as session:
            define(session, f"def number(): return {number}")
            return value(session, "number")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(24))) == list(range(24))
    kept = []
    thread = threading.Thread(target=lambda: kept.append(Session(own_nursery.session(300, 16))))
    thread.start()
    thread.join()
    with kept[0] as session:
        time.sleep(0.2)
        assert session.run("1", 10).status == "ran"


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_fork_of_the_grader_has_a_zygote_of_its_own(zygote, sessions):
    define(sessions.at("bubblewrap"), "def good(): return 'good'")
    fork = multiprocessing.get_context("fork")
    queue = fork.SimpleQueue()
    child = fork.Process(target=_grade_in_a_fork, args=(queue, zygote.process.pid))
    child.start()
    assert queue.get() == ("zygote", True, "ran")
    child.join(20)
    assert child.exitcode == 0
    assert nursery.NURSERY.zygote is zygote
    assert value(sessions.at("bubblewrap"), "good") == "good"


def _grade_in_a_fork(queue, parents):
    with open_session("bubblewrap") as session:
        another = nursery.NURSERY.zygote.process.pid != parents
        queue.put((session.kind, another, session.run("1", 10).status))


@pytest.mark.parametrize("end", ["killed", "by itself"])
def test_a_grader_that_ends_leaves_no_process(zygote, end):
    script = """
import os, sys
from grader.sandbox import open_session, processes
held = [open_session("bubblewrap") for _ in range(2)]
held[0].run("import subprocess; subprocess.Popen(['/bin/sleep', '600'])", 10)
print(*processes.descendants(os.getpid()), flush=True)
sys.stdin.read()
"""
    with tempfile.TemporaryDirectory() as folder:  # a grader that is killed cannot clean up
        os.chmod(folder, 0o711)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        environment = {**os.environ, "TMPDIR": folder}
        with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment, **pipes) as grader:
            below = set(map(int, grader.stdout.readline().split()))
            assert len(below) >= 7  # bwrap, the zygote, a keeper and a state for each session, and the one left behind
            if end == "killed":
                grader.kill()
        deadline = time.monotonic() + 10
        while (left := below & {one.pid for one in processes.living()}) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not left


def test_a_session_that_ends_leaves_nothing_in_the_zygote(zygote):
    before = processes.descendants(zygote.process.pid), len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with open_session("bubblewrap") as session:
            session.run("import subprocess; subprocess.Popen(['/bin/sleep', '600'])", 10)
    assert (processes.descendants(zygote.process.pid), len(os.listdir("/proc/self/fd"))) == before


DRAWN = "import random\nimport numpy as np\nfirst = [random.random(), np.random.rand()]\ndef drawn(): return first"


def test_sessions_draw_different_numbers(zygote):
    draws = []
    for one in pair("bubblewrap"):
        with one:
            define(one, DRAWN)
            draws += value(one, "drawn")
    assert len(set(draws)) == 4


def test_a_forked_session_starts_as_any_other_does(zygote):
    """What was rehearsed in the zygote has left no name, no number and no history."""
    told = []
    for level in ("bubblewrap", "one-shot"):
        with open_session(level) as session:
            define(session, "names, counted = sorted(n for n in dir() if n[0] != '_'), get_ipython().execution_count")
            define(session, "def told(): return names, counted, In[1], Out, sorted(vars(builtins))\nimport builtins")
            told.append(value(session, "told"))
    assert told[0] == told[1]
    assert set(told[0][0]) == {"In", "Out", "exit", "get_ipython", "open", "quit"}


def setup_imports():
    """What the setup cells of the course's notebooks import of the course."""
    for path in (ROOT / "course" / "stages").glob("*.py"):
        for cell in re.split(r"(?m)^# %%", path.read_text()):
            head, _, body = cell.partition("\n")
            for node in ast.walk(ast.parse(body)) if 'role="setup"' in head else ():
                if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "course":
                    for name in [f"{node.module}.{alias.name}" for alias in node.names]:
                        yield name if (ROOT / f"{name.replace('.', '/')}.py").is_file() else node.module


def test_what_setup_cells_import_is_there_already(zygote, sessions):
    wanted = sorted(setup_imports())
    assert {"course.check", "course.data"} <= set(wanted)
    with open_session("bubblewrap") as session:
        define(
            session,
            "import sys\nloaded = set(sys.modules)\ndef missing(names): return [n for n in names if n not in loaded]",
        )
        assert value(session, "missing", wanted) == []


LOADED = "import sys\ndef loaded(name): return name in sys.modules"


@pytest.mark.parametrize("name", machine.ON_DEMAND)
def test_the_zygote_imports_what_a_session_had_to(own_nursery, name):
    found = []
    for source in ("0", f"import {name}", "0"):
        with Session(own_nursery.session(1400, 16)) as session:
            define(session, LOADED)
            found.append(value(session, "loaded", name))
            define(session, source)
    assert found == [False, False, True]


@pytest.mark.parametrize("claim", ["[np.zeros(3), 'os', 'sklearn.datasets.x', 1.5]", "{'sklearn.datasets': 1}", "7"])
def test_the_zygote_imports_nothing_that_only_a_session_names(own_nursery, claim):
    forged = f"""
import numpy as np, sys
worker = sys.modules["sandbox.worker"]
honest = worker.run
worker.run = lambda *args: honest(*args) | {{"imported": {claim}}}
"""
    with Session(own_nursery.session(1400, 16)) as session:
        define(session, forged)
        assert session.run("0", 10).status == "ran"
    with Session(own_nursery.session(1400, 16)) as session:
        define(session, LOADED)
        assert [value(session, "loaded", name) for name in machine.ON_DEMAND] == [False] * len(machine.ON_DEMAND)
    assert own_nursery.zygote.prepared == set()


COMPILED = """
import os
from grader.sandbox import rehearsal
from numba.core import event
with event.install_listener("numba:compile", event.RecordingListener()) as seen:
    rehearsal.prepare_for("compile")
print(len(seen.buffer) > 0, len(os.listdir("/proc/self/task")))
"""


def test_compiling_ahead_starts_no_thread():
    environment = os.environ | machine.environment(tempfile.gettempdir()) | {"NUMBA_CACHE_DIR": ""}
    done = subprocess.run([sys.executable, "-c", COMPILED], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "1"], done.stderr


def test_the_zygote_compiles_once_a_session_has(own_nursery):
    asked = "import numba.core.types as t\nfrom numba.core.registry import cpu_target\n"
    asked += "def known(): return len(cpu_target.typing_context._functions)"
    found = []
    for compiles in (False, True, False):
        with Session(own_nursery.session(1400, 16)) as session:
            define(session, asked)
            found.append(value(session, "known"))
            if compiles:
                define(session, "from numba import njit\n@njit\ndef f(x): return x + 1")
                assert value(session, "f", 1.0) == 2.0
    assert found[0] == found[1] < found[2]
    assert own_nursery.zygote.prepared == {"compile"}


def test_no_thread_runs_in_the_zygote(zygote):
    (pid,) = [one.pid for one in processes.living() if one.parent == zygote.process.pid]
    assert len(os.listdir(f"/proc/{pid}/task")) == 1


def test_the_kit_of_a_process_outlives_its_forks(zygote):
    pid = os.fork()
    if pid == 0:
        machine._remove(machine.kit(), os.getppid())
        os._exit(0)
    os.waitpid(pid, 0)
    assert machine.kit().is_dir()
