"""What is tried on every function that treats the entries of an array alike, and a slip they all share."""

import numpy as np

from grader.exercise import case


def entrywise_cases(rng):
    """Numbers, a row, a matrix and an exact 0; both signs everywhere, so that no half of a function hides."""
    return [
        case("a single number above 0", float(rng.uniform(0.4, 1.8))),
        case("a single number below 0", float(rng.uniform(-1.8, -0.4))),
        case("a row of either sign", rng.permutation([-2.5, -0.4, 0.6, 3.0]) * rng.uniform(0.7, 1.3, 4)),
        case("a matrix", rng.choice([-1.0, 1.0], (3, 4)) * rng.uniform(0.2, 3.0, (3, 4))),
        case("exactly 0 among others", np.array([-rng.uniform(0.2, 2), 0.0, rng.uniform(0.2, 2)])),
    ]


def float32_case(rng):
    """A separate case: where an answer is a plain 1 or 0, its dtype is nobody's mistake."""
    return case("float32 stays float32", (rng.permutation([-1.5, -0.5, 0.5, 1.5]) * 1.1).astype(np.float32))


def extreme_cases():
    """Far from 0 the answer is simple; the road to it may not be. exp gives out beyond 709, in float32 beyond 88."""
    return [
        case("from −1000 to 1000", np.array([-1000.0, -1.0, 0.0, 1.0, 1000.0]), stable=True),
        case("float32, from −100 to 100", np.array([-100.0, -1.0, 1.0, 100.0], np.float32), stable=True),
    ]


def for_one_number(above, below):
    """A function with an `if` in it: right for a number; an array makes Python raise ValueError."""
    return lambda x: above(x) if x >= 0 else below(x)


ONE_NUMBER = "`if` asks one question, an array has many answers. Which NumPy function decides entry by entry?"
