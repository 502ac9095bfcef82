"""The way into a sandbox: what a session's first process does, in this order, before any student code is near.

It gives up root, new privileges, files and system calls for good; only then it limits itself and serves. Where a
zygote has imported everything before, that is all; a session that starts alone imports under the rules that hold for it.
"""

import os
import shutil
import signal
import socket
import time

from . import landlock, privileges, seccomp

TELL_SECONDS = 60.0  # the grader reads at once, or it has gone


def enter(spec):
    """Serve on the socket spec["channel"]: one session or, as a zygote, any number. launch.py writes the spec."""
    grader = socket.socket(fileno=spec["channel"])
    if spec["grader"] is not None:
        fonts(spec)
        from . import zygote

        zygote.serve(grader, spec)
        return
    confine(spec)
    fonts(spec)
    from . import worker  # numpy, numba, matplotlib, IPython: under the rules that hold from here on

    begin(grader, worker.prepare(), spec)


def confine(spec):
    """What no process of this session gets back."""
    if spec["level"] != "none":
        privileges.give_up(spec["drop_to"])
    if spec["level"] == "bubblewrap":
        seccomp.prctl(seccomp.SET_PDEATHSIG, signal.SIGKILL)  # set by bwrap, and lost with the change of user
    seccomp.prctl(seccomp.SET_NO_NEW_PRIVS, 1)
    seccomp.prctl(seccomp.SET_CHILD_SUBREAPER, 1)  # what student processes leave behind becomes ours, and ends
    seccomp.prctl(seccomp.SET_DUMPABLE, 0)  # no student process writes to /proc/<keeper>/mem
    if spec["level"] == "landlock":
        landlock.restrict([*spec["read"], "/proc"], spec["write"])
    if spec["level"] != "none":
        seccomp.install(seccomp.WORLD)


def begin(grader, shell, spec):
    """Limit this process and all it will start, and serve the session."""
    from . import keeper, limits

    os.chdir(spec["scratch"][0])
    limits.apply(spec["memory_mb"], spec["scratch_mb"], spec["tasks"])
    keeper.Keeper(grader, shell, spec).serve()


def fonts(spec):
    """matplotlib looks here for what it knows of the fonts when it is imported."""
    os.chdir(spec["scratch"][0])
    shutil.copytree(spec["fonts"], os.environ["MPLCONFIGDIR"], copy_function=shutil.copyfile)


def soon():
    """The deadline for telling the grader something."""
    return time.monotonic() + TELL_SECONDS
