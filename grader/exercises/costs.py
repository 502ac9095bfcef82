"""The exercise of solutions/costs.py: what a convolution costs."""

from grader.exercise import Exercise, Misconception, case
from solutions import costs as truth

STAGE = "09_numba"


def conv2d_macs_cases(rng):
    """No two sizes alike, a stride that does not divide, padding; a layer of VGG16, and a layer of one place."""

    def one(low, high):
        return int(rng.integers(low, high))

    return [
        case("the first layer of VGG16", 1, 3, 224, 224, 64, 3, 1, 1),
        case("no padding", one(2, 5), one(5, 8), one(10, 13), one(14, 17), one(18, 21), 3, 1, 0),
        case("stride 2", 2, one(3, 9), 7, 8, one(10, 20), 3, 2, 1),
        case("one place for the filter", one(3, 6), 2, 5, 5, one(7, 12), 5, 1, 0),
        case("filters of 1 × 1", one(2, 4), one(20, 30), 6, 9, one(5, 8), 1, 1, 0),
    ]


def _outputs(H, W, k, stride, pad):
    return (H + 2 * pad - k) // stride + 1, (W + 2 * pad - k) // stride + 1


def _macs(places=_outputs, count=lambda N, C, F, k, Ho, Wo: N * F * Ho * Wo * C * k**2):
    """The formula with one thing wrong."""

    def wrong(N, C, H, W, F, k, stride=1, pad=0):
        return count(N, C, F, k, *places(H, W, k, stride, pad))

    return wrong


conv2d_macs = Exercise(
    "conv2d_macs",
    STAGE,
    truth.conv2d_macs,
    conv2d_macs_cases,
    points={"value": 1.75, "shape": 0.25},
    hints=(
        "One output entry first: how many products does it cost? It sees C channels of k × k pixels.",
        "Then how many output entries are there: N pictures, F filters, Ho × Wo places.",
        "Ho is how often the filter fits: padding at both ends, minus the filter, whole steps, and the first "
        "place counts too. `//` rounds down.",
    ),
    misconceptions=(
        Misconception(
            "parameters counted",
            wrong=_macs(count=lambda N, C, F, k, Ho, Wo: F * C * k**2),
            hint="That is how many weights there are. How often is each of them used in one picture?",
        ),
        Misconception(
            "places of the input",
            wrong=_macs(places=lambda H, W, k, stride, pad: (H, W)),
            hint="You count a filter's work at every pixel of the input. At how many places does the filter fit?",
        ),
        Misconception(
            "stride left out",
            wrong=_macs(places=lambda H, W, k, stride, pad: _outputs(H, W, k, 1, pad)),
            hint="Steps of 1 are right, steps of 2 are not. How many places are left when every second one is skipped?",
        ),
        Misconception(
            "padding at one end only",
            wrong=_macs(places=lambda H, W, k, stride, pad: ((H + pad - k) // stride + 1, (W + pad - k) // stride + 1)),
            hint="Without padding all is well. How many pixels does padding add to a row, left and right together?",
        ),
        Misconception(
            "one place too few",
            wrong=_macs(places=lambda H, W, k, stride, pad: ((H + 2 * pad - k) // stride, (W + 2 * pad - k) // stride)),
            hint="A filter as large as the picture fits once, and you count 0 places. What is missing in the formula?",
        ),
        Misconception(
            "channels left out",
            wrong=_macs(count=lambda N, C, F, k, Ho, Wo: N * F * Ho * Wo * k**2),
            hint="A filter looks at every channel. How many numbers does a window of 3 × 3 hold in a color picture?",
        ),
        Misconception(
            "k once",
            wrong=_macs(count=lambda N, C, F, k, Ho, Wo: N * F * Ho * Wo * C * k),
            hint="Filters of 1 × 1 are right. How many entries has a filter of 3 × 3?",
        ),
        Misconception(
            "filters left out",
            wrong=_macs(count=lambda N, C, F, k, Ho, Wo: N * Ho * Wo * C * k**2),
            hint="That is the work of one filter. How many are there?",
        ),
        Misconception(
            "one image",
            wrong=_macs(count=lambda N, C, F, k, Ho, Wo: F * Ho * Wo * C * k**2),
            hint="A batch of one is right. What does the second picture cost?",
        ),
    ),
)
