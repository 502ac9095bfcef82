"""What the losses do with labels that are none: nothing is read or written outside the row."""

import numpy as np
import pytest

from solutions import cuda
from solutions.cross_entropy import cross_entropy, softmax_cross_entropy_backward

BOTH = pytest.mark.parametrize("operation", [cross_entropy, softmax_cross_entropy_backward], ids=lambda op: op.__name__)
LOGITS = np.zeros((2, 3))


@BOTH
@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("label", [-1, 3])
def test_unknown_label_is_refused(operation, backend, label):
    with pytest.raises(ValueError, match=f"^{operation.__name__}: y has"):
        operation.on(backend)(LOGITS, np.array([0, label]))


@BOTH
@pytest.mark.parametrize("label", [-1, 3])
@pytest.mark.skipif(not cuda.available(), reason="no CUDA GPU and no simulator")
def test_unknown_label_leaves_nan_on_the_device(operation, label):
    assert np.isnan(operation.cuda(LOGITS, np.array([0, label]))).any()
