"""The embedding: a table with one row of learned numbers for every id, read by position.

It is a dense layer on one-hot inputs, without the one-hot arrays: X @ E would multiply with zeros only to pick
rows. Its gradient goes to the rows that were read, and a row that was read twice collects twice.

Source: Y. Bengio et al., "A neural probabilistic language model", JMLR 3 (2003).
"""

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.twins import compiled, operation


@operation(ids="*:int", E="V D")
def embedding_forward(ids, E):
    """Y[n, t] = E[ids[n, t]]                                         (look up one row per id)

    ids (N, T), or any other shape, integers from 0 to V − 1; E (V, D) the table -> Y (N, T, D), D numbers per id.
    Raises ValueError where an id lies outside the table: a negative one would be read from its end.
    """
    if np.any((ids < 0) | (ids >= len(E))):
        raise ValueError(f"ids run from {np.min(ids)} to {np.max(ids)}, expected 0 to {len(E) - 1}")
    return E[ids]


def rows_of(ids, V):
    """The ids in one row; ValueError where one lies outside the table, for a kernel would read beyond it."""
    if np.any((ids < 0) | (ids >= V)):
        raise ValueError(f"ids run from {np.min(ids)} to {np.max(ids)}, expected 0 to {V - 1}")
    return ids.reshape(-1)


@compiled
def look_up_loops(rows, E):
    N, D = rows.shape[0], E.shape[1]
    Y = np.empty((N, D), E.dtype)
    for n in range(N):
        for d in range(D):
            Y[n, d] = E[rows[n], d]
    return Y


@embedding_forward.twin("numba")
def embedding_forward_loops(ids, E):
    return look_up_loops(rows_of(ids, len(E)), E).reshape(*ids.shape, E.shape[1])


@cuda.jit
def embedding_forward_kernel(rows, E, Y):
    n, d = cuda.grid(2)
    N, D = Y.shape
    if n < N and d < D:
        Y[n, d] = E[rows[n], d]


@embedding_forward.twin("cuda")
def embedding_forward_cuda(ids, E):
    Y = output((ids.size, E.shape[1]), E.dtype)
    launch(embedding_forward_kernel, Y.shape, to_device(rows_of(ids, len(E))), to_device(E), Y)
    return Y.copy_to_host().reshape(*ids.shape, E.shape[1])


@operation(dY="*dY", ids="*ids:int", V=":int > 0")
def embedding_backward(dY, ids, V):
    """dE[v] = Σ dY[n, t] over all n, t with ids[n, t] = v            (a row that was read twice collects twice)

    dY (N, T, D) the gradient of the loss at Y, ids (N, T) as in the forward pass, V: rows of the table
    -> dE (V, D), zero in the rows nobody read.
    Raises ValueError unless dY has one row of D per id and every id lies in the table.
    """
    if dY.shape[:-1] != ids.shape:
        raise ValueError(f"dY has shape {dY.shape}, expected {ids.shape} and the width of the table")
    if np.any((ids < 0) | (ids >= V)):
        raise ValueError(f"ids run from {np.min(ids)} to {np.max(ids)}, expected 0 to {V - 1}")
    dE = np.zeros((V, dY.shape[-1]), dY.dtype)
    np.add.at(dE, ids, dY)  # dE[ids] += dY would add only once where an id repeats
    return dE


def gradients_of(dY, ids):
    """dY as one row per id."""
    if dY.shape[:-1] != ids.shape:
        raise ValueError(f"dY has shape {dY.shape}, expected {ids.shape} and the width of the table")
    return dY.reshape(ids.size, dY.shape[-1])


@compiled
def add_rows_loops(dY, rows, V):
    N, D = dY.shape
    dE = np.zeros((V, D), dY.dtype)
    for n in range(N):
        for d in range(D):
            dE[rows[n], d] += dY[n, d]
    return dE


@embedding_backward.twin("numba")
def embedding_backward_loops(dY, ids, V):
    return add_rows_loops(gradients_of(dY, ids), rows_of(ids, V), V)


@cuda.jit
def embedding_backward_kernel(dY, rows, dE):
    """One thread per entry of the table looks for its id: no two threads add to one cell, so none can race."""
    v, d = cuda.grid(2)
    V, D = dE.shape
    if v < V and d < D:
        total = dE.dtype.type(0)
        for n in range(rows.shape[0]):
            if rows[n] == v:
                total += dY[n, d]
        dE[v, d] = total


@embedding_backward.twin("cuda")
def embedding_backward_cuda(dY, ids, V):
    dE = output((V, dY.shape[-1]), dY.dtype)
    launch(embedding_backward_kernel, dE.shape, to_device(gradients_of(dY, ids)), to_device(rows_of(ids, V)), dE)
    return dE.copy_to_host()
