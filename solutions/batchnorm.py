"""Batch normalization: every feature is brought to mean 0 and variance 1 over the batch, then to a learned scale.

While training, the batch's own mean and variance do it, and a running average of both is kept; in evaluation the
running average does it, so that an answer does not depend on who else is in the batch. The momentum is PyTorch's:
the share of the new, 0.1, where the paper and Keras name the share of the old, 0.9. Both variances divide by N
(PyTorch keeps the running one times N / (N − 1)).

Source: S. Ioffe, C. Szegedy, "Batch normalization", ICML (2015), algorithms 1 and 2.
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.twins import compiled, operation


@operation(X="N D", gamma="D", beta="D", mean="D", var="D", momentum="", eps="")
def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.1, eps=1e-5):
    """Y = γ · (X − μ) / √(σ² + ε) + β
    training    μ[d] = mean_n X[n, d]     σ²[d] = mean_n (X[n, d] − μ[d])²
                mean' = (1 − momentum) · mean + momentum · μ     var' = (1 − momentum) · var + momentum · σ²
    evaluation  μ = mean     σ² = var     mean' = mean     var' = var

    X (N, D) examples in rows, γ and β (D,) learned, mean and var (D,) the running statistics, zeros and ones at
    first; train: True or False -> (Y (N, D), mean' (D,), var' (D,)).
    """
    if train:
        mu, sigma2 = np.mean(X, axis=0), np.var(X, axis=0)
        mean = (1 - momentum) * mean + momentum * mu
        var = (1 - momentum) * var + momentum * sigma2
    else:
        mu, sigma2 = mean, var
    Y = gamma * (X - mu) / np.sqrt(sigma2 + eps) + beta
    return Y, mean, var


@compiled
def batch_statistics_loops(X):
    N, D = X.shape
    mu, sigma2 = np.zeros(D, X.dtype), np.zeros(D, X.dtype)
    for n in range(N):
        for d in range(D):
            mu[d] += X[n, d]
    for d in range(D):
        mu[d] /= N
    for n in range(N):
        for d in range(D):
            sigma2[d] += (X[n, d] - mu[d]) * (X[n, d] - mu[d])
    for d in range(D):
        sigma2[d] /= N
    return mu, sigma2


@compiled
def normalize_loops(X, mu, sigma2, gamma, beta, eps):
    N, D = X.shape
    Y, scale = np.empty((N, D), X.dtype), np.empty(D, X.dtype)
    for d in range(D):
        scale[d] = gamma[d] / math.sqrt(sigma2[d] + eps)
    for n in range(N):
        for d in range(D):
            Y[n, d] = scale[d] * (X[n, d] - mu[d]) + beta[d]
    return Y


def blended(mean, var, mu, sigma2, momentum):
    """The running statistics after a batch."""
    return (1 - momentum) * mean + momentum * mu, (1 - momentum) * var + momentum * sigma2


@batchnorm_forward.twin("numba")
def batchnorm_forward_loops(X, gamma, beta, mean, var, train, momentum=0.1, eps=1e-5):
    if not train:
        return normalize_loops(X, mean, var, gamma, beta, eps), mean, var
    mu, sigma2 = batch_statistics_loops(X)
    return normalize_loops(X, mu, sigma2, gamma, beta, eps), *blended(mean, var, mu, sigma2, momentum)


@cuda.jit
def batch_statistics_kernel(X, mu, sigma2):
    """One thread per feature walks down its column twice."""
    d = cuda.grid(1)
    N, D = X.shape
    if d < D:
        total, square = X.dtype.type(0), X.dtype.type(0)
        for n in range(N):
            total += X[n, d]
        mean = total / X.dtype.type(N)
        for n in range(N):
            square += (X[n, d] - mean) * (X[n, d] - mean)
        mu[d], sigma2[d] = mean, square / X.dtype.type(N)


@cuda.jit
def normalize_kernel(X, mu, sigma2, gamma, beta, eps, Y):
    n, d = cuda.grid(2)
    N, D = X.shape
    if n < N and d < D:
        Y[n, d] = gamma[d] * (X[n, d] - mu[d]) / math.sqrt(sigma2[d] + eps) + beta[d]


@batchnorm_forward.twin("cuda")
def batchnorm_forward_cuda(X, gamma, beta, mean, var, train, momentum=0.1, eps=1e-5):
    (_, D), Y, x = X.shape, output(X.shape, X.dtype), to_device(X)
    mu, sigma2 = to_device(mean), to_device(var)
    if train:
        mu, sigma2 = output(D, X.dtype), output(D, X.dtype)
        launch(batch_statistics_kernel, D, x, mu, sigma2)
        mean, var = blended(mean, var, mu.copy_to_host(), sigma2.copy_to_host(), momentum)
    launch(normalize_kernel, X.shape, x, mu, sigma2, to_device(gamma), to_device(beta), X.dtype.type(eps), Y)
    return Y.copy_to_host(), mean, var


@operation(dY="N D", X="N D", gamma="D", eps="")
def batchnorm_backward(dY, X, gamma, eps=1e-5):
    """dβ[d] = Σ_n dY[n, d]     dγ[d] = Σ_n dY[n, d] · X̂[n, d]     X̂ = (X − μ) / √(σ² + ε), over the batch
    dX = γ / √(σ² + ε) · (dY − dβ / N − X̂ · dγ / N)                 (μ and σ² moved with X: two terms come off)

    dY (N, D) the gradient of the loss with respect to Y, X (N, D) and γ (D,) as in the forward pass while training
    -> (dX (N, D), dγ (D,), dβ (D,)). Every column of dX sums to 0: a shift of the batch changes nothing.
    """
    N = len(X)
    root = np.sqrt(np.var(X, axis=0) + eps)
    X_hat = (X - np.mean(X, axis=0)) / root
    dgamma, dbeta = np.sum(dY * X_hat, axis=0), np.sum(dY, axis=0)
    dX = gamma / root * (dY - dbeta / N - X_hat * dgamma / N)
    return dX, dgamma, dbeta


@batchnorm_backward.twin("numba")
@compiled
def batchnorm_backward_loops(dY, X, gamma, eps=1e-5):
    N, D = X.shape
    mu, sigma2 = batch_statistics_loops(X)
    dX, dgamma, dbeta = np.empty((N, D), X.dtype), np.zeros(D, X.dtype), np.zeros(D, X.dtype)
    slope = np.empty(D, X.dtype)
    for d in range(D):
        slope[d] = 1 / math.sqrt(sigma2[d] + eps)
    for n in range(N):
        for d in range(D):
            dbeta[d] += dY[n, d]
            dgamma[d] += dY[n, d] * (X[n, d] - mu[d]) * slope[d]
    count = X.dtype.type(N)
    for n in range(N):
        for d in range(D):
            x_hat = (X[n, d] - mu[d]) * slope[d]
            dX[n, d] = gamma[d] * slope[d] * (dY[n, d] - (dbeta[d] + x_hat * dgamma[d]) / count)
    return dX, dgamma, dbeta


@cuda.jit
def batchnorm_backward_kernel(dY, X, mu, sigma2, gamma, eps, dX, dgamma, dbeta):
    """One thread per feature: both sums down its column first, for every entry of dX needs them."""
    d = cuda.grid(1)
    N, D = X.shape
    if d < D:
        root, count = math.sqrt(sigma2[d] + eps), X.dtype.type(N)
        along, total = X.dtype.type(0), X.dtype.type(0)
        for n in range(N):
            total += dY[n, d]
            along += dY[n, d] * (X[n, d] - mu[d]) / root
        for n in range(N):
            x_hat = (X[n, d] - mu[d]) / root
            dX[n, d] = gamma[d] / root * (dY[n, d] - (total + x_hat * along) / count)
        dgamma[d], dbeta[d] = along, total


@batchnorm_backward.twin("cuda")
def batchnorm_backward_cuda(dY, X, gamma, eps=1e-5):
    D, x = len(gamma), to_device(X)
    mu, sigma2, dgamma, dbeta = (output(D, X.dtype) for _ in range(4))
    dX = output(X.shape, X.dtype)
    launch(batch_statistics_kernel, D, x, mu, sigma2)
    arrays = to_device(dY), x, mu, sigma2, to_device(gamma)
    launch(batchnorm_backward_kernel, D, *arrays, X.dtype.type(eps), dX, dgamma, dbeta)
    return dX.copy_to_host(), dgamma.copy_to_host(), dbeta.copy_to_host()
