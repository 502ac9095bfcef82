"""The process that imports everything once: each session is a fork of it. No student code ever runs in it.

It is the first process of a bubblewrap of its own and keeps what it takes to make namespaces: as root's a few
capabilities, as an ordinary user's those of a user namespace. A session leaves the zygote's namespaces and gives all of
that up before it reads its first question (namespaces.py, privileges.py).

Sessions share what was random when the zygote started: where its memory lies, the seed of `hash`. None of it keeps
anything in; what libraries draw from is seeded again. It ends when the grader hangs up or dies: it holds a pidfd of it.
"""

import os
import select
import signal
import socket
import sys
import traceback

from course.wire import pack, unpack

from . import frames, inside, keeper, namespaces, rehearsal, seccomp, worker  # noqa: F401  keeper: for its sessions


def serve(control, spec):
    """Fork a session for each request on the socket `control`; a request brings the session's own socket along."""
    seccomp.prctl(seccomp.SET_DUMPABLE, 0)
    shell = rehearsal.prepare(spec["preload"])
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("the zygote has threads and cannot be forked")
    os.chdir("/")
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    _try(own, spec)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries sessions that have ended
    frames.send(control, pack({"ready": True}), inside.soon())
    worker.hush()
    while _asked(control, spec["grader"]):
        sockets = []
        request = unpack(frames.receive(control, inside.soon(), fds=sockets))
        if isinstance(request, str):  # a session did this: others will
            rehearsal.prepare_for(request)
            continue
        with socket.socket(fileno=sockets[0]) as grader:
            born = _bear(own, grader, spec | request, shell)
        frames.send(control, pack({"born": born is not None}), inside.soon(), fd=born)
        if born is not None:
            os.close(born)


def _bear(own, grader, spec, shell):
    """Fork a session: a pidfd of its first process; None where there is none, and `grader` has been told why."""
    try:
        pid = namespaces.fork(own)
    except OSError as fault:
        frames.send(grader, pack({"lost": f"the zygote cannot fork: {fault}"}), inside.soon())
        return None
    if not pid:
        _begin(grader, spec, shell)
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:  # it has ended already
        return None


def _try(own, spec):
    """Can this kernel do for a session what has to be done? If not, end; the last line on stderr says why."""
    pid = namespaces.fork(own)
    if not pid:
        try:
            _part(spec)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    if os.waitpid(pid, 0)[1]:
        sys.exit(1)


def _asked(control, grader):
    """Wait for a request; False where none will come any more."""
    poller = select.poll()
    poller.register(control, select.POLLIN)
    poller.register(grader, select.POLLIN)
    return not any(fd == grader or event != select.POLLIN for fd, event in poller.poll())


def _begin(grader, spec, shell):
    """A session's first process, from its first step; it does not return."""
    try:
        os.closerange(3, grader.fileno())
        os.closerange(grader.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _part(spec)
        rehearsal.seed()
        inside.begin(grader, shell, spec)
    except BaseException as fault:
        frames.send(grader, pack({"lost": f"{type(fault).__name__}: {fault}"}), inside.soon())
    finally:
        os._exit(1)


def _part(spec):
    seccomp.prctl(seccomp.SET_DUMPABLE, 1)  # else this process's own files in /proc are root's; confine takes it back
    namespaces.part(spec["folders"], new_user=spec["drop_to"] is None)
    inside.confine(spec)
