"""Who wrote alike, on the page: a group as a table, two submissions side by side."""

from course.report import escape
from grader.insight import words
from grader.insight.markup import code

MEMBERS = 12  # of a group that is shown as a table; of a larger one the names


def similar(insight):
    """The section on similarity: groups, pairs, and who resembles the published solution."""
    parts = [*map(_group, insight.groups), *map(_pair, (*insight.pairs, *insight.published))]
    if not parts:
        return "<h2>Similarity</h2>\n<p>No two submissions share more than the task explains.</p>"
    return f"<h2>Similarity</h2>\n<p>{words.NO_PROOF}</p>\n{''.join(parts)}"


def _group(group):
    """Who handed in the same: a table of how much each shares with those above, then the two most alike, in full."""
    heading, sentence = words.handed_in(group)
    who = f": <b>{escape(', '.join(group.students))}</b>" if len(group) > MEMBERS else ""
    table = "" if who else _steps(group)
    code_of = f"<b>{escape(group.pair.one)}</b> and <b>{escape(group.pair.other)}</b>, side by side"
    beside = _beside(group.pair, code_of) if group.pair.shown else ""
    return f'<div class="group"><p><b>{heading}</b>{who}</p>{table}<p class="soft">{escape(sentence)}</p>{beside}</div>'


def _steps(group):
    rows = "".join(
        f'<tr><th class="n">{number}</th><th>{escape(student)}</th>{"".join(map(_share, shares))}</tr>'
        for number, student, shares in words.steps(group)
    )
    numbers = "".join(f'<th class="n">{number}</th>' for number in range(1, len(group)))
    return f'<table class="steps"><tbody>{rows}<tr><th></th><th></th>{numbers}</tr></tbody></table>'


def _share(share):
    bare = share.replace(" ", "")
    return f'<td class="n" style="--share:{bare}">{share}</td>'


def _pair(pair):
    says = f"<b>{escape(pair.one)}</b> and <b>{escape(pair.other)}</b>: {escape(words.in_common(pair))}"
    return _beside(pair, says) if pair.shown else f'<p class="pair">{says}</p>'


def _beside(pair, says):
    """What both wrote, folded away below a line that says whose it is."""
    part, mine, my_lines, theirs, their_lines = pair.shown
    return (
        f'<details class="pair"><summary>{says}</summary><div class="beside">'
        f"<figure><figcaption>{escape(pair.one)}, {escape(part)}</figcaption>{code(mine, my_lines)}</figure>"
        f"<figure><figcaption>{escape(pair.other)}, {escape(part)}</figcaption>{code(theirs, their_lines)}</figure></div>"
        '<p class="soft">Marked: lines with passages that few others have.</p></details>'
    )
