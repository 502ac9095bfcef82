"""The judge: turns the stages into releases, and submissions into verdicts that student code cannot touch.

Read `exercise.py` first, then `challenge.py`: fresh inputs out, answers back, verdict.
"""

import os
from pathlib import Path

CLONE = Path(__file__).resolve().parents[1]  # the folder of the project

# Kernels are graded in numba's simulator, where every access can be watched; it must be chosen before numba is imported.
os.environ.setdefault("NUMBA_ENABLE_CUDASIM", "1")


def cores():
    """How many cores this process may use, which may be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# A race takes two threads: on a machine with one core they take turns.
if cores() == 1:
    os.environ.setdefault("NUMBA_NUM_THREADS", "2")

import course.quickly  # noqa: E402, F401  before anything imports nbformat
