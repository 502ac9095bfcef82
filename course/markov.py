"""The forecaster that neural networks have to beat: a table of what has followed every k characters of a text.

Source: C. E. Shannon, "A mathematical theory of communication", Bell System Technical Journal 27 (1948), section 3, for
the tables; I. H. Witten and T. C. Bell, IEEE Transactions on Information Theory 37 (1991), method C, for the blend.
"""

import numpy as np


class Markov:
    """Counts of every 0 … k characters and their followers. ids (L,): a text as whole numbers below V; V^(k + 1) < 2^63."""

    def __init__(self, ids, V, k):
        if V ** (k + 1) >= 2**63:
            raise ValueError(f"{V} characters and a memory of {k} are too much for whole numbers of 64 bits")
        self.V, self.k = V, k
        self.tables = [_Table(*_windows(np.asarray(ids, np.int64), V, j), V) for j in range(k + 1)]

    def loss(self, ids):
        """Mean cross-entropy of the next character of a text (L,) it need not know, from the k before it; log V at most.

        Longer contexts count as much as they have been seen: p_j = (n(ctx, next) + u · p_{j−1}) / (n(ctx) + u), where u
        different characters have followed the context, and p_−1 = 1 / V.
        """
        ids = np.asarray(ids, np.int64)
        p = np.full(len(ids) - self.k, 1 / self.V)
        for j, table in enumerate(self.tables):
            context, following = _windows(ids[self.k - j :], self.V, j)
            together, seen, different = table.counts(context, following)
            p = np.where(seen > 0, (together + different * p) / np.maximum(seen + different, 1), p)
        return float(-np.mean(np.log(p)))

    def write(self, length, rng, start):
        """A text of `length` ids: each follows its k predecessors as often as in the table, fewer where they are new."""
        written = list(start)
        for _ in range(length):
            for j in range(min(self.k, len(written)), -1, -1):
                following = self.tables[j].draw(_code(written[len(written) - j :], self.V), rng)
                if following is not None:
                    written.append(following)
                    break
        return written[len(start) :]


class _Table:
    """How often which character has followed which context, sorted, so that looking up is a binary search."""

    def __init__(self, contexts, following, V):
        self.V = V
        self.pairs, times = np.unique(contexts * V + following, return_counts=True)
        self.contexts, first = np.unique(self.pairs // V, return_index=True)
        self.until = np.concatenate([[0], np.cumsum(times)])
        self.first = np.append(first, len(self.pairs))

    def counts(self, contexts, following):
        """How often each context came with that character, how often in all, and how many different ones followed."""
        pair = self._place(self.pairs, contexts * self.V + following)
        place = self._place(self.contexts, contexts)
        low, high = self.first[place], self.first[place + 1]
        together = np.where(pair < 0, 0, self.until[pair + 1] - self.until[pair])
        known = place >= 0
        return together, np.where(known, self.until[high] - self.until[low], 0), np.where(known, high - low, 0)

    def draw(self, context, rng):
        """A character that has followed the context, as often as it did; None where the context is new."""
        place = int(self._place(self.contexts, np.array([context]))[0])
        if place < 0:
            return None
        low, high = self.until[self.first[[place, place + 1]]]
        pair = np.searchsorted(self.until, low + rng.integers(high - low), side="right") - 1
        return int(self.pairs[pair] % self.V)

    @staticmethod
    def _place(known, wanted):
        """Where each wanted number is among the known ones, −1 where it is not."""
        place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        return np.where(known[place] == wanted, place, -1)


def _windows(ids, V, j):
    """Every j characters in a row as one number, and the character after them."""
    count = len(ids) - j
    contexts = np.zeros(count, np.int64)
    for i in range(j):
        contexts = contexts * V + ids[i : i + count]
    return contexts, ids[j:]


def _code(ids, V):
    code = 0
    for i in ids:
        code = code * V + i
    return code
