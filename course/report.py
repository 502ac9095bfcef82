"""A verdict as text, and as HTML in the colors of whatever theme the reader has chosen.

Every value shown may come from a hostile submission: text loses its control characters, HTML is escaped.
"""

import html
import unicodedata
from dataclasses import dataclass

from course.findings import PROPERTIES
from course.heatmap import Map
from course.messages import MESSAGES, say
from course.widgets import prose

MARKS = {"right": "✓", "wrong": "✗", "not attempted": "○", "not graded": "?"}
COLORS = {"right": "--jp-success-color1, #2e7d32", "wrong": "--jp-error-color1, #c62828"}
LABELS = {name: MESSAGES[f"property {name}"] for name in PROPERTIES}  # in English, for an instructor
LONG = 160  # characters: what is longer is folded away, for the sentence above names the entry that matters
# Ink and paper of the reader's theme; where there is none (VS Code, a saved page) the surroundings' own.
INK = "color:var(--jp-ui-font-color1, inherit)"
LINE = "var(--jp-border-color1, #8a8a8a)"
BOX = (
    f"{INK};font-family:var(--jp-ui-font-family, system-ui, sans-serif);font-size:var(--jp-ui-font-size1, 13px);"
    "line-height:1.5;max-width:64em;overflow-wrap:anywhere"
)


@dataclass(frozen=True)
class Aside:
    """What only a learner's own run adds to a verdict: the time, where it differs, and where help is."""

    took: str = ""
    map: Map | None = None
    offer: str = ""


def headline(verdict):
    """One line: the mark, the exercise, and how far it is."""
    mark = MARKS[verdict.status]
    if verdict.status != "wrong":
        return clean(f"{mark} {verdict.symptom}")
    passed, total = verdict.cases
    how_far = say("cases right", passed=passed, total=total)
    if verdict.besides:
        how_far = say("right but", faults=", ".join(say(f"but {name}") for name in verdict.besides))
    return clean(f"{mark} {verdict.exercise}: {how_far}")


def cause(verdict):
    """What we believe went wrong, in a sentence; '' where there is nothing to say."""
    if verdict.status != "wrong":
        return ""
    if verdict.advice:
        return verdict.advice
    if not verdict.misconceptions and not verdict.by_hand:
        return ""
    names = say("or").join(f"“{name}”" for name in verdict.misconceptions)
    key = {0: "unknown", 1: "misconception"}.get(len(verdict.misconceptions), "ambiguous")
    return say(key, names=names)


def in_a_line(verdict):
    """What is left where there is room for a line, as in nbgrader's Validate: what a known slip does, its name says."""
    symptom = "" if verdict.misconceptions else verdict.symptom
    return " ".join(filter(None, (f"{headline(verdict)}.", clean(symptom), cause(verdict))))


def text(verdict, aside=Aside()):
    """The whole verdict as plain text."""
    parts = [[headline(verdict)]]
    if verdict.status == "wrong":
        parts.append([verdict.symptom, *(f"  {name:<9} {value}" for name, value in _rows(verdict.example))])
        parts.append(aside.map.text.splitlines() if aside.map else [])
        parts.append(list(filter(None, [cause(verdict), verdict.hint])))
    last = [f"  {mark(entry)} {label(name)}: {points(entry)}" for name, entry in _looked_at(verdict).items()]
    parts.append(last + [f"  {aside.took}"] * bool(aside.took) + [aside.offer] * bool(aside.offer))
    return "\n\n".join("\n".join(map(clean, lines)) for lines in parts if lines) + "\n"


def _looked_at(verdict):
    """The properties that were looked at: none of a stub, which has none."""
    return verdict.properties if verdict.status in ("right", "wrong") else {}


def label(name):
    """What a property is, in words."""
    return say(f"property {name}")


def points(entry):
    """ "2 of 2 points", and why there are none for what is right."""
    most = entry["maximum"]
    said = say("point" if most == 1 else "points", points=f"{entry['points']:g}", maximum=f"{most:g}")
    return say("waits", points=said) if entry.get("waits") else said


def mark(entry):
    """The mark of one property."""
    return MARKS["not attempted" if entry.get("waits") else "right" if entry["passed"] else "wrong"]


def as_html(verdict, aside=Aside()):
    """The whole verdict as one self-contained block, no script, no outside resource."""
    color = f"var({COLORS.get(verdict.status, '--jp-ui-font-color2, #616161')})"
    took = f'<span style="opacity:.85;white-space:nowrap">{escape(aside.took)}</span>' if aside.took else ""
    parts = [
        '<div style="display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 2em">'
        f'<strong style="font-size:1.15em">{escape(headline(verdict))}</strong>{took}</div>'
    ]
    parts.append(_properties(_looked_at(verdict)))
    if verdict.status == "wrong":
        parts.append(f'<p style="margin:.6em 0 .3em">{_prose(verdict.symptom)}</p>')
        parts.append(_beside(_example(verdict.example), aside.map.html if aside.map else ""))
        said = _prose(cause(verdict))
        parts.append(f'<p style="margin:.6em 0 .2em"><strong>{said}</strong></p>' if said else "")
        if verdict.hint:
            parts.append(_folded(say("way out"), _prose(verdict.hint)))
    if aside.offer:
        parts.append(f'<p style="margin:.6em 0 0">{_prose(aside.offer)}</p>')
    style = (
        f"{BOX};border:1px solid {LINE};border-left:5px solid {color};border-radius:4px;padding:.6em 1em;margin:.3em 0"
    )
    return f'<div class="threshold-check" style="{style}">{"".join(parts)}</div>'


def _rows(example):
    """(name, value) of what was tried; two large arrays that look alike are left to the picture."""
    if not example:
        return []
    same = example["got"] == example["expected"]
    shown = {"tried": example["call"]} | {name: example[name] for name in ("got", "expected") if not same}
    return [(say(f"row {name}"), value) for name, value in shown.items()]


def _example(example):
    cell = "text-align:left;vertical-align:top;padding:.1em 1em .1em 0;background:none;border:0"
    rows = "".join(
        f'<tr style="background:none"><th scope="row" style="{cell};font-weight:normal;white-space:nowrap">{escape(name)}</th>'
        f'<td style="{cell}"><code style="padding:0;white-space:pre-wrap;overflow-wrap:anywhere;{INK};background:none">'
        f"{escape(value)}</code></td></tr>"
        for name, value in _rows(example)
    )
    if not rows:
        return ""
    table = f'<table style="margin:.2em 0;border-collapse:collapse;font-size:inherit;{INK}">{rows}</table>'
    long = max(len(value) for _, value in _rows(example)) > LONG
    return _folded(say("whole case"), table) if long else table


def _beside(*blocks):
    inner = "".join(f'<div style="min-width:0">{block}</div>' for block in blocks if block)
    return (
        f'<div style="display:flex;flex-wrap:wrap;gap:.6em 2em;align-items:flex-start">{inner}</div>' if inner else ""
    )


def _folded(summary, inner):
    return (
        f'<details style="margin:.2em 0"><summary style="cursor:pointer">{escape(summary)}</summary>'
        f'<div style="margin:.2em 0 .2em 1em">{inner}</div></details>'
    )


def _properties(properties):
    """One row a property: the mark, what it is, its points."""
    if not properties:
        return ""
    items = "".join(
        f'<li style="border:1px solid {LINE};border-radius:1em;padding:0 .8em;margin:0">'
        f"<strong>{mark(entry)}</strong> {escape(label(name))}: {escape(points(entry))}</li>"
        for name, entry in properties.items()
    )
    style = "display:flex;flex-wrap:wrap;gap:.3em .6em;list-style:none;margin:.5em 0;padding:0;font-size:.95em"
    what = escape(say("looked at"))
    return f'<ul aria-label="{what}" style="{style}">{items}</ul>'


def _prose(sentence):
    return prose(clean(sentence), f'<code style="{INK};background:none;padding:0;font-weight:600">')


def clean(line):
    """`line` without control characters (a terminal would obey them)."""
    return "".join(c for c in line if c == "\t" or not unicodedata.category(c).startswith("C"))


def escape(value):
    return html.escape(clean(value))
