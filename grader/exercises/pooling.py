"""The exercises of solutions/pooling.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import pooling as truth

STAGE = "11_cnn"


def maps(rng, *shape):
    """Feature maps in which no two entries are alike."""
    return rng.permutation(np.arange(1.0, 1 + np.prod(shape))).reshape(shape) / 4 - np.prod(shape) / 10


def maxpool_forward_cases(rng):
    """Windows that touch, overlap, leave gaps and leave a rest; all below zero; no two sizes alike."""
    return [
        case("one map, windows of 2 that touch", maps(rng, 1, 1, 4, 6), 2, 2),
        case("two pictures, three channels", maps(rng, 2, 3, 4, 6), 2, 2),
        case("windows that overlap", maps(rng, 2, 2, 7, 8), 3, 2),
        case("a rest that no window reaches", maps(rng, 3, 2, 5, 7), 2, 2),
        case("windows with gaps between them", maps(rng, 2, 1, 8, 5), 2, 3),
        case("everything below zero", -1 - np.abs(maps(rng, 2, 2, 4, 4)), 2, 2),
        case("windows of 1", maps(rng, 1, 2, 3, 4), 1, 1),
        case("float32 stays float32", maps(rng, 2, 2, 6, 4).astype(np.float32), 2, 2),
    ]


def _pool(of=np.max, steps=lambda k, stride: stride, dtype=lambda X: X.dtype):
    """Max pooling with one thing wrong."""

    def wrong(X, k, stride):
        (N, C, H, W), step = X.shape, steps(k, stride)
        Y = np.empty((N, C, (H - k) // step + 1, (W - k) // step + 1), dtype(X))
        for h in range(Y.shape[2]):
            for w in range(Y.shape[3]):
                Y[:, :, h, w] = of(X[:, :, h * step : h * step + k, w * step : w * step + k], axis=(2, 3))
        return Y

    return wrong


def _rest_too(X, k, stride):
    H, W = X.shape[2:]
    rows, columns = range(0, H - k + stride, stride), range(0, W - k + stride, stride)
    return np.stack([np.stack([X[:, :, h : h + k, w : w + k].max((2, 3)) for w in columns], -1) for h in rows], -2)


def _over_channels(X, k, stride):
    return np.broadcast_to(_pool()(X, k, stride).max(axis=1, keepdims=True), _pool()(X, k, stride).shape).copy()


def _never_below_zero(window, axis):
    return np.maximum(np.max(window, axis=axis), 0)


maxpool_forward = Exercise(
    "maxpool_forward",
    STAGE,
    truth.maxpool_forward,
    maxpool_forward_cases,
    points={"value": 1.25, "shape": 0.25, "purity": 0.25},
    hints=(
        "A 4 × 4 picture, windows of 2, steps of 2: write the four maxima down. Which slices did you look at?",
        "Either two loops over the places (h, w): the window begins at h · stride and w · stride. Or all "
        "windows at once, with `sliding_window_view`.",
        "With loops: make room of (N, C, Ho, Wo) in X's dtype, and of each window take the maximum over the "
        "last two axes, for all pictures and channels at once.",
    ),
    misconceptions=(
        Misconception(
            "the mean of each window",
            wrong=_pool(of=np.mean),
            hint="That is average pooling. Which number of a window is wanted here?",
        ),
        Misconception(
            "never below zero",
            wrong=_pool(of=_never_below_zero),
            hint="Where a whole window is below zero, you return 0. With which number does your search for the largest begin?",
        ),
        Misconception(
            "windows side by side, whatever the stride",
            wrong=_pool(steps=lambda k, stride: k),
            hint="Windows that touch are right; those that overlap or leave gaps are not. How far apart do two windows begin?",
        ),
        Misconception(
            "steps of 1 always",
            wrong=_pool(steps=lambda k, stride: 1),
            hint="You return far too many windows. Where does `stride` enter?",
        ),
        Misconception(
            "the rest gets a window too",
            wrong=_rest_too,
            hint="At the lower or right end you return one more. Is there a whole window left?",
        ),
        Misconception(
            "the largest of all channels",
            wrong=_over_channels,
            hint="One channel is right; of several, all come out alike. Over which of the four axes does a window reach?",
        ),
        Misconception(
            "the smallest",
            wrong=_pool(of=np.min),
            hint="Turn all signs around, and you would be right. Which end of the window did you take?",
        ),
        Misconception(
            "float64 always",
            wrong=_pool(dtype=lambda X: float),
            hint="float32 came in and float64 goes out. Who tells NumPy which dtype the new array has?",
        ),
    ),
)


def maxpool_backward_cases(rng):
    """As forward, and ties on purpose: small whole numbers, so that many windows have several largest entries."""

    def way_back(X, k, stride):
        shape = truth.maxpool_forward(X, k, stride).shape
        return rng.normal(size=shape).astype(X.dtype), X, k, stride

    tied = rng.integers(0, 3, (2, 2, 5, 6)).astype(float)
    tied[:, :, :2, :2] = 3.0  # in the first window all four are equal
    return [
        case("one map, windows of 2 that touch", *way_back(maps(rng, 1, 1, 4, 6), 2, 2)),
        case("two pictures, three channels", *way_back(maps(rng, 2, 3, 4, 6), 2, 2)),
        case("windows that overlap, one winner for several", *way_back(np.sort(maps(rng, 2, 2, 7, 8), axis=3), 3, 2)),
        case("windows with several largest entries", *way_back(tied, 2, 2)),
        case("a rest that no window reaches", *way_back(maps(rng, 3, 2, 5, 7), 2, 2)),
        case("windows with gaps between them", *way_back(maps(rng, 2, 1, 8, 5), 2, 3)),
        case("float32 stays float32", *way_back(maps(rng, 2, 2, 6, 4).astype(np.float32), 2, 2)),
    ]


def _route(
    share=lambda window: window == window.max(axis=2, keepdims=True),
    collect=lambda old, new, mine: old + new,
    steps=lambda k, stride: stride,
    ground=np.zeros_like,
):
    """The way back through max pooling with one thing wrong. share: what part of the gradient each entry gets."""

    def wrong(dY, X, k, stride):
        (N, C, _, _), (_, _, Ho, Wo), step = X.shape, dY.shape, steps(k, stride)
        dX = ground(X)
        for h in range(Ho):
            for w in range(Wo):
                place = np.s_[:, :, h * step : h * step + k, w * step : w * step + k]
                window = X[place].reshape(N, C, -1)
                part = (share(window) * dY[:, :, h, w, None]).reshape(X[place].shape).astype(X.dtype)
                dX[place] = collect(dX[place], part, part != 0)
        return dX

    return wrong


def _chosen(which):
    """One entry of each window gets everything."""

    def share(window):
        return np.arange(window.shape[2]) == which(window)[:, :, None]

    return share


_first = _chosen(lambda window: window.argmax(axis=2))

maxpool_backward = Exercise(
    "maxpool_backward",
    STAGE,
    truth.maxpool_backward,
    maxpool_backward_cases,
    points={"value": 1.5, "shape": 0.25, "purity": 0.25},
    reveal="parsons",
    hints=(
        "Look at one window: where is its largest entry? Only that entry gets the gradient.",
        "Before the loops: shapes, a dX of zeros, and n and c as index arrays. Inside: where the window begins, "
        "the window itself, where its maximum lies, the gradient added.",
        "The window is flattened to k · k entries, so argmax gives one number; `np.divmod` by k turns it back "
        "into a row and a column.",
        "`top, left` comes first in the inner loop, then `window`, then `i, j`, then the line with `+=`. The "
        "return stands outside both loops.",
    ),
    misconceptions=(
        Misconception(
            "shared equally",
            wrong=_route(share=lambda window: np.full(window.shape, 1 / window.shape[2])),
            hint="That is the way back through a mean. Nudge an entry that is not the largest: does the output move?",
        ),
        Misconception(
            "everybody in the window gets all of it",
            wrong=_route(share=lambda window: np.ones(window.shape)),
            hint="Nudge an entry that is not the largest: does the output move?",
        ),
        Misconception(
            "every tie gets all of it",
            wrong=_route(),
            hint="Only windows with several largest entries are wrong: there the gradient has been multiplied. How many may "
            "receive it?",
        ),
        Misconception(
            "ties share",
            wrong=_route(
                share=lambda window: (top := window == window.max(axis=2, keepdims=True)) / top.sum(2)[..., None]
            ),
            hint="Only windows with several largest entries are wrong. Sharing would be fair, but who gets it here, by the "
            "description?",
        ),
        Misconception(
            "the last of equals",
            wrong=_route(share=_chosen(lambda window: window.shape[2] - 1 - window[:, :, ::-1].argmax(axis=2))),
            hint="Only windows with several largest entries are wrong. Which of them does the description name?",
        ),
        Misconception(
            "times the value",
            wrong=_route(share=lambda window: _first(window) * window),
            hint="The right entries get something, but multiplied by themselves. If the largest entry grows by 0.1, by how much "
            "does the output grow?",
        ),
        Misconception(
            "overlaps overwritten",
            wrong=_route(share=_first, collect=lambda old, new, mine: np.where(mine, new, old)),
            hint="Only windows that overlap are wrong. One entry may win several of them: what does `=` do to its first prize?",
        ),
        Misconception(
            "windows side by side, whatever the stride",
            wrong=lambda dY, X, k, stride: _side_by_side(dY, X, k),
            hint="Windows that touch are right. How far apart do two windows begin?",
        ),
        Misconception(
            "the upper left entry",
            wrong=_route(share=_chosen(lambda window: np.zeros(window.shape[:2], int))),
            hint="Each gradient lands in the corner of its window. Who was the largest there, and what does argmax say?",
        ),
        Misconception(
            "added to the picture",
            wrong=_route(share=_first, ground=np.copy),
            hint="Your answer is X plus the right one. What should stand in dX before the first gradient arrives?",
        ),
    ),
)


def _side_by_side(dY, X, k):
    """As if the stride were k; windows that would lie outside are left out."""
    dX = np.zeros_like(X)
    n, c = np.ogrid[: len(X), : X.shape[1]]
    for h in range(min(dY.shape[2], X.shape[2] // k)):
        for w in range(min(dY.shape[3], X.shape[3] // k)):
            window = X[:, :, h * k : h * k + k, w * k : w * k + k].reshape(*X.shape[:2], -1)
            i, j = np.divmod(window.argmax(axis=2), k)
            dX[n, c, h * k + i, w * k + j] += dY[:, :, h, w]
    return dX


def global_average_pool_cases(rng):
    """Higher than wide and wider than high, a single pixel, a constant map."""
    flat = np.ones((2, 2, 3, 2)) * rng.normal(size=(2, 2, 1, 1))
    return [
        case("two pictures, three channels of 4 × 5", rng.normal(size=(2, 3, 4, 5))),
        case("five pictures, two channels of 6 × 3", rng.normal(size=(5, 2, 6, 3))),
        case("a single pixel each", rng.normal(size=(3, 2, 1, 1))),
        case("maps of one gray", flat),
        case("float32 stays float32", rng.normal(size=(2, 4, 3, 5)).astype(np.float32)),
    ]


global_average_pool = Exercise(
    "global_average_pool",
    STAGE,
    truth.global_average_pool,
    global_average_pool_cases,
    points={"value": 0.5, "shape": 0.25, "purity": 0.25},
    hints=(
        "One number for each channel of each picture. Which axes must disappear?",
        "`np.mean` takes several axes at once, as a tuple. Counting starts at 0: N is 0, C is 1.",
    ),
    misconceptions=(
        Misconception(
            "the sum",
            wrong=lambda X: np.sum(X, axis=(2, 3)),
            hint="Your numbers grow with the picture. By how many pixels should they be divided?",
        ),
        Misconception(
            "the largest",
            wrong=lambda X: np.max(X, axis=(2, 3)),
            hint="That is global max pooling. What does *average* mean?",
        ),
        Misconception(
            "axes 1 and 2",
            wrong=lambda X: np.mean(X, axis=(1, 2)),
            hint="You return a number for each column. Axes count from 0: N, C, H, W. Which two must go?",
        ),
        Misconception(
            "one number per picture",
            wrong=lambda X: np.mean(X, axis=(1, 2, 3)),
            hint="The channels have been averaged away too. What would then be left for the next layer to weigh?",
        ),
        Misconception(
            "over all pictures",
            wrong=lambda X: np.mean(X, axis=(0, 2, 3)),
            hint="That is a mean per channel over the whole batch, as batch normalization wants it. Are the pictures to be "
            "mixed here?",
        ),
        Misconception(
            "axes of length 1 left over",
            wrong=lambda X: np.mean(X, axis=(2, 3), keepdims=True),
            hint="The numbers are right, the shape is (N, C, 1, 1). What would a dense layer say to that?",
        ),
        Misconception(
            "rows only",
            wrong=lambda X: np.mean(X, axis=3),
            hint="Each row has a mean of its own. How many numbers are wanted per channel?",
        ),
    ),
)
