"""What helps a learner with an exercise, baked into its answer sheet: the hints, the formula, the puzzle's lines.

A learner's machine has no reference, so everything here is made at release. Nothing may say more than the exercise's
`reveal` allows: `told_by_hints` finds the hints that do.
"""

import ast
import inspect
import re
import textwrap

from grader.notebook import model_source, pieces

SHORT = 10  # characters without spaces: `x @ w` is a word of the language, `y*np.log(p)+…` an answer


def aids(exercise):
    """{"reveal", "hints", "formula", "puzzle"} for the sheet of one exercise; "puzzle" is None without a puzzle."""
    head, lines = pieces(exercise)
    return {
        "reveal": exercise.reveal,
        "hints": list(exercise.hints),
        "formula": formula(exercise.model),
        "puzzle": {"head": head, "lines": lines} if exercise.reveal == "parsons" else None,
    }


def formula(function):
    """The first line of a model answer's docstring, as one sentence of code."""
    first = inspect.getdoc(function).splitlines()[0]
    return f"`{re.sub(r'  +', '   ', first)}`."


def told_by_hints(exercise):
    """A line for every hint that gives an answer away: a whole line of it, or what it returns."""
    said = [(f"hint {number}", text, True) for number, text in enumerate(exercise.hints, 1)]
    said += [(f"the hint for “{wrong.name}”", wrong.hint, False) for wrong in exercise.misconceptions]
    secrets = {parts: sorted(_secrets(exercise, parts)) for parts in (True, False)}
    for which, text, parts in said:
        for secret in secrets[parts]:
            if secret in _bare(text):
                yield f"{exercise.name}: {which} gives `{secret}` away"


def _secrets(exercise, parts):
    """What no hint may contain, without spaces: the answer's lines and what it returns, less what the stub shows.

    parts: the right side of every line as well. Who has made a mistake may be told one of them, where it is a word
    of the language, such as `cuda.grid(2)`.
    """
    if exercise.reveal == "worked":
        return set()
    head, body = model_source(exercise.model, solution=True)
    shown = _bare(head) + "".join(map(_bare, pieces(exercise)[1]))
    found = set()
    for node in ast.walk(ast.parse(as_function(body))):
        if isinstance(node, ast.Return | ast.Assign | ast.AugAssign) and node.value is not None:
            found.add(_bare(ast.unparse(node)))
            if parts or isinstance(node, ast.Return):
                found.add(_bare(ast.unparse(node.value)))
    found |= {_bare(line) for line in body.splitlines()}
    found |= {_bare(blank) for blank in exercise.blanks}
    return {secret for secret in found if len(secret) >= SHORT and secret not in shown}


def as_function(body):
    """A body with a `def` above it: it parses."""
    return "def f():\n" + textwrap.indent(textwrap.dedent(body), "    ")


def _bare(text):
    """Text without spaces, comments and the backticks around code."""
    return re.sub(r"\s|`", "", text.partition("  #")[0])
