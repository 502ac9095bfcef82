"""What an argument of an operation must look like, written as short texts, and the words that say what came instead.

"N D"             floats with two dimensions; the same capital letter means the same size in every argument
"D 4H"            the second size is a multiple of four
"N:int"           integers; also bool, and number for any of them
""                one number; ":int > 0" or ":float >= 0" say which
"*"               floats of any shape, the same for all arguments that say *; *a and *b may differ
"(*, *, :int)"    a tuple, part by part
"{}"              a dict of arrays under their names, at least one; "{:number}" for any kind
"{D}"             the layers {"W1": (D, H), "b1": (H,), "W2": …} of a multilayer perceptron with D inputs
"""

import re
from collections.abc import Mapping

import numpy as np

KINDS = {"float": "f", "int": "iu", "bool": "b", "number": "fiub"}  # as a shape says it -> the dtype kinds that do
NAMES = {"float": "floats", "int": "integers", "bool": "booleans", "number": "numbers"}
BOUNDS = {">": (np.greater, "more than"), ">=": (np.greater_equal, "at least")}


def declared(text):
    """What accepts the arguments that this text describes."""
    if text.startswith("("):
        return Parts(text)
    if text.startswith("{"):
        return Arrays(text[1:-1].partition(":")[2]) if text[1] in ":}" else Layers(text[1:-1])
    return Shape(text)


class Shape:
    """An array or a number. `accept` is what all of these classes have in common."""

    def __init__(self, text):
        dims, _, rest = text.partition(":")
        found = re.fullmatch(r"(\w*)\s*(?:(>=?)\s*(\d+))?", rest)
        self.dims, self.kind = dims.split(), found and (found[1] or "float")
        if self.kind not in KINDS:
            raise ValueError(
                f"shape {text!r}: {rest!r} is none of {', '.join(KINDS)}, with > or >= a number or without"
            )
        self.bound = found[2] and (found[2], int(found[3]))
        self.any_shape = dims.startswith("*")
        self._parsed = [] if self.any_shape else [self._parse(dim) for dim in self.dims]

    @staticmethod
    def _parse(dim):
        """4H -> ("4H", 4, "H"); a letter alone has factor 1, a number alone no letter."""
        factor, letter = re.fullmatch(r"(\d*)(\w*)", dim).groups()
        return dim, int(factor or 1), letter

    def __str__(self):
        inner = ", ".join(self.dims)
        return f"({inner},)" if len(self.dims) == 1 else f"({inner})"

    def accept(self, what, value, sizes):
        """`value` as an array (or number) of this shape; ValueError says what came and what was expected.

        sizes {letter: size} of the arguments before this one; what this one adds is written there.
        """
        try:
            array = np.asarray(value)
        except ValueError:
            raise ValueError(f"{what} is not an array: its rows differ in length") from None
        # A plain Python number means itself: 1 is as good as 1.0 where one number is expected.
        plain = array.ndim == 0 and self.kind == "float" and array.dtype.kind in "iu"
        if array.dtype.kind not in KINDS[self.kind] and not plain:
            raise ValueError(f"{what} holds {array.dtype}, expected {NAMES[self.kind]}")
        if self.any_shape:
            expected = sizes.setdefault(self.dims[0], array.shape)
            if array.shape != expected:  # the loops index one array by another's shape
                raise ValueError(f"{what} has shape {array.shape}, expected {expected}: one shape for all")
            return array
        self._match(what, array.shape, sizes)
        if self.bound:
            holds, words = BOUNDS[self.bound[0]]
            if not np.all(holds(array, self.bound[1])):
                raise ValueError(f"{what} is {value}, expected {words} {self.bound[1]}")
        return value if array.ndim == 0 else array

    def _match(self, what, shape, sizes):
        if len(shape) != len(self.dims):
            raise ValueError(f"{what} has shape {shape}, expected {len(self.dims)} dimensions {self}")
        for size, (dim, unit, letter) in zip(shape, self._parsed, strict=True):
            if size == 0:
                raise ValueError(f"{what} has shape {shape}: it is empty, expected at least one entry")
            expected = unit * sizes.setdefault(letter, size // unit) if letter else unit
            if size != expected:
                known = f" with {dim} = {expected}" if letter else ""
                raise ValueError(f"{what} has shape {shape}, expected {self}{known}")


class Parts:
    """A tuple, such as the state of an optimizer."""

    def __init__(self, text):
        self.parts = [declared(part.strip()) for part in text[1:-1].split(",")]

    def accept(self, what, value, sizes):
        if not isinstance(value, (tuple, list)) or len(value) != len(self.parts):
            came = f"{len(value)} values" if isinstance(value, (tuple, list)) else type(value).__name__
            raise ValueError(f"{what} is {came}, expected a tuple of {len(self.parts)}")
        return tuple(
            part.accept(f"{what}[{i}]", one, sizes) for i, (part, one) in enumerate(zip(self.parts, value, strict=True))
        )


class Arrays:
    """A dict of arrays of any shape, such as gradients."""

    def __init__(self, kind):
        self.kind = kind

    def accept(self, what, value, sizes):
        if not isinstance(value, Mapping) or not value:
            raise ValueError(f"{what} is {'empty' if value == {} else type(value).__name__}, expected a dict of arrays")
        return {name: self._accept(f"{what}[{name!r}]", array) for name, array in value.items()}

    def _accept(self, what, array):
        return Shape(f"*:{self.kind}").accept(what, array, {})


class Layers(Arrays):
    """Weights and biases, each layer as wide as the one before it says; the last width is the letter L."""

    def __init__(self, letter):
        super().__init__("float")
        self.letter = letter

    def accept(self, what, value, sizes):
        params = super().accept(what, value, sizes)
        expected = [f"{kind}{l}" for l in range(1, len(params) // 2 + 1) for kind in "Wb"]
        if sorted(params) != sorted(expected):
            raise ValueError(f"{what} holds {', '.join(params)}, expected W1, b1, W2, b2 and so on")
        width = sizes[self.letter]
        for l in range(1, len(params) // 2 + 1):
            here = {self.letter: width}
            for name, dims in (f"W{l}", f"{self.letter} M"), (f"b{l}", "M"):
                Shape(dims).accept(f"{what}[{name!r}]", params[name], here)
            width = here["M"]
        sizes["L"] = width
        return params
