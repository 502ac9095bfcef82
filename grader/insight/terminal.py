"""The report in a terminal."""

from rich.table import Table
from rich.text import Text

from course.report import MARKS, clean
from grader.insight import words
from grader.insight.items import histogram
from grader.insight.mistakes import NOT_GRADED, RIGHT, STUB, UNNAMED

WIDTH = 24  # characters of the longest bar
SIGNS = {RIGHT: MARKS["right"], STUB: MARKS["not attempted"], NOT_GRADED: MARKS["not graded"], UNNAMED: "✗"}
FEW = 8  # pairs and clusters; the page has all
MEMBERS = 8  # of a group that is shown as a table; of a larger one the names


def show(insight, console):
    """Print one stage's Insight. Whatever students wrote is cleaned, and never markup."""
    line = "   ".join(f"{what} {value}" for what, value in words.summary(insight))
    console.print(Text(f"\n{words.title(insight.stage)}", style="bold"))
    console.print(Text(line))
    _points(insight, console)
    _waiting(insight, console)
    items = {item.name: item for item in insight.items}
    for name, tally in insight.mistakes.items():
        _exercise(items.get(name), tally, insight.clusters[name], console)
    _similar(insight, console)


def bar(n, most):
    """A bar of blocks, at least a sliver where there is anything."""
    return "█" * round(WIDTH * n / most) or "▏" if n else ""


def _table(*columns):
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in columns:
        table.add_column(justify=justify)
    return table


def _points(insight, console):
    bins = histogram([one.points for one in insight.graded], insight.maximum)
    most = max((n for _, _, n in bins), default=0)
    table = _table("right", "right", "left")
    for low, high, n in bins if most else ():
        table.add_row(f"{low:g}–{high:g} points", str(n), bar(n, most))
    console.print(table)


def _waiting(insight, console):
    if insight.waiting:
        console.print(Text("\nWho needs a person, and why", style="bold"))
    for who, why in words.waiting(insight):
        console.print(Text(clean(f"  {who}: {why}")))


def _exercise(item, tally, clusters, console):
    console.print(Text(f"\n{tally.exercise}", style="bold").append(f"  {words.measures(item)}" if item else "", "dim"))
    console.print(Text(clean(words.lead(tally))))
    if not tally.total:
        return
    table = _table("left", "left", "right", "right", "left")
    most = max(tally.counts.values(), default=0)
    for answer, n in tally.counts.items():
        table.add_row(
            SIGNS.get(answer, "✗"), Text(clean(answer)), str(n), words.percent(tally.share(answer)), bar(n, most)
        )
    console.print(table)
    for cluster in clusters[:FEW]:
        console.print(Text(clean(f"  {words.unnamed(cluster, tally.total)}")))
        code = cluster.example.strip().splitlines()
        console.print(Text("\n".join(f"      {clean(line)}" for line in code[:FEW]), style="dim"))


def _similar(insight, console):
    pairs = [*insight.pairs, *insight.published]
    if not insight.groups and not pairs:
        return
    console.print(Text("\nSimilarity", style="bold"))
    console.print(Text(words.NO_PROOF))
    for group in insight.groups:
        _group(group, console)
    for pair in (*insight.pairs[:FEW], *insight.published[:FEW]):
        console.print(Text(clean(f"  {pair.one} and {pair.other}: {words.in_common(pair)}")))
    left = max(0, len(insight.pairs) - FEW) + max(0, len(insight.published) - FEW)
    if left:
        console.print(Text(f"  … and {words.many(left, 'pair')} more, less alike: --html has every one, side by side."))


def _group(group, console):
    """Who handed in the same; a small group as a table of how much each shares with those above."""
    heading, sentence = words.handed_in(group)
    who = ", ".join(group.students) if len(group) > MEMBERS else ""
    console.print(Text(clean(f"  {heading}{': ' * bool(who)}{who}")))
    console.print(Text(clean(f"  {sentence}")))
    if who:
        return
    table = _table("right", "left", *["right"] * (len(group) - 1))
    for number, student, shares in words.steps(group):
        table.add_row(f"    {number}", Text(clean(student)), *shares)
    table.add_row("", "", *map(str, range(1, len(group))))
    console.print(table)
