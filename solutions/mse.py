"""Squared error: how far predictions that are quantities lie from the truth.

The mean runs over every entry, as in PyTorch and scikit-learn, and carries no ½: so the gradient carries a 2.

Source: least squares, A.-M. Legendre, "Nouvelles méthodes pour la détermination des orbites des comètes" (1805).
"""

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.elementwise import elementwise
from solutions.mean import mean_of
from solutions.twins import compiled, operation


@operation(p="N M", y="N M")
def mse(p, y):
    """loss = 1/(N·M) · Σ_n Σ_m (p[n, m] − y[n, m])²                                    (mean squared error)

    p (N, M) predictions, y (N, M) the truth -> loss, a float. Raises ValueError unless p and y have one shape:
    (N, 1) minus (N,) would quietly be (N, N).
    """
    return float(np.mean((p - y) ** 2))


@mse.twin("numba")
@compiled
def mse_loops(p, y):
    N, M = p.shape
    total = 0.0  # float64 whatever p is: many small terms
    for n in range(N):
        for m in range(M):
            error = p[n, m] - y[n, m]
            total += error * error
    return total / (N * M)


@cuda.jit
def squared_error_kernel(p, y, terms):
    i = cuda.grid(1)
    if i < p.size:
        terms[i] = (p[i] - y[i]) * (p[i] - y[i])


@mse.twin("cuda")
def mse_cuda(p, y):
    terms = output(p.size, p.dtype)
    launch(squared_error_kernel, p.size, to_device(p.ravel()), to_device(y.ravel()), terms)
    return mean_of(terms)


@operation(p="N M", y="N M")
def mse_backward(p, y):
    """dp[n, m] = 2/(N·M) · (p[n, m] − y[n, m])

    p (N, M) predictions, y (N, M) the truth -> dp (N, M), the gradient of mse with respect to p.
    """
    return 2 * (p - y) / p.size


@mse_backward.twin("numba")
@compiled
def mse_backward_loops(p, y):
    N, M = p.shape
    dp = np.empty((N, M), p.dtype)
    scale = p.dtype.type(2 / (N * M))
    for n in range(N):
        for m in range(M):
            dp[n, m] = scale * (p[n, m] - y[n, m])
    return dp


@cuda.jit
def mse_backward_kernel(p, y, dp):
    i = cuda.grid(1)
    if i < p.size:
        dp[i] = p.dtype.type(2 / p.size) * (p[i] - y[i])


@mse_backward.twin("cuda")
def mse_backward_cuda(p, y):
    return elementwise(mse_backward_kernel, p, y)


@operation(p="N M", y="N M")
def rmse(p, y):
    """rmse = √( 1/(N·M) · Σ_n Σ_m (p[n, m] − y[n, m])² )                (in the unit of y: a figure to report)

    p (N, M) predictions, y (N, M) the truth -> rmse, a float.
    """
    return float(np.sqrt(np.mean((p - y) ** 2)))


@rmse.twin("numba")
@compiled
def rmse_loops(p, y):
    return np.sqrt(mse_loops(p, y))


@rmse.twin("cuda")
def rmse_cuda(p, y):
    return float(np.sqrt(mse_cuda(p, y)))
