"""Dense layers with their bias and ReLU: a hidden layer, and the readout that ends every classifier.

A layer names its parameters (`shapes`), is lent views of the network's buffers for them (`bind`), and keeps what
its backward pass needs. `backward` writes the gradients of its parameters and returns that of its input;
the gradient it is given may be overwritten.
"""

from solutions.fast.blocked import flat, starts_of
from solutions.fast.by_address import call
from solutions.fast.tape import in_shares
from solutions.fast.vectors import all_apart, full_vectors
from solutions.networks.layer import COLUMNS, Layer
from solutions.networks.rows import copy, sum_rows
from solutions.networks.tier import WORTH, code, hold, product, product_of_rows
from solutions.twins import compiled


@compiled(inside=True)
def rectify(y, b, lo, hi):
    """y[n, m] = max(y[n, m] + b[m], 0), lo ≤ m < hi"""
    zero = y.dtype.type(0)
    for n in range(len(y)):
        for m in range(lo, hi):
            z = y[n, m] + b[m]
            y[n, m] = zero if z < zero else z


@compiled(inside=True)
def rectify_backward(dy, y, db, lo, hi):
    """dy, in place, to dz = dy where the ReLU let something through, else 0; db[m] = Σ_n dz[n, m], lo ≤ m < hi"""
    zero = y.dtype.type(0)
    for m in range(lo, hi):
        db[m] = zero
    for n in range(len(y)):
        for m in range(lo, hi):
            dz = dy[n, m] if y[n, m] > zero else zero
            dy[n, m] = dz
            db[m] += dz


@compiled
def forward_columns(add_product, x, down, across, W, starts, b, y, lo, hi):
    """Columns lo to hi of y (1, N, M) = max(x · W + b, 0); x and W are flat."""
    full_vectors(), all_apart()
    call(add_product, (y, x, down, across, W, starts, 0, 1, lo, hi, 0, y.shape[1]))
    rectify(y[0], b, lo, hi)


@compiled
def backward_columns(add_product, x, down, across, dy, starts, y, dW, db, lo, hi):
    """Columns lo to hi of dz, in the place of dy (N, M); then of dW (1, D, M) = x · dz, and of db; x is flat, and xᵀ."""
    full_vectors(), all_apart()
    rectify_backward(dy, y, db, lo, hi)
    call(add_product, (dW, x, down, across, dy.reshape(-1), starts, 0, 1, lo, hi, 0, dW.shape[1]))


@compiled
def inputs_backward(add_product, transpose, dz, W, turned, starts, dx, lo, hi):
    """Columns lo to hi of dx (1, N, D) = dz · Wᵀ; turned (M, D): room for Wᵀ; dz is flat."""
    N, M = dx.shape[1], len(turned)
    call(transpose, (W, turned, lo, hi))
    call(add_product, (dx, dz, M, 1, turned.reshape(-1), starts, 0, 1, lo, hi, 0, N))


class Dense(Layer):
    """y = max(x · W + b, 0) for x (N, D), W (D, M), b (M,).

    Threads share its columns. So each has a part of W of its own to read and to change, which stays in its cache.
    """

    def __init__(self, D, M):
        super().__init__({"W": (D, M), "b": (M,)}, fan_in=D)

    def forward(self, x):
        (W, b), N = self.params, len(x)
        D, M = W.shape
        y = self.buffer("y", (N, M))
        hold("Dense", W.dtype, (W, (x.shape[1], M)))
        arguments = code("add_product", W.dtype), *flat(x), W.reshape(-1), starts_of(D, M), b, y[None]
        in_shares(forward_columns, arguments, M, N * W.size > WORTH, unit=COLUMNS)
        self.saved = x, y
        return y

    def backward(self, dy):
        (W, _), (dW, db), (x, y) = self.params, self.gradients, self.saved
        (N, M), D = y.shape, len(W)
        hold("Dense", W.dtype, (dy, y.shape))
        multiply, worth = code("add_product", W.dtype), N * W.size > WORTH
        arguments = multiply, *flat(x.T), dy, starts_of(N, M), y, dW[None], db
        in_shares(backward_columns, arguments, M, worth, unit=COLUMNS)
        if self.first:
            return None
        if not x.flags.c_contiguous:  # dx by columns as well
            dx = self.buffer("dx", x.shape[::-1]).T
            product_of_rows(dx.T, W, dy, self.buffer("turned", dy.shape[::-1]), fresh=True)
            return dx
        dx, turned = self.buffer("dx", x.shape), self.buffer("turned", (M, D))
        arguments = multiply, code("transpose", W.dtype), dy.reshape(-1), W, turned, starts_of(M, D), dx[None]
        in_shares(inputs_backward, arguments, D, worth, unit=COLUMNS)
        return dx


class Readout(Layer):
    """z = x · W + b for x (N, D), W (D, C), b (C,); W is stored by columns, so that a few classes C are never the
    innermost loop."""

    def __init__(self, D, C):
        super().__init__({"W": (D, C), "b": (C,)}, columns=("W",), fan_in=D)

    def forward(self, x):
        W, b = self.params
        z = self.buffer("z", (len(x), W.shape[1]))
        copy(z, b)
        product_of_rows(z, x, W.T, self.buffer("turned", W.shape))
        self.saved = x
        return z

    def backward(self, dz):
        (W, _), (dW, db), x = self.params, self.gradients, self.saved
        in_shares(sum_rows, (dz, db), len(db), worth=False)
        product(dW.T, dz.T, x, fresh=True)
        dx = self.buffer("dx", x.shape)
        product(dx, dz, W.T, fresh=True)
        return dx
