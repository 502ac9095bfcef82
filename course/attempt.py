"""Try a function on one case and describe what happened, as a tree that can travel.

The same code runs in the learner's notebook, in the sandbox, and over the reference when answers are baked.
It judges nothing: course.judge does, and it runs no student code.
"""

import inspect
import tempfile
import time
import traceback
import warnings
from contextlib import nullcontext

import numpy as np

from course.access import watched_launch
from course.kinds import materialize, read_files, write_files
from course.nopython import NotCompiled
from course.turns import Endless
from course.wire import Scratch

MAX_MESSAGE = 300


def attempts(function, cases):
    """One outcome a case, as they come. A loop that never ends is waited for once: later cases share its outcome."""
    outcome = None
    for case in cases:
        if outcome is None or outcome["status"] != "timed out":
            outcome = attempt(function, case)
        yield outcome


def attempt(function, case):
    """Call `function` on a case (course.kinds) -> an outcome:

    {"status": "returned" | "raised" | "not written" | "timed out", "value": …, "after": the arguments as the call left them,
     "files": …, "warnings": [str], "error": {"type", "message", "line"} | None, "access": … , "seconds": float,
     "takes": the names of its parameters, () where it does not say}

    and for a case of the kind "compiled" also "compiled": facts (course.compiled) | None.
    """
    uses_files = _uses_files(case)
    with tempfile.TemporaryDirectory(prefix="threshold-case-") if uses_files else nullcontext() as folder:
        write_files(case.get("files", {}), folder)
        args = materialize(case["args"], folder)
        outcome = {"status": "returned", "value": None, "error": None, "access": None, "takes": _parameters(function)}
        if case.get("compiled"):
            outcome |= {"compiled": None, "after": _arrays_only(args)}
            _run(outcome, lambda: _compiled(function, lambda: materialize(case["args"], folder)))
        else:
            _run(outcome, lambda: _call(function, args, case.get("launch")))
            outcome["after"] = _arrays_only(args)
        outcome["files"] = read_files(folder) if uses_files else {}
    return outcome


def _parameters(function):
    try:
        given = inspect.signature(getattr(function, "py_func", function)).parameters.values()
    except (TypeError, ValueError):  # a function of C says nothing of its arguments
        return ()
    return tuple(each.name for each in given if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD))


def _call(function, args, launch):
    if launch is None:
        return {"value": function(*args)}
    return {"access": watched_launch(function, launch, args)}


def _compiled(function, fresh):
    from course.compiled import try_compiled

    value, args, facts = try_compiled(function, fresh)
    return {"value": value, "after": _arrays_only(args), "compiled": facts}


def _run(outcome, call):
    """Add to an outcome what a call gives or raises, and the warnings on the way."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        start = time.perf_counter()
        try:
            outcome |= call()
        except NotImplementedError:
            outcome["status"] = "not written"
        except Endless:
            outcome["status"] = "timed out"
        except Exception as fault:  # whatever a learner's function raises is an answer, not our failure
            outcome |= {"status": "raised", "error": describe(fault)}
        outcome["seconds"] = time.perf_counter() - start
    outcome["warnings"] = sorted({str(w.message)[:MAX_MESSAGE] for w in caught})[:5]


def describe(fault):
    """An exception in words, with the line of the learner's own code where it arose."""
    frames = traceback.extract_tb(fault.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith("<") or "ipykernel_" in frame.filename]
    told = fault.line if isinstance(fault, NotCompiled) else ""
    line = fault.text if isinstance(fault, SyntaxError) else own[-1].line if own else told
    try:
        message = str(fault)
    except Exception:  # an exception of the learner's own making
        message = ""
    return {"type": type(fault).__name__, "message": message[:MAX_MESSAGE], "line": (line or "").strip()}


def _uses_files(case):
    return bool(case.get("files")) or any(isinstance(arg, Scratch) for arg in case["args"])


def _arrays_only(args):
    """Mutable plain arguments, to see what a call did to them; generators and functions have no after."""
    keep = (np.ndarray, list, dict, tuple)  # a tuple stays, the arrays in it may not: an optimizer's state
    return tuple(arg if isinstance(arg, keep) else None for arg in args)
