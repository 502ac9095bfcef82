"""Notebooks that need not be built again: those of last time, while the clone they were built from is the same.

Building them runs every reference and every wrong answer. What was handed out lies in the workspace already, untouched,
so `.threshold/built.json` says which code it came from: {"stamp": of the code, "files": of what was handed out}.
"""

import hashlib
import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from course.files import put
from course.workspace import STATE, pristine

FILE = "built.json"
ROOMS = ("course", "solutions", "grader")
RUN_BY = ("numpy", "scipy", "numba", "nbgrader", "jupytext")  # and by Python: another version may answer otherwise


def stamp(root):
    """A name for the code under `root` and for what runs it: whatever changes there, changes it."""
    digest = hashlib.sha256(repr([sys.version, *map(_version, RUN_BY)]).encode())
    files = (path for room in ROOMS for path in (root / room).rglob("*") if path.is_file())
    for path in sorted(path for path in files if "__pycache__" not in path.parts):
        _add(digest, path.relative_to(root), path.read_bytes())
    return digest.hexdigest()


def recall(folder, stamp):
    """{stage: {path: bytes}} as handed out to the workspace `folder` by code of this stamp; None if there is no such."""
    try:
        said = json.loads((_state(folder) / FILE).read_text(encoding="utf-8"))
        files = _handed_out(folder)
        return files if said == {"stamp": stamp, "files": _name(files)} else None
    except (OSError, ValueError):
        return None


def remember(folder, stamp):
    """Note that what lies handed out in `folder` came from code of this stamp."""
    said = {"stamp": stamp, "files": _name(_handed_out(folder))}
    put(_state(folder) / FILE, (json.dumps(said) + "\n").encode())


def _state(folder):
    return Path(folder) / STATE


def _handed_out(folder):
    root, found = pristine(folder, ""), {}
    for path in sorted(root.glob("*/**/*")):  # the start page lies above, and is nobody's stage
        if path.is_file():
            stage, *rest = path.relative_to(root).parts
            found.setdefault(stage, {})["/".join(rest)] = path.read_bytes()
    return found


def _name(files):
    digest = hashlib.sha256()
    for stage in sorted(files):
        for path in sorted(files[stage]):
            _add(digest, f"{stage}/{path}", files[stage][path])
    return digest.hexdigest()


def _add(digest, path, data):
    digest.update(f"{path}\0{len(data)}\0".encode() + data)


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
