"""The process in a sandbox that runs no student code: it passes questions on, watches, and ends what must end.

Above it: the grader, on one socket. Below it: the session's state and its snapshots (worker.py). It holds the deadlines
and the purse, gives each question a socket of its own, and after a call kills every process but the state and, where
it may be asked again, the snapshot. It never parses what comes from below; it passes the bytes up.
"""

import contextlib
import os
import select
import signal
import socket
import time

import numpy as np

from course.wire import pack, unpack

from . import frames, inside, limits, processes, scratch, worker

LAST_SECONDS = 0.5  # in which it is told how a snapshot ended
PING_SECONDS = 10.0  # in which a session's state says that it is there


class Lost(Exception):
    """The session cannot go on, and why."""


class Overdrawn(Exception):
    """The session used too much, and of what."""


class Gone(Exception):
    """The grader has hung up."""


class Keeper:
    """One session, from its first question to its end."""

    def __init__(self, grader, shell, spec):
        self.grader, self.folders = grader, spec["scratch"]
        self.purse = limits.Purse(spec, processes.memory(os.getpid()))
        self.pid, self.state = worker.start(shell, spec)
        self.group = self.pid  # also when another process has become the state
        self.snapshot = None  # the socket of one that may be asked again
        self.ended = None  # waitpid's status of the state, once there is one
        self.looked = time.monotonic()

    def serve(self):
        """Answer questions until the grader hangs up or the session is lost; then end everything."""
        reply = {"ready": True}
        try:
            self._ping()
            worker.hush()
            while True:
                self._tell(reply)
                question = unpack(frames.receive(self.grader, idle=self.rest))
                content, seconds = question["question"].tobytes(), question["seconds"]
                if question["do"] == "call":
                    reply = self.call(content, seconds, question["fresh"])
                else:
                    reply = self.run(content, seconds)
                reply["id"] = question["id"]
        except (Lost, Overdrawn) as why:
            processes.sweep(self.group, keep=set())
            self._tell({"lost": str(why)})
        except (Gone, frames.Broken, frames.Late):
            processes.sweep(self.group, keep=set())

    def run(self, question, seconds):
        """What the state says of a cell. Raises Lost: a cell that does not end takes the session with it."""
        self._end_snapshot()
        try:
            _, _, data, own = self._ask(self.state, question, seconds)
        except frames.Late:
            raise Lost(f"took longer than {seconds:g} s") from None
        except frames.Broken:
            raise Lost(self._obituary()) from None
        own.close()
        return {"answer": data}

    def call(self, question, seconds, fresh):
        """What a snapshot says of a call, or {"failed": "timed out" | "died", "why": …}. Raises Lost.

        fresh: a new snapshot; else the one of the last call, where it is still there.
        """
        if fresh:
            self._end_snapshot()
        first = self.snapshot is None
        if first:
            self._wipe()  # what the cells left
        try:
            kind, number, data, own = self._ask(self.state if first else self.snapshot, question, seconds)
        except frames.Late:
            return self._failed("timed out", f"took longer than {seconds:g} s")
        except frames.Broken:
            return self._failed("died", self._last_words())
        except Overdrawn as what:
            return self._failed("died", str(what))
        if first:
            self.snapshot = own
        else:
            own.close()
        if kind == worker.ENDED:
            return self._failed("died", processes.in_words(number))
        others = processes.descendants(os.getpid()) - {self.pid}
        if kind == worker.COMPILED and number in others:
            self._adopt(number)
            return {"answer": data, "compiled": True}
        if len(others) != 1:  # something was left behind
            self._clear()
        return {"answer": data}

    def rest(self):
        """Between questions: as `look`, and a snapshot that uses too much then is only ended."""
        try:
            self.look()
        except Overdrawn:
            if self.snapshot is None:
                raise
            self._clear()

    def look(self):
        """Every now and then: is the grader still there, and what do the session's processes use?"""
        waited = time.monotonic() - self.looked
        if waited < frames.TICK:
            return
        poller = select.poll()
        poller.register(self.grader, select.POLLRDHUP)
        if poller.poll(0):
            raise Gone
        self._reap()
        # Who waits this long for its turn shares the machine with a bomb, and would look for ever: stop it meanwhile.
        pause = processes.stopped(self.group) if waited > 3 * frames.TICK else contextlib.nullcontext()
        with pause:
            what = self.purse.overdrawn(processes.descendants(os.getpid()))
        self.looked = time.monotonic()
        if what:
            raise Overdrawn(f"used {what}")

    def _ask(self, process, question, seconds):
        """Pass a question on: (kind, number, bytes) of its reply, and the socket that it came through."""
        self.looked = time.monotonic()
        deadline = self.looked + seconds
        own, theirs = socket.socketpair()
        try:
            with theirs:
                frames.send(process, question, deadline, fd=theirs.fileno())
            return *_parts(frames.receive(own, deadline, idle=self.look)), own
        except BaseException:
            own.close()
            raise

    def _failed(self, status, why):
        """After a call without an answer: end what it left, and see that the state is well."""
        self._clear()
        self._ping()
        return {"failed": status, "why": why}

    def _ping(self):
        try:
            self._ask(self.state, pack({"do": "ping"}), PING_SECONDS)[-1].close()
        except (frames.Late, frames.Broken):
            raise Lost(self._obituary()) from None

    def _last_words(self):
        """Why a snapshot hung up; its state, which waits for its end, tells on the socket of its first question."""
        if self.snapshot is not None:
            with contextlib.suppress(frames.Late, frames.Broken):
                kind, number, _ = _parts(frames.receive(self.snapshot, time.monotonic() + LAST_SECONDS))
                if kind == worker.ENDED:
                    return processes.in_words(number)
        return "no proper answer came back"

    def _adopt(self, heir):
        """The snapshot `heir` becomes the session's state: what it compiled stays compiled."""
        if self.ended is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.state.close()
        self.pid, self.state, self.ended = heir, self.snapshot, None
        self.snapshot = None
        self._clear()

    def _end_snapshot(self):
        if self.snapshot is not None:
            self._clear()

    def _clear(self):
        """End every process but the state, and empty the scratch folders."""
        if self.snapshot is not None:
            self.snapshot.close()
            self.snapshot = None
        if not processes.sweep(self.group, keep={self.pid}):
            raise Lost("left processes that do not end")
        self._reap()
        self._wipe()

    def _wipe(self):
        try:
            with processes.stopped(self.group):  # who goes on writing would never let this end
                for folder in self.folders:
                    scratch.wipe(folder)
        except OSError as fault:
            raise Lost(f"left files that cannot be removed: {fault.strerror}") from None

    def _reap(self):
        """Bury what was left to this process, and remember how the state ended."""
        try:
            while (dead := os.waitpid(-1, os.WNOHANG))[0]:
                if dead[0] == self.pid:
                    self.ended = dead[1]
        except ChildProcessError:
            return

    def _obituary(self):
        for _ in range(100):  # a socket closes a moment before its process is dead
            self._reap()
            if self.ended is not None:
                return f"ended the session's process: {processes.in_words(self.ended)}"
            time.sleep(0.005)
        return "left the session's process without an answer"

    def _tell(self, reply):
        frames.send(self.grader, pack(reply), inside.soon())


def _parts(reply):
    """(kind, number, bytes) of a reply. Raises Broken: whoever answered may have sent anything."""
    if len(reply) < worker.HEAD.size:
        raise frames.Broken("sent no proper reply")
    kind, number = worker.HEAD.unpack_from(reply)
    return kind, number, np.frombuffer(reply, np.uint8, offset=worker.HEAD.size)
