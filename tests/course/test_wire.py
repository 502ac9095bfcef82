"""Trees to bytes and back; and what is no tree is refused, whatever the bytes."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays
from safetensors.numpy import save

from course.compare import differences
from course.wire import MAX_DEPTH, Named, Opaque, Scratch, Seeded, WireError, pack, unpack

leaves = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(-(2**63) + 1, 2**63 - 1),
    some.floats(),
    some.text(),
    arrays.arrays(
        some.sampled_from([np.bool_, np.int8, np.uint64, np.float32, np.float64]),
        arrays.array_shapes(min_dims=0, min_side=0, max_side=4),
    ),
    some.sampled_from([Named("cube"), Seeded(3), Scratch("a.npz"), Opaque("Tensor")]),
)
trees = some.recursive(
    leaves, lambda inner: some.lists(inner) | some.tuples(inner, inner) | some.dictionaries(some.text(), inner)
)


@given(trees)
def test_a_tree_comes_back_as_it_was(tree):
    again = unpack(pack(tree))
    assert type(again) is type(tree)
    assert differences(again, tree, 1e-300) == []


def test_numbers_of_numpy_stay_what_they_are():
    again = unpack(pack((np.float32(0.1), np.int8(-3), np.array(2.5))))
    assert [type(value) for value in again] == [np.float32, np.int8, np.ndarray]


@pytest.mark.parametrize(
    "value",
    [object(), np.array(["a"]), np.array([object()]), 1 << 80, {1: 2}, lambda: 0, 1j],
    ids=["object", "texts", "array of objects", "large integer", "key that is no text", "function", "complex"],
)
def test_what_has_no_place_in_a_tree_is_known_by_its_type_alone(value):
    assert isinstance(unpack(pack([value]))[0], Opaque)


def test_a_subclass_cannot_pass_for_what_it_is_not():
    class Liar(float):
        def __eq__(self, other):
            return True

        __hash__ = None

    assert unpack(pack(Liar(3.0))) == Opaque("Liar")


def test_a_list_that_holds_itself_ends():
    circle = []
    circle.append(circle)
    value, depth = unpack(pack(circle)), 0
    while isinstance(value, list):
        value, depth = value[0], depth + 1
    assert isinstance(value, Opaque)
    assert depth <= MAX_DEPTH + 1


def tree_of(structure):
    return save({"tree": np.frombuffer(json.dumps(structure).encode(), np.uint8)})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 8 + b"{}",
        pack([1])[:-1],
        save({"other": np.zeros(1)}),
        save({"tree": np.frombuffer(b"[" * 100_000, np.uint8)}),
        save({"tree": np.frombuffer(b"\xff\xfe", np.uint8)}),
        tree_of([1]),
        tree_of({"array": "missing"}),
        tree_of({"unknown": 1}),
        tree_of({"list": 3}),
        tree_of({"list": [], "tuple": []}),
        tree_of({"named": 3}),
        tree_of({"dict": [1, 2]}),
        tree_of({"list": [{"list": []}] * 200_000}),
        tree_of({"list": [1] * 3_000_000}),
        (2 << 20).to_bytes(8, "little") + b" " * (2 << 20),
    ],
    ids=range(16),
)
def test_what_is_no_tree_is_refused(data):
    with pytest.raises(WireError):
        unpack(data)


@given(some.binary(max_size=400))
def test_any_bytes_are_a_tree_or_refused(data):
    with contextlib.suppress(WireError):
        unpack(data)
