"""What lesson 1 says of its numbers is so."""

import numpy as np

from course import data
from solutions.perceptron import perceptron, perceptron_train, perceptron_update


def corrections(X, y):
    """How often the rule corrects until an epoch passes without a mistake, and after how many epochs none is left."""
    w, b, total, epochs = np.zeros(X.shape[1]), 0.0, 0, 0
    while True:
        before = total
        for x, label in zip(X, y, strict=True):
            total += perceptron(x, w, b) != label
            w, b = perceptron_update(w, b, x, label)
        if total == before:
            return total, epochs
        epochs += 1


def test_the_vacation_is_learned_with_other_weights():
    w, b = perceptron_train(*data.vacation())
    assert (w.tolist(), b) == ([1, 2, 1], -3)


def test_the_calorie_plans_are_learned_up_to_scale():
    X, y = data.calorie_plans()
    w, b = perceptron_train(X, y)
    assert (w.tolist(), b) == ([19, 28, 38], -262)
    assert np.round(100 / w[0] * np.array([*w, -b])).tolist() == [100, 147, 200, 1379]
    half, half_bias = perceptron_train(X, y, lr=0.5)
    assert (half.tolist(), half_bias) == ((w / 2).tolist(), b / 2)
    assert corrections(X, y) == (3260, 79)


def test_novikoffs_bound():
    X, y = data.calorie_plans()
    longer = np.column_stack([X, np.ones(len(X))])
    separator = np.array([2, 3, 4, -27.5])
    margins = (2 * y - 1) * (longer @ separator) / np.linalg.norm(separator)
    assert round((longer**2).sum(axis=1).max() / margins.min() ** 2, -3) == 465_000


def test_the_claim_as_written_errs():
    X, y = data.calorie_plans()

    def wrong(w, b):
        return int(np.sum((X @ w + b >= 0) != y))

    assert wrong([2, 4, 3], 1400) == 195
    assert wrong([100, 150, 200], -1400) == 0
    assert (X @ [100, 150, 200] - 1400.5 >= 0).sum() == 302


def test_xor_ends_every_epoch_where_the_second_ended():
    X, y = data.xor()
    ends = [perceptron_train(X, y, max_epochs=epochs) for epochs in (2, 3, 10, 1000)]
    assert all((w.tolist(), b) == ([-1, 0], 0) for w, b in ends)
    assert sum(perceptron(x, *ends[-1]) == label for x, label in zip(X, y, strict=True)) == 2


def test_the_line_of_the_plans_with_four_swims():
    X, y = data.calorie_plans()
    four = X[:, 2] == 4
    plans, labels = X[four, :2], y[four]

    def right(w, b):
        return (plans @ w + b >= 0) == labels

    assert len(plans) == 64 and not right([100, 100], -600).all(), "it begins with something to find"
    assert right([100, 150], -600).all() and right([100, 150], -575).all()
    assert right([50, 75], -300).all(), "half of everything"
    turned = right([-100, -150], 600)
    assert plans[turned].tolist() == [[0, 4], [3, 2], [6, 0]]
    assert (plans[turned] @ [100, 150] == 600).all(), "the three on the line"
