"""Run the plain Python lines of a parallel function and watch which iteration of a prange touches which cell.

On threads the iterations of a prange run in any order, several at a time. If two of them touch one cell and one of
the two writes, what is in the cell afterwards is luck: a race. Luck is often good, above all in small tests. So the
lines are run in plain Python, one iteration after the other, and every access is noted.
"""

import numpy as np

from course.messages import say
from course.touched import Root, Touched, assigned

MANY = 4096  # cells of one access that are noted


class Watch:
    """What the iterations of the current prange have touched, and the first race."""

    def __init__(self):
        self.iteration = None  # outside a prange
        self.cells = {}  # (array, offset) -> [the iteration that wrote, up to two that read]
        self.made = {}  # place in the code -> how many arrays
        self.race = None  # (array, offset, (iteration, "writes" or "reads"), the same of the other one)

    def in_words(self):
        """The race in a sentence, or ''."""
        if self.race is None:
            return ""
        root, offset, (one, does), (other, also) = self.race
        return say("iterations", cell=root.cell(offset), one=one, does=say(does), other=other, also=say(also))

    def signature(self):
        """Which array it is about, without a name that a learner is free to choose, or ''."""
        if self.race is None:
            return ""
        root = self.race[0]
        return f"{root.name if root.given else 'own'} {root.shape}"

    def prange(self, *bounds):
        """numba runs the outermost prange in parallel, those inside it one after the other."""
        if self.iteration is not None:
            yield from range(*bounds)
            return
        self.cells.clear()
        try:
            for self.iteration in range(*bounds):
                yield self.iteration
        finally:
            self.iteration = None

    def adopt(self, value, name=""):
        """An array to be watched from here on. What an iteration makes for itself is its own business."""
        if type(value) is not np.ndarray or not value.ndim or self.iteration is not None:
            return value
        watched = np.ascontiguousarray(value).view(Touched)
        watched.root = Root(self, name or assigned(self.made), watched, given=bool(name))
        return watched

    def note(self, root, offsets, write):
        """One iteration reads or writes cells of an array."""
        if self.race is None and self.iteration is not None:
            for offset in offsets[:MANY]:
                self._note(root, int(offset), write)

    def _note(self, root, offset, write):
        me = self.iteration
        writer, readers = self.cells.get((root, offset), (None, ()))
        others = [(writer, "iteration writes")] if writer not in (None, me) else []
        if write:
            others += [(reader, "iteration reads") for reader in readers if reader != me]
        if others:
            other, does = others[0]
            self.race = root, offset, (other, does), (me, f"iteration {'writes' if write else 'reads'}")
        elif write:
            self.cells[root, offset] = me, readers
        elif me not in readers:
            self.cells[root, offset] = writer, (*readers, me)[:2]
