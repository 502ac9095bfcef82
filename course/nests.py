"""The learner's own nested loops in another order: the same work, another way through memory."""

import ast
import inspect
import linecache
import textwrap


def reordered(function, letters):
    """A copy of `function` in which loops nested in one another run in the order of `letters`, from the outside in.

    letters: the loops' variables, as in "nkm". The copy is plain Python, also where `function` is compiled.
    Raises ValueError where the function has no such nest.
    """
    plain = getattr(function, "py_func", function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(plain)))
    tree.body[0].decorator_list = []
    nest = next((nest for node in ast.walk(tree) if len(nest := _nest(node)) == len(letters)), [])
    heads = {loop.target.id: (loop.target, loop.iter) for loop in nest if isinstance(loop.target, ast.Name)}
    if heads.keys() != set(letters):
        raise ValueError(
            f"{plain.__name__} has no loops over {', '.join(letters)}, each directly inside the one before"
        )
    for loop, letter in zip(nest, letters, strict=True):
        loop.target, loop.iter = heads[letter]
    source = ast.unparse(tree)
    file = f"<{plain.__name__} in the order {' '.join(letters)}>"
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    space = dict(plain.__globals__)
    exec(compile(source, file, "exec"), space)
    return space[plain.__name__]


def _nest(node):
    """The loops that begin at `node`, each with nothing but the next one inside."""
    nest = []
    while isinstance(node, ast.For):
        nest.append(node)
        node = node.body[0] if len(node.body) == 1 else None
    return nest
