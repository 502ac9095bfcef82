"""The dense (fully connected) layer, and the multilayer perceptron that stacks it.

Parameters of a network are a dict, {"W1": (D, M), "b1": (M,), "W2": …}: names that optimizers, checkpoints and
freezing share. Weights stand inputs × outputs, so that a layer is x @ W + b for examples in rows.

Source: I. Goodfellow, Y. Bengio, A. Courville, "Deep learning", MIT Press (2016), chapter 6.
"""

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.relu import relu
from solutions.twins import compiled, operation


@operation(x="N D", w="D M", b="M")
def dense_forward(x, w, b):
    """y[n, m] = Σ_d x[n, d] · w[d, m] + b[m]

    x (N, D) examples in rows, w (D, M) weights, b (M,) biases -> y (N, M).
    Raises ValueError unless x, w and b fit together.
    """
    return x @ w + b


@dense_forward.twin("numba")
@compiled
def dense_forward_loops(x, w, b):
    N, D = x.shape
    M = w.shape[1]
    y = np.empty((N, M), x.dtype)
    for n in range(N):
        for m in range(M):
            y[n, m] = b[m]
        for d in range(D):  # m innermost: w and y are then read in the order they lie in memory
            for m in range(M):
                y[n, m] += x[n, d] * w[d, m]
    return y


@cuda.jit
def dense_forward_kernel(x, w, b, y):
    n, m = cuda.grid(2)
    if n < y.shape[0] and m < y.shape[1]:
        total = b[m]
        for d in range(x.shape[1]):
            total += x[n, d] * w[d, m]
        y[n, m] = total


@dense_forward.twin("cuda")
def dense_forward_cuda(x, w, b):
    y = output((x.shape[0], w.shape[1]), x.dtype)
    launch(dense_forward_kernel, y.shape, to_device(x), to_device(w), to_device(b), y)
    return y.copy_to_host()


@operation(dy="N M", x="N D", w="D M")
def dense_backward(dy, x, w):
    """dx = dy · wᵀ     dw = xᵀ · dy     db[m] = Σ_n dy[n, m]

    dy (N, M) the gradient of the loss with respect to y, x (N, D) and w (D, M) as in dense_forward
    -> (dx (N, D), dw (D, M), db (M,)). A mean over examples is in dy already: no further 1/N.
    Raises ValueError unless dy, x and w fit together.
    """
    return dy @ w.T, x.T @ dy, np.sum(dy, axis=0)


@compiled
def add_gradients_loops(dy, x, w, dx, dw, db):
    """dx, dw and db as above, added to what these hold."""
    N, D = x.shape
    M = w.shape[1]
    for n in range(N):
        for m in range(M):
            db[m] += dy[n, m]
        for d in range(D):
            total = x.dtype.type(0)
            for m in range(M):
                total += dy[n, m] * w[d, m]
                dw[d, m] += x[n, d] * dy[n, m]
            dx[n, d] += total


@dense_backward.twin("numba")
def dense_backward_loops(dy, x, w):
    dx, dw, db = (np.zeros(shape, x.dtype) for shape in (x.shape, w.shape, w.shape[1]))  # quicker than to compile zeros
    add_gradients_loops(dy, x, w, dx, dw, db)
    return dx, dw, db


@cuda.jit
def dense_dx_kernel(dy, w, dx):
    n, d = cuda.grid(2)
    if n < dx.shape[0] and d < dx.shape[1]:
        total = dx.dtype.type(0)
        for m in range(w.shape[1]):
            total += dy[n, m] * w[d, m]
        dx[n, d] = total


@cuda.jit
def dense_dw_kernel(dy, x, dw):
    d, m = cuda.grid(2)
    if d < dw.shape[0] and m < dw.shape[1]:
        total = dw.dtype.type(0)
        for n in range(x.shape[0]):
            total += x[n, d] * dy[n, m]
        dw[d, m] = total


@cuda.jit
def dense_db_kernel(dy, db):
    m = cuda.grid(1)
    if m < db.shape[0]:
        total = db.dtype.type(0)
        for n in range(dy.shape[0]):
            total += dy[n, m]
        db[m] = total


@dense_backward.twin("cuda")
def dense_backward_cuda(dy, x, w):
    dy, x, w = to_device(dy), to_device(x), to_device(w)
    dx, dw, db = output(x.shape, x.dtype), output(w.shape, x.dtype), output(w.shape[1], x.dtype)
    launch(dense_dx_kernel, dx.shape, dy, w, dx)
    launch(dense_dw_kernel, dw.shape, dy, x, dw)
    launch(dense_db_kernel, db.shape, dy, db)
    return dx.copy_to_host(), dw.copy_to_host(), db.copy_to_host()


@operation(X="N D", params="{D}")
def mlp_forward(X, params):
    """a_0 = X     z_l = a_{l−1} · W_l + b_l     a_l = max(z_l, 0)     z_L comes out without an activation

    X (N, D) examples in rows, params {"W1": (D, H), "b1": (H,), "W2": …, "bL": (C,)} for any number of layers L
    -> z_L (N, C), the logits.
    """
    L = len(params) // 2
    a = X
    for l in range(1, L + 1):
        z = a @ params[f"W{l}"] + params[f"b{l}"]
        a = np.maximum(z, 0)
    return z


def layer_by_layer(backend):
    """mlp_forward as a row of the operations of one backend."""

    def mlp_forward_twin(X, params):
        L = len(params) // 2
        a = X
        for l in range(1, L + 1):
            z = dense_forward.on(backend)(a, params[f"W{l}"], params[f"b{l}"])
            a = relu.on(backend)(z)
        return z

    return mlp_forward_twin


mlp_forward.twin("numba")(layer_by_layer("numba"))
mlp_forward.twin("cuda")(layer_by_layer("cuda"))


# No twins: there is nothing to compute with.
@operation(params="{:number}")
def count_parameters(params):
    """Σ over all arrays of their entries

    params {"W1": (D, H), "b1": (H,), …} -> how many numbers training can change, an int.
    """
    return sum(array.size for array in params.values())
