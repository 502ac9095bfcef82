"""The kernel of solutions/relu.py: a grid-stride loop."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import relu as truth
from solutions.cuda import cuda

STAGE = "10_cuda"


def relu_kernel_cases(rng):
    """More entries than threads, twice with a remainder; fewer; as many. Blocks ≠ threads, so that no mix-up fits."""

    def of(label, N, blocks, threads, dtype=np.float64):
        x = rng.choice([-1.0, 1.0], N) * rng.uniform(0.2, 3.0, N)
        launch = {"blocks": blocks, "threads": threads}
        return case(label, x.astype(dtype), np.full(N, np.nan, dtype), launch=launch)

    return [
        of("23 entries, 2 blocks of 4: three rounds", 23, 2, 4),
        of("5 entries, 2 blocks of 4: threads left over", 5, 2, 4),
        of("12 entries, 3 blocks of 4: one each", 12, 3, 4),
        of("float32, 14 entries, 3 blocks of 2", 14, 3, 2, np.float32),
        of("7 entries, 1 block of 3", 7, 1, 3),
    ]


def _one_each(x, y):
    i = cuda.grid(1)
    if i < x.size:
        y[i] = 0 if x[i] < 0 else x[i]


def _from_its_place_in_the_block(x, y):
    for i in range(cuda.threadIdx.x, x.size, cuda.gridsize(1)):
        y[i] = 0 if x[i] < 0 else x[i]


def _by_block(x, y):
    for i in range(cuda.grid(1), x.size, cuda.blockDim.x):
        y[i] = 0 if x[i] < 0 else x[i]


def _by_blocks(x, y):
    for i in range(cuda.grid(1), x.size, cuda.gridDim.x):
        y[i] = 0 if x[i] < 0 else x[i]


def _by_one(x, y):
    for i in range(cuda.grid(1), x.size):
        y[i] = 0 if x[i] < 0 else x[i]


def _end_and_step_swapped(x, y):
    for i in range(cuda.grid(1), cuda.gridsize(1), x.size):
        y[i] = 0 if x[i] < 0 else x[i]


def _last_one_lost(x, y):
    for i in range(cuda.grid(1), x.size - 1, cuda.gridsize(1)):
        y[i] = 0 if x[i] < 0 else x[i]


def _in_place(x, y):
    for i in range(cuda.grid(1), x.size, cuda.gridsize(1)):
        x[i] = 0 if x[i] < 0 else x[i]


relu_kernel = Exercise(
    "relu_kernel",
    STAGE,
    truth.relu_kernel.py_func,
    relu_kernel_cases,
    points={"value": 1.5, "purity": 0.5},
    kind="kernel",
    reveal="fill_in",
    blanks=("cuda.grid(1)", "x.size", "cuda.gridsize(1)"),
    hints=(
        "Each thread begins at its own place in the whole grid. Which call of cuda gives that, in one dimension?",
        "It ends with the array, not with the grid.",
        "The next entry of the same thread is as far away as there are threads in the whole grid. There is a "
        "call for this size too, next to the first one.",
    ),
    misconceptions=(
        Misconception(
            "one entry each",
            wrong=_one_each,
            hint="With 8 threads and 23 entries, 15 are never touched. Where does a thread go after its first entry?",
        ),
        Misconception(
            "starts at its place in the block",
            wrong=_from_its_place_in_the_block,
            hint="Two blocks start at the same entries, and others are never visited. Which number is different for every "
            "thread of the grid?",
        ),
        Misconception(
            "steps by one block",
            wrong=_by_block,
            hint="Thread 0 lands on an entry that belongs to the first thread of block 1. How many threads are there in "
            "all?",
        ),
        Misconception(
            "steps by the number of blocks",
            wrong=_by_blocks,
            hint="The step must jump over every thread of the grid. Is that the number of blocks, or of threads?",
        ),
        Misconception(
            "stride missed",
            wrong=_by_one,
            hint="Every thread does all the entries after its own. How far should it jump to leave room for the others?",
        ),
        Misconception(
            "end and step swapped",
            wrong=_end_and_step_swapped,
            hint="range(start, end, step): where does the array end, and how far does a thread jump?",
        ),
        Misconception(
            "last entry lost",
            wrong=_last_one_lost,
            hint="range never reaches its end. Do you need to take one off?",
        ),
        Misconception(
            "writes into x",
            wrong=_in_place,
            hint="The numbers are right, but they are in x. Which array is there for them?",
        ),
    ),
)
