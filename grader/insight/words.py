"""The sentences that terminal and page share, and how they spell numbers."""

from statistics import median

from course import catalog
from course.errors import BadInput

NO_PROOF = (
    "This is a list to read, not a verdict. Two people who worked side by side, or from one book, write alike; on a "
    "short exercise there are few ways to be right. What the release gave everybody is left out, and what many write "
    "counts little. Read both, ask, and only then conclude."
)
DIFFICULTY = "Difficulty: the mean share of the points; 1 means that everybody has it."
DISCRIMINATION = (
    "Discrimination: the correlation of this exercise's points with those of all others together (corrected item–total "
    "correlation, Henrysson 1963); below 0.2 it hardly tells, below 0 it tells the wrong way."
)
WINNOWED = (
    "Similarity: passages of the syntax tree with names leveled, fingerprinted by winnowing (Schleimer, Wilkerson and "
    "Aiken 2003); one found in n of N submissions weighs log₂(N/n) bits."
)


def title(stage):
    """ "Stage 01 · One neuron" """
    try:
        entry = catalog.find(stage)
    except BadInput:
        return stage
    return f"Stage {entry.number} · {entry.title}"


def percent(share):
    """ "37 %" """
    return f"{100 * share:.0f} %"


def many(n, one, more=None):
    """ "1 student", "2 students" """
    return f"{n} {one if n == 1 else more or one + 's'}"


def summary(insight):
    """How many handed in, how many are graded, how they did: [(what, value)]."""
    points = [one.points for one in insight.graded]
    facts = [("handed in", str(len(insight.submissions))), ("graded", str(len(points)))]
    facts.append(("need a person", str(len(insight.waiting))))
    if points:
        facts.append(("median", f"{median(points):g} of {insight.maximum:g}"))
        facts.append(("mean", f"{sum(points) / len(points):.1f}"))
    late = sum(one.penalty > 0 for one in insight.submissions)
    return facts + ([("late", str(late))] if late else [])


def waiting(insight):
    """Who needs a person, those with one reason together: [("ada, ben", why)], in the order of the first of each."""
    together = {}
    for student, why in insight.waiting:
        together.setdefault(why, []).append(student)
    return [(", ".join(students), why) for why, students in together.items()]


def lead(tally):
    """The most frequent mistake of an exercise in a sentence, or that there is none."""
    if not tally.total:
        return "Nobody has been judged yet."
    if not tally.named:
        return "No mistake with a name was made."
    name, n = tally.named[0]
    return f"{percent(tally.share(name))} made the mistake “{name}” ({n} of {tally.total})."


def measures(item):
    """ "difficulty 0.60, discrimination 0.66" and what to make of it."""
    told = "too few to tell" if item.discrimination is None else f"{item.discrimination:.2f}".replace("-", "−")
    text = f"difficulty {item.difficulty:.2f}, discrimination {told}"
    return f"{text}: {item.says}" if item.says else text


def unnamed(cluster, total):
    """A cluster's heading: how many, and what they did."""
    who = f"{many(len(cluster), 'student')} ({percent(len(cluster) / total if total else 0)})"
    return f"{who}: {cluster.symptom}"


def in_common(pair):
    """What a pair shares, and where."""
    return f"{percent(pair.share)} of what is unusual ({pair.bits:.0f} bits), in {_where(pair)}"


def handed_in(group):
    """What a group did, and how much any two of it share: (its heading, the sentence beneath)."""
    whole = group.least > 0.995
    share = "all" if whole else f"at least {percent(group.least)}"
    return (
        f"{len(group)} students handed in {'' if whole else 'nearly '}the same",
        f"Any two share {share} of what is unusual (at least {group.bits:.0f} bits), in {_where(group.pair)}",
    )


def steps(group):
    """Each student of a group with what they share with those before: [(number, student, ["98 %", …])]."""
    return [
        (k + 1, student, [percent(group.shares[other, student]) for other in group.students[:k]])
        for k, student in enumerate(group.students)
    ]


def _where(pair):
    if not pair.parts:
        return "exercises that differ"
    return ", ".join(part for part, _ in pair.parts[:3]) + (", …" if len(pair.parts) > 3 else "")
