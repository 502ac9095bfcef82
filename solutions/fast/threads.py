"""Several threads on one operation: the same compiled loops, each on rows of its own.

Every number is computed by one thread, in the order it always is, and no two threads write to one place: so an answer
has the same bits on one thread and on any number. (`prange` would do it too, for four times the time to compile, and
with threads that do not survive a fork.)

An operation takes microseconds; to wake a thread that sleeps takes longer, and so does waiting for Python's lock. So
whoever has work to share writes down in memory where it lies (a task of `by_address.py`) and how many pieces are left.
For a moment after its last work a thread does not sleep but watches that place, in a compiled loop that holds no lock;
it takes piece after piece and never meets Python in between.
"""

import os
import threading

import numpy as np
from numba.core import types
from numba.extending import intrinsic

from solutions.fast.by_address import HEAD, run, word
from solutions.twins import compiled

SHARES = 8  # pieces of an operation at most
UNIT = 8  # rows, of which register-blocked loops take four or eight at a time
WATCH = 200_000  # looks for work before a thread goes to sleep: about a millisecond
LINE = 8  # numbers in a cache line: what two threads write to should not share one
TICKET, TASK, FINISHED = 0, LINE, 2 * LINE  # its number and how many pieces nobody has taken; where it lies, N, step
LEFT = 0xFFFF  # the part of a ticket that counts pieces

_team, _threads = None, 1


def set_threads(count):
    """How many threads the networks may use from now on, in all of this process; 1 at first. ValueError below 1."""
    global _team, _threads
    if count < 1:
        raise ValueError(f"set_threads: count is {count}, expected at least 1")
    if _team is not None:
        _team.close()
    _team, _threads = None, count


def threads():
    """How many threads the networks may use."""
    return _threads


def share(N, unit):
    """How many of N each thread takes, in whole units; at most SHARES take any."""
    return max(1, -(-N // (unit * min(_threads, SHARES)))) * unit


def play(tape, shared):
    """Run the tasks on a tape, one after the other; shared: some are in pieces, for whoever is free to take."""
    global _team
    if shared and _team is None:
        _team = Team(_threads - 1)
    if not shared or not _team.play(tape):
        run_tasks(*ends(tape))


def ends(tape):
    """Where its words begin in memory, and where they end."""
    start = tape.__array_interface__["data"][0]
    return start, start + tape.nbytes


def at(context, builder, signature, arguments):
    """The address of numbers[place], the first two arguments."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])


@intrinsic
def latest(typing_context, numbers, place):
    """numbers[place] as another thread wrote it last: read again each time, and nothing after it is read before it."""

    def read(context, builder, signature, arguments):
        builder.fence("seq_cst")  # takes some nanoseconds, in which the memory is left to others
        return builder.load_atomic(at(context, builder, signature, arguments), "acquire", 8)

    return types.int64(numbers, types.intp), read


@intrinsic
def publish(typing_context, numbers, place, number):
    """numbers[place] = number, for other threads to see, and before it everything that this one has written."""

    def write(context, builder, signature, arguments):
        builder.store_atomic(arguments[2], at(context, builder, signature, arguments), "release", 8)
        return context.get_dummy_value()

    return types.void(numbers, types.intp, types.int64), write


@intrinsic
def add(typing_context, numbers, place, number):
    """numbers[place] += number, whoever else is adding; others see before it everything that this one has written."""

    def write(context, builder, signature, arguments):
        builder.atomic_rmw("add", at(context, builder, signature, arguments), arguments[2], "acq_rel")
        return context.get_dummy_value()

    return types.void(numbers, types.intp, types.int64), write


@intrinsic
def exchanged(typing_context, numbers, place, known, number):
    """Whether numbers[place] was still what is known of it; then it is the number now."""

    def write(context, builder, signature, arguments):
        place = at(context, builder, signature, arguments)
        return builder.extract_value(builder.cmpxchg(place, *arguments[2:], "acq_rel", "acquire"), 1)

    return types.boolean(numbers, types.intp, types.int64, types.int64), write


@compiled
def work(words):
    """Take pieces until none is left -> whether there was one."""
    ticket = latest(words, TICKET)
    found = ticket & LEFT > 0
    while ticket & LEFT:
        place, N, step = words[TASK], words[TASK + 1], words[TASK + 2]
        if exchanged(words, TICKET, ticket, ticket - 1):  # so these were this task's, and it waits for this piece
            lo = ((ticket & LEFT) - 1) * step
            run(place, lo, lo + step if lo + step < N else N)
            add(words, FINISHED, 1)
        ticket = latest(words, TICKET)
    return found


@compiled
def watch(words, looks):
    """Work whenever there is some; returns after so many looks for nothing."""
    left = looks
    while left > 0:
        left = looks if work(words) else left - 1


@compiled
def run_tasks(place, end):
    """Run the tasks that lie from place to end, one after the other."""
    while place < end:
        run(place, 0, word(place, 3))
        place += 8 * (HEAD + word(place, 1))


@compiled
def share_tasks(place, end, words):
    """The same, and have the pieces of each done by whoever watches, and by oneself."""
    while place < end:
        N, step = word(place, 3), word(place, 4)
        pieces = (N + step - 1) // step
        words[TASK], words[TASK + 1], words[TASK + 2], words[FINISHED] = place, N, step, 0
        if pieces > 1:
            publish(words, TICKET, words[TICKET] // (LEFT + 1) * (LEFT + 1) + LEFT + 1 + pieces)
            work(words)
            while latest(words, FINISHED) < pieces:
                pass
        else:
            run(place, 0, N)
        place += 8 * (HEAD + word(place, 1))


class Team:
    """Threads that help the one who calls `play`."""

    def __init__(self, helpers):
        self.words, self.busy, self.over = np.zeros(3 * LINE, np.int64), threading.Lock(), False
        self.awake = [threading.Event() for _ in range(helpers)]
        self.asleep = [False] * helpers
        self.threads = [threading.Thread(target=self._help, args=(me,), daemon=True) for me in range(helpers)]
        for thread in self.threads:
            thread.start()

    def play(self, tape):
        """Run the tasks with everybody's help -> whether that could be: not where these threads help somebody else."""
        if not self.busy.acquire(blocking=False):
            return False
        try:
            self._wake()
            share_tasks(*ends(tape), self.words)
        finally:
            self.busy.release()
        return True

    def close(self):
        """End the threads."""
        self.over = True
        self._wake()
        for thread in self.threads:
            thread.join()

    def _wake(self):
        for asleep, awake in zip(self.asleep, self.awake, strict=True):
            if asleep:
                awake.set()

    def _help(self, me):
        while not self.over:
            watch(self.words, WATCH)
            self.asleep[me] = True
            if not self.over:  # whoever has work from now on sees that this thread is asleep
                self.awake[me].wait()
            self.asleep[me] = False
            self.awake[me].clear()


def _forget_team():
    """Threads do not survive a fork: the child starts its own."""
    global _team
    _team = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_team)
