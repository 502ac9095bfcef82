"""Loops and kernels check no bounds: what would make them read or write beyond an array is refused on every backend."""

import numpy as np
import pytest

from solutions import conv2d, cuda, embedding, pooling, sampling  # noqa: F401 (registers the operations)
from solutions.twins import OPERATIONS

images, kernels = np.zeros((2, 3, 5, 6)), np.zeros((4, 3, 3, 3))
table, ids = np.zeros((6, 2)), np.array([[0, 5], [3, 3]])

REFUSED = {
    "conv_out_size": {"kernel larger than the side": (3, 6, 1, 1)},
    "conv2d_forward": {"kernel larger than the images": (images, np.zeros((4, 3, 8, 8)), np.zeros(4), 1, 1)},
    "conv2d_backward": {
        "more outputs than the forward pass has": (np.zeros((2, 4, 3, 5)), images, kernels),
        "fewer outputs than the forward pass has": (np.zeros((2, 4, 2, 4)), images, kernels),
    },
    "maxpool_forward": {"window larger than the images": (images, 6, 1), "no window": (images, 0, 1)},
    "maxpool_backward": {"more outputs than the forward pass has": (np.zeros((2, 3, 3, 3)), images, 2, 2)},
    "embedding_forward": {"id beyond the table": (ids + 1, table), "negative id": (ids - 1, table)},
    "embedding_backward": {
        "id beyond the table": (np.zeros((2, 2, 3)), ids, 5),
        "negative id": (np.zeros((2, 2, 3)), ids - 1, 6),
        "fewer gradients than ids": (np.zeros((2, 1, 3)), ids, 6),
    },
    "sample": {
        "temperature 0": (np.zeros(3), 0.0, np.random.default_rng(0)),
        "negative temperature": (np.zeros(3), -1.0, np.random.default_rng(0)),
    },
}
RUNS = [
    pytest.param(name, backend, arguments, id=f"{name}-{backend}-{fault}")
    for name, faults in REFUSED.items()
    for fault, arguments in faults.items()
    for backend in OPERATIONS[name].twins
]


@pytest.mark.parametrize(("name", "backend", "arguments"), RUNS)
def test_is_refused(name, backend, arguments):
    if backend == "cuda" and not cuda.available():
        pytest.skip("no CUDA GPU and no simulator: set NUMBA_ENABLE_CUDASIM=1")
    with pytest.raises(ValueError):
        OPERATIONS[name].on(backend)(*arguments)
