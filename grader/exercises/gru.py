"""The exercise of solutions/gru.py: one step, in which the reset comes after the product."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from grader.exercises.lstm import sigma, states, weights
from solutions import gru as truth

STAGE = "13_lstm"


def gru_step_cases(rng):
    """N ≠ D ≠ H, everything alike, one of each; the two biases never alike; sums of ±1000."""

    def step(N, D, H, dtype=float):
        Wx, Wh, bx = weights(rng, D, H, 3, dtype)
        bh = (np.repeat([-0.4, 1.1, -1.3], H) + 0.3 * rng.normal(size=3 * H)).astype(dtype)
        return rng.normal(size=(N, D)).astype(dtype), states(rng, N, H, dtype)[0], Wx, Wh, bx, bh

    def extreme(size):
        x, h, Wx, Wh, _, bh = step(2, 3, 2)
        return x, h, Wx, Wh, size * np.where(np.arange(6) % 2, -1.0, 1.0), bh

    return [
        case("three examples, two inputs, five units", *step(3, 2, 5)),
        case("more inputs than units", *step(2, 6, 3)),
        case("four of everything", *step(4, 4, 4)),
        case("a single example", *step(1, 3, 2)),
        case("a single unit", *step(5, 2, 1)),
        case("float32 stays float32", *step(3, 4, 2, np.float32)),
        case("biases of ±1000: gates wide open and shut tight", *extreme(1000.0), stable=True),
        case("and with their signs turned around", *extreme(-1000.0), stable=True),
    ]


def _step(
    order=lambda first, second, third: (first, second, third),
    gate=sigma,
    candidate=lambda a, r, q: np.tanh(a + r * q),
    mix=lambda z, g, h: (1 - z) * g + z * h,
):
    """One step with one thing wrong. order: which of the three parts is taken for r, z and g."""

    def wrong(x, h, Wx, Wh, bx, bh):
        a_r, a_z, a_g = order(*np.split(x @ Wx + bx, 3, axis=1))
        q_r, q_z, q_g = order(*np.split(h @ Wh + bh, 3, axis=1))
        r, z = gate(a_r + q_r), gate(a_z + q_z)
        return mix(z, candidate(a_g, r, q_g), h)

    return wrong


def _with_candidate(candidate):
    """One step whose candidate is made from other things than a and q: candidate(x, h, r, Wx, Wh, bx, bh) of g's columns."""

    def wrong(x, h, Wx, Wh, bx, bh):
        H = h.shape[1]
        s = sigma(x @ Wx + bx + h @ Wh + bh)
        r, z = s[:, :H], s[:, H : 2 * H]
        g = candidate(x, h, r, Wx[:, 2 * H :], Wh[:, 2 * H :], bx[2 * H :], bh[2 * H :])
        return (1 - z) * g + z * h

    return wrong


def _one_bias(kept):
    """One step in which a bias is left out."""
    right = truth.gru_step.twins["numpy"]
    return lambda x, h, Wx, Wh, bx, bh: right(x, h, Wx, Wh, *((bx, 0 * bh) if kept == "bx" else (0 * bx, bh)))


def _reset_by_z(x, h, Wx, Wh, bx, bh):
    _, a_z, a_g = np.split(x @ Wx + bx, 3, axis=1)
    _, q_z, q_g = np.split(h @ Wh + bh, 3, axis=1)
    z = sigma(a_z + q_z)
    return (1 - z) * np.tanh(a_g + z * q_g) + z * h


def _into_h(x, h, Wx, Wh, bx, bh):
    h[:] = truth.gru_step.twins["numpy"](x, h, Wx, Wh, bx, bh)
    return h


gru_step = Exercise(
    "gru_step",
    STAGE,
    truth.gru_step,
    gru_step_cases,
    points={"value": 2.25, "shape": 0.25, "stability": 0.25, "purity": 0.25},
    hints=(
        "Two products, x Wx + bx and h Wh + bh, stay apart: the reset acts on a part of the second only. Cut "
        "each into three.",
        "The order is r, z, g. r and z are gates: σ of the sum of both their parts.",
        "The candidate is a tanh: its part of x, plus r times its part of h. The reset comes after the product "
        "with Wh.",
        "h' mixes the candidate and the old state: the shares are 1 − z and z. Look in the formula which is whose.",
    ),
    misconceptions=(
        Misconception(
            "z reversed",
            wrong=_step(mix=lambda z, g, h: z * g + (1 - z) * h),
            hint="Where the old should stay, yours takes the new. Both conventions are in print. In this one, what does z = 1 "
            "mean: keep, or replace?",
        ),
        Misconception(
            "reset before the product",
            wrong=_with_candidate(lambda x, h, r, Wx, Wh, bx, bh: np.tanh(x @ Wx + bx + (r * h) @ Wh + bh)),
            hint="That is another GRU, from the paper's later version. In this one, does r meet h, or what Wh has made of it?",
        ),
        Misconception(
            "candidate without r",
            wrong=_step(candidate=lambda a, r, q: np.tanh(a + q)),
            hint="Your r is computed, and nobody asks for it. Which of the two sums in the candidate does it scale?",
        ),
        Misconception(
            "biases merged",
            wrong=_with_candidate(lambda x, h, r, Wx, Wh, bx, bh: np.tanh(x @ Wx + (bx + bh) + r * (h @ Wh))),
            hint="r scales h Wh, but not what is added to it. For r and z one bias would do. Where does bh stand in the "
            "candidate: inside the reset, or outside?",
        ),
        Misconception(
            "reset of everything",
            wrong=_step(candidate=lambda a, r, q: np.tanh(r * (a + q))),
            hint="Your r also turns down what has just come in. Which of the two sums is the memory?",
        ),
        Misconception(
            "input reset",
            wrong=_step(candidate=lambda a, r, q: np.tanh(r * a + q)),
            hint="Your r turns down what has just come in, and leaves the memory alone. Which of the two is to be reset?",
        ),
        Misconception(
            "reset by z",
            wrong=_reset_by_z,
            hint="The update gate does both jobs, and the other one none. Which gate scales the memory inside the candidate?",
        ),
        Misconception(
            "cut in the order z, r, g",
            wrong=_step(order=lambda z, r, g: (r, z, g)),
            hint="Papers and Keras begin with z. Which part stands first in the columns here?",
        ),
        Misconception(
            "candidate through the sigmoid",
            wrong=_step(candidate=lambda a, r, q: sigma(a + r * q)),
            hint="Your states drift above 0. The candidate is no gate: between which numbers must it lie?",
        ),
        Misconception(
            "bh left out",
            wrong=_one_bias("bx"),
            hint="All three parts are off, at every step alike. A GRU of this kind has two biases: where did the second go?",
        ),
        Misconception(
            "bx left out",
            wrong=_one_bias("bh"),
            hint="All three parts are off, at every step alike. A GRU of this kind has two biases: where did the first go?",
        ),
        Misconception(
            "exp overflows",
            wrong=_step(gate=lambda z: 1 / (1 + np.exp(-z))),
            hint="The numbers are right until a sum is far below 0: then exp is asked for something no float can hold. How did "
            "your gates in `lstm_step` avoid that?",
        ),
        Misconception(
            "writes into h",
            wrong=_into_h,
            hint="The numbers are right, but the caller's h has changed as well. Where could a new array begin?",
        ),
    ),
)
