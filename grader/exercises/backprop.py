"""The exercise of solutions/backprop.py: a whole network's gradients, and the ways in which they go quietly wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from grader.exercises.dense import network
from solutions import backprop as truth

STAGE = "05_backprop"


def backprop_cases(rng):
    """N, D, H and C all different; a square network in which no shape complains; a unit whose sum is exactly 0."""

    def of_sizes(label, N, *sizes):
        return case(label, rng.normal(size=(N, sizes[0])), rng.integers(0, sizes[-1], N), network(rng, *sizes))

    idle = network(rng, 3, 5, 2)
    idle["W1"][:, 1], idle["b1"][1] = 0, 0
    backwards = dict(reversed(network(rng, 3, 4, 2).items()))
    far = network(rng, 2, 4, 3)
    far["b2"] = rng.permutation([1500.0, 0.0, -1500.0])
    labels = np.argsort(far["b2"])[[0, 2, 1, 1]]
    small = {name: value.astype(np.float32) for name, value in network(rng, 4, 3, 2).items()}
    return [
        of_sizes("4-6-3, five examples", 5, 4, 6, 3),
        of_sizes("two hidden layers", 6, 3, 5, 4, 2),
        of_sizes("no hidden layer", 4, 5, 3),
        of_sizes("four of everything", 4, 4, 4, 4, 4),
        of_sizes("four layers, a single example", 1, 2, 5, 3, 4, 3),
        case("a hidden unit whose sum is exactly 0", rng.normal(size=(4, 3)), rng.permutation([0, 1, 1, 0]), idle),
        case("a dict in another order", rng.normal(size=(5, 3)), rng.integers(0, 2, 5), backwards),
        case("float32 stays float32", rng.normal(size=(6, 4)).astype(np.float32), rng.integers(0, 2, 6), small),
        case("logits beyond 1000", rng.normal(size=(4, 2)), labels, far, stable=True),
    ]


def _softmax(z, shift=True):
    e = np.exp(z - np.max(z, axis=1, keepdims=True)) if shift else np.exp(z)
    return e / np.sum(e, axis=1, keepdims=True)


def _loss(z, y):
    z = z - np.max(z, axis=1, keepdims=True)
    return float(-np.mean((z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))[np.arange(len(y)), y]))


def _start(z, y):
    """The gradient at the logits."""
    return (_softmax(z) - np.eye(z.shape[1], dtype=z.dtype)[y]) / len(y)


def _gate(dz, w, z, z_above):
    """Back through the weights and the ReLU before them: z are the sums it met, z_above those behind the weights."""
    return (dz @ w.T) * (z > 0)


def _backprop(
    start=_start,
    dw=lambda a, dz, X: a.T @ dz,
    db=lambda dz: np.sum(dz, axis=0),
    back=_gate,
    loss=_loss,
    answer=lambda loss, gradients, params: (loss, gradients),
    after_layer=lambda params, name, gradient: None,
):
    """Backpropagation with one thing wrong."""

    def wrong(X, y, params):
        L = len(params) // 2
        a, z = [X], [X]
        for l in range(1, L + 1):
            z.append(a[-1] @ params[f"W{l}"] + params[f"b{l}"])
            a.append(np.maximum(z[-1], 0))
        cost, dz, gradients = loss(z[L], y), start(z[L], y), {}
        for l in range(L, 0, -1):
            gradients[f"W{l}"], gradients[f"b{l}"] = dw(a[l - 1], dz, X), db(dz)
            after_layer(params, f"W{l}", gradients[f"W{l}"])
            dz = back(dz, params[f"W{l}"], z[l - 1], z[l])
        return answer(cost, gradients, params)

    return wrong


def _walks_along(params, name, gradient):
    params[name] -= 0.1 * gradient


def _log_of_softmax(z, y):
    return float(-np.mean(np.log(_softmax(z)[np.arange(len(y)), y])))


backprop = Exercise(
    "backprop",
    STAGE,
    truth.backprop,
    backprop_cases,
    points={"value": 4.5, "shape": 0.5, "stability": 0.5, "purity": 0.5},
    hints=(
        "It is three pieces one after another: forward, loss, backward. Write the forward pass first and print "
        "the shape of every a.",
        "On the way forward keep every layer's input in a list, X first: on the way back layer l needs `a[l - "
        "1]`. The last z has no ReLU.",
        "The loss and the first dz come from the same log-probabilities: you have written both, `cross_entropy` "
        "in lesson 4 and `softmax_cross_entropy_backward` above. The 1/N enters once, here, and never again.",
        "Then l runs from L down to 1. Each round: dW and db of layer l from dz, as in `dense_backward`, then "
        "the new dz: back through the weights, and closed where the ReLU in front was closed.",
        "That gate asks the layer's input: it was positive exactly where its z was. Collect the gradients under "
        "the names of the params, and return the loss first.",
    ),
    misconceptions=(
        Misconception(
            "gate forgotten",
            wrong=_backprop(back=lambda dz, w, z, z_above: dz @ w.T),
            hint="The last layer's gradients are right, all before it are wrong. What stands between two layers on the way "
            "forward, and which units does it keep out of the blame on the way back?",
        ),
        Misconception(
            "gate of the wrong layer",
            wrong=_backprop(back=lambda dz, w, z, z_above: (dz * (z_above > 0)) @ w.T),
            hint="You ask the sums of the layer you come from. Which ReLU does the gradient pass, the one behind this "
            "layer's sums or the one before its weights?",
        ),
        Misconception(
            "gate open at exactly 0",
            wrong=_backprop(back=lambda dz, w, z, z_above: (dz @ w.T) * (z >= 0)),
            hint="Only where a hidden unit's sum is exactly 0 do you go wrong. Which slope did lesson 2 agree on at the kink?",
        ),
        Misconception(
            "gate asks the gradient",
            wrong=_backprop(back=lambda dz, w, z, z_above: np.maximum(dz @ w.T, 0)),
            hint="What comes back below 0 is stopped. Whose sign decides: that of the gradient, or that of z on the way "
            "forward?",
        ),
        Misconception(
            "w for its transpose",
            wrong=_backprop(back=lambda dz, w, z, z_above: (dz @ w) * (z > 0)),
            hint="Only where all layers are of one size does this run, and it is wrong there too. How must W lie for the "
            "way back?",
        ),
        Misconception(
            "1/N forgotten",
            wrong=_backprop(start=lambda z, y: _start(z, y) * len(y)),
            hint="The loss is right, and so is the single example; all other gradients are N times too large. Where does "
            "the 1/N of the mean enter on the way back?",
        ),
        Misconception(
            "1/N twice",
            wrong=_backprop(
                dw=lambda a, dz, X: a.T @ dz / len(X),
                db=lambda dz: np.mean(dz, axis=0),
            ),
            hint="All gradients are N times too small. The mean is in dz from the start: how often does it count?",
        ),
        Misconception(
            "bias gradients averaged",
            wrong=_backprop(db=lambda dz: np.mean(dz, axis=0)),
            hint="The weights are right, the biases are too small. If N examples each push, do the pushes add up or share?",
        ),
        Misconception(
            "the slope of softmax once more",
            wrong=_backprop(start=lambda z, y: _start(z, y) * _softmax(z) * (1 - _softmax(z))),
            hint="Softmax and loss together have the slope p − y. Is another p · (1 − p) due?",
        ),
        Misconception(
            "every layer reads X",
            wrong=_backprop(dw=lambda a, dz, X: X.T @ dz),
            hint="Only the first layer's weights met X. What did layer l see on the way forward?",
        ),
        Misconception(
            "weights changed on the way",
            wrong=_backprop(after_layer=_walks_along),
            hint="A weight has moved before the gradient passed through it, and the caller's array moved too. Whose job is "
            "the step, and which weights did the forward pass use?",
        ),
        Misconception(
            "new weights for gradients",
            wrong=_backprop(
                answer=lambda loss, gradients, params: (loss, {k: params[k] - 0.1 * gradients[k] for k in params})
            ),
            hint="These are weights after a step. Asked for is which way is up, so that somebody else can choose the step: "
            "what do you return?",
        ),
        Misconception(
            "gradients without the loss",
            wrong=_backprop(answer=lambda loss, gradients, params: gradients),
            hint="The gradients come alone. Which two things does the description return, in which order?",
        ),
        Misconception(
            "loss summed",
            wrong=_backprop(loss=lambda z, y: _loss(z, y) * len(y)),
            hint="The gradients are right, the loss is N times too large. Is it a sum or a mean?",
        ),
        Misconception(
            "logarithm of a finished softmax",
            wrong=_backprop(loss=_log_of_softmax),
            hint="Only far out does the loss break: a probability rounds to 0, and log(0) is −∞. How did lesson 4 get log p "
            "without forming p?",
        ),
    ),
)
