"""Bring new course material into a notebook a learner has worked in: three versions in, one out, matched by cell id.

`old` is the pristine copy the learner began with, `mine` the learner's notebook, `new` the course's. What the learner
left alone follows the course; what the learner wrote, added, moved or deleted stays; where both changed one cell, the
learner's stays and the caller is told, unless the course has reworded comments and docstrings alone.
"""

import ast
from copy import deepcopy

from nbformat import v4
from nbformat.corpus.words import generate_corpus_id


class UnreadableNotebook(ValueError):
    """Not a version-4 notebook; the message says why."""


def read(data):
    """bytes -> a notebook, unvalidated beyond what merging needs. Raises UnreadableNotebook."""
    try:
        notebook = v4.reads(data.decode("utf-8"))
        cells = notebook["cells"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise UnreadableNotebook(str(fault).strip() or type(fault).__name__) from None
    minor = notebook.get("nbformat_minor", 0)
    if notebook.get("nbformat") != 4 or not isinstance(minor, int) or not isinstance(cells, list):
        raise UnreadableNotebook("its format is not version 4")
    for cell in cells:
        if fault := _fault(cell):
            raise UnreadableNotebook(fault)
        if cell.cell_type == "code":
            cell.setdefault("outputs", [])  # an editor that keeps none is forgiven
    return notebook


def _fault(cell):
    """What a cell lacks, or ''. That it is a table with metadata nbformat has seen to."""
    if not isinstance(cell.get("source"), str):
        return "a cell has no text"
    if not isinstance(cell.get("cell_type"), str):
        return "a cell has no type"
    if not isinstance(cell.get("id"), str | None):
        return "a cell has an id that is no text"
    sound = cell.cell_type != "code" or all(map(_is_output, cell.get("outputs", [])))
    return "" if sound else "a cell has an output without its type or its text"


def _is_output(output):
    kind = output.get("output_type")
    return isinstance(kind, str) and (kind != "stream" or "text" in output)


def write(notebook):
    """A notebook as bytes, laid out as Jupyter does."""
    return (v4.writes(notebook).rstrip("\n") + "\n").encode("utf-8")


def merge(old, mine, new):
    """The merged notebook, and whether some cell was changed by both sides."""
    theirs, fresh = _by_id(old.cells), _by_id(new.cells)
    own = _by_id(recognize(mine, old).cells)
    kept, contested = {}, False
    for key in own | fresh:
        versions = theirs.get(key), own.get(key), fresh.get(key)
        cell, clash = _decide(*versions)
        contested |= clash
        if cell is not None:
            kept[key] = _dress(cell, *versions)
    merged = deepcopy(mine)
    merged.cells = _with_ids([kept[key] for key in _order(theirs, own, fresh) if key in kept])
    merged.metadata = _three_way(old.metadata, mine.metadata, new.metadata)
    merged.nbformat_minor = max(mine.get("nbformat_minor", 0), new.get("nbformat_minor", 0))
    return merged, contested


def related(mine, new):
    """Whether `mine` began as some version of `new`: it holds at least half of its cells, by id."""
    ids = {cell.get("id") for cell in new.cells}
    return len(ids & {cell.get("id") for cell in mine.cells}) * 2 >= len(ids)


def recognize(mine, old):
    """`mine` with the ids an editor dropped or redrew given back, to cells whose text is still a pristine cell's."""
    known, present = _by_id(old.cells), {cell.get("id") for cell in mine.cells}
    lost = {(cell.cell_type, cell.source): key for key, cell in known.items() if key not in present}
    mine = deepcopy(mine)
    for cell in mine.cells:
        if cell.get("id") not in known:
            cell["id"] = lost.pop((cell.cell_type, cell.source), cell.get("id"))
    return mine


def same(a, b):
    """Whether two cells say the same; None is a cell that is not there."""
    return _content(a) == _content(b)


def _content(cell):
    return cell and (cell.cell_type, cell.source, cell.get("attachments", {}))


def _decide(old, mine, new):
    """(the cell to keep or None, whether both sides changed it)"""
    if same(mine, new) or not same(mine, old):
        return mine, not same(mine, new) and not same(old, new) and not _reworded(old, new)
    return new, False


def _reworded(old, new):
    """Whether two cells are code that differs in comments and docstrings alone."""
    if not old or not new or {old.cell_type, new.cell_type} != {"code"}:
        return False
    try:
        return _bare(old.source) == _bare(new.source)
    except (SyntaxError, ValueError, RecursionError):  # a cell with %magic is no Python
        return False


def _bare(source):
    """What Python would run of it."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def _dress(cell, old, mine, new):
    """A copy of `cell`: metadata follow the course (points and locks are its own), outputs stay with their source."""
    cell = deepcopy(cell)
    if mine and new:
        cell.metadata = _three_way(old.metadata if old else {}, mine.metadata, new.metadata)
        if cell.cell_type == mine.cell_type == "code" and cell.source == mine.source:
            cell.outputs, cell.execution_count = mine.get("outputs", []), mine.get("execution_count")
    return cell


def _three_way(old, mine, new):
    """`mine` with every key that `new` changed against `old`."""
    gone = old.keys() - new.keys()
    changed = {key: value for key, value in new.items() if key not in old or old[key] != value}
    return v4.new_notebook(metadata={key: mine[key] for key in mine if key not in gone} | changed).metadata


def _by_id(cells):
    """Cells by id, in order; a cell without one, or with one already seen, gets a key of its own."""
    found = {}
    for i, cell in enumerate(cells):
        key = cell.get("id")
        found[key if key and key not in found else (i, key)] = cell
    return found


def _with_ids(cells):
    """Cells in which an id that is missing or taken is drawn anew, as the format demands."""
    taken = set()
    for cell in cells:
        if cell.get("id") in taken | {None}:
            cell["id"] = generate_corpus_id()
        taken.add(cell["id"])
    return cells


def _order(old, mine, new):
    """The order of the course with the learner's cells woven in, or the learner's own where cells were moved."""
    moved = [key for key in mine if key in old] != [key for key in old if key in mine]
    return _weave(list(mine), list(new)) if moved else _weave(list(new), list(mine))


def _weave(base, other):
    """`base` with what only `other` has, each after the one it follows there."""
    for i, key in enumerate(other):
        if key not in base:
            base.insert(base.index(other[i - 1]) + 1 if i else 0, key)
    return base
