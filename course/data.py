"""The course's data sets. Small ones are built here; each function says what a row is and what its label means.

X holds one example a row, y its labels. Nothing here needs a network, and heavy libraries load only when asked for.
"""

from itertools import product

import numpy as np

KCAL = (100, 150, 200)  # burned by one session of walking, running, swimming


def calorie_plans(goal=1400, kcal=KCAL, most=7):
    """Every weekly plan of 0 … `most` sessions each of walking, running and swimming.

    -> X (512, 3) sessions, in counting order (0,0,0), (0,0,1), …; y (512,): 1 if the plan burns at least `goal`
    kilocalories, else 0.
    """
    X = _count(most + 1, len(kcal))
    return X, (X @ np.asarray(kcal) >= goal).astype(int)


def vacation():
    """Every answer to: is the fare low? is leave granted? is the weather nice?   (1 yes, 0 no)

    -> X (8, 3) in counting order; y (8,): 1 where our traveler goes, which takes leave and one good reason more.
    """
    X = _count(2, 3)
    fare, leave, weather = X.T
    return X, ((leave == 1) & (fare + weather >= 1)).astype(int)


def xor():
    """Exclusive or: one or the other, not both.          -> X (4, 2) in counting order; y (4,): 0, 1, 1, 0"""
    X = _count(2, 2)
    return X, (X.sum(axis=1) == 1).astype(int)


def _count(base, digits):
    return np.array(list(product(range(base), repeat=digits)), dtype=float)
