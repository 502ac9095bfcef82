"""A stub's docstring in the columns that a notebook's cell shows on a small laptop, so that nobody scrolls sideways.

The model answers may be wider: they are read in an editor. Words, formulas and their order stay as they are; only spaces
and line ends move.
"""

import re
from itertools import groupby

WIDTH = 100
QUOTES = '"""'
GAP = re.compile(r"(?<=\S) {3,}(?=\S)")  # between two formulas, or a formula and what it is called
CHUNK = re.compile(r"(?:\([^()]{0,24}\)|\S)+")  # a word; a shape, as in (N, D), stays whole


def fit(head, width=WIDTH):
    """`head`, a signature with its docstring, with no line of the docstring beyond `width` columns.

    A paragraph is filled again where one of its lines is too wide; a line of formulas is broken at a gap of three spaces
    or more, and what is broken off stands under what it belongs to. A word wider than `width` stays whole.
    """
    before, quotes, rest = head.partition(QUOTES)
    if not quotes or max(map(len, head.splitlines())) <= width:
        return head
    first = before.rpartition("\n")[2] + quotes
    indent = " " * (len(first) - len(quotes))
    paragraphs = groupby(_paragraphs(first + rest, len(indent)), key=lambda line: line[0])
    lines = []
    for _, group in paragraphs:
        lines += _fitted([line for _, line in group], width)
    return before.rpartition("\n")[0] + "\n" + "\n".join(lines)


def _paragraphs(docstring, indent):
    """(number of its paragraph, line). A line with gaps, an empty one and the closing quotes are paragraphs of their own."""
    number, alone = 0, True
    for line in docstring.splitlines():
        text = line.strip()
        stands = bool(GAP.search(text)) or text in ("", QUOTES) or len(line) - len(line.lstrip()) != indent
        if stands or alone or text.startswith("->"):
            number += 1
        alone = stands
        yield number, line


def _fitted(lines, width):
    """One paragraph; untouched where it fits."""
    if all(len(line) <= width for line in lines):
        return lines
    start = re.match(rf" *(?:{QUOTES})?", lines[0]).group()
    text = " ".join(line.strip() for line in [lines[0][len(start) :], *lines[1:]])
    pieces = GAP.split(text)
    if len(pieces) == 1:
        return _filled(CHUNK.findall(text), " ", start, start.replace(QUOTES, ""), width)
    lines = _filled(pieces, "   ", start, " " * len(start), width)
    return [short for line in lines for short in ([line] if len(line) <= width else _fitted([line], width))]


def _filled(pieces, gap, start, later, width):
    """`pieces`, as many in a line as fit, with `gap` between them; the first line begins with `start`, others `later`."""
    lines = [start + pieces[0]]
    for piece in pieces[1:]:
        longer = lines[-1] + gap + piece
        lines[-1:] = [longer] if len(longer) <= width else [lines[-1], later + piece]
    return lines
