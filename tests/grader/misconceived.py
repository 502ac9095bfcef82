"""A registered misconception as a student would hand it in: source that stands on its own.

The registry holds callables; what they are made of is cut out of the exercise's module: the imports and helpers that
the wrong answer uses, and the answer itself under the exercise's name.
"""

import ast
import inspect
import textwrap
from functools import cache

from course.plainly import is_compiled


def source_of(exercise, misconception):
    """The source of one wrong answer. LookupError where it leans on what a student does not have."""
    tree = _module(exercise)
    wrong = _wrong(tree, exercise.name, misconception.name)
    answer = _answer(exercise.name, wrong, tree)
    helpers = _needed(tree, answer, without={exercise.name, wrong.id if isinstance(wrong, ast.Name) else ""})
    return "\n\n".join(ast.unparse(node) for node in (*helpers, answer))


def compiled_source_of(exercise, misconception):
    """The source of a wrong answer to an exercise that is to be compiled: its plain lines, below what compiles them."""
    wrong = misconception.wrong
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(getattr(wrong, "py_func", wrong)))).body
    function.name, function.decorator_list = exercise.name, []
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:]
    return "\n".join(filter(None, (_compiler(wrong), ast.unparse(function))))


def _compiler(wrong):
    """The line above `def` with which a student gets what the registry's wrong answer is."""
    if not is_compiled(wrong):
        return ""
    if wrong.targetoptions.get("forceobj"):
        return "@numba.jit(forceobj=True)"
    return "@njit(parallel=True)" if wrong.targetoptions.get("parallel") else "@njit"


@cache
def _parsed(path):
    with open(path, encoding="utf-8") as file:
        return ast.parse(file.read())


def _module(exercise):
    return _parsed(inspect.getsourcefile(exercise.cases))


def _calls(node, name):
    return [
        call for call in ast.walk(node) if isinstance(call, ast.Call) and getattr(call.func, "id", "") == name and call.args
    ]  # fmt: skip


def _wrong(tree, exercise, misconception):
    """The expression after `wrong=`."""
    for made in _calls(tree, "Exercise"):
        if getattr(made.args[0], "value", None) == exercise:
            for entry in _calls(made, "Misconception"):
                if getattr(entry.args[0], "value", None) == misconception:
                    return next(word.value for word in entry.keywords if word.arg == "wrong")
    raise LookupError(f"{exercise}: no Exercise(…) in its module spells out {misconception!r}")


def _answer(name, wrong, tree):
    """A lambda or a helper as `def name`; anything else as `name = …`."""
    if isinstance(wrong, ast.Lambda):
        body = [ast.Return(wrong.body)]
        return ast.fix_missing_locations(ast.FunctionDef(name, wrong.args, body, [], **_py312()))
    if isinstance(wrong, ast.Name) and isinstance(_defined(tree).get(wrong.id), ast.FunctionDef):
        found = _defined(tree)[wrong.id]
        return ast.fix_missing_locations(
            ast.FunctionDef(name, found.args, found.body, found.decorator_list, **_py312())
        )
    return ast.fix_missing_locations(ast.Assign([ast.Name(name, ast.Store())], wrong))


def _py312():
    return {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}


def _defined(tree):
    """Name -> the statement of a module that defines it."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name): node for alias in node.names}
        elif isinstance(node, ast.Assign):
            found |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
    return found


def _needed(tree, answer, without):
    """The statements that an answer uses, and those that they use, in the module's order."""
    defined, todo, needed = _defined(tree), [answer], []
    while todo:
        for name in (node.id for node in ast.walk(todo.pop()) if isinstance(node, ast.Name)):
            node = defined.get(name)
            if node is None or node in needed or name in without:
                continue
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in ("solutions", "grader"):
                raise LookupError(f"a wrong answer uses {name} of {node.module}")
            needed.append(node)
            todo.append(node)
    return sorted(needed, key=lambda node: node.lineno)
