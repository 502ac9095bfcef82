"""The exercise of solutions/cuda.py: how many blocks to launch, and the slips of the host."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import cuda as truth

STAGE = "10_cuda"


def blocks_for_cases(rng):
    """A remainder, none, less than one block, exactly one, a block of one thread; and a size where floats would round."""
    threads, full = int(rng.integers(5, 60)), int(rng.integers(3, 40))
    return [
        case("the last block is not full", threads * full + int(rng.integers(1, threads)), threads),
        case("every block is full", threads * full, threads),
        case("fewer cells than one block has threads", int(rng.integers(1, threads)), threads),
        case("exactly one block", threads, threads),
        case("blocks of a single thread", full, 1),
        case("one cell more than full blocks", threads * full + 1, threads),
    ]


blocks_for = Exercise(
    "blocks_for",
    STAGE,
    truth.blocks_for,
    blocks_for_cases,
    points={"value": 0.75, "shape": 0.25},
    hints=(
        "10 cells, blocks of 4: how many blocks? And 8 cells, blocks of 4?",
        "Whole division, `//`, rounds down. You need it rounded up, and a float is not wanted.",
        "Two ways: add threads − 1 to the cells before dividing; or divide minus the cells, which rounds the "
        "other way, and turn the sign back.",
    ),
    misconceptions=(
        Misconception(
            "rounded down",
            wrong=lambda cells, threads: cells // threads,
            hint="10 cells, 4 threads a block, and you launch 2 blocks. Who takes cells 8 and 9?",
        ),
        Misconception(
            "one block too many when all are full",
            wrong=lambda cells, threads: cells // threads + 1,
            hint="12 cells in blocks of 4: how many blocks are needed, and how many do you launch?",
        ),
        Misconception(
            "a float",
            wrong=lambda cells, threads: float(np.ceil(cells / threads)),
            hint="The number is right, its type is not: there is no block 2.5, and a launch takes no 3.0. How do you round "
            "up and stay with whole numbers?",
        ),
        Misconception(
            "not rounded at all",
            wrong=lambda cells, threads: cells / threads,
            hint="Two and a half blocks cannot be launched. Which way must you round, so that no cell is left over?",
        ),
        Misconception(
            "threads over cells",
            wrong=lambda cells, threads: -(-threads // cells),
            hint="With more cells you launch fewer blocks. What is divided by what?",
        ),
        Misconception(
            "all threads, not blocks",
            wrong=lambda cells, threads: -(-cells // threads) * threads,
            hint="That is how many threads there are in all. How many blocks do they come in?",
        ),
    ),
)
