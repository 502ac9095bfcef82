"""Convolution, bias, ReLU and 2 × 2 max pooling as one layer, with the batch as the innermost axis.

Images are kept as (H, C, W, N). A row of W pixels of N images then lies in one piece, a kernel's tap is a shift of
where reading starts, and the innermost loop is hundreds of numbers long, whatever the number of channels. So no
patch is ever copied out (no im2col): a row of the convolution is a product of the kernels with rows that overlap.
Two rows at a time are pooled while they still are in the cache.

Going back is the same walk: the gradient of the image is the correlation of dY with the flipped kernels.
Source of the layout: A. Krizhevsky, "One weird trick for parallelizing convolutional networks" (2014), its code.
"""

import functools
import math

import numpy as np

from solutions.networks.layer import Layer
from solutions.networks.tier import WORTH, loops
from solutions.threads import SHARES, in_shares
from solutions.twins import compiled
from solutions.vectors import all_apart, full_vectors


@compiled
def pool(Y, b, out, winner):
    """out = max(b + the largest of each 2 × 2 window, 0); winner says which of the four it was, 4 where out is 0."""
    full_vectors(), all_apart()
    F, Wo, N = out.shape
    zero = b.dtype.type(0)
    for f in range(F):
        for w in range(Wo):
            for n in range(N):
                best, which = Y[0, f, 2 * w, n], 0
                for k in range(1, 4):
                    y = Y[k >> 1, f, 2 * w + (k & 1), n]
                    best, which = (y, k) if y > best else (best, which)
                best += b[f]
                out[f, w, n] = zero if best < zero else best
                winner[f, w, n] = which if best > zero else 4


@compiled
def pool_backward(dout, winner, dY, pad, db, lo, hi):
    """Every window's gradient to its winner, zero to the others, for filters lo to hi.

    dY has a border of zeros, pad pixels wide.
    """
    full_vectors(), all_apart()
    Ho, _, Wo, N = dout.shape
    zero = db.dtype.type(0)
    for h in range(Ho):
        for f in range(lo, hi):
            for w in range(Wo):
                total = zero
                for n in range(N):
                    slope, which = dout[h, f, w, n], winner[h, f, w, n]
                    for k in range(4):
                        dY[2 * h + pad + (k >> 1), f, 2 * w + pad + (k & 1), n] = slope if which == k else zero
                    total += slope if which < 4 else zero
                db[f] += total


def correlate(Y, K, P, taps, width, lo, hi):
    """Y[h, f, m] = Σ_t K[f, t] · P[h · width + taps[t] + m], lo ≤ h < hi."""
    loops("add_product")(Y[lo:hi], K.reshape(-1), len(taps), 1, P, taps + lo * width, width, True, 0, len(K))


def correlate_and_pool(out, winner, scratch, K, b, P, taps, width, lo, hi):
    """Rows lo to hi of out, each from two rows of the convolution; scratch has two for every share of the work."""
    pair = scratch[lo * SHARES // len(out)]
    rows = pair.reshape(2, len(K), -1)
    for h in range(lo, hi):
        correlate(rows, K, P[2 * h * width :], taps, width, 0, 2)
        pool(pair, b, out[h], winner[h])


def kernels_backward(dK, dout, winner, dY, pad, db, P, taps, width, lo, hi):
    """db and dK of filters lo to hi, from two rows of dY at a time, which are dropped after that."""
    add_dots, rows = loops("add_dots"), dY[pad : pad + 2].reshape(2, len(db), -1)
    for h in range(len(dout)):
        pool_backward(dout[h : h + 1], winner[h : h + 1], dY, pad, db, lo, hi)
        add_dots(dK, rows, P[2 * h * width :], taps, width, lo, hi)


@functools.lru_cache(maxsize=256)
def taps_of(C, k, side, N):
    """Where tap (c, i, j) starts to read, from the first pixel of a row on; padded to whole fours."""
    c, i, j = np.indices((C, k, k)).reshape(3, -1)
    starts = ((i * C + c) * side + j) * N
    return np.pad(starts, (0, -len(starts) % 4))


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
        """Three views of a buffer: with a border of zeros, which nobody overwrites; inside it; and all of it, flat.

        Before and after the border lie as many zeros again as it is wide: `add_dots` reads that far.
        """
        pad, shape = self.pad, (H + 2 * self.pad, C, W + 2 * self.pad, N)
        flat = self.buffer(name, (math.prod(shape) + 2 * pad * N,))
        whole = flat[pad * N : -pad * N].reshape(shape)
        return whole, whole[pad : pad + H, :, pad : pad + W], flat

    def forward(self, x):
        (K, b), (H, C, W, N), F, pad = self.params, x.shape, len(self.params[1]), self.pad
        if K.shape[1] != C:
            raise ValueError(f"ConvPool: images have {C} channels, expected {K.shape[1]}")
        P, inside, flat = self.padded("P", H, C, W, N)
        inside[...] = x
        out = self.buffer("out", (H // 2, F, W // 2, N))
        winner = self.buffer("winner", out.shape, np.int8)
        scratch = self.buffer("Y", (SHARES, 2, F, W, N))
        taps = taps_of(C, self.k, P.shape[2], N)
        rows = self.buffer("K", (F, len(taps)))
        rows[:, : K[0].size] = K.reshape(F, -1)  # beyond them, weights of zero make whole fours
        arguments = out, winner, scratch, rows, b, flat[pad * N :], taps, P[0].size
        in_shares(correlate_and_pool, arguments, H // 2, K.size * H * W * N > WORTH, unit=1)
        self.saved = x.shape, P, flat, winner
        return out

    def backward(self, dout):
        (K, _), (dK, db), (shape, P, flat, winner) = self.params, self.gradients, self.saved
        (H, C, W, N), F, pad = shape, len(K), self.pad
        worth = K.size * H * W * N > WORTH
        dK.fill(0)
        db.fill(0)
        # dK[f, t] += Σ_h Σ_m dY[h, f, m] · P[h · width + taps[t] + m]; the zeros in dY's border add nothing.
        where = flat, taps_of(C, self.k, P.shape[2], N)[: K[0].size], P[0].size
        if self.first:
            dY, _, _ = self.padded("dY", 2, F, W, N)
            in_shares(kernels_backward, (dK.reshape(F, -1), dout, winner, dY, pad, db, *where), F, worth)
            return None
        dY, _, flat_dY = self.padded("dY", H, F, W, N)
        in_shares(pool_backward, (dout, winner, dY, pad, db), F, worth)
        rows = dY[pad : pad + H].reshape(H, F, -1)
        in_shares(loops("add_dots"), (dK.reshape(F, -1), rows, *where), F, worth)
        dx, flipped = self.buffer("dx", shape), K[:, :, ::-1, ::-1].transpose(1, 0, 2, 3).reshape(C, -1)
        where = flat_dY[pad * N :], taps_of(F, self.k, dY.shape[2], N)[: flipped[0].size], dY[0].size
        in_shares(correlate, (dx.reshape(H, C, -1), flipped, *where), H, worth, unit=1)
        return dx


class ImagesIn(Layer):
    """Images (N, C, H, W) as (H, C, W, N)."""

    def forward(self, X):
        return X.transpose(2, 1, 3, 0)  # a view: the convolution copies it inside its border


class Flatten(Layer):
    """Images (H, C, W, N) as rows (N, C · H · W), pixels in the order of (N, C, H, W) arrays; stored by columns."""

    def forward(self, x):
        H, C, W, N = self.shape = x.shape
        columns = self.buffer("columns", (C, H, W, N), x.dtype)
        columns[...] = x.transpose(1, 0, 2, 3)  # the batch stays innermost: whole lines are copied
        return columns.reshape(-1, N).T

    def backward(self, dy):
        H, C, W, N = self.shape
        dx = self.buffer("dx", self.shape, dy.dtype)
        dx[...] = dy.reshape(N, C, H, W).transpose(2, 1, 3, 0)
        return dx
