"""The one door to numba.cuda: everything here imports without a GPU, a driver or a toolkit.

Kernels are decorated with a bare `@cuda.jit`, which compiles nothing until a launch. With
NUMBA_ENABLE_CUDASIM=1 in the environment before numba is imported, they run in numba's simulator.
"""

import numpy as np
from numba import config, cuda

SIMULATED = bool(config.ENABLE_CUDASIM)

# Threads per block by the number of dimensions of the grid. Tests patch them, so that blocks are partial.
THREADS = {1: (128,), 2: (16, 16), 3: (8, 8, 4)}


def available():
    """True where a kernel can run: on a GPU, or in the simulator."""
    return SIMULATED or cuda.is_available()


def blocks_for(cells, threads):
    """blocks = ⌈cells / threads⌉                                 (whole blocks, and no cell is left without a thread)

    cells and threads: whole numbers above 0; threads are those of one block -> a whole number.
    """
    return -(-cells // threads)


def launch(kernel, size, *arguments):
    """Run `kernel` with at least one thread per cell of `size` (an int or a tuple of up to three)."""
    size = (size,) if np.ndim(size) == 0 else tuple(size)
    threads = THREADS[len(size)]
    blocks = tuple(map(blocks_for, size, threads))
    kernel[blocks, threads](*arguments)


def to_device(array):
    """A contiguous copy of `array` on the device."""
    return cuda.to_device(np.ascontiguousarray(array))


def output(shape, dtype):
    """A device array of NaN: an entry that a kernel forgets to write cannot pass for a result."""
    return cuda.to_device(np.full(shape, np.nan, dtype))
