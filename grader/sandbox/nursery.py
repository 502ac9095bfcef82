"""Sessions of the level "bubblewrap" at the price of a fork: this process keeps a zygote, and asks it for them.

The zygote is one bubblewrap in which everything is imported (zygote.py). It starts with the first session and ends with
this process, whichever thread started it. Where the kernel does not let it make namespaces of its own, a session is a
bubblewrap each ("one-shot"), as safe and slower; which one it is, is settled by the first session of a process.
"""

import atexit
import contextlib
import os
import socket
import threading
import time

from course.wire import pack

from . import bubblewrap, frames, launch, machine

ASK_SECONDS = 30.0  # the zygote answers within milliseconds
OWN_MB = 64  # of scratch space, while it imports
TOLD = ("memory_mb", "scratch_mb", "tasks", "folders", "drop_to")  # what differs between sessions
TO_PART = "CAP_SYS_ADMIN"  # what it takes to make namespaces


class Dead(Exception):
    """The zygote has ended, or might as well have."""


class Forked:
    """A running sandbox: `channel` leads to its keeper, `stop` ends it."""

    kind = "zygote"

    def __init__(self, zygote, channel, init):
        self.zygote, self.channel, self.init = zygote, channel, init

    def did(self, what):
        """It compiled, or imported, something: the zygote may do as much for sessions to come."""
        self.zygote.prepare(what)

    def stop(self):
        """End every process of the sandbox; returns when none is left."""
        bubblewrap.end(self.channel, self.init)


class Zygote:
    """A running zygote, seen from outside. Several threads may ask it at once."""

    def __init__(self):
        user = launch.unprivileged()
        capabilities = [TO_PART] if user is None else [TO_PART, *bubblewrap.CAPABILITIES]
        grader = os.pidfd_open(os.getpid())
        spec = bubblewrap.spec_of(user, memory_mb=0, scratch_mb=OWN_MB) | {
            "grader": grader,
            "preload": machine.preload(),
        }
        try:
            started = bubblewrap.start(spec, [], capabilities=capabilities, pass_fds=[grader])
        finally:
            os.close(grader)
        self.process, self.control, self.init = started
        self.asking, self.sound = threading.Lock(), True
        self.prepared = set()

    def fork(self, memory_mb, scratch_mb):
        """A new session. Raises Dead; SessionLost where the zygote lives and the session does not start."""
        spec = bubblewrap.spec_of(launch.unprivileged(), memory_mb, scratch_mb)
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                init = self._ask({name: spec[name] for name in TOLD}, theirs)
        except BaseException:
            ours.close()
            raise
        try:
            launch.await_ready(ours)
        except BaseException:
            bubblewrap.end(ours, init)
            raise
        return Forked(self, ours, init)

    def _ask(self, request, channel):
        """The pidfd of a new session's first process; None if that has ended already."""
        born = []
        with self.asking:
            if not self.sound:
                raise Dead
            self.sound = False  # until the answer is through: after Ctrl+C, the next one would read this one's
            end = time.monotonic() + ASK_SECONDS
            try:
                frames.send(self.control, pack(request), end, fd=channel.fileno())
                frames.receive(self.control, end, fds=born)
            except (frames.Broken, frames.Late):
                raise Dead from None
            self.sound = True
        return born[0] if born else None

    def prepare(self, what):
        """Have it do once what each session had to do: "compile", or import one of machine.ON_DEMAND."""
        with self.asking:
            if self.sound and what not in self.prepared:
                self.prepared.add(what)
                self.sound = False
                with contextlib.suppress(frames.Broken, frames.Late):  # the next request finds it dead
                    frames.send(self.control, pack(what), time.monotonic() + ASK_SECONDS)
                    self.sound = True

    def end(self):
        """End it and every session it forked."""
        self.sound = False
        bubblewrap.end(self.control, self.init)
        self.process.kill()
        self.process.wait()

    def leave(self):
        """In a fork of its process: let go of it."""
        self.asking, self.sound = threading.Lock(), False
        self.control.close()
        os.close(self.init)


class Nursery:
    """The zygote of this process. `kind` says how sessions start: "zygote" or "one-shot"; None before the first one."""

    def __init__(self):
        self.kind, self.refusal, self.zygote = None, None, None
        self.starting = threading.Lock()

    def session(self, memory_mb, scratch_mb):
        """A new sandbox of the level "bubblewrap". Raises SessionLost."""
        for _ in range(2):  # a zygote that was killed comes back, once
            with self.starting:
                zygote = self._ready()
            if zygote is None:
                sandbox = bubblewrap.OneShot(memory_mb, scratch_mb)
                self.kind = "one-shot"
                return sandbox
            try:
                sandbox = zygote.fork(memory_mb, scratch_mb)
                self.kind = "zygote"
                return sandbox
            except Dead:
                self._bury(zygote)
        raise launch.SessionLost("the process that sessions are forked from ends every time it is started")

    def _ready(self):
        """The zygote; None where this machine does not allow one."""
        if self.zygote is None and self.kind != "one-shot":
            try:
                self.zygote = Zygote()
            except launch.Refused as why:
                if self.kind == "zygote":  # it has worked before, and the probe was about that
                    raise
                self.refusal = str(why)
        return self.zygote

    def _bury(self, zygote):
        with self.starting:
            if self.zygote is zygote:
                self.zygote = None
                zygote.end()

    def close(self):
        """End the zygote with all its sessions; the next session starts another one."""
        with self.starting:
            zygote, self.zygote = self.zygote, None
        if zygote is not None:
            zygote.end()

    def leave(self):
        """In a fork of this process: its zygote is not ours, and its locks may be held for ever."""
        zygote, self.zygote, self.starting = self.zygote, None, threading.Lock()
        if zygote is not None:
            with contextlib.suppress(OSError):
                zygote.leave()


NURSERY = Nursery()
atexit.register(NURSERY.close)
os.register_at_fork(after_in_child=NURSERY.leave)
