"""The folders people work in: a learner's workspace, an instructor's class."""

import os
import sys

from course import workspace as rooms
from course.checkups.finding import note, ok, problem
from course.checkups.jupyter import NBGRADER

LIBRARIES = {"course", "ipykernel", "matplotlib", "numba", "numpy", "scipy", "sklearn", *sys.stdlib_module_names}


def workspace(place):
    """Files that stand in a lesson's way."""
    room = rooms.locate(start=place)
    if not room.is_dir():
        yield note("none here", "`threshold learn` makes one.")
        return
    shadows = [path for path in sorted([*room.glob("*.py"), *room.glob("*/*.py")]) if path.stem in LIBRARIES]
    for path in shadows:
        mend = f"Rename it: `import {path.stem}` may find your file where the library is meant."
        yield problem(f"{path} has the name of a library", mend)
    for path in sorted(room.glob("*/*.new*.ipynb")):
        yield note(f"{path} is a newer lesson beside yours", "Take from it what you like, then delete it.")
    if not shadows:
        yield ok(str(room))


def class_of(place):
    """The class folder that `place` is or lies in, the nearest with an nbgrader_config.py; None where there is none."""
    here = place.resolve()
    return next((path for path in (here, *here.parents) if (path / NBGRADER).is_file()), None)


def class_folder(place):
    """A class holds answers and grades, so its folder is its owner's alone."""
    root = class_of(place)
    if root is None or not any((root / part).exists() for part in ("source", "gradebook.db", "exchange")):
        return
    for path in sorted(root.glob("source/*/*.py")):
        yield problem(f"{path} would be released beside its notebook, answers and all", "Move it out of `source`.")
    if os.name != "posix":
        yield note(str(root), "Grading needs Linux or WSL 2; there the doctor looks at permissions, too.")
        return
    yield _private(root, 0o700)
    for path in (root / "gradebook.db", root / ".threshold" / "secret"):
        if path.is_file():
            yield _private(path, 0o600)


def _private(path, mode):
    if path.stat().st_mode & 0o077:
        mend = f"Run `chmod {mode:o} {path}`: it holds answers or grades."
        return problem(f"others on this machine can look into {path}", mend, lambda: path.chmod(mode))
    return ok(f"{path} is private")
