"""Recurrent layers over whole sequences: products in one piece where time allows, and gates as separate loops.

Time comes first here, (T, N, …): a step's rows then lie in one piece. What does not depend on the state is one
product for all steps. An LSTM's gates are (N, 4, H), four rows side by side: an offset such as z[n, 2 · H + j]
would keep the loops from becoming vector instructions.
"""

import numpy as np

from solutions.blocked import product, product_of_rows
from solutions.networks.layer import Layer
from solutions.twins import compiled

# Padé's fraction for tanh, x (1 + 17325/135135 x² + …) / (1 + 62370/135135 x² + …), then 1, 2, 1/2, 1/16 and the limit.
TANH = 17325 / 135135, 378 / 135135, 1 / 135135, 62370 / 135135, 3150 / 135135, 28 / 135135, 1.0, 2.0, 0.5, 1 / 16, 20.0


@compiled
def tanh(x, constants):
    """tanh x = p / q without a call, so that loops over it vectorize; exact to rounding, in the type of x.

    Padé's fraction at x / 16, then four times tanh 2a = 2 tanh a / (1 + tanh² a), on p and q alone.
    """
    p3, p5, p7, q2, q4, q6, one, two, _, sixteenth, limit = constants
    x = limit if x > limit else x
    x = (-limit if x < -limit else x) * sixteenth
    s = x * x
    p = x * (one + s * (p3 + s * (p5 + s * p7)))
    q = one + s * (q2 + s * (q4 + s * q6))
    p, q = two * p * q, q * q + p * p
    p, q = two * p * q, q * q + p * p
    p, q = two * p * q, q * q + p * p
    p, q = two * p * q, q * q + p * p
    return p / q


@compiled
def rnn_cell(z, h, constants):
    """h = tanh z"""
    N, H = h.shape
    for n in range(N):
        for j in range(H):
            h[n, j] = tanh(z[n, j], constants)


@compiled
def rnn_cell_backward(dh, h, dz):
    """dz = dh ⊙ (1 − h²)"""
    one = h.dtype.type(1)
    N, H = h.shape
    for n in range(N):
        for j in range(H):
            dz[n, j] = dh[n, j] * (one - h[n, j] * h[n, j])


@compiled
def lstm_cell(gates, c_before, c, shown, h, constants):
    """From z_i, z_f, z_g, z_o in the rows of gates: i, f, g, o in their place, c, shown = tanh c and h = o ⊙ shown."""
    N, _, H = gates.shape
    half = constants[8]
    for n in range(N):
        for part in range(4):
            z = gates[n, part]
            if part == 2:
                for j in range(H):
                    z[j] = tanh(z[j], constants)
            else:
                for j in range(H):
                    z[j] = half + half * tanh(half * z[j], constants)
        i, f, g, o = gates[n, 0], gates[n, 1], gates[n, 2], gates[n, 3]
        for j in range(H):
            c[n, j] = f[j] * c_before[n, j] + i[j] * g[j]
        for j in range(H):
            shown[n, j] = tanh(c[n, j], constants)
        for j in range(H):
            h[n, j] = o[j] * shown[n, j]


@compiled
def lstm_cell_backward(dh, dc, gates, c_before, shown, dz):
    """dz (N, 4, H) at the four sums; dc, the gradient at c, moves one step back in place."""
    N, _, H = gates.shape
    one = dh.dtype.type(1)
    for n in range(N):
        i, f, g, o = gates[n, 0], gates[n, 1], gates[n, 2], gates[n, 3]
        dz_i, dz_f, dz_g, dz_o = dz[n, 0], dz[n, 1], dz[n, 2], dz[n, 3]
        for j in range(H):
            dc[n, j] += dh[n, j] * o[j] * (one - shown[n, j] * shown[n, j])
        for j in range(H):
            dz_i[j] = dc[n, j] * g[j] * i[j] * (one - i[j])
        for j in range(H):
            dz_f[j] = dc[n, j] * c_before[n, j] * f[j] * (one - f[j])
        for j in range(H):
            dz_g[j] = dc[n, j] * i[j] * (one - g[j] * g[j])
        for j in range(H):
            dz_o[j] = dh[n, j] * shown[n, j] * o[j] * (one - o[j])
        for j in range(H):
            dc[n, j] *= f[j]


@compiled
def add_at(sums, ids, rows):
    """sums[ids[r]] += rows[r]"""
    R, M = rows.shape
    for r in range(R):
        for m in range(M):
            sums[ids[r], m] += rows[r, m]


class Recurrent(Layer):
    """h[t] = cell(x[t] · Wx + h[t−1] · Wh + b) for x (N, T, D) -> h (T, N, H); Wx (D, GH), Wh (H, GH), b (GH,).

    A cell has G parts; the state before the first step is zero. With V given, inputs are ids (N, T) below V, and
    x[t] is row id of the embedding E (V, D). Then E · Wx is computed once, V rows for all N · T steps to pick from.
    """

    G = 1

    def __init__(self, D, H, V=None):
        GH = self.G * H
        embedding = {"E": (V, D)} if V else {}
        super().__init__({**embedding, "Wx": (D, GH), "Wh": (H, GH), "b": (GH,)}, fan_in=D + H)
        self.H, self.V = H, V

    def initialize(self, rng):
        super().initialize(rng)
        if self.V:
            self.params[0][...] = rng.standard_normal(self.params[0].shape)

    def bind(self, params, gradients):
        super().bind(params, gradients)
        self.constants = tuple(map(params[0].dtype.type, TANH))

    def forward(self, X):
        (*_, Wh, b), (N, T) = self.params, X.shape[:2]
        z, hs = self.buffer("z", (T, N, len(b))), self.buffer("hs", (T, N, self.H))
        rows = z.reshape(T * N, -1)
        x = self.look_up(X, rows) if self.V else self.project(X, rows)
        self.saved = x, z, hs
        for t in range(T):
            if t > 0:
                product(z[t], hs[t - 1], Wh)
            self.step(t)
        return hs

    def project(self, X, rows):
        """rows = x · Wx + b, a row for every step of every sequence -> x (T · N, D)"""
        Wx, _, b = self.params
        x = np.ascontiguousarray(X.transpose(1, 0, 2)).reshape(-1, len(Wx))
        rows[...] = b
        product(rows, x, Wx)
        return x

    def look_up(self, ids, rows):
        """rows = (E · Wx + b)[ids] -> the ids in the order of the rows (T · N,)"""
        E, Wx, _, b = self.params
        if ids.min() < 0 or ids.max() >= self.V:
            raise ValueError(f"X has ids from {ids.min()} to {ids.max()}, expected 0 to {self.V - 1}")
        ids, table = ids.T.astype(np.int64).reshape(-1), self.buffer("table", (self.V, len(b)))
        table[...] = b
        product(table, E, Wx)
        np.take(table, ids, axis=0, out=rows, mode="clip")  # checked above; "raise" would copy
        return ids

    def backward(self, dhs):
        (*_, Wh, _), (*_, dWh, db), (x, z, hs) = self.params, self.gradients, self.saved
        T, N, H = hs.shape
        dz, dh = self.buffer("dz", z.shape), self.buffer("dh", (N, H))
        for t in reversed(range(T)):
            dh[...] = dhs[t]
            if t < T - 1:
                product_of_rows(dh, dz[t + 1], Wh)
            self.step_backward(t, dh, dz[t])
        rows = dz.reshape(T * N, -1)
        product(dWh, hs[:-1].reshape(-1, H).T, rows[N:])  # all steps but the first, whose state before is zero
        db += np.sum(rows, axis=0)
        if not self.V:
            product(self.gradients[0], x.T, rows)
            return
        (E, Wx, *_), (dE, dWx, *_) = self.params, self.gradients
        dtable = self.buffer("dtable", (self.V, len(db)), zeroed=True)
        add_at(dtable, x, rows)
        product(dWx, E.T, dtable)
        product_of_rows(dE, dtable, Wx)


class RNN(Recurrent):
    """h[t] = tanh(z[t]): the plain cell."""

    def step(self, t):
        _, z, hs = self.saved
        rnn_cell(z[t], hs[t], self.constants)

    def step_backward(self, t, dh, dz):
        rnn_cell_backward(dh, self.saved[2][t], dz)


class LSTM(Recurrent):
    """The cell of `solutions.lstm`, its parts in the order i, f, g, o."""

    G = 4

    def initialize(self, rng):
        """Forget gates start open (bias 1), so that gradients reach back from the first step on."""
        super().initialize(rng)
        self.params[-1][self.H : 2 * self.H] = 1

    def cells(self, t):
        """The gates (N, 4, H), the cell before step t, the cell after it and its tanh."""
        _, z, hs = self.saved
        T, N, H = hs.shape
        cs, shown = self.buffer("cs", (T + 1, N, H)), self.buffer("shown", hs.shape)  # cs[0], never written, is zero
        return z[t].reshape(N, 4, H), cs[t], cs[t + 1], shown[t]

    def step(self, t):
        lstm_cell(*self.cells(t), self.saved[2][t], self.constants)

    def step_backward(self, t, dh, dz):
        gates, c_before, _, shown = self.cells(t)
        last = t == len(self.saved[2]) - 1
        dc = self.buffer("dc", dh.shape, zeroed=last)
        lstm_cell_backward(dh, dc, gates, c_before, shown, dz.reshape(gates.shape))


class EveryState(Layer):
    """All states (T, N, H) as rows (T · N, H), for a prediction at every step."""

    def forward(self, hs):
        self.shape = hs.shape
        return hs.reshape(-1, hs.shape[2])

    def backward(self, dy):
        return dy.reshape(self.shape)


class LastState(Layer):
    """The state (N, H) after the last step, for one prediction a sequence."""

    def forward(self, hs):
        self.shape = hs.shape
        return hs[-1]

    def backward(self, dy):
        dhs = self.buffer("dhs", self.shape, dy.dtype)
        dhs[-1] = dy
        return dhs
