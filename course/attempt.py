"""Try a function on one case and describe what happened, as a tree that can travel.

The same code runs in the learner's notebook, in the sandbox, and over the reference when answers are baked.
It judges nothing: course.judge does, and it runs no student code.
"""

import tempfile
import time
import traceback
import warnings

import numpy as np

from course.access import watched_launch
from course.kinds import materialize, read_files, write_files

MAX_MESSAGE = 300


def attempt(function, case):
    """Call `function` on a case (course.kinds) -> an outcome:

    {"status": "returned" | "raised" | "not written", "value": …, "after": the arguments as the call left them,
     "files": …, "warnings": [str], "error": {"type", "message", "line"} | None, "access": … , "seconds": float}
    """
    with tempfile.TemporaryDirectory(prefix="threshold-case-") as folder:
        write_files(case.get("files", {}), folder)
        args = materialize(case["args"], folder)
        outcome = _call(function, args, case.get("launch"))
        outcome["after"] = _arrays_only(args)
        outcome["files"] = read_files(folder) if _uses_files(case) else {}
    return outcome


def _call(function, args, launch):
    outcome = {"status": "returned", "value": None, "error": None, "access": None}
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        start = time.perf_counter()
        try:
            if launch is None:
                outcome["value"] = function(*args)
            else:
                outcome["access"] = watched_launch(function, launch, args)
        except NotImplementedError:
            outcome["status"] = "not written"
        except Exception as fault:  # whatever a learner's function raises is an answer, not our failure
            outcome |= {"status": "raised", "error": describe(fault)}
        outcome["seconds"] = time.perf_counter() - start
    outcome["warnings"] = sorted({str(w.message)[:MAX_MESSAGE] for w in caught})[:5]
    return outcome


def describe(fault):
    """An exception in words, with the line of the learner's own code where it arose."""
    frames = traceback.extract_tb(fault.__traceback__)
    own = [
        frame
        for frame in frames
        if frame.filename.startswith(("<", "/tmp/ipykernel")) or "ipykernel_" in frame.filename
    ]
    line = fault.text if isinstance(fault, SyntaxError) else own[-1].line if own else ""
    try:
        message = str(fault)
    except Exception:  # an exception of the learner's own making
        message = ""
    return {"type": type(fault).__name__, "message": message[:MAX_MESSAGE], "line": (line or "").strip()}


def _uses_files(case):
    return bool(case.get("files")) or "Scratch" in {type(arg).__name__ for arg in case["args"]}


def _arrays_only(args):
    """Mutable plain arguments, to see what a call did to them; generators and functions have no after."""
    keep = (np.ndarray, list, dict)
    return tuple(arg if isinstance(arg, keep) else None for arg in args)
