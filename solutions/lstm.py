"""The LSTM: a memory cell beside the state, and three gates that say what it forgets, takes in and shows.

The cell passes from step to step through a product with f and a sum, not through a matrix and a tanh: while the
forget gate stays open its gradient neither fades nor grows. The four parts lie side by side in the columns of
Wx, Wh and b, in the order i, f, g, o (input gate, forget gate, candidate, output gate), PyTorch's order too.

Source: S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997);
forget gate: F. A. Gers et al., "Learning to forget", Neural Computation 12 (2000).
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.dense import dense_backward_cuda, dense_backward_loops, dense_dx_kernel, dense_forward_loops
from solutions.rnn import dense_over_time, dot, states_before
from solutions.twins import compiled, operation


@operation(x="N D", h="N H", c="N H", Wx="D 4H", Wh="H 4H", b="4H")
def lstm_step(x, h, c, Wx, Wh, b):
    """z = x Wx + h Wh + b, cut into z_i, z_f, z_g, z_o;   i, f, o = σ(z_i), σ(z_f), σ(z_o);   g = tanh(z_g)
    c' = f ⊙ c + i ⊙ g;   h' = o ⊙ tanh(c')                           (one step of an LSTM)

    x (N, D) this step's inputs, h (N, H) and c (N, H) the states and cells before it; Wx (D, 4H), Wh (H, 4H),
    b (4H,) with the columns of i, f, g, o in this order -> h' (N, H), c' (N, H).
    Raises ValueError unless the shapes agree.
    """
    z_i, z_f, z_g, z_o = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (z_i, z_f, z_o))  # σ(z), without an exp to overflow
    c_next = f * c + i * np.tanh(z_g)
    return o * np.tanh(c_next), c_next


def cell(z_i, z_f, z_g, z_o, c, half):
    """One memory cell's step: i, f, g, o, and the cell and state after it; half in the arrays' own type."""
    i = half + half * math.tanh(half * z_i)
    f = half + half * math.tanh(half * z_f)
    g = math.tanh(z_g)
    o = half + half * math.tanh(half * z_o)
    c_next = f * c + i * g
    return i, f, g, o, c_next, o * math.tanh(c_next)


def cell_gradient(dh_next, dc_next, i, f, g, o, c, c_next, one):
    """The gradients at z_i, z_f, z_g, z_o and at the cell before the step; one in the arrays' own type."""
    shown = math.tanh(c_next)
    dc = dc_next + dh_next * o * (one - shown * shown)  # two ways into the loss: through h' and through later cells
    dz_i, dz_f = dc * g * i * (one - i), dc * c * f * (one - f)
    dz_g, dz_o = dc * i * (one - g * g), dh_next * shown * o * (one - o)
    return dz_i, dz_f, dz_g, dz_o, dc * f


# One cell is the same arithmetic in a loop and in a kernel. A bare 1 or 0.5 would widen its float32 to float64.
in_kernel = cuda.jit(device=True, inline="always")
cell_loops, cell_in_kernel = compiled(cell), in_kernel(cell)
cell_gradient_loops, cell_gradient_in_kernel = compiled(cell_gradient), in_kernel(cell_gradient)


@compiled
def lstm_states_loops(z, h0, c0, Wh, hs, cs):
    """From z[n, t] = X[n, t] Wx + b to hs and cs, sequence by sequence; in z the gates i, f, g, o take its place."""
    N, T, H = hs.shape
    half = hs.dtype.type(0.5)
    for n in range(N):
        for t in range(T):
            for d in range(H):
                before = hs[n, t - 1, d] if t > 0 else h0[n, d]
                for m in range(4 * H):
                    z[n, t, m] += before * Wh[d, m]
            gates = z[n, t]
            for j in range(H):
                c = cs[n, t - 1, j] if t > 0 else c0[n, j]
                i, f, g, o, c_next, h_next = cell_loops(
                    gates[j], gates[H + j], gates[2 * H + j], gates[3 * H + j], c, half
                )
                gates[j], gates[H + j], gates[2 * H + j], gates[3 * H + j] = i, f, g, o
                cs[n, t, j], hs[n, t, j] = c_next, h_next


def lstm_forward_loops(X, h0, c0, Wx, Wh, b):
    (N, T, D), H = X.shape, h0.shape[1]
    z = dense_forward_loops(X.reshape(N * T, D), Wx, b)  # what needs no memory, for all steps at once
    gates, hs, cs = z.reshape(N, T, 4 * H), np.empty((N, T, H), X.dtype), np.empty((N, T, H), X.dtype)
    lstm_states_loops(gates, h0, c0, Wh, hs, cs)
    return hs, cs, gates


@lstm_step.twin("numba")
def lstm_step_loops(x, h, c, Wx, Wh, b):
    hs, cs, _ = lstm_forward_loops(x[:, None], h, c, Wx, Wh, b)  # a sequence of one step
    return hs[:, 0], cs[:, 0]


@cuda.jit
def lstm_step_kernel(x, h, c, Wx, Wh, b, h_next, c_next, gates):
    """One thread per memory cell: four sums, then the gates."""
    n, j = cuda.grid(2)
    N, H = h_next.shape
    if n < N and j < H:
        z_i = dot(x, Wx, n, j) + dot(h, Wh, n, j) + b[j]
        z_f = dot(x, Wx, n, H + j) + dot(h, Wh, n, H + j) + b[H + j]
        z_g = dot(x, Wx, n, 2 * H + j) + dot(h, Wh, n, 2 * H + j) + b[2 * H + j]
        z_o = dot(x, Wx, n, 3 * H + j) + dot(h, Wh, n, 3 * H + j) + b[3 * H + j]
        i, f, g, o, c_next[n, j], h_next[n, j] = cell_in_kernel(z_i, z_f, z_g, z_o, c[n, j], c.dtype.type(0.5))
        gates[n, j], gates[n, H + j], gates[n, 2 * H + j], gates[n, 3 * H + j] = i, f, g, o


@lstm_step.twin("cuda")
def lstm_step_cuda(x, h, c, Wx, Wh, b):
    N, H = h.shape
    h_next, c_next, gates = output((N, H), x.dtype), output((N, H), x.dtype), output((N, 4 * H), x.dtype)
    launch(lstm_step_kernel, (N, H), *map(to_device, (x, h, c, Wx, Wh, b)), h_next, c_next, gates)
    return h_next.copy_to_host(), c_next.copy_to_host()


@operation(dh_next="N H", dc_next="N H", x="N D", h="N H", c="N H", Wx="D 4H", Wh="H 4H", b="4H")
def lstm_step_backward(dh_next, dc_next, x, h, c, Wx, Wh, b):
    """dc'' = dc' + dh' ⊙ o ⊙ (1 − tanh²(c'));   dc = dc'' ⊙ f             (back through one step of an LSTM)
    dz_i = dc'' ⊙ g ⊙ i(1 − i);   dz_f = dc'' ⊙ c ⊙ f(1 − f);   dz_g = dc'' ⊙ i ⊙ (1 − g²)
    dz_o = dh' ⊙ tanh(c') ⊙ o(1 − o);   dx = dz Wxᵀ;   dh = dz Whᵀ;   dWx = xᵀ dz;   dWh = hᵀ dz;   db = Σ_n dz

    dh_next (N, H) dh' and dc_next (N, H) dc', the gradients of the loss at h' and, by later steps, at c'; x, h, c,
    Wx, Wh, b as in the step -> dx (N, D), dh (N, H), dc (N, H), dWx (D, 4H), dWh (H, 4H), db (4H,).
    Raises ValueError unless the shapes agree.
    """
    z_i, z_f, z_g, z_o = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (z_i, z_f, z_o))
    g = np.tanh(z_g)
    shown = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - shown**2)
    dz_i, dz_f = dc * g * i * (1 - i), dc * c * f * (1 - f)
    dz_g, dz_o = dc * i * (1 - g**2), dh_next * shown * o * (1 - o)
    dz = np.concatenate([dz_i, dz_f, dz_g, dz_o], axis=1)
    return dz @ Wx.T, dz @ Wh.T, dc * f, x.T @ dz, h.T @ dz, np.sum(dz, axis=0)


@compiled
def lstm_slopes_loops(dhs, c0, cs, gates, Wh, dh, dc, dz):
    """dz of every step, from the last to the first; dh and dc come from after the last and leave for before the first."""
    N, T, H = dhs.shape
    one = dhs.dtype.type(1)
    for n in range(N):
        for t in range(T - 1, -1, -1):
            gate, slope = gates[n, t], dz[n, t]
            for j in range(H):
                c = cs[n, t - 1, j] if t > 0 else c0[n, j]
                i, f, g, o = gate[j], gate[H + j], gate[2 * H + j], gate[3 * H + j]
                dz_i, dz_f, dz_g, dz_o, dc[n, j] = cell_gradient_loops(
                    dhs[n, t, j] + dh[n, j], dc[n, j], i, f, g, o, c, cs[n, t, j], one
                )
                slope[j], slope[H + j], slope[2 * H + j], slope[3 * H + j] = dz_i, dz_f, dz_g, dz_o
            for d in range(H):
                dh[n, d] = 0
                for m in range(4 * H):
                    dh[n, d] += slope[m] * Wh[d, m]


def lstm_backward_from(dhs, dc, X, h0, c0, hs, cs, gates, Wx, Wh):
    """lstm_backward where a gradient dc reaches the last cell from still later steps."""
    dz, dh, dc = np.empty(gates.shape, gates.dtype), np.zeros(h0.shape, h0.dtype), np.array(dc)
    lstm_slopes_loops(dhs, c0, cs, gates, Wh, dh, dc, dz)
    dX, dWx, db = dense_over_time(dense_backward_loops, dz, X, Wx)
    _, dWh, _ = dense_over_time(dense_backward_loops, dz, states_before(h0, hs), Wh)
    return dX, dh, dc, dWx, dWh, db


@lstm_step_backward.twin("numba")
def lstm_step_backward_loops(dh_next, dc_next, x, h, c, Wx, Wh, b):
    X = x[:, None]
    states = lstm_forward_loops(X, h, c, Wx, Wh, b)
    dX, *others = lstm_backward_from(dh_next[:, None], dc_next, X, h, c, *states, Wx, Wh)
    return dX[:, 0], *others


@cuda.jit
def cell_gradients_kernel(dhs, dh, dc, c, c_next, gates, dz):
    """One thread per memory cell: the gradients at its four sums; dc moves one step back in place."""
    n, j = cuda.grid(2)
    N, H = dhs.shape
    if n < N and j < H:
        i, f, g, o = gates[n, j], gates[n, H + j], gates[n, 2 * H + j], gates[n, 3 * H + j]
        dz_i, dz_f, dz_g, dz_o, dc[n, j] = cell_gradient_in_kernel(
            dhs[n, j] + dh[n, j], dc[n, j], i, f, g, o, c[n, j], c_next[n, j], c.dtype.type(1)
        )
        dz[n, j], dz[n, H + j], dz[n, 2 * H + j], dz[n, 3 * H + j] = dz_i, dz_f, dz_g, dz_o


@lstm_step_backward.twin("cuda")
def lstm_step_backward_cuda(dh_next, dc_next, x, h, c, Wx, Wh, b):
    N, H = h.shape
    h_next, c_next, gates = output((N, H), x.dtype), output((N, H), x.dtype), output((N, 4 * H), x.dtype)
    dc, dz, later = to_device(dc_next), output((N, 4 * H), x.dtype), to_device(np.zeros_like(h))
    dh_d, x_d, h_d, c_d, Wx_d, Wh_d, b_d = map(to_device, (dh_next, x, h, c, Wx, Wh, b))
    launch(lstm_step_kernel, (N, H), x_d, h_d, c_d, Wx_d, Wh_d, b_d, h_next, c_next, gates)
    launch(cell_gradients_kernel, (N, H), dh_d, later, dc, c_d, c_next, gates, dz)
    dz = dz.copy_to_host()
    (dx, dWx, db), (dh, dWh, _) = dense_backward_cuda(dz, x, Wx), dense_backward_cuda(dz, h, Wh)
    return dx, dh, dc.copy_to_host(), dWx, dWh, db


@operation(X="N T D", h0="N H", c0="N H", Wx="D 4H", Wh="H 4H", b="4H")
def lstm_forward(X, h0, c0, Wx, Wh, b):
    """h[t], c[t] = lstm_step(X[t], h[t−1], c[t−1]),   h[−1] = h0,   c[−1] = c0         (an LSTM over a sequence)

    X (N, T, D) sequences, h0 (N, H) and c0 (N, H) the states and cells before the first step; Wx (D, 4H),
    Wh (H, 4H), b (4H,) with the columns of i, f, g, o in this order -> hs (N, T, H) and cs (N, T, H) after every
    step, gates (N, T, 4H) the values of i, f, g, o, which the backward pass needs again.
    Raises ValueError unless the shapes agree.
    """
    (N, T, _), H = X.shape, h0.shape[1]
    hs, cs = np.zeros((N, T, H), X.dtype), np.zeros((N, T, H), X.dtype)
    gates = np.zeros((N, T, 4 * H), X.dtype)
    h, c = h0, c0
    for t in range(T):
        z_i, z_f, z_g, z_o = np.split(X[:, t] @ Wx + h @ Wh + b, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(0.5 * z) for z in (z_i, z_f, z_o))
        g = np.tanh(z_g)
        c = f * c + i * g
        h = o * np.tanh(c)
        hs[:, t], cs[:, t], gates[:, t] = h, c, np.concatenate([i, f, g, o], axis=1)
    return hs, cs, gates


lstm_forward.twin("numba")(lstm_forward_loops)


@lstm_forward.twin("cuda")
def lstm_forward_cuda(X, h0, c0, Wx, Wh, b):
    (N, T, _), H = X.shape, h0.shape[1]
    hs, cs, gates = output((N, T, H), X.dtype), output((N, T, H), X.dtype), output((N, T, 4 * H), X.dtype)
    X, h, c, Wx, Wh, b = map(to_device, (X, h0, c0, Wx, Wh, b))
    for t in range(T):
        launch(lstm_step_kernel, (N, H), X[:, t], h, c, Wx, Wh, b, hs[:, t], cs[:, t], gates[:, t])
        h, c = hs[:, t], cs[:, t]
    return hs.copy_to_host(), cs.copy_to_host(), gates.copy_to_host()


@operation(dhs="N T H", X="N T D", h0="N H", c0="N H", hs="N T H", cs="N T H", gates="N T 4H", Wx="D 4H", Wh="H 4H")
def lstm_backward(dhs, X, h0, c0, hs, cs, gates, Wx, Wh):
    """dh[t] = dhs[t] + dz[t+1] Whᵀ;   dc[t] = dc[t+1] ⊙ f[t+1] + dh[t] ⊙ o[t] ⊙ (1 − tanh²(c[t]))   (BPTT, LSTM)
    dz_i = dc ⊙ g ⊙ i(1 − i);   dz_f[t] = dc[t] ⊙ c[t−1] ⊙ f(1 − f);   dz_g = dc ⊙ i ⊙ (1 − g²)
    dz_o = dh ⊙ tanh(c) ⊙ o(1 − o);   dX[t] = dz[t] Wxᵀ;   dWx = Σ_t X[t]ᵀ dz[t];   dWh = Σ_t h[t−1]ᵀ dz[t]

    dhs (N, T, H) the gradient of the loss at every state, without what flows back through later steps;
    X (N, T, D), h0 (N, H), c0 (N, H), Wx (D, 4H), Wh (H, 4H) as in the forward pass, hs (N, T, H),
    cs (N, T, H), gates (N, T, 4H) its results; after the last step dc is 0
    -> dX (N, T, D), dh0 (N, H), dc0 (N, H), dWx (D, 4H), dWh (H, 4H), db (4H,).
    Raises ValueError unless the shapes agree.
    """
    dX, dWx, dWh, db = np.zeros_like(X), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wh[0])
    dh, dc = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(X.shape[1])):
        h_before, c_before = (hs[:, t - 1], cs[:, t - 1]) if t > 0 else (h0, c0)
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        shown = np.tanh(cs[:, t])
        dh = dhs[:, t] + dh
        dc = dc + dh * o * (1 - shown**2)
        dz_i, dz_f = dc * g * i * (1 - i), dc * c_before * f * (1 - f)
        dz_g, dz_o = dc * i * (1 - g**2), dh * shown * o * (1 - o)
        dz = np.concatenate([dz_i, dz_f, dz_g, dz_o], axis=1)
        dX[:, t] = dz @ Wx.T
        dWx += X[:, t].T @ dz
        dWh += h_before.T @ dz
        db += np.sum(dz, axis=0)
        dh, dc = dz @ Wh.T, dc * f
    return dX, dh, dc, dWx, dWh, db


@lstm_backward.twin("numba")
def lstm_backward_loops(dhs, X, h0, c0, hs, cs, gates, Wx, Wh):
    return lstm_backward_from(dhs, np.zeros(c0.shape, c0.dtype), X, h0, c0, hs, cs, gates, Wx, Wh)


@lstm_backward.twin("cuda")
def lstm_backward_cuda(dhs, X, h0, c0, hs, cs, gates, Wx, Wh):
    dz, dh, dc = output(gates.shape, gates.dtype), to_device(np.zeros_like(h0)), to_device(np.zeros_like(c0))
    dhs_d, c0_d, cs_d, gates_d, Wh_d = map(to_device, (dhs, c0, cs, gates, Wh))
    for t in reversed(range(X.shape[1])):
        c, c_next = (cs_d[:, t - 1] if t > 0 else c0_d), cs_d[:, t]
        launch(cell_gradients_kernel, h0.shape, dhs_d[:, t], dh, dc, c, c_next, gates_d[:, t], dz[:, t])
        launch(dense_dx_kernel, h0.shape, dz[:, t], Wh_d, dh)
    dz = dz.copy_to_host()
    dX, dWx, db = dense_over_time(dense_backward_cuda, dz, X, Wx)
    _, dWh, _ = dense_over_time(dense_backward_cuda, dz, states_before(h0, hs), Wh)
    return dX, dh.copy_to_host(), dc.copy_to_host(), dWx, dWh, db
