"""Programs to read: Python's own standard library as a long text, and how to tell whether a line is Python.

The text says what a programmer types. Comments and docstrings are left out, long texts become 'text', and the layout
is ast.unparse's: a statement a line, the longest lines left out. Indentation is collapsed as in an editor that keeps it
from line to line: a tab goes one level in, a backspace one level out.
"""

import ast
import io
import tokenize
import warnings
from importlib.util import find_spec

LEARN = """
argparse calendar configparser csv dataclasses difflib doctest enum fractions ftplib functools inspect ipaddress logging
mailbox optparse pickle pprint random shutil smtplib statistics subprocess tarfile textwrap traceback typing weakref
""".split()  # noqa: SIM905  (a list would take thirty lines)
HELD_OUT = ["tempfile", "threading"]
LONGEST_TEXT, LONGEST_LINE = 16, 80  # characters
IN, OUT = "\t", "\b"
PAIRS = {"(": ")", "[": "]", "{": "}"}
FRAMES = (  # what a line may need around it to be a program
    "{}",
    "{}\n pass",
    "{}\n pass\nfinally:\n pass",
    "if 1:\n pass\n{}\n pass",
    "try:\n pass\n{}\n pass",
    "match 1:\n {}\n  pass",
    "{}\ndef f():\n pass",
)


def standard_library():
    """-> (text to learn from, text held out): modules LEARN and HELD_OUT as your Python has them, one after the other."""
    return tuple("".join(map(typed, names)) for names in (LEARN, HELD_OUT))


def typed(name):
    """The source of a module as one would type it, line by line. ImportError where there is no such source."""
    loader = getattr(find_spec(name), "loader", None)
    source = loader.get_source(name) if hasattr(loader, "get_source") else None
    if source is None:
        raise ImportError(f"The source of {name} is not here: this Python came without it.")
    lines, depth = [], 0
    for line in ast.unparse(_Plain().visit(ast.parse(source))).splitlines():
        code = line.lstrip(" ")
        if 0 < len(code) <= LONGEST_LINE:
            level = (len(line) - len(code)) // 4
            lines.append(IN * (level - depth) + OUT * (depth - level) + code)
            depth = level
    text = "\n".join([*lines, OUT * depth])  # the next module begins at the margin again
    return "".join(letter for letter in text if letter in "\t\b\n" or " " <= letter <= "~")


class _Plain(ast.NodeTransformer):
    """A syntax tree without docstrings and without long texts."""

    def _without_docstring(self, node):
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)

    visit_Module = visit_ClassDef = visit_FunctionDef = visit_AsyncFunctionDef = _without_docstring

    def visit_Constant(self, node):
        if isinstance(node.value, str | bytes) and len(node.value) > LONGEST_TEXT:
            return ast.Constant("text" if isinstance(node.value, str) else b"text")
        return node

    def visit_JoinedStr(self, node):
        return ast.Constant("text")


def typeset(text, indent="    "):
    """What an editor would show of a typed text: every line with the indentation it has by then."""
    shown, depth = [], 0
    for line in text.split("\n"):
        code = line.lstrip(IN + OUT)
        for key in line[: len(line) - len(code)]:
            depth = max(depth + (1 if key == IN else -1), 0)
        shown.append(indent * depth + code)
    return "\n".join(shown)


def lines_of(text):
    """The lines of a typed text without indentation, those that are empty left out."""
    return [line for line in (line.strip(" " + IN + OUT) for line in text.split("\n")) if line]


def is_closed(line):
    """Whether every bracket and every quote that opens in a line closes in it."""
    tokens = _tokens(line)
    return tokens is not None and _matched(token.string for token in tokens)


def _tokens(line):
    """The tokens of a line, or None where a quote or a bracket is left open."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(line + "\n").readline))
    except (tokenize.TokenError, SyntaxError):
        return None
    return None if any(token.type == tokenize.ERRORTOKEN for token in tokens) else tokens


def _matched(tokens):
    """Whether the brackets among the tokens close in the order in which they were opened."""
    waiting = []
    for token in tokens:
        if token in PAIRS:
            waiting.append(PAIRS[token])
        elif token in PAIRS.values() and (not waiting or waiting.pop() != token):
            return False
    return not waiting


def is_python(line):
    """Whether Python's parser accepts a line, at the place where it belongs: `else:` needs an `if`, for example.

    A comment makes it none, for the text has no comments, and anything may stand behind a #.
    """
    tokens = _tokens(line)
    if not line.strip() or tokens is None or any(token.type == tokenize.COMMENT for token in tokens):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return any(_parses(frame.format(line)) for frame in FRAMES)


def _parses(program):
    try:
        ast.parse(program)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
