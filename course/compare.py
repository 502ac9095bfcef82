"""One answer against another, in words: what differs, where, got and expected.

Arrays are held to max|Δ| ≤ tolerance · max|expected|: elementwise relative error punishes an honest float32
result near zero. A number may be Python's or NumPy's; a whole number is no float, a truth value no number.
"""

from dataclasses import dataclass

import numpy as np

from course.messages import say
from course.wire import BEYOND, Named, Opaque, Scratch, Seeded, has_text_keys, is_beyond

TOLERANCE = {"float16": 1e-2, "float32": 1e-4}  # by dtype of the expected answer; everything else:
TOLERANCE_DEFAULT = 1e-9

NUMBERS = ("bool", "int", "float")
KINDS = (*NUMBERS, "array", "tuple", "dict")  # of what has a place in a tree


@dataclass(frozen=True)
class Difference:
    """`property` is "shape" (type, shape, dtype), "stability" (not finite) or "value"; `fatal`: no value to compare."""

    property: str
    message: str
    got: str
    expected: str
    fatal: bool = False


def differences(got, expected, tolerance=None, path=""):
    """Every way in which the tree `got` is not the tree `expected`, as a list of Difference."""
    got, expected = carried(got), carried(expected)
    kind = kind_of(expected)
    if kind in ("tuple", "dict"):
        return _containers(got, expected, tolerance, path)
    found = []
    if kind_of(got) != kind and not (kind == "float" and kind_of(got) == "int"):
        comparable = {kind_of(got), kind} <= {*NUMBERS}
        found.append(_of_another_type(got, expected, path, fatal=not comparable))
    elif kind == "array" and got.shape != expected.shape:
        found.append(_differs("shape", path, "shape", got.shape, expected.shape, fatal=True))
    elif kind == "array" and got.dtype != expected.dtype:
        comparable = got.dtype.kind in "fiub"
        found.append(_differs("shape", path, "dtype", got.dtype, expected.dtype, fatal=not comparable))
    if not any(difference.fatal for difference in found):
        found += _values(got, expected, kind, tolerance, path)
    return found


def _containers(got, expected, tolerance, path):
    if kind_of(got) != kind_of(expected):
        return [_of_another_type(got, expected, path, fatal=True)]
    if isinstance(expected, dict):
        if got.keys() != expected.keys():
            return [_differs("shape", path, "keys", sorted(got), sorted(expected), fatal=True)]
        pairs = [(f"[{key!r}]", got[key], expected[key]) for key in expected]
    else:
        if len(got) != len(expected):
            return [_differs("shape", path, "length", len(got), len(expected), fatal=True)]
        pairs = [(f"[{i}]", *pair) for i, pair in enumerate(zip(got, expected, strict=True))]
    return [found for step, g, e in pairs for found in differences(g, e, tolerance, path + step)]


def _values(got, expected, kind, tolerance, path):
    if kind not in (*NUMBERS, "array"):
        same = type(got) is type(expected) and got == expected
        return [] if same else [_differs("value", path, "number", repr(got)[:80], repr(expected)[:80])]
    with np.errstate(all="ignore"):
        wrong = ~close(np.asarray(got), np.asarray(expected), tolerance)
    if not wrong.any():
        return []
    where = tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.ndim else ()
    g, e = np.asarray(got)[where], np.asarray(expected)[where]
    finite = np.isfinite(np.asarray(expected, float)).all() and not np.isfinite(np.asarray(got, float)).all()
    name, shown = ("stability" if finite else "value"), apart(g, e)
    if wrong.ndim == 0:
        return [_differs(name, path, "number", *shown)]
    index = where[0] if len(where) == 1 else where
    message = say("entries", count=int(wrong.sum()), size=wrong.size, where=index, got=shown[0], expected=shown[1])
    return [Difference(name, _at(path) + message, *shown)]


def close(got, expected, tolerance):
    """Entry by entry, whether two arrays agree within the tolerance; infinities must be equal, NaN counts as NaN."""
    if expected.dtype.kind in "iub" and got.dtype.kind in "iub":
        return got == expected
    tolerance = tolerance or TOLERANCE.get(expected.dtype.name, TOLERANCE_DEFAULT)
    got, expected = got.astype(float), expected.astype(float)
    finite = expected[np.isfinite(expected)]
    scale = np.abs(finite).max(initial=0.0) or 1.0
    return np.where(
        np.isfinite(expected),
        np.abs(got - expected) <= tolerance * scale,
        (got == expected) | (np.isnan(got) & np.isnan(expected)),
    )


def carried(value):
    """A value as it would travel (course.wire): of what has no place in a tree, the name of its type is left."""
    if is_beyond(value):
        return BEYOND
    if value is None or isinstance(value, (str, Opaque, Named, Seeded, Scratch)):
        return value
    travels = has_text_keys(value) if isinstance(value, dict) else kind_of(value) in KINDS
    return value if travels else Opaque(type(value).__name__)


def kind_of(value):
    """bool, int, float, array, tuple (lists too), dict, or the type's name."""
    if isinstance(value, (list, tuple)):
        return "tuple"
    if isinstance(value, np.ndarray) and value.ndim:
        return "array"
    if isinstance(value, (bool, np.bool_)):
        return "bool"
    if isinstance(value, (int, float, np.generic, np.ndarray)):
        kinds = {"b": "bool", "i": "int", "u": "int", "f": "float"}
        return kinds.get(np.asarray(value).dtype.kind, type(value).__name__)
    return type(value).__name__


def in_words(value):
    """What a value is, for a sentence: "an array of shape (3,)", "a truth value (True)"."""
    kind = kind_of(value)
    if isinstance(value, Opaque):
        return say("kind opaque", type=value.type)
    if kind == "array":
        return say("kind array", shape=value.shape)
    if kind in NUMBERS:
        return say(f"kind {kind}", number=number(value))
    if kind == "tuple":
        return say("kind tuple", type=type(value).__name__, count=len(value))
    return say("kind nothing") if value is None else say("kind other", kind=kind)


def number(value, digits=5):
    """A number as a person would write it."""
    value = np.asarray(value)[()]
    if kind_of(value) in ("bool", "int"):
        return str(value)
    return f"{value:.{digits}g}"


def apart(got, expected):
    """Two numbers that differ, with as many digits as it takes to see it."""
    for digits in (5, 9, 17):
        texts = number(got, digits), number(expected, digits)
        if texts[0] != texts[1]:
            break
    return texts


def shown(value, width=60):
    """A value for a table cell: short arrays whole, long ones by their shape, what cannot travel by its type."""
    value = carried(value)
    if isinstance(value, np.ndarray) and value.ndim:
        text = np.array2string(value, precision=4, threshold=24, separator=", ", max_line_width=10_000)
        return " ".join(text.split()) if value.size <= 24 else say("array", shape=value.shape)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(shown(item, width) for item in value[:6]) + (", …" if len(value) > 6 else "")
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown(item, width)}" for key, item in list(value.items())[:6]) + "}"
    if isinstance(value, Opaque):
        return f"<{value.type}>"
    if isinstance(value, Seeded):
        return f"np.random.default_rng({value.seed})"
    if isinstance(value, (Named, Scratch)):
        return value.name
    if kind_of(value) in NUMBERS:
        return number(value)
    return repr(value)[:width]


def _of_another_type(got, expected, path, fatal):
    key = "nothing returned" if got is None else "type"
    return _differs("shape", path, key, in_words(got), in_words(expected), fatal)


def _differs(name, path, key, got, expected, fatal=False):
    message = say(key, got=got, expected=expected)
    return Difference(name, _at(path) + message, str(got), str(expected), fatal)


def _at(path):
    return say("part", path=f"answer{path}" if path.startswith("[") else path) if path else ""
