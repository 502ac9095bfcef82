"""A tape: calls of compiled loops, written down when they are made, and made again later without Python in between.

Python takes some microseconds for every call, a product of small matrices takes one. But a training step calls the same
loops on the same arrays every time, and only the numbers in these differ. So a network runs its layers in Python once
for every size of a batch, and records what they call; from then on it plays the tape.

    with recording() as tape:
        in_shares(loops, (x, y), N)
    x[:] = something_else
    tape.play()                     # y as `loops` makes it of the new x

What is done besides, in NumPy or in Python, is not on the tape: whoever records takes care that nothing else matters.
"""

import threading
from contextlib import contextmanager

import numpy as np

from solutions.fast import threads
from solutions.fast.by_address import task

_now = threading.local()  # the tape that is being recorded in this thread


class Tape:
    """Tasks in the order in which they were run, and the arrays they are about, which stay for as long as it does."""

    def __init__(self):
        self.tasks, self.arrays, self.shared = np.zeros(0, np.int64), [], False

    def add(self, tasks, arguments, shared):
        self.tasks = np.append(self.tasks, tasks)
        self.arrays.append(arguments)
        self.shared |= shared

    def play(self):
        """Make the calls again."""
        threads.play(self.tasks, self.shared)


@contextmanager
def recording():
    """A tape of what this thread calls with `in_shares` until the end of the block."""
    before, _now.tape = getattr(_now, "tape", None), Tape()
    try:
        yield _now.tape
    finally:
        _now.tape = before


class Recorder:
    """Runs functions in Python for the first time, and from their tapes from then on."""

    def __init__(self):
        self.tapes = {}

    def __reduce__(self):
        return Recorder, ()  # a copy begins anew: tapes are about the arrays of the original

    def run(self, function, *arrays, when=()):
        """function(*arrays), for arrays that are the same ones whenever their shapes are.

        when: what else it does depend on, besides the number of threads.
        """
        key = function.__name__, *(array.shape for array in arrays), threads.threads(), when
        if key not in self.tapes:
            with recording() as tape:
                answer = function(*arrays)
            self.tapes[key] = tape, answer
            return answer
        tape, answer = self.tapes[key]
        tape.play()
        return answer


def in_shares(loops, arguments, N, worth=True, unit=threads.UNIT):
    """loops(*arguments, lo, hi) for ranges that together are 0 … N: pieces of whole units, where threads are worth it.

    loops: compiled, with no answer and no errors, for arguments that are arrays and whole numbers. Where SHARE stands
    among these, lo and hi do.
    """
    step = threads.share(N, unit) if worth else max(N, 1)
    tasks, shared = np.array(task(loops, arguments, N, step), np.int64), step < N
    threads.play(tasks, shared)
    if (tape := getattr(_now, "tape", None)) is not None:
        tape.add(tasks, arguments, shared)
