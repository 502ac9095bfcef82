"""Three or more who handed in the same: one entry for all of them, not one for each two.

Students are tied where two hand in nearly the same (SAME); a group is a connected component of those ties. So the two at
its ends may have less in common than any tie, and a group says how much any two of it share at least. Weaker likeness
ties nobody: a chain of it runs through half a class.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

SAME = 0.8  # of what is unusual in either, from which two are tied
LEAST = 3  # students


@dataclass(frozen=True)
class Group:
    """students: by name. shares: how much each two share, (one, other) -> 0 to 1; bits: the least of any two.

    pair: the two most alike, to read side by side.
    """

    students: tuple
    shares: dict
    bits: float
    pair: object  # similarity.Pair

    def __len__(self):
        return len(self.students)

    @property
    def least(self):
        """What any two of them share at least."""
        return min(self.shares.values())


def grouped(n, likeness):
    """(groups of those numbered 0 to n − 1, as lists; the pairs that remain to be listed).

    likeness: (i, j) -> share, the most alike first. Within a group no pair remains, and of the pairs of a group with one
    outsider, or with another group, the first alone: the others would say it again.
    """
    ties = [pair for pair, share in likeness.items() if share >= SAME]
    rows, columns = np.array(ties, int).reshape(-1, 2).T
    _, label = connected_components(coo_matrix((np.ones(len(ties)), (rows, columns)), (n, n)), directed=False)
    large = {name for name, size in Counter(label.tolist()).items() if size >= LEAST}
    stands = [("group", name) if name in large else ("alone", i) for i, name in enumerate(label.tolist())]
    remaining = {}
    for i, j in likeness:
        if stands[i] != stands[j]:
            remaining.setdefault(frozenset((stands[i], stands[j])), (i, j))
    members = [[i for i in range(n) if stands[i] == ("group", name)] for name in sorted(large)]
    return members, list(remaining.values())
