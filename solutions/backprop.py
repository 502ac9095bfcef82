"""Backpropagation through a multilayer perceptron of any depth: ReLU between layers, softmax cross-entropy on top.

Source: D. Rumelhart, G. Hinton, R. Williams, "Learning representations by back-propagating errors", Nature 323 (1986).
"""

import numpy as np

from solutions.cross_entropy import cross_entropy, softmax_cross_entropy_backward
from solutions.dense import dense_backward, dense_forward
from solutions.relu import relu, relu_backward
from solutions.twins import operation


@operation(X="N D", y="N:int", params="{D}")
def backprop(X, y, params):
    """forward   a_0 = X     z_l = a_{l−1} · W_l + b_l     a_l = max(z_l, 0)     loss = cross-entropy of z_L and y
    backward  dz_L = (softmax(z_L) − onehot(y)) / N     dW_l = a_{l−1}ᵀ · dz_l     db_l = Σ_n dz_l[n]
              dz_{l−1} = dz_l · W_lᵀ where z_{l−1} > 0, else 0

    X (N, D), y (N,) labels 0 … C−1, params {"W1": (D, H), "b1": (H,), …, "WL", "bL"} for any number of layers L
    -> (loss, a float, and the gradients: a dict like params, same names, same shapes). No weight is changed.
    Raises ValueError unless every layer is as wide as the next one needs, and where a label is none of 0 … C−1.
    """
    N, L = len(y), len(params) // 2
    C = len(params[f"b{L}"])
    if np.min(y) < 0 or np.max(y) >= C:
        raise ValueError(f"backprop: y has labels from {np.min(y)} to {np.max(y)}, expected 0 to {C - 1}")
    a = [X]  # a[l − 1] is what layer l saw
    for l in range(1, L + 1):
        z = a[-1] @ params[f"W{l}"] + params[f"b{l}"]
        a.append(np.maximum(z, 0))
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    loss = float(-np.mean(log_p[np.arange(N), y]))

    dz = np.exp(log_p)
    dz[np.arange(N), y] -= 1
    dz = dz / N
    gradients = dict(params)  # the names in their order; every value is replaced
    for l in range(L, 0, -1):
        gradients[f"W{l}"] = a[l - 1].T @ dz
        gradients[f"b{l}"] = np.sum(dz, axis=0)
        dz = (dz @ params[f"W{l}"].T) * (a[l - 1] > 0)  # a > 0 exactly where z > 0
    return loss, gradients


def layer_by_layer(backend):
    """backprop as a row of the operations of one backend."""

    def backprop_twin(X, y, params):
        L = len(params) // 2
        a, z = [X], [None]
        for l in range(1, L + 1):
            z.append(dense_forward.on(backend)(a[-1], params[f"W{l}"], params[f"b{l}"]))
            a.append(relu.on(backend)(z[-1]))
        loss = cross_entropy.on(backend)(z[L], y)

        dz = softmax_cross_entropy_backward.on(backend)(z[L], y)
        gradients = dict(params)
        for l in range(L, 0, -1):
            da, dw, db = dense_backward.on(backend)(dz, a[l - 1], params[f"W{l}"])
            gradients[f"W{l}"], gradients[f"b{l}"] = dw, db
            if l > 1:
                dz = relu_backward.on(backend)(da, z[l - 1])
        return loss, gradients

    return backprop_twin


backprop.twin("numba")(layer_by_layer("numba"))
backprop.twin("cuda")(layer_by_layer("cuda"))
