"""How hard each graded cell was, and how well it tells apart those who do well from those who do not."""

from dataclasses import dataclass

import numpy as np

ENOUGH = 10  # submissions: below that, a correlation says nothing


@dataclass(frozen=True)
class Item:
    """One graded cell. difficulty: as below. discrimination: as below, None where it cannot be told."""

    name: str
    maximum: float
    difficulty: float
    discrimination: float | None

    @property
    def says(self):
        """What an instructor may make of it, in words; '' where all is as usual."""
        if self.discrimination is not None and self.discrimination < 0:
            return "those who do well elsewhere do worse here: read the exercise again"
        if self.difficulty >= 0.95:
            return "nearly everybody has it"
        if self.difficulty <= 0.25:
            return "hardly anybody has it"
        if self.discrimination is not None and self.discrimination < 0.2:
            return "hardly tells apart those who do well from those who do not"
        return ""


def items(submissions, maxima):
    """The Items of a stage, in its order. submissions: with scores; maxima: graded cell -> its points."""
    if not submissions or not maxima:
        return []
    names = list(maxima)
    scores = np.array([[one.scores.get(name, 0.0) for name in names] for one in submissions])
    return [
        Item(name, float(maxima[name]), difficulty(scores[:, k], maxima[name]), discrimination(scores, k))
        for k, name in enumerate(names)
    ]


def difficulty(scores, maximum):
    """p = mean(score) / maximum                         (the item's facility: 1 everybody has it, 0 nobody)

    scores (N,) of one item -> float in [0, 1]; 0 for an item without points.
    """
    return float(np.mean(scores) / maximum) if maximum else 0.0


def discrimination(scores, k):
    """r = corr(s[:, k], Σ_{j≠k} s[:, j])              (corrected item–total correlation of item k)

    scores (N, K) points -> r in [−1, 1], or None where N < 10, K < 2 or nothing varies. The item is left out of the
    total, or it would correlate with itself; for an item scored 0 or 1 this is the corrected point-biserial.

    Source: S. Henrysson, "Correction of item-total correlations in item analysis", Psychometrika 28 (1963) 211–218.
    """
    N, K = scores.shape
    item = scores[:, k]
    rest = scores.sum(axis=1) - item
    if N < ENOUGH or K < 2 or np.ptp(item) < 1e-12 or np.ptp(rest) < 1e-12:
        return None
    return float(np.corrcoef(item, rest)[0, 1])


def histogram(points, maximum, bins=10):
    """[(from, to, count)] of equally wide bins over [0, maximum]; the last one includes the maximum."""
    counts, edges = np.histogram(points, bins=bins, range=(0.0, max(maximum, 1e-9)))
    return [(float(a), float(b), int(n)) for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)]
