"""The kernel reduce_sum of solutions/reductions.py: a tree in every block, and one atomic addition for each."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import reductions as truth
from solutions.cuda import cuda

STAGE = "10_cuda"
LANES = 8  # the cases say how many


def reduce_sum_cases(rng):
    """Several blocks, the last with one entry only; full blocks; an odd rest smaller than a block; two widths."""

    def of(label, N, lanes, dtype=np.float64):
        launch = {"blocks": -(-N // lanes), "threads": lanes, "constants": {"LANES": lanes}, "frugal": True}
        return case(label, rng.uniform(0.5, 2.0, N).astype(dtype), np.zeros(1, dtype), launch=launch)

    return [
        of("61 entries in blocks of 8", 61, 8),
        of("32 entries in blocks of 8: all full", 32, 8),
        of("17 entries in blocks of 8: one left over", 17, 8),
        of("5 entries, less than a block of 8", 5, 8),
        of("float32, 100 entries in blocks of 16", 100, 16, np.float32),
    ]


def _reduction(load=None, first=True, inner=True, start=lambda: LANES // 2, stop=0, finish=None):
    """A reduction with one step changed; `first`, `inner`: whether there is a barrier after loading, in the loop."""

    def wrong(x, total):
        lane, n = cuda.threadIdx.x, cuda.grid(1)
        partial = cuda.shared.array(LANES, x.dtype)
        (load or _load)(x, partial, lane, n)
        if first:
            cuda.syncthreads()
        half = start()
        while half > stop:
            if lane < half:
                partial[lane] += partial[lane + half]
            if inner:
                cuda.syncthreads()
            half //= 2
        (finish or _finish)(total, partial, lane)

    return wrong


def _load(x, partial, lane, n):
    partial[lane] = x[n] if n < x.size else x.dtype.type(0)


def _finish(total, partial, lane):
    if lane == 0:
        cuda.atomic.add(total, 0, partial[0])


def _load_unguarded(x, partial, lane, n):
    partial[lane] = x[n]


def _load_without_zeros(x, partial, lane, n):
    if n < x.size:
        partial[lane] = x[n]


def _finish_unordered(total, partial, lane):
    if lane == 0:
        total[0] += partial[0]


def _finish_assigned(total, partial, lane):
    if lane == 0:
        total[0] = partial[0]


def _finish_by_all(total, partial, lane):
    cuda.atomic.add(total, 0, partial[0])


def _barrier_in_branch(x, total):
    lane, n = cuda.threadIdx.x, cuda.grid(1)
    partial = cuda.shared.array(LANES, x.dtype)
    partial[lane] = x[n] if n < x.size else x.dtype.type(0)
    cuda.syncthreads()
    half = LANES // 2
    while half > 0:
        if lane < half:
            partial[lane] += partial[lane + half]
            cuda.syncthreads()
        half //= 2
    if lane == 0:
        cuda.atomic.add(total, 0, partial[0])


def _leaves_early(x, total):
    lane, n = cuda.threadIdx.x, cuda.grid(1)
    partial = cuda.shared.array(LANES, x.dtype)
    if n >= x.size:
        return
    partial[lane] = x[n]
    cuda.syncthreads()
    half = LANES // 2
    while half > 0:
        if lane < half:
            partial[lane] += partial[lane + half]
        cuda.syncthreads()
        half //= 2
    if lane == 0:
        cuda.atomic.add(total, 0, partial[0])


def _half_of_what_there_is(x, total):
    lane, n = cuda.threadIdx.x, cuda.grid(1)
    partial = cuda.shared.array(LANES, x.dtype)
    partial[lane] = x[n] if n < x.size else x.dtype.type(0)
    cuda.syncthreads()
    half = min(LANES, x.size - cuda.blockIdx.x * LANES) // 2
    while half > 0:
        if lane < half:
            partial[lane] += partial[lane + half]
        cuda.syncthreads()
        half //= 2
    if lane == 0:
        cuda.atomic.add(total, 0, partial[0])


def _no_tree(x, total):
    n = cuda.grid(1)
    if n < x.size:
        cuda.atomic.add(total, 0, x[n])


def _no_tree_no_atomic(x, total):
    n = cuda.grid(1)
    if n < x.size:
        total[0] += x[n]


reduce_sum = Exercise(
    "reduce_sum",
    STAGE,
    truth.reduce_sum.py_func,
    reduce_sum_cases,
    points={"value": 2.5, "traffic": 1, "purity": 0.5},
    kind="kernel",
    hints=(
        "Each thread brings one entry into shared memory, or a 0 where there is none. Then all wait.",
        "Now a tree: the lower half adds what lies half a block further up, then the lower quarter, and so on, "
        "until one is left.",
        "In a loop, `half` goes LANES // 2, then half of that, down to 1. After each step all threads wait, "
        "also those that had nothing to add: the barrier stands outside the `if`.",
        "At the end thread 0 has the block's sum. Many blocks add to one cell at the same time, so that needs "
        "`cuda.atomic.add`.",
    ),
    misconceptions=(
        Misconception(
            "not atomic",
            wrong=_reduction(finish=_finish_unordered),
            hint="Two blocks read total[0] before either has written it back. What becomes of the first one's share? "
            "Which operation cannot be interrupted?",
        ),
        Misconception(
            "every entry added to one cell, not atomic",
            wrong=_no_tree_no_atomic,
            hint="All threads read, add and write back the same cell at once. How many of their additions survive?",
        ),
        Misconception(
            "the last block only",
            wrong=_reduction(finish=_finish_assigned),
            hint="Each block puts its own share in the place of the others'. Is a block to set total[0], or to add to it?",
        ),
        Misconception(
            "barrier in a branch",
            wrong=_barrier_in_branch,
            hint="Only the threads below half come to your barrier. For whom are they waiting there?",
        ),
        Misconception(
            "threads without an entry leave before the barrier",
            wrong=_leaves_early,
            hint="A thread beyond the end has nothing to add, but its place in the tree is read. What should stand there, "
            "and who comes to the barrier for it?",
        ),
        Misconception(
            "no barrier after loading",
            wrong=_reduction(first=False),
            hint="The first step of the tree reads what another thread has loaded. How does it know that it is there?",
        ),
        Misconception(
            "no barrier between the steps",
            wrong=_reduction(inner=False),
            hint="Each step of the tree reads sums that others made in the step before. Who makes sure that they are done?",
        ),
        Misconception(
            "reads beyond the end",
            wrong=_reduction(load=_load_unguarded),
            hint="The last block has more threads than there are entries left. What should those bring along, so that the "
            "sum stays right?",
        ),
        Misconception(
            "no zeros beyond the end",
            wrong=_reduction(load=_load_without_zeros),
            hint="Where there is no entry you leave partial as it is. What is in memory that nobody has written to?",
        ),
        Misconception(
            "odd sizes lose one",
            wrong=_half_of_what_there_is,
            hint="You halve the number of entries. With 5 of them, who adds the fifth? What if the tree is always as wide "
            "as the block, filled up with zeros?",
        ),
        Misconception(
            "last step of the tree missing",
            wrong=_reduction(stop=1),
            hint="Two sums are left, partial[0] and partial[1]. How small may half become before you are done?",
        ),
        Misconception(
            "tree starts too wide",
            wrong=_reduction(start=lambda: LANES),
            hint="Thread 0 adds partial[0 + half]. Where does partial end, and how large may half be at first?",
        ),
        Misconception(
            "every thread reports the block's sum",
            wrong=_reduction(finish=_finish_by_all),
            hint="The result is as many times too large as a block has threads. Who speaks for the block?",
        ),
        Misconception(
            "no tree",
            wrong=_no_tree,
            hint="The sum is right, but all threads queue up at one cell. How many additions to total[0] would be enough, "
            "with one from each block?",
        ),
    ),
)
