"""What is tried on every step that keeps a velocity, and a slip they all share."""

import numpy as np

from grader.exercise import case


def velocity_cases(rng, step):
    """From rest; three steps in a row across a ravine, where the slope changes sign; a matrix; the defaults."""
    p, g = rng.normal(size=(2, 4))
    slope = np.array([14.0, 1.0, 9.0, 0.5])  # 14 · 0.12 > 1: this entry leaps from wall to wall
    walk = [(rng.uniform(0.5, 1.5, 4), np.zeros(4))]
    for _ in range(2):
        q, v = walk[-1]
        walk.append(step(q, slope * q, v, 0.12, 0.8))
    return [
        case("the first step, from rest", p, g, np.zeros(4), 0.5, 0.9),
        *(case(f"step {t} across a ravine", q, slope * q, v, 0.12, 0.8) for t, (q, v) in enumerate(walk, 1)),
        case("a matrix in full flight", *rng.normal(size=(3, 3, 5)), 0.25, 0.7),
        case("level ground: it coasts", rng.normal(size=3), np.zeros(3), rng.normal(size=3) + 2, 0.3, 0.9),
        case("default learning rate and β", *rng.normal(size=(3, 5))),
    ]


def changes_in_place(move):
    """A step that is right but writes into the caller's v. move(g, v', β): what lr is multiplied by."""

    def wrong(p, g, v, lr=0.01, beta=0.9):
        v *= beta
        v += g
        return p - lr * move(g, v, beta), v

    return wrong
