"""The exercises of solutions/dropout.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import dropout as truth

STAGE = "08_generalize"


def dropout_cases(rng):
    """Rates on either side of ½, so that kept and dropped differ; the same numbers in training and in evaluation."""

    def layer(*shape, p, dtype=float):
        mask = rng.random(shape) >= p
        mask.flat[:2] = rng.permutation([True, False])  # something stays and something goes, whatever the draw
        return rng.normal(size=shape).astype(dtype), mask, p

    shared = layer(3, 5, p=0.3)
    return [
        case("training, 30 percent dropped", *shared, True),
        case("evaluation, the same numbers", *shared, False),
        case("training, 80 percent dropped", *layer(4, 6, p=0.8), True),
        case("a single row of units, half of them dropped", *layer(7, p=0.5), True),
        case("channels of an image, 10 percent dropped", *layer(2, 3, 2, 2, p=0.1), True),
        case("float32 stays float32", *layer(2, 4, p=0.25, dtype=np.float32), True),
    ]


def _dropout(kept=lambda p: 1 - p, mask_of=lambda mask, p: mask, always=False, later=lambda x, p: x):
    """Dropout with one thing wrong; forward and backward are one function."""

    def wrong(x, mask, p, train):
        if train or always:
            return np.where(mask_of(mask, p), x / x.dtype.type(kept(p)), 0).astype(x.dtype)
        return later(x, p)

    return wrong


def _own_mask(mask, p):
    return np.random.default_rng(0).random(mask.shape) >= p


def _in_place(x, mask, p, train):
    if not train:
        return x
    x[~mask] = 0
    return x / (1 - p)


dropout_forward = Exercise(
    "dropout_forward",
    STAGE,
    truth.dropout_forward,
    dropout_cases,
    points={"value": 1, "shape": 0.5, "purity": 0.25},
    hints=(
        "Evaluation is the easy half: x comes back as it is. Which argument tells you?",
        "While training, an entry stays where the mask is True, and is 0 elsewhere. `np.where` picks entry by entry.",
        "What stays is made larger, so that the sum is right on average. If p are dropped, what share stays, "
        "and by what do you divide?",
    ),
    misconceptions=(
        Misconception(
            "p taken for the share that stays",
            wrong=_dropout(kept=lambda p: p),
            hint="You divide by p. Three of ten units go: by how much must the seven others grow to make up for them?",
        ),
        Misconception(
            "not scaled",
            wrong=_dropout(kept=lambda p: 1),
            hint="The right units are silent, the others unchanged. On average, is the layer still as loud as in "
            "evaluation?",
        ),
        Misconception(
            "scaled the wrong way",
            wrong=_dropout(kept=lambda p: 1 / (1 - p)),
            hint="What stays has become smaller. Some units are missing: should the others speak up, or lower their "
            "voice?",
        ),
        Misconception(
            "active in evaluation",
            wrong=_dropout(always=True),
            hint="Evaluation drops units as well. What is `train` for?",
        ),
        Misconception(
            "scaled in evaluation instead",
            wrong=_dropout(kept=lambda p: 1, later=lambda x, p: x * x.dtype.type(1 - p)),
            hint="That is the dropout of 2014: scale down later. Here evaluation changes nothing: when must the "
            "scaling happen?",
        ),
        Misconception(
            "mask turned around",
            wrong=_dropout(mask_of=lambda mask, p: ~mask),
            hint="You silence those that should stay. What does True in the mask stand for?",
        ),
        Misconception(
            "a mask of its own",
            wrong=_dropout(mask_of=_own_mask),
            hint="The mask you were given has no effect. How will the backward pass know whom you silenced?",
        ),
        Misconception(
            "writes into x",
            wrong=_in_place,
            hint="The answer is right, but the zeros landed in the caller's array too. How do you leave x as it was?",
        ),
    ),
)

dropout_backward = Exercise(
    "dropout_backward",
    STAGE,
    truth.dropout_backward,
    dropout_cases,
    points={"value": 1, "shape": 0.25, "purity": 0.25},
    hints=(
        "Forward was: times a factor, or 0. Backward, the gradient meets the same factor at the same places.",
        "It is the same mask. A new one would open other doors than the forward pass did.",
        "So the function looks like `dropout_forward` with dy in the place of x.",
    ),
    misconceptions=(
        Misconception(
            "mask ignored",
            wrong=_dropout(mask_of=lambda mask, p: np.ones_like(mask)),
            hint="Silenced units get a gradient. They had no part in the answer: what is their share of the error?",
        ),
        Misconception(
            "not scaled",
            wrong=_dropout(kept=lambda p: 1),
            hint="Forward, what stayed was divided by 1 − p. What does a factor do to the slope that passes through "
            "it?",
        ),
        Misconception(
            "scaling undone",
            wrong=_dropout(kept=lambda p: 1 / (1 - p)),
            hint="You multiply by 1 − p, as if going backward meant undoing. What is the slope of y = x / 0.7?",
        ),
        Misconception(
            "passed straight through",
            wrong=lambda dy, mask, p, train: dy,
            hint="Backward nothing happens at all. Change one silenced unit a little: does the loss notice?",
        ),
        Misconception(
            "a new mask",
            wrong=_dropout(mask_of=_own_mask),
            hint="Backward silences others than forward did. Which units had a part in this answer?",
        ),
        Misconception(
            "active in evaluation",
            wrong=_dropout(always=True),
            hint="In evaluation y was x. What is its slope then?",
        ),
        Misconception(
            "p taken for the share that stays",
            wrong=_dropout(kept=lambda p: p),
            hint="You divide by p, the share that is dropped. By what did the forward pass divide?",
        ),
    ),
)
