"""Where an answer is wrong: got − expected as a small picture, entry by entry, and the same in characters and words.

The picture is an SVG inside an `img`: no script, an alternative text, a few kilobytes. Its paper is light and its ink
is dark, as in every figure of the course, so that it reads the same on a light page and on a dark one; a sign or a
number says what the color says. It is made of numbers alone, for the numbers may come from anybody.
"""

import base64
import html
from dataclasses import dataclass

import numpy as np

from course.colors import BLUE, INK, ORANGE, PAPER, PURPLE
from course.compare import close, differences, kind_of
from course.messages import say
from course.widgets import minus

LINE = "#9aa0a6"
BELOW = (("#d6e7f4", INK), ("#8fbfe0", INK), (BLUE, "#ffffff"))  # thin, medium, full
ABOVE = (("#fbe0cf", INK), ("#f0a678", INK), (ORANGE, INK))
UNKNOWN = (PURPLE, "#ffffff")  # NaN or infinite where a number was expected
MOST = 24  # rows or columns drawn; larger arrays are drawn in blocks, each by its worst entry
NUMBERS = 8  # up to so many columns a cell is wide enough for its number
SIGNS = {-1: "−", 0: "·", 1: "+", 2: "?"}


@dataclass(frozen=True)
class Map:
    """The difference of two tables: as HTML, as lines of characters, and in words."""

    html: str
    text: str
    alt: str


def of_case(sheet, case, outcome):
    """The Map of the first table of a case that differs from what was expected, or None where there is none."""
    for got, expected, path in _pairs(sheet, case, outcome):
        if _is_table(got) and _is_table(expected) and got.shape == expected.shape:
            found = differences(got, expected, sheet["tolerance"])
            if any(d.property in ("value", "stability") for d in found):
                return draw(got, expected, sheet["tolerance"], path)
    return None


def draw(got, expected, tolerance=None, path=""):
    """The Map of two arrays of one shape that differ; of more than two axes the first table that differs is drawn."""
    wrong = _wrong(got, expected, tolerance)
    where = tuple(np.argwhere(wrong)[0][:-2].tolist())
    got, expected, wrong = got[where], expected[where], wrong[where]
    with np.errstate(all="ignore"):
        delta = got.astype(float) - expected.astype(float)
        delta = np.where(got == expected, 0.0, delta)  # inf − inf
    kind = np.where(wrong, np.sign(delta), 0)
    kind = np.where(np.isnan(kind), 2, kind).astype(int)  # no number came where one was expected
    kind = np.where((kind != 0) & np.isinf(delta), 2, kind)
    name = path + (f"[{', '.join(map(str, where))}]" if where else "")
    alt = _in_words(kind, delta, name)
    small, worst, block = _in_blocks(kind, delta)
    source = base64.b64encode(_svg(small, worst, block).encode()).decode()
    part, blocks = f"{name}: " if name else "", say("map blocks", size=block) if block > 1 else ""
    key = say("map key", name=part) + blocks
    image = f'<img src="data:image/svg+xml;base64,{source}" alt="{html.escape(alt)}" style="max-width:100%">'
    lines = [" ".join(SIGNS[entry] for entry in row) for row in small.tolist()]
    return Map(
        f'<figure style="margin:0">{image}<figcaption style="font-size:.9em">{html.escape(key)}</figcaption></figure>',
        "\n".join([say("map text", name=part, how=blocks), *(f"    {line}" for line in lines)]),
        alt,
    )


def _pairs(sheet, case, outcome):
    """(got, expected, path) of every leaf where the answer has the form of the expected one."""
    if case.get("launch"):
        names = sheet["arguments"]
        leaves = zip(outcome["after"], case["expected"]["after"], names, strict=False)
        return [(got, expected, name) for got, expected, name in leaves if expected is not None]
    return list(_leaves(outcome["value"], case["expected"]["value"], ""))


def _leaves(got, expected, path):
    kind = kind_of(expected)
    if kind != kind_of(got):
        return
    if kind == "dict" and got.keys() == expected.keys():
        for key in expected:
            yield from _leaves(got[key], expected[key], f"{path}[{key!r}]")
    elif kind == "tuple" and len(got) == len(expected):
        for i, pair in enumerate(zip(got, expected, strict=True)):
            yield from _leaves(*pair, f"{path}[{i}]")
    elif kind == "array":
        yield got, expected, path


def _is_table(array):
    return isinstance(array, np.ndarray) and array.ndim >= 2 and array.size > 1 and array.dtype.kind in "fiub"


def _wrong(got, expected, tolerance):
    with np.errstate(all="ignore"):
        return ~close(got, expected, tolerance)


def _in_words(kind, delta, name):
    """The alternative text: how many entries, which way, where the worst is, and a pattern that strikes the eye."""
    (rows, columns), wrong = kind.shape, kind != 0
    name, count = name or say("map answer"), int(wrong.sum())
    parts = [say("map size", name=name, rows=rows, columns=columns, wrong=count, size=wrong.size)]
    parts += [say(key, count=int((kind == k).sum())) for k, key in ((1, "map above"), (-1, "map below"), (2, "map none"))
              if (kind == k).any()]  # fmt: skip
    finite = np.where(np.isfinite(delta) & wrong, np.abs(delta), 0)
    if finite.any():
        row, column = np.unravel_index(np.argmax(finite), finite.shape)
        parts.append(say("map worst", row=row, column=column, delta=minus(f"{delta[row, column]:+.3g}")))
    return "; ".join(filter(None, [*parts, _pattern(wrong)])) + "."


def _pattern(wrong):
    rows, columns = wrong.all(axis=1), wrong.all(axis=0)
    if wrong.all():
        return say("map all")
    if (wrong == rows[:, None]).all():
        return say("map rows", which=_listed(rows))
    if (wrong == columns).all():
        return say("map columns", which=_listed(columns))
    if wrong.shape[0] == wrong.shape[1] and not wrong.diagonal().any() and wrong.sum() == wrong.size - len(wrong):
        return say("map off diagonal")
    return ""


def _listed(which):
    places = np.flatnonzero(which).tolist()
    return ", ".join(map(str, places[:6])) + (", …" if len(places) > 6 else "")


def _in_blocks(kind, delta):
    """(kinds, differences, entries along a block's side): at most MOST rows and columns, each block by its worst."""
    block = -(-max(kind.shape) // MOST)
    if block == 1:
        return kind, delta, 1
    rows, columns = (-(-n // block) for n in kind.shape)
    small, worst = np.zeros((rows, columns), int), np.zeros((rows, columns))
    size = np.where(kind == 2, np.inf, np.where(kind == 0, 0, np.abs(delta)))
    for r, c in np.ndindex(rows, columns):
        here = np.s_[r * block : (r + 1) * block, c * block : (c + 1) * block]
        at = np.unravel_index(np.argmax(size[here]), size[here].shape)
        small[r, c], worst[r, c] = kind[here][at], delta[here][at]
    return small, worst, block


def _svg(kind, delta, block):
    rows, columns = kind.shape
    wide = columns <= NUMBERS and rows <= 12 and block == 1
    w, h = (46, 22) if wide else (max(10, min(22, 300 // max(rows, columns))),) * 2
    left, top = 26, 18
    largest = np.abs(delta[(kind != 0) & np.isfinite(delta)]).max(initial=0) or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + columns * w + 6}" height="{top + rows * h + 6}">'
        f'<rect width="100%" height="100%" rx="4" fill="{PAPER}"/><g font-family="sans-serif" font-size="11" '
        f'text-anchor="middle" fill="{INK}">'
    ]
    every = 1 if wide or max(rows, columns) <= 12 else 4
    parts += [f'<text x="{left + (c + 0.5) * w:g}" y="13">{c * block}</text>' for c in range(0, columns, every)]
    parts += [f'<text x="13" y="{top + (r + 0.5) * h + 4:g}">{r * block}</text>' for r in range(0, rows, every)]
    for r, c in np.ndindex(rows, columns):
        fill, ink, label = _cell(kind[r, c], delta[r, c], largest, wide, h)
        x, y = left + c * w, top + r * h
        parts.append(
            f'<rect x="{x}" y="{y}" width="{w - 1}" height="{h - 1}" fill="{fill}" stroke="{LINE}" stroke-width=".5"/>'
        )
        if label:
            parts.append(f'<text x="{x + w / 2:g}" y="{y + h / 2 + 4:g}" fill="{ink}">{label}</text>')
    return "".join(parts) + "</g></svg>"


def _cell(kind, delta, largest, wide, height):
    """(paper, ink, label) of one cell."""
    if kind == 0:
        return PAPER, LINE, "·" if height >= 12 else ""
    if kind == 2:
        return *UNKNOWN, "?"
    strength = min(2, int(3 * (abs(delta) / largest)))
    number = minus(f"{delta:+.2g}") if wide else SIGNS[int(kind)]
    return *(ABOVE if kind > 0 else BELOW)[strength], number if height >= 12 else ""
