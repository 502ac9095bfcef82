"""The text of `my_library.py`, and one function more. Text in, text out: nothing of it is ever run here.

    # ── 03 Networks ──

    # >>> mlp_forward (03_networks) 5f2a9c81
    def mlp_forward(X, params):
        ...
    # <<< mlp_forward

The lines between two marks are ours to replace as long as they have the digest of the mark: then nobody has changed
them. Every other line belongs to the learner and stays as it is.
"""

import ast
import hashlib
import re
from typing import NamedTuple

from course.catalog import STAGES
from course.messages import say

OPENING = re.compile(r"# >>> (\w+) \((\w+)\) ([0-9a-f]{8})\s*")
HEADING = "# ── "
START = '''"""My library: the functions I wrote in Threshold, in the order of the lessons.

A check that passes puts its function here, between two lines that bear its name, and touches nothing else. So change
what you like and add what you like: what you changed stays as you left it. In a notebook: `import my_library`
"""
'''


class Refused(Exception):
    """The file stays as it is; the message says why, and what the learner can do."""


class Block(NamedTuple):
    """A function between its marks. first, last: the numbers of those two lines; edited: by hand, since it came in."""

    name: str
    stage: str
    first: int
    last: int
    edited: bool


def blocks(text):
    """The Blocks of a library, in their order."""
    lines, found = text.split("\n"), []
    for first, line in enumerate(lines):
        mark = OPENING.fullmatch(line)
        if mark is None:
            continue
        name, stage, digest = mark.groups()
        for last in range(first + 1, len(lines)):
            if lines[last].rstrip() == f"# <<< {name}":
                found.append(Block(name, stage, first, last, _digest(lines[first + 1 : last]) != digest))
                break
            if OPENING.fullmatch(lines[last]):
                break  # its end was taken away: the learner's lines now
    return found


def add(text, excerpt, stage, sequence=()):
    """`text` with an Excerpt of `stage` in its place, `sequence` being the order of that stage's functions.

    Raises Refused where that would change a line that is the learner's, or the meaning of one.
    """
    text = text or START
    tree = _parse(text, excerpt.name)
    mine = next((block for block in blocks(text) if block.name == excerpt.name), None)
    lines, body = text.split("\n"), excerpt.body.split("\n")
    same = mine and _digest(lines[mine.first + 1 : mine.last]) == _digest(body)
    if mine and mine.edited and not same:
        raise Refused(say("library edited", exercise=excerpt.name))
    others = [node for node in tree.body if mine is None or not mine.first < node.lineno - 1 < mine.last]
    _look_for_clashes(others, excerpt, own=mine is None)
    block = [f"# >>> {excerpt.name} ({stage}) {_digest(body)}", *body, f"# <<< {excerpt.name}"]
    if mine:
        lines[mine.first : mine.last + 1] = block
    else:
        _insert(lines, block, blocks(text), stage, [*sequence, excerpt.name])
    _import(lines, _missing(tree, excerpt), tree)
    new = "\n".join(lines).rstrip("\n") + "\n"
    _parse(new, excerpt.name)
    return new


def _parse(text, name):
    try:
        return ast.parse(text)
    except SyntaxError as fault:
        raise Refused(say("library broken", exercise=name, line=fault.lineno)) from None


def _look_for_clashes(others, excerpt, own):
    """Refused if a name of the excerpt means something else elsewhere in the file."""
    new = {name: ast.dump(node) for node in ast.parse(excerpt.body).body for name in _bound(node)}
    new |= {name: ast.dump(ast.parse(line).body[0]) for name, line in excerpt.imports.items()}
    for node in others:
        for name in new.keys() & set(_bound(node)):
            alone = single_imports(node).get(name)
            if ast.dump(ast.parse(alone).body[0] if alone else node) == new[name]:
                continue
            key = "library own" if own and name == excerpt.name else "library clash"
            raise Refused(say(key, exercise=excerpt.name, name=name))


def _bound(node):
    """The names that a statement of a module binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    return [leaf.id for leaf in ast.walk(node) if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)]


def single_imports(node):
    """{name: a line that imports it alone} of an import statement; of any other, nothing."""
    if isinstance(node, ast.Import):
        each = [ast.Import([alias]) for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        each = [ast.ImportFrom(node.module, [alias], 0) for alias in node.names if alias.name != "*"]
    else:
        each = []
    return {_bound(one)[0]: ast.unparse(one) for one in each}


def _missing(tree, excerpt):
    """The import lines of an Excerpt that the file does not have yet."""
    there = {line for node in tree.body for line in single_imports(node).values()}
    return sorted(line for line in excerpt.imports.values() if line not in there)


def _import(lines, missing, tree):
    """Put the import lines below the imports that open the file, or below its docstring."""
    below = blank = 0
    for node in tree.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node is tree.body[0]
        if not docstring and not isinstance(node, (ast.Import, ast.ImportFrom)):
            break
        below, blank = node.end_lineno, docstring
    if missing:
        lines[below:below] = ["", *missing] if blank else missing if below else [*missing, ""]


def _insert(lines, block, there, stage, sequence):
    order = [entry.name for entry in STAGES]

    def place(name, stage):
        rank = order.index(stage) if stage in order else len(order)
        return rank, stage, sequence.index(name) if name in sequence else len(sequence)

    mine = place(sequence[-1], stage)
    before = [each for each in there if place(each.name, each.stage) <= mine]
    heading = [] if any(each.stage == stage for each in there) else [f"{HEADING}{_title(stage)} ──", ""]
    new = [*heading, *block]
    if before:
        at, new = before[-1].last + 1, ["", "", *new]
    elif there:
        at, new = there[0].first, [*new, "", ""]
        if heading:
            at = next((i for i in range(at - 1, -1, -1) if lines[i].startswith(HEADING)), at)
    else:
        at, new = len(lines), ["", "", *new]
    lines[at:at] = new


def _title(stage):
    return next((f"{entry.number} {entry.title}" for entry in STAGES if entry.name == stage), stage)


def _digest(lines):
    """Eight letters that any change but one of blanks at a line's end changes."""
    return hashlib.sha256("\n".join(line.rstrip() for line in lines).encode()).hexdigest()[:8]
