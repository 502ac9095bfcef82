"""The exercises of solutions/numeric_gradient.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from course.wire import Named
from grader.exercise import Exercise, Misconception, case
from solutions import numeric_gradient as truth

STAGE = "04_loss_and_slope"


def numeric_gradient_cases(rng):
    """Curved functions; one where an entry's slope hangs on the others; a wide ε, where even central differences err."""
    whole = rng.permutation([1, 2, 3, -2])
    return [
        case("f(x) = Σ x³, three numbers", Named("cube"), rng.uniform(0.5, 2.0, 3), 1e-5),
        case("a wave over a matrix", Named("wave"), rng.normal(size=(2, 3)), 1e-5),
        case("all numbers multiplied, a wide ε", Named("product"), rng.uniform(0.5, 2.0, (2, 2)), 0.25),
        case("f(x) = Σ x³, a wide ε", Named("cube"), rng.uniform(0.5, 2.0, 4), 0.25),
        case("whole numbers go in", Named("cube"), whole, 1e-5),
    ]


def _gradient(above=1.0, below=1.0, width=2.0, restore=True, dtype=float, eps=None):
    """Numeric differentiation with one thing wrong."""

    def wrong(f, x, eps_given=1e-5):
        e = eps or eps_given
        x = np.array(x, dtype=dtype)
        g = np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            middle = x[i]
            x[i] = middle + above * e
            high = f(x)
            x[i] = middle - below * e
            low = f(x)
            if restore:
                x[i] = middle
            g[i] = (high - low) / (width * e)
        return g

    return wrong


def _all_at_once(f, x, eps=1e-5):
    slope = (f(x + eps) - f(x - eps)) / (2 * eps)
    return np.full(np.shape(x), slope)


def _callers_x(f, x, eps=1e-5):
    g = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += eps
        above = f(x)
        x[i] -= 2 * eps
        g[i] = (above - f(x)) / (2 * eps)
    return g


numeric_gradient = Exercise(
    "numeric_gradient",
    STAGE,
    truth.numeric_gradient,
    numeric_gradient_cases,
    points={"value": 2.25, "shape": 0.25, "purity": 0.5},
    kind="callable",
    tolerance=1e-6,
    reveal="parsons",
    hints=(
        "For one entry: nudge it up by ε and ask f, nudge it down by ε and ask f. The slope is rise over run; "
        "how long is the run?",
        "x must come out as it went in. So the first line makes a copy, and every entry is put back before the "
        "next one moves.",
        "Inside the loop the order is: remember the entry, move it up, ask, move it down, ask, put it back, "
        "store the quotient.",
        "Two lines stand before the loop, one makes the copy and one the answer full of zeros; one stands "
        "behind it. All the others are inside and indented once.",
    ),
    misconceptions=(
        Misconception(
            "forward difference",
            wrong=_gradient(below=0.0, width=1.0),
            hint="With a wide ε you are off by far more than you need be. At which two points, one on either side of x, "
            "should f be asked?",
        ),
        Misconception(
            "ε where 2ε is meant",
            wrong=_gradient(width=1.0),
            hint="Every slope is twice as steep as it should be. How far apart are the two points?",
        ),
        Misconception(
            "entry not put back",
            wrong=_gradient(restore=False),
            hint="The first entry is right, the later ones are off. When entry 1 is nudged, where does entry 0 stand?",
        ),
        Misconception(
            "whole numbers stay whole",
            wrong=_gradient(dtype=None),
            hint="Only the whole numbers come out wrong. What happens to 2.00001 when it is stored among integers?",
        ),
        Misconception(
            "all entries nudged at once",
            wrong=_all_at_once,
            hint="Every entry has the same slope, the sum of them all. How many entries should move per question to f?",
        ),
        Misconception(
            "ε ignored",
            wrong=_gradient(eps=1e-5),
            hint="Where ε is 0.25, your answer is the one for 0.00001. Does your function use the `eps` it is given?",
        ),
        Misconception(
            "nudges the caller's x",
            wrong=_callers_x,
            hint="You nudge the caller's own array, and it does not come back as it was. What does the first of the "
            "lines make, before anything is nudged?",
        ),
    ),
)


def gradient_descent_cases(rng):
    """Few steps, so that the path is short; rates other than 1, one too large; a slope that changes on the way."""
    start = rng.uniform(0.5, 1.0, size=2)
    return [
        case("down a bowl", Named("slope of square"), rng.normal(size=3), 0.25, 4),
        case("the first and the last step in a wave", Named("slope of wave"), rng.normal(size=(2, 3)), 0.1, 3),
        case("a saddle, a small rate", Named("slope of saddle"), rng.normal(size=2), 0.03, 5),
        case("too large a rate flies off", Named("slope of square"), start, 1.5, 4),
        case("no step at all", Named("slope of square"), rng.normal(size=2), 0.1, 0),
    ]


def _descent(sign=-1.0, rate=lambda lr: lr, first=0, extra=0, fixed=False):
    """Gradient descent with one thing wrong."""

    def wrong(gradient, x0, lr=0.1, steps=100):
        path = [x0]
        for _ in range(steps + extra):
            g = gradient(x0 if fixed else path[-1])
            path.append(path[-1] + sign * rate(lr) * g)
        return np.stack(path[first:] or [x0])

    return wrong


def _one_array(gradient, x0, lr=0.1, steps=100):
    x = x0.copy()
    path = [x]
    for _ in range(steps):
        x -= lr * gradient(x)
        path.append(x)
    return np.stack(path)


def _callers_x0(gradient, x0, lr=0.1, steps=100):
    path = [x0.copy()]
    for _ in range(steps):
        x0 -= lr * gradient(x0)
        path.append(x0.copy())
    return np.stack(path)


gradient_descent = Exercise(
    "gradient_descent",
    STAGE,
    truth.gradient_descent,
    gradient_descent_cases,
    points={"value": 2.25, "shape": 0.25, "purity": 0.5},
    kind="callable",
    hints=(
        "Walk by hand: start at 4, slope 2x, lr = 0.1. Where are you after one step, and after two?",
        "Keep a list of places that begins with the start. Where does each new place come from?",
        "The newest place is `path[-1]`. Take the gradient there, not at the start, and go against it.",
        "`steps` rounds give `steps + 1` places. `np.stack` makes one array of a list of arrays of one shape.",
    ),
    misconceptions=(
        Misconception(
            "climbs",
            wrong=_descent(sign=1.0),
            hint="Every step leads further up. The gradient points uphill: which sign takes you down?",
        ),
        Misconception(
            "learning rate ignored",
            wrong=_descent(rate=lambda lr: 1.0),
            hint="Your steps are as long as the slope itself. Where does lr enter?",
        ),
        Misconception(
            "the slope of the start, every time",
            wrong=_descent(fixed=True),
            hint="The first step is right, the next ones go on in a straight line. Where do you stand when you ask for "
            "the slope?",
        ),
        Misconception(
            "start missing from the path",
            wrong=_descent(first=1),
            hint="One row too few, and the first is already a step away. Which point of the path comes before any step?",
        ),
        Misconception(
            "one step too many",
            wrong=_descent(extra=1),
            hint="With `steps` = 0 nobody should move. How often does your loop run?",
        ),
        Misconception(
            "only the end",
            wrong=lambda gradient, x0, lr=0.1, steps=100: _descent()(gradient, x0, lr, steps)[-1],
            hint="The last point is right. What became of the points on the way there?",
        ),
        Misconception(
            "one array, many times",
            wrong=_one_array,
            hint="Every row of the path is the last point. `x -= …` changes the one array that all rows are. How does "
            "each step get an array of its own?",
        ),
        Misconception(
            "moves the caller's start",
            wrong=_callers_x0,
            hint="The path is right, but the caller's x0 has walked along. How do you step without writing into it?",
        ),
    ),
)
