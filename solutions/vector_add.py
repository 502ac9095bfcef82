"""Adding two arrays: the smallest kernel there is, and the pattern of every kernel that treats entries alike.

One thread per entry. The grid is made of whole blocks, so its last threads have no entry: they are guarded off.
"""

import numpy as np

from solutions.cuda import cuda
from solutions.elementwise import elementwise
from solutions.twins import compiled, operation


@operation(a="*", b="*")
def add(a, b):
    """c = a + b

    a and b of one shape -> c, a new array of that shape.
    """
    return a + b


@add.twin("numba")
@compiled
def add_loops(a, b):
    c = np.empty(a.shape, a.dtype)
    left, right, target = a.ravel(), b.ravel(), c.ravel()
    for i in range(a.size):
        target[i] = left[i] + right[i]
    return c


@cuda.jit
def vector_add(a, b, c):
    """c[i] = a[i] + b[i]                                            (thread i of the whole grid, where there is an i)

    a, b and c (N,); any number of blocks and threads that makes at least N.
    """
    i = cuda.grid(1)
    if i < c.size:
        c[i] = a[i] + b[i]


@add.twin("cuda")
def add_cuda(a, b):
    return elementwise(vector_add, a, b)
