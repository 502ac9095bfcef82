"""The exercise of solutions/vector_add.py: the first kernel, worked in full; its slips are diagnosed all the same."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import vector_add as truth
from solutions.cuda import cuda

STAGE = "10_cuda"


def vector_add_cases(rng):
    """Sizes that fill no whole number of blocks, one that does, and a block far larger than the array."""

    def of(label, N, blocks, threads, dtype=np.float64):
        a, b = rng.normal(size=(2, N)).astype(dtype)
        return case(label, a, b, np.full(N, np.nan, dtype), launch={"blocks": blocks, "threads": threads})

    return [
        of("10 entries, 3 blocks of 4", 10, 3, 4),
        of("12 entries, 3 blocks of 4", 12, 3, 4),
        of("10 entries, 1 block of 16", 10, 1, 16),
        of("21 entries, 5 blocks of 8", 21, 5, 8),
        of("float32, 13 entries, 2 blocks of 8", 13, 2, 8, np.float32),
    ]


def _no_guard(a, b, c):
    i = cuda.grid(1)
    c[i] = a[i] + b[i]


def _one_too_many(a, b, c):
    i = cuda.grid(1)
    if i <= c.size:
        c[i] = a[i] + b[i]


def _thread_only(a, b, c):
    i = cuda.threadIdx.x
    if i < c.size:
        c[i] = a[i] + b[i]


def _block_only(a, b, c):
    i = cuda.blockIdx.x
    if i < c.size:
        c[i] = a[i] + b[i]


def _stride_missed(a, b, c):
    i = cuda.blockIdx.x + cuda.threadIdx.x
    if i < c.size:
        c[i] = a[i] + b[i]


def _grid_for_block(a, b, c):
    i = cuda.blockIdx.x * cuda.gridDim.x + cuda.threadIdx.x
    if i < c.size:
        c[i] = a[i] + b[i]


def _everybody_everything(a, b, c):
    for i in range(c.size):
        c[i] = a[i] + b[i]


def _into_its_input(a, b, c):
    i = cuda.grid(1)
    if i < a.size:
        a[i] += b[i]


vector_add = Exercise(
    "vector_add",
    STAGE,
    truth.vector_add.py_func,
    vector_add_cases,
    points={},
    kind="kernel",
    reveal="worked",
    misconceptions=(
        Misconception(
            "no guard",
            wrong=_no_guard,
            hint="Blocks come whole, so there are more threads than entries. What should a thread do whose i does not "
            "exist?",
        ),
        Misconception(
            "guard lets one too many in",
            wrong=_one_too_many,
            hint="An array of 10 entries ends at which index? Does your guard let i = 10 through?",
        ),
        Misconception(
            "thread number without its block",
            wrong=_thread_only,
            hint="Thread 0 of block 1 computes entry 0 once more. How many threads come before it in the whole grid?",
        ),
        Misconception(
            "block number without its thread",
            wrong=_block_only,
            hint="All threads of a block compute the same entry. What tells them apart?",
        ),
        Misconception(
            "stride missed",
            wrong=_stride_missed,
            hint="Block 1 begins at entry 1. How many threads has block 0, and where should block 1 begin?",
        ),
        Misconception(
            "number of blocks for the width of a block",
            wrong=_grid_for_block,
            hint="How far is it from the first thread of a block to the first of the next: as many as there are blocks, or "
            "as a block has threads?",
        ),
        Misconception(
            "every thread does everything",
            wrong=_everybody_everything,
            hint="A kernel is already run once for each thread. Which one entry is yours?",
        ),
        Misconception(
            "writes into its input",
            wrong=_into_its_input,
            hint="The sum lands in a, and c stays empty. Where does the caller look for the result?",
        ),
    ),
)
