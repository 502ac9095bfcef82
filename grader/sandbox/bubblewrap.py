"""The level "bubblewrap": namespaces of its own for everything, and a file system that holds only what a session needs.

An ordinary user gets there through a user namespace. Root does not need one and must not have one: student code then
runs as an unprivileged user of the host (privileges.py), whose limit of processes counts; root's does not.

A session here is one bubblewrap, which imports everything anew ("one-shot"); nursery.py has the faster way.
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
LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}
CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")  # root's, to become another user and leave no way back


class OneShot:
    """A running sandbox: `channel` leads to its keeper, `stop` ends it. It dies with the thread that opened it."""

    kind = "one-shot"

    def __init__(self, memory_mb, scratch_mb):
        user = launch.unprivileged()
        capabilities = () if user is None else CAPABILITIES
        started = start(spec_of(user, memory_mb, scratch_mb), ["--die-with-parent"], capabilities=capabilities)
        self.process, self.channel, self.init = started

    def did(self, what):
        """It compiled, or imported, something; no other session has anything of it."""

    def stop(self):
        """End every process of the sandbox; returns when none is left."""
        end(self.channel, self.init)
        self.process.kill()
        self.process.wait()


def spec_of(user, memory_mb, scratch_mb):
    """What a session is told (launch.spec_of), with the folders it may write and their sizes in MB."""
    folders = {SCRATCH: scratch_mb, SHARED: SHARED_MB}
    spec = launch.spec_of(
        "bubblewrap", kit=KIT, scratch=[*folders], user=user, memory_mb=memory_mb, scratch_mb=scratch_mb
    )
    return spec | {"folders": folders, "drop_to": user}


def start(spec, options, *, capabilities=(), pass_fds=()):
    """Run bwrap around a first process: (bwrap, channel, pidfd of the first process). Raises SessionLost.

    capabilities: what the first process keeps, until it gives them up itself.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise launch.Refused("the program bwrap is not installed")
    with contextlib.ExitStack() as stack:
        read_options, write_options = _pipe(stack)
        read_info, write_info = _pipe(stack)
        options = [
            *options,
            *namespaces(spec["drop_to"]),
            *mounts(spec["folders"]),
            "--info-fd",
            str(write_info.fileno()),
        ]
        options += [word for capability in capabilities for word in ("--cap-add", capability)]
        write_options.write("".join(f"{option}\0" for option in options).encode())
        write_options.close()
        process, channel = launch.start(
            spec,
            [bwrap, "--args", str(read_options.fileno()), "--"],
            pass_fds=[read_options.fileno(), write_info.fileno(), *pass_fds],
            env={},  # whoever is inside reads it at /proc/1/environ, also after --clearenv
        )
        write_info.close()
        return process, channel, os.pidfd_open(json.load(read_info)["child-pid"])


def end(channel, init):
    """Kill the first process of a PID namespace, and with it all others; returns when none is left."""
    channel.close()
    if init is None:  # it was gone before anybody could get hold of it
        return
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(init, signal.SIGKILL)
    poller = select.poll()
    poller.register(init, select.POLLIN)
    poller.poll(END_SECONDS * 1000)  # the first process of a namespace is dead once all others are
    os.close(init)


def _pipe(stack):
    read, write = os.pipe()
    return stack.enter_context(open(read, "rb")), stack.enter_context(open(write, "wb"))


def namespaces(user):
    """The options that leave the host's processes, network, names and privileges outside."""
    apart = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    apart += ["--hostname", "course", "--new-session"]
    apart += ["--as-pid-1"]  # bwrap's own first process would be under no filter, and its memory open to its user
    return [*apart, "--cap-drop", "ALL"] if user is not None else [*apart, "--unshare-user"]


def mounts(folders):
    """The options that build the file system and its environment: read-only, but for folders of so many MB."""
    paths = {path: ["--ro-bind", path, path] for path in machine.readable()}
    for path in machine.SYSTEM:
        if path in paths and os.path.islink(path):  # /lib -> usr/lib
            paths[path] = ["--symlink", os.readlink(path), path]
    hidden = str(machine.PROJECT)
    if any(hidden.startswith(f"{path}/") for path in paths):  # a clone below /usr, as in some containers
        paths[hidden] = ["--tmpfs", hidden]
    if not any(path.startswith("/tmp/") for path in paths):
        paths["/tmp"] = ["--symlink", SCRATCH, "/tmp"]
    # Not bwrap's --dev: it brings terminals, and for their sake an ordinary user a second user namespace, from within
    # which the zygote could not leave its PID namespace again.
    paths |= {path: ["--dev-bind", path, path] for path in machine.DEVICES}
    paths |= {f"/dev/{name}": ["--symlink", target, f"/dev/{name}"] for name, target in LINKS.items()}
    for path in list(paths):
        for parent in map(str, list(Path(path).parents)[:-1]):  # bwrap makes them for its own user alone
            paths.setdefault(parent, ["--perms", "0755", "--dir", parent])
    options = [option for path in sorted(paths, key=lambda p: p.count("/")) for option in paths[path]]
    options += ["--ro-bind", str(machine.kit()), KIT, "--proc", "/proc"]
    for folder, megabytes in folders.items():
        options += ["--perms", "1777", "--size", str(megabytes << 20), "--tmpfs", folder]
    for name, value in machine.environment(SCRATCH).items():
        options += ["--setenv", name, value]
    return [*options, "--remount-ro", "/", "--chdir", SCRATCH]
