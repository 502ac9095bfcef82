"""The exercise of solutions/augment.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from course.wire import Seeded
from grader.exercise import Exercise, Misconception, case
from solutions import augment as truth

STAGE = "08_generalize"


def augment_cases(rng):
    """Oblong images with ink up to the edge: wrapping, edge padding and swapped directions all show."""

    def images(*shape, dtype=float):
        return rng.uniform(0.2, 1.0, shape).astype(dtype)

    def seeded():
        return Seeded(int(rng.integers(1, 1 << 30)))

    return [
        case("six images, one pixel at most", images(6, 1, 4, 5), seeded(), 1, False),
        case("two channels, two pixels at most", images(5, 2, 5, 4), seeded(), 2, False),
        case("mirrored or not", images(9, 1, 3, 5), seeded(), 0, True),
        case("moved and mirrored", images(8, 2, 4, 6), seeded(), 1, True),
        case("float32 stays float32", images(4, 1, 5, 3, dtype=np.float32), seeded(), 1, True),
    ]


def _augment(
    corner=lambda top, left: (top, left),
    pad=lambda X, s: np.pad(X, ((0, 0), (0, 0), (s, s), (s, s))),
    mirrors=lambda flip, mirrored, n: flip and mirrored[n],
    mirror=lambda window: window[:, :, ::-1],
    generator=lambda rng: rng,
    one_for_all=False,
):
    """Augmentation with one thing wrong."""

    def wrong(X, rng, shift=1, flip=False):
        rng, (N, _, H, W) = generator(rng), X.shape
        corners, mirrored = rng.integers(2 * shift + 1, size=(N, 2)), rng.random(N) < 0.5
        P, Y = pad(X, shift), np.empty_like(X)
        for n in range(N):
            top, left = corner(*corners[0 if one_for_all else n])
            window = P[n, :, top : top + H, left : left + W]
            Y[n] = mirror(window) if mirrors(flip, mirrored, n) else window
        return Y

    return wrong


def _padded(how):
    return lambda X, s: np.pad(X, ((0, 0), (0, 0), (s, s), (s, s)), mode=how)


def _in_place(X, rng, shift=1, flip=False):
    X[:] = truth.augment.twins["numpy"](X, rng, shift, flip)
    return X


augment = Exercise(
    "augment",
    STAGE,
    truth.augment,
    augment_cases,
    points={"value": 1, "shape": 0.5, "purity": 0.25},
    kind="rng",
    reveal="fill_in",
    blanks=("P[n, :, top : top + H, left : left + W]", "window[:, :, ::-1]", "flip and mirrored[n]"),
    hints=(
        "P is the padded picture. A window of the old size slides on it, and its upper left corner is (top, "
        "left). With a shift of 1, how many corners are there?",
        "A window of H rows that begins at top ends before top + H. Write the same for the columns. The "
        "channels are all taken.",
        "Mirroring turns the columns around, the last axis: a slice with step −1. Rows and channels stay.",
        "The last blank is a condition for picture n: somebody has asked for flips, and the coin of this "
        "picture says so.",
    ),
    misconceptions=(
        Misconception(
            "nothing moves",
            wrong=_augment(corner=lambda top, left: (0, 0)),
            hint="Every window begins in the same corner of the padded image. Where do `top` and `left` enter?",
        ),
        Misconception(
            "top and left swapped",
            wrong=_augment(corner=lambda top, left: (left, top)),
            hint="Down and across have changed places. Which axis of (N, C, H, W) counts the rows?",
        ),
        Misconception(
            "one move for all",
            wrong=_augment(one_for_all=True),
            hint="All images move together. Which row of `corners` belongs to image n?",
        ),
        Misconception(
            "mirrored although nobody asked",
            wrong=_augment(mirrors=lambda flip, mirrored, n: mirrored[n]),
            hint="Images are mirrored where flip is False. For a picture of a 2, what would that make of it?",
        ),
        Misconception(
            "all of them mirrored",
            wrong=_augment(mirrors=lambda flip, mirrored, n: flip),
            hint="With flip, every image is mirrored, and none is shown as it was. What did `mirrored` draw?",
        ),
        Misconception(
            "never mirrored",
            wrong=_augment(mirrors=lambda flip, mirrored, n: False),
            hint="flip changes nothing in your version. When should an image be turned around?",
        ),
        Misconception(
            "turned upside down",
            wrong=_augment(mirror=lambda window: window[:, ::-1, :]),
            hint="Top and bottom have changed places. A window is (C, H, W): which of the three runs from left to "
            "right?",
        ),
        Misconception(
            "channels turned around",
            wrong=_augment(mirror=lambda window: window[::-1]),
            hint="With one channel nothing is mirrored, with two they change places. Which axis of a window is the "
            "last?",
        ),
        Misconception(
            "comes back in on the other side",
            wrong=_augment(pad=_padded("wrap")),
            hint="What leaves on the right returns on the left. What should lie around an image: itself again, or "
            "paper?",
        ),
        Misconception(
            "edge smeared outward",
            wrong=_augment(pad=_padded("edge")),
            hint="The border repeats where nothing should be. Which number stands for empty paper?",
        ),
        Misconception(
            "own random numbers",
            wrong=_augment(generator=lambda rng: np.random.default_rng(0)),
            hint="The same moves come out whichever rng the caller hands in. Whose generator should be asked?",
        ),
        Misconception(
            "writes into X",
            wrong=_in_place,
            hint="The new images replaced the old ones. What is left to augment in the next epoch?",
        ),
    ),
)
