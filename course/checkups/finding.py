"""One finding: what was looked at, how it is, and the sentence that mends it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """status: "ok", "note" (good to know), "problem", "fixed". fix: does what `mend` says, where that is safe."""

    status: str
    found: str
    mend: str = ""
    fix: Callable | None = None
    name: str = ""  # the doctor fills it in: the name of the checkup


def ok(found):
    return Finding("ok", found)


def note(found, mend=""):
    return Finding("note", found, mend)


def problem(found, mend, fix=None):
    return Finding("problem", found, mend, fix)
