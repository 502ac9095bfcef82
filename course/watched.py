"""What a kernel sees while it is watched: arrays that tell who touches them, and a `cuda` that plays along.

Memory that nobody has written yet holds nan, so a kernel that reads it too early cannot be right by luck.
"""

import ast
import functools
import inspect
import linecache
import operator
import sys
import threading
from contextlib import contextmanager

import numpy as np

from course.messages import say

NOTHING = object()


class Watched:
    """An array of a kernel: entries to read and write, each access noted in the log under the array's name."""

    def __init__(self, log, name, memory, array, cells=None):
        self._log, self._name, self._memory = log, name, memory
        self._array, self._cells = array, cells
        self.shape, self.size, self.ndim, self.dtype = array.shape, array.size, array.ndim, array.dtype
        if cells is None:
            log.shapes[name] = array.shape

    def __len__(self):
        return len(self._array)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index):
        place = self._place(index)
        if place is None:  # a row, a slice: nothing is read before somebody asks for an entry
            cells = np.arange(self.size).reshape(self.shape) if self._cells is None else self._cells
            return Watched(self._log, self._name, self._memory, self._array[index], cells[index])
        if not self._note(place, write=False):
            return unwritten(self.dtype)[()]
        return self._array[place]

    def __setitem__(self, index, value):
        place = self._place(index)
        if place is None or isinstance(value, (Watched, np.ndarray)):
            raise TypeError(say("kernel whole"))
        if self._note(place, write=True):
            self._array[place] = value

    def _place(self, index):
        """`index` as a tuple with a whole number for each dimension; None where it means more than one entry."""
        index = index if type(index) is tuple else (index,)
        if len(index) > self.ndim:
            raise IndexError(f"{self._name} has {self.ndim} dimensions, it was indexed with {len(index)} numbers")
        if len(index) < self.ndim or any(isinstance(i, slice) or i is Ellipsis for i in index):
            return None
        return tuple(operator.index(i) for i in index)

    def _note(self, place, write):
        inside = all(-n <= i < n for i, n in zip(place, self.shape, strict=True))
        cell = tuple(i % n for i, n in zip(place, self.shape, strict=True)) if inside else place
        if self._cells is not None and inside:
            whole = self._log.shapes[self._name]
            cell = tuple(int(i) for i in np.unravel_index(self._cells[cell], whole))
        self._log.note(self._name, cell, self._memory, write, inside)
        return inside

    def _refuse(self, *_, **__):
        raise TypeError(say("kernel whole"))

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __matmul__ = __rmatmul__ = __pow__ = __neg__ = __lt__ = __le__ = __gt__ = __ge__ = __array__ = _refuse
    __array_ufunc__ = __array_function__ = _refuse


def unwritten(dtype, shape=()):
    """An array of what stands for "nobody has written here": nan, and for whole numbers the least there is."""
    dtype = np.dtype(dtype)
    if dtype.kind in "iu":
        return np.full(shape, np.iinfo(dtype).min if dtype.kind == "i" else np.iinfo(dtype).max, dtype)
    return np.full(shape, np.nan if dtype.kind in "fc" else 1, dtype)


class Private:
    """cuda.local: memory of one thread alone. Nobody else can touch it, so nobody is told."""

    def array(self, shape, dtype, *_, **__):
        return unwritten(_dtype(dtype), shape)


class Shared:
    """cuda.shared of one block. The simulator tells arrays apart by their line; here two may stand on one line."""

    def __init__(self, log):
        self.log, self.arrays = log, {}

    def array(self, shape, dtype, *_, **__):
        frame = sys._getframe(1)
        where = (frame.f_code, frame.f_lasti)
        if where not in self.arrays:
            name = _declared(*where)
            taken = {array._name for array in self.arrays.values()} | set(self.log.parameters)
            while name in taken:
                name += "'"
            self.arrays[where] = Watched(self.log, name, "shared", unwritten(_dtype(dtype), shape))
        return self.arrays[where]


def one_array_each(simulated, shape, dtype, *_, **__):
    """For numba's simulator itself, which looks for an array by its line and then stores a new one, in two steps.

    So two arrays on one line are one, and two threads that come together may get one each. Here neither happens.
    """
    frame = sys._getframe(1)
    return simulated._allocations.setdefault((frame.f_code, frame.f_lasti), np.empty(shape, _dtype(dtype)))


def _dtype(dtype):
    from numba.core import types
    from numba.np import numpy_support

    return numpy_support.as_dtype(dtype) if isinstance(dtype, types.Type) else np.dtype(dtype)


@functools.lru_cache(maxsize=256)
def _declared(code, lasti):
    """The name on the left of the `=` whose right side is the call at this instruction.

    TypeError where the size is no constant: a GPU has to know it before the launch.
    """
    first, last, start, _ = list(code.co_positions())[lasti // 2]
    lines = [linecache.getline(code.co_filename, number) for number in range(first or 1, (last or 0) + 1)]
    try:
        indent = len(lines[0]) - len(lines[0].lstrip())
        (statement,) = ast.parse("".join([lines[0][indent:], *lines[1:]])).body
        target, value = statement.targets[0], statement.value
    except (SyntaxError, ValueError, IndexError, AttributeError):
        return "shared memory"
    pairs = zip(target.elts, value.elts, strict=False) if isinstance(target, ast.Tuple) else [(target, value)]
    for name, call in pairs:
        if call.col_offset + (indent if call.lineno == 1 else 0) == start and isinstance(name, ast.Name):
            _require_constant(call, {*code.co_varnames[: code.co_argcount], "cuda"})
            return name.id
    return "shared memory"


def _require_constant(call, variables):
    for size in call.args[:1]:
        if any(isinstance(node, ast.Name) and node.id in variables for node in ast.walk(size)):
            raise TypeError(say("kernel shared size", size=ast.unparse(size)))


class Atomic:
    """cuda.atomic: numba's own arithmetic, on one entry at a time, so that the log sees one read and one write."""

    def __init__(self, plain):
        self._plain = plain

    def __getattr__(self, name):
        function = getattr(self._plain, name)

        def call(array, *values):
            index, values = ((0,) * array.ndim, values) if name == "compare_and_swap" else (values[0], values[1:])
            turn = threading.current_thread().turn
            if isinstance(array, Watched):
                array._log.pause()  # before it begins: from here on nobody comes between
            turn.atomic = True
            try:
                entry = np.array([array[index]])
                old = function(entry, *values) if name == "compare_and_swap" else function(entry, 0, *values)
                array[index] = entry[0]
            finally:
                turn.atomic = False
            return old

        return call


def stand_in(log, blocks, threads):
    """What a kernel finds under the name `cuda`; `enter` gives it a new block's shared memory."""
    from numba.cuda.simulator import kernelapi

    class Cuda(kernelapi.FakeCUDAModule):
        shared = property(lambda self: self.of_block)
        atomic = property(lambda self: self.watched_atomic)
        local = property(lambda self: self.private)

        def enter(self):
            self.of_block = Shared(log)

    module = Cuda(blocks, threads, 0)
    module.watched_atomic, module.private = Atomic(kernelapi.FakeCUDAAtomic()), Private()
    return module


@contextmanager
def in_place(function, module, constants):
    """While it lasts, `function` and what it calls find `module` for numba.cuda, and `constants` under their names."""
    from numba import cuda

    before = []
    try:
        for scope, helpers in _scopes(function, set()):
            new = {name: module for name, value in scope.items() if value is cuda} | helpers | constants
            before.append((scope, {name: scope.get(name, NOTHING) for name in new}))
            scope.update(new)
        yield
    finally:
        for scope, old in reversed(before):
            for name, value in old.items():
                if value is NOTHING:
                    scope.pop(name, None)
                else:
                    scope[name] = value


def _scopes(function, seen):
    """The globals of a function, and of every compiled function it calls by name, with their plain Python."""
    if function in seen:
        return
    seen.add(function)
    scope = function.__globals__
    named = {name: scope[name] for name in function.__code__.co_names if name in scope}
    helpers = {name: value.py_func for name, value in named.items() if inspect.isfunction(_plain(value))}
    yield scope, helpers
    for helper in helpers.values():
        yield from _scopes(helper, seen)


def _plain(value):
    return getattr(value, "py_func", None)
