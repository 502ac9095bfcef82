"""What became of the cell that defines a function: one that Python could not read leaves the older function in place."""

import ast
import re
import warnings

from course.messages import say


def unreadable(name, cells=None):
    """The SyntaxError of the last cell run that defines `name`; None where Python could read it, or outside a notebook.

    cells: the sources run so far, in order; those of this session by default.
    """
    cells = _session() if cells is None else cells
    definition = re.compile(rf"^[ \t]*(async )?def {re.escape(name)}\b", re.MULTILINE)
    source = next((cell for cell in reversed(cells) if definition.search(cell)), "")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the cell itself has warned of already
            compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as fault:
        return fault
    return None


def told(name):
    """The sentence for a cell of `name` that Python could not read; '' where it could."""
    fault = unreadable(name)
    if fault is None:
        return ""
    code = (fault.text or "").strip()  # Python gives none where a line stands outside its function
    where = {"line": fault.lineno, "code": f", `{code}`" if code else "", "message": fault.msg}
    return f"✗ {say('not run', exercise=name, **where)}"


def _session():
    from IPython import get_ipython

    shell = get_ipython()
    return [] if shell is None else shell.user_ns.get("In", [])
