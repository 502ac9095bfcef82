"""Where student code runs: the state of a session, a process that runs cells, and its snapshots, which answer calls.

A call runs in a fork, so whatever it does to its process is gone with it: an exit, a segfault, a changed global. The
keeper may ask the same snapshot again; the cases of one sheet follow each other there as they do in `check`.
One thing must not be gone: what numba compiled, or every snapshot would compile it again. So a snapshot in which numba
compiled something becomes the session's state, and the old one ends (keeper.py sees to that). Only an answer in time
earns this: an endless @njit loop stays in its snapshot, and dies there.

A question comes with a socket of its own, made for its answer alone: what a process left behind by an earlier question
says, nobody hears.
"""

import contextlib
import gc
import os
import signal
import socket
import struct
import sys
import threading
import time
import traceback
import warnings

import matplotlib.pyplot  # noqa: F401  imported here so that no cell pays for it
import numpy as np  # noqa: F401
from IPython.core.interactiveshell import InteractiveShell
from numba.core import event
from numba.np.ufunc import parallel
from traitlets.config import Config

from course.attempt import attempt, describe
from course.wire import pack, unpack

from . import frames, landlock, limits, seccomp

# What a reply begins with: its kind, and the id of the answering process or its exit status.
HEAD = struct.Struct("!ci")
ANSWER, COMPILED, ENDED = b"a", b"c", b"e"
REPLY_SECONDS = 60.0  # the keeper's deadlines come first
TOGETHER_SECONDS = 1.0  # for as long, further cases of a question are answered with the first


class Shell(InteractiveShell):
    """IPython as in a notebook, but for what needs somebody to look at it."""

    def showtraceback(self, *args, **kwargs):
        """Say nothing: the error itself is reported."""

    def showsyntaxerror(self, *args, **kwargs):
        """Say nothing: the error itself is reported."""

    system = InteractiveShell.system_raw  # `!command`: without a terminal of its own, there may be none

    def enable_gui(self, gui=None):
        """There is no window to show."""

    def ask_exit(self):
        """An `exit()` in a cell ends a notebook's kernel once the cell is through; here nothing is left to end."""


def prepare():
    """Everything that sessions share: imports, made above, and a shell."""
    threading.stack_size(limits.STACK)
    # Numba guards the start of its threads with a lock between processes: a snapshot that is killed would keep it.
    parallel._backend_init_process_lock = contextlib.nullcontext()
    shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    gc.collect()
    gc.freeze()  # what is here now is never copied because a garbage collection touched it
    return shell


def start(shell, spec):
    """Fork the first state of a session; returns its process id and the socket to ask it through."""
    keepers, own = socket.socketpair()
    pid = os.fork()
    if pid:
        own.close()
        os.setpgid(pid, pid)  # the group of everything that student code will start
        return pid, keepers
    try:
        os.closerange(3, own.fileno())
        os.closerange(own.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        if spec["level"] == "landlock":
            landlock.restrict(spec["read"], spec["write"])  # once more, without /proc
        if spec["level"] != "none":
            seccomp.install(seccomp.STUDENT)
        hush()
        serve(own, shell, spec)
    except frames.Broken:
        pass  # the keeper has hung up: the session is over
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def hush():
    """From here on nothing is printed: a student's output is nobody's input."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    os.close(nowhere)


def serve(channel, shell, spec):
    """Answer questions until the keeper hangs up: as the session's state, and in a fork of it as a snapshot."""
    is_state = True
    while True:
        sockets = []
        question = unpack(frames.receive(channel, fds=sockets))
        reply = socket.socket(fileno=sockets[0])
        if question["do"] == "call":
            if is_state:
                if not snapshot(reply):
                    continue
                channel.close()
                channel, is_state = reply, False
            is_state = call(reply, shell, question, spec["scratch"][0])
            if reply is not channel:
                reply.close()
            continue
        if question["do"] == "run":
            _answer(reply, run(shell, question["source"], spec["on_demand"]))
        else:  # the keeper asks whether anybody is there
            _answer(reply, None)
        reply.close()


def run(shell, source, on_demand):
    """Run one cell: {"status": "ran" | "raised", "error": … | None, "imported": those of `on_demand` that are there}."""
    me = os.getpid()
    try:
        result = shell.run_cell(source, store_history=True)
        fault = result.error_before_exec or result.error_in_exec
    except BaseException as escaped:  # IPython itself was tampered with
        fault = escaped
    if os.getpid() != me:
        os._exit(0)  # the cell forked, and this is the other one
    return {
        "status": "raised" if fault else "ran",
        "error": _described(fault) if fault else None,
        "imported": [name for name in on_demand if name in sys.modules],
    }


def snapshot(reply):
    """Fork a snapshot: True there; False here, once it has ended, and `reply` has been told how."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a cell may have chosen not to hear of its children
    with warnings.catch_warnings(action="ignore"):  # Python 3.12 warns of threads that a fork leaves behind
        pid = os.fork()
    if not pid:
        return True
    _, status = os.waitpid(pid, 0)
    _reply(reply, HEAD.pack(ENDED, status))
    reply.close()
    return False


def call(reply, shell, question, folder):
    """Call a function on case after case; the first ones are answered: as many as take no longer than TOGETHER_SECONDS.

    True if numba compiled something on the way, which makes this process the session's state.
    """
    os.chdir(folder)
    me, end, outcomes = os.getpid(), time.monotonic() + TOGETHER_SECONDS, []
    with event.install_listener("numba:compiler_lock", event.RecordingListener()) as compilations:
        for case in question["cases"]:
            outcomes.append(outcome_of(shell.user_ns, question["name"], case))
            if os.getpid() != me:
                os._exit(0)  # the function forked, and this is the other one
            if time.monotonic() > end:
                break
    compiled = bool(compilations.buffer)
    _answer(reply, outcomes, COMPILED if compiled else ANSWER)
    return compiled


def outcome_of(names, name, case):
    """What course.attempt says of a function, and what it cannot say."""
    function = names.get(name)
    if not callable(function):
        return {"status": "missing", "error": None}
    try:
        return attempt(function, case)
    except Exception as fault:  # its exceptions or results defend themselves
        return {"status": "raised", "error": _described(fault)}
    except BaseException as fault:  # SystemExit, KeyboardInterrupt
        return _died(f"raised {type(fault).__name__}")


def _died(how):
    return {"status": "died", "error": {"type": "", "message": how, "line": ""}}


def _described(fault):
    try:
        return describe(fault)
    except Exception:  # its __str__ raises
        return {"type": type(fault).__name__, "message": "", "line": ""}


def _answer(reply, answer, kind=ANSWER):
    try:
        data = pack(answer)
    except Exception as fault:
        data = pack([_died(f"the answer cannot be read: {type(fault).__name__}")])
    if len(data) > frames.MOST - HEAD.size:
        data = pack([_died(f"the answer is larger than {frames.MOST >> 20} MB")])
    _reply(reply, HEAD.pack(kind, os.getpid()) + data)


def _reply(reply, data):
    with contextlib.suppress(frames.Broken, frames.Late):  # nobody waits for it any more
        frames.send(reply, data, time.monotonic() + REPLY_SECONDS)
