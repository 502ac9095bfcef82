"""The losses in one place; each lives in its own file, its gradient beside it."""

from solutions.bce import bce, bce_backward, bce_with_logits, bce_with_logits_backward
from solutions.cross_entropy import cross_entropy, softmax_cross_entropy_backward
from solutions.mse import mse, mse_backward, rmse

__all__ = [
    "bce",
    "bce_backward",
    "bce_with_logits",
    "bce_with_logits_backward",
    "cross_entropy",
    "mse",
    "mse_backward",
    "rmse",
    "softmax_cross_entropy_backward",
]
