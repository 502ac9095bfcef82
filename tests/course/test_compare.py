"""One answer against another: what counts as the same, and what is said where it is not."""

import numpy as np
import pytest

from course.compare import differences, shown
from course.judges import JUDGES
from course.wire import Named, Opaque, Seeded, pack, unpack

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1, 1),
        (np.int64(1), 1),
        (2, 2.0),  # a whole number where a number is expected
        (np.float32(0.5), 0.5),
        (np.array(0.5), 0.5),
        (1.0 + 1e-12, 1.0),
        ([1, 2], (1, 2)),
        (NAN, NAN),
        (INF, INF),
        (np.array([1.0, NAN]), np.array([1.0, NAN])),
        (np.array([1e-12, 1e6]), np.array([0.0, 1e6])),  # relative to the largest entry
        ({"a": np.ones(2)}, {"a": np.ones(2)}),
        (None, None),
        (np.zeros((0, 3)), np.zeros((0, 3))),
    ],
)
def test_the_same(got, expected):
    assert differences(got, expected) == []


@pytest.mark.parametrize(
    ("got", "expected", "property", "words"),
    [
        (True, 1, "shape", "returned a truth value (True), expected a whole number (1)"),
        (1.0, 1, "shape", "returned a number (1), expected a whole number (1)"),
        (None, 1.0, "shape", "returned nothing: is there a `return`?"),
        ([1.0], np.ones(1), "shape", "returned a list of 1, expected an array of shape (1,)"),
        (np.ones(3), np.ones((3, 1)), "shape", "returned shape (3,), expected (3, 1)"),
        (np.ones(2), np.ones(2, np.float32), "shape", "returned dtype float64, expected float32"),
        ((1,), (1, 2), "shape", "returned 1 values, expected 2"),
        ({"a": 1}, {"b": 1}, "shape", "returned the keys ['a'], expected ['b']"),
        (2.0, 3.0, "value", "returned 2, expected 3"),
        (NAN, 3.0, "stability", "returned nan, expected 3"),
        ((1, 5), (1, 2), "value", "(in answer[1]) returned 5, expected 2"),
        (Opaque("Tensor"), 1.0, "shape", "returned something of type Tensor, expected a number (1)"),
        ("a", "b", "value", "returned 'a', expected 'b'"),
    ],
)
def test_a_difference_in_words(got, expected, property, words):
    (found,) = differences(got, expected)
    assert (found.property, found.message) == (property, words)


def test_an_array_names_its_first_wrong_entry():
    got = np.arange(6.0).reshape(2, 3)
    got[1, 0] = got[1, 2] = -1.22
    (found,) = differences(got, np.arange(6.0).reshape(2, 3))
    assert found.message == "got 2 of 6 entries wrong; first at (1, 0): -1.22, expected 3"


def test_two_numbers_that_differ_late_are_shown_to_where_they_do():
    (found,) = differences(np.array([0.32833, 1.0]), np.array([0.3283300064, 1.0]))
    assert (found.got, found.expected) == ("0.32833", "0.328330006")


def test_a_wrong_dtype_does_not_hide_a_wrong_value():
    found = differences(np.array([1.0, 5.0]), np.array([1.0, 2.0], np.float32))
    assert [difference.property for difference in found] == ["shape", "value"]


def test_float32_is_held_to_less_than_float64():
    close = np.array([1.0 + 1e-6])
    assert differences(close.astype(np.float32), np.ones(1, np.float32)) == []
    assert differences(close, np.ones(1)) != []


def test_an_elementwise_error_near_zero_is_forgiven_a_large_one_is_not():
    expected = np.array([1000.0, 1e-3])
    assert differences(np.array([1000.0, 1.0000001e-3]), expected) == []
    assert differences(np.array([1000.0, 1e-3 + 1e-3]), expected) != []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array([1.5, 2.0]), "[1.5, 2. ]"),
        (np.zeros((10, 10)), "array of shape (10, 10)"),
        ((1, [2.0, True]), "(1, [2, True])"),
        (Named("cube"), "cube"),
        (Seeded(3), "np.random.default_rng(3)"),
        (Opaque("object"), "<object>"),
        ((10**400, 10**5000), "(<int (beyond 64 bits)>, <int (beyond 64 bits)>)"),
        ("x" * 200, "'" + "x" * 59),
        ({10**5000: 1}, "<dict>"),
        ({1 + 2j, 10**5000}, "<set>"),
    ],
)
def test_values_are_shown_short(value, text):
    assert shown(value) == text


@pytest.mark.parametrize("value", [map(abs, [1]), np.complex128(1j), object()], ids=lambda v: type(v).__name__)
def test_what_cannot_travel_is_compared_by_the_name_of_its_type(value):
    assert not differences(value, Opaque(type(value).__name__))
    assert differences(value, 1.0) and differences(value, np.zeros(2)) and differences(value, {"a": 1})
    assert differences(1.0, value)


HUGE = {"no float": 10**400, "no text": -(10**5000), "65 bits": 1 << 64, "64 bits": 1 << 63, "keys": {1: 2, "a": 3}}


@pytest.mark.parametrize("expected", [2, 2.0, np.zeros(2), {"a": 3}, None], ids=str)
@pytest.mark.parametrize("value", HUGE.values(), ids=HUGE)
def test_here_it_is_compared_as_it_would_be_where_it_has_travelled(value, expected):
    travelled = unpack(pack(value))
    assert differences(value, expected) == differences(travelled, expected) != []
    assert differences([value], (expected,)) == differences([travelled], (expected,))
    assert not differences(value, travelled)


@pytest.mark.parametrize(
    "answer", [([0, 0], 10**400), ([10**400, 0], 0.0), ([0, 0], -(10**5000)), 10**400], ids=range(4)
)
@pytest.mark.parametrize("judge", ["is_neuron", "separates"])
def test_a_neuron_of_numbers_too_large_is_none(judge, answer):
    want = {"inputs": 2, "X": np.zeros((3, 2)), "y": np.zeros(3)}
    assert (
        JUDGES[judge](answer, want)
        == JUDGES[judge](unpack(pack(answer)), want)
        == "did not return a neuron (w, b) with one weight per input"
    )
