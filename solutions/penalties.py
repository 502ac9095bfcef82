"""Weight penalties: a term of the loss that prefers small weights (L2) or few (L1).

Only weights pay, arrays of two or more dimensions; biases, vectors, set a level and cannot overfit by much. The
½ in L2 is there for its gradient, λ/N · w. L1's pulls with λ/N however small w is, so that weights end at 0.

Sources: A. Krogh, J. Hertz, "A simple weight decay can improve generalization", NIPS (1991);
R. Tibshirani, "Regression shrinkage and selection via the lasso", J. R. Statist. Soc. B 58 (1996).
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.reductions import sum_of
from solutions.twins import compiled, operation


@operation(params="{}", lam=":float >= 0", N=":int > 0")
def l2_penalty(params, lam, N):
    """penalty = λ/(2N) · Σ over all weights of w²     gradient λ/N · w for a weight, 0 for a bias

    params {"W1": (D, M), "b1": (M,), …}: arrays of two or more dimensions are weights, vectors are biases;
    lam = λ the strength, N the number of examples in the loss it is added to
    -> (penalty, a float, and the gradients: a dict like params, same names, same shapes).
    """
    penalty = lam / (2 * N) * sum(float(np.sum(w**2)) for w in params.values() if w.ndim > 1)
    gradients = {name: lam / N * w if w.ndim > 1 else np.zeros_like(w) for name, w in params.items()}
    return penalty, gradients


@operation(params="{}", lam=":float >= 0", N=":int > 0")
def l1_penalty(params, lam, N):
    """penalty = λ/N · Σ over all weights of |w|     gradient λ/N · sign(w) for a weight, 0 for a bias and where w = 0

    params {"W1": (D, M), "b1": (M,), …}: arrays of two or more dimensions are weights, vectors are biases;
    lam = λ the strength, N the number of examples in the loss it is added to
    -> (penalty, a float, and the gradients: a dict like params, same names, same shapes).
    """
    penalty = lam / N * sum(float(np.sum(np.abs(w))) for w in params.values() if w.ndim > 1)
    gradients = {name: lam / N * np.sign(w) if w.ndim > 1 else np.zeros_like(w) for name, w in params.items()}
    return penalty, gradients


@compiled
def l2_loops(w, strength):
    """½ · strength · Σ w² and its gradient, of a flat array."""
    gradient, rate, total = np.empty(w.shape, w.dtype), w.dtype.type(strength), 0.0
    for i in range(w.size):
        gradient[i] = rate * w[i]
        total += gradient[i] * w[i]
    return total / 2, gradient


@compiled
def l1_loops(w, strength):
    """strength · Σ |w| and its gradient, of a flat array."""
    gradient, rate, total = np.empty(w.shape, w.dtype), w.dtype.type(strength), 0.0
    for i in range(w.size):
        gradient[i] = math.copysign(rate, w[i]) if w[i] != 0 else 0
        total += rate * abs(w[i])
    return total, gradient


@cuda.jit
def l2_kernel(w, rate, terms, gradient):
    i = cuda.grid(1)
    if i < w.size:
        gradient[i] = rate * w[i]
        terms[i] = rate * w[i] * w[i] / w.dtype.type(2)


@cuda.jit
def l1_kernel(w, rate, terms, gradient):
    i = cuda.grid(1)
    if i < w.size:
        gradient[i] = math.copysign(rate, w[i]) if w[i] != 0 else w[i]
        terms[i] = rate * abs(w[i])


def on_device(kernel):
    """The counterpart of the loops above: (penalty, gradient) of a flat array by a kernel."""

    def penalty_of(w, rate):
        terms, gradient = output(w.size, w.dtype), output(w.size, w.dtype)
        launch(kernel, w.size, to_device(w), w.dtype.type(rate), terms, gradient)
        return sum_of(terms), gradient.copy_to_host()

    return penalty_of


def weight_by_weight(penalty_of):
    """A penalty over params from the penalty of one flat array of weights."""

    def penalty_twin(params, lam, N):
        penalty, gradients = 0.0, {}
        for name, w in params.items():
            gradients[name] = np.zeros_like(w)
            if w.ndim > 1:
                share, gradient = penalty_of(w.ravel(), lam / N)
                penalty, gradients[name] = penalty + share, gradient.reshape(w.shape)
        return penalty, gradients

    return penalty_twin


l2_penalty.twin("numba")(weight_by_weight(l2_loops))
l2_penalty.twin("cuda")(weight_by_weight(on_device(l2_kernel)))
l1_penalty.twin("numba")(weight_by_weight(l1_loops))
l1_penalty.twin("cuda")(weight_by_weight(on_device(l1_kernel)))
