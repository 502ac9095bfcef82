"""What an operation is held against: inputs to try it on, and a truth that does not come from the reference.

A concept's module in `oracles/` fills `ORACLES`, operation name -> Oracle; `load_oracles` collects them all.
A *tree* is an array, a number, None or anything else, or a list, tuple, NamedTuple or dict of trees: arguments
and answers are trees, so an operation may take and return whatever reads best.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

import solutions
from tests.solutions import oracles

DTYPES = {"float32": np.float32, "float64": np.float64}
TOLERANCE = {np.float32: 1e-4, np.float64: 1e-9}


@dataclass(frozen=True)
class Oracle:
    """How to try one operation.

    inputs(rng, dtype)   -> the arguments as one tuple, or several such tuples in a list; floating arrays of `dtype`.
                            Called anew for every run with the same rng, so it may hand out generators.
    expected(*arguments) -> the answer by independent means, always asked in float64: a naive loop, a known
                            number, or PyTorch (see `by_torch`).
    gradient_of(*arguments) -> (f, point): `gradients(answer)`, a tree built like the tuple `point` (bare where that
                            holds one tree only), is the gradient of the scalar f(*point) with respect to the floats
                            in it. None for a case at a kink. `vjp` makes the common ones.
    slack                   multiplies the tolerances where an operation is worse conditioned than most.
    keeps_dtype             False where the answer is float64 whatever comes in; the docstring says why.
    """

    inputs: Callable
    expected: Callable | None = None
    gradient_of: Callable | None = None
    gradients: Callable = lambda answer: answer
    slack: float = 1.0
    keeps_dtype: bool = True

    def __post_init__(self):
        if self.expected is None and self.gradient_of is None:
            raise TypeError("an oracle without `expected` and `gradient_of` knows nothing")

    def cases(self, dtype):
        """Fresh arguments: a list of tuples, the same numbers at every call."""
        found = self.inputs(np.random.default_rng(20), dtype)
        return found if isinstance(found, list) else [found]


def load_oracles():
    """{operation name: Oracle} of every module in the folder `oracles`. Registers the operations of all solutions."""
    modules_of(solutions)
    found = {}
    for module in modules_of(oracles):
        for name, oracle in module.ORACLES.items():
            assert name not in found, f"two oracles for {name}, the second in {module.__name__}"
            found[name] = oracle
    return found


def modules_of(package):
    """Every module of a package and of the packages in it, imported."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(module.name) for module in found]


def by_torch(function):
    """expected=by_torch(lambda torch, x, w: …): arrays come as tensors, tensors go back as arrays."""

    @functools.wraps(function)
    def expected(*arguments):
        torch = pytest.importorskip("torch", reason="PyTorch is not installed: it is the oracle here")
        tensors = tree_map(lambda leaf: torch.tensor(leaf) if isinstance(leaf, np.ndarray) else leaf, arguments)
        answer = function(torch, *tensors)
        return tree_map(lambda leaf: leaf.detach().numpy() if isinstance(leaf, torch.Tensor) else leaf, answer)

    expected.needs_torch = True
    return expected


def vjp(forward, *wrt):
    """gradient_of for a `backward(dy, *saved)` that answers the gradients of Σ dy · forward(*saved).

    `wrt` are the positions in `saved` the answer has gradients for, all of them by default.
    """

    def gradient_of(dy, *saved):
        moving = wrt or range(len(saved))

        def f(*point):
            moved = list(saved)
            for position, value in zip(moving, point, strict=True):
                moved[position] = value
            return np.sum(dy * forward(*moved))

        return f, tuple(saved[position] for position in moving)

    return gradient_of


def tree_map(function, tree, *others):
    """The tree of function(leaf, *leaves at the same place in `others`)."""
    if isinstance(tree, dict):
        return {key: tree_map(function, node, *(other[key] for other in others)) for key, node in tree.items()}
    if isinstance(tree, (list, tuple)):
        rows = [tree_map(function, *nodes) for nodes in zip(tree, *others, strict=True)]
        return type(tree)(*rows) if hasattr(tree, "_fields") else type(tree)(rows)
    return function(tree, *others)


def leaves(tree):
    """The leaves of a tree in a list."""
    found = []
    tree_map(found.append, tree)
    return found


def floating(leaf):
    """True for an array or NumPy number of floats."""
    return isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind == "f"


def assert_close(got, expected, tolerance):
    """Every leaf within tolerance · max|expected|: elementwise relative error means nothing beside a cancellation."""
    tree_map(lambda want, have: _assert_leaf(have, want, tolerance), expected, got)


def _assert_leaf(got, expected, tolerance):
    if not isinstance(expected, (np.ndarray, np.generic, bool, int, float)):
        assert type(got) is type(expected) and (got is expected or got == expected)
        return
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(got[~finite], expected[~finite])
    error = np.abs(got[finite] - expected[finite].astype(float))
    scale = np.max(np.abs(expected[finite].astype(float)), initial=0.0) or 1.0
    assert np.max(error, initial=0.0) <= tolerance * scale, f"off by {np.max(error):.3g}, largest entry {scale:.3g}"
