"""The mean of an array on the device: the last step of every loss."""

import numba
import numpy as np

from solutions.cuda import cuda, output

LANES = 32  # threads of the one block; a power of two


@cuda.jit
def mean_kernel(values, mean):
    """One block: every lane adds its stride of values, then a tree of halves adds the lanes."""
    lane = cuda.threadIdx.x
    partial = cuda.shared.array(LANES, numba.float64)
    total = 0.0
    for i in range(lane, values.size, LANES):
        total += values[i]
    partial[lane] = total
    cuda.syncthreads()
    half = LANES // 2
    while half > 0:
        if lane < half:
            partial[lane] += partial[lane + half]
        cuda.syncthreads()  # outside the if: every thread of the block must arrive
        half //= 2
    if lane == 0:
        mean[0] = partial[0] / values.size


def mean_of(values):
    """The mean of a flat device array, a float."""
    mean = output(1, np.float64)
    mean_kernel[1, LANES](values, mean)
    return float(mean.copy_to_host()[0])
