"""A function's source, made to stand alone: its decorators, the imports it needs, and its helpers from other cells."""

import ast
import builtins
import inspect
import linecache
import os
import symtable
import textwrap
from types import FunctionType, ModuleType
from typing import NamedTuple

from course.messages import say
from course.shelf import single_imports

CONSTANTS = (bool, int, float, complex, str, bytes, type(None))


class NotAlone(Exception):
    """The function does not work outside its notebook; the message says what it leans on."""


class Excerpt(NamedTuple):
    """imports: {name: the line that imports it}; body: helpers first, the function last."""

    name: str
    imports: dict
    body: str


def excerpt(function):
    """The Excerpt of a function of the learner's, compiled or not. Raises NotAlone, or OSError without a source."""
    plain = _plain(function)
    if plain.__code__.co_freevars:
        raise NotAlone(say("library leans", exercise=plain.__name__, name=plain.__code__.co_freevars[0]))
    source, cells = _source(plain), _cells(plain)
    seen, imports, parts = {plain.__name__}, {}, [source]
    wanted = _globals(source)
    while wanted:
        name = wanted.pop(0)
        if name in seen or _is_builtin(name, plain.__globals__):
            continue
        seen.add(name)
        if line := _import_of(name, cells, plain.__globals__):
            imports[name] = line
            continue
        helper = _helper(name, plain, cells)
        parts.insert(0, helper)
        wanted += _globals(helper)
    return Excerpt(plain.__name__, imports, "\n\n\n".join(parts))


def _is_builtin(name, space):
    """Whether `name` is Python's own there; a notebook's `open` is, for IPython wraps it."""
    own = getattr(builtins, name, None)
    return own is not None and inspect.unwrap(space.get(name, own)) is own


def _plain(function):
    """The Python function inside what numba made of it; NotAlone for what was not written with `def`."""
    inner = getattr(function, "py_func", None) or getattr(function, "fn", None) or function
    inner = inspect.unwrap(inner)
    if not isinstance(inner, FunctionType):
        raise NotAlone(say("library leans", exercise=getattr(function, "__name__", "this"), name=type(inner).__name__))
    return inner


def _source(thing):
    return textwrap.dedent(inspect.getsource(thing)).rstrip()


def _cells(plain):
    """The parsed cells of the notebook (or the file) in which `plain` was defined, the latest first: [(text, tree)]."""
    file = plain.__code__.co_filename
    near = [file] if os.path.isfile(file) else [each for each in linecache.cache if _neighbors(each, file)]
    found = []
    for each in reversed(near):
        text = "".join(linecache.getlines(each))
        try:
            found.append((text, ast.parse(text)))
        except SyntaxError:
            continue
    return found


def _neighbors(one, other):
    """Whether two cells are of one kernel: ipykernel names them in a folder of its own, IPython `<ipython-input-…>`."""
    return os.path.dirname(one) == os.path.dirname(other) and one[:2] == other[:2]


def _globals(source):
    """The names that a source takes from outside, in the order of the alphabet."""
    names, tables = set(), [symtable.symtable(source, "excerpt", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        top = table.get_type() == "module"
        names |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return sorted(names)


def _import_of(name, cells, space):
    """The learner's own line that imports `name`, or one that would."""
    for _, tree in cells:
        for node in reversed(tree.body):
            if name in (found := single_imports(node)):
                return found[name]
    module = space.get(name)
    return f"import {module.__name__} as {name}" if isinstance(module, ModuleType) else None


def _helper(name, plain, cells):
    """The source of what `name` means to `plain`: a function, a class or a constant of another cell."""
    value = plain.__globals__.get(name)
    if (isinstance(value, CONSTANTS) and name in plain.__globals__) or _is_plain_tuple(value):
        return f"{name} = {value!r}"
    if callable(value) and not isinstance(value, type):
        helper = _plain(value)
        if helper.__name__ == name and not helper.__code__.co_freevars:
            return _source(helper)
    if isinstance(value, type):
        for text, tree in cells:
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and node.name == name:
                    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                    return "\n".join(text.splitlines()[first - 1 : node.end_lineno])
    raise NotAlone(say("library leans", exercise=plain.__name__, name=name))


def _is_plain_tuple(value):
    return type(value) is tuple and all(isinstance(each, CONSTANTS) or _is_plain_tuple(each) for each in value)
