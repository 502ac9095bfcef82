"""Several threads: every row once, side by side, errors passed on, and a fork that does not hang."""

import os
import threading
import time

import pytest

from solutions import threads
from solutions.blocked import add_dots, add_product
from solutions.networks.convolution import pool, pool_backward
from solutions.networks.flat import adam_in_place
from solutions.threads import cut, in_shares, set_threads


@pytest.fixture(autouse=True)
def one_thread_again():
    yield
    set_threads(1)


@pytest.mark.parametrize("unit", [1, 4, 64])
@pytest.mark.parametrize("N", [0, 1, 7, 8, 31, 64, 1000])
def test_pieces_are_whole_units_and_hold_every_row_once(N, unit):
    pieces = cut(N, unit)
    assert [row for lo, hi in pieces for row in range(lo, hi)] == list(range(N))
    assert len(pieces) <= threads.SHARES
    assert all(lo % unit == 0 for lo, _ in pieces)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_row_is_computed_once(count):
    set_threads(count)
    seen = []
    in_shares(lambda name, lo, hi: seen.extend((name, row) for row in range(lo, hi)), ("y",), 37)
    assert sorted(seen) == [("y", row) for row in range(37)]


def test_threads_work_side_by_side():
    set_threads(2)
    together = threading.Barrier(2, timeout=10)  # broken, and with an error, where one thread has to do it all
    in_shares(lambda lo, hi: together.wait(), (), 2, unit=1)


def test_a_thread_that_fell_asleep_comes_again():
    set_threads(2)
    for _ in range(3):
        together = threading.Barrier(2, timeout=10)
        in_shares(lambda lo, hi, together=together: together.wait(), (), 2, unit=1)
        end = time.monotonic() + 10
        while threads._team.asleep != [True]:  # a millisecond after its work
            assert time.monotonic() < end
            time.sleep(0.001)


def test_threads_end_when_others_are_asked_for():
    before = threading.active_count()
    set_threads(3)
    in_shares(lambda lo, hi: None, (), 8, unit=1)
    assert threading.active_count() == before + 2
    set_threads(1)
    assert threading.active_count() == before


@pytest.mark.parametrize(
    "loops", [add_product, add_dots, pool, pool_backward, adam_in_place], ids=lambda loops: loops.py_func.__name__
)
def test_loops_let_go_of_the_lock(loops):
    assert loops.targetoptions["nogil"]


def test_small_work_stays_in_one_piece():
    set_threads(2)
    calls = []
    in_shares(lambda lo, hi: calls.append((lo, hi)), (), 37, worth=False)
    assert calls == [(0, 37)]


def test_an_error_in_a_share_is_not_lost():
    set_threads(2)
    caller, together = threading.get_ident(), threading.Barrier(2, timeout=10)

    def loops(lo, hi):
        together.wait()
        if threading.get_ident() != caller:
            raise ZeroDivisionError("in a helper")

    with pytest.raises(ZeroDivisionError, match="in a helper"):
        in_shares(loops, (), 2, unit=1)


def test_fewer_than_one_thread_is_refused():
    with pytest.raises(ValueError, match="count is 0"):
        set_threads(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_fork_starts_threads_of_its_own():
    set_threads(2)
    in_shares(lambda lo, hi: None, (), 8, unit=1)  # the pool is up
    child = os.fork()
    if child == 0:
        together = threading.Barrier(2, timeout=10)
        in_shares(lambda lo, hi: together.wait(), (), 2, unit=1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
