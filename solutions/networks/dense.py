"""Dense layers with their bias and ReLU: a hidden layer, and the readout that ends every classifier.

A layer names its parameters (`shapes`), is lent views of the network's buffers for them (`bind`), and keeps what
its backward pass needs. `backward` writes the gradients of its parameters and returns that of its input;
the gradient it is given may be overwritten.
"""

from solutions.fast.tape import in_shares
from solutions.fast.vectors import all_apart, full_vectors
from solutions.networks.layer import Layer
from solutions.networks.rows import copy
from solutions.networks.tier import product, product_of_rows, sum_of_rows
from solutions.twins import compiled


@compiled(by_address=True)
def rectify(y, b, lo, hi):
    """y[n, m] = max(y[n, m] + b[m], 0), lo ≤ n < hi"""
    full_vectors(), all_apart()
    zero = y.dtype.type(0)
    for n in range(lo, hi):
        for m in range(len(b)):
            z = y[n, m] + b[m]
            y[n, m] = zero if z < zero else z


@compiled(by_address=True)
def rectify_backward(dy, y, lo, hi):
    """dy, in place, to dz = dy where the ReLU let something through, else 0; lo ≤ n < hi"""
    full_vectors(), all_apart()
    zero = y.dtype.type(0)
    for n in range(lo, hi):
        for m in range(y.shape[1]):
            dy[n, m] = dy[n, m] if y[n, m] > zero else zero


class Dense(Layer):
    """y = max(x · W + b, 0) for x (N, D), W (D, M), b (M,).

    On the way there threads share columns, so that each reads a part of W alone. On the way back they share rows of W,
    as they do when the optimizer moves it.
    """

    def __init__(self, D, M):
        super().__init__({"W": (D, M), "b": (M,)}, fan_in=D)

    def forward(self, x):
        W, b = self.params
        y = self.buffer("y", (len(x), W.shape[1]))
        product(y, x, W, fresh=True, columns=True)
        in_shares(rectify, (y, b), len(y), worth=False)
        self.saved = x, y
        return y

    def backward(self, dy):
        (W, _), (dW, db), (x, y) = self.params, self.gradients, self.saved
        in_shares(rectify_backward, (dy, y), len(y), worth=False)
        sum_of_rows(db, dy)
        product(dW, x.T, dy, fresh=True)
        if self.first:
            return None
        if x.flags.c_contiguous:
            dx = self.buffer("dx", x.shape)
            product_of_rows(dx, dy, W, self.buffer("turned", W.shape[::-1]), fresh=True)
        else:  # dx by columns as well
            dx = self.buffer("dx", x.shape[::-1]).T
            product_of_rows(dx.T, W, dy, self.buffer("turned", dy.shape[::-1]), fresh=True)
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
        sum_of_rows(db, dz)
        product(dW.T, dz.T, x, fresh=True)
        dx = self.buffer("dx", x.shape)
        product(dx, dz, W.T, fresh=True)
        return dx
