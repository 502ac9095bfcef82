"""The exercises of solutions/attention.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import attention as truth

STAGE = "15_beyond"


def inputs(rng, N, Tq, Tk, D, Dv, scale=1.0):
    """Queries, keys and values of those sizes, and a mask in which every query may see some keys and not others."""
    mask = rng.random((N, Tq, Tk)) < 0.6
    for n, q in np.ndindex(N, Tq):
        mask[n, q, rng.permutation(Tk)[:2]] = True, False
    return rng.normal(0, scale, (N, Tq, D)), rng.normal(size=(N, Tk, D)), rng.normal(size=(N, Tk, Dv)), mask


def attention_cases(rng):
    """All five sizes different, then a row that may see nothing, a causal mask, and scores near ±1000."""
    Q, K, V, mask = inputs(rng, 2, 3, 5, 4, 6)
    empty = mask.copy()
    empty[0, 1] = False
    far = inputs(rng, 1, 2, 4, 3, 2)
    small = [array.astype(np.float32) for array in (Q, K, V)]
    square = inputs(rng, 2, 4, 4, 4, 4)
    hot = np.array([[[1000.0], [-1000.0]]])
    keys = np.array([[[1.0], [0.99], [-1.0], [1.01]]])
    return [
        case("three queries, five keys", Q, K, V, mask),
        case("every key allowed", Q, K, V, np.ones_like(mask)),
        case("a query that may see nothing", Q, K, V, empty),
        case("all sizes alike, no look ahead", *square[:3], np.tile(np.tril(np.ones((4, 4), bool)), (2, 1, 1))),
        case("float32 stays float32", *small, mask),
        case("scores near 1000 and −1000", hot, keys, far[2], np.ones((1, 2, 4), bool), stable=True),
    ]


def _scores(Q, K):
    return Q @ K.transpose(0, 2, 1) / Q.shape[2] ** 0.5


def _weights(S, mask, axis=2, lowest=None):
    """A softmax over the allowed entries, zeros for a row that has none."""
    S = np.where(mask, S, -np.inf)
    E = np.exp(S - np.max(S, axis=axis, keepdims=True, initial=np.finfo(S.dtype).min))
    return E / np.maximum(np.sum(E, axis=axis, keepdims=True), 1)


def _attention(scores=_scores, weights=_weights):
    """Attention with its scores or its weights wrong."""

    def wrong(Q, K, V, mask):
        A = weights(scores(Q, K), mask)
        return A @ V, A

    return wrong


def _plain(S):
    E = np.exp(S - np.max(S, axis=2, keepdims=True))
    return E / np.sum(E, axis=2, keepdims=True)


def _unshifted(S, mask):
    E = np.where(mask, np.exp(S), 0)
    total = np.sum(E, axis=2, keepdims=True)
    return E / np.where(total > 0, total, 1)


def _nothing_divided(S, mask):
    E = np.exp(np.where(mask, S, -np.inf) - np.max(np.where(mask, S, -np.inf), axis=2, keepdims=True))
    return E / np.sum(E, axis=2, keepdims=True)


def _in_place(Q, K, V, mask):
    Q /= Q.dtype.type(Q.shape[2] ** 0.5)
    A = _weights(Q @ K.transpose(0, 2, 1), mask)
    return A @ V, A


attention = Exercise(
    "attention",
    STAGE,
    truth.attention,
    attention_cases,
    points={"value": 3, "shape": 0.5, "stability": 1, "purity": 0.5},
    hints=(
        "One query by hand: a score for each key, a softmax over the keys, a mix of the values. The rest is "
        "doing it for all at once.",
        "K must be turned, its last two axes only: `transpose(0, 2, 1)`. The scores are divided by the root of "
        "D, the width of a query.",
        "What the mask forbids must get a weight of exactly 0: a score of −∞ does that, before the softmax, for "
        "exp(−∞) is 0.",
        "A query that sees nothing has a row of −∞: −∞ − (−∞) is no number, and its sum is 0. Keep the row's "
        "peak finite (`initial=…` of np.max) and the divisor away from 0.",
        "Return the mix, weights times values, and the weights.",
    ),
    misconceptions=(
        Misconception(
            "√d missing",
            wrong=_attention(scores=lambda Q, K: Q @ K.transpose(0, 2, 1)),
            hint="Your weights are too sure of themselves. By what are the scores divided before the softmax?",
        ),
        Misconception(
            "divided by d",
            wrong=_attention(scores=lambda Q, K: Q @ K.transpose(0, 2, 1) / Q.shape[2]),
            hint="Your weights are too even. A sum of d products of random numbers grows like d, or like its root?",
        ),
        Misconception(
            "softmax over the queries",
            wrong=_attention(weights=lambda S, mask: _weights(S, mask, axis=1)),
            hint="Your columns add up to 1. Who shares out its attention, a query or a key? Which axis is that?",
        ),
        Misconception(
            "K reshaped, not transposed",
            wrong=_attention(scores=lambda Q, K: Q @ K.reshape(len(K), K.shape[2], K.shape[1]) / Q.shape[2] ** 0.5),
            hint="The shape fits, but the numbers of different keys are mixed. What does reshape keep in order, and what "
            "does transpose exchange?",
        ),
        Misconception(
            "mask after the softmax",
            wrong=_attention(weights=lambda S, mask: _plain(S) * mask),
            hint="Rows with a hidden key add up to less than 1. Who should get what the hidden key would have got?",
        ),
        Misconception(
            "mask turned around",
            wrong=_attention(weights=lambda S, mask: _weights(S, ~mask)),
            hint="You attend to exactly what is hidden. What does True stand for here?",
        ),
        Misconception(
            "hidden scores set to 0",
            wrong=_attention(weights=lambda S, mask: _plain(np.where(mask, S, 0))),
            hint="A score of 0 is still exp(0) = 1 before it is shared out. Which score has an exponential of 0?",
        ),
        Misconception(
            "mask ignored",
            wrong=_attention(weights=lambda S, mask: _plain(S)),
            hint="Where everything is allowed you are right. Which entries of A must be 0?",
        ),
        Misconception(
            "a blind query sees everything",
            wrong=_attention(weights=lambda S, mask: _plain(np.where(mask, S, S.dtype.type(-1e9)))),
            hint="If all scores are −10⁹, they are all alike, and the softmax shares out evenly. What should a query get "
            "that may see nothing?",
        ),
        Misconception(
            "0 / 0 for a blind query",
            wrong=_attention(weights=_nothing_divided),
            hint="If all scores are −∞, the maximum is too, and −∞ − (−∞) is no number. Which finite maximum would do?",
        ),
        Misconception(
            "exp overflows",
            wrong=_attention(weights=_unshifted),
            hint="exp(1000) is too large for any float. What may be taken off a row of scores without changing its "
            "softmax?",
        ),
        Misconception(
            "changes Q in place",
            wrong=_in_place,
            hint="The answer is right, but the caller's queries have shrunk. Which line writes into them?",
        ),
    ),
)


def attention_backward_cases(rng):
    """The forward pass's inputs and weights, and a gradient that comes back."""

    def went(*sizes, dtype=float):
        Q, K, V, mask = inputs(rng, *sizes)
        Y, A = _attention()(Q, K, V, mask)
        return [array.astype(dtype) for array in (rng.normal(size=Y.shape), Q, K, V, A)]

    return [
        case("three queries, five keys", *went(2, 3, 5, 4, 6)),
        case("one query", *went(1, 1, 4, 3, 2)),
        case("all sizes alike", *went(3, 3, 3, 3, 3)),
        case("float32 stays float32", *went(2, 2, 3, 4, 5, dtype=np.float32)),
    ]


def _backward(dS_of=lambda A, dA: A * (dA - np.sum(A * dA, axis=2, keepdims=True)), root=True):
    def wrong(dY, Q, K, V, A):
        dS = dS_of(A, dY @ V.transpose(0, 2, 1)) / (Q.shape[2] ** 0.5 if root else 1)
        return dS @ K, dS.transpose(0, 2, 1) @ Q, A.transpose(0, 2, 1) @ dY

    return wrong


attention_backward = Exercise(
    "attention_backward",
    STAGE,
    truth.attention_backward,
    attention_backward_cases,
    points={},
    reveal="worked",
    misconceptions=(
        Misconception(
            "√d missing on the way back",
            wrong=_backward(root=False),
            hint="dV is right, dQ and dK are too large, by √d. What did the forward pass do to the scores?",
        ),
        Misconception(
            "softmax as if its entries were free",
            wrong=_backward(dS_of=lambda A, dA: A * (1 - A) * dA),
            hint="If one weight of a row grows, what becomes of the others? Where is that in your slope?",
        ),
        Misconception(
            "softmax forgotten",
            wrong=_backward(dS_of=lambda A, dA: dA),
            hint="You send dA on as if the weights were the scores. Which step lies in between?",
        ),
    ),
)
