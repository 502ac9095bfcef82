"""The exercise of solutions/sampling.py: what is tried, what it is worth, what usually goes wrong.

A draw is a single number, and by luck a wrong one is the right one. So most cases have hundreds of scores, among which
one percent of probability moves the draw by several ids; and seeds are drawn until the small ones tell apart too.
"""

import numpy as np

from course.wire import Seeded
from grader.exercise import Exercise, Misconception, case
from solutions import sampling as truth

STAGE = "12_rnn"


def sample_cases(rng):
    """Temperatures below, at and above 1; scores that ask for the shift by their maximum; a favorite that loses."""

    def draw(label, z, temperature, **extras):
        return case(label, z, temperature, Seeded(_telling_seed(rng, z, temperature)), **extras)

    return [
        draw("five scores, temperature 0.5", 2 * rng.normal(size=5), 0.5),
        draw("five scores, temperature 2", 2 * rng.normal(size=5), 2.0),
        draw("400 scores, temperature 0.1", rng.uniform(-0.2, 0.2, 400), 0.1),
        draw("400 scores, temperature 1", rng.normal(size=400), 1.0),
        draw("400 scores, temperature 10", 10 * rng.normal(size=400), 10.0),
        draw("300 scores around 500", 500 + 2 * rng.normal(size=300), 0.7),
        draw("float32 scores", rng.normal(size=300).astype(np.float32), 3.0),
        draw("scores beyond 1000", 1000 * rng.permutation([-1.0, 1.0, 1.001, 1.0015]), 0.8, stable=True),
    ]


def _telling_seed(rng, z, temperature):
    """The seed, of 200, that tells most of these apart: the right draw, the favorite, no scores, scores squashed twice."""

    def told_apart(seed):
        rivals = (
            truth.sample.twins["numpy"],
            _draw(pick=_favorite),
            _draw(odds=_equal),
            _draw(scores=_untouched, odds=_squashed_again),
        )
        return len({rival(z, temperature, np.random.default_rng(seed)) for rival in rivals})

    return max((int(seed) for seed in rng.integers(1, 1 << 30, 200)), key=told_apart)


def _draw(
    scores=lambda z, T: z / T,
    odds=lambda p, T: p,
    pick=lambda p, rng: int(rng.choice(len(p), p=p)),
    generator=lambda rng: rng,
    shift=True,
):
    """A draw with one thing wrong."""

    def wrong(z, temperature, rng):
        z = scores(z.astype(float), temperature)
        p = np.exp(z - np.max(z)) if shift else np.exp(z)
        p = odds(p / np.sum(p), temperature)
        return pick(p, generator(rng))

    return wrong


def _untouched(z, T):
    return z


def _squashed_again(p, T):
    p = np.exp(p / T - np.max(p / T))
    return p / np.sum(p)


def _equal(p, T):
    return np.full(len(p), 1 / len(p))


def _favorite(p, rng):
    return int(np.argmax(p))


def _nearest(p, rng):
    """The last id whose summed probability lies below the draw: one too low."""
    return int(max(np.searchsorted(np.cumsum(p), rng.random()) - 1, 0))


sample = Exercise(
    "sample",
    STAGE,
    truth.sample,
    sample_cases,
    points={"value": 2, "shape": 0.25, "stability": 0.25, "purity": 0.25},
    kind="rng",
    hints=(
        "Three steps: scores divided by the temperature, probabilities of those, one draw.",
        "The temperature acts before the softmax. Take the maximum off the scores first, as always.",
        "The generator draws an index for you: `rng.choice` takes a number of choices and their probabilities, "
        "`p=…`, which must add up to 1.",
        "Return the index as Python's own whole number.",
    ),
    misconceptions=(
        Misconception(
            "times the temperature",
            wrong=_draw(scores=lambda z, T: z * T),
            hint="At temperature 1 you agree. Heat should make differences between scores smaller: what does multiplying by "
            "10 do to them?",
        ),
        Misconception(
            "always the favorite",
            wrong=_draw(pick=_favorite),
            hint="The highest score wins every time, and rng is never asked. How often should an id with probability 0.3 come "
            "up?",
        ),
        Misconception(
            "temperature ignored",
            wrong=_draw(scores=_untouched),
            hint="All is right at temperature 1, and nowhere else. Even if you divide the probabilities by T: made to add up to 1 "
            "again, they forget it. What should be divided, and when?",
        ),
        Misconception(
            "temperature after the softmax",
            wrong=_draw(scores=_untouched, odds=lambda p, T: p / T),
            hint="Divided by the temperature, the probabilities no longer add up to 1, and `rng.choice` refuses them. Which "
            "numbers can be divided before they become probabilities?",
        ),
        Misconception(
            "softmax of a softmax",
            wrong=_draw(scores=_untouched, odds=_squashed_again),
            hint="Probabilities lie between 0 and 1, so a second softmax finds hardly any difference. Which numbers are "
            "divided by the temperature?",
        ),
        Misconception(
            "temperature to the wrong side of 1",
            wrong=_draw(scores=lambda z, T: z / T**2),
            hint="Hot is too hot, cold is too cold: the temperature counts twice. How often are the scores divided?",
        ),
        Misconception(
            "every id equally likely",
            wrong=_draw(odds=_equal),
            hint="The scores have no say. What does `rng.choice` do if nobody tells it `p`?",
        ),
        Misconception(
            "unseeded",
            wrong=_draw(generator=lambda rng: np.random.default_rng(0)),
            hint="Whichever generator comes in, the same numbers come out. Whose generator should be asked?",
        ),
        Misconception(
            "drawn in another way",
            wrong=_draw(pick=lambda p, rng: int(np.argmax(rng.multinomial(1, p)))),
            hint="`rng.multinomial` draws as fairly, but not the same ids, for it spends its random numbers otherwise. Which "
            "method of rng draws one id by one number?",
        ),
        Misconception(
            "one id too low",
            wrong=_draw(pick=_nearest),
            hint="Your draw is the neighbor of the right one. Is it the last id whose sum is still below the draw, or the first "
            "one whose sum exceeds it?",
        ),
        Misconception(
            "no shift",
            wrong=_draw(shift=False),
            hint="Small scores are right. Where scores are large, exp overflows and every probability is `nan`. What did the "
            "softmax of lesson 2 take off first?",
        ),
        Misconception(
            "probabilities instead of a draw",
            wrong=_draw(pick=lambda p, rng: p),
            hint="These are the chances, and they are right. Which one came up?",
        ),
        Misconception(
            "one-hot for the id",
            wrong=_draw(pick=lambda p, rng: np.eye(len(p), dtype=int)[rng.choice(len(p), p=p)]),
            hint="You return a row with a single 1. Asked for is where that 1 is: which number is that?",
        ),
    ),
)
