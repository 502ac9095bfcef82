"""An array that tells which of its cells are read and which are written, whatever view of it is used.

A cell is known by its distance from the first one in memory, so a row, a slice and a transpose of an array all speak
of the same cells. Watch (course.iterations) hears of every access.
"""

import ast
import linecache
import os
import sys

import numpy as np

LIBRARIES = (os.path.dirname(__file__), os.path.dirname(np.__file__))


class Root:
    """An array of its own, not a view of another one."""

    def __init__(self, watch, name, array, given=False):
        self.given = given  # an argument
        self.watch, self.name, self.shape, self.size = watch, name, array.shape, array.nbytes
        self.start, self.item = _address(array), array.itemsize

    def cell(self, offset):
        """The cell at a distance of bytes from the first one, as it is written in code."""
        index = np.unravel_index(offset // self.item, self.shape)
        return f"{self.name}[{', '.join(str(int(i)) for i in index)}]"


class Touched(np.ndarray):
    """An array, or a view of one, that tells its Watch."""

    root = None

    def __array_finalize__(self, parent):
        root = getattr(parent, "root", None)
        if root is not None:
            if 0 <= _address(self) - root.start < root.size:
                self.root = root
            elif root.watch.iteration is None:  # a copy
                self.root = Root(root.watch, assigned(root.watch.made), self)

    def touch(self, write):
        """Every cell of this view is read or written."""
        if self.root is None or self.root.watch.iteration is None:
            return
        offsets = np.array(_address(self) - self.root.start)
        for axis, (size, step) in enumerate(zip(self.shape, self.strides, strict=True)):
            offsets = offsets + (np.arange(size) * step).reshape(-1, *[1] * (self.ndim - axis - 1))
        self.root.watch.note(self.root, offsets.ravel(), write)

    def _part(self, index):
        """What `index` names, as a view also where it is one cell."""
        index = index if isinstance(index, tuple) else (index,)
        part = super().__getitem__(index if Ellipsis in index else (*index, ...))
        return part if isinstance(part, Touched) else np.asarray(part).view(Touched)

    def __getitem__(self, index):
        found = super().__getitem__(index)
        if not isinstance(found, np.ndarray) and self.root is not None and self.root.watch.iteration is not None:
            self._part(index).touch(write=False)
        return found

    def __setitem__(self, index, value):
        _reads(value)
        self._part(index).touch(write=True)
        self.view(np.ndarray)[index] = _plain(value)

    def fill(self, value):
        """As a write of every cell."""
        self[...] = value

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        targets = out or ()
        for value in (*inputs, *targets):
            _reads(value)
        for target in targets:
            if isinstance(target, Touched):
                target.touch(write=True)
        if out:
            options["out"] = tuple(map(_plain, out))
        result = getattr(ufunc, method)(*map(_plain, inputs), **options)
        return out[0] if out else self._adopted(result)

    def __array_function__(self, function, types, args, kwargs):
        for value in (*args, *kwargs.values()):
            _reads(value)
        result = function(*map(_plain, args), **{key: _plain(value) for key, value in kwargs.items()})
        return self._adopted(result)

    def _adopted(self, result):
        if isinstance(result, np.ndarray) and self.root is not None:
            if result.ndim and 0 <= _address(result) - self.root.start < self.root.size:  # a view, as of np.transpose
                result = result.view(Touched)
                result.root = self.root
                return result
            return self.root.watch.adopt(result)
        return result


def _in_place(name):
    """`total += x` for a whole array from before the prange is a reduction: numba gives every thread its own."""
    plain = getattr(np.ndarray, name)

    def method(self, other):
        if self.root is None or self.shape != self.root.shape or self.nbytes != self.root.size:
            return plain(self, other)
        _reads(other)
        plain(self.view(np.ndarray), _plain(other))
        return self

    return method


for _name in ("__iadd__", "__isub__", "__imul__", "__itruediv__"):
    setattr(Touched, _name, _in_place(_name))


def _address(array):
    return array.__array_interface__["data"][0]


def _reads(value):
    if isinstance(value, Touched):
        value.touch(write=False)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _reads(item)


def _plain(value):
    if isinstance(value, (list, tuple)):
        return type(value)(map(_plain, value))
    return value.view(np.ndarray) if isinstance(value, Touched) else value


def assigned(made):
    """The variable that the learner's current line gives an array to. made: how many each line has made so far."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(LIBRARIES):
        frame = frame.f_back
    place = frame.f_code.co_filename, frame.f_lineno
    names = _targets(linecache.getline(*place)) or ["an array"]
    made[place] = made.get(place, -1) + 1
    return names[made[place] % len(names)]


def _targets(line):
    """The variables of an assignment, those that get what a call returns."""
    try:
        (node,) = ast.parse(line.strip()).body
        target, value = node.targets[0], node.value
    except (SyntaxError, ValueError, AttributeError):
        return []
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=False)
        return [ast.unparse(name) for name, given in pairs if isinstance(given, ast.Call)]
    return [ast.unparse(target)]
