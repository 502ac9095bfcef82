"""Several threads on one operation: the same compiled loops, each on rows of its own.

Compiled loops let go of Python's lock, so ordinary threads run them side by side. Every number is computed by one
thread, in the order it always is, and no two threads write to one place: so an answer has the same bits on one thread
and on any number. (`prange` would do it too, for four times the time to compile, and with threads that do not survive
a fork.)

An operation takes microseconds, and to wake a thread that sleeps takes longer. So for a moment after its last work a
thread does not sleep: it watches a number change, in a compiled loop that does not hold the lock either.
"""

import os
import threading

import numpy as np
from numba.core import types
from numba.extending import intrinsic

from solutions.twins import compiled

SHARES = 8  # pieces of an operation at most
UNIT = 8  # rows, of which register-blocked loops take four or eight at a time
WATCH = 200_000  # looks at a number before a thread goes to sleep: about a millisecond
AFTER = 2_000  # looks before a thread asks for Python's lock: whoever has begun a task lets go of it for its own share
LINE = 8  # numbers in a cache line: what two threads write to should not share one

_team, _threads = None, 1


def set_threads(count):
    """How many threads the networks may use from now on, in all of this process; 1 at first. ValueError below 1."""
    global _team, _threads
    if count < 1:
        raise ValueError(f"set_threads: count is {count}, expected at least 1")
    if _team is not None:
        _team.close()
    _team, _threads = None, count


def in_shares(loops, arguments, N, worth=True, unit=UNIT):
    """loops(*arguments, lo, hi) for ranges that together are 0 … N: pieces of whole units, where threads are worth it."""
    global _team
    if _threads == 1 or not worth:
        loops(*arguments, 0, N)
        return
    if _team is None:
        _team = Team(_threads - 1)
    _team.share(loops, arguments, cut(N, unit, _threads))


def cut(N, unit, most=SHARES):
    """[(lo, hi), …], at most so many pieces, and at most SHARES, of whole units; the last one has the rest."""
    step = max(1, -(-N // (unit * min(most, SHARES)))) * unit
    return [(lo, min(lo + step, N)) for lo in range(0, N, step)]


@intrinsic
def latest(typing_context, numbers):
    """numbers[0] as another thread wrote it last: read again each time, and nothing after it is read before it."""

    def read(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        builder.fence("seq_cst")  # takes some nanoseconds, in which the memory is left to others
        return builder.load_atomic(array.data, "acquire", 8)

    return types.int64(numbers), read


@intrinsic
def publish(typing_context, numbers, number):
    """numbers[0] = number, for other threads to see, and before it everything that this one has written."""

    def write(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        builder.store_atomic(arguments[1], array.data, "release", 8)
        return context.get_dummy_value()

    return types.void(numbers, types.int64), write


@compiled
def watch(done, numbers, known, looks, after):
    """done[0] = known; then until numbers[0] is something else, `looks` looks at most, and `after` more -> what it is."""
    publish(done, known)
    now = latest(numbers)
    while now == known and looks > 0:
        now = latest(numbers)
        looks -= 1
    for _ in range(after):
        latest(numbers)
    return now


class Task:
    """One operation: pieces that whoever comes takes, until none is left."""

    def __init__(self, number, loops, arguments, pieces):
        self.number, self.loops, self.arguments, self.pieces = number, loops, arguments, pieces
        self.helpers, self.fault = [], None

    def work(self):
        while self.pieces:
            try:
                lo, hi = self.pieces.pop()
            except IndexError:  # another thread was faster
                return
            self.loops(*self.arguments, lo, hi)


class Team:
    """Threads that help the one who calls `share`."""

    def __init__(self, helpers):
        self.lock, self.task, self.over = threading.Lock(), Task(0, None, (), []), False
        self.begun = np.zeros(LINE, np.int64)  # the number of the last task
        self.done = np.zeros((helpers, LINE), np.int64)  # the number of the last one that each has worked at
        self.nobody = np.zeros(LINE, np.int64)  # where a caller writes who waits, and has nothing to tell
        self.awake = [threading.Event() for _ in range(helpers)]
        self.asleep = [False] * helpers
        self.threads = [threading.Thread(target=self._help, args=(me,), daemon=True) for me in range(helpers)]
        for thread in self.threads:
            thread.start()

    def share(self, loops, arguments, pieces):
        """Work at the pieces with all who are awake; returns when the last one is done. Raises what a piece raised."""
        task = self._begin(loops, arguments, pieces)
        try:
            task.work()
        finally:
            for helper in task.helpers:
                while (now := self.done[helper, 0]) < task.number:
                    watch(self.nobody, self.done[helper], now, WATCH, 0)
        if task.fault is not None:
            raise task.fault

    def close(self):
        """End the threads."""
        self.over = True
        self._begin(None, (), [])
        for thread in self.threads:
            thread.join()

    def _begin(self, loops, arguments, pieces):
        with self.lock:
            self.task = task = Task(self.task.number + 1, loops, arguments, pieces)
            self.begun[0] = task.number
        for helper, asleep in enumerate(self.asleep):
            if asleep:
                self.awake[helper].set()
        return task

    def _help(self, me):
        known = 0
        while not self.over:
            if watch(self.done[me], self.begun, known, WATCH, AFTER) == known:
                self.asleep[me] = True
                if self.begun[0] == known:  # whoever begins a task now sees that this thread is asleep
                    self.awake[me].wait()
                self.asleep[me] = False
                self.awake[me].clear()
            task = self.task
            known = task.number
            task.helpers.append(me)  # before it takes a piece: the caller waits for whoever is in this list
            try:
                task.work()
            except BaseException as fault:
                task.fault = fault
        watch(self.done[me], self.begun, known, 0, 0)


def _forget_team():
    """Threads do not survive a fork: the child starts its own."""
    global _team
    _team = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_team)
