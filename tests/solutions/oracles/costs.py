"""MACs by counting: one for every product that a layer in plain loops would form."""

from tests.solutions.oracle import Oracle


def windows(size, k, stride, pad):
    """Where a kernel may start along one side."""
    return range(0, size + 2 * pad - k + 1, stride)


def conv2d(N, C, H, W, F, k, stride=1, pad=0):
    images = kernels = 0
    for _ in windows(H, k, stride, pad):
        for _ in windows(W, k, stride, pad):
            images += N
    for _ in range(F):
        for _ in range(C):
            kernels += k * k
    return images * kernels


LAYERS = {(1, 25088, 4096): 102_760_448, (64, 3, 5): 960}  # the first: VGG16's largest

ORACLES = {
    "dense_macs": Oracle(lambda rng, dtype: list(LAYERS), expected=lambda *sizes: LAYERS[sizes]),
    "conv2d_macs": Oracle(
        lambda rng, dtype: [
            (2, 3, 7, 8, 4, 3, 2, 1),
            (1, 1, 28, 28, 32, 3),
            (5, 2, 5, 5, 1, 5),
            (1, 4, 9, 6, 2, 2, 3, 2),
        ],
        expected=conv2d,
    ),
}
