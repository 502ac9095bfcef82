"""Broken copies of a function, each with one small slip: a sign, a comparison, a number, an axis, a line left out.

Whoever holds a function to something holds these to it as well: a copy that gets through shows what was never asked.
What only guards against arguments (`if …: raise`) is left as it is; copies are plain Python.
"""

import ast
import copy
import inspect
import os
import signal
import textwrap
import warnings
from types import FunctionType

INSTEAD = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
NAMES = {
    "max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum", "argmax": "argmin", "argmin": "argmax",
    "sum": "prod", "mean": "sum", "exp": "expm1", "log": "log1p", "log1p": "log", "tanh": "sinh", "sqrt": "square",
    "zeros": "ones", "ones": "zeros", "zeros_like": "ones_like", "ones_like": "zeros_like",
}  # fmt: skip


SECONDS = 20  # a broken loop may have no end


def survives(check, *args):
    """Whether check(*args) ends and raises nothing, in a process of its own, which is given so many SECONDS."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of forks beside threads: the child runs this and nothing else
        child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # which ends it, with every thread in it
        signal.alarm(SECONDS)
        try:
            check(*args)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def survivors(function, check):
    """What is broken in the copies of a function with which check(copy) ends and raises nothing."""
    return {what for what, broken in mutants(function) if survives(check, broken)}


def plain(thing):
    """The Python function inside an operation, a compiled function or a kernel; None for anything else."""
    inner = getattr(thing, "py_func", None) or getattr(thing, "fn", None) or thing
    inner = getattr(inner, "twins", {}).get("numpy", inner)
    return inner if inspect.isfunction(inner) else None


def mutants(function):
    """(the line that is broken, as it stands then; the broken copy) for every slip that a function has room for."""
    sound = plain(function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(sound)))
    tree.body[0].decorator_list = []
    seen = {ast.dump(tree)}
    guards = _guards(tree)
    for place, whole in enumerate(ast.walk(tree)):
        for slip in () if id(whole) in guards else SLIPS:
            if not slip(copy.copy(whole)):
                continue
            broken = copy.deepcopy(tree)
            node = list(ast.walk(broken))[place]
            slip(node)
            if (text := ast.dump(broken)) not in seen:
                seen.add(text)
                yield (
                    f"without {ast.unparse(whole)}" if slip is left_out else _line_of(node, broken),
                    _made(broken, sound),
                )


def _line_of(node, tree):
    """The first line of the innermost statement that a node is part of."""
    around = [other for other in ast.walk(tree) if isinstance(other, ast.stmt) and node in ast.walk(other)]
    return ast.unparse(around[-1]).partition("\n")[0]


def _guards(tree):
    """The nodes of `if …: raise`, of signatures and of docstrings."""
    kept = set()
    for node in ast.walk(tree):
        guard = isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise)
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if guard or text or isinstance(node, (ast.arguments, ast.JoinedStr)):
            kept |= {id(inner) for inner in ast.walk(node)}
    return kept


def _made(tree, sound):
    """The function of a tree, in the module of `sound` and with the same things around it."""
    names = sound.__code__.co_freevars
    cells = dict(zip(names, sound.__closure__ or (), strict=True))
    around = ast.parse(f"def around({', '.join(names)}):\n    return {sound.__name__}").body[0]
    around.body.insert(0, tree.body[0])
    space = {}
    exec(compile(ast.fix_missing_locations(ast.Module([around], [])), f"<{sound.__name__}>", "exec"), space)
    made = space["around"](*names)
    closure = tuple(cells[name] for name in made.__code__.co_freevars)
    return FunctionType(made.__code__, sound.__globals__, sound.__name__, sound.__defaults__, closure)


# Each breaks a node in place and says whether there was anything to break.


def operator(node):
    """+ for −, < for ≤, and so on; a matrix product with its sides changed."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        node.left, node.right = node.right, node.left
        return True
    ops = node.ops if isinstance(node, ast.Compare) else [getattr(node, "op", None)]
    instead = [INSTEAD.get(type(op)) for op in ops]
    if len(instead) > 1 or instead[0] is None:
        return False
    if isinstance(node, ast.Compare):
        node.ops = [instead[0]()]
    else:
        node.op = instead[0]()
    return True


def number(node):
    """One more; another truth value."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, int | float):
        return False
    node.value = (not node.value) if isinstance(node.value, bool) else node.value + 1
    return True


def axis(node):
    """axis=0 for axis=1."""
    if not isinstance(node, ast.keyword) or node.arg != "axis" or not isinstance(node.value, ast.Constant):
        return False
    node.value = ast.Constant(0 if node.value.value else 1)
    return True


def name(node):
    """np.min for np.max, and so on."""
    if not isinstance(node, ast.Attribute) or node.attr not in NAMES:
        return False
    node.attr = NAMES[node.attr]
    return True


def sign(node):
    """−x and `not x` without what stands in front."""
    if not isinstance(node, ast.UnaryOp) or isinstance(node.operand, ast.Constant):
        return False
    if isinstance(node.op, ast.Not):
        node.operand = ast.UnaryOp(ast.Not(), node.operand)
    else:
        node.op = ast.UAdd()
    return True


def left_out(node):
    """A line, of those that change something which is there already."""
    stored = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if not (stored or called or isinstance(node, ast.AugAssign)):
        return False
    place = {key: getattr(node, key) for key in ("lineno", "col_offset")}
    node.__class__, node.__dict__ = ast.Pass, place
    return True


SLIPS = (operator, number, axis, name, sign, left_out)
