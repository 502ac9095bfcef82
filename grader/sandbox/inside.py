"""The way into a sandbox: what a session's first process does, in this order, before any student code is near.

It gives up root, new privileges, files and system calls for good; only then it imports, limits itself and serves.
"""

import os
import shutil
import signal
import socket

from . import landlock, seccomp


def enter(spec):
    """Serve one session on the socket spec["channel"]; launch.py writes the spec."""
    grader = socket.socket(fileno=spec["channel"])
    confine(spec)
    os.chdir(spec["scratch"][0])
    shutil.copytree(spec["fonts"], os.environ["MPLCONFIGDIR"], copy_function=shutil.copyfile)
    from . import keeper, limits, worker  # numpy, numba, matplotlib, IPython: under the rules that hold from here on

    shell = worker.prepare()
    limits.apply(spec["memory_mb"], spec["scratch_mb"], spec["tasks"])
    keeper.Keeper(grader, shell, spec).serve()


def confine(spec):
    """What no process of this session gets back."""
    if spec["drop_to"] is not None:
        os.setgroups([])
        os.setresgid(*[spec["drop_to"]] * 3)
        os.setresuid(*[spec["drop_to"]] * 3)
    if spec["level"] == "bubblewrap":
        seccomp.prctl(seccomp.SET_PDEATHSIG, signal.SIGKILL)  # set by bwrap, and lost with the change of user
    seccomp.prctl(seccomp.SET_NO_NEW_PRIVS, 1)
    seccomp.prctl(seccomp.SET_CHILD_SUBREAPER, 1)  # what student processes leave behind becomes ours, and ends
    seccomp.prctl(seccomp.SET_DUMPABLE, 0)  # no student process writes to /proc/<keeper>/mem
    if spec["level"] == "landlock":
        landlock.restrict([*spec["read"], "/proc"], spec["write"])
    if spec["level"] != "none":
        seccomp.install(seccomp.WORLD)
