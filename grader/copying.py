"""A folder copied while its owner may still be at work in it: nothing is trusted by its name.

What was a folder or a file when it was listed may be a link by the time it is opened. So everything is opened from the
handle of the folder it lies in, never through a link, never waiting, and looked at once it is open.
"""

import os
import stat
from contextlib import contextmanager

DEEPEST = 100  # folders within each other; whoever walks through the copy has to come to an end
BLOCK = 4096  # what an entry takes, even an empty one
FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def copy_folder(src, dest, room):
    """Copy what lies in a folder, notebooks first, links as links; returns how many entries are left out.

    dest: a folder that is there. room: for so many bytes. Raises OSError where src is no folder, or closed.
    """
    with _opened(src, FOLDER) as folder:
        copy = _Copy(room)
        copy.fill(dest, folder)
        return copy.left_out


class _Copy:
    def __init__(self, room):
        self.room, self.left_out = room, 0

    def fill(self, dest, folder, depth=0):
        for name in sorted(os.listdir(folder), key=lambda name: not name.endswith(".ipynb")):
            try:
                self._take(BLOCK)
                self._entry(name, folder, dest / name, depth)
            except OSError:
                self.left_out += 1

    def _entry(self, name, folder, target, depth):
        kind = _kind(name, folder)
        if stat.S_ISLNK(kind):
            os.symlink(os.readlink(name, dir_fd=folder), target)
        elif stat.S_ISREG(kind):
            with _opened(name, FILE, folder) as handle, open(handle, "rb", closefd=False) as file:
                self._file(file, target)
        elif stat.S_ISDIR(kind) and depth < DEEPEST:
            with _opened(name, FOLDER, folder) as inside:
                target.mkdir()
                self.fill(target, inside, depth + 1)
        else:
            raise OSError("a pipe, a device, or too deep")

    def _file(self, file, target):
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise OSError("no file any more")
        self._take(about.st_size - BLOCK)
        with open(target, "xb") as copy:
            for _ in range(0, about.st_size, BLOCK):  # as much as it held then: it may be growing
                copy.write(file.read(BLOCK))

    def _take(self, size):
        if size > self.room:
            raise OSError("too large")
        self.room -= max(0, size)


@contextmanager
def _opened(name, flags, folder=None):
    handle = os.open(name, flags, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


def _kind(name, folder):
    return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
