"""Which submissions resemble each other more than chance and the task explain: a list for a person to read.

It proves nothing. Two people who learned together, or from one book, write alike; and code that was copied with care
escapes. What the release gave everybody is left out, and what many write counts little: a fingerprint found in n of N
submissions weighs log₂(N / n) bits, none where half the class has it.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from math import log2

import numpy as np
from scipy import sparse

from grader.insight.fingerprints import fingerprints
from grader.insight.groups import Group, grouped

LEAST_BITS = 30.0  # less in common than this is left to chance
LEAST_SHARE = 0.4
MOST = 25  # pairs in the list
PUBLISHED = "the published solution"


@dataclass(frozen=True)
class Pair:
    """share: of what is unusual in either, by weight, how much is in both. bits: how much that is.

    parts: [(exercise, bits in common)], most first. shown: the first part's sources, and the lines in common of each.
    """

    one: str
    other: str
    share: float
    bits: float
    parts: tuple
    shown: tuple  # (part, source, lines, source, lines)


def alike(submissions, given):
    """(Groups, Pairs) among submissions (student -> part -> source), the largest and the most alike first.

    given: sources of the release. Two of a group are no Pair.
    """
    prints, weight = _weighed(submissions, given)
    students = sorted(prints)
    shares, bits = _measured([prints[student] for student in students], weight)
    enough = [pair for pair, share in shares.items() if bits[pair] >= LEAST_BITS and share >= LEAST_SHARE]
    order = sorted(enough, key=lambda pair: (-shares[pair] * bits[pair], pair))
    members, remaining = grouped(len(students), {pair: shares[pair] for pair in order})

    def made(i, j):
        one, other = students[i], students[j]
        return _pair(one, other, shares[i, j], bits[i, j], prints[one], prints[other], weight,
                     submissions[one], submissions[other])  # fmt: skip

    def group(inside):
        each = list(combinations(inside, 2))
        names = tuple(students[i] for i in inside)
        between = {(students[i], students[j]): shares.get((i, j), 0.0) for i, j in each}
        best = next(pair for pair in order if set(pair) <= set(inside))
        return Group(names, between, min(bits.get(pair, 0.0) for pair in each), made(*best))

    groups = sorted(map(group, members), key=lambda found: (-len(found), found.students))
    return groups, [made(*pair) for pair in remaining[:MOST]]


def _measured(prints, weight):
    """((i, j) -> share, (i, j) -> bits in common), i < j, of those with anything in common."""
    columns = {value: k for k, value in enumerate(weight)}
    entries = [(i, columns[v], weight[v]) for i, parts in enumerate(prints) for v in _all(parts) if v in columns]
    if len(prints) < 3 or not entries:
        return {}, {}
    rows, cols, weights = (np.array(list(part)) for part in zip(*entries, strict=True))
    shape = (len(prints), len(columns))
    holds = sparse.csr_matrix((np.ones(len(rows)), (rows, cols)), shape)
    both = sparse.triu(sparse.csr_matrix((weights, (rows, cols)), shape) @ holds.T, k=1).tocoo()
    whole = np.bincount(rows, weights, len(prints))
    share = both.data / (whole[both.row] + whole[both.col] - both.data)
    where = list(zip(both.row.tolist(), both.col.tolist(), strict=True))
    return dict(zip(where, share.tolist(), strict=True)), dict(zip(where, both.data.tolist(), strict=True))


def to_published(submissions, given, solution):
    """Pairs of a submission and the published solution: how much of what is unusual in the former is in the latter."""
    prints, weight = _weighed(submissions, given)
    ours = {part: fingerprints(source) for part, source in solution.items()}
    known, found = _all(ours), []
    for student, parts in prints.items():
        mine = {value for value in _all(parts) if value in weight}
        bits = sum(weight[value] for value in mine & known)
        whole = sum(weight[value] for value in mine)
        if bits >= LEAST_BITS and bits >= LEAST_SHARE * whole:
            pair = _pair(student, PUBLISHED, bits / whole, bits, parts, ours, weight, submissions[student], solution)
            found.append(pair)
    return sorted(found, key=lambda pair: (-pair.share * pair.bits, pair.one))[:MOST]


def _weighed(submissions, given):
    """(student -> part -> fingerprints, fingerprint -> bits) without what the release gave and what half the class has."""
    released = set().union(*(fingerprints(source) for source in given))
    prints = {
        student: {
            part: {value: lines for value, lines in fingerprints(source).items() if value not in released}
            for part, source in parts.items()
        }
        for student, parts in submissions.items()
    }
    N = len(prints)
    common = Counter(value for parts in prints.values() for value in _all(parts))
    return prints, {value: log2(N / n) for value, n in common.items() if 2 * n < N}


def _all(parts):
    return set().union(*parts.values()) if parts else set()


def _pair(one, other, share, bits, mine, theirs, weight, my_source, their_source):
    """A Pair with the passages to show: a part is compared with the same part of the other."""
    in_parts = {
        part: sum(weight.get(value, 0.0) for value in set(values) & set(theirs.get(part, ())))
        for part, values in mine.items()
    }
    parts = tuple(sorted(((p, b) for p, b in in_parts.items() if b > 0), key=lambda entry: -entry[1]))
    if not parts:
        return Pair(one, other, share, bits, (), ())
    part = parts[0][0]
    shared = {value for value in set(mine[part]) & set(theirs[part]) if value in weight}
    shown = (part, my_source[part], _lines(mine[part], shared), their_source[part], _lines(theirs[part], shared))
    return Pair(one, other, share, bits, parts, shown)


def _lines(prints, shared):
    """The numbers of the lines on which shared fingerprints stand."""
    return tuple(sorted({line for value in shared for line in range(prints[value][0], prints[value][1] + 1)}))
