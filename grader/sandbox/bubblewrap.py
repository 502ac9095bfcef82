"""The level "bubblewrap": namespaces of its own for everything, and a file system that holds only what a session needs.

An ordinary user gets there through a user namespace. Root does not need one and must not have one: student code then
runs as an unprivileged user of the host (inside.confine), whose limit of processes counts; root's does not.

bwrap dies with the thread that started it: keep a session in the thread that opened it.
"""

import contextlib
import json
import os
import select
import shutil
import signal
from pathlib import Path

from . import launch, machine

KIT, SCRATCH, SHARED = "/threshold", "/scratch", "/dev/shm"
SHARED_MB = 64
END_SECONDS = 10.0


class Bubblewrap:
    """A running sandbox: `channel` leads to its keeper, `stop` ends it."""

    def __init__(self, memory_mb, scratch_mb):
        bwrap = shutil.which("bwrap")
        if bwrap is None:
            raise launch.SessionLost("the program bwrap is not installed")
        user = launch.unprivileged()
        spec = launch.spec_of(
            "bubblewrap", kit=KIT, scratch=[SCRATCH, SHARED], user=user, memory_mb=memory_mb, scratch_mb=scratch_mb
        )
        with contextlib.ExitStack() as stack:
            read_options, write_options = _pipe(stack)
            read_info, write_info = _pipe(stack)
            options = [*namespaces(user), *mounts(scratch_mb), "--info-fd", str(write_info.fileno())]
            write_options.write("".join(f"{option}\0" for option in options).encode())
            write_options.close()
            self.process, self.channel = launch.start(
                {**spec, "drop_to": user},
                [bwrap, "--args", str(read_options.fileno()), "--"],
                pass_fds=[read_options.fileno(), write_info.fileno()],
                env={},  # whoever is inside reads it at /proc/1/environ, also after --clearenv
            )
            write_info.close()
            self.init = os.pidfd_open(json.load(read_info)["child-pid"])

    def stop(self):
        """End every process of the sandbox; returns when none is left."""
        self.channel.close()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.init, signal.SIGKILL)
        poller = select.poll()
        poller.register(self.init, select.POLLIN)
        poller.poll(END_SECONDS * 1000)  # the first process of a namespace is dead once all others are
        os.close(self.init)
        self.process.kill()
        self.process.wait()


def _pipe(stack):
    read, write = os.pipe()
    return stack.enter_context(open(read, "rb")), stack.enter_context(open(write, "wb"))


def namespaces(user):
    """The options that leave the host's processes, network, names and privileges outside."""
    apart = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    apart += ["--hostname", "course", "--new-session", "--die-with-parent"]
    apart += ["--as-pid-1"]  # bwrap's own first process would be under no filter, and its memory open to its user
    if user is None:
        return [*apart, "--unshare-user"]
    return [*apart, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]


def mounts(scratch_mb):
    """The options that build the file system and its environment: read-only, but for two sized folders."""
    paths = {path: ["--ro-bind", path, path] for path in machine.readable()}
    for path in machine.SYSTEM:
        if path in paths and os.path.islink(path):  # /lib -> usr/lib
            paths[path] = ["--symlink", os.readlink(path), path]
    hidden = str(machine.PROJECT)
    if any(hidden.startswith(f"{path}/") for path in paths):  # a clone below /usr, as in some containers
        paths[hidden] = ["--tmpfs", hidden]
    if not any(path.startswith("/tmp/") for path in paths):
        paths["/tmp"] = ["--symlink", SCRATCH, "/tmp"]
    for path in list(paths):
        for parent in map(str, list(Path(path).parents)[:-1]):  # bwrap makes them for its own user alone
            paths.setdefault(parent, ["--perms", "0755", "--dir", parent])
    options = [option for path in sorted(paths, key=lambda p: p.count("/")) for option in paths[path]]
    options += ["--ro-bind", str(machine.kit()), KIT, "--proc", "/proc", "--dev", "/dev"]
    for folder, megabytes in ((SCRATCH, scratch_mb), (SHARED, SHARED_MB)):
        options += ["--perms", "1777", "--size", str(megabytes << 20), "--tmpfs", folder]
    for name, value in machine.environment(SCRATCH).items():
        options += ["--setenv", name, value]
    return [*options, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", SCRATCH]
