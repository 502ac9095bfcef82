"""The exercise of solutions/minibatches.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from course.wire import Seeded
from grader.exercise import Exercise, Misconception, case
from solutions import minibatches as truth

STAGE = "06_optimizers"


def minibatches_cases(rng):
    """Sizes that divide n and sizes that do not; one batch for all; batches of one; n smaller than a batch."""

    def seeded():
        return Seeded(int(rng.integers(1 << 30)))

    return [
        case("ten examples in batches of four", 10, 4, seeded()),
        case("twelve in batches of three: nothing left over", 12, 3, seeded()),
        case("nine in batches of nine: all at once", 9, 9, seeded()),
        case("seven in batches of one", 7, 1, seeded()),
        case("seven in batches of twelve: one short batch", 7, 12, seeded()),
        case("twenty-three in batches of five", 23, 5, seeded()),
    ]


def _starts(n, batch_size):
    return range(0, n, batch_size)


def _full_ones_only(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[k : k + batch_size] for k in range(0, n - batch_size + 1, batch_size)]


def _in_order(n, batch_size, rng):
    return [np.arange(n)[k : k + batch_size] for k in _starts(n, batch_size)]


def _shuffled_every_time(n, batch_size, rng):
    return [rng.permutation(n)[k : k + batch_size] for k in _starts(n, batch_size)]


def _with_replacement(n, batch_size, rng):
    return [rng.integers(0, n, min(batch_size, n - k)) for k in _starts(n, batch_size)]


def _own_generator(n, batch_size, rng):
    order = np.random.default_rng(0).permutation(n)
    return [order[k : k + batch_size] for k in _starts(n, batch_size)]


def _end_taken_off(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[k : k + batch_size - 1] for k in _starts(n, batch_size)]


def _shuffled_inside(n, batch_size, rng):
    return [rng.permutation(np.arange(n)[k : k + batch_size]) for k in _starts(n, batch_size)]


minibatches = Exercise(
    "minibatches",
    STAGE,
    truth.minibatches,
    minibatches_cases,
    points={"value": 1.5, "shape": 0.5},
    kind="rng",
    hints=(
        "A deck of n cards once more: shuffle once, then deal it out in hands of batch_size. The last hand may "
        "be smaller.",
        "The starts of the hands are 0, batch_size, 2 · batch_size, … : `range` takes a step as its third argument.",
        "A slice that runs past the end simply ends there, so the last batch needs no special case. Collect the "
        "slices of `order` in a list.",
    ),
    misconceptions=(
        Misconception(
            "the short last batch is lost",
            wrong=_full_ones_only,
            hint="With ten examples in batches of four, two of them are never seen. How many batches does it take to "
            "show all ten?",
        ),
        Misconception(
            "not shuffled",
            wrong=_in_order,
            hint="Every epoch would show the same groups. What does `rng` do in your function?",
        ),
        Misconception(
            "shuffled anew for every batch",
            wrong=_shuffled_every_time,
            hint="The first batch is right. Look for an example that comes twice in an epoch, and for one that never "
            "comes: how often may the order change?",
        ),
        Misconception(
            "drawn with replacement",
            wrong=_with_replacement,
            hint="Some examples come twice in an epoch, others not at all. Does a card go back into the deck after it "
            "has been dealt?",
        ),
        Misconception(
            "shuffled within each batch only",
            wrong=_shuffled_inside,
            hint="The first batch always holds the first examples, if in another order. What has to be shuffled: each "
            "batch, or all that is dealt into batches?",
        ),
        Misconception(
            "as many batches as a batch should have examples",
            wrong=lambda n, batch_size, rng: np.array_split(rng.permutation(n), batch_size),
            hint="Twelve in batches of three came out as three batches. Is `batch_size` a number of batches, or of "
            "examples?",
        ),
        Misconception(
            "batches made equal",
            wrong=lambda n, batch_size, rng: np.array_split(rng.permutation(n), -(-n // batch_size)),
            hint="Ten in batches of four came out as 4, 3, 3. All but the last are to be full: which positions does the "
            "first batch end at, and where does the second begin?",
        ),
        Misconception(
            "one too few in every batch",
            wrong=_end_taken_off,
            hint="Each batch lacks its last example. Does a slice include the position it ends at?",
        ),
        Misconception(
            "a generator of its own",
            wrong=_own_generator,
            hint="The batches are the same whatever `rng` is given. Whose randomness does your function use?",
        ),
    ),
)
