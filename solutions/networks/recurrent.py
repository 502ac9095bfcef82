"""Recurrent layers over whole sequences: products in one piece where time allows, and gates as separate loops.

Time comes first here, (T, N, …): a step's rows then lie in one piece. What does not depend on the state is one
product for all steps. An LSTM's gates are (N, 4, H), four rows side by side: an offset such as z[n, 2 · H + j]
would keep the loops from becoming vector instructions.
"""

import numpy as np

from solutions.arithmetic import tanh
from solutions.blocked import starts_of
from solutions.networks.layer import Layer
from solutions.networks.tier import WORTH, hold, loops, product, product_of_rows, transposed
from solutions.threads import in_shares
from solutions.twins import compiled
from solutions.vectors import all_apart, full_vectors


@compiled
def rnn_cell(z, h):
    """h = tanh z"""
    full_vectors(), all_apart()
    N, H = h.shape
    for n in range(N):
        for j in range(H):
            h[n, j] = tanh(z[n, j])


@compiled
def rnn_cell_backward(dh, h, dz):
    """dz = dh ⊙ (1 − h²)"""
    full_vectors(), all_apart()
    one = h.dtype.type(1)
    N, H = h.shape
    for n in range(N):
        for j in range(H):
            dz[n, j] = dh[n, j] * (one - h[n, j] * h[n, j])


@compiled
def lstm_cell(gates, c_before, c, shown, h):
    """From z_i, z_f, z_g, z_o in the rows of gates: i, f, g, o in their place, c, shown = tanh c and h = o ⊙ shown."""
    full_vectors(), all_apart()
    N, _, H = gates.shape
    one, zero, half = h.dtype.type(1), h.dtype.type(0), h.dtype.type(0.5)
    for n in range(N):
        for part in range(4):
            scale, shift = (one, zero) if part == 2 else (half, half)  # σ(z) = 1/2 + 1/2 tanh(z / 2)
            for j in range(H):
                gates[n, part, j] = shift + scale * tanh(scale * gates[n, part, j])
        for j in range(H):
            c[n, j] = gates[n, 1, j] * c_before[n, j] + gates[n, 0, j] * gates[n, 2, j]
            shown[n, j] = tanh(c[n, j])
            h[n, j] = gates[n, 3, j] * shown[n, j]


@compiled
def lstm_cell_backward(dh, dc, gates, c_before, shown, dz):
    """dz (N, 4, H) at the four sums; dc, the gradient at c, moves one step back in place."""
    full_vectors(), all_apart()
    N, _, H = gates.shape
    one = dh.dtype.type(1)
    for n in range(N):
        for j in range(H):
            i, f, g, o = gates[n, 0, j], gates[n, 1, j], gates[n, 2, j], gates[n, 3, j]
            slope = dc[n, j] + dh[n, j] * o * (one - shown[n, j] * shown[n, j])
            dz[n, 0, j] = slope * g * i * (one - i)
            dz[n, 1, j] = slope * c_before[n, j] * f * (one - f)
            dz[n, 2, j] = slope * i * (one - g * g)
            dz[n, 3, j] = dh[n, j] * shown[n, j] * o * (one - o)
            dc[n, j] = slope * f


@compiled
def add_at(sums, ids, rows, lo, hi):
    """sums[ids[r], m] += Σ_r rows[r, m], lo ≤ m < hi"""
    all_apart()
    for r in range(len(rows)):
        for m in range(np.uintp(lo), np.uintp(hi)):  # never negative: LLVM needs to know
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

    def forward(self, X):
        (*_, Wh, b), (N, T) = self.params, X.shape[:2]
        z, hs = self.buffer("z", (T, N, len(b))), self.buffer("hs", (T, N, self.H))
        x, table, ids = self.look_up(X) if self.V else self.project(X, z.reshape(T * N, -1))
        hold("Recurrent", z.dtype, (Wh, (self.H, len(b))), (table, (len(table), len(b))))
        self.saved, self.extra = (x, z, hs), self.room(T, N)
        self.forward_steps(table, ids)
        return hs

    def room(self, T, N):
        """The arrays that a cell needs besides."""

    def forward_steps(self, table, ids):
        """One step after the other, on one thread: its operations are too short for two to wait for each other."""
        Wh, (_, z, hs) = self.params[-2], self.saved
        Wh, starts, add_product = Wh.reshape(-1), starts_of(*Wh.shape), loops("add_product")
        for t in range(len(hs)):
            if self.V:
                np.take(table, ids[t], axis=0, out=z[t], mode="clip")  # checked; "raise" would copy
            if t > 0:
                add_product(z[t : t + 1], hs[t - 1].reshape(-1), self.H, 1, Wh, starts, 0, False, 0, len(hs[t]))
            self.step(t)

    def project(self, X, rows):
        """rows = x · Wx + b, a row for every step of every sequence -> x (T · N, D), and nothing to look up."""
        Wx, _, b = self.params
        x = np.ascontiguousarray(X.transpose(1, 0, 2)).reshape(-1, len(Wx))
        rows[...] = b
        product(rows, x, Wx)
        return x, rows[:0], None

    def look_up(self, ids):
        """The ids in the order of the rows (T · N,), the table E · Wx + b, and the ids by steps (T, N)."""
        E, Wx, _, b = self.params
        if ids.min() < 0 or ids.max() >= self.V:
            raise ValueError(f"X has ids from {ids.min()} to {ids.max()}, expected 0 to {self.V - 1}")
        steps, table = np.require(ids.T, np.int64, "CW"), self.buffer("table", (self.V, len(b)))
        table[...] = b
        product(table, E, Wx)
        return steps.reshape(-1), table, steps

    def backward(self, dhs):
        (*_, Wh, _), (*_, dWh, db), (x, z, hs) = self.params, self.gradients, self.saved
        T, N, H = hs.shape
        hold("Recurrent", hs.dtype, (dhs, hs.shape))
        dz, dh, turned = self.buffer("dz", z.shape), self.buffer("dh", (N, H)), self.buffer("turned", Wh.shape[::-1])
        self.backward_steps(dhs, dz, dh, transposed(Wh, turned))
        rows = dz.reshape(T * N, -1)
        product(dWh, hs[:-1].reshape(-1, H).T, rows[N:], fresh=True)  # the state before the first step is zero
        if not self.V:
            np.sum(rows, axis=0, out=db)
            product(self.gradients[0], x.T, rows, fresh=True)
            return
        (E, Wx, *_), (dE, dWx, *_) = self.params, self.gradients
        dtable = self.buffer("dtable", (self.V, len(db)), zeroed=True)
        in_shares(add_at, (dtable, x, rows), len(db), rows.size * 16 > WORTH, unit=64)
        np.sum(dtable, axis=0, out=db)
        product(dWx, E.T, dtable, fresh=True)
        product_of_rows(dE, dtable, Wx, self.buffer("turned", Wx.shape[::-1]), fresh=True)

    def backward_steps(self, dhs, dz, dh, turned):
        """The last step first; turned: Whᵀ."""
        T, starts, add_product = len(dhs), starts_of(*turned.shape), loops("add_product")
        for t in reversed(range(T)):
            dh[...] = dhs[t]
            if t < T - 1:
                after = dz[t + 1].reshape(-1)
                add_product(dh[None], after, len(turned), 1, turned.reshape(-1), starts, 0, False, 0, len(dh))
            self.step_backward(t, dh, dz[t])


class RNN(Recurrent):
    """h[t] = tanh(z[t]): the plain cell."""

    def step(self, t):
        _, z, hs = self.saved
        rnn_cell(z[t], hs[t])

    def step_backward(self, t, dh, dz):
        rnn_cell_backward(dh, self.saved[2][t], dz)


class LSTM(Recurrent):
    """The cell of `solutions.lstm`, its parts in the order i, f, g, o."""

    G = 4

    def initialize(self, rng):
        """Forget gates start open (bias 1), so that gradients reach back from the first step on."""
        super().initialize(rng)
        self.params[-1][self.H : 2 * self.H] = 1

    def room(self, T, N):
        """cs[t] the cell before step t, its tanh after step t, and the cell's gradient."""
        H = self.H
        cs = self.buffer("cs", (T + 1, N, H))  # cs[0], never written, is zero
        return cs, self.buffer("shown", (T, N, H)), self.buffer("dc", (N, H))

    def step(self, t):
        (_, z, hs), (cs, shown, _) = self.saved, self.extra
        lstm_cell(z[t].reshape(-1, 4, self.H), cs[t], cs[t + 1], shown[t], hs[t])

    def step_backward(self, t, dh, dz):
        (_, z, hs), (cs, shown, dc) = self.saved, self.extra
        if t == len(hs) - 1:
            dc[...] = 0
        gates, slopes = z[t].reshape(-1, 4, self.H), dz.reshape(-1, 4, self.H)
        lstm_cell_backward(dh, dc, gates, cs[t], shown[t], slopes)


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
