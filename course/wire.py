"""Trees of plain values and arrays, to bytes and back. Nothing is ever unpickled.

A tree is None, bool, int, float, str, a NumPy array or number, or a list, tuple or dict of trees. It becomes one
safetensors file: the arrays, and under "tree" the structure around them as JSON. What has no place in a tree
(an open file, a generator, somebody's own class) is carried as `Opaque`: its type's name and nothing more.
The same bytes serve as answer sheet beside a notebook and as message to and from the sandbox.
"""

import json
from dataclasses import dataclass

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

DTYPES = frozenset(
    ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64"]
)
MAX_DEPTH = 16
MAX_NODES = 100_000
MAX_TEXT = 4 << 20  # bytes of structure, before it is parsed
MAX_HEADER = 1 << 20  # bytes that say where the arrays lie
MAX_INT = (1 << 63) - 1


class WireError(ValueError):
    """The bytes are not a tree."""


@dataclass(frozen=True)
class Opaque:
    """A value that cannot travel, known by the name of its type."""

    type: str


@dataclass(frozen=True)
class Named:
    """A function both sides know by name (course.kinds.FUNCTIONS); functions are never sent."""

    name: str


@dataclass(frozen=True)
class Seeded:
    """A fresh np.random.Generator with this seed."""

    seed: int


@dataclass(frozen=True)
class Scratch:
    """The path of a file in a folder that is empty, but for the files of the case."""

    name: str


BEYOND = Opaque("int (beyond 64 bits)")
MARKERS = {"opaque": (Opaque, str), "named": (Named, str), "seeded": (Seeded, int), "scratch": (Scratch, str)}


def is_beyond(value):
    """Whether a whole number is too large to travel: BEYOND is sent in its place, and compared and shown."""
    return isinstance(value, int) and abs(value) > MAX_INT


def has_text_keys(table):
    """Whether a dict can travel: its keys are text."""
    return all(type(key) is str for key in table)


def pack(tree):
    """The bytes of a tree."""
    packer = _Packer()
    structure = json.dumps(packer.node(tree, 0), separators=(",", ":"))
    return save({"tree": np.frombuffer(structure.encode(), np.uint8), **packer.arrays})


def unpack(data):
    """The tree in `data`; WireError if there is none, whatever the bytes are."""
    try:
        if int.from_bytes(data[:8], "little") > MAX_HEADER:
            raise WireError("not a tree: its header is too large")
        arrays = load(bytes(data))
        text = arrays.pop("tree").tobytes()
        if len(text) > MAX_TEXT or text.count(b"{") > MAX_NODES:  # parsing it would cost many times its size
            raise WireError("not a tree: its structure is too large")
        return _Unpacker(arrays).tree(json.loads(text), 0)
    except WireError:
        raise
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError, RecursionError) as fault:
        raise WireError(f"not a tree: {type(fault).__name__}") from None


class _Packer:
    def __init__(self):
        self.arrays, self.nodes = {}, 0

    def node(self, value, depth):
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            return {"opaque": f"{type(value).__name__} (too deep or too large)"}
        kind = type(value)  # exact: a subclass may lie about its contents
        if value is None or kind in (bool, str, float):
            return value
        if kind is int:
            return {"opaque": BEYOND.type} if is_beyond(value) else value
        if kind is np.ndarray or isinstance(value, np.generic):
            return self.array(value, kind)
        if kind in (list, tuple) or (isinstance(value, tuple) and hasattr(value, "_fields")):  # NamedTuples
            items = [self.node(item, depth + 1) for item in value]
            return {"list" if kind is list else "tuple": items}
        if kind is dict and has_text_keys(value):
            return {"dict": {key: self.node(item, depth + 1) for key, item in value.items()}}
        for tag, (marker, _) in MARKERS.items():
            if kind is marker:
                return {tag: next(iter(vars(value).values()))}
        return {"opaque": kind.__name__}

    def array(self, value, kind):
        if value.dtype.name not in DTYPES:
            return {"opaque": f"{kind.__name__} of {value.dtype.name}"}
        name = str(len(self.arrays))
        self.arrays[name] = np.array(value, order="C", dtype=value.dtype.newbyteorder("="))
        return {"array" if kind is np.ndarray else "number": name}


class _Unpacker:
    def __init__(self, arrays):
        self.arrays = arrays

    def tree(self, node, depth):
        if depth > MAX_DEPTH + 1:  # what is too deep arrives as an Opaque one level down
            raise WireError("not a tree: too deep")
        if not isinstance(node, dict):
            if node is None or type(node) in (bool, int, float, str):
                return node
            raise WireError("not a tree: a bare list")
        ((tag, content),) = node.items()
        if tag in ("list", "tuple"):
            items = [self.tree(item, depth + 1) for item in content]
            return items if tag == "list" else tuple(items)
        if tag == "dict":
            return {key: self.tree(item, depth + 1) for key, item in content.items()}
        if tag == "array":
            return self.arrays[content]
        if tag == "number":
            return self.arrays[content][()]
        marker, kind = MARKERS[tag]
        if type(content) is not kind:
            raise WireError(f"not a tree: {tag} of {type(content).__name__}")
        return marker(content)
