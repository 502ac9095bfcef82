"""What has the right shape and still makes no sense is refused on every backend, in words."""

import numpy as np
import pytest

from solutions import cuda
from solutions.class_weights import class_weights
from solutions.dropout import dropout_backward, dropout_forward
from solutions.transfer import freeze, train_head

x, mask = np.ones((2, 3)), np.ones((2, 3), bool)
head = np.zeros((3, 4)), np.zeros(4)

REFUSED = [
    (dropout_forward, (x, mask, 1.0, True), "drop rate"),
    (dropout_forward, (x, mask, -0.1, False), "drop rate"),
    (dropout_backward, (x, mask, 1.5, True), "drop rate"),
    (class_weights, (np.array([0, 2, 2]),), "class"),
    (class_weights, (np.array([0, -1]),), "negative"),
    (train_head, (x, np.array([0, 4]), *head), "label"),
    (train_head, (x, np.array([-1, 0]), *head), "label"),
    (freeze, ({"W1": x, "b1": x[0]}, ["W1", "W2"]), r"\['W2'\], only \['W1', 'b1'\]"),
]
RUNS = [
    pytest.param(operation, backend, arguments, words, id=f"{operation.__name__}-{backend}-{words.split()[0]}")
    for operation, arguments, words in REFUSED
    for backend in operation.twins
    if (operation, backend) != (train_head, "cuda")  # a device cannot raise: the loss's test sees its NaN
]


@pytest.mark.parametrize(("operation", "backend", "arguments", "words"), RUNS)
def test_is_refused(operation, backend, arguments, words):
    if backend == "cuda" and not cuda.available():
        pytest.skip("no CUDA GPU and no simulator: set NUMBA_ENABLE_CUDASIM=1")
    with pytest.raises(ValueError, match=words):
        operation.on(backend)(*arguments)
