"""A program's form as a handful of numbers: tokens of its syntax tree, names leveled, k-grams, winnowed.

Source: S. Schleimer, D. Wilkerson, A. Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003,
76–85: every passage of at least t = w + k − 1 tokens that two programs share leaves them a fingerprint in common.
"""

import ast
import builtins
import warnings
import zlib

GRAM, WINDOW = 7, 4  # k and w: passages of ten tokens are always found
KEPT = {*dir(builtins), "np", "numpy", "njit", "prange", "numba", "cuda", "math", "scipy", "torch"}
LARGEST = 50_000  # characters; longer sources are not compared


def fingerprints(source):
    """Fingerprint -> the lines it stands on (first, last), for one source; empty where it does not parse."""
    found = tokens(source)
    if not found:
        return {}
    if len(found) < GRAM:
        found = found + [("end", found[-1][1])] * (GRAM - len(found))
    grams = [
        (zlib.crc32("\0".join(token for token, _ in found[i : i + GRAM]).encode()), i)
        for i in range(len(found) - GRAM + 1)
    ]
    chosen = {}
    for start in range(max(1, len(grams) - WINDOW + 1)):
        value, i = min(grams[start : start + WINDOW], key=lambda gram: (gram[0], -gram[1]))  # the rightmost minimum
        lines = [line for _, line in found[i : i + GRAM]]
        chosen.setdefault(value, (min(lines), max(lines)))
    return chosen


def tokens(source):
    """[(token, line)] of a source's syntax tree, in reading order. Docstrings, comments and spelling leave no trace."""
    if len(source) > LARGEST:
        return []
    try:
        with warnings.catch_warnings():  # of a student's `"\\d"`, which is no business of ours
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        return list(_walk(tree, 1))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def overlap(one, other):
    """|A ∩ B| / |A ∪ B| of two sets of fingerprints; 1 where both are empty."""
    union = len(one | other)
    return len(one & other) / union if union else 1.0


def _walk(node, line):
    line = getattr(node, "lineno", line)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring, or a value that goes nowhere
    if not isinstance(node, (ast.Load, ast.Store, ast.Module, ast.Expr)):
        yield _token(node), line
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, line)


def _token(node):
    """A node's kind; names become one name, what numpy and Python call things stays."""
    kind = type(node).__name__
    if isinstance(node, ast.Name):
        return node.id if node.id in KEPT else "name"
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.Constant):
        return repr(node.value) if isinstance(node.value, (int, float, bool, type(None))) else type(node.value).__name__
    if isinstance(node, ast.keyword):
        return f"{node.arg}="
    return kind
