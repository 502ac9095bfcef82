"""An exercise that is used before the cell of its function has run: a sentence says so, instead of Python's traceback."""

import sys
import traceback

from course import lastrun
from course.messages import say


def explain():
    """From here on, in a notebook, say it. The error stays the one it is; only what is shown of it changes."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and not shell.custom_exceptions:  # else somebody else looks at them
        shell.set_custom_exc((NameError,), _show)


def _show(shell, kind, error, trace, tb_offset=None):
    *_, (innermost, _) = traceback.walk_tb(trace)
    if innermost.f_code.co_name == "<module>" and (said := sentence(error.name)):
        error._render_traceback_ = lambda: [said]
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def sentence(name):
    """What to do where the exercise `name` is not defined; '' where it is none of this notebook's."""
    from course.check import SUFFIX, find_sheets

    folder = find_sheets()
    if not name or folder is None or not (folder / f"{name}{SUFFIX}").is_file():
        return ""
    return lastrun.told(name) or f"○ {say('not defined', exercise=name)}"
