"""Any size and any layout: twins agree with the model answer where nobody thought of an example, and words for the rest.

Arguments come from the shapes an operation declares; `SPECIAL` has those that must fit in other ways as well. Sizes
of one and odd ones, empty arrays where any shape will do, rows, columns, gaps, steps backward and repeated entries.
"""

import copy

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from solutions.shapes import Arrays, Layers, Parts, declared
from solutions.twins import OPERATIONS
from tests.solutions.oracle import load_oracles, tree_map
from tests.solutions.test_operations import TWINS, call

load_oracles()  # registers every operation

LAYOUTS = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "gaps": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    "backward": lambda array: np.ascontiguousarray(np.flip(array))[(slice(None, None, -1),) * array.ndim],
}


class Arguments:
    """The arguments of one call, drawn as they are asked for."""

    def __init__(self, draw, dtype):
        self.draw, self.dtype = draw, dtype
        self.rng = np.random.default_rng(draw(some.integers(0, 2**32 - 1), "seed"))
        # Each kind of number and layout compiles loops of their own; what a layout changes, it changes for both kinds.
        layouts = sorted(LAYOUTS) if dtype == np.float64 else ["rows"]
        self.layout = LAYOUTS[draw(some.sampled_from(layouts), "layout")]
        self.sizes = {}

    def size(self, letter, most=6):
        if letter not in self.sizes:
            self.sizes[letter] = self.draw(some.integers(1, most), letter)
        return self.sizes[letter]

    def floats(self, *shape):
        array = self.rng.standard_normal(shape).astype(self.dtype)
        return self.layout(array) if array.ndim else array

    def labels(self, N, C):
        return self.rng.integers(0, C, N)

    def layers(self, D):
        widths = [self.size(D), *self.draw(some.lists(some.integers(1, 5), min_size=1, max_size=3), "widths")]
        params = {}
        for l in range(1, len(widths)):
            params |= {f"W{l}": self.floats(*widths[l - 1 : l + 1]), f"b{l}": self.floats(widths[l])}
        self.sizes["L"] = widths[-1]
        return params

    def any_shape(self, star):
        if star not in self.sizes:
            self.sizes[star] = tuple(self.draw(some.lists(some.integers(0, 4), min_size=1, max_size=4), "shape"))
        return self.sizes[star]

    def of(self, declared):
        """A value for one declared argument."""
        if isinstance(declared, Parts):
            return tuple(map(self.of, declared.parts))
        if isinstance(declared, Layers):
            return self.layers(declared.letter)
        if isinstance(declared, Arrays):
            shapes = self.draw(
                some.lists(some.lists(some.integers(1, 4), min_size=1, max_size=3), min_size=1, max_size=3)
            )
            return {f"W{i}": self.floats(*shape) for i, shape in enumerate(shapes)}
        if declared.any_shape:
            shape = self.any_shape(declared.dims[0])
        else:
            shape = [factor * (self.size(letter) if letter else 1) for _, factor, letter in declared._parsed]
        if declared.kind == "int":
            return int(self.rng.integers(1, 9)) if not shape else self.rng.integers(0, 9, shape)
        if declared.kind == "bool":
            return self.rng.random(shape) < 0.7
        return self.floats(*shape) if shape else float(self.rng.uniform(0.1, 0.9))


def classified(a):
    N, C = a.size("N"), a.size("C")
    return a.floats(N, C), a.labels(N, C)


def adam(a):
    shape = a.any_shape("*")
    p, g, m, v = (a.floats(*shape) for _ in range(4))
    return p, g, (m, abs(v), int(a.rng.integers(0, 9)))


def rmsprop(a):
    shape = a.any_shape("*")
    return a.floats(*shape), a.floats(*shape), abs(a.floats(*shape))


def dropped(a):
    shape = a.any_shape("*")
    return a.floats(*shape), a.rng.random(shape) < 0.5, float(a.rng.choice([0, 0.3, 0.9])), bool(a.rng.integers(2))


def normalized(a):
    N, D = a.size("N"), a.size("D")
    arrays = a.floats(N, D), *(a.floats(D) for _ in range(3)), abs(a.floats(D)) + a.dtype(0.1)
    return *arrays, bool(a.rng.integers(2))


def normalized_backward(a):
    N, D = a.size("N") + 2, a.size("D")  # with one row or two, all of dX is a difference of equals
    return a.floats(N, D), a.floats(N, D), a.floats(D)


def images(a, window):
    """Images that hold a window, and how far it walks."""
    H, W = window + a.size("H"), window + a.size("W") - 1
    return a.floats(a.size("N", 3), a.size("C", 3), H, W), a.draw(some.integers(1, 3), "stride")


def convolved(a):
    k, F, pad = a.size("k", 4), a.size("F", 5), a.draw(some.integers(0, 2), "pad")
    X, stride = images(a, k)
    return X, a.floats(F, X.shape[1], k, k), a.floats(F), stride, pad


def convolved_backward(a):
    X, K, b, stride, pad = convolved(a)
    return a.floats(*OPERATIONS["conv2d_forward"](X, K, b, stride, pad).shape), X, K, stride, pad


def pooled(a):
    k = a.size("k", 3)
    X, stride = images(a, k)
    return X, k, stride


def pooled_backward(a):
    X, k, stride = pooled(a)
    return a.floats(*OPERATIONS["maxpool_forward"](X, k, stride).shape), X, k, stride


def looked_up(a):
    V = a.size("V")
    return a.labels(a.any_shape("*"), V), a.floats(V, a.size("D"))


def looked_up_backward(a):
    ids, E = looked_up(a)
    return a.floats(*ids.shape, E.shape[1]), ids, len(E)


def head(a):
    N, H, C = a.size("N"), a.size("H"), a.size("C")
    return a.floats(N, H), a.labels(N, C), a.floats(H, C), a.floats(C), 0.1, 3


def network_and_labels(a):
    params = a.layers("D")
    return a.floats(a.size("N"), a.size("D")), a.labels(a.size("N"), a.size("L")), params


def whole(a, *shape):
    """Floats without a fraction, so that a sum is exactly at the threshold or clearly off it in every order."""
    return a.layout(a.rng.integers(-3, 4, shape).astype(a.dtype))


def neuron(a):
    D = a.size("D", 40)  # more than the lanes of a block
    return whole(a, D), whole(a, D), int(a.rng.integers(-3, 4))


def trained(a):
    return whole(a, a.size("N"), a.size("D")), a.rng.integers(0, 2, a.size("N")), 1.0, 20


def updated(a):
    D = a.size("D")
    return whole(a, D), 1.0, whole(a, D), int(a.rng.integers(2)), 0.5


def balanced(a):
    C = a.size("C")
    return (a.rng.permutation(np.concatenate([np.arange(C), a.labels(a.size("N"), C)])),)


def scheduled(*more):
    def arguments(a):
        return int(a.rng.integers(0, 30)), 0.5, *(int(a.rng.integers(low, 20)) if low >= 0 else 0.25 for low in more)

    return arguments


SPECIAL = {
    "cross_entropy": classified,
    "softmax_cross_entropy_backward": classified,
    "backprop": network_and_labels,
    "train_head": head,
    "adam_step": adam,
    "rmsprop_step": rmsprop,
    "dropout_forward": dropped,
    "dropout_backward": dropped,
    "batchnorm_forward": normalized,
    "batchnorm_backward": normalized_backward,
    "conv_out_size": lambda a: (a.size("size") + 4, a.size("k", 4), a.size("stride", 3), a.size("pad", 2)),
    "conv2d_forward": convolved,
    "conv2d_backward": convolved_backward,
    "maxpool_forward": pooled,
    "maxpool_backward": pooled_backward,
    "embedding_forward": looked_up,
    "embedding_backward": looked_up_backward,
    "weighted_sum": lambda a: neuron(a)[:2],
    "perceptron": neuron,
    "perceptron_update": updated,
    "perceptron_train": trained,
    "neuron": lambda a: (*neuron(a), np.tanh),
    "class_weights": balanced,
    "augment": lambda a: (
        a.of(declared("N C H W")),
        np.random.default_rng(a.size("seed", 99)),
        a.size("shift", 4),
        True,
    ),
    "sample": lambda a: (a.floats(a.size("V")), 0.7, np.random.default_rng(a.size("seed", 99))),
    "constant_rate": scheduled(),
    "step_decay": scheduled(-1, 1),
    "linear_warmup": scheduled(0),
    "cosine_decay": scheduled(0, -1),
    "schedule": scheduled(0, 0, -1),
}
NUMBA = [name for name, backend in TWINS if backend == "numba"]
CUDA = [name for name, backend in TWINS if backend == "cuda"]
LOOSE = {np.float32: 1e-4, np.float64: 1e-10}
ANY_EXAMPLE = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def arguments(data, name, dtype):
    a = Arguments(data.draw, dtype)
    if name in SPECIAL:
        return SPECIAL[name](a)
    operation = OPERATIONS[name]
    return tuple(a.of(operation.shapes[argument]) for argument in operation.signature.parameters)


def agree(name, backend, found, dtype):
    """The twin's answer is the model's: shapes, kinds of numbers, and values up to rounding."""

    def fresh():
        return tree_map(lambda leaf: copy.deepcopy(leaf) if isinstance(leaf, np.random.Generator) else leaf, found)

    def same(expected, got):
        assert np.shape(got) == np.shape(expected)
        assert np.asarray(got).dtype.kind == np.asarray(expected).dtype.kind
        scale = np.max(np.abs(expected), initial=1)
        np.testing.assert_allclose(got, expected, rtol=0, atol=LOOSE[dtype] * scale)

    tree_map(same, OPERATIONS[name](*fresh()), call(name, backend, fresh()))


@pytest.mark.slow
@pytest.mark.parametrize("name", NUMBA)
def test_loops_agree_at_any_size_and_layout(name):
    @settings(ANY_EXAMPLE, max_examples=20)
    @given(some.data())
    def check(data):
        dtype = data.draw(some.sampled_from([np.float32, np.float64]), "dtype")
        agree(name, "numba", arguments(data, name, dtype), dtype)

    check()


@pytest.mark.slow
@pytest.mark.parametrize("name", CUDA)
def test_kernels_agree_at_any_size_and_layout(name):
    @settings(ANY_EXAMPLE, max_examples=8)
    @given(some.data())
    def check(data):
        agree(name, "cuda", arguments(data, name, np.float64), np.float64)

    check()


WORDS = {
    "N D": [
        (np.zeros(3), r"has shape (3,), expected 2 dimensions (N, D)"),
        (np.zeros((3, 0)), "has shape (3, 0): it is empty, expected at least one entry"),
        (np.zeros((2, 5)), "has shape (2, 5), expected (N, D) with D = 4"),
        (np.zeros((2, 4), int), "holds int64, expected floats"),
        ([[1.0], [1.0, 2.0]], "is not an array: its rows differ in length"),
    ],
    "2D": [(np.zeros(6), "has shape (6,), expected (2D,) with 2D = 8")],
    "*": [(np.zeros(3), "has shape (3,), expected (2, 2): one shape for all")],
    ":int > 0": [(0, "is 0, expected more than 0"), (1.5, "holds float64, expected integers")],
    ":float >= 0": [(-1, "is -1, expected at least 0")],
    "(*, :int)": [
        (None, "is NoneType, expected a tuple of 2"),
        ((np.zeros((2, 2)), 0.5), "[1] holds float64, expected"),
    ],
    "{}": [({}, "is empty, expected a dict of arrays"), ({"b": np.ones(2, int)}, "['b'] holds int64, expected floats")],
    "{D}": [
        ({"W1": np.ones((3, 2)), "b1": np.ones(2)}, "['W1'] has shape (3, 2), expected (D, M) with D = 4"),
        ({"W1": np.ones((4, 2)), "b1": np.ones(3)}, "['b1'] has shape (3,), expected (M,) with M = 2"),
        ({"W1": np.ones((4, 2)), "c1": np.ones(2)}, "holds W1, c1, expected W1, b1, W2, b2 and so on"),
    ],
}


@pytest.mark.parametrize(("text", "value", "words"), [(text, *case) for text, cases in WORDS.items() for case in cases])
def test_says_what_came_and_what_was_expected(text, value, words):
    with pytest.raises(ValueError) as refused:
        declared(text).accept("f: x", value, {"D": 4, "*": (2, 2)})
    assert words in str(refused.value)
    assert str(refused.value).startswith("f: x")


@pytest.mark.parametrize("text", ["N:complex", ":int > x", "N D:float < 3"])
def test_a_shape_that_says_nothing_is_refused(text):
    with pytest.raises(ValueError, match="is none of float, int, bool, number"):
        declared(text)
