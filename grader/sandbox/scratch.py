"""The one folder student code may write to: emptied between calls, measured while one runs."""

import itertools
import os
import stat


def wipe(folder):
    """Empty a folder, however deep, locked or odd what is in it.

    What a subfolder holds is lifted to the top before the subfolder goes: no recursion, no path that is too long.
    """
    lifted = itertools.count()
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
                continue
            os.chmod(entry.path, stat.S_IRWXU)
            for inner in list(os.scandir(entry.path)):
                if inner.is_dir(follow_symlinks=False):
                    os.chmod(inner.path, stat.S_IRWXU)  # a folder moves only if it can be written
                os.rename(inner.path, _free_name(folder, lifted))
            os.rmdir(entry.path)


def _free_name(folder, numbers):
    return next(path for i in numbers if not os.path.lexists(path := os.path.join(folder, f"lifted-{i}")))


def spent(folder, most):
    """(files, bytes on the disk) below a folder; counting ends soon after `most` files."""
    files = size = 0
    folders = [folder]
    while folders and files <= most:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in itertools.islice(entries, most + 1):
                    files += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except OSError:  # gone, locked, or too deep to name: the size of the file system holds there too
            continue
    return files, size
