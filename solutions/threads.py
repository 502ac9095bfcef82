"""Several threads on one operation: the same compiled loops, each on rows of its own.

Compiled loops let go of Python's lock, so ordinary threads run them side by side. Every number is computed by one
thread, in the order it always is, and no two threads write to one place: so an answer has the same bits on one thread
and on any number. (`prange` would do it too, for four times the time to compile, and with threads that do not survive
a fork.)
"""

import os
from concurrent.futures import ThreadPoolExecutor

SHARES = 8  # pieces of an operation at most: more than threads, so that nobody waits long for the slowest
UNIT = 8  # rows, of which register-blocked loops take four or eight at a time

_pool, _threads = None, 1


def set_threads(count):
    """How many threads the networks may use from now on, in all of this process; 1 at first. ValueError below 1."""
    global _pool, _threads
    if count < 1:
        raise ValueError(f"set_threads: count is {count}, expected at least 1")
    if _pool is not None:
        _pool.shutdown()
    _pool, _threads = None, count


def in_shares(loops, arguments, N, worth=True, unit=UNIT):
    """loops(*arguments, lo, hi) for ranges that together are 0 … N: pieces of whole units, where threads are worth it."""
    global _pool
    if _threads == 1 or not worth:
        loops(*arguments, 0, N)
        return
    pieces = cut(N, unit)

    def work():
        while pieces:
            try:
                lo, hi = pieces.pop()
            except IndexError:  # another thread was faster
                return
            loops(*arguments, lo, hi)

    if _pool is None:
        _pool = ThreadPoolExecutor(_threads - 1, "solutions")
    helpers = [_pool.submit(work) for _ in range(_threads - 1)]
    work()
    for helper in helpers:
        if not helper.cancel():  # cancelled: it never woke up, and nothing is left to do
            helper.result()


def cut(N, unit):
    """[(lo, hi), …], at most SHARES pieces of whole units; the last one has the rest."""
    step = max(1, -(-N // (unit * SHARES))) * unit
    return [(lo, min(lo + step, N)) for lo in range(0, N, step)]


def _forget_pool():
    """Threads do not survive a fork: the child starts its own."""
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
