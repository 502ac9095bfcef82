"""Why numba does not compile a function, in a sentence a learner can act on.

numba's own message lists every implementation it has tried, a screen or two of them. What matters is which line it
was at, and what in that line has no type or no compiled version.
"""

import linecache
import os
import re

from course.messages import say


class NotCompiled(Exception):
    """What numba could not compile, in words; `line` is the learner's own line, or ''."""

    def __init__(self, message, line=""):
        super().__init__(message)
        self.line = line


def explained(fault, function):
    """The NotCompiled for an error that numba raised while it compiled `function`, a dispatcher."""
    code = function.py_func.__code__
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(fault)).replace("- Resolution failure for literal arguments:\n", "")
    text = re.sub(r"^(Failed in nopython mode pipeline.*\n+)+", "", text)
    for pattern, words in CAUSES:
        found = re.search(pattern, text)
        if found:
            message = words(text, *found.groups())
            return NotCompiled(message, "" if words in (_two_types, _argument) else _line(fault, text, code))
    return NotCompiled(text.strip().partition("\n")[0].partition(". Raised from")[0], _line(fault, text, code))


def _line(fault, text, code):
    """The line of the learner's code that numba was at."""
    places = re.findall(r'File "([^"]+)", line (\d+):', text)
    place = getattr(fault, "loc", None)
    if place is not None:
        places.insert(0, (place.filename, place.line))
    for file, line in places:
        # numba shortens what it prints: "../../tmp/ipykernel_7/5.py"
        if os.path.abspath(file) == os.path.abspath(code.co_filename) or file == code.co_filename:
            return linecache.getline(code.co_filename, int(line)).strip()
    return ""


def _no_version(text, name, arguments):
    """No implementation of function … for these types."""
    name = {"array_sum": "sum", "array_max": "max", "array_mean": "mean"}.get(name, name)
    keyword = re.search(r"unexpected keyword argument '(\w+)'", text)
    if keyword:
        return say("numba keyword", name=name, keyword=keyword[1])
    if "Cannot modify readonly" in text:
        return say("numba outside")
    parts = _split(arguments)
    if name in ("getitem", "static_getitem"):
        return say("numba index", what=_type(parts[0]), index=_type(parts[1]))
    if name == "setitem":
        return say("numba store", what=_type(parts[2]), where=_type(parts[0]))
    if name in OPERATORS and len(parts) == 2:
        return say("numba operator", sign=OPERATORS[name], one=_type(parts[0]), other=_type(parts[1]))
    return say("numba no version", name=name, types=", ".join(map(_type, parts)))


def _two_types(_, one, other, name):
    name = say("numba no name") if name.startswith("$") else f"`{name.partition('.')[0]}`"
    return say("numba two types", name=name, one=_type(one), other=_type(other))


def _two_returns(_, types):
    one, other = _split(types)[:2]
    return say("numba two returns", one=_type(one), other=_type(other))


def _argument(text, *_):
    found = re.search(r"argument (\d+): .*<class '(?:\w+\.)*(\w+)'>", text)
    return say("numba argument", what=found[2]) if found else say("numba objects")


def _global(_, name, kind):
    if kind == "function":
        return say("numba plain function", name=name)
    return say("numba global", name=name, kind="class" if kind == "type" else kind)


CAUSES = (
    (r"^(?:NameError: )name '(\w+)' is not defined", lambda _, name: say("numba name", name=name)),
    (r"Variable '(\w+)' is not defined", lambda _, name: say("numba unset", name=name)),
    (r"Untyped global name '(\w+)':? [Cc]annot determine Numba type of <class '(?:\w+\.)*(\w+)'>", _global),
    (r"unsupported NumPy function 'numpy\.([\w.]+)'", lambda _, name: say("numba unsupported", name=f"np.{name}")),
    (r"^non-precise type", _argument),
    (r"Cannot unify (.+) and (.+) for '([^']+)'", _two_types),
    (r"Can't unify return type from the following types: (.+)", _two_returns),
    (r"No implementation of function Function\(<[\w -]*?(\w+)(?: at 0x\w+)?>\) found for signature:\s+>>> \w+\((.*)\)",
     _no_version),
    (r"Unknown attribute '(\w+)' of type (.+)", lambda _, name, kind: say("numba attribute", name=name, type=_type(kind))),
)  # fmt: skip

OPERATORS = {
    "add": "+", "iadd": "+=", "sub": "-", "isub": "-=", "mul": "*", "imul": "*=", "truediv": "/", "itruediv": "/=",
    "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==",
}  # fmt: skip


def _split(arguments):
    """The arguments of a signature: commas inside brackets part nothing."""
    parts, depth = [""], 0
    for character in arguments:
        depth += (character in "([<") - (character in ")]>")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _type(name):
    """One of numba's types in words: array(float64, 2d, C) -> a 2-d array of float64."""
    keyword, equals, value = re.match(r"(?:(\w+)(=))?(.*)", name).groups()
    array = re.search(r"array\((\w+), (\d+)d, \w+\)", value)
    literal = re.fullmatch(r"Literal\[(\w+)\]\((.*)\)", value)
    if array:
        words = f"a {array[2]}-d array of {array[1]}"
    elif literal:
        number = literal[2] if equals else say("numba number", number=literal[2])
        words = repr(literal[2]) if literal[1] == "str" else number
    else:
        kind = re.match(r"\w*", value)[0]
        words = TYPES.get(kind) or (f"a {kind}" if kind else value)
    return f"{keyword}={words}" if equals else words


TYPES = {"unicode_type": "a text", "none": "None", "int64": "an int64", "reflected": "a list", "UniTuple": "a tuple"}
TYPES |= {"Tuple": "a tuple", "omitted": "a default", "Function": "a function", "type": "a function"}
