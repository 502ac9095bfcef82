"""The exercises of solutions/evaluation.py: the share of right answers, and a fair split."""

import numpy as np

from course.wire import Seeded
from grader.exercise import Exercise, Misconception, case
from solutions import evaluation as truth

STAGE = "00_claims"


def accuracy_cases(rng):
    """Two kinds and ten kinds of labels, shares with many decimals, near misses, all right and all wrong."""

    def partly_right(N, kinds, right):
        y = rng.integers(0, kinds, N)
        wrong = np.arange(N) >= right
        shift = np.where(wrong, rng.integers(1, kinds, N), 0)
        order = rng.permutation(N)
        return y[order], ((y + shift) % kinds)[order]

    digits = rng.integers(0, 10, 8)
    return [
        case("yes or no, seven examples", np.array([1, 0, 1, 1, 0, 0, 1]), rng.permutation([1, 1, 1, 0, 0, 0, 0])),
        case("ten digits, nearly all right", *partly_right(23, 10, 19)),
        case("ten digits, few right", *partly_right(19, 10, 4)),
        case("all right", digits, digits.copy()),
        case("all wrong, and far off", np.array([0, 1, 2]), np.array([9, 8, 7])),
        case("a single example", np.array([3]), np.array([3])),
        case("labels −1 and 1", *(2 * labels - 1 for labels in partly_right(11, 2, 8))),
    ]


accuracy = Exercise(
    "accuracy",
    STAGE,
    truth.accuracy,
    accuracy_cases,
    points={"value": 1.5, "shape": 0.25, "purity": 0.25},
    hints=(
        "Put the two columns side by side, as on paper: 1 0 1 1 and 1 1 1 0. How many places agree, and out of "
        "how many?",
        "`y == p` asks all places at once and answers with an array of True and False. What is True worth in a sum?",
        "A share is a count divided by N, and that is what a mean does. NumPy takes the mean of True and False "
        "as well.",
        "Compare, take `np.mean` of what comes out, and hand it back as Python's own number with `float(…)`.",
    ),
    misconceptions=(
        Misconception(
            "compared, not counted",
            wrong=lambda y, p: y == p,
            hint="You have one True or False per example. Which single number says how many of them are True?",
        ),
        Misconception(
            "number instead of share",
            wrong=lambda y, p: int(np.sum(y == p)),
            hint="That is how many are right. Is 40 right a good result? What else would you have to know?",
        ),
        Misconception(
            "percent instead of share",
            wrong=lambda y, p: float(100 * np.mean(y == p)),
            hint="Every value is a hundred times too large. What does the description say a perfect score is?",
        ),
        Misconception(
            "share of errors",
            wrong=lambda y, p: float(np.mean(y != p)),
            hint="All right comes out as 0, all wrong as 1. Which of the two did you count?",
        ),
        Misconception(
            "distance instead of agreement",
            wrong=lambda y, p: float(1 - np.mean(np.abs(y - p))),
            hint="With the labels 0 and 1 this works. Is calling a 9 a 0 worse here than calling it an 8?",
        ),
        Misconception(
            "only the ones count",
            wrong=lambda y, p: float(np.mean((y == 1) & (p == 1))),
            hint="A rightly recognized 0 earns nothing in your version. Is it not a right answer too?",
        ),
        Misconception(
            "rounded",
            wrong=lambda y, p: round(float(np.mean(y == p)), 2),
            hint="Close, but cut short. Rounding is for showing. Which digits would two close rivals differ in?",
        ),
    ),
)


def split_cases(rng):
    """Shares that fall between two whole numbers, on either side of the middle, and one that floats spoil."""

    def seeded():
        return Seeded(int(rng.integers(1, 1 << 30)))

    return [
        case("ten examples, three held out", 10, 0.3, seeded()),
        case("eleven examples, a quarter: 2.75 is nearly 3", 11, 0.25, seeded()),
        case("nine examples, a quarter: 2.25 is hardly more than 2", 9, 0.25, seeded()),
        case("forty examples, more held out than kept", 40, 0.7, seeded()),
        case("a hundred examples, 29 held out", 100, 0.29, seeded()),
    ]


def _split(order=lambda n, rng: rng.permutation(n), k=lambda n, frac: round(n * frac), cut=None):
    """A split with one thing wrong."""

    def wrong(n, frac, rng):
        shuffled, held_out = order(n, rng), k(n, frac)
        return cut(shuffled, held_out) if cut else (shuffled[held_out:], shuffled[:held_out])

    return wrong


def _two_shuffles(n, frac, rng):
    k = round(n * frac)
    return rng.permutation(n)[k:], rng.permutation(n)[:k]


def _with_repeats(n, frac, rng):
    test = rng.choice(n, size=round(n * frac))
    return np.setdiff1d(np.arange(n), test), test


train_test_split = Exercise(
    "train_test_split",
    STAGE,
    truth.train_test_split,
    split_cases,
    points={"value": 2.5, "shape": 0.5},
    kind="rng",
    hints=(
        "Think of a deck of n cards: shuffle it once, then cut it. What do you keep, and what do you put aside?",
        "`rng.permutation` of n is the deck: every index once, in random order. Call it `order`: drawn once, it serves "
        "both parts.",
        "k says how many cards are put aside: n · frac, rounded to the nearest whole number. Python's `round` "
        "does that.",
        "The first k of `order` are the test set, the rest is the training set. Look at the last line of the "
        "text above: which of the two is returned first?",
    ),
    misconceptions=(
        Misconception(
            "not shuffled",
            wrong=_split(order=lambda n, rng: np.arange(n)),
            hint="The rows are still in the order they came in. If the file is sorted by label, what will be missing from "
            "one of the parts?",
        ),
        Misconception(
            "train and test swapped",
            wrong=_split(cut=lambda order, k: (order[:k], order[k:])),
            hint="frac is the share that is held out. Which of your two parts has that size, and which comes first?",
        ),
        Misconception(
            "test taken from the end",
            wrong=_split(cut=lambda order, k: (order[: len(order) - k], order[len(order) - k :])),
            hint="A fair split, but not the one described: at which end of the order does the description put the test?",
        ),
        Misconception(
            "cut off instead of rounded",
            wrong=_split(k=lambda n, frac: int(n * frac)),
            hint="int() drops whatever follows the point. In floating point 100 · 0.29 is a hair below 29. What should "
            "become of 28.999…?",
        ),
        Misconception(
            "two shuffles",
            wrong=_two_shuffles,
            hint="You shuffle once for each part. Can one example then end up in both?",
        ),
        Misconception(
            "own random numbers",
            wrong=_split(order=lambda n, rng: np.random.default_rng(0).permutation(n)),
            hint="The split is the same whichever rng the caller hands in. Who decides on the shuffle here?",
        ),
        Misconception(
            "drawn with repeats",
            wrong=_with_repeats,
            hint="Some examples are in your test part twice. Does rng.choice put back what it has drawn?",
        ),
    ),
)
