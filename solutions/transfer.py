"""Transfer learning: what one network learned about its data serves another: a frozen base under a new head.

Frozen parameters are kept apart from those that train, so that no optimizer meets them: a gradient of zero would
not be enough, for weight decay and momentum move weights without one.

Source: J. Yosinski et al., "How transferable are features in deep neural networks?", NIPS (2014).
"""

import numpy as np

from solutions.cross_entropy import softmax_cross_entropy_backward
from solutions.dense import dense_backward, dense_forward
from solutions.relu import relu
from solutions.sgd import sgd_step
from solutions.twins import operation


# No twins: no number is touched.
@operation(params="{:number}")
def freeze(params, names):
    """frozen = the parameters in `names`     trainable = all others     (together: {**frozen, **trainable})

    params {"W1": (D, H), "b1": (H,), …}, names a list of some of its names -> (frozen, trainable), two dicts.
    Hand the second to the optimizer, both to the forward pass. Raises ValueError where a name is none of params'.
    """
    unknown = set(names) - set(params)
    if unknown:
        raise ValueError(f"freeze: there are no parameters {sorted(unknown)}, only {sorted(params)}")
    frozen = {name: array for name, array in params.items() if name in names}
    trainable = {name: array for name, array in params.items() if name not in names}
    return frozen, trainable


@operation(X="N D", params="{D}")
def features(X, params):
    """a_0 = X     a_l = max(a_{l−1} · W_l + b_l, 0), a ReLU after every layer

    X (N, D) examples in rows, params {"W1": (D, H), "b1": (H,), …} of the base: a network without its last layer
    -> a_L (N, H): what the base sees in X. Computed once, for a frozen base says the same every time.
    """
    a = X
    for l in range(1, len(params) // 2 + 1):
        a = np.maximum(a @ params[f"W{l}"] + params[f"b{l}"], 0)
    return a


def features_on(backend):
    """features as a row of the operations of one backend."""

    def features_twin(X, params):
        a = X
        for l in range(1, len(params) // 2 + 1):
            a = relu.on(backend)(dense_forward.on(backend)(a, params[f"W{l}"], params[f"b{l}"]))
        return a

    return features_twin


features.twin("numba")(features_on("numba"))
features.twin("cuda")(features_on("cuda"))


@operation(A="N H", y="N:int", W="H C", b="C", lr="", steps=":int >= 0")
def train_head(A, y, W, b, lr=0.1, steps=100):
    """dz = (softmax(A · W + b) − onehot(y)) / N     W' = W − lr · Aᵀ · dz     b' = b − lr · Σ_n dz[n]     `steps` times

    A (N, H) what the frozen base sees, y (N,) labels 0 … C−1; W (H, C) and b (C,) the head, zeros or a trained one;
    gradient descent over all examples at once -> (W', b').
    Raises ValueError where a label is none of 0 … C−1.
    """
    N, C = len(y), len(b)
    if np.min(y) < 0 or np.max(y) >= C:
        raise ValueError(f"train_head: y has labels from {np.min(y)} to {np.max(y)}, expected 0 to {C - 1}")
    for _ in range(steps):
        z = A @ W + b
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        dz = e / np.sum(e, axis=1, keepdims=True)
        dz[np.arange(N), y] -= 1
        dz = dz / N
        W, b = W - lr * (A.T @ dz), b - lr * np.sum(dz, axis=0)
    return W, b


def train_head_on(backend):
    """train_head as a row of the operations of one backend."""

    def train_head_twin(A, y, W, b, lr=0.1, steps=100):
        for _ in range(steps):
            dz = softmax_cross_entropy_backward.on(backend)(dense_forward.on(backend)(A, W, b), y)
            _, dW, db = dense_backward.on(backend)(dz, A, W)
            W, b = sgd_step.on(backend)(W, dW, lr), sgd_step.on(backend)(b, db, lr)
        return W, b

    return train_head_twin


train_head.twin("numba")(train_head_on("numba"))
train_head.twin("cuda")(train_head_on("cuda"))
