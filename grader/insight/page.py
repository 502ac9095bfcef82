"""The report as one HTML file: no script, nothing from outside, light and dark, and student code only as text."""

from pathlib import Path

from course.report import clean, escape
from course.widgets import prose
from grader.insight import words
from grader.insight.beside import similar
from grader.insight.items import histogram
from grader.insight.markup import code
from grader.insight.mistakes import NOT_GRADED, RIGHT, STUB, UNNAMED

# Should any markup ever get through, the browser still runs and fetches nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
CSS = Path(__file__).with_name("page.css")
KINDS = {RIGHT: ("right", "✓"), STUB: ("none", "○"), NOT_GRADED: ("none", "?"), UNNAMED: ("unnamed", "✗")}


def page(insights):
    """The whole document for one Insight or more."""
    name = ", ".join(words.title(insight.stage) for insight in insights)
    notes = "".join(f'<p class="soft">{t}</p>' for t in (words.DIFFICULTY, words.DISCRIMINATION, words.WINNOWED))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(name)}: report</title>\n'
        f"<style>\n{CSS.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(_stage(insight) for insight in insights)
        + f"\n</main>\n<footer>{notes}</footer>\n</body>\n</html>\n"
    )


def _stage(insight):
    facts = "".join(f"<div><dt>{what}</dt><dd>{escape(value)}</dd></div>" for what, value in words.summary(insight))
    items = {item.name: item for item in insight.items}
    by_hand = [item for item in insight.items if item.name not in insight.mistakes]
    parts = [
        f"<section>\n<h1>{escape(words.title(insight.stage))}</h1>",
        f'<dl class="facts">{facts}</dl>',
        f"<h2>Points</h2>\n{_points(insight)}",
        _waiting(insight),
        "<h2>Exercises: what was misunderstood</h2>",
        *(_exercise(items.get(name), tally, insight.clusters[name]) for name, tally in insight.mistakes.items()),
        *(f"<h3><code>{escape(item.name)}</code></h3><p class='soft'>Scored by a person; {words.measures(item)}</p>"
          for item in by_hand),
        similar(insight),
        "</section>",
    ]  # fmt: skip
    return "\n".join(part for part in parts if part)


def _points(insight):
    """The distribution of points as a drawing whose alternative text says every number in it."""
    bins = histogram([one.points for one in insight.graded], insight.maximum)
    most = max(n for _, _, n in bins)
    if not most:
        return "<p>Nobody is graded yet.</p>"
    said = "; ".join(f"{low:g} to {high:g} points: {n}" for low, high, n in bins if n)
    W, H, width = 640, 150, 60
    drawn = [
        f'<svg viewBox="0 0 {W} {H + 62}" role="img" aria-label="Students by points. {escape(said)}.">',
        f'<line class="axis" x1="20" y1="{H + 20}" x2="{W - 20}" y2="{H + 20}"/>',
    ]
    for k, (low, _, n) in enumerate(bins):
        x, tall = 20 + k * width, H * n / most
        drawn.append(f'<rect x="{x + 4}" y="{H + 20 - tall:.1f}" width="{width - 8}" height="{tall:.1f}" rx="2"/>')
        drawn.append(f'<text x="{x + width / 2}" y="{H + 14 - tall:.1f}" text-anchor="middle">{n or ""}</text>')
        drawn.append(f'<text class="label" x="{x}" y="{H + 37}" text-anchor="middle">{low:g}</text>')
    drawn.append(f'<text class="label" x="{W - 20}" y="{H + 37}" text-anchor="middle">{bins[-1][1]:g}</text>')
    drawn.append(f'<text class="label" x="{W / 2}" y="{H + 57}" text-anchor="middle">students by points</text></svg>')
    return "".join(drawn)


def _waiting(insight):
    rows = "".join(
        f"<tr><th>{escape(who)}</th><td>{prose(clean(why))}</td></tr>" for who, why in words.waiting(insight)
    )
    if not rows:
        return "<h2>Who needs a person</h2>\n<p>Nobody.</p>"
    return (
        "<h2>Who needs a person, and why</h2>\n<table><thead><tr><th>student</th><th>why</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _exercise(item, tally, clusters):
    most = max(1, *tally.counts.values())
    rows = "".join(_row(answer, n, tally, most) for answer, n in tally.counts.items())
    measured = f'<p class="soft">{escape(words.measures(item))} · {item.maximum:g} points</p>' if item else ""
    found = "".join(_cluster(cluster, tally.total) for cluster in clusters)
    note = "<p>Mistakes without a name, put together where they do the same:</p>" if found else ""
    return (
        f"<article>\n<h3><code>{escape(tally.exercise)}</code></h3>\n{measured}\n<p>{escape(words.lead(tally))}</p>\n"
        '<table class="tally"><thead><tr><th>answer</th><th class="n">students</th><th class="n">share</th><th></th></tr>'
        f"</thead><tbody>{rows}</tbody></table>\n{note}{found}\n</article>"
    )


def _row(answer, n, tally, most):
    kind, sign = KINDS.get(answer, ("wrong", "✗"))
    return (
        f'<tr class="{kind}"><th>{sign} {escape(answer)}</th><td class="n">{n}</td>'
        f'<td class="n">{words.percent(tally.share(answer))}</td>'
        f'<td class="bar"><i style="width:{100 * n / most:.1f}%"></i></td></tr>'
    )


def _cluster(cluster, total):
    passed, of = cluster.passed
    seen = f"<p class='soft'>Case “{escape(cluster.case)}”: got <code>{escape(cluster.got)}</code>, expected " \
           f"<code>{escape(cluster.expected)}</code>.</p>" if cluster.case else ""  # fmt: skip
    wrote = "One of them wrote" if len(cluster) > 1 else "The answer"
    who = ", ".join(cluster.students[:20]) + (", …" if len(cluster) > 20 else "")
    return (
        f"<details><summary>{prose(clean(words.unnamed(cluster, total)))}</summary>{seen}"
        f"<p class='soft'>{passed} of {of} visible cases right. Who: {escape(who)}. {wrote}:</p>"
        f"{code(cluster.example)}</details>"
    )
