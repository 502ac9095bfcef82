"""Names that an answer uses and a student's notebook does not have: a helper beside the model answer stays behind."""

import builtins
import symtable

GIVEN = {*dir(builtins), "__name__", "display", "get_ipython"}  # by Python, and by IPython


def missing_names(notebook):
    """Of each solution cell that uses names which no cell up to it binds: id -> those names, sorted.

    Cells that grading does not run bind nothing: what only a demonstration defines is not there when it counts.
    """
    known, missing = set(GIVEN), {}
    for cell in notebook.cells:
        role = cell.metadata.get("threshold", {}).get("role") if cell.cell_type == "code" else None
        if role not in ("setup", "solution"):
            continue
        bound, used = _names(cell.source)
        known |= bound
        if role == "solution" and used - known:
            missing[cell.id] = sorted(used - known)
    return missing


def _names(source):
    """(what a cell binds, what it uses from outside its functions)."""
    try:
        top = symtable.symtable(source, "<cell>", "exec")
    except SyntaxError:  # a magic, or a slip: running it says which
        return set(), set()
    bound = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    used, scopes = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}, top.get_children()
    while scopes:
        scope = scopes.pop()
        used |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global()}
        scopes += scope.get_children()
    return bound, used
