"""The exercises of solutions/init.py: what is tried, what it is worth, what usually goes wrong.

The stub names the call to the generator, so draws are compared one by one: a sample cannot be right by luck.
"""

import numpy as np

from course.wire import Seeded
from grader.exercise import Exercise, Misconception, case
from solutions import init as truth

STAGE = "07_depth"


def init_cases(rng):
    """Fans that differ, in both directions; kernels, where neither fan is an entry of the shape; biases."""

    def fresh(label, *shape):
        return case(label, shape, Seeded(int(rng.integers(1 << 30))))

    return [
        fresh("400 inputs, 25 units", 400, 25),
        fresh("more units than inputs", 3, 5),
        fresh("a single input", 1, 4),
        fresh("six filters, two channels, three by three", 6, 2, 3, 3),
        fresh("seven biases", 7),
    ]


def _fans(shape):
    taps = int(np.prod(shape[2:]))
    return (shape[0], shape[1]) if len(shape) == 2 else (shape[1] * taps, shape[0] * taps)


def _draw(scale, how="standard_normal", biases=None):
    """An initializer with one thing wrong. scale: a function of fan_in and fan_out; how: the generator's method."""

    def wrong(shape, rng):
        if len(shape) == 1:
            return np.zeros(shape) if biases is None else biases(shape, rng)
        size = scale(*_fans(shape))
        return rng.uniform(-size, size, shape) if how == "uniform" else size * rng.standard_normal(shape)

    return wrong


def _he(fan_in, fan_out):
    return np.sqrt(2 / fan_in)


def _xavier(fan_in, fan_out):
    return np.sqrt(6 / (fan_in + fan_out))


def _with_fan_in(fan_in):
    """He's rule with another idea of what fan_in is."""
    return lambda shape, rng: (
        np.zeros(shape) if len(shape) == 1 else np.sqrt(2 / fan_in(shape)) * rng.standard_normal(shape)
    )


xavier_init = Exercise(
    "xavier_init",
    STAGE,
    truth.xavier_init,
    init_cases,
    points={},
    kind="rng",
    reveal="worked",
    misconceptions=(
        Misconception(
            "only the inputs counted",
            wrong=_draw(lambda fan_in, fan_out: np.sqrt(6 / (2 * fan_in)), "uniform"),
            hint="The way forward is served, the way back is not. Which second number belongs under the fraction?",
        ),
        Misconception(
            "the range for a standard deviation",
            wrong=_draw(_xavier),
            hint="Some weights lie far outside ±r. Is r the border of a range here, or the size of a bell curve?",
        ),
        Misconception(
            "the standard deviation for the range",
            wrong=_draw(lambda fan_in, fan_out: np.sqrt(2 / (fan_in + fan_out)), "uniform"),
            hint="All weights are √3 times too small. A range of ±r has the variance r²/3: what must r be, then?",
        ),
        Misconception(
            "from 0 up",
            wrong=lambda shape, rng: (
                np.zeros(shape) if len(shape) == 1 else rng.uniform(0, _xavier(*_fans(shape)), shape)
            ),
            hint="No weight is below 0, so every sum drifts upward. Where does the range begin?",
        ),
        Misconception(
            "no root",
            wrong=_draw(lambda fan_in, fan_out: 6 / (fan_in + fan_out), "uniform"),
            hint="6 / (fan_in + fan_out) is a square. What is the side?",
        ),
    ),
)


he_init = Exercise(
    "he_init",
    STAGE,
    truth.he_init,
    init_cases,
    points={"value": 2, "shape": 0.5},
    kind="rng",
    hints=(
        "Three kinds of shape: one number (biases), two (a dense layer), four (kernels). Treat the biases "
        "first: they draw nothing.",
        "fan_in is how many numbers flow into one unit. In (D, M) it is D. In (F, C, k, k), one output sees C "
        "channels of k · k pixels.",
        "s is a root, and it multiplies numbers of standard deviation 1. Which method of `rng` gives those, in "
        "a given shape?",
        "`np.prod(shape[1:])` multiplies C, k and k. For a dense layer that would be M: so ask for the length "
        "of `shape`.",
    ),
    misconceptions=(
        Misconception(
            "1 where 2 is meant",
            wrong=_draw(lambda fan_in, fan_out: np.sqrt(1 / fan_in)),
            hint="All weights are √2 times too small. What does ReLU do to half of the sums?",
        ),
        Misconception(
            "fan_out for fan_in",
            wrong=_draw(lambda fan_in, fan_out: np.sqrt(2 / fan_out)),
            hint="Your scale depends on how many units there are. How many products does one unit add up?",
        ),
        Misconception(
            "Xavier's scale",
            wrong=_draw(lambda fan_in, fan_out: np.sqrt(2 / (fan_in + fan_out))),
            hint="That is the scale of the rule above. Which of the two fans does this one need, and which not?",
        ),
        Misconception(
            "no root",
            wrong=_draw(lambda fan_in, fan_out: 2 / fan_in),
            hint="2 / fan_in is the variance. What does one multiply standard normal numbers by?",
        ),
        Misconception(
            "uniform instead of normal",
            wrong=_draw(_he, "uniform"),
            hint="No weight lies outside ±s, and all together they are √3 times too small. Which method of rng does the "
            "formula name?",
        ),
        Misconception(
            "small numbers, whatever the shape",
            wrong=_draw(lambda fan_in, fan_out: 0.01),
            hint="Every layer gets the same size of weights. Should a unit with 400 inputs start like one with 3?",
        ),
        Misconception(
            "not scaled at all",
            wrong=_draw(lambda fan_in, fan_out: 1),
            hint="These are plain standard normal numbers. What are they multiplied by?",
        ),
        Misconception(
            "biases drawn as well",
            wrong=_draw(_he, biases=lambda shape, rng: np.sqrt(2 / shape[0]) * rng.standard_normal(shape)),
            hint="A shape with a single entry is a row of biases. Where do they start?",
        ),
        Misconception(
            "kernels treated like a dense layer",
            wrong=_with_fan_in(lambda shape: shape[0]),
            hint="Weights (D, M) are right, kernels (F, C, k, k) are not. How many numbers does one filter read?",
        ),
        Misconception(
            "channels counted, pixels not",
            wrong=_with_fan_in(lambda shape: shape[0] if len(shape) == 2 else shape[1]),
            hint="A filter reads C channels, and in each of them more than one pixel. How many numbers is that in all?",
        ),
        Misconception(
            "a generator of its own",
            wrong=lambda shape, rng: truth.he_init(shape, np.random.default_rng(0)),
            hint="The size is right, the numbers are not those of the generator you were given. Whose numbers are they?",
        ),
    ),
)
