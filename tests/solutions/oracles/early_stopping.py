"""Early stopping on histories whose answer can be read off: a plateau, a dip after the end, a rise, no end at all."""

import numpy as np

from tests.solutions.oracle import Oracle

FALLING = (5.0, 4.0, 3.0, 2.0)
DIP = (5.0, 4.0, 4.5, 4.75, 3.0, 3.25, 3.5, 3.75, 1.0)
PLATEAU = (2.0, 1.0, 1.0, 1.0, 1.0)

# (history, patience) -> (best, stop)
ANSWERS = {
    (FALLING, 2): (3, 3),
    (DIP, 1): (1, 2),
    (DIP, 2): (1, 3),
    (DIP, 3): (4, 7),  # the counter starts again at the dip, and the 1.0 comes too late
    (DIP, 4): (8, 8),
    (PLATEAU, 2): (1, 3),
    (PLATEAU, 3): (1, 4),
    (PLATEAU, 9): (1, 4),
    (FALLING[::-1], 3): (0, 3),
    (FALLING[:1], 1): (0, 0),
}

ORACLES = {
    "early_stop": Oracle(
        lambda rng, dtype: [(np.array(history, dtype), patience) for history, patience in ANSWERS],
        expected=lambda history, patience: ANSWERS[tuple(history.tolist()), patience],
    )
}
