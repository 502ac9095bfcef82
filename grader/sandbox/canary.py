"""Does a sandbox hold? Tried, not concluded from versions: a canary in it tries to get out, and what it manages is a hole.

The canary is a function like a student's, run like a student's. What it did is read from the outside where that is
possible: a datagram that came, a file that changed, a process that ended.
"""

import contextlib
import inspect
import os
import secrets
import socket
import subprocess
import tempfile
from pathlib import Path

from .launch import SessionLost
from .machine import PROJECT
from .session import open_session

SECONDS = 20.0


def holes(level):
    """What student code can do at this level that it must not, in words; [] where it holds. Raises SessionLost."""
    with _bait() as bait, open_session(level) as session:
        session.run(inspect.getsource(escape), SECONDS)
        outcome = session.call("escape", {"args": (bait.told(),)}, SECONDS)
        if outcome["status"] != "returned" or not isinstance(outcome["value"], list):
            raise SessionLost(f"the probe did not get to its end: {outcome['status']} {outcome['error'] or ''}")
        return sorted({*outcome["value"], *bait.taken()})


def escape(bait):
    """What the canary manages to do, as far as it can tell. It runs inside: everything it needs, it imports."""
    import ctypes
    import glob
    import os
    import signal
    import socket
    import sys

    def manages(attempt):
        try:
            return attempt() is not False
        except Exception:
            return False

    def send(family, kind, address):
        with socket.socket(family, kind) as client:
            client.settimeout(1)
            client.connect(address)
            client.send(b"canary")

    def append(path):
        with open(path, "a") as file:
            file.write("canary")

    def sees(path):
        with open(path, "rb") as file:
            return bait["marker"].encode() in file.read()

    victim, own = bait["victim"], f"/proc/{os.getpid()}/mem"
    sys.path.append(bait["project"])
    attempts = [
        *[("read a file of the host", lambda path=path: open(path).close()) for path in bait["files"]],
        ("read the answers", lambda: open(bait["answers"]).close()),
        ("import the reference", lambda: __import__("solutions")),
        ("import the grader", lambda: __import__("grader")),
        ("see the host's environment", lambda: bait["marker"] in os.environ),
        *[("see the host's environment", lambda path=path: sees(path)) for path in glob.glob("/proc/[0-9]*/environ")],
        *[
            ("write into another process", lambda path=path: path != own and open(path, "r+b").close())
            for path in glob.glob("/proc/[0-9]*/mem")
        ],
        ("change a process of the host", lambda: os.sched_setaffinity(victim, {0})),
        ("change a process of the host", lambda: os.setpriority(os.PRIO_PROCESS, victim, 19)),
        ("trace a process of the host", lambda: ctypes.CDLL(None).ptrace(16, victim, None, None) == 0),
        ("signal a process of the host", lambda: os.kill(victim, signal.SIGTERM)),
    ]
    managed = [what for what, attempt in attempts if manages(attempt)]
    for path in bait["files"]:
        manages(lambda path=path: os.chmod(path, 0o640))
        manages(lambda path=path: os.utime(path, (1, 1)))
        manages(lambda path=path: os.truncate(path, 0))
        manages(lambda path=path: append(path))
        manages(lambda path=path: os.rename(path, path + ".canary"))
    manages(lambda: open(bait["new"], "w").close())
    manages(lambda: send(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", bait["tcp"])))
    manages(lambda: send(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", bait["udp"])))
    manages(lambda: send(socket.AF_UNIX, socket.SOCK_STREAM, bait["unix"]))
    manages(lambda: send(socket.AF_UNIX, socket.SOCK_STREAM, bait["abstract"]))
    return managed


class _Bait:
    """Things of the host that a canary would like."""

    def __init__(self, folder, stack):
        self.folder = Path(folder)
        self.marker = "THRESHOLD_CANARY_" + secrets.token_hex(8)
        self.files = {self.folder / "secret": 0o600, self.folder / "public": 0o666}
        for path, mode in self.files.items():
            path.write_text(self.marker)
            path.chmod(mode)
        self.folder.chmod(0o1777)
        os.environ[self.marker] = self.marker  # what a launcher that passes its environment on would leak
        stack.callback(os.environ.pop, self.marker)
        self.victim = subprocess.Popen(["sleep", "600"], env={**os.environ, "PATH": os.defpath})
        stack.callback(self._bury)
        self.tcp = _listen(stack, socket.AF_INET, ("127.0.0.1", 0))
        self.unix = _listen(stack, socket.AF_UNIX, str(self.folder / "socket"))
        self.abstract = _listen(stack, socket.AF_UNIX, f"\0{self.marker}")
        self.udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.udp.bind(("127.0.0.1", 0))
        self.before = self._state()

    def told(self):
        """What the canary knows of the bait."""
        return {
            "marker": self.marker,
            "files": [str(path) for path in self.files],
            "new": str(self.folder / "new"),
            "answers": str(PROJECT / "solutions" / "__init__.py"),
            "project": str(PROJECT),
            "victim": self.victim.pid,
            "tcp": self.tcp.getsockname()[1],
            "udp": self.udp.getsockname()[1],
            "unix": self.unix.getsockname(),
            "abstract": f"\0{self.marker}",
        }

    def taken(self):
        """What the canary managed to do, seen from here."""
        if self._state() != self.before:
            yield "write a file of the host"
        if any(_came(_accept, listener) for listener in (self.tcp, self.unix, self.abstract)):
            yield "reach a server of the host"
        self.udp.setblocking(False)
        if _came(self.udp.recv, 16):
            yield "send a datagram"
        if self.victim.poll() is not None:
            yield "signal a process of the host"

    def _state(self):
        """Every file in the folder, with its mode, size, time and content."""
        facts = {}
        for path in sorted(self.folder.iterdir()):
            status = path.lstat()
            content = path.read_text() if path.is_file() else ""
            facts[path.name] = (status.st_mode, status.st_size, status.st_mtime, content)
        return facts

    def _bury(self):
        self.victim.kill()
        self.victim.wait()


@contextlib.contextmanager
def _bait():
    with tempfile.TemporaryDirectory(prefix="threshold-canary-") as folder, contextlib.ExitStack() as stack:
        yield _Bait(folder, stack)


def _listen(stack, family, address):
    listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
    listener.bind(address)
    listener.listen()
    listener.setblocking(False)
    return listener


def _accept(listener):
    listener.accept()[0].close()


def _came(receive, *args):
    try:
        receive(*args)
    except BlockingIOError:
        return False
    return True
