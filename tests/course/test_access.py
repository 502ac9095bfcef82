"""Kernels played thread by thread: what is counted, which faults are named, and that nothing is luck."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from numba import cuda, float64

from course import access
from course.access import watch, watched_launch

LAUNCH = {"blocks": 2, "threads": 4}


def copy(x, out):
    i = cuda.grid(1)
    if i < x.size:
        out[i] = x[i]


def reversed_with_barrier(x, out):
    shared = cuda.shared.array(4, float64)
    i, t = cuda.grid(1), cuda.threadIdx.x
    shared[t] = x[i]
    cuda.syncthreads()
    out[i] = shared[3 - t]


def reversed_without_barrier(x, out):
    shared = cuda.shared.array(4, float64)
    i, t = cuda.grid(1), cuda.threadIdx.x
    shared[t] = x[i]
    out[i] = shared[3 - t]


def reversed_twice_without_second_barrier(x, out):
    shared = cuda.shared.array(4, float64)
    i, t = cuda.grid(1), cuda.threadIdx.x
    shared[t] = x[i]
    cuda.syncthreads()
    kept = shared[3 - t]
    shared[t] = kept
    cuda.syncthreads()
    out[i] = shared[t]


def two_on_one_line(x, out):
    first, second = cuda.shared.array(4, float64), cuda.shared.array(4, float64)
    i, t = cuda.grid(1), cuda.threadIdx.x
    first[t], second[t] = x[i], 10 * x[i]
    cuda.syncthreads()
    out[i] = first[3 - t] + second[t]


def sum_without_atomic(x, out):
    i = cuda.grid(1)
    out[0] += x[i]


def sum_with_atomic(x, out):
    cuda.atomic.add(out, 0, x[cuda.grid(1)])


def barrier_in_branch(x, out):
    i = cuda.grid(1)
    if cuda.threadIdx.x < 2:
        cuda.syncthreads()
    out[i] = x[i]


def early_return(x, out):
    i = cuda.grid(1)
    if i >= 6:
        return
    cuda.syncthreads()
    out[i] = x[i]


def two_barriers(x, out):
    i = cuda.grid(1)
    if i % 2:
        cuda.syncthreads()
    else:
        cuda.syncthreads()
    out[i] = x[i]


def beyond(x, out):
    i = cuda.grid(1)
    out[i + 3] = x[i]


def of_8():
    return np.arange(8.0), np.zeros(8)


def fault(kernel, **launch):
    return watched_launch(kernel, LAUNCH | launch, of_8())["fault"]


def test_reads_and_writes_are_counted_by_memory():
    seen = watched_launch(reversed_with_barrier, LAUNCH, of_8())
    assert seen["counts"] == {"global": {"reads": 8, "writes": 8}, "shared": {"reads": 8, "writes": 8}}


@pytest.mark.parametrize("kernel", [copy, reversed_with_barrier, sum_with_atomic, two_on_one_line])
def test_a_sound_kernel_has_no_fault(kernel):
    seen = watched_launch(kernel, LAUNCH, of_8())
    assert (seen["fault"], seen["signature"]) == (None, "")


@pytest.mark.parametrize(
    ("kernel", "where", "how"),
    [
        (reversed_without_barrier, "shared[", "too early"),
        (reversed_twice_without_second_barrier, "shared[", "too late"),
        (sum_without_atomic, "out[0]", "may be lost"),
    ],
)
def test_a_race_names_the_entry_and_both_threads(kernel, where, how):
    race = fault(kernel)
    assert race.startswith(f"has a race: {where}") and how in race
    assert race.count("thread") == 2
    assert "writes" in race


def test_threads_of_a_grid_in_two_dimensions_have_two_numbers():
    def diagonal(x, out):
        out[0] = x[cuda.grid(2)[0]]

    assert "thread (0, 0) of block (0, 0) writes, thread (1, 0) of block (0, 0)" in fault(
        diagonal, blocks=(2, 2), threads=(2, 2)
    )


def test_outputs_change_in_place():
    x, out = of_8()
    watched_launch(reversed_with_barrier, LAUNCH, (x, out))
    np.testing.assert_array_equal(out, [3, 2, 1, 0, 7, 6, 5, 4])


def test_two_shared_arrays_on_one_line_are_two():
    x, out = of_8()
    log = watch(two_on_one_line, 2, 4, (x, out))
    np.testing.assert_array_equal(out, 10 * x + [3, 2, 1, 0, 7, 6, 5, 4])
    assert list(log.shapes) == ["x", "out", "first", "second"]


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (barrier_in_branch, "thread 0 of block 0 waits at a barrier to which thread 2 of block 0 never comes"),
        (early_return, "thread 0 of block 1 waits at a barrier to which thread 2 of block 1 never comes"),
        (two_barriers, "thread 0 of block 0 waits at one and thread 1 of block 0 at another"),
    ],
)
def test_a_barrier_that_not_all_come_to_is_told_and_leaves_no_thread(kernel, words):
    before = set(threading.enumerate())
    assert words in fault(kernel)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


def test_reads_and_writes_beyond_an_array_do_no_harm_and_are_told():
    x, out = np.arange(8.0), np.full(8, 7.0)
    found = watched_launch(beyond, {"blocks": 2, "threads": 4}, (x, out))
    assert found["fault"] == (
        "reaches beyond an array: thread 1 of block 1 writes out[8], but out has 8 entries. 2 others miss too"
    )
    np.testing.assert_array_equal(out, [7, 7, 7, 0, 1, 2, 3, 4])


def test_a_negative_index_counts_from_the_end_as_numba_has_it():
    def last(x, out):
        out[-1] = x[-2]

    x, out = of_8()
    log = watch(last, 1, 1, (x, out))
    assert out[7] == 6 and [access.index for access in log.accesses] == [(6,), (7,)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (lambda x, out: x[cuda.grid(1)], "A kernel returns nothing"),
        (lambda x, out: None, "writes nothing"),
    ],
)
def test_what_a_kernel_must_leave_behind(body, words):
    assert words in fault(body)


def whole(x, out):
    out[:] = x


def arithmetic(x, out):
    out[0] = (x + x)[0]


def numpy_inside(x, out):
    out[0] = np.sum(x)


def size_from_an_argument(x, out):
    shared = cuda.shared.array(x.size, float64)
    shared[0] = out[0]


@pytest.mark.parametrize("kernel", [whole, arithmetic, numpy_inside])
def test_arithmetic_with_whole_arrays_is_refused_in_words(kernel):
    with pytest.raises(TypeError, match="single entries"):
        watch(kernel, 1, 4, of_8())


def test_the_size_of_shared_memory_must_be_known_before():
    with pytest.raises(TypeError, match=r"`x\.size` is known only during it"):
        watch(size_from_an_argument, 1, 4, of_8())


def test_a_row_of_a_matrix_is_watched_like_the_matrix():
    def rows(A, out):
        m = cuda.grid(1)
        row = A[m]
        out[m] = row[1] + A[m, :][0]

    A, out = np.arange(8.0).reshape(4, 2), np.zeros(4)
    log = watch(rows, 1, 4, (A, out))
    np.testing.assert_array_equal(out, A.sum(axis=1))
    assert [access.index for access in log.accesses[:2]] == [(0, 1), (0, 0)]


def endless(x, out):
    while True:
        pass


def test_a_kernel_that_never_ends_is_ended():
    with pytest.raises(TimeoutError, match="goes on for ever"):
        watch(endless, 2, 4, of_8(), seconds=0.3)


def test_more_accesses_than_a_lesson_needs_are_refused(monkeypatch):
    monkeypatch.setattr("course.accesslog.MAX_ACCESSES", 10)
    with pytest.raises(RuntimeError, match="more than 10 memory accesses"):
        watch(copy, 2, 4, of_8())


@pytest.mark.parametrize(("blocks", "threads"), [(0, 4), (2.0, 4), (2, (4, 4, 4, 4)), ("2", 4), (1, 2048)], ids=repr)
def test_a_launch_that_no_gpu_takes_is_refused(blocks, threads):
    with pytest.raises(ValueError, match=r"whole numbers|the most a GPU takes"):
        watch(copy, blocks, threads, of_8())


def test_a_stub_and_an_exception_come_through_as_they_are():
    def stub(x, out):
        raise NotImplementedError

    def divides(x, out):
        out[0] = 1 // (cuda.grid(1) - 3)

    with pytest.raises(NotImplementedError):
        watch(stub, 1, 4, of_8())
    with pytest.raises(ZeroDivisionError):
        watch(divides, 1, 4, of_8())


def test_globals_come_back_whatever_happens():
    global WIDTH
    WIDTH = 3

    def uses(x, out):
        out[0] = WIDTH
        raise KeyError

    out = np.zeros(8)
    with pytest.raises(KeyError):
        watch(uses, 1, 1, (np.zeros(8), out), constants={"WIDTH": 5, "UNHEARD_OF": 1})
    assert out[0] == 5 and WIDTH == 3 and "UNHEARD_OF" not in globals()
    assert cuda.__name__ == "numba.cuda"


@cuda.jit(device=True)
def twice(value):
    return 2 * value


def test_functions_that_a_kernel_calls_are_played_too():
    def doubles(x, out):
        i = cuda.grid(1)
        out[i] = twice(x[i])

    x, out = of_8()
    watch(doubles, 2, 4, (x, out))
    np.testing.assert_array_equal(out, 2 * x)


def votes(x, out):
    i = cuda.grid(1)
    out[i] = cuda.syncthreads_count(x[i] > 2) + 10 * cuda.syncthreads_and(x[i] > 3) + 20 * cuda.syncthreads_or(x[i] > 6)


def test_barriers_that_count():
    x, out = of_8()
    watch(votes, 2, 4, (x, out))
    np.testing.assert_array_equal(out, [1] * 4 + [34] * 4)


def largest(x, out):
    cuda.atomic.max(out, 0, x[cuda.grid(1)])
    cuda.atomic.cas(out, 1, 0.0, 5.0)


def test_other_atomics_and_what_they_count():
    x, out = of_8()
    log = watch(largest, 2, 4, (x, out))
    assert out[:2].tolist() == [7, 5] and log.fault() is None
    assert log.counts()["global"] == {"reads": 24, "writes": 16}


def count(out):
    out[0] += 1


def test_in_lockstep_all_read_before_anybody_writes():
    out = np.zeros(1)
    watch(count, 4, 32, (out,), lockstep=True)
    assert out[0] == 4, "one for each block"


def test_memory_nobody_has_written_is_nan_in_every_block():
    def leftovers(x, out):
        shared = cuda.shared.array(1, float64)
        out[cuda.blockIdx.x] = shared[0]
        shared[0] = 1

    out = np.zeros(3)
    watch(leftovers, 3, 1, (out, out))
    assert np.isnan(out).all()


@pytest.mark.parametrize(
    "kernel", [reversed_without_barrier, sum_without_atomic, barrier_in_branch, early_return, beyond]
)
def test_nothing_is_luck(kernel):
    def once():
        x, out = of_8()
        found = watched_launch(kernel, LAUNCH, (x, out))
        return found, out.tobytes()

    first = once()
    assert all(once() == first for _ in range(20))


def test_it_needs_no_simulator():
    program = (
        "import numpy as np\n"
        "from numba import config, cuda\n"
        "from course.access import watched_launch\n"
        "from tests.course import test_access as t\n"
        "assert not config.ENABLE_CUDASIM\n"
        "for f in (t.reversed_with_barrier, t.reversed_without_barrier, t.barrier_in_branch):\n"
        "    print(watched_launch(cuda.jit(f), t.LAUNCH, t.of_8()))\n"
    )
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "0"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    here = [reversed_with_barrier, reversed_without_barrier, barrier_in_branch]
    assert done.stdout.splitlines() == [str(access.watched_launch(f, LAUNCH, of_8())) for f in here]
