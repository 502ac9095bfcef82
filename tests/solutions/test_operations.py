"""The promises every operation keeps, on every backend it has: an operation is tested by being registered."""

import contextlib
import functools
import itertools
import re
import sys
from unittest import mock

import numpy as np
import pytest

from solutions import cuda
from solutions.shapes import Arrays, Layers, Parts
from solutions.twins import OPERATIONS
from tests.solutions.oracle import (
    DTYPES,
    TOLERANCE,
    assert_close,
    floating,
    leaves,
    load_oracles,
    tree_map,
)

ORACLES = load_oracles()
SMALL_BLOCKS = {1: (5,), 2: (3, 4), 3: (2, 3, 2)}  # so that the last block of a launch is only partly used
SMALL_CONSTANTS = {"LANES": 4, "TILE": 2}  # what kernels work in at a time, wherever a module names it so
OPERATION_NAMES = [name for name in OPERATIONS if name in ORACLES]
RUNS = [(name, backend) for name in OPERATION_NAMES for backend in OPERATIONS[name].twins]
TWINS = [run for run in RUNS if run[1] != "numpy"]

each_operation = pytest.mark.parametrize("name", OPERATION_NAMES)
each_run = pytest.mark.parametrize(("name", "backend"), RUNS)
each_twin = pytest.mark.parametrize(("name", "backend"), TWINS)
each_dtype = pytest.mark.parametrize("dtype", list(DTYPES.values()), ids=list(DTYPES))


def call(name, backend, arguments):
    """The operation's answer on one backend, on small blocks where it is CUDA."""
    if backend == "cuda" and not cuda.available():
        pytest.skip("no CUDA GPU and no simulator: set NUMBA_ENABLE_CUDASIM=1")
    with small_blocks() if backend == "cuda" else contextlib.nullcontext():
        return OPERATIONS[name].on(backend)(*arguments)


@contextlib.contextmanager
def small_blocks():
    """A few threads a block: sizes that fill none of them, and a simulator that is done in no time."""
    with contextlib.ExitStack() as patches:
        patches.enter_context(mock.patch.dict(cuda.THREADS, SMALL_BLOCKS))
        # On a GPU the constants are compiled in, and would outlast the patch.
        modules = [m for name, m in sys.modules.items() if name.startswith("solutions.") and cuda.SIMULATED]
        for module, (constant, size) in itertools.product(modules, SMALL_CONSTANTS.items()):
            if hasattr(module, constant):
                patches.enter_context(mock.patch.object(module, constant, size))
        yield


@functools.cache
def answers(name, backend, dtype):
    """[(arguments as the call left them, answer)] for every case of an operation."""
    cases = ORACLES[name].cases(dtype)
    return [(arguments, call(name, backend, arguments)) for arguments in cases]


def tolerance(name, dtype):
    return TOLERANCE[dtype] * ORACLES[name].slack


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_has_an_oracle(name):
    assert name in ORACLES, f"write ORACLES[{name!r}] in tests/solutions/oracles/"


def test_every_oracle_has_an_operation():
    assert set(ORACLES) <= set(OPERATIONS)


def marked(name):
    return pytest.param(name, marks=pytest.mark.torch if hasattr(ORACLES[name].expected, "needs_torch") else ())


@each_dtype
@pytest.mark.parametrize("name", [marked(name) for name in OPERATION_NAMES if ORACLES[name].expected])
def test_model_answer_agrees_with_the_oracle(name, dtype):
    fresh = ORACLES[name].cases(dtype)
    for arguments, (_, answer) in zip(fresh, answers(name, "numpy", dtype), strict=True):
        exact = tree_map(lambda leaf: leaf.astype(np.float64) if floating(leaf) else leaf, arguments)
        assert_close(answer, ORACLES[name].expected(*exact), tolerance(name, dtype))


@each_dtype
@each_twin
def test_twin_agrees_with_the_model_answer(name, backend, dtype):
    pairs = zip(answers(name, backend, dtype), answers(name, "numpy", dtype), strict=True)
    for (_, answer), (_, model_answer) in pairs:
        assert_close(answer, model_answer, tolerance(name, dtype))


@each_dtype
@each_run
def test_keeps_the_dtype(name, backend, dtype):
    expected = dtype if ORACLES[name].keeps_dtype else np.float64
    for _, answer in answers(name, backend, dtype):
        arrays = [leaf for leaf in leaves(answer) if isinstance(leaf, np.ndarray) and floating(leaf)]
        assert {array.dtype for array in arrays} <= {np.dtype(expected)}


@each_dtype
@each_run
def test_leaves_its_arguments_alone(name, backend, dtype):
    fresh = ORACLES[name].cases(dtype)
    for arguments, (left, _) in zip(fresh, answers(name, backend, dtype), strict=True):
        tree_map(_assert_same, arguments, left)


def _assert_same(before, after):
    if isinstance(before, np.ndarray):
        np.testing.assert_array_equal(before, after)


def strided(array):
    """Read-only, and with a gap after every number."""
    view = np.repeat(array, 2, axis=-1)[..., ::2]
    view.setflags(write=False)
    return view


@pytest.mark.parametrize("layout", [strided, np.asfortranarray], ids=["strided", "columns"])
@each_run
def test_takes_arrays_of_any_layout(name, backend, layout):
    fresh = ORACLES[name].cases(np.float64)
    for arguments, (_, answer) in zip(fresh, answers(name, backend, np.float64), strict=True):
        laid_out = tree_map(lambda leaf: layout(leaf) if np.ndim(leaf) and floating(leaf) else leaf, arguments)
        assert_close(call(name, backend, laid_out), answer, tolerance(name, np.float64))


@pytest.mark.parametrize("name", [name for name in OPERATION_NAMES if ORACLES[name].gradient_of])
def test_gradient_agrees_with_finite_differences(name):
    oracle, rng = ORACLES[name], np.random.default_rng(21)
    tried = 0
    for arguments, (_, answer) in zip(oracle.cases(np.float64), answers(name, "numpy", np.float64), strict=True):
        if found := oracle.gradient_of(*arguments):
            _assert_slopes(*found, oracle.gradients(answer), rng)
            tried += 1
    assert tried, "every case is at a kink"


def _assert_slopes(f, point, gradients, rng, eps=1e-5):
    """(f(point + ε d) − f(point − ε d)) / 2ε = Σ gradient · d along random directions d."""
    if len(point) == 1 and not isinstance(gradients, tuple):
        gradients = (gradients,)
    for _ in range(3):
        direction = tree_map(lambda leaf: rng.standard_normal(leaf.shape) if floating(leaf) else None, point)
        ahead, behind = (_moved(point, direction, distance) for distance in (eps, -eps))
        products = leaves(tree_map(lambda d, g: 0.0 if d is None else d * g, direction, gradients))
        slope, size = sum(map(np.sum, products)), np.sqrt(sum(np.sum(np.square(product)) for product in products))
        assert abs((f(*ahead) - f(*behind)) / (2 * eps) - slope) <= 1e-7 * max(abs(slope), size)


def _moved(point, direction, distance):
    return tree_map(lambda x, d: x if d is None else x + distance * d, point, direction)


GREEK = {"gamma": "γ", "beta": "β", "lam": "λ", "eps": "ε", "beta1": "β1", "beta2": "β2"}


@each_operation
def test_docstring_says_what_goes_in_and_what_comes_out(name):
    text = OPERATIONS[name].__doc__
    assert "->" in text
    for argument in OPERATIONS[name].signature.parameters:
        assert re.search(rf"\b{argument}\b", text) or GREEK.get(argument, "nowhere") in text, argument


@each_operation
def test_declares_every_array(name):
    arguments = named(name, ORACLES[name].cases(np.float64)[0])
    holding = {name for name, value in arguments.items() if any(isinstance(leaf, np.ndarray) for leaf in leaves(value))}
    assert holding <= set(OPERATIONS[name].shapes)


@each_operation
def test_refuses_bad_input(name):
    arguments = named(name, ORACLES[name].cases(np.float64)[0])
    seen = set()
    for argument, shape in OPERATIONS[name].shapes.items():
        if argument in arguments:
            for fault, bad in faults(shape, arguments[argument], seen):
                with pytest.raises(ValueError, match=rf"^{name}: {argument}\b"):
                    OPERATIONS[name](**{**arguments, argument: bad})
                    pytest.fail(f"{argument}: {fault} passed")
        seen |= {letter(dim) for dim in getattr(shape, "dims", ())}


def named(name, arguments):
    return OPERATIONS[name].signature.bind(*arguments).arguments


def letter(dim):
    """The size's name in a dimension such as 4H."""
    return dim.lstrip("0123456789")


def faults(shape, value, seen):
    """(what is wrong, the wrong value); `seen` are the letters and stars that earlier arguments fix."""
    if isinstance(shape, Parts):
        yield "no tuple", 1.0
        yield "a part too many", (*value, value[0])
        for i, part in enumerate(shape.parts):
            for fault, bad in faults(part, value[i], seen):
                yield fault, (*value[:i], bad, *value[i + 1 :])
    elif isinstance(shape, Arrays):
        yield "no dict", list(value.values())
        yield "no arrays", {}
        first = next(iter(value))
        yield "text for numbers", {**value, first: np.array(["a"])}
        if shape.kind != "number":
            yield "integers for floats", {**value, first: np.ones(value[first].shape, int)}
        if isinstance(shape, Layers):
            yield "another width", {**value, "W1": np.concatenate([value["W1"], value["W1"]])}
            yield "a bias of another layer", {**value, "b1": np.ones(len(value["b1"]) + 1)}
            yield "no biases", {"W1": value["W1"]}
            yield "other names", {name.lower(): array for name, array in value.items()}
    else:
        yield from faults_of_array(shape, np.asarray(value), seen)


def faults_of_array(shape, array, seen):
    if shape.kind == "float" and array.ndim:
        yield "integers for floats", np.ones(array.shape, int)
    if shape.kind == "int":
        yield "floats for integers", np.full(array.shape, 0.5)
    yield "text for numbers", np.full(array.shape, "1")
    if shape.any_shape:
        if shape.dims[0] in seen:
            yield "another shape", array[None]
            yield "twice the size", np.concatenate([array, array])
        return
    if shape.bound:
        over, number = shape.bound
        yield "a number too small", np.full(array.shape, number if over == ">" else number - 1, array.dtype)
    yield "a dimension too many", array[None]
    if array.ndim:
        yield "no entries", array[:0]
    for axis, dim in enumerate(shape.dims):
        if letter(dim) in seen or dim.isdigit():
            yield f"twice the size along {dim}", np.concatenate([array, array], axis)
