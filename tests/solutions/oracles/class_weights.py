"""Class weights against scikit-learn's "balanced"."""

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from tests.solutions.oracle import Oracle

ORACLES = {
    "class_weights": Oracle(
        lambda rng, dtype: [(np.array([0, 0, 0, 1]),), (np.array([2, 0, 1, 1, 2, 2, 2]),), (rng.integers(5, size=99),)],
        expected=lambda y: compute_class_weight("balanced", classes=np.unique(y), y=y),
        keeps_dtype=False,  # labels are whole numbers
    )
}
