"""The processor's time of a command and of everything it starts, also of what is killed and never waited for.

`resource` knows only of children that somebody waited for; sandboxes end by being killed. A control group of the kernel
counts whoever was in it. It takes the right to make one: root's, or that of a user whose system delegates them.
"""

import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path

ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"'


class NoGroups(Exception):
    """This machine lets this user make no control group that counts."""


@contextlib.contextmanager
def cpu_group():
    """A new control group: run(command, **options) in it, `seconds()` so far. Raises NoGroups."""
    for parent, usage in candidates():
        with contextlib.suppress(OSError):
            group = Group(Path(tempfile.mkdtemp(prefix="threshold-", dir=parent)), usage)
            break
    else:
        raise NoGroups("no control group can be made: be root, or start it with `systemd-run --user --scope`")
    try:
        yield group
    finally:
        for _ in range(100):  # whoever was killed in there may take a moment
            with contextlib.suppress(OSError):
                group.folder.rmdir()
                break
            time.sleep(0.01)


class Group:
    """A control group; usage: (file, how to read seconds from its text)."""

    def __init__(self, folder, usage):
        self.folder, (self.file, self.read) = folder, usage

    def run(self, command, **options):
        """subprocess.run, within the group."""
        return subprocess.run(["sh", "-c", ENTER, str(self.folder), *command], **options)

    def seconds(self):
        """Of the processor, used by whoever is or was in the group."""
        return self.read((self.folder / self.file).read_text())


def candidates():
    """(folder in which a group may perhaps be made, how its use is read), versions 1 and 2 of control groups."""
    own = dict(line.split(":", 2)[1:] for line in lines("self/cgroup"))
    for line in lines("mounts"):
        _, mounted, kind, options, *_ = line.split()
        if kind == "cgroup" and "cpuacct" in options.split(","):
            path = next((path for names, path in own.items() if "cpuacct" in names.split(",")), "/")
            yield os.path.join(mounted, path.lstrip("/")), ("cpuacct.usage", lambda text: int(text) / 1e9)
        if kind == "cgroup2":
            path = own.get("", "/")
            usage = ("cpu.stat", lambda text: int(text.split()[1]) / 1e6)  # its first line: usage_usec N
            yield os.path.join(mounted, path.lstrip("/")), usage


def lines(name):
    return Path("/proc", name).read_text().splitlines()
