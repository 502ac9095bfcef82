"""The plain Python twin of a compiled function: the same lines, run by the interpreter, on arrays that are watched.

Compiled code checks no bounds and fills no memory. An index too far reads or writes whatever lies there; a cell of
np.empty that nobody has set holds what was there before. Plain Python raises IndexError for the first, and shows the
second when np.empty hands out arrays full of something else.
"""

import builtins
import functools
import types

import numpy as np

MAKERS = ("empty", "empty_like", "full", "full_like", "ones", "ones_like", "zeros", "zeros_like")


def is_compiled(function):
    """True for what @njit and @jit make of a function."""
    from numba.core.registry import CPUDispatcher

    return isinstance(function, CPUDispatcher)


def run_plainly(function, args, *, watch=None, poison=True):
    """What the lines of a dispatcher return in plain Python. What they raise is raised.

    watch: a course.iterations.Watch that sees every array and every prange. poison: np.empty is full of something
    that shows, else of zeros.
    """
    twin = _Twins(watch, poison).of(function)
    if watch is not None:
        names = twin.__code__.co_varnames
        args = [watch.adopt(arg, name) for name, arg in zip(names, args, strict=False)]
    return _unwatched(twin(*args))


def calls_empty(function):
    """Does the function, or a compiled one that it calls, ask for memory that nobody has filled?"""
    return any({"empty", "empty_like"} & _names(code) for code in _codes(function, set()))


class _Twins:
    """Plain copies of compiled functions, in which other things stand behind some names."""

    def __init__(self, watch, poison):
        import numba

        makers = {name: self._maker(getattr(np, name), watch, poison) for name in MAKERS}
        prange = watch.prange if watch else builtins.range
        # By identity, for a notebook may call them anything.
        self.instead = {id(getattr(np, name)): maker for name, maker in makers.items()}
        self.instead |= {id(np): _Module(np, makers), id(numba): _Module(numba, {"prange": prange})}
        self.instead[id(numba.prange)] = prange
        self.made = {}

    @staticmethod
    def _maker(make, watch, poison):
        @functools.wraps(make)
        def made(*args, **options):
            array = make(*[arg.view(np.ndarray) if _is_watched(arg) else arg for arg in args], **options)
            if make in (np.empty, np.empty_like):
                array[...] = _poison(array.dtype) if poison else 0
            return watch.adopt(array) if watch else array

        return made

    def of(self, function):
        """The plain copy of a dispatcher."""
        if id(function) not in self.made:
            plain = function.py_func
            names = {}
            closure = tuple(types.CellType() for _ in plain.__closure__ or ())
            copy = types.FunctionType(plain.__code__, names, plain.__name__, plain.__defaults__, closure)
            copy.__kwdefaults__ = plain.__kwdefaults__
            self.made[id(function)] = copy  # before what lies around it is looked at: it may call itself
            names.update({name: self._behind(value) for name, value in plain.__globals__.items()})
            for mine, its in zip(closure, plain.__closure__ or (), strict=True):
                mine.cell_contents = self._behind(its.cell_contents)
        return self.made[id(function)]

    def _behind(self, value):
        if id(value) in self.instead:
            return self.instead[id(value)]
        return self.of(value) if is_compiled(value) else value


class _Module:
    """A module of which some names mean something else."""

    def __init__(self, module, instead):
        self.__dict__.update(instead)
        self._module = module

    def __getattr__(self, name):
        return getattr(self._module, name)


def _poison(dtype):
    """A value that shows: nothing adds up to anything with it."""
    return np.nan if dtype.kind in "fc" else True if dtype.kind == "b" else np.iinfo(dtype).max // 3


def _is_watched(value):
    return isinstance(value, np.ndarray) and type(value) is not np.ndarray


def _unwatched(value):
    if isinstance(value, (list, tuple)):
        items = [_unwatched(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, dict):
        return {key: _unwatched(item) for key, item in value.items()}
    return np.array(value) if _is_watched(value) else value


def _names(code):
    inner = [_names(part) for part in code.co_consts if isinstance(part, types.CodeType)]
    return set(code.co_names).union(*inner)


def _codes(function, seen):
    """The code of a dispatcher and of every dispatcher it calls by name."""
    if id(function) not in seen:
        seen.add(id(function))
        plain = function.py_func
        yield plain.__code__
        for name in _names(plain.__code__):
            if is_compiled(plain.__globals__.get(name)):
                yield from _codes(plain.__globals__[name], seen)
