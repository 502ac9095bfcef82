"""Verdicts kept under everything they depend on: nothing is graded twice, and what was interrupted goes on where it was.

`threshold grade` fills this ahead with several processes; `nbgrader autograde` and the Formgrader's button then only
read. A verdict depends on the cells that ran, the exercises and their points, the judge's own code, the class's secret,
the isolation level and the versions that compute; a change to any of them is another key.
"""

import hashlib
import json
import platform
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import version

from course.files import put
from course.judge import Verdict
from grader import CLONE, challenge
from grader.exercises import EXERCISES

JUDGES = (
    "course/*.py",
    "course/translation.json",
    "grader/__init__.py",
    "grader/challenge.py",
    "grader/exercise.py",
    "grader/exercises/*.py",
    "grader/sandbox/*.py",
    "grader/stages.py",
    "solutions/*.py",
)
COMPUTES = ("numpy", "numba", "scipy")


@dataclass(frozen=True)
class Graded:
    """The verdicts on one submission (exercise -> Verdict), what went wrong in its cells (index -> error), and where."""

    verdicts: dict
    errors: dict
    isolation: str


def graded(classroom, stage, cells, names, level, *, again=False):
    """The stored verdicts on these cells, or fresh ones, which are stored. again: never the stored ones."""
    path = place_of(classroom, stage, cells, names, level)
    kept = None if again else load(path)
    if kept is not None:
        return kept
    fresh = Graded(*challenge.grade(cells, names, classroom.secret(), level), level)
    put(path, dump(fresh))
    return fresh


def place_of(classroom, stage, cells, names, level):
    """The file that keeps the verdicts on these cells, whether it is there or not."""
    return classroom.state / "verdicts" / stage / f"{key_of(classroom.secret(), cells, names, level)}.json"


def key_of(secret, cells, names, level):
    """The name under which the verdicts on these cells are kept."""
    parts = [secret.hex(), code(), level, declared(names), "", *cells]
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def declared(names):
    """What these exercises say of themselves, as text: one that is registered from elsewhere changes none of our files."""
    return repr([(name, EXERCISES[name].version, sorted(EXERCISES[name].points.items())) for name in names])


@cache
def code():
    """A fingerprint of everything that takes part in judging: our own files, and what computes."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in JUDGES for path in CLONE.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for name in COMPUTES:
        digest.update(f"{name} {version(name)}".encode())
    digest.update(platform.python_version().encode())
    return digest.hexdigest()


def dump(graded):
    """A Graded as JSON."""
    verdicts = {name: verdict.as_dict() for name, verdict in graded.verdicts.items()}
    kept = {"isolation": graded.isolation, "verdicts": verdicts, "errors": graded.errors}
    return json.dumps(kept, indent=1).encode()


def load(path):
    """What is kept there, or None; a file that cannot be read is as good as none."""
    try:
        return parse(path.read_bytes())
    except OSError:
        return None


def parse(content):
    """The Graded that JSON holds, or None."""
    try:
        kept = json.loads(content)
        verdicts = {name: _verdict(entry) for name, entry in kept["verdicts"].items()}
        return Graded(verdicts, {int(index): error for index, error in kept["errors"].items()}, kept["isolation"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _verdict(entry):
    known = {field.name for field in fields(Verdict)}
    made = {name: value for name, value in entry.items() if name in known}
    return Verdict(**made | {name: tuple(made[name]) for name in ("misconceptions", "cases", "besides")})
