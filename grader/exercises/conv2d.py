"""The exercises of solutions/conv2d.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import conv2d as truth

STAGE = "11_cnn"


def conv_out_size_cases(rng):
    """Sides that come out even and sides that leave a rest; padding; a kernel that fits exactly once."""

    def one(low, high):
        return int(rng.integers(low, high))

    k = one(3, 7)
    return [
        case("no padding, steps of 1", one(9, 20), k),
        case("a kernel as large as the side", k, k),
        case("padding at both ends", one(9, 20), 3, 1, one(1, 3)),
        case("steps of 2 that come out even", 2 * one(4, 9) + 1, 3, 2),
        case("steps of 2 that leave a rest", 2 * one(4, 9), 3, 2),
        case("7 pixels, steps of 2, padding", 7, one(2, 5), 2, 1),
        case("8 pixels, steps of 2, padding", 8, one(2, 5), 2, 1),
        case("steps longer than the kernel", 3 * one(4, 9), 2, 3),
        case("a kernel of 1", one(5, 9), 1, 1, one(1, 3)),
    ]


conv_out_size = Exercise(
    "conv_out_size",
    STAGE,
    truth.conv_out_size,
    conv_out_size_cases,
    points={"value": 1.25, "shape": 0.25},
    hints=(
        "A side of 5 pixels, a kernel of 3: slide it by hand. How often does it fit? And with steps of 2?",
        "Padding makes the side longer, at both ends. The kernel takes k of it; what is left over is room to slide.",
        "Whole steps in that room, rounded down, and one more for the place where it starts.",
    ),
    misconceptions=(
        Misconception(
            "one place too few",
            wrong=lambda size, k, stride=1, pad=0: (size + 2 * pad - k) // stride,
            hint="A kernel as large as the side fits once, and you count 0 places. What is missing in the formula?",
        ),
        Misconception(
            "one place too many",
            wrong=lambda size, k, stride=1, pad=0: (size + 2 * pad - k) // stride + 2,
            hint="A kernel as large as the side fits once, and you count 2. How far can it slide?",
        ),
        Misconception(
            "padding at one end only",
            wrong=lambda size, k, stride=1, pad=0: (size + pad - k) // stride + 1,
            hint="Without padding all is well. How many pixels does padding add to a row, left and right together?",
        ),
        Misconception(
            "padding forgotten",
            wrong=lambda size, k, stride=1, pad=0: (size - k) // stride + 1,
            hint="Without padding all is well. How long is the row that the kernel really slides over?",
        ),
        Misconception(
            "rounded up",
            wrong=lambda size, k, stride=1, pad=0: -(-(size + 2 * pad - k) // stride) + 1,
            hint="Only the cases that leave a rest are wrong. May the kernel's last place stick out over the end?",
        ),
        Misconception(
            "not rounded",
            wrong=lambda size, k, stride=1, pad=0: (size + 2 * pad - k) / stride + 1,
            hint="Can there be half a place? Which of Python's two divisions gives whole numbers?",
        ),
        Misconception(
            "divided by the kernel's side",
            wrong=lambda size, k, stride=1, pad=0: (size + 2 * pad - k) // k + 1,
            hint="That is right for windows that do not overlap. How far does the kernel move in one step?",
        ),
        Misconception(
            "steps of 1 always",
            wrong=lambda size, k, stride=1, pad=0: size + 2 * pad - k + 1,
            hint="Steps of 1 are right, longer ones are not. How many places are left when every second one is skipped?",
        ),
        Misconception(
            "only k divided",
            wrong=lambda size, k, stride=1, pad=0: size + 2 * pad - k // stride + 1,
            hint="Python divides before it subtracts. Which part of your line should be worked out first?",
        ),
    ),
)


def pictures(rng, N, C, H, W, F, k, dtype=float):
    """X, K, b; nothing is 0, and no kernel looks the same when turned, mirrored or transposed."""
    X, K = rng.normal(size=(N, C, H, W)), rng.normal(size=(F, C, k, k))
    b = rng.uniform(0.5, 2, F) * rng.choice([-1, 1], F)
    return X.astype(dtype), K.astype(dtype), b.astype(dtype)


def conv2d_forward_cases(rng):
    """From a single picture up; no two sizes alike; an odd and an even side, so that a rest is left at one of them."""
    return [
        case("one picture, one channel, one filter", *pictures(rng, 1, 1, 4, 5, 1, 2)),
        case("three channels, two filters", *pictures(rng, 1, 3, 5, 6, 2, 3)),
        case("four pictures of 7 × 8, steps of 2, padding", *pictures(rng, 4, 3, 7, 8, 2, 3), 2, 1),
        case("padding of 2 around 5 × 4", *pictures(rng, 2, 2, 5, 4, 3, 4), 1, 2),
        case("a filter as large as the picture", *pictures(rng, 3, 2, 3, 3, 4, 3)),
        case("filters of 1 × 1, steps of 3", *pictures(rng, 2, 3, 5, 7, 2, 1), 3, 0),
        case("float32 stays float32", *pictures(rng, 2, 2, 6, 5, 3, 3, np.float32), 2, 1),
    ]


def _forward(
    kernel=lambda K: K,
    steps=lambda stride: (stride, stride),
    pad_with=lambda X, pad: np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad))),
    product="nchw,fc->nfhw",
    channels=lambda C: C,
    bias=lambda b, C, k: b,
    dtype=lambda X: X.dtype,
):
    """The convolution with one thing wrong."""

    def wrong(X, K, b, stride=1, pad=0):
        P, taps, (down, right) = pad_with(X, pad), kernel(K), steps(stride)
        C, k = channels(K.shape[1]), K.shape[2]
        Ho, Wo = (P.shape[2] - k) // down + 1, (P.shape[3] - k) // right + 1
        Y = np.zeros((len(X), len(K), Ho, Wo), dtype(X)) + bias(b, C, k)[:, None, None].astype(dtype(X))
        for i in range(k):
            for j in range(k):
                seen = P[:, :C, i : i + down * Ho : down, j : j + right * Wo : right]
                Y += np.einsum(product, seen, taps[:, :C, i, j])
        return Y

    return wrong


def _last_tap_only(X, K, b, stride=1, pad=0):
    k = K.shape[2]
    P = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Ho, Wo = (P.shape[2] - k) // stride + 1, (P.shape[3] - k) // stride + 1
    seen = P[:, :, k - 1 : k - 1 + stride * Ho : stride, k - 1 : k - 1 + stride * Wo : stride]
    return np.einsum("nchw,fc->nfhw", seen, K[:, :, -1, -1]) + b[:, None, None]


conv2d_forward = Exercise(
    "conv2d_forward",
    STAGE,
    truth.conv2d_forward,
    conv2d_forward_cases,
    points={"value": 2.5, "shape": 0.5, "purity": 0.25},
    reveal="fill_in",
    blanks=(
        "P[:, :, i : i + stride * Ho : stride, j : j + stride * Wo : stride]",
        '"nchw,fc->nfhw", seen, K[:, :, i, j]',
    ),
    hints=(
        "The loops run over the k × k taps of the kernel. For one tap, which pixels of P meet it, over all "
        "places at once?",
        "Tap (i, j) sees row i of the first window, row i + stride of the next, and so on: Ho rows. A slice "
        "with a start, an end and a step says that.",
        "The end is start + stride · Ho, the step is stride; for the columns likewise with j and Wo. The first "
        "two axes are taken whole.",
        "The einsum adds up over the channels: n, c, h, w from what is seen, f, c from the tap, and c is gone "
        "from the result. The tap's weights are all f and c of K at (i, j).",
    ),
    misconceptions=(
        Misconception(
            "filter turned around",
            wrong=_forward(kernel=lambda K: K[:, :, ::-1, ::-1]),
            hint="Filters of 1 × 1 are right, larger ones act as if turned by half. That is a convolution as mathematicians "
            "have it. Which entry of K meets the upper left pixel of the window here?",
        ),
        Misconception(
            "rows and columns of the filter exchanged",
            wrong=_forward(kernel=lambda K: K.transpose(0, 1, 3, 2)),
            hint="Your filter is mirrored along its diagonal. Does i count rows of K or columns, and i of the slice?",
        ),
        Misconception(
            "steps of 1 always",
            wrong=_forward(steps=lambda stride: (1, 1)),
            hint="With steps of 1 all is right, else you return too much. Where does `stride` enter the slice, and where "
            "the size?",
        ),
        Misconception(
            "steps for the rows only",
            wrong=_forward(steps=lambda stride: (stride, 1)),
            hint="The height is right and the width is not. Which of the two slices has no third part?",
        ),
        Misconception(
            "first channel only",
            wrong=_forward(channels=lambda C: 1),
            hint="A single channel is right, several are not. Which sum of the formula is left out?",
        ),
        Misconception(
            "bias once for every tap",
            wrong=_forward(bias=lambda b, C, k: b * k * k),
            hint="1 × 1 filters are right. A filter of 3 × 3 has nine taps; how often does the formula add b?",
        ),
        Misconception(
            "bias once for every channel",
            wrong=_forward(bias=lambda b, C, k: b * C),
            hint="A single channel is right. How often is b added where there are three?",
        ),
        Misconception(
            "bias forgotten",
            wrong=_forward(bias=lambda b, C, k: 0 * b),
            hint="Every output of a filter is off by the same number. Where does b enter?",
        ),
        Misconception(
            "border repeated instead of zeros",
            wrong=_forward(pad_with=lambda X, p: np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)), mode="edge")),
            hint="Only outputs near the border are wrong. What do the padded pixels hold?",
        ),
        Misconception(
            "padding forgotten",
            wrong=_forward(pad_with=lambda X, pad: X),
            hint="Without padding all is right, with it you return too little. Over which array should the filter slide?",
        ),
        Misconception(
            "padding at one end only",
            wrong=_forward(pad_with=lambda X, p: np.pad(X, ((0, 0), (0, 0), (p, 0), (p, 0)))),
            hint="The padded pictures are too small. To how many of its four sides did you add zeros?",
        ),
        Misconception(
            "the last tap alone",
            wrong=_last_tap_only,
            hint="Only the lower right entry of each filter counts. What does `=` do to what the taps before it left in Y?",
        ),
        Misconception(
            "float64 always",
            wrong=_forward(dtype=lambda X: float),
            hint="float32 came in and float64 goes out. Who tells np.zeros which dtype to make?",
        ),
    ),
)


def conv2d_backward_cases(rng):
    """As forward; a gradient of the output's shape comes first, and there is no b."""

    def way_back(N, C, H, W, F, k, stride=1, pad=0, dtype=float):
        X, K, b = pictures(rng, N, C, H, W, F, k, dtype)
        dY = rng.normal(size=truth.conv2d_forward(X, K, b, stride, pad).shape).astype(dtype)
        return dY, X, K, stride, pad

    return [
        case("one picture, one channel, one filter", *way_back(1, 1, 4, 5, 1, 2)),
        case("three channels, two filters", *way_back(2, 3, 5, 6, 2, 3)),
        case("four pictures of 7 × 8, steps of 2, padding", *way_back(4, 3, 7, 8, 2, 3, 2, 1)),
        case("padding of 2 around 5 × 4", *way_back(3, 2, 5, 4, 3, 4, 1, 2)),
        case("a rest that no window reaches", *way_back(2, 2, 6, 8, 3, 3, 2, 0)),
        case("filters of 1 × 1", *way_back(2, 3, 4, 5, 2, 1)),
        case("float32 stays float32", *way_back(2, 2, 6, 5, 3, 3, 2, 1, np.float32)),
    ]


def _backward(
    collect=lambda dP, seen, part: dP[seen] + part,
    through=lambda K, i, j: K[:, :, i, j],
    where=lambda i, j, k: (i, j),
    crop=lambda dP, pad, H, W: dP[:, :, pad : pad + H, pad : pad + W].copy(),
    bias=lambda dY: np.sum(dY, axis=(0, 2, 3)),
    kernel=lambda dK, dY: dK,
    pad_with=lambda X, pad: np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad))),
):
    """The way back through a convolution with one thing wrong."""

    def wrong(dY, X, K, stride=1, pad=0):
        (_, _, H, W), k, (_, _, Ho, Wo) = X.shape, K.shape[2], dY.shape
        P = pad_with(X, pad)
        dP, dK = np.zeros_like(P), np.zeros_like(K)
        for i in range(k):
            for j in range(k):
                seen = np.s_[:, :, i : i + stride * Ho : stride, j : j + stride * Wo : stride]
                dK[:, :, *where(i, j, k)] = np.einsum("nfhw,nchw->fc", dY, P[seen])
                dP[seen] = collect(dP, seen, np.einsum("nfhw,fc->nchw", dY, through(K, i, j)))
        return crop(dP, pad, H, W), kernel(dK, dY), bias(dY)

    return wrong


def _right(change):
    """What becomes of the three right answers."""
    return lambda dY, X, K, stride=1, pad=0: change(*truth.conv2d_backward(dY, X, K, stride, pad))


conv2d_backward = Exercise(
    "conv2d_backward",
    STAGE,
    truth.conv2d_backward,
    conv2d_backward_cases,
    points={"value": 3.25, "shape": 0.5, "purity": 0.25},
    hints=(
        "Loop over the taps as in the forward pass. The same slice of P that a tap saw is where its gradients go.",
        "For dK, one tap at a time: dY times what was seen, added up over pictures and places. What is left is (F, C).",
        "For dP, one tap at a time: dY times the tap's weights, added up over the filters, goes to the same "
        "slice. Windows overlap: add, do not overwrite.",
        "db adds dY up over pictures and places. dX is dP without its margin: from pad on, H rows and W "
        "columns. (`pad:-pad` is empty for pad 0.)",
    ),
    misconceptions=(
        Misconception(
            "overlaps overwritten",
            wrong=_backward(collect=lambda dP, seen, part: part),
            hint="dK and db are right. A pixel that several windows saw keeps only the last one's share. What does `=` do to "
            "what is already there?",
        ),
        Misconception(
            "dX through the filter turned around",
            wrong=_backward(through=lambda K, i, j: K[:, :, ::-1, ::-1][:, :, i, j]),
            hint="You may have read that the way back flips the filter. It does, in a formula that asks each pixel for its "
            "windows. Yours asks each tap for its pixels: which entry of K multiplied them on the way forward?",
        ),
        Misconception(
            "dK turned around",
            wrong=_backward(where=lambda i, j, k: (k - 1 - i, k - 1 - j)),
            hint="dX and db are right, dK lies upside down and back to front. The slice of which tap are you multiplying with?",
        ),
        Misconception(
            "padding not cut off",
            wrong=_backward(crop=lambda dP, pad, H, W: dP),
            hint="Without padding all is right. X has no border of zeros: does its gradient?",
        ),
        Misconception(
            "cut at one end only",
            wrong=_backward(crop=lambda dP, pad, H, W: dP[:, :, :H, :W].copy()),
            hint="dX has the right shape and lies shifted. In which row of the padded picture does X begin?",
        ),
        Misconception(
            "cut with pad:-pad",
            wrong=_backward(crop=lambda dP, pad, H, W: dP[:, :, pad:-pad, pad:-pad].copy()),
            hint="Where there is padding you are right; without it nothing is left of dX. What does the slice 0:-0 hold?",
        ),
        Misconception(
            "dK from the picture without its padding",
            wrong=_backward(
                pad_with=lambda X, p: np.pad(X, ((0, 0), (0, 0), (0, 2 * p), (0, 2 * p))),
            ),
            hint="Without padding all is right; with it dK belongs to other pixels. Over which array did the filter slide on "
            "the way forward?",
        ),
        Misconception(
            "db summed over the filters",
            wrong=_backward(bias=lambda dY: np.sum(dY, axis=(0, 1, 2))),
            hint="b has one entry per filter, and your db one per column. Which of the four axes of dY must stay?",
        ),
        Misconception(
            "db one for every picture",
            wrong=_backward(bias=lambda dY: np.sum(dY, axis=(2, 3))),
            hint="All pictures share the same F biases. What becomes of their N gradients?",
        ),
        Misconception(
            "db averaged",
            wrong=_backward(bias=lambda dY: np.mean(dY, axis=(0, 2, 3))),
            hint="db is too small, by the number of places it was added at. A bias is used at each of them: mean or sum?",
        ),
        Misconception(
            "1/N once more",
            wrong=_backward(
                kernel=lambda dK, dY: dK / dK.dtype.type(len(dY)),
                bias=lambda dY: np.sum(dY, axis=(0, 2, 3)) / dY.dtype.type(len(dY)),
            ),
            hint="dK and db are too small, by the number of pictures. The mean is the loss's: has dY seen it already?",
        ),
        Misconception(
            "dX of the first filter alone",
            wrong=lambda dY, X, K, stride=1, pad=0: (
                truth.conv2d_backward(dY[:, :1], X, K[:1], stride, pad)[0],
                *truth.conv2d_backward(dY, X, K, stride, pad)[1:],
            ),
            hint="With one filter you are right. Every filter looked at the pixel: whose gradients must reach it?",
        ),
        Misconception(
            "another order",
            wrong=_right(lambda dX, dK, db: (dK, db, dX)),
            hint="The numbers are there, in other places. In which order does the description return them?",
        ),
    ),
)
