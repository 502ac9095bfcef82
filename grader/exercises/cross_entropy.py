"""The exercises of solutions/cross_entropy.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import cross_entropy as truth

STAGE = "04_loss_and_slope"
BACKWARD_STAGE = "05_backprop"


def cross_entropy_cases(rng):
    """More rows than classes and fewer, labels that repeat; then logits no exp survives, row by row and apart."""
    far = rng.normal(size=(3, 4)) + np.array([[1000.0], [-1000.0], [0.0]])
    sure = rng.normal(size=(2, 3))
    sure[0, 1] += 900
    return [
        case("five examples, three classes", rng.normal(size=(5, 3)), rng.permutation([0, 1, 2, 2, 2])),
        case("two examples, four classes", 2 * rng.normal(size=(2, 4)), rng.permutation([3, 1])),
        case("a single example", rng.normal(size=(1, 3)), np.array([2])),
        case("all scores alike", np.full((3, 5), rng.normal()), rng.permutation(5)[:3]),
        case("one row near 1000, one near −1000", far, np.array([3, 0, 2]), stable=True),
        case("certain and wrong by 900", sure, np.array([2, 0]), stable=True),
    ]


def _softmax(z, axis=1, shift=True):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True)) if shift else np.exp(z)
    return e / np.sum(e, axis=axis, keepdims=True)


def _log_softmax(z, shift=None):
    z = z - (np.max(z, axis=1, keepdims=True) if shift is None else shift(z))
    return z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))


def _pick(log_p, y):
    """The entry of the right class, row by row."""
    return log_p[np.arange(len(y)), y]


def _in_place(z, y):
    z -= np.max(z, axis=1, keepdims=True)
    return float(-np.mean(_pick(_log_softmax(z), y)))


cross_entropy = Exercise(
    "cross_entropy",
    STAGE,
    truth.cross_entropy,
    cross_entropy_cases,
    points={"value": 1.5, "shape": 0.25, "stability": 1, "purity": 0.25},
    hints=(
        "By hand for one row: the loss is minus the logarithm of the probability that the right class got. The "
        "other classes enter only through the sum.",
        "Begin with what makes exp safe: each row loses its own maximum. From then on z is the shifted one.",
        "log of a quotient is a difference. So log_p is z minus the logarithm of the row's sum of exp: no "
        "division, nothing that becomes log 0.",
        "Of each row, take the entry of its own label: two index arrays, the row numbers 0 … N−1 and y, pick "
        "one entry per row. Then minus the mean.",
    ),
    misconceptions=(
        Misconception(
            "exp overflows",
            wrong=lambda z, y: float(-np.mean(_pick(_log_softmax(z, shift=lambda z: 0.0), y))),
            hint="exp(1000) is too large for any float, exp(−1000) is 0. What may you subtract from a row for free?",
        ),
        Misconception(
            "one maximum for all rows",
            wrong=lambda z, y: float(-np.mean(_pick(_log_softmax(z, shift=np.max), y))),
            hint="The row near −1000 is now 2000 below the maximum: its exponentials are all 0. Whose maximum does a row "
            "need?",
        ),
        Misconception(
            "logarithm of a finished softmax",
            wrong=lambda z, y: float(-np.mean(np.log(_pick(_softmax(z), y)))),
            hint="Wrong by 900, the probability rounds to 0, and log(0) is −∞. Can you get log p without ever forming p?",
        ),
        Misconception(
            "softmax twice",
            wrong=lambda z, y: float(-np.mean(_pick(_log_softmax(_softmax(z)), y))),
            hint="Even a certain, right answer costs something. The z you get are logits: how often do they become "
            "probabilities on the way?",
        ),
        Misconception(
            "logarithm missing",
            wrong=lambda z, y: float(-np.mean(_pick(_softmax(z), y))),
            hint="Your loss lies between −1 and 0: a mean of probabilities. What turns a probability into a price?",
        ),
        Misconception(
            "scores not normalized",
            wrong=lambda z, y: float(-np.mean(_pick(z, y))),
            hint="You pay for the score of the right class alone. Where do the other classes enter?",
        ),
        Misconception(
            "mean over N · C",
            wrong=lambda z, y: float(-np.sum(_pick(_log_softmax(z), y)) / z.size),
            hint="Every value is too small, by the number of classes. How many entries of log p do you pay for?",
        ),
        Misconception(
            "sum instead of mean",
            wrong=lambda z, y: float(-np.sum(_pick(_log_softmax(z), y))),
            hint="The single example is right, the others cost too much. What is 1/N for?",
        ),
        Misconception(
            "every row meets every label",
            wrong=lambda z, y: float(-np.mean(_log_softmax(z)[:, y])),
            hint="`[:, y]` takes the columns y of all rows, N · N entries. Which row belongs to which label?",
        ),
        Misconception(
            "softmax down the columns",
            wrong=lambda z, y: float(-np.mean(np.log(_pick(_softmax(z, axis=0), y)))),
            hint="Here the examples compete with one another. Which axis holds the classes?",
        ),
        Misconception(
            "changes z in place",
            wrong=_in_place,
            hint="The loss is right, but the caller's logits have moved: `z -= …` writes into the array it was given. How "
            "do you get a shifted copy?",
        ),
    ),
)


def softmax_cross_entropy_backward_cases(rng):
    """Labels in no order, repeated, and classes that nobody has; N ≠ C both ways; then logits no exp survives."""
    far = rng.normal(size=(3, 4)) + np.array([[1000.0], [-1000.0], [0.0]])
    wide = rng.permutation([[1000.0, 0, -1000], [-1000, 999, 1000]]), np.array([1, 2])
    return [
        case("five examples, three classes", rng.normal(size=(5, 3)), rng.permutation([0, 2, 2, 2, 0])),
        case("two examples, four classes", 2 * rng.normal(size=(2, 4)), rng.permutation([3, 1])),
        case("a single example", rng.normal(size=(1, 3)), np.array([2])),
        case("as many examples as classes", rng.normal(size=(3, 3)), rng.permutation([0, 1, 1])),
        case("float32 stays float32", rng.normal(size=(4, 2)).astype(np.float32), np.array([1, 0, 0, 1])),
        case("one row near 1000, one near −1000", far, np.array([3, 0, 2]), stable=True),
        case("rows from −1000 to 1000", *wide, stable=True),
    ]


def _onehot(z, y):
    return np.eye(z.shape[1], dtype=z.dtype)[y]


def _backward(p=_softmax, target=_onehot, over=lambda z: len(z)):
    """(p − target) / over, with one of the three wrong."""
    return lambda z, y: ((p(z) - target(z, y)) / over(z)).astype(z.dtype)


def _every_row_every_label(z, y):
    dz = _softmax(z)
    dz[:, y] -= 1
    return dz / len(z)


def _twice(z, y):
    p = _softmax(z)
    return (p - _onehot(z, y)) * p * (1 - p) / len(z)


def _backward_in_place(z, y):
    z -= np.max(z, axis=1, keepdims=True)
    return _backward()(z, y)


softmax_cross_entropy_backward = Exercise(
    "softmax_cross_entropy_backward",
    BACKWARD_STAGE,
    truth.softmax_cross_entropy_backward,
    softmax_cross_entropy_backward_cases,
    points={"value": 1.25, "shape": 0.25, "stability": 0.5, "purity": 0.25},
    reveal="parsons",
    hints=(
        "Two lines make a softmax: you have written it. What is subtracted from it afterwards, and where?",
        "[c = y[n]] is 1 at one place of each row. Taking 1 off there, in place, does what subtracting a whole "
        "table would do.",
        "dz exists only once the probabilities do. So the line with `dz[np.arange(N), y]` comes after the line "
        "that makes dz, and e before both.",
        "The first line asks z for its shape, the last one divides by N. Nothing is indented here.",
    ),
    misconceptions=(
        Misconception(
            "probabilities alone",
            wrong=_backward(target=lambda z, y: z.dtype.type(0)),
            hint="Every row adds up to 1/N, and every score is told to fall. Which one should rise?",
        ),
        Misconception(
            "1/N forgotten",
            wrong=_backward(over=lambda z: 1),
            hint="The single example is right, the others are too large. The loss is a mean: what becomes of its 1/N?",
        ),
        Misconception(
            "mean over N · C",
            wrong=_backward(over=lambda z: z.size),
            hint="Every value is too small, by the number of classes. Over how many prices does the loss take its mean?",
        ),
        Misconception(
            "wrong sign",
            wrong=lambda z, y: -_backward()(z, y),
            hint="Descent would now push the right class down. In which order do p and the one-hot row stand?",
        ),
        Misconception(
            "1 off every class",
            wrong=_backward(target=lambda z, y: z.dtype.type(1)),
            hint="No row adds up to 0. From how many entries of a row is 1 taken off?",
        ),
        Misconception(
            "every row meets every label",
            wrong=_every_row_every_label,
            hint="`[:, y]` takes the columns y of all rows. Which row belongs to which label?",
        ),
        Misconception(
            "the slope of softmax once more",
            wrong=_twice,
            hint="p − 1 and p have the slope of softmax in them already. Is a further p · (1 − p) due?",
        ),
        Misconception(
            "softmax down the columns",
            wrong=_backward(p=lambda z: _softmax(z, axis=0)),
            hint="No row adds up to 0. Along which axis do the classes share their probability?",
        ),
        Misconception(
            "exp overflows",
            wrong=_backward(p=lambda z: _softmax(z, shift=False)),
            hint="exp(1000) is too large for any float. What may you take off a row for free?",
        ),
        Misconception(
            "changes z in place",
            wrong=_backward_in_place,
            hint="The gradient is right, but the caller's logits have moved: `z -= …` writes into the array it was given. "
            "How do you get a shifted copy?",
        ),
    ),
)
