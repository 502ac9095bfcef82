"""Start the first process of a session, and hear that it is ready. The levels differ in what they wrap around it."""

import json
import os
import secrets
import socket
import subprocess
import time

from course.wire import WireError, unpack

from . import frames, machine, processes

START_SECONDS = 60.0
ENTER = """
import json, site, sys
site.sethelper()
spec = json.loads(sys.argv.pop())
sys.path[:] = [spec["kit"], *sys.path, *spec["packages"]]
from sandbox import inside
inside.enter(spec)
"""


class SessionLost(Exception):
    """The whole session died, took too long or broke the protocol, or never started: open another one."""


class Refused(SessionLost):
    """This machine does not let it start, today or tomorrow; the message says what stands against it."""


def unprivileged():
    """A user id for student code where the grader is root, else None.

    It comes from systemd's range for services that live for a moment, and another one for each session: sessions of
    the same user would share that user's limit of processes.
    """
    return 61184 + secrets.randbelow(65520 - 61184) if os.geteuid() == 0 else None


def spec_of(level, *, kit, scratch, user, memory_mb, scratch_mb):
    """What the first process is told. scratch: the folders it may write, its home first. user: unprivileged()."""
    return {
        "level": level,
        "kit": str(kit),
        "fonts": f"{kit}/fonts",
        "packages": machine.package_folders(),
        "scratch": scratch,
        "memory_mb": memory_mb,
        "scratch_mb": scratch_mb,
        "tasks": processes.tasks_of(os.geteuid() if user is None else user),
        "drop_to": None,
        "grader": None,
        "on_demand": machine.ON_DEMAND,
    }


def python(spec):
    """The command that enters a session. What can be imported there is said by the spec, not found by Python."""
    return [machine.interpreter(), "-I", "-S", "-B", "-c", ENTER, json.dumps(spec)]


def start(spec, wrapper=(), *, pass_fds=(), **options):
    """Run `wrapper` around the first process and wait until that is ready: (process, channel). Raises SessionLost."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [*wrapper, *python({**spec, "channel": theirs.fileno()})]
        try:
            process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno(), *pass_fds],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                **options,
            )
        except OSError as fault:
            ours.close()
            raise Refused(f"{command[0]} cannot be started: {fault.strerror}") from None
    with process.stderr:
        try:
            await_ready(ours)
        except SessionLost as why:
            ours.close()
            process.kill()
            process.wait()
            raise type(why)(_last_words(process) or str(why)) from None
        return process, ours


def await_ready(channel):
    """Wait for what a session says first. Raises Refused where it ends before that, SessionLost where it is late."""
    try:
        said = unpack(frames.receive(channel, time.monotonic() + START_SECONDS))
    except frames.Late:
        raise SessionLost(f"the sandbox does not start within {START_SECONDS:g} s") from None
    except (frames.Broken, WireError) as fault:
        raise Refused(f"the sandbox {fault}") from None
    if said != {"ready": True}:
        raise Refused(str(said.get("lost")) if isinstance(said, dict) else "the sandbox broke the protocol")


def _last_words(process):
    """The last line a process wrote before it failed."""
    os.set_blocking(process.stderr.fileno(), False)
    lines = (process.stderr.read() or b"").decode(errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else None
