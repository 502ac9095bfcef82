"""The levels without bubblewrap: "landlock", where the kernel keeps the process itself to its folders, and "none".

Both share the host's processes and devices; their scratch folder is one of the host's. See landlock.py and seccomp.py
for what "landlock" forbids; "none" forbids nothing, it only limits (limits.py).
"""

import contextlib
import os
import socket
import subprocess
import tempfile

from . import launch, machine, processes, scratch

END_SECONDS = 10.0


class Plain:
    """A running session: `channel` leads to its keeper, `stop` ends it."""

    kind = "one-shot"

    def __init__(self, level, memory_mb, scratch_mb):
        user = launch.unprivileged() if level == "landlock" else None
        kit = str(machine.kit())
        self.folder = tempfile.mkdtemp(prefix="threshold-session-")
        spec = launch.spec_of(
            level, kit=kit, scratch=[self.folder], user=user, memory_mb=memory_mb, scratch_mb=scratch_mb
        )
        spec |= {"read": [*machine.readable(), kit], "write": [self.folder, *machine.DEVICES]}
        options = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        if user is not None:
            os.chown(self.folder, user, user)
        try:
            self.process, self.channel = launch.start(
                spec,
                cwd=self.folder,
                env=machine.environment(self.folder),
                start_new_session=True,
                **options,
            )
        except launch.SessionLost:
            self._remove()
            raise

    def did(self, what):
        """It compiled, or imported, something; no other session has anything of it."""

    def stop(self):
        """End the session; the keeper kills what is below it, then itself."""
        with contextlib.suppress(OSError):
            self.channel.shutdown(socket.SHUT_RDWR)  # a process forked from the grader may hold a copy of this socket
        self.channel.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        processes.end_session(self.process.pid)
        self.process.wait()
        self._remove()

    def _remove(self):
        with contextlib.suppress(OSError):  # at level "none", something may live on and go on writing
            scratch.wipe(self.folder)
            os.rmdir(self.folder)
