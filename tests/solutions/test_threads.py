"""Several threads: every row once, side by side, no help while they help somebody else, and a fork that does not hang."""

import os
import threading
import time

import numba
import numpy as np
import pytest

from solutions.fast import threads
from solutions.fast.tape import in_shares
from solutions.fast.threads import add, latest, set_threads, share


@numba.njit(nogil=True)
def count(seen, by, lo, hi):
    for row in range(lo, hi):
        seen[row] += by


@numba.njit(nogil=True)
def meet(words, looks, lo, hi):
    """words[0] counts who is here; words[1] counts who saw somebody else within so many looks."""
    add(words, 0, 1)
    while latest(words, 0) < 2 and looks > 0:
        looks -= 1
    add(words, 1, 1 if looks > 0 else 0)


@numba.njit(nogil=True)
def note(seen, lo, hi):
    """seen[lo] = hi"""
    seen[lo] = hi


def pieces(N, **how):
    """{lo: hi} of the pieces in which that many are shared."""
    seen = np.full(N, -1)
    in_shares(note, (seen,), N, **how)
    return {int(lo): int(seen[lo]) for lo in np.flatnonzero(seen >= 0)}


def two_met():
    """Whether two threads were at work at once, in one of many attempts: nobody waits for a thread that falls asleep."""
    for _ in range(100):
        words = np.zeros(2, np.int64)
        in_shares(meet, (words, 10**7), 2, unit=1)
        if words.tolist() == [2, 2]:
            return True
    return False


@pytest.fixture(autouse=True)
def one_thread_again():
    yield
    set_threads(1)


@pytest.mark.parametrize("count", [1, 2, 3, 8, 20])
@pytest.mark.parametrize("unit", [1, 4, 64])
@pytest.mark.parametrize("N", [0, 1, 7, 8, 31, 64, 1000])
def test_shares_are_whole_units_and_no_more_than_threads(N, unit, count):
    set_threads(count)
    step = share(N, unit)
    assert step % unit == 0
    assert -(-N // step) <= min(count, threads.SHARES)


@pytest.mark.parametrize("every", [1, 2], ids=["in one piece", "every other"])
@pytest.mark.parametrize("dtype", [np.float32, np.int64])
@pytest.mark.parametrize("team", [1, 2, 5])
def test_every_row_is_computed_once(team, dtype, every):
    set_threads(team)
    for N in (0, 1, 37, 1000):
        seen = np.zeros(N * every, dtype)[::every]
        for _ in range(100):
            in_shares(count, (seen, 1), N)
        assert (seen == 100).all()


def test_threads_work_side_by_side():
    set_threads(2)
    assert two_met()


def test_a_thread_that_fell_asleep_comes_again():
    set_threads(2)
    for _ in range(3):
        assert two_met()
        end = time.monotonic() + 10
        while threads._team.asleep != [True]:  # a millisecond after its work
            assert time.monotonic() < end
            time.sleep(0.001)


def test_threads_end_when_others_are_asked_for():
    before = threading.active_count()
    set_threads(3)
    in_shares(count, (np.zeros(8), 1), 8, unit=1)
    assert threading.active_count() == before + 2
    set_threads(1)
    assert threading.active_count() == before


def test_who_shares_holds_no_lock():
    for loops in (threads.watch, threads.run_tasks, threads.share_tasks):
        assert loops.targetoptions["nogil"]


def test_small_work_stays_in_one_piece():
    set_threads(2)
    assert pieces(37, worth=False) == {0: 37}
    assert pieces(7) == {0: 7}
    assert pieces(37) == {0: 24, 24: 37}


def test_threads_that_help_somebody_else_are_not_waited_for():
    set_threads(2)
    assert two_met()
    with threads._team.busy:
        assert pieces(37) == {0: 37}
    assert two_met()


def test_several_who_share_at_once_get_all_of_their_rows():
    set_threads(2)
    seen = [np.zeros(64) for _ in range(4)]

    def share_often(mine):
        for _ in range(500):
            in_shares(count, (mine, 1), 64)

    everybody = [threading.Thread(target=share_often, args=(mine,)) for mine in seen]
    for one in everybody:
        one.start()
    for one in everybody:
        one.join()
    assert all((mine == 500).all() for mine in seen)


def test_fewer_than_one_thread_is_refused():
    with pytest.raises(ValueError, match="count is 0"):
        set_threads(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_fork_starts_threads_of_its_own():
    set_threads(2)
    assert two_met()
    child = os.fork()
    if child == 0:
        os._exit(0 if two_met() else 1)
    assert os.waitpid(child, 0)[1] == 0
