"""Binary cross-entropy: the loss of a yes-or-no answer, from probabilities and, better, from logits.

It is the negative log-likelihood of the labels: certain and wrong costs without bound, so probabilities are
clipped. From logits nothing needs clipping: sigmoid and logarithm meet in one formula that cannot overflow.

Source: C. Bishop, "Pattern recognition and machine learning", Springer (2006), section 4.3.2.
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.elementwise import elementwise
from solutions.mean import mean_of
from solutions.twins import compiled, operation


@operation(p="N 1", y="N 1", eps=":float > 0")
def bce(p, y, eps=1e-7):
    """loss = −1/N · Σ_n ( y[n] · log p[n] + (1 − y[n]) · log(1 − p[n]) )      with p held within [ε, 1 − ε]

    p (N, 1) probabilities of "yes", y (N, 1) labels 0.0 or 1.0 -> loss, a float. Raises ValueError unless both
    are (N, 1): against a flat y the products would quietly be (N, N).
    """
    p = np.clip(p, eps, 1 - eps)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


@bce.twin("numba")
@compiled
def bce_loops(p, y, eps=1e-7):
    N = p.shape[0]
    one, low, high = p.dtype.type(1), p.dtype.type(eps), p.dtype.type(1 - eps)
    total = 0.0
    for n in range(N):
        q = min(max(p[n, 0], low), high)
        total -= y[n, 0] * math.log(q) + (one - y[n, 0]) * math.log(one - q)
    return total / N


@cuda.jit
def bce_kernel(p, y, low, high, terms):
    n = cuda.grid(1)
    if n < p.size:
        one = p.dtype.type(1)
        q = min(max(p[n], low), high)
        terms[n] = -(y[n] * math.log(q) + (one - y[n]) * math.log(one - q))


@bce.twin("cuda")
def bce_cuda(p, y, eps=1e-7):
    terms = output(p.size, p.dtype)
    low, high = p.dtype.type(eps), p.dtype.type(1 - eps)
    launch(bce_kernel, p.size, to_device(p.ravel()), to_device(y.ravel()), low, high, terms)
    return mean_of(terms)


@operation(p="N 1", y="N 1", eps=":float > 0")
def bce_backward(p, y, eps=1e-7):
    """dp[n] = (p[n] − y[n]) / (p[n] · (1 − p[n])) / N                             with p held within [ε, 1 − ε]

    p (N, 1) probabilities, y (N, 1) labels 0.0 or 1.0 -> dp (N, 1), the gradient of bce with respect to p.
    """
    p = np.clip(p, eps, 1 - eps)
    return (p - y) / (p * (1 - p)) / len(p)


@bce_backward.twin("numba")
@compiled
def bce_backward_loops(p, y, eps=1e-7):
    N = p.shape[0]
    dp = np.empty(p.shape, p.dtype)
    one, low, high, count = p.dtype.type(1), p.dtype.type(eps), p.dtype.type(1 - eps), p.dtype.type(N)
    for n in range(N):
        q = min(max(p[n, 0], low), high)
        dp[n, 0] = (q - y[n, 0]) / (q * (one - q)) / count
    return dp


@cuda.jit
def bce_backward_kernel(p, y, low, high, dp):
    n = cuda.grid(1)
    if n < p.size:
        one = p.dtype.type(1)
        q = min(max(p[n], low), high)
        dp[n] = (q - y[n]) / (q * (one - q)) / p.dtype.type(p.size)


@bce_backward.twin("cuda")
def bce_backward_cuda(p, y, eps=1e-7):
    dp = output(p.size, p.dtype)
    low, high = p.dtype.type(eps), p.dtype.type(1 - eps)
    launch(bce_backward_kernel, p.size, to_device(p.ravel()), to_device(y.ravel()), low, high, dp)
    return dp.copy_to_host().reshape(p.shape)


@operation(z="N 1", y="N 1")
def bce_with_logits(z, y):
    """loss = 1/N · Σ_n ( max(z[n], 0) − z[n] · y[n] + log(1 + exp(−|z[n]|)) )      (= bce(sigmoid(z), y), unclipped)

    z (N, 1) logits, y (N, 1) labels 0.0 or 1.0 -> loss, a float. Right and without a warning for every z.
    """
    return float(np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))))


@bce_with_logits.twin("numba")
@compiled
def bce_with_logits_loops(z, y):
    N = z.shape[0]
    zero = z.dtype.type(0)
    total = 0.0
    for n in range(N):
        total += max(z[n, 0], zero) - z[n, 0] * y[n, 0] + math.log1p(math.exp(-abs(z[n, 0])))
    return total / N


@cuda.jit
def bce_with_logits_kernel(z, y, terms):
    n = cuda.grid(1)
    if n < z.size:
        zero = z.dtype.type(0)
        terms[n] = max(z[n], zero) - z[n] * y[n] + math.log1p(math.exp(-abs(z[n])))


@bce_with_logits.twin("cuda")
def bce_with_logits_cuda(z, y):
    terms = output(z.size, z.dtype)
    launch(bce_with_logits_kernel, z.size, to_device(z.ravel()), to_device(y.ravel()), terms)
    return mean_of(terms)


@operation(z="N 1", y="N 1")
def bce_with_logits_backward(z, y):
    """dz[n] = (sigmoid(z[n]) − y[n]) / N                        (the sigmoid's slope and the loss's cancel)

    z (N, 1) logits, y (N, 1) labels 0.0 or 1.0 -> dz (N, 1), the gradient of bce_with_logits with respect to z.
    """
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1, e) / (1 + e)
    return (p - y) / len(z)


@bce_with_logits_backward.twin("numba")
@compiled
def bce_with_logits_backward_loops(z, y):
    N = z.shape[0]
    dz = np.empty(z.shape, z.dtype)
    one, count = z.dtype.type(1), z.dtype.type(N)
    for n in range(N):
        e = math.exp(-abs(z[n, 0]))
        p = (one if z[n, 0] >= 0 else e) / (one + e)
        dz[n, 0] = (p - y[n, 0]) / count
    return dz


@cuda.jit
def bce_with_logits_backward_kernel(z, y, dz):
    n = cuda.grid(1)
    if n < z.size:
        one = z.dtype.type(1)
        e = math.exp(-abs(z[n]))
        p = (one if z[n] >= 0 else e) / (one + e)
        dz[n] = (p - y[n]) / z.dtype.type(z.size)


@bce_with_logits_backward.twin("cuda")
def bce_with_logits_backward_cuda(z, y):
    return elementwise(bce_with_logits_backward_kernel, z, y)
