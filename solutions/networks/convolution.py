"""Convolution, bias, ReLU and 2 × 2 max pooling as one layer, with the batch as the innermost axis.

Images are kept as (H, C, W, N). A row of W pixels of N images then lies in one piece, a kernel's tap is a shift of
where reading starts, and the innermost loop is hundreds of numbers long, whatever the number of channels. So no
patch is ever copied out (no im2col): a row of the convolution is a product of the kernels with rows that overlap.
Some rows at a time are pooled while they still are in the cache; the product is called by its address there
(`fast/by_address.py`), so that the loops around it do not contain it once more.

Going back is the same walk: the gradient of the image is the correlation of dY with the kernels, turned around.
Source of the layout: A. Krizhevsky, "One weird trick for parallelizing convolutional networks" (2014), its code.
"""

import functools

import numpy as np

from solutions.fast.by_address import call
from solutions.fast.tape import in_shares
from solutions.fast.threads import SHARES
from solutions.fast.vectors import all_apart, full_vectors
from solutions.networks.layer import Layer
from solutions.networks.rows import copy
from solutions.networks.tier import WORTH, code, loops, transposed
from solutions.twins import compiled

CACHE = 1 << 19  # bytes that surely stay in a second-level cache


@compiled(inside=True)
def pool(Y, b, out, winner, lo, hi):
    """out = max(b + the largest of each 2 × 2 window, 0) for rows lo to hi; winner: which of the four, 4 where out is 0.

    Y (2 (hi − lo), F, W · N) has the rows of N images side by side.
    """
    _, F, Wo, N = out.shape
    zero = b.dtype.type(0)
    for h in range(lo, hi):
        for f in range(F):
            for w in range(Wo):
                for n in range(N):
                    best, which = Y[2 * (h - lo), f, 2 * w * N + n], 0
                    for k in range(1, 4):
                        y = Y[2 * (h - lo) + (k >> 1), f, (2 * w + (k & 1)) * N + n]
                        best, which = (y, k) if y > best else (best, which)
                    best += b[f]
                    out[h, f, w, n] = zero if best < zero else best
                    winner[h, f, w, n] = which if best > zero else 4


@compiled(inside=True)
def pool_backward(dout, winner, dY, above, db, rows, filters):
    """Every window's gradient to its winner, zero to the others, for rows and filters, each from … to ….

    dY (…, F, at least W · N) begins with row `above` of the convolution.
    """
    Wo, N = dout.shape[2:]
    zero = db.dtype.type(0)
    for h in range(rows[0], rows[1]):
        for f in range(filters[0], filters[1]):
            for w in range(Wo):
                total = zero
                for n in range(N):
                    slope, which = dout[h, f, w, n], winner[h, f, w, n]
                    for k in range(4):
                        dY[2 * h - above + (k >> 1), f, (2 * w + (k & 1)) * N + n] = slope if which == k else zero
                    total += slope if which < 4 else zero
                db[f] += total


@compiled(by_address=True)
def correlate_and_pool(add_product, out, winner, scratch, K, b, P, taps, width, lo, hi):
    """Rows lo to hi of out, some at a time: scratch has room for them, once for every share of the work."""
    full_vectors(), all_apart()
    room = scratch[lo * SHARES // len(out)]
    step = len(room) // 2
    for h in range(lo, hi, step):
        end = h + step if h + step < hi else hi
        Y = room[: 2 * (end - h)]
        call(add_product, (Y, K, len(taps), 1, P[2 * h * width :], taps, width, 1, 0, Y.shape[2], 0, len(b)))
        pool(Y, b, out, winner, h, end)


@compiled(by_address=True)
def kernels_backward(add_dots, dK, dout, winner, dY, D, step, db, P, taps, width, lo, hi):
    """dK, db and dY of filters lo to hi, `step` rows of dout at a time: dY has room for all, or for those alone.

    A row of dY is D = W · N numbers long; what lies behind them is a border.
    """
    full_vectors(), all_apart()
    for f in range(lo, hi):
        db[f] = 0
        for tap in range(len(taps)):
            dK[f, tap] = 0
    for h in range(0, len(dout), step):
        end = h + step if h + step < len(dout) else len(dout)
        above = 2 * h if len(dY) < 2 * len(dout) else 0
        pool_backward(dout, winner, dY, above, db, (h, end), (lo, hi))
        # dK[f, t] += Σ_h Σ_m dY[h, f, m] · P[h · width + taps[t] + m]
        call(add_dots, (dK, dY[2 * h - above : 2 * end - above], D, P[2 * h * width :], taps, width, lo, hi))


def rows_at_once(Ho, F, W, N, dtype):
    """How many rows of a convolution are computed before they are pooled: an even number that the cache holds."""
    pair = 2 * F * W * N * np.dtype(dtype).itemsize
    return 2 * max(1, min(Ho, CACHE // pair))


@functools.lru_cache(maxsize=256)
def taps_of(C, k, side, N, together=1, turned=False):
    """Where tap (c, i, j) starts to read, from the first pixel of a row on; padded to as many as loops take together.

    turned: where (c, k − 1 − i, k − 1 − j) would.
    """
    c, i, j = np.indices((C, k, k)).reshape(3, -1)
    if turned:
        i, j = k - 1 - i, k - 1 - j
    starts = ((i * C + c) * side + j) * N
    return np.pad(starts, (0, -len(starts) % together))


class ConvPool(Layer):
    """out = pool(max(K ⋆ x + b, 0)) for x (H, C, W, N), K (F, C, k, k), b (F,); zeros around x keep its sides.

    k is odd. Pooling is 2 × 2 with stride 2: sides are halved, an odd last row is dropped.
    """

    def __init__(self, C, F, k=3):
        if k % 2 == 0:
            raise ValueError(f"kernels have a middle: got {F} filters of {k} × {k}")
        super().__init__({"K": (F, C, k, k), "b": (F,)}, fan_in=C * k * k)
        self.k, self.pad = k, k // 2

    def padded(self, name, H, C, W, N):
        """Two views of a buffer: with a border of zeros, which nobody overwrites, and inside it."""
        pad = self.pad
        whole = self.buffer(name, (H + 2 * pad, C, W + 2 * pad, N))
        return whole, whole[pad : pad + H, :, pad : pad + W]

    def forward(self, x):
        (K, b), (H, C, W, N), F = self.params, x.shape, len(self.params[1])
        if K.shape[1] != C:
            raise ValueError(f"ConvPool: images have {C} channels, expected {K.shape[1]}")
        P, inside = self.padded("P", H, C, W, N)
        copy(inside, x)
        out = self.buffer("out", (H // 2, F, W // 2, N))
        winner = self.buffer("winner", out.shape, np.int8)
        scratch = self.buffer("Y", (SHARES, rows_at_once(H // 2, F, W, N, x.dtype), F, W * N))
        taps = taps_of(C, self.k, P.shape[2], N, loops("TOGETHER"))
        rows = K.reshape(F, -1)
        if len(taps) > rows.shape[1]:  # there are weights of zero for taps that there are not
            rows = self.buffer("K", (F, len(taps)))
            copy(rows[:, : K[0].size], K.reshape(F, -1))
        first = code("add_product", x.dtype), out, winner, scratch, rows.reshape(-1), b
        arguments = *first, P.reshape(-1), taps, P[0].size
        in_shares(correlate_and_pool, arguments, H // 2, K.size * H * W * N > WORTH, unit=1)
        self.saved = x.shape, P, winner
        return out

    def backward(self, dout):
        (K, _), (dK, db), (shape, P, winner) = self.params, self.gradients, self.saved
        (H, C, W, N), F = shape, len(K)
        worth = K.size * H * W * N > WORTH
        step = rows_at_once(H // 2, F, W, N, dK.dtype) // 2
        if self.first:  # nobody asks for dY afterwards
            dY = self.buffer("dY", (2 * step, F, W * N))
        else:
            whole, _ = self.padded("dY", H, F, W, N)
            size = whole[0].size  # from the first pixel inside, it is that far to the one a row below
            dY = whole.reshape(-1)[self.pad * (size + N) :][: H * size].reshape(H, F, -1)
        first = code("add_dots", dK.dtype), dK.reshape(F, -1), dout, winner, dY, W * N, step, db
        where = P.reshape(-1), taps_of(C, self.k, P.shape[2], N), P[0].size
        in_shares(kernels_backward, (*first, *where), F, worth)
        if self.first:
            return None
        dx, of_channels = self.buffer("dx", shape), self.buffer("of channels", (C, F, self.k * self.k))
        copy(of_channels, K.reshape(F, C, -1).transpose(1, 0, 2))
        taps = taps_of(F, self.k, whole.shape[2], N, turned=True)
        rows, kernels, source = dx.reshape(H, C, -1), of_channels.reshape(-1), whole.reshape(-1)
        product = rows, kernels, len(taps), 1, source, taps, size, 1, 0, W * N
        in_shares(loops("add_product"), product, C, worth)
        return dx


class ImagesIn(Layer):
    """Images (N, C, H, W) as (H, C, W, N)."""

    def forward(self, X):
        N, C, H, W = X.shape
        x = self.buffer("x", (C * H * W, N), X.dtype)
        transposed(X.reshape(N, -1), x)
        return x.reshape(C, H, W, N).transpose(1, 0, 2, 3)  # a view: the convolution copies it inside its border


class Flatten(Layer):
    """Images (H, C, W, N) as rows (N, C · H · W), pixels in the order of (N, C, H, W) arrays; stored by columns."""

    def forward(self, x):
        H, C, W, N = self.shape = x.shape
        columns = self.buffer("columns", (C, H, W, N), x.dtype)
        copy(columns, x.transpose(1, 0, 2, 3))  # the batch stays innermost
        return columns.reshape(-1, N).T

    def backward(self, dy):
        H, C, W, N = self.shape
        dx = self.buffer("dx", self.shape, dy.dtype)
        copy(dx, dy.T.reshape(C, H, W, N).transpose(1, 0, 2, 3))
        return dx
