"""A session as the grader sees it: run cells, call functions, and believe nothing that comes back before it is checked.

Every question carries an id that nobody can guess, and only the reply that repeats it counts.
"""

import secrets
import time
from dataclasses import dataclass
from functools import partial

import numpy as np

from course.wire import WireError, pack, unpack

from . import frames, machine
from .launch import SessionLost
from .nursery import NURSERY
from .plain import Plain

GRACE_SECONDS = 120.0  # for the keeper to end whatever a call left running, among a thousand processes of it
MAX_WORDS = 300
SANDBOXES = {"bubblewrap": NURSERY.session, "landlock": partial(Plain, "landlock"), "none": partial(Plain, "none")}


@dataclass(frozen=True)
class Ran:
    """How a cell ended: "ran" or "raised", with {"type", "message", "line"} of the error, after how many seconds."""

    status: str
    error: dict | None
    seconds: float


def open_session(level, *, memory_mb=2048, scratch_mb=256):
    """A new session at an isolation level. Raises SessionLost where it does not start.

    memory_mb: what its processes may hold together beyond an idle Python's. scratch_mb: what they may write.
    """
    return Session(SANDBOXES[level](memory_mb, scratch_mb))


class Session:
    """A notebook's process in a sandbox. Use it in a `with`, or `close` it.

    kind: how it started, "zygote" (a fork of a process that had imported everything) or "one-shot".
    """

    def __init__(self, sandbox):
        self._sandbox = sandbox
        self.kind = sandbox.kind

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End every process of the session."""
        if self._sandbox is not None:
            self._sandbox.stop()
            self._sandbox = None

    def run(self, source, seconds):
        """Run one cell. Its output is discarded. Raises SessionLost, also where the cell does not end in time."""
        start = time.monotonic()
        reply = self._ask("run", {"source": source}, seconds)
        ran = _tree(reply)
        if not _has_status(ran) or ran["status"] not in ("ran", "raised"):
            self._lose("sent no proper reply")
        for name in _names(ran.get("imported")) & set(machine.ON_DEMAND):
            self._sandbox.did(name)
        return Ran(ran["status"], _error(ran.get("error")), time.monotonic() - start)

    def call(self, name, case, seconds, *, fresh=True):
        """Call a function of the notebook on a case, in a snapshot that is thrown away: an outcome (course.attempt).

        fresh: in a new snapshot; else, to save the time it takes to make one, in that of the last call, if it is well.

        Beyond those of `attempt` there are the statuses "missing" (no function of that name), "timed out" and "died"
        (the error's message says how). What is in the outcome is whatever student code wanted to be in it.
        Raises SessionLost.
        """
        return self.calls(name, [case], seconds, fresh=fresh)[0]

    def calls(self, name, cases, seconds, *, fresh=True):
        """Call a function on case after case, which costs less than one by one: outcomes of the first of them.

        There is at least one, and one more as long as they come quickly (worker.TOGETHER_SECONDS). Where a call takes
        too long or ends its snapshot, that is the only outcome, and it is not known which one it was.
        """
        start = time.monotonic()
        reply = self._ask("call", {"name": name, "cases": list(cases)}, seconds, fresh=fresh)
        if reply.get("compiled") is True:
            self._sandbox.did("compile")
        if "failed" in reply:
            status, why = _words(reply["failed"]), _words(reply.get("why"))
        else:
            outcomes = _tree(reply)
            if isinstance(outcomes, list) and 0 < len(outcomes) <= len(cases) and all(map(_has_status, outcomes)):
                return outcomes
            status, why = "died", "no proper answer came back"
        error = {"type": "", "message": why, "line": ""}
        return [{"status": status, "error": error, "seconds": time.monotonic() - start}]

    def _ask(self, do, content, seconds, **more):
        if self._sandbox is None:
            raise SessionLost("is over")
        name = secrets.token_hex(16)
        question = np.frombuffer(pack({"do": do, **content}), np.uint8)
        message = pack({"id": name, "do": do, "seconds": float(seconds), "question": question, **more})
        end = time.monotonic() + seconds + GRACE_SECONDS
        try:
            frames.send(self._sandbox.channel, message, end)
            reply = unpack(frames.receive(self._sandbox.channel, end))
        except frames.Late:
            self._lose(f"gave no reply within {seconds + GRACE_SECONDS:g} s")
        except (frames.Broken, WireError) as fault:
            self._lose(f"the sandbox {fault}")
        if isinstance(reply, dict) and "lost" in reply:
            self._lose(_words(reply["lost"]))
        if not isinstance(reply, dict) or reply.get("id") != name:
            self._lose("broke the protocol")
        return reply

    def _lose(self, why):
        self.close()
        raise SessionLost(why) from None


def _tree(reply):
    """What student code answered, or None where that is no tree."""
    answer = reply.get("answer")
    if not isinstance(answer, np.ndarray):
        return None
    try:
        return unpack(answer.tobytes())
    except WireError:
        return None


def _has_status(found):
    return isinstance(found, dict) and type(found.get("status")) is str


def _error(found):
    if not isinstance(found, dict):
        return None
    return {key: _words(found.get(key)) for key in ("type", "message", "line")}


def _names(found):
    return {name for name in found if type(name) is str} if isinstance(found, list) else set()


def _words(value):
    return value[:MAX_WORDS] if isinstance(value, str) else ""
