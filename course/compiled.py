"""Try a function that a learner has compiled: is it compiled at all, and does it answer the same every time?

The plain lines go first: where they run out of bounds, compiled code would read or write whatever lies there, and may
take the kernel with it. Then the compiled function runs on one thread, and a few times on two.
"""

import warnings
from contextlib import contextmanager

import numpy as np

from course.compilation import NOTHING
from course.iterations import Watch
from course.nopython import explained
from course.plainly import calls_empty, is_compiled, run_plainly

THREADS, RUNS = 2, 3


def try_compiled(function, fresh):
    """Call `function` on fresh() arguments -> (value, the arguments as the call left them, facts).

    facts: {"mode": "nopython" | "object" | "python", "threads": on how many a parallel function was tried (0: it is
    not parallel), "race": a sentence or "", "racing": its array, without names that a learner is free to choose,
    "unset": it reads cells of np.empty that nothing has written, "others": {"threads" | "plain": a value that is not the
    same to the bit}}. `value` is that of one thread. What the function raises is raised;
    NotCompiled (course.nopython) where numba does not compile it.
    """
    facts = dict(NOTHING)
    if not is_compiled(function):
        args = fresh()
        return function(*args), args, facts
    parallel = bool(function.targetoptions.get("parallel"))
    watch = Watch() if parallel else None
    plain, fault = _plain(function, fresh, watch)
    value, args = _alone(function, fresh, fault)
    facts["mode"] = "nopython" if function.nopython_signatures else "object"
    if fault is None and calls_empty(function):
        facts["unset"] = not _same(plain, _plain(function, fresh, None, poison=False)[0])
    if facts["unset"]:
        return plain, args, facts  # what the compiled function read is luck
    if parallel:
        facts |= {"threads": _threads(), "race": watch.in_words(), "racing": watch.signature()}
    if not facts["race"]:
        again = [("threads", other) for other in _again(function, fresh, parallel)]
        others = [*again, *([("plain", plain)] if fault is None else [])]
        facts["others"] = {how: other for how, other in others if not _same(other, value)}
    return value, args, facts


def race_in(function, *args):
    """The race that the plain lines of a compiled function show on these arguments, in a sentence, or ''."""
    watch = Watch()
    run_plainly(function, args, watch=watch)
    return watch.in_words()


def _plain(function, fresh, watch, *, poison=True):
    """(what the plain lines return, None), or (None, what they raised): numba knows things that Python does not."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return run_plainly(function, fresh(), watch=watch, poison=poison), None
        except (NotImplementedError, IndexError):
            raise
        except Exception as fault:
            return None, fault


def _alone(function, fresh, fault):
    """(value, arguments) of the compiled function on one thread. `fault`: what its plain lines have raised."""
    from numba.core.errors import NumbaError

    args = fresh()
    try:
        with _on(1, function.targetoptions.get("parallel")):
            return function(*args), args
    except Exception as error:
        if fault is not None:
            raise fault from None  # in Python's words, and with the line
        if isinstance(error, (NumbaError, NotImplementedError)):
            raise explained(error, function) from None
        raise


def _again(function, fresh, parallel):
    """The values of further runs, on two threads where that makes a difference."""
    for _ in range(RUNS if parallel else 1):
        with _on(_threads() if parallel else 1, parallel):
            yield function(*fresh())


def _threads():
    from numba import config

    return min(THREADS, config.NUMBA_NUM_THREADS)


@contextmanager
def _on(threads, parallel):
    """Run what is inside on so many threads. Only a parallel function starts any."""
    if not parallel:
        yield
        return
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(threads)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def _same(one, other):
    """The same to the bit, at every leaf of two trees."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    kinds = (np.ndarray, np.generic, bool, int, float)
    if isinstance(one, kinds) and isinstance(other, kinds):
        one, other = np.asarray(one), np.asarray(other)
        return one.shape == other.shape and np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
    return type(one) is type(other)
