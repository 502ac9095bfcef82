"""Tapes: what is played is what was called, on the numbers of now; and of a network's step nothing is missing on them."""

import copy
import gc
import pickle
import threading

import numba
import numpy as np
import pytest

from solutions.fast import simd
from solutions.fast.by_address import MOST, SHARE
from solutions.fast.tape import Recorder, in_shares, recording
from solutions.fast.threads import set_threads
from solutions.networks import Adam, tier, train_step
from solutions.networks.rows import copy as copy_lines
from tests.solutions.test_networks import KINDS, small

pytestmark = pytest.mark.usefixtures("tier_as_before")


@numba.njit(nogil=True)
def add_multiples(y, x, by, lo, hi):
    for i in range(lo, hi):
        y[i] += by * x[i]


@pytest.mark.parametrize("threads", [1, 2])
def test_plays_what_was_called_in_that_order_on_what_is_there_now(threads):
    set_threads(threads)
    x, y, z = np.arange(40.0), np.zeros(40), np.zeros(40)
    with recording() as tape:
        in_shares(add_multiples, (y, x, 2), 40)
        in_shares(add_multiples, (z, y, -3), 40)
    assert np.array_equal(y, 2 * x) and np.array_equal(z, -3 * y)
    assert tape.shared == (threads > 1)
    x[:], y[:], z[:] = 5, 1, 0
    tape.play()
    assert (y == 11).all() and (z == -33).all()
    in_shares(add_multiples, (y, x, 1), 40)
    assert len(tape.arrays) == 2, "what comes after the block is not on the tape"


@numba.njit(nogil=True)
def add_at(y, lo, hi, by):
    for i in range(lo, hi):
        y[i] += by


@pytest.mark.parametrize("threads", [1, 2])
def test_a_share_stands_where_it_is_asked_for(threads):
    set_threads(threads)
    y = np.zeros(40)
    in_shares(add_at, (y, SHARE, 3), 40)
    assert y.tolist() == [3] * 40


@pytest.mark.parametrize("array", [np.zeros((6, 8))[:, ::2][0], np.zeros((4, 6)).T[1], np.zeros(4)], ids=str)
def test_arrays_of_any_layout_are_handed_over(array):
    with recording() as tape:
        in_shares(add_multiples, (array, np.ones(4), 1), 4)
    tape.play()
    assert array.tolist() == [2, 2, 2, 2]


def test_its_arrays_stay_for_as_long_as_it_does():
    y = np.zeros(1000)
    with recording() as tape:
        in_shares(add_multiples, (y, np.full(1000, 3.0), 1), 1000)
    gc.collect()
    others = [np.full(1000, -1.0) for _ in range(100)]  # of which one would lie where the threes did
    tape.play()
    assert (y == 6).all() and len(others) == 100


def test_another_threads_calls_are_not_on_it():
    y = np.zeros(8)
    with recording() as tape:
        other = threading.Thread(target=in_shares, args=(add_multiples, (y, y, 0), 8))
        other.start()
        other.join()
    assert len(tape.tasks) == 0


def test_words_that_cannot_be_handed_over_are_refused():
    with pytest.raises(TypeError, match="float"):
        in_shares(add_multiples, (np.zeros(3), np.ones(3), 0.5), 3)
    with pytest.raises(ValueError, match=f"at most {MOST}"):
        in_shares(add_multiples, tuple(range(MOST)), 3)


def test_a_recorder_runs_again_what_depends_on_something_else():
    calls, recorder, x = [], Recorder(), np.zeros(8)

    def function(x):
        calls.append(len(x))
        in_shares(add_multiples, (x, np.ones(len(x)), 1), len(x))
        return x.sum()

    assert [recorder.run(function, x) for _ in range(3)] == [8, 8, 8], "the answer is that of the first time"
    assert x.tolist() == [3] * 8 and calls == [8]
    recorder.run(function, x, when="another tier")
    recorder.run(function, np.zeros(9))
    set_threads(2)
    recorder.run(function, x)
    assert calls == [8, 8, 9, 8]


@pytest.mark.parametrize(
    "way", [copy.deepcopy, lambda recorder: pickle.loads(pickle.dumps(recorder))], ids=["copy", "pickle"]
)
def test_a_copy_has_no_tapes_for_they_are_about_the_arrays_of_the_original(way):
    recorder = Recorder()
    recorder.run(lambda x: in_shares(add_multiples, (x, x, 1), 3), np.zeros(3))
    assert recorder.tapes and not way(recorder).tapes


def test_what_fails_is_not_played_later():
    recorder = Recorder()

    def function(x):
        raise ValueError("no such shape")

    for _ in range(2):
        with pytest.raises(ValueError, match="no such shape"):
            recorder.run(function, np.zeros(3))


@pytest.mark.parametrize(
    "loops", ["plain", pytest.param("simd", marks=pytest.mark.skipif(not simd.BYTES, reason="none"))]
)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_a_step_is_missing_on_its_tape(kind, loops):
    """A network that has recorded its step with other numbers ends, to the bit, where one ends that has not."""
    tier.set_tier(loops)
    _, X, y = small(kind, np.float32)
    _, others, labels = small(kind, np.float32, seed=7)
    played, fresh = small(kind, np.float32)[0], small(kind, np.float32)[0]
    played.backward(others, labels)
    played.logits(others)
    assert played.backward(X, y) == fresh.backward(X, y)
    assert played.flat_gradients.tobytes() == fresh.flat_gradients.tobytes()
    assert played.logits(X).tobytes() == small(kind, np.float32)[0].logits(X).tobytes()


def test_a_step_is_recorded_once_for_every_size_of_a_batch():
    network, X, y = small("mlp", np.float32)
    optimizer = Adam(network)
    for size in (13, 13, 5, 13, 5):
        train_step(network, optimizer, X[:size], y[:size])
    assert len(network.recorder.tapes) == 2 and len(optimizer.recorder.tapes) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_copies_lines_wherever_they_lie(dtype):
    x = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5).astype(dtype)
    whole = np.zeros((2, 5, 4, 8), dtype)
    copy_lines(whole[:, 1:4, :, 2:7], x)
    assert np.array_equal(whole[:, 1:4, :, 2:7], x) and whole.sum() == x.sum()
    turned = np.zeros((3, 2, 4, 5), dtype)
    copy_lines(turned.transpose(1, 0, 2, 3), x)
    assert np.array_equal(turned, x.transpose(1, 0, 2, 3))
    rows = np.zeros((6, 5), dtype)
    copy_lines(rows, x[1, 2, 3])
    assert (rows == x[1, 2, 3]).all()


def test_lines_in_pieces_or_of_another_type_are_refused():
    with pytest.raises(ValueError, match="in one piece"):
        copy_lines(np.zeros((4, 3)), np.zeros((3, 4)).T)
    with pytest.raises(ValueError, match="of a type"):
        copy_lines(np.zeros(4), np.zeros(4, np.float32))
