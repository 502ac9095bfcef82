"""The exercises of solutions/embedding.py: reading rows of a table, and paying back to the rows that were read."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import embedding as truth

STAGE = "12_rnn"


def _ids(rng, V, shape):
    """Ids with both ends of the table among them and one that repeats, in a shape of at least four entries."""
    ids = rng.integers(0, V, shape)
    ids.flat[rng.permutation(ids.size)[:4]] = 0, V - 1, 1, 1
    return ids


def embedding_forward_cases(rng):
    """Fewer ids than rows, and more; a square table, in which a transpose raises nothing; one axis, two, three."""

    def look_up(V, D, *shape, dtype=float):
        return _ids(rng, V, shape), rng.normal(size=(V, D)).astype(dtype)

    return [
        case("two sequences of three, seven rows of four", *look_up(7, 4, 2, 3)),
        case("more ids than rows", *look_up(3, 2, 4, 5)),
        case("a square table", *look_up(5, 5, 3, 2)),
        case("one sequence", *look_up(6, 3, 5)),
        case("ids in three axes", *look_up(4, 2, 2, 3, 2)),
        case("float32 stays float32", *look_up(5, 3, 2, 4, dtype=np.float32)),
    ]


def _one_hot(ids, V):
    return (ids[..., None] == np.arange(V)).astype(float)


embedding_forward = Exercise(
    "embedding_forward",
    STAGE,
    truth.embedding_forward,
    embedding_forward_cases,
    points={"value": 1, "shape": 0.5},
    hints=(
        "E is a table of V rows. Looking up id 3 is taking row 3. How do you take a row of an array?",
        "An array of ids instead of one id takes one row for each of them, and the answer has the ids' shape, "
        "with D at the end.",
    ),
    misconceptions=(
        Misconception(
            "columns for rows",
            wrong=lambda ids, E: np.moveaxis(E[:, ids], 0, -1),
            hint="Where the ids are more than the columns, this raises. E is (V, D): along which axis do the ids count?",
        ),
        Misconception(
            "columns, and D in front",
            wrong=lambda ids, E: E[:, ids],
            hint="`E[:, ids]` picks columns, for every row of the table. Is an id a row or a column of E?",
        ),
        Misconception(
            "counted from 1",
            wrong=lambda ids, E: E[ids - 1],
            hint="Each id got the row of the one before it, and id 0 the last row of the table. Which row belongs to id 0?",
        ),
        Misconception(
            "all ids in one row",
            wrong=lambda ids, E: E[ids.ravel()],
            hint="The numbers are right, but the sequences have run into one another. Which shape has (N, T) to become?",
        ),
        Misconception(
            "added up over the sequence",
            wrong=lambda ids, E: E[ids].sum(axis=-2),
            hint="One row a sequence came back: the order of its ids is lost. How many rows does a sequence of T need?",
        ),
        Misconception(
            "each id only once",
            wrong=lambda ids, E: E[np.unique(ids)],
            hint="Ids that repeat were dropped, and the others sorted. What should a text look like after that?",
        ),
        Misconception(
            "one-hot in float64",
            wrong=lambda ids, E: _one_hot(ids, len(E)) @ E,
            hint="The numbers are right: one-hot rows times the table pick rows as well. But float32 has become float64, and "
            "nearly all products were with 0. Can you pick a row without multiplying?",
        ),
        Misconception(
            "float for an id",
            wrong=lambda ids, E: E[ids.astype(float)],
            hint="NumPy picks rows by whole numbers only. Where did the ids become floats?",
        ),
    ),
)


def embedding_backward_cases(rng):
    """Ids that repeat within a sequence and across two; rows that nobody read, the last among them."""

    def gradients(V, D, *shape, dtype=float, read=None):
        ids = _ids(rng, read or V, shape)
        return rng.normal(size=(*shape, D)).astype(dtype), ids, V

    thrice = rng.permutation([2, 2, 2, 0]).reshape(2, 2)
    return [
        case("two sequences of three, seven rows of four", *gradients(7, 4, 2, 3)),
        case("an id read three times", rng.normal(size=(2, 2, 3)), thrice, 4),
        case("the last rows never read", *gradients(6, 2, 3, 4, read=4)),
        case("as many ids as rows, as many rows as columns", *gradients(6, 6, 2, 3)),
        case("one sequence", *gradients(5, 3, 8)),
        case("float32 stays float32", *gradients(4, 3, 2, 5, dtype=np.float32)),
    ]


def _rows(dY, ids, V, scale=lambda ids, V: np.ones(V), dtype=None):
    dE = np.zeros((V, dY.shape[-1]), dtype or dY.dtype)
    np.add.at(dE, ids, dY)
    return dE * scale(ids, V)[:, None].astype(dE.dtype)


def _last_wins(dY, ids, V):
    dE = np.zeros((V, dY.shape[-1]), dY.dtype)
    dE[ids] += dY
    return dE


def _one_over_counts(ids, V):
    return 1 / np.maximum(np.bincount(ids.ravel(), minlength=V), 1)


def _short(dY, ids, V):
    return _rows(dY, ids, int(ids.max()) + 1)


def _transposed(dY, ids, V):
    rows = _one_hot(ids.ravel(), V).astype(dY.dtype)
    return rows @ dY.reshape(-1, dY.shape[-1])


embedding_backward = Exercise(
    "embedding_backward",
    STAGE,
    truth.embedding_backward,
    embedding_backward_cases,
    points={"value": 1.75, "shape": 0.5},
    hints=(
        "Row v of the gradient collects from every place where id v was read. Begin with a table of zeros: how "
        "many rows, how many columns, which dtype?",
        "`dE[ids] += dY` looks right and is not: where an id occurs twice, only the last one counts.",
        "Either a loop over all places, adding one row at a time; or NumPy's `add.at`, which does that without "
        "losing any.",
    ),
    misconceptions=(
        Misconception(
            "a row that was read twice collects once",
            wrong=_last_wins,
            hint="Rows that were read once are right. Where an id repeats, only its last gradient is there, even with `+=`. "
            "Which NumPy function adds once for *every* index?",
        ),
        Misconception(
            "averaged over the times it was read",
            wrong=lambda dY, ids, V: _rows(dY, ids, V, _one_over_counts),
            hint="Rows that were read once are right, the others too small. If a row has had a hand in three places, do "
            "their pushes add up or share?",
        ),
        Misconception(
            "divided by the number of ids",
            wrong=lambda dY, ids, V: _rows(dY, ids, V, lambda ids, V: np.full(V, 1 / ids.size)),
            hint="Everything is too small by the number of ids. The mean is the loss's: has dY seen it already?",
        ),
        Misconception(
            "a table too short",
            wrong=_short,
            hint="The last rows are missing where nobody read them. How many rows has the table, whoever reads it?",
        ),
        Misconception(
            "one-hot not transposed",
            wrong=_transposed,
            hint="The one-hot rows stand (N·T, V) and dY stands (N·T, D). Which of the two must lie down, so that N·T "
            "vanishes?",
        ),
        Misconception(
            "gradients left where they came in",
            wrong=lambda dY, ids, V: dY,
            hint="That is one gradient per place in the text. Asked for is one per row of the table: who has to add up?",
        ),
        Misconception(
            "every row gets everything",
            wrong=lambda dY, ids, V: np.tile(dY.reshape(-1, dY.shape[-1]).sum(axis=0), (V, 1)),
            hint="All rows are the same. A row that nobody read had no part in the loss: what is its gradient?",
        ),
        Misconception(
            "counted from 1",
            wrong=lambda dY, ids, V: _rows(dY, ids - 1, V),
            hint="Each gradient has landed one row too high. Which row belongs to id 0?",
        ),
        Misconception(
            "float64 whatever comes in",
            wrong=lambda dY, ids, V: _rows(dY, ids, V, dtype=np.float64),
            hint="The numbers are right, and take twice the memory. Which dtype has dY?",
        ),
        Misconception(
            "float for an id",
            wrong=lambda dY, ids, V: _rows(dY, ids.astype(float), V),
            hint="NumPy adds to rows by whole numbers only. Where did the ids become floats?",
        ),
    ),
)
