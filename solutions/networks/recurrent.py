"""Recurrent layers over whole sequences: products in one piece where time allows, and the steps in one compiled loop.

Time comes first here, (T, N, …): a step's rows then lie in one piece. What does not depend on the state is one
product for all steps. Steps wait for each other, but sequences do not: these are what threads share. The products
in between are called by their address (`fast/by_address.py`), so that no loop here contains them once more. An LSTM's
gates lie side by side, and each is taken as a slice: an offset such as z[t, n, 2 · H + j] would keep the loops from
becoming vector instructions.
"""

import numpy as np

from solutions.fast.arithmetic import tanh
from solutions.fast.blocked import starts_of
from solutions.fast.by_address import call
from solutions.fast.tape import in_shares
from solutions.fast.vectors import all_apart, full_vectors
from solutions.networks.layer import Layer
from solutions.networks.rows import copy
from solutions.networks.tier import WORTH, code, hold, product, product_of_rows, sum_of_rows, transposed
from solutions.twins import compiled

NOBODY = np.zeros((0, 0), np.int64)  # ids, where there are none


@compiled(inside=True)
def gather(add_product, t, table, ids, Wh, starts, z, hs, lo, hi):
    """z[t] = table[ids[t]], where there is a table, + h[t−1] · Wh for rows lo to hi; hs is flat."""
    _, N, GH = z.shape
    for n in range(lo, hi if len(table) > 0 else lo):
        for m in range(GH):
            z[t, n, m] = table[ids[t, n], m]
    if t > 0:
        H = len(starts)
        call(add_product, (z[t : t + 1], hs[(t - 1) * N * H :], H, 1, Wh, starts, 0, 0, 0, GH, lo, hi))


@compiled(inside=True)
def gather_backward(add_product, t, dhs, dh, turned, starts, dz, lo, hi):
    """dh (1, N, H) = dhs[t] + dz[t+1] · Whᵀ for rows lo to hi; dz is flat."""
    T, N, H = dhs.shape
    for n in range(lo, hi):
        for j in range(H):
            dh[0, n, j] = dhs[t, n, j]
    if t + 1 < T:
        GH = len(starts)
        call(add_product, (dh, dz[(t + 1) * N * GH :], GH, 1, turned, starts, 0, 0, 0, H, lo, hi))


@compiled(by_address=True)
def rnn_steps(add_product, table, ids, Wh, starts, z, hs, lo, hi):
    """h[t] = tanh z[t] for rows lo to hi, one step after the other; hs is flat."""
    full_vectors(), all_apart()
    T, N, H = z.shape
    for t in range(T):
        gather(add_product, t, table, ids, Wh, starts, z, hs, lo, hi)
        for n in range(lo, hi):
            h = hs[(t * N + n) * H :]
            for j in range(H):
                h[j] = tanh(z[t, n, j])


@compiled(by_address=True)
def rnn_steps_backward(add_product, dhs, dh, turned, starts, hs, dz, lo, hi):
    """dz[t] = dh ⊙ (1 − h[t]²) for rows lo to hi, the last step first; dz is flat."""
    full_vectors(), all_apart()
    one = hs.dtype.type(1)
    T, N, H = hs.shape
    for t in range(T - 1, -1, -1):
        gather_backward(add_product, t, dhs, dh, turned, starts, dz, lo, hi)
        for n in range(lo, hi):
            slopes = dz[(t * N + n) * H :]
            for j in range(H):
                slopes[j] = dh[0, n, j] * (one - hs[t, n, j] * hs[t, n, j])


@compiled(by_address=True)
def lstm_steps(add_product, table, ids, Wh, starts, z, hs, cs, shown, lo, hi):
    """i, f, g, o in the place of z; c[t+1] = f ⊙ c[t] + i ⊙ g, shown[t] = tanh c[t+1], h[t] = o ⊙ shown[t]; hs is flat."""
    full_vectors(), all_apart()
    T, N, H = shown.shape
    one, zero, half = z.dtype.type(1), z.dtype.type(0), z.dtype.type(0.5)
    for t in range(T):
        gather(add_product, t, table, ids, Wh, starts, z, hs, lo, hi)
        for n in range(lo, hi):
            for part in range(4):
                gate = z[t, n, part * H : part * H + H]
                scale, shift = (one, zero) if part == 2 else (half, half)  # σ(z) = 1/2 + 1/2 tanh(z / 2)
                for j in range(H):
                    gate[j] = shift + scale * tanh(scale * gate[j])
            i, f, g, o = z[t, n, :H], z[t, n, H : 2 * H], z[t, n, 2 * H : 3 * H], z[t, n, 3 * H :]
            h = hs[(t * N + n) * H :]
            for j in range(H):
                cs[t + 1, n, j] = f[j] * cs[t, n, j] + i[j] * g[j]
                shown[t, n, j] = tanh(cs[t + 1, n, j])
                h[j] = o[j] * shown[t, n, j]


@compiled(by_address=True)
def lstm_steps_backward(add_product, dhs, dh, turned, starts, gates, cs, shown, dc, dz, lo, hi):
    """dz[t] at the four sums, the last step first; dc (N, H) is the gradient at c[t+1], at first 0; dz is flat."""
    full_vectors(), all_apart()
    T, N, H = shown.shape
    one, zero = dh.dtype.type(1), dh.dtype.type(0)
    for t in range(T - 1, -1, -1):
        gather_backward(add_product, t, dhs, dh, turned, starts, dz, lo, hi)
        for n in range(lo, hi):
            row, first = gates[t, n], (t * N + n) * 4 * H
            i, f, g, o = row[:H], row[H : 2 * H], row[2 * H : 3 * H], row[3 * H :]
            di, df = dz[first : first + H], dz[first + H : first + 2 * H]
            dg, do = dz[first + 2 * H : first + 3 * H], dz[first + 3 * H : first + 4 * H]
            for j in range(H):
                later = dc[n, j] if t + 1 < T else zero
                slope = later + dh[0, n, j] * o[j] * (one - shown[t, n, j] * shown[t, n, j])
                di[j] = slope * g[j] * i[j] * (one - i[j])
                df[j] = slope * cs[t, n, j] * f[j] * (one - f[j])
                dg[j] = slope * i[j] * (one - g[j] * g[j])
                do[j] = dh[0, n, j] * shown[t, n, j] * o[j] * (one - o[j])
                dc[n, j] = slope * f[j]


@compiled(by_address=True)
def add_at(sums, ids, rows, lo, hi):
    """sums[v, m] = Σ_r rows[r, m] over all r with ids[r] = v, lo ≤ m < hi"""
    all_apart()
    sums[:, lo:hi] = 0
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

    def receive(self, X, dtype):
        """Steps first: (T, N, D), or ids (T, N)."""
        if self.V:
            if X.min() < 0 or X.max() >= self.V:
                raise ValueError(f"X has ids from {X.min()} to {X.max()}, expected 0 to {self.V - 1}")
            dtype = np.int64
        return super().receive(X.swapaxes(0, 1), dtype)

    def forward(self, x):
        (*_, Wh, b), (T, N) = self.params, x.shape[:2]
        z, hs = self.buffer("z", (T, N, len(b))), self.buffer("hs", (T, N, self.H))
        x, table, ids = self.look_up(x) if self.V else self.project(x, z.reshape(T * N, -1))
        hold("Recurrent", z.dtype, (Wh, (self.H, len(b))), (table, (len(table), len(b))))
        self.saved = x, z, hs
        first = code("add_product", z.dtype), table, ids, Wh.reshape(-1), starts_of(*Wh.shape), z, hs.reshape(-1)
        in_shares(self.steps, (*first, *self.room(T, N)), N, T * N * Wh.size > WORTH)
        return hs

    def room(self, T, N):
        """The arrays that a cell's steps need besides."""
        return ()

    def project(self, x, rows):
        """rows = x · Wx + b, a row for every step of every sequence -> x (T · N, D), and nothing to look up."""
        Wx, _, b = self.params
        x = x.reshape(-1, len(Wx))
        copy(rows, b)
        product(rows, x, Wx)
        return x, rows[:0], NOBODY

    def look_up(self, ids):
        """The ids in the order of the rows (T · N,), the table E · Wx + b, and the ids by steps (T, N)."""
        E, Wx, _, b = self.params
        table = self.buffer("table", (self.V, len(b)))
        copy(table, b)
        product(table, E, Wx)
        return ids.reshape(-1), table, ids

    def backward(self, dhs):
        (*_, Wh, _), (*_, dWh, db), (x, z, hs) = self.params, self.gradients, self.saved
        T, N, H = hs.shape
        hold("Recurrent", hs.dtype, (dhs, hs.shape))
        dz, dh, turned = self.buffer("dz", z.shape), self.buffer("dh", (1, N, H)), self.buffer("turned", Wh.shape[::-1])
        first = code("add_product", z.dtype), dhs, dh, transposed(Wh, turned).reshape(-1), starts_of(*turned.shape)
        in_shares(self.steps_backward, (*first, *self.kept(T, N), dz.reshape(-1)), N, T * N * Wh.size > WORTH)
        rows = dz.reshape(T * N, -1)
        product(dWh, hs[:-1].reshape(-1, H).T, rows[N:], fresh=True)  # the state before the first step is zero
        if not self.V:
            sum_of_rows(db, rows)
            product(self.gradients[0], x.T, rows, fresh=True)
            return
        (E, Wx, *_), (dE, dWx, *_) = self.params, self.gradients
        dtable = self.buffer("dtable", (self.V, len(db)))
        in_shares(add_at, (dtable, x, rows), len(db), rows.size * 16 > WORTH, unit=64)
        sum_of_rows(db, dtable)
        product(dWx, E.T, dtable, fresh=True)
        product_of_rows(dE, dtable, Wx, self.buffer("turned", Wx.shape[::-1]), fresh=True)

    def kept(self, T, N):
        """What the steps back need of those there."""
        return (self.saved[2],)


class RNN(Recurrent):
    """h[t] = tanh(z[t]): the plain cell."""

    steps, steps_backward = staticmethod(rnn_steps), staticmethod(rnn_steps_backward)


class LSTM(Recurrent):
    """The cell of `solutions.lstm`, its parts in the order i, f, g, o."""

    G = 4
    steps, steps_backward = staticmethod(lstm_steps), staticmethod(lstm_steps_backward)

    def initialize(self, rng):
        """Forget gates start open (bias 1), so that gradients reach back from the first step on."""
        super().initialize(rng)
        self.params[-1][self.H : 2 * self.H] = 1

    def room(self, T, N):
        """cs[t] the cell before step t, and its tanh after step t."""
        return self.buffer("cs", (T + 1, N, self.H)), self.buffer("shown", (T, N, self.H))  # cs[0] stays zero

    def kept(self, T, N):
        return self.saved[1], *self.room(T, N), self.buffer("dc", (N, self.H))


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
        copy(dhs[-1], dy)
        return dhs
