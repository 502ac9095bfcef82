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
            raise SessionLost(f"{command[0]} cannot be started: {fault.strerror}") from None
    with process.stderr:
        if _ready(ours):
            return process, ours
        ours.close()
        process.kill()
        raise SessionLost(_last_words(process))


def _ready(channel):
    try:
        return unpack(frames.receive(channel, time.monotonic() + START_SECONDS)) == {"ready": True}
    except (frames.Late, frames.Broken, WireError):
        return False


def _last_words(process):
    """The last line a process wrote before it failed."""
    process.wait()
    os.set_blocking(process.stderr.fileno(), False)
    lines = (process.stderr.read() or b"").decode(errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else f"the sandbox does not start within {START_SECONDS:g} s"
