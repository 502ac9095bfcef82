"""Products of matrices against PyTorch: ragged, square, and smaller than a tile."""

from tests.solutions.oracle import Oracle, by_torch

SIZES = [(5, 7, 3), (4, 4, 4), (1, 5, 1), (1, 1, 1)]


def factors(rng, dtype):
    return [tuple(rng.standard_normal(shape).astype(dtype) for shape in [(M, K), (K, N)]) for M, K, N in SIZES]


ORACLES = {"matmul": Oracle(factors, expected=by_torch(lambda torch, A, B: torch.mm(A, B)))}
