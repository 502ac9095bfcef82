"""Who answered what: for each exercise how many were right, made which mistake, or made one that has no name yet."""

from collections import Counter
from dataclasses import dataclass

RIGHT, UNNAMED, STUB, NOT_GRADED = "right", "a mistake without a name", "not attempted", "not graded"


@dataclass(frozen=True)
class Tally:
    """counts: answer -> how many. An answer is "right", a misconception's name, or one of the words above."""

    exercise: str
    total: int
    counts: dict

    def share(self, answer):
        """Of all who were judged, as a fraction."""
        return self.counts.get(answer, 0) / self.total if self.total else 0.0

    @property
    def named(self):
        """[(misconception, count)], the most frequent first."""
        return [(name, n) for name, n in self.counts.items() if name not in (RIGHT, UNNAMED, STUB, NOT_GRADED)]


def tally(exercise, submissions):
    """The Tally of one exercise: right first, then mistakes by frequency, then those without a name, then no answer."""
    counts = Counter(answer_of(one.verdicts.get(exercise)) for one in submissions)
    ends = (UNNAMED, STUB, NOT_GRADED)
    mistakes = sorted((name for name in counts if name not in (RIGHT, *ends)), key=lambda name: (-counts[name], name))
    order = [RIGHT, *mistakes, *(name for name in ends if counts[name])]
    return Tally(exercise, len(submissions), {name: counts[name] for name in order})


def answer_of(verdict):
    """One verdict in a word: right, the misconception, that it has no name, or that there was no answer."""
    if verdict is None:
        return NOT_GRADED
    if verdict.status != "wrong":
        return verdict.status
    return ", or ".join(verdict.misconceptions) or UNNAMED
