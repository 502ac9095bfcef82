"""The recurrent network: one layer applied at every step of a sequence, with its own last output as memory.

The same weights serve every step, so their gradient is a sum over time, and the gradient of a state has two
sources: the loss at that step, and the step after it. Collecting both from the last step to the first is
backpropagation through time (BPTT).

Source: J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990);
P. J. Werbos, "Backpropagation through time: what it does and how to do it", Proc. IEEE 78 (1990).
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.dense import dense_backward_cuda, dense_backward_loops, dense_dx_kernel, dense_forward_loops
from solutions.twins import compiled, operation


@operation(x="N D", h="N H", Wx="D H", Wh="H H", b="H")
def rnn_step(x, h, Wx, Wh, b):
    """h'[n, j] = tanh(Σ_d x[n, d] · Wx[d, j] + Σ_i h[n, i] · Wh[i, j] + b[j])           (one step of a plain RNN)

    x (N, D) this step's inputs, h (N, H) the states before it; Wx (D, H), Wh (H, H), b (H,) -> h' (N, H).
    Raises ValueError unless the shapes agree.
    """
    return np.tanh(x @ Wx + h @ Wh + b)


@compiled
def add_product(out, a, w):
    """out += a @ w, the innermost loop along rows of w and of out."""
    N, D = a.shape
    M = w.shape[1]
    for n in range(N):
        for d in range(D):
            for m in range(M):
                out[n, m] += a[n, d] * w[d, m]


@rnn_step.twin("numba")
@compiled
def rnn_step_loops(x, h, Wx, Wh, b):
    N, H = h.shape
    h_next = np.empty((N, H), x.dtype)
    for n in range(N):
        for j in range(H):
            h_next[n, j] = b[j]
    add_product(h_next, x, Wx)
    add_product(h_next, h, Wh)
    for n in range(N):
        for j in range(H):
            h_next[n, j] = math.tanh(h_next[n, j])
    return h_next


@cuda.jit(device=True, inline="always")  # inlined as source: a kernel then compiles where there is no GPU
def dot(x, W, n, m):
    """Row n of x times column m of W."""
    total = x.dtype.type(0)
    for d in range(W.shape[0]):
        total += x[n, d] * W[d, m]
    return total


@cuda.jit
def rnn_step_kernel(x, h, Wx, Wh, b, h_next):
    n, j = cuda.grid(2)
    N, H = h_next.shape
    if n < N and j < H:
        h_next[n, j] = math.tanh(dot(x, Wx, n, j) + dot(h, Wh, n, j) + b[j])


@rnn_step.twin("cuda")
def rnn_step_cuda(x, h, Wx, Wh, b):
    h_next = output(h.shape, x.dtype)
    launch(rnn_step_kernel, h.shape, *map(to_device, (x, h, Wx, Wh, b)), h_next)
    return h_next.copy_to_host()


@operation(X="N T D", h0="N H", Wx="D H", Wh="H H", b="H")
def rnn_forward(X, h0, Wx, Wh, b):
    """h[t] = tanh(X[t] Wx + h[t−1] Wh + b),   h[−1] = h0             (the same weights at every step)

    X (N, T, D) sequences, h0 (N, H) the states before the first step; Wx (D, H), Wh (H, H), b (H,)
    -> hs (N, T, H), the states after every step. Raises ValueError unless the shapes agree.
    """
    N, T, _ = X.shape
    hs = np.zeros((N, T, h0.shape[1]), X.dtype)
    h = h0
    for t in range(T):
        h = np.tanh(X[:, t] @ Wx + h @ Wh + b)
        hs[:, t] = h
    return hs


@compiled
def rnn_states_loops(z, h0, Wh, hs):
    """From z[n, t] = X[n, t] Wx + b to hs[n, t], sequence by sequence; z is overwritten."""
    N, T, H = hs.shape
    for n in range(N):
        for t in range(T):
            for i in range(H):
                before = hs[n, t - 1, i] if t > 0 else h0[n, i]
                for j in range(H):
                    z[n, t, j] += before * Wh[i, j]
            for j in range(H):
                hs[n, t, j] = math.tanh(z[n, t, j])


@rnn_forward.twin("numba")
def rnn_forward_loops(X, h0, Wx, Wh, b):
    N, T, D = X.shape
    z = dense_forward_loops(X.reshape(N * T, D), Wx, b)  # what needs no memory, for all steps at once
    hs = np.empty((N, T, len(b)), X.dtype)
    rnn_states_loops(z.reshape(hs.shape), h0, Wh, hs)
    return hs


@rnn_forward.twin("cuda")
def rnn_forward_cuda(X, h0, Wx, Wh, b):
    N, T, _ = X.shape
    hs = output((N, T, h0.shape[1]), X.dtype)
    X, h, Wx, Wh, b = map(to_device, (X, h0, Wx, Wh, b))
    for t in range(T):  # a launch per step: between launches every state is complete
        launch(rnn_step_kernel, h.shape, X[:, t], h, Wx, Wh, b, hs[:, t])
        h = hs[:, t]
    return hs.copy_to_host()


@operation(dhs="N T H", X="N T D", h0="N H", hs="N T H", Wx="D H", Wh="H H")
def bptt(dhs, X, h0, hs, Wx, Wh):
    """dz[t] = (dhs[t] + dz[t+1] Whᵀ) ⊙ (1 − hs[t]²),   dz[T] = 0     (backpropagation through time)
    dX[t] = dz[t] Wxᵀ;   dh0 = dz[0] Whᵀ;   dWx = Σ_t X[t]ᵀ dz[t];   dWh = Σ_t h[t−1]ᵀ dz[t];   db = Σ_n Σ_t dz[t]

    dhs (N, T, H) the gradient of the loss at every state, without what flows back through later steps;
    X (N, T, D), h0 (N, H), Wx (D, H), Wh (H, H) as in the forward pass, hs (N, T, H) its result
    -> dX (N, T, D), dh0 (N, H), dWx (D, H), dWh (H, H), db (H,). Raises ValueError unless the shapes agree.
    """
    dX, dWx = np.zeros_like(X), np.zeros_like(Wx)
    dWh, db = np.zeros_like(Wh), np.zeros_like(Wh[0])
    dh = np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        before = hs[:, t - 1] if t > 0 else h0
        dz = (dhs[:, t] + dh) * (1 - hs[:, t] ** 2)
        dX[:, t] = dz @ Wx.T
        dWx += X[:, t].T @ dz
        dWh += before.T @ dz
        db += np.sum(dz, axis=0)
        dh = dz @ Wh.T
    return dX, dh, dWx, dWh, db


@compiled
def rnn_slopes_loops(dhs, hs, Wh, dh, dz):
    """dz of every step, from the last to the first; dh comes as zeros and leaves as dh0."""
    N, T, H = hs.shape
    one = hs.dtype.type(1)  # a bare 1 would widen float32 to float64
    for n in range(N):
        for t in range(T - 1, -1, -1):
            for j in range(H):
                dz[n, t, j] = (dhs[n, t, j] + dh[n, j]) * (one - hs[n, t, j] * hs[n, t, j])
            for i in range(H):
                dh[n, i] = 0
                for j in range(H):
                    dh[n, i] += dz[n, t, j] * Wh[i, j]


def dense_over_time(dense_backward, dz, X, W):
    """The gradients of Z = X W + b with every step of every sequence as a row, so that dW and db add up over time."""
    dX, dW, db = dense_backward(*(array.reshape(-1, array.shape[2]) for array in (dz, X)), W)
    return dX.reshape(X.shape), dW, db


def states_before(h0, hs):
    """The state each step began with: h0, then every state but the last."""
    return np.concatenate([h0[:, None], hs[:, :-1]], axis=1)


@bptt.twin("numba")
def bptt_loops(dhs, X, h0, hs, Wx, Wh):
    dz, dh = np.empty(hs.shape, hs.dtype), np.zeros(h0.shape, h0.dtype)
    rnn_slopes_loops(dhs, hs, Wh, dh, dz)
    dX, dWx, db = dense_over_time(dense_backward_loops, dz, X, Wx)
    _, dWh, _ = dense_over_time(dense_backward_loops, dz, states_before(h0, hs), Wh)
    return dX, dh, dWx, dWh, db


@cuda.jit
def bptt_step_kernel(dhs, dh, hs, dz):
    n, j = cuda.grid(2)
    N, H = dz.shape
    if n < N and j < H:
        dz[n, j] = (dhs[n, j] + dh[n, j]) * (hs.dtype.type(1) - hs[n, j] * hs[n, j])


@bptt.twin("cuda")
def bptt_cuda(dhs, X, h0, hs, Wx, Wh):
    dz, dh = output(hs.shape, hs.dtype), to_device(np.zeros_like(h0))
    dhs_d, hs_d, Wh_d = map(to_device, (dhs, hs, Wh))
    for t in reversed(range(X.shape[1])):
        launch(bptt_step_kernel, h0.shape, dhs_d[:, t], dh, hs_d[:, t], dz[:, t])
        launch(dense_dx_kernel, h0.shape, dz[:, t], Wh_d, dh)
    dz = dz.copy_to_host()
    dX, dWx, db = dense_over_time(dense_backward_cuda, dz, X, Wx)
    _, dWh, _ = dense_over_time(dense_backward_cuda, dz, states_before(h0, hs), Wh)
    return dX, dh.copy_to_host(), dWx, dWh, db
