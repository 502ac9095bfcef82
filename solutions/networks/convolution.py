"""Convolution, bias, ReLU and 2 × 2 max pooling as one layer, with the batch as the innermost axis.

Images are kept as (H, C, W, N). A row of W pixels of N images then lies in one piece, a kernel's tap is a shift of
where reading starts, and the innermost loop is hundreds of numbers long, whatever the number of channels. So no
patch is ever copied out (no im2col): four filters and four taps wait in registers while rows stream past.

Going back is the same walk: the gradient of the image is the correlation of dY with the flipped kernels.
Source of the layout: A. Krizhevsky, "One weird trick for parallelizing convolutional networks" (2014), its code.
"""

import numpy as np

from solutions.networks.layer import Layer
from solutions.twins import compiled

PIECE = 512  # numbers of a row at a time: four rows of Y and four of P fit into the first-level cache


@compiled
def correlate(Y, K, P, taps, width):
    """Y[h, f, m] = Σ_t K[f, t] · P[h · width + taps[t] + m], with whole fours of filters and of taps."""
    H, F, M = Y.shape
    T = K.shape[1]
    zero = Y.dtype.type(0)
    for h in range(H):
        for lo in range(0, M, PIECE):
            hi, start = min(lo + PIECE, M), h * width + lo
            for f in range(0, F, 4):
                y0, y1, y2, y3 = Y[h, f, lo:hi], Y[h, f + 1, lo:hi], Y[h, f + 2, lo:hi], Y[h, f + 3, lo:hi]
                for m in range(hi - lo):
                    y0[m] = y1[m] = y2[m] = y3[m] = zero
                for t in range(0, T, 4):
                    k00, k01, k02, k03 = K[f, t], K[f, t + 1], K[f, t + 2], K[f, t + 3]
                    k10, k11, k12, k13 = K[f + 1, t], K[f + 1, t + 1], K[f + 1, t + 2], K[f + 1, t + 3]
                    k20, k21, k22, k23 = K[f + 2, t], K[f + 2, t + 1], K[f + 2, t + 2], K[f + 2, t + 3]
                    k30, k31, k32, k33 = K[f + 3, t], K[f + 3, t + 1], K[f + 3, t + 2], K[f + 3, t + 3]
                    p0, p1 = P[start + taps[t] :], P[start + taps[t + 1] :]
                    p2, p3 = P[start + taps[t + 2] :], P[start + taps[t + 3] :]
                    for m in range(hi - lo):
                        a, b, c, d = p0[m], p1[m], p2[m], p3[m]
                        y0[m] += k00 * a + k01 * b + k02 * c + k03 * d
                        y1[m] += k10 * a + k11 * b + k12 * c + k13 * d
                        y2[m] += k20 * a + k21 * b + k22 * c + k23 * d
                        y3[m] += k30 * a + k31 * b + k32 * c + k33 * d


@compiled
def correlate_weights(dK, dY, P, taps, width, first, M):
    """dK[f, t] = Σ_h Σ_m dY[h, f, first + m] · P[h · width + taps[t] + m]            (m < M, whole fours as above)"""
    H, F, _ = dY.shape
    T = dK.shape[1]
    zero = dK.dtype.type(0)
    for f in range(F):
        for t in range(T):
            dK[f, t] = zero
    for h in range(H):
        for lo in range(0, M, PIECE):
            piece, start = min(PIECE, M - lo), h * width + lo
            for t in range(0, T, 4):
                p0, p1 = P[start + taps[t] :], P[start + taps[t + 1] :]
                p2, p3 = P[start + taps[t + 2] :], P[start + taps[t + 3] :]
                for f in range(0, F, 4):
                    y0, y1 = dY[h, f, first + lo :], dY[h, f + 1, first + lo :]
                    y2, y3 = dY[h, f + 2, first + lo :], dY[h, f + 3, first + lo :]
                    s00 = s01 = s02 = s03 = s10 = s11 = s12 = s13 = zero
                    s20 = s21 = s22 = s23 = s30 = s31 = s32 = s33 = zero
                    for m in range(piece):
                        s00 += y0[m] * p0[m]
                        s01 += y0[m] * p1[m]
                        s02 += y0[m] * p2[m]
                        s03 += y0[m] * p3[m]
                        s10 += y1[m] * p0[m]
                        s11 += y1[m] * p1[m]
                        s12 += y1[m] * p2[m]
                        s13 += y1[m] * p3[m]
                        s20 += y2[m] * p0[m]
                        s21 += y2[m] * p1[m]
                        s22 += y2[m] * p2[m]
                        s23 += y2[m] * p3[m]
                        s30 += y3[m] * p0[m]
                        s31 += y3[m] * p1[m]
                        s32 += y3[m] * p2[m]
                        s33 += y3[m] * p3[m]
                    k0, k1, k2, k3 = dK[f, t:], dK[f + 1, t:], dK[f + 2, t:], dK[f + 3, t:]
                    k0[0], k0[1], k0[2], k0[3] = k0[0] + s00, k0[1] + s01, k0[2] + s02, k0[3] + s03
                    k1[0], k1[1], k1[2], k1[3] = k1[0] + s10, k1[1] + s11, k1[2] + s12, k1[3] + s13
                    k2[0], k2[1], k2[2], k2[3] = k2[0] + s20, k2[1] + s21, k2[2] + s22, k2[3] + s23
                    k3[0], k3[1], k3[2], k3[3] = k3[0] + s30, k3[1] + s31, k3[2] + s32, k3[3] + s33


@compiled
def pool(Y, b, out, winner):
    """out = max(b + the largest of each 2 × 2 window, 0); winner says which of the four it was, 4 where out is 0."""
    Ho, F, Wo, N = out.shape
    for h in range(Ho):
        for f in range(F):
            bias, zero = b[f], b.dtype.type(0)
            for w in range(Wo):
                y0, y1 = Y[2 * h, f, 2 * w], Y[2 * h, f, 2 * w + 1]
                y2, y3 = Y[2 * h + 1, f, 2 * w], Y[2 * h + 1, f, 2 * w + 1]
                best, which = out[h, f, w], winner[h, f, w]
                for n in range(N):
                    p, q, r, s = y0[n], y1[n], y2[n], y3[n]
                    top, bottom = max(p, q), max(r, s)
                    largest = max(top, bottom) + bias
                    upper, lower = 0 if p >= q else 1, 2 if r >= s else 3
                    best[n] = max(largest, zero)
                    which[n] = (upper if top >= bottom else lower) if largest > zero else 4


@compiled
def pool_backward(dout, winner, dY, pad, db):
    """Every window's gradient to its winner, zero to the others; dY has a border of zeros, pad pixels wide."""
    Ho, F, Wo, N = dout.shape
    for h in range(Ho):
        for f in range(F):
            zero = db.dtype.type(0)
            for w in range(Wo):
                row, col, slope, which = 2 * h + pad, 2 * w + pad, dout[h, f, w], winner[h, f, w]
                for k in range(4):  # one row of dY at a time: with four in one loop LLVM gives up on vectors
                    y = dY[row + k // 2, f, col + k % 2]
                    for n in range(N):
                        y[n] = slope[n] if which[n] == k else zero
                total = zero
                for n in range(N):
                    total += slope[n] if which[n] < 4 else zero
                db[f] += total


def taps_of(C, k, side, N):
    """Where tap (c, i, j) starts to read, from the first pixel of a row on; padded to whole fours."""
    c, i, j = np.indices((C, k, k)).reshape(3, -1)
    starts = ((i * C + c) * side + j) * N
    return np.pad(starts, (0, -len(starts) % 4))


def in_fours(K):
    """Kernels (F, C, k, k) as rows of taps (F, T), with taps of weight zero to make whole fours."""
    rows = K.reshape(len(K), -1)
    return np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4)))


class ConvPool(Layer):
    """out = pool(max(K ⋆ x + b, 0)) for x (H, C, W, N), K (F, C, k, k), b (F,); zeros around x keep its sides.

    k is odd, F a multiple of four. Pooling is 2 × 2 with stride 2: sides are halved, an odd last row is dropped.
    """

    def __init__(self, C, F, k=3):
        if F % 4 or k % 2 == 0:
            raise ValueError(f"filters come in fours and kernels have a middle: got {F} filters of {k} × {k}")
        super().__init__({"K": (F, C, k, k), "b": (F,)}, fan_in=C * k * k)
        self.k, self.pad = k, k // 2

    def padded(self, name, H, C, W, N):
        """A buffer with a border of zeros, which nobody overwrites, and the part inside the border."""
        pad = self.pad
        whole = self.buffer(name, (H + 2 * pad, C, W + 2 * pad, N))
        return whole, whole[pad : pad + H, :, pad : pad + W]

    def correlate(self, Y, K, P):
        """Y (H, F, W, N) from P (H + 2 pad, C, W + 2 pad, N) and K (F, C, k, k)."""
        H, F, W, N = Y.shape
        _, C, side, _ = P.shape
        correlate(Y.reshape(H, F, W * N), in_fours(K), P.ravel(), taps_of(C, self.k, side, N), C * side * N)

    def forward(self, x):
        (K, b), (H, _, W, N), F = self.params, x.shape, len(self.params[1])
        P, inside = self.padded("P", *x.shape)
        inside[...] = x
        Y, out = self.buffer("Y", (H, F, W, N)), self.buffer("out", (H // 2, F, W // 2, N))
        self.correlate(Y, K, P)
        winner = self.buffer("winner", out.shape, np.int8)
        pool(Y, b, out, winner)
        self.saved = x.shape, P, winner
        return out

    def backward(self, dout):
        (K, _), (dK, db), (shape, P, winner) = self.params, self.gradients, self.saved
        (H, C, W, N), F = shape, len(K)
        dY, _ = self.padded("dY", H, F, W, N)
        pool_backward(dout, winner, dY, self.pad, db)
        side = W + 2 * self.pad
        sums, taps = np.empty_like(in_fours(K)), taps_of(C, self.k, side, N)
        rows = dY[self.pad : self.pad + H].reshape(H, F, side * N)
        correlate_weights(sums, rows, P.ravel(), taps, C * side * N, self.pad * N, W * N)
        dK += sums[:, : dK[0].size].reshape(dK.shape)
        if self.first:
            return None
        if C % 4:  # going back, the channels are the filters
            raise ValueError(f"filters come in fours: nothing but the first layer may have {C} channels")
        dx = self.buffer("dx", shape)
        self.correlate(dx, K[:, :, ::-1, ::-1].transpose(1, 0, 2, 3), dY)
        return dx


class ImagesIn(Layer):
    """Images (N, C, H, W) as (H, C, W, N)."""

    def forward(self, X):
        return X.transpose(2, 1, 3, 0)  # a view: the convolution copies it inside its border


class Flatten(Layer):
    """Images (H, C, W, N) as rows (N, C · H · W), pixels in the order of (N, C, H, W) arrays."""

    def forward(self, x):
        H, C, W, N = self.shape = x.shape
        rows = self.buffer("rows", (N, C, H, W), x.dtype)
        rows[...] = x.transpose(3, 1, 0, 2)
        return rows.reshape(N, -1)

    def backward(self, dy):
        H, C, W, N = self.shape
        dx = self.buffer("dx", self.shape, dy.dtype)
        dx[...] = dy.reshape(N, C, H, W).transpose(2, 1, 3, 0)
        return dx
