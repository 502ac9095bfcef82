"""A verdict as text, and as HTML in the colors of whatever theme the reader has chosen.

Every value shown may come from a hostile submission: text loses its control characters, HTML is escaped.
"""

import html
import unicodedata

from course.messages import say

MARKS = {"right": "✓", "wrong": "✗", "not attempted": "○", "not graded": "?"}
COLORS = {"right": "--jp-success-color1, #2e7d32", "wrong": "--jp-error-color1, #c62828"}
LABELS = {
    "value": "right values",
    "shape": "type, shape and dtype",
    "stability": "stable on extreme inputs",
    "purity": "leaves its inputs alone",
    "compiled": "compiled, the same on any number of threads",
    "traffic": "asks memory sparingly",
}


def headline(verdict):
    """One line: the mark, the exercise, and how far it is."""
    mark = MARKS[verdict.status]
    if verdict.status == "wrong":
        passed, total = verdict.cases
        return clean(f"{mark} {verdict.exercise}: {passed} of {total} cases right")
    return clean(f"{mark} {verdict.symptom}")


def cause(verdict):
    """What we believe went wrong, in a sentence; '' where there is nothing to say."""
    if verdict.status != "wrong":
        return ""
    if not verdict.misconceptions and (verdict.example or {"judged": True}).get("judged"):
        return ""  # there is nothing to compare with, step by step
    names = ", or ".join(f"“{name}”" for name in verdict.misconceptions)
    key = {0: "unknown", 1: "misconception"}.get(len(verdict.misconceptions), "ambiguous")
    return say(key, names=names)


def text(verdict):
    """The whole verdict as plain text."""
    lines = [headline(verdict)]
    if verdict.status == "wrong":
        lines += ["", verdict.symptom]
        if verdict.example:
            lines += [
                f"  tried     {verdict.example['call']}",
                f"  got       {verdict.example['got']}",
                f"  expected  {verdict.example['expected']}",
            ]
        lines += ["", cause(verdict), verdict.hint]
    lines += [""] + [
        f"  {MARKS['right' if entry['passed'] else 'wrong']} {LABELS[name]}: {points(entry)}"
        for name, entry in verdict.properties.items()
    ]
    return "\n".join(clean(line) for line in lines).rstrip() + "\n"


def points(entry):
    """ "2 of 2 points" """
    return f"{entry['points']:g} of {entry['maximum']:g} point{'' if entry['maximum'] == 1 else 's'}"


def as_html(verdict):
    """The whole verdict as one self-contained block, no script, no outside resource."""
    color = COLORS.get(verdict.status, "--jp-ui-font-color2, #616161")
    parts = [f'<p style="margin:0;font-weight:600;color:var({color})">{escape(headline(verdict))}</p>']
    if verdict.status == "wrong":
        parts.append(f'<p style="margin:.4em 0">{escape(verdict.symptom)}</p>')
        if verdict.example:
            parts.append(_example(verdict.example))
        parts.append(f'<p style="margin:.4em 0"><b>{escape(cause(verdict))}</b></p>')
        if verdict.hint:
            parts.append(f"<details><summary>A hint</summary><p>{escape(verdict.hint)}</p></details>")
    if verdict.status in ("right", "wrong"):
        parts.append(_properties(verdict.properties))
    border = f"border-left:4px solid var({color});padding:.5em 1em;margin:.3em 0"
    style = f"{border};color:var(--jp-ui-font-color1, inherit);font-family:var(--jp-ui-font-family, sans-serif)"
    return f'<div role="status" style="{style}">{"".join(parts)}</div>'


def _example(example):
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left;padding-right:1em;font-weight:normal">{name}</th>'
        f'<td style="text-align:left"><code>{escape(value)}</code></td></tr>'
        for name, value in (
            ("tried", example["call"]),
            ("got", example["got"]),
            ("expected", example["expected"]),
        )
    )
    return f'<table style="margin:.4em 0;border-collapse:collapse">{rows}</table>'


def _properties(properties):
    items = " &nbsp; ".join(
        f"<span>{MARKS['right' if entry['passed'] else 'wrong']} {LABELS[name]} ({points(entry)})</span>"
        for name, entry in properties.items()
    )
    return f'<p style="margin:.4em 0 0;font-size:.9em;color:var(--jp-ui-font-color2, inherit)">{items}</p>'


def clean(line):
    """`line` without control characters (a terminal would obey them)."""
    return "".join(c for c in line if c == "\t" or not unicodedata.category(c).startswith("C"))


def escape(value):
    return html.escape(clean(value))
