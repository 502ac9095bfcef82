"""Whatever student code does costs the call it did it in, at worst its session, and nothing else."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader.sandbox import SessionLost, open_session
from tests.sandbox.conftest import call, define, value

pytestmark = pytest.mark.slow

# Bodies of a function `naughty`: how the call must end; all else must be well.
CALLS = {
    "exit": ("import os; os._exit(3)", "died", "exit status 3"),
    "exit, politely": ("import sys; sys.exit()", "died", "SystemExit"),
    "interrupt": ("raise KeyboardInterrupt", "died", "KeyboardInterrupt"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "died", "signal 11, SIGSEGV"),
    "abort": ("import os; os.abort()", "died", "signal"),
    "loop": ("while True: pass", "timed out", "took longer than"),
    "sleep": ("import time; time.sleep(60)", "timed out", ""),
    "compiled loop": ("spin(1)", "timed out", ""),
    "loop that ignores signals": (
        "import signal\n    for s in set(signal.Signals) - {9, 19}: signal.signal(s, signal.SIG_IGN)\n"
        "    while True: pass",
        "timed out",
        "",
    ),
    "all memory at once": ("return bytearray(64 << 30)", "raised", ""),
    "all memory, bit by bit": (
        "x = []\n    while True: x.append(bytearray(b'x') * 50_000_000)",
        "raised died",
        "",
    ),
    "all memory, shared": (
        "import mmap\n    x = []\n    while True:\n        x.append(mmap.mmap(-1, 1 << 28)); x[-1].write(b'x' * (1 << 28))",
        "raised died",
        "",
    ),
    "fork bomb": (
        "import os\n    while True:\n        try: os.fork()\n        except OSError: pass",
        "died",
        "processes",
    ),
    "thread bomb": (
        "import threading, time\n    while True: threading.Thread(target=time.sleep, args=(60,)).start()",
        "raised",
        "",
    ),
    "file bomb": (
        "import itertools\n    for i in itertools.count(): open(f'file-{i}', 'w').close()",
        "died",
        "files",
    ),
    "one huge file": ("open('x', 'wb').write(bytes(1 << 29))", "raised", ""),
    "output": ("print('x' * 50_000_000)", "returned", ""),
    "close everything": ("import os; os.closerange(0, 250)", "died", ""),
    "garbage to every descriptor": (
        "import os\n    for fd in range(3, 250):\n        try: os.write(fd, b'\\xff' * 1000)\n        except OSError: pass",
        "died",
        "no proper answer",
    ),
    "garbage that looks like an answer": (
        "import os\n    for fd in range(3, 250):\n        try: os.write(fd, (1000).to_bytes(4, 'big') + b'a' * 1000)\n"
        "        except OSError: pass",
        "died",
        "no proper answer",
    ),
    "an heir that is none": (
        "import os, struct\n    for fd in range(3, 250):\n"
        "        try: os.write(fd, struct.pack('!Ici', 5, b'c', os.getppid()))\n        except OSError: pass",
        "died",
        "no proper answer",
    ),
    "fork and return twice": ("import os; os.fork(); return 1", "returned", ""),
    "answer from a child": (
        "import os, time\n    if os.fork(): time.sleep(60)\n    return 1",
        "timed out",
        "",
    ),
    "daemon": (
        "import subprocess, sys\n    subprocess.Popen(['/bin/sleep', '600'])\n    return 1",
        "returned",
        "",
    ),
    "a huge answer": ("import numpy; return numpy.zeros(20_000_000)", "died", "larger than 64 MB"),
    "an endless answer": ("import numpy; return numpy.broadcast_to(0.0, (10**6, 10**6))", "died", "cannot be read"),
    "a circle": ("x = []; x.append(x); return x", "returned", ""),
    "an answer that lies about itself": ("return Liar()", "returned", ""),
    "an error that cannot be shown": ("raise Mute", "raised", ""),
    "endless recursion": (
        "import sys; sys.setrecursionlimit(10**9)\n    def f(): return f()\n    return f()",
        "raised died",
        "",
    ),
    "a folder that is away": ("import os, shutil; os.chdir('/'); return 1", "returned", ""),
    "patched library": (
        "import os, time, json\n    os.fork = os.waitpid = time.monotonic = json.dumps = None\n    return 1",
        "died returned",
        "",
    ),
}
SETUP = """
    from numba import njit
    @njit
    def spin(x):
        while x > 0:
            x += 1
        return x
    class Liar:
        __class__ = list
        def __array__(self, *args, **kwargs): raise SystemExit
        def __eq__(self, other): return True
        def __len__(self): return 10**12
        def __iter__(self): raise SystemExit
    class Mute(Exception):
        def __str__(self): raise SystemError
    def good(): return "good"
"""


@pytest.mark.parametrize(("body", "statuses", "words"), CALLS.values(), ids=CALLS)
def test_a_call_costs_that_call_only(tight, body, statuses, words):
    define(tight, SETUP)
    define(tight, f"def naughty():\n    {body}")
    seconds = 1.0 if statuses == "timed out" else 30.0
    outcome = call(tight, "naughty", seconds=seconds)
    assert outcome["status"] in (statuses if statuses == "timed out" else statuses.split()), outcome["error"]
    assert words in (outcome["error"] or {"message": ""})["message"]
    assert value(tight, "good") == "good"


def test_a_call_cannot_end_the_process_that_asks_it(tight):
    define(
        tight,
        """
        import os, signal
        def good(): return "good"
        def naughty():
            refused = 0
            for pid in (os.getppid(), 1, 0, -1, -os.getpgrp(), os.getpid()):
                for send in (lambda: os.kill(pid, signal.SIGKILL), lambda: os.killpg(abs(pid), signal.SIGKILL)):
                    try: send()
                    except OSError: refused += 1
            return refused
        """,
    )
    assert value(tight, "naughty") == 12
    assert value(tight, "good") == "good"


def test_what_a_call_leaves_behind_answers_no_later_question(tight):
    define(
        tight,
        """
        import os, time
        def forge():
            if os.fork() == 0:
                time.sleep(0.3)
            return "forged"
        def honest():
            time.sleep(0.8)
            return "honest"
        """,
    )
    assert value(tight, "forge") == "forged"
    assert value(tight, "honest") == "honest"


CELLS = {
    "exit": "import os; os._exit(7)",
    "loop": "while True: pass",
    "compiled loop": "from numba import njit\n@njit\ndef spin(x):\n    while x > 0: x += 1\nspin(1)",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "close everything": "import os\nos.closerange(3, 250)",
    "fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "all memory, bit by bit, again and again": (
        "x = []\nwhile True:\n    try: x.append(bytearray(b'x') * 10_000_000)\n    except MemoryError: pass"
    ),
    "exec": "import os; os.execv('/bin/sleep', ['sleep', '60'])",
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_cell_that_does_not_end_well_costs_its_session_which_says_why(doomed, cell):
    with pytest.raises(SessionLost, match=r"took longer than 1 s|ended the session's process|used more than|left the"):
        doomed.run(cell, 1.0)
    with pytest.raises(SessionLost, match="is over"):
        doomed.run("1", 2.0)


@pytest.mark.parametrize(
    "cell",
    [
        "print('x' * 50_000_000)",
        "import os; os.system('yes | head -c 50000000')",
        "import sys; sys.stderr.write('x' * 50_000_000)",
        "list(range(10_000_000))",
        "import os; os.fork()",
        "import sys; sys.exit(1)",
        "raise KeyboardInterrupt",
        "import subprocess; subprocess.Popen(['/bin/sleep', '600'])",
        "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()",
        "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        "import os; os.chdir('/')",
        "def f():\n    while True: open('again', 'w').close()\nimport threading; threading.Thread(target=f).start()",
    ],
)
def test_after_a_cell_like_this_calls_go_on(tight, cell):
    define(tight, "def good(): return 'good'")
    tight.run(cell, 20)
    assert value(tight, "good") == "good"


@pytest.mark.parametrize(
    "cell",
    [
        "get_ipython().run_cell = None",
        "import builtins; builtins.len = builtins.isinstance = None",
        "import os; os.fork = os.waitpid = os._exit = None",
        "import sys; sys.modules.clear()",
    ],
)
def test_taking_the_workers_tools_away_harms_the_session_only(doomed, cell):
    try:
        doomed.run(cell, 5)
        doomed.run("def good(): return 'good'", 5)
        assert call(doomed, "good", seconds=2.0)["status"] in ("returned", "died", "missing", "timed out")
    except SessionLost as why:
        assert str(why)


def test_files_that_look_like_ours_shadow_nothing(tight):
    shadow = "for name in ('numba', 'course', 'json', 'worker'): open(f'{name}.py', 'w').write('raise SystemExit')"
    define(tight, f"import os\nos.chdir(os.environ['HOME'])\n{shadow}")
    define(tight, "import importlib\nfor name in ('numba.cuda', 'course.check'): importlib.import_module(name)")


def marked(marker):
    """How many processes of this machine have `marker` on their command line."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += marker.encode() in path.read_bytes()
        except OSError:
            continue
    return found


def test_a_session_that_ends_leaves_no_process(level):
    marker = f"marker-{os.getpid()}-{time.time_ns()}"
    start = f"""
        import os, subprocess, sys
        def start():
            for apart in (False, True):
                for _ in range(3):
                    try:
                        subprocess.Popen(["/bin/sh", "-c", "sleep 600; : {marker}"], start_new_session=apart)
                    except OSError:
                        pass
            os.system("(sleep 600; : {marker}) &")
        start()
    """
    with open_session(level) as session:
        define(session, start)
        assert marked(marker) > 0
        value(session, "start")
        define(session, "start()")
        assert marked(marker) > 0
    assert marked(marker) == 0
    session.close()  # twice does no harm


@pytest.mark.parametrize("moment", ["between questions", "in a call"])
def test_a_grader_that_is_killed_leaves_no_process(level, moment):
    marker = f"marker-{os.getpid()}-{time.time_ns()}"
    script = f"""
import sys
import tests.sandbox.conftest
from grader.sandbox import open_session
session = open_session({level!r})
session.run("import subprocess; subprocess.Popen(['/bin/sh', '-c', 'sleep 600; : {marker}'])", 10)
print("ready", flush=True)
session.run("import time; time.sleep(600)", 600) if {moment == "in a call"} else sys.stdin.read()
"""
    with tempfile.TemporaryDirectory() as folder:  # a grader that is killed cannot clean up
        os.chmod(folder, 0o711)
        command = [sys.executable, "-c", script]
        environment = {**os.environ, "TMPDIR": folder}
        root = Path(__file__).parents[2]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, cwd=root, env=environment, **pipes) as grader:
            assert grader.stdout.readline() == b"ready\n"
            time.sleep(0.3)
            grader.kill()
        deadline = time.monotonic() + 10
        while marked(f": {marker}") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert marked(f": {marker}") == 0


def test_limits_are_what_was_asked_for(level):
    with open_session(level, memory_mb=300, scratch_mb=8) as session:
        define(
            session,
            """
            def hold(megabytes): return len(bytearray(megabytes << 20))
            def write(megabytes):
                for i in range(megabytes):
                    with open(f"part-{i}", "wb") as file:
                        file.write(bytes(1 << 20))
                import time; time.sleep(0.5)
            """,
        )
        assert value(session, "hold", 100) == 100 << 20
        assert call(session, "hold", 400)["status"] == "raised"
        assert call(session, "write", 4)["status"] == "returned"
        assert call(session, "write", 12)["status"] in ("raised", "died")
