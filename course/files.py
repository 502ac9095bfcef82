"""Files that survive a power cut, and one writer at a time."""

import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path

STALE = 2.0  # seconds; a write takes milliseconds, so an older lock belongs to a process that died


def put(path, data):
    """Write `data` (bytes) to `path` whole or not at all; a link keeps pointing where it points. Raises OSError."""
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        aside.write_bytes(data)
        if path.exists():
            shutil.copymode(path, aside)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def locked(lock):
    """One writer at a time: several notebooks are several processes. A lock file works on every system."""
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            _remove_if_stale(lock)
            time.sleep(0.01)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _remove_if_stale(lock):
    try:
        if time.time() - lock.stat().st_mtime > STALE:
            lock.unlink(missing_ok=True)
    except FileNotFoundError:
        pass
