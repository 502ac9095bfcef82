"""One line of the bench."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """ratio: what was measured, the median; its unit, or whom it is against, stands in the name. low, high: of the rounds."""

    name: str
    ratio: float
    low: float
    high: float
    goal: float
    better: str = "lower"

    @property
    def met(self):
        return self.ratio <= self.goal


def row(name, values, goal):
    """The Row of the values of all rounds."""
    return Row(name, statistics.median(values), min(values), max(values), goal)
