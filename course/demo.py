"""Demonstrations: what a lesson shows and nobody grades.

    @demo
    def trained():
        w, b = perceptron_train(X, y)
        print(w, b)

runs at once. While nbgrader runs the notebook (Validate, autograding) it does nothing, so that both take seconds.
"""

import functools
import os
import traceback

from course.progress import recorded


def demo(function=None, *, after=None):
    """Run `function` now and return it unchanged. With after="name", wait until that prediction is stored.

    What the learner has still to write is told in a line; every other error is shown as it is.
    """
    if function is None:
        return functools.partial(demo, after=after)
    if unattended():
        print("(A demonstration: it waits until you run this cell yourself.)")
    elif after is not None and after not in recorded("prediction"):
        print("First your prediction: choose above, store it, then run this cell again.")
    else:
        _run(function)
    return function


def unattended():
    """True while nbgrader runs the notebook and nobody is there to watch."""
    return "NBGRADER_EXECUTION" in os.environ


def _run(function):
    try:
        function()
    except NotImplementedError as error:
        print(f"This demonstration needs your {_innermost(error).co_name} (above). Write it, then run this cell again.")
    except NameError as error:
        if _innermost(error).co_filename != function.__code__.co_filename:
            raise  # a slip inside the learner's own function: they need to see where
        print(f"This demonstration needs {error.name}, from a cell above. Run that cell first, then this one.")
    except Exception:
        if waiting := _wrong_so_far(function):
            print(
                f"Your {' and your '.join(waiting)} did not pass the last check: that may be why this ends in an error."
            )
        raise


def _wrong_so_far(function):
    """The learner's functions in this demonstration that are known to be wrong."""
    checks = recorded("check")
    return [name for name in function.__code__.co_names if checks.get(name, {}).get("status") == "wrong"]


def _innermost(error):
    """The code object in which `error` was raised."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return frame.f_code
