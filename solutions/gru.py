"""The GRU: an LSTM's idea with two gates and no separate cell.

The update gate z decides how much of the old state stays, the reset gate r how much of it the candidate g sees.
Two conventions exist. This is PyTorch's and cuDNN's, the reset *after* the product: r scales h Wh + bh, not h.
So bh stands inside the reset and bx outside it, and the two biases cannot be merged into one. The three parts
lie side by side in the columns of Wx, Wh, bx and bh, in the order r, z, g.

Source: K. Cho et al., "Learning phrase representations using RNN encoder-decoder", arXiv:1406.1078 (2014);
the reset after the product: its first version, and cuDNN.
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.dense import dense_backward_cuda, dense_backward_loops, dense_dx_kernel, dense_forward_loops
from solutions.rnn import dense_over_time, dot, states_before
from solutions.twins import compiled, operation


@operation(x="N D", h="N H", Wx="D 3H", Wh="H 3H", bx="3H", bh="3H")
def gru_step(x, h, Wx, Wh, bx, bh):
    """a = x Wx + bx, cut into a_r, a_z, a_g;   q = h Wh + bh, cut into q_r, q_z, q_g     (one step of a GRU)
    r = σ(a_r + q_r);   z = σ(a_z + q_z);   g = tanh(a_g + r ⊙ q_g);   h' = (1 − z) ⊙ g + z ⊙ h

    x (N, D) this step's inputs, h (N, H) the states before it; Wx (D, 3H), Wh (H, 3H), bx (3H,), bh (3H,) with
    the columns of r, z, g in this order -> h' (N, H). The reset r scales h Wh + bh, so bh is reset and bx is not.
    Raises ValueError unless the shapes agree.
    """
    a_r, a_z, a_g = np.split(x @ Wx + bx, 3, axis=1)
    q_r, q_z, q_g = np.split(h @ Wh + bh, 3, axis=1)
    r = 0.5 + 0.5 * np.tanh(0.5 * (a_r + q_r))  # σ, without an exp to overflow
    z = 0.5 + 0.5 * np.tanh(0.5 * (a_z + q_z))
    g = np.tanh(a_g + r * q_g)
    return (1 - z) * g + z * h


def unit(a_r, a_z, a_g, q_r, q_z, q_g, h, half):
    """One unit's step: r, z, g, and the state after it; half in the arrays' own type."""
    r = half + half * math.tanh(half * (a_r + q_r))
    z = half + half * math.tanh(half * (a_z + q_z))
    g = math.tanh(a_g + r * q_g)
    return r, z, g, g + z * (h - g)


def unit_gradient(dh_next, r, z, g, q_g, h, one):
    """The gradients at a_r, a_z, a_g, at q_g (those at q_r, q_z equal a's), and directly at h; one in their type."""
    da_g = dh_next * (one - z) * (one - g * g)
    da_r = da_g * q_g * r * (one - r)
    da_z = dh_next * (h - g) * z * (one - z)
    return da_r, da_z, da_g, da_g * r, dh_next * z


# One unit is the same arithmetic in a loop and in a kernel. A bare 1 or 0.5 would widen its float32 to float64.
in_kernel = cuda.jit(device=True, inline="always")
unit_loops, unit_in_kernel = compiled(unit), in_kernel(unit)
unit_gradient_loops, unit_gradient_in_kernel = compiled(unit_gradient), in_kernel(unit_gradient)


@compiled
def gru_states_loops(a, h0, Wh, bh, hs, gates):
    """From a[n, t] = X[n, t] Wx + bx to hs and, side by side in gates, r, z, g and q_g, sequence by sequence."""
    N, T, H = hs.shape
    half = hs.dtype.type(0.5)
    for n in range(N):
        for t in range(T):
            q, sums = gates[n, t], a[n, t]  # q_r, q_z and q_g gather where r, z and g will stand
            for m in range(3 * H):
                q[m] = bh[m]
            for i in range(H):
                before = hs[n, t - 1, i] if t > 0 else h0[n, i]
                for m in range(3 * H):
                    q[m] += before * Wh[i, m]
            for j in range(H):
                before = hs[n, t - 1, j] if t > 0 else h0[n, j]
                q_g = q[2 * H + j]
                r, z, g, hs[n, t, j] = unit_loops(
                    sums[j], sums[H + j], sums[2 * H + j], q[j], q[H + j], q_g, before, half
                )
                q[j], q[H + j], q[2 * H + j], q[3 * H + j] = r, z, g, q_g


def gru_forward_loops(X, h0, Wx, Wh, bx, bh):
    (N, T, D), H = X.shape, h0.shape[1]
    a = dense_forward_loops(X.reshape(N * T, D), Wx, bx)  # what needs no memory, for all steps at once
    hs, gates = np.empty((N, T, H), X.dtype), np.empty((N, T, 4 * H), X.dtype)
    gru_states_loops(a.reshape(N, T, 3 * H), h0, Wh, bh, hs, gates)
    return hs, gates


@gru_step.twin("numba")
def gru_step_loops(x, h, Wx, Wh, bx, bh):
    hs, _ = gru_forward_loops(x[:, None], h, Wx, Wh, bx, bh)  # a sequence of one step
    return hs[:, 0]


@cuda.jit
def gru_step_kernel(x, h, Wx, Wh, bx, bh, h_next, gates):
    """One thread per unit: six sums, then the gates."""
    n, j = cuda.grid(2)
    N, H = h_next.shape
    if n < N and j < H:
        a_r, q_r = dot(x, Wx, n, j) + bx[j], dot(h, Wh, n, j) + bh[j]
        a_z, q_z = dot(x, Wx, n, H + j) + bx[H + j], dot(h, Wh, n, H + j) + bh[H + j]
        a_g, q_g = dot(x, Wx, n, 2 * H + j) + bx[2 * H + j], dot(h, Wh, n, 2 * H + j) + bh[2 * H + j]
        r, z, g, h_next[n, j] = unit_in_kernel(a_r, a_z, a_g, q_r, q_z, q_g, h[n, j], h.dtype.type(0.5))
        gates[n, j], gates[n, H + j], gates[n, 2 * H + j], gates[n, 3 * H + j] = r, z, g, q_g


@gru_step.twin("cuda")
def gru_step_cuda(x, h, Wx, Wh, bx, bh):
    N, H = h.shape
    h_next, gates = output((N, H), x.dtype), output((N, 4 * H), x.dtype)
    launch(gru_step_kernel, (N, H), *map(to_device, (x, h, Wx, Wh, bx, bh)), h_next, gates)
    return h_next.copy_to_host()


@operation(X="N T D", h0="N H", Wx="D 3H", Wh="H 3H", bx="3H", bh="3H")
def gru_forward(X, h0, Wx, Wh, bx, bh):
    """h[t] = gru_step(X[t], h[t−1]),   h[−1] = h0                    (a GRU over a sequence)

    X (N, T, D) sequences, h0 (N, H) the states before the first step; Wx (D, 3H), Wh (H, 3H), bx (3H,), bh (3H,)
    with the columns of r, z, g in this order -> hs (N, T, H) the states after every step, gates (N, T, 4H) the
    values of r, z, g and q_g (what r scales), which the backward pass needs again.
    Raises ValueError unless the shapes agree.
    """
    (N, T, _), H = X.shape, h0.shape[1]
    hs, gates = np.zeros((N, T, H), X.dtype), np.zeros((N, T, 4 * H), X.dtype)
    h = h0
    for t in range(T):
        a_r, a_z, a_g = np.split(X[:, t] @ Wx + bx, 3, axis=1)
        q_r, q_z, q_g = np.split(h @ Wh + bh, 3, axis=1)
        r = 0.5 + 0.5 * np.tanh(0.5 * (a_r + q_r))
        z = 0.5 + 0.5 * np.tanh(0.5 * (a_z + q_z))
        g = np.tanh(a_g + r * q_g)
        h = (1 - z) * g + z * h
        hs[:, t], gates[:, t] = h, np.concatenate([r, z, g, q_g], axis=1)
    return hs, gates


gru_forward.twin("numba")(gru_forward_loops)


@gru_forward.twin("cuda")
def gru_forward_cuda(X, h0, Wx, Wh, bx, bh):
    (N, T, _), H = X.shape, h0.shape[1]
    hs, gates = output((N, T, H), X.dtype), output((N, T, 4 * H), X.dtype)
    X, h, Wx, Wh, bx, bh = map(to_device, (X, h0, Wx, Wh, bx, bh))
    for t in range(T):
        launch(gru_step_kernel, (N, H), X[:, t], h, Wx, Wh, bx, bh, hs[:, t], gates[:, t])
        h = hs[:, t]
    return hs.copy_to_host(), gates.copy_to_host()


@operation(dhs="N T H", X="N T D", h0="N H", hs="N T H", gates="N T 4H", Wx="D 3H", Wh="H 3H")
def gru_backward(dhs, X, h0, hs, gates, Wx, Wh):
    """dh[t] = dhs[t] + dq[t+1] Whᵀ + dh[t+1] ⊙ z[t+1]                (backpropagation through time, GRU)
    da_g = dh ⊙ (1 − z) ⊙ (1 − g²);   da_r = da_g ⊙ q_g ⊙ r(1 − r);   da_z[t] = dh ⊙ (h[t−1] − g) ⊙ z(1 − z)
    dq_r = da_r;   dq_z = da_z;   dq_g = da_g ⊙ r;   dX[t] = da[t] Wxᵀ
    dWx = Σ_t X[t]ᵀ da[t];   dWh = Σ_t h[t−1]ᵀ dq[t];   dbx = Σ_n Σ_t da[t];   dbh = Σ_n Σ_t dq[t]

    dhs (N, T, H) the gradient of the loss at every state, without what flows back through later steps;
    X (N, T, D), h0 (N, H), Wx (D, 3H), Wh (H, 3H) as in the forward pass, hs (N, T, H) and gates (N, T, 4H) its
    results -> dX (N, T, D), dh0 (N, H), dWx (D, 3H), dWh (H, 3H), dbx (3H,), dbh (3H,).
    Raises ValueError unless the shapes agree.
    """
    dX, dWx, dWh = np.zeros_like(X), np.zeros_like(Wx), np.zeros_like(Wh)
    dbx, dbh, dh = np.zeros_like(Wx[0]), np.zeros_like(Wh[0]), np.zeros_like(h0)
    for t in reversed(range(X.shape[1])):
        before = hs[:, t - 1] if t > 0 else h0
        r, z, g, q_g = np.split(gates[:, t], 4, axis=1)
        dh = dhs[:, t] + dh
        da_g = dh * (1 - z) * (1 - g**2)
        da_r = da_g * q_g * r * (1 - r)
        da_z = dh * (before - g) * z * (1 - z)
        da = np.concatenate([da_r, da_z, da_g], axis=1)
        dq = np.concatenate([da_r, da_z, da_g * r], axis=1)
        dX[:, t] = da @ Wx.T
        dWx += X[:, t].T @ da
        dWh += before.T @ dq
        dbx += np.sum(da, axis=0)
        dbh += np.sum(dq, axis=0)
        dh = dq @ Wh.T + dh * z
    return dX, dh, dWx, dWh, dbx, dbh


@compiled
def gru_slopes_loops(dhs, h0, hs, gates, Wh, dh, da, dq):
    """da and dq of every step, from the last to the first; dh comes as zeros and leaves as dh0."""
    N, T, H = hs.shape
    one = hs.dtype.type(1)
    for n in range(N):
        for t in range(T - 1, -1, -1):
            gate, slope_a, slope_q = gates[n, t], da[n, t], dq[n, t]
            for j in range(H):
                before = hs[n, t - 1, j] if t > 0 else h0[n, j]
                r, z, g, q_g = gate[j], gate[H + j], gate[2 * H + j], gate[3 * H + j]
                da_r, da_z, da_g, dq_g, dh[n, j] = unit_gradient_loops(
                    dhs[n, t, j] + dh[n, j], r, z, g, q_g, before, one
                )
                slope_a[j], slope_a[H + j], slope_a[2 * H + j] = da_r, da_z, da_g
                slope_q[j], slope_q[H + j], slope_q[2 * H + j] = da_r, da_z, dq_g
            for i in range(H):
                for m in range(3 * H):
                    dh[n, i] += slope_q[m] * Wh[i, m]


@gru_backward.twin("numba")
def gru_backward_loops(dhs, X, h0, hs, gates, Wx, Wh):
    N, T, H = hs.shape
    da, dq = np.empty((N, T, 3 * H), hs.dtype), np.empty((N, T, 3 * H), hs.dtype)
    dh = np.zeros(h0.shape, h0.dtype)
    gru_slopes_loops(dhs, h0, hs, gates, Wh, dh, da, dq)
    dX, dWx, dbx = dense_over_time(dense_backward_loops, da, X, Wx)
    _, dWh, dbh = dense_over_time(dense_backward_loops, dq, states_before(h0, hs), Wh)
    return dX, dh, dWx, dWh, dbx, dbh


@cuda.jit
def gru_backward_step_kernel(dhs, dh, dh_kept, h, gates, da, dq):
    """One thread per unit: the gradients at its six sums; dh_kept is what z hands straight to the state before."""
    n, j = cuda.grid(2)
    N, H = dhs.shape
    if n < N and j < H:
        r, z, g, q_g = gates[n, j], gates[n, H + j], gates[n, 2 * H + j], gates[n, 3 * H + j]
        da_r, da_z, da_g, dq_g, dh_kept[n, j] = unit_gradient_in_kernel(
            dhs[n, j] + dh[n, j] + dh_kept[n, j], r, z, g, q_g, h[n, j], h.dtype.type(1)
        )
        da[n, j], da[n, H + j], da[n, 2 * H + j] = da_r, da_z, da_g
        dq[n, j], dq[n, H + j], dq[n, 2 * H + j] = da_r, da_z, dq_g


@gru_backward.twin("cuda")
def gru_backward_cuda(dhs, X, h0, hs, gates, Wx, Wh):
    (N, T, H), before = hs.shape, states_before(h0, hs)
    da, dq = output((N, T, 3 * H), hs.dtype), output((N, T, 3 * H), hs.dtype)
    dh, dh_kept = to_device(np.zeros_like(h0)), to_device(np.zeros_like(h0))
    dhs_d, before_d, gates_d, Wh_d = map(to_device, (dhs, before, gates, Wh))
    for t in reversed(range(T)):
        at_t = [array[:, t] for array in (before_d, gates_d, da, dq)]
        launch(gru_backward_step_kernel, (N, H), dhs_d[:, t], dh, dh_kept, *at_t)
        launch(dense_dx_kernel, (N, H), dq[:, t], Wh_d, dh)
    dX, dWx, dbx = dense_over_time(dense_backward_cuda, da.copy_to_host(), X, Wx)
    _, dWh, dbh = dense_over_time(dense_backward_cuda, dq.copy_to_host(), before, Wh)
    return dX, dh.copy_to_host() + dh_kept.copy_to_host(), dWx, dWh, dbx, dbh
