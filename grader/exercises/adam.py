"""The exercise of solutions/adam.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import adam as truth

STAGE = "06_optimizers"


def adam_cases(rng):
    """t = 0, 1 and 2 in a row, so that both corrections show; late, where they are almost 1; slopes from 1e-8 to 1."""
    tiny_and_one = np.array([1e-8, 1.0, -1e-4, -0.5]) * rng.uniform(0.7, 1.3, 4)
    slope = np.array([6.0, 0.02, 1.0])
    walk = [(rng.uniform(0.5, 1.5, 3), (np.zeros(3), np.zeros(3), 0))]
    for _ in range(2):
        q, state = walk[-1]
        walk.append(truth.adam_step(q, slope * q, state, 0.3, 0.8, 0.95))
    late = (rng.normal(size=(3, 4)), rng.uniform(0.1, 2.0, (3, 4)), 40)
    early = (rng.normal(size=5), rng.uniform(0.1, 2.0, 5), 3)
    rest = (np.zeros(3), np.zeros(3), 0)
    return [
        case("the first step, slopes of all sizes", rng.normal(size=4), tiny_and_one, (np.zeros(4), np.zeros(4), 0)),
        *(case(f"step {t} of a walk", q, slope * q, state, 0.3, 0.8, 0.95) for t, (q, state) in enumerate(walk, 1)),
        case("step 41, a matrix, a wide ε", *rng.normal(size=(2, 3, 4)), late, 0.1, 0.7, 0.9, 0.05),
        case("step 4, everything by default", *rng.normal(size=(2, 5)), early),
        case("level ground since the start", rng.normal(size=3), np.zeros(3), rest, 0.1, stable=True),
    ]


def _adam(
    m=lambda m, g, b: b * m + (1 - b) * g,
    v=lambda v, g, b: b * v + (1 - b) * g**2,
    correct=lambda average, b, t: average / (1 - b**t),
    count=lambda t: t + 1,
    size=lambda v, eps: np.sqrt(v) + eps,
    keep=lambda m, v, t, m_hat, v_hat: (m, v, t),
    rate=lambda lr: lr,
    swap=False,
):
    """Adam with one thing wrong."""

    def wrong(p, g, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        if swap:
            beta1, beta2 = beta2, beta1
        old_m, old_v, t = state
        t = count(t)
        new_m, new_v = m(old_m, g, beta1), v(old_v, g, beta2)
        m_hat, v_hat = correct(new_m, beta1, t), correct(new_v, beta2, t)
        return p - rate(lr) * m_hat / size(v_hat, eps), keep(new_m, new_v, t, m_hat, v_hat)

    return wrong


def _in_place(p, g, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v, t = state
    t += 1
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g**2
    return p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), (m, v, t)


adam_step = Exercise(
    "adam_step",
    STAGE,
    truth.adam_step,
    adam_cases,
    points={"value": 2, "shape": 0.25, "stability": 0.25, "purity": 0.5},
    hints=(
        "It is momentum and RMSProp in one. Take the state apart first: three names for its three parts. Then "
        "count the step.",
        "m follows g with β1, v follows g² with β2; the shares add up to 1 each time.",
        "Both began at 0 and are too small at first. The hats mend that: divide by 1 minus β to the power t, "
        "with t counted already, so 1 in the first step.",
        "The step uses the two hats, ε after the root. What is returned as state is m, v and t without hats: a "
        "hat is for this step only.",
    ),
    misconceptions=(
        Misconception(
            "no bias correction",
            wrong=_adam(correct=lambda average, b, t: average),
            hint="With the default βs your first step is 3.16 times as long as lr. Both averages began at 0: by how much is "
            "each of them too small after one step?",
        ),
        Misconception(
            "t counted from 0",
            wrong=_adam(count=lambda t: t, keep=lambda m, v, t, m_hat, v_hat: (m, v, t + 1)),
            hint="β to the power 0 is 1, and 1 − 1 is nothing to divide by. When the first step is taken, which number does "
            "that step have?",
        ),
        Misconception(
            "t never counted",
            wrong=_adam(keep=lambda m, v, t, m_hat, v_hat: (m, v, t - 1)),
            hint="The place is right, but the t that comes back is the one that went in. Which step will the next one think "
            "it is?",
        ),
        Misconception(
            "corrected averages stored",
            wrong=_adam(keep=lambda m, v, t, m_hat, v_hat: (m_hat, v_hat, t)),
            hint="The place is right, the state is not: what you store would be corrected again at the next step. Which m "
            "and v carry a dash in the formula?",
        ),
        Misconception(
            "β1 and β2 swapped",
            wrong=_adam(swap=True),
            hint="Slopes are forgotten slowly and their squares fast. Which β belongs to m, and which to v?",
        ),
        Misconception(
            "ε inside the root",
            wrong=_adam(size=lambda v, eps: np.sqrt(v + eps)),
            hint="Only tiny slopes come out wrong: the root of 0.00000001 is 0.0001. Which is added first in the formula, "
            "ε or the root?",
        ),
        Misconception(
            "root forgotten",
            wrong=_adam(size=lambda v, eps: v + eps),
            hint="A slope ten times larger now makes a step ten times *smaller*. v is a mean of squares: what turns it back "
            "into the size of a slope?",
        ),
        Misconception(
            "g not squared in v",
            wrong=_adam(v=lambda v, g, b: b * v + (1 - b) * g),
            hint="A falling slope makes your v negative, and a root of that is `nan`. What does v average?",
        ),
        Misconception(
            "1 − β forgotten",
            wrong=_adam(m=lambda m, g, b: b * m + g, v=lambda v, g, b: b * v + g**2),
            hint="Your m and v are sums, ten and a thousand times too large once they have settled. What makes them "
            "averages?",
        ),
        Misconception(
            "only m corrected",
            wrong=lambda p, g, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8: _adam(
                correct=lambda average, b, t: average / (1 - b**t) if b == beta1 else average
            )(p, g, state, lr, beta1, beta2, eps),
            hint="Your first step is about 32 times as long as lr: v is corrected nowhere. Which of the two averages "
            "began at 0?",
        ),
        Misconception(
            "learning rate ignored",
            wrong=_adam(rate=lambda lr: 1.0),
            hint="Every step is about as long as 1. Where does lr enter?",
        ),
        Misconception(
            "changes m and v in place",
            wrong=_in_place,
            hint="The numbers are right, but the caller's state has changed too: `m *= …` writes into the array that was "
            "given. How do you get a new one?",
        ),
    ),
)
