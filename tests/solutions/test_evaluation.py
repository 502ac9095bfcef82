"""Splits: what cannot be split is refused, and no example is lost or used twice."""

import numpy as np
import pytest

from solutions.evaluation import train_test_split
from solutions.minibatches import minibatches


@pytest.mark.parametrize("frac", [0, 1, 1.5, -0.2])
def test_a_share_outside_0_and_1_is_refused(frac):
    with pytest.raises(ValueError, match=r"^train_test_split: frac is"):
        train_test_split(10, frac, np.random.default_rng(0))


@pytest.mark.parametrize("frac", [0.01, 0.29, 0.5])
def test_a_split_uses_every_example_once(frac):
    train, test = train_test_split(100, frac, np.random.default_rng(1))
    assert sorted([*train, *test]) == list(range(100))
    assert len(test) == round(100 * frac)


@pytest.mark.parametrize("batch_size", [1, 7, 10, 99])
def test_an_epoch_uses_every_example_once(batch_size):
    batches = minibatches(10, batch_size, np.random.default_rng(2))
    assert sorted(np.concatenate(batches)) == list(range(10))
    assert {len(batch) for batch in batches[:-1]} <= {batch_size}
