"""A class's nbgrader_config.py: read as nbgrader reads it, and held against what there is to set.

nbgrader passes over an option that does not exist without a word: `penalty_per_dya = 0.1` would cost nobody anything.
Here it is a BadInput with file, line and the name that may be meant. Held so are the options that instructors set:
lateness, attempts, the course and its exchange. All others are nbgrader's and Jupyter's own.
"""

import re
import traceback
from difflib import get_close_matches

from traitlets import TraitError
from traitlets.config.loader import LazyConfigValue, PyFileConfigLoader

from course.errors import BadInput


def read(path):
    """The configuration in a file. Raises BadInput for one that cannot be run, or sets what does not exist."""
    try:
        config = PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
    except Exception as fault:  # it is a program, and may raise anything
        raise BadInput(f"{path}{_line_of(fault, path)}: {_in_words(fault)}. Mend that line, then go on.") from None
    for fault in faults_of(config):
        key = fault.split(" ")[0].removeprefix("c.")
        raise BadInput(f"{path}{_line_with(key, path)}: {fault}")
    return config


def faults_of(config):
    """What a configuration sets that is not there, or to what cannot be; each begins with the name of the option."""
    classes = _classes()
    for section in config:
        meant = get_close_matches(section, classes, 1, 0.8)
        if section not in classes and meant and section[:1].isupper():
            yield f"c.{section} sets nothing: there is no such thing. Is c.{meant[0]} meant?"
    for section in classes.keys() & config.keys():
        traits = classes[section].class_traits(config=True)
        for key, value in config[section].items():
            name = f"c.{section}.{key}"
            if key not in traits:
                meant = get_close_matches(key, traits, 1, 0.5)
                said = f"is c.{section}.{meant[0]} meant?" if meant else f"there are {', '.join(sorted(traits))}."
                yield f"{name} sets nothing: {said}"
            elif not isinstance(value, LazyConfigValue):
                yield from _faults_of_value(name, classes[section], traits[key], value)


def _faults_of_value(name, owner, trait, value):
    try:
        if hasattr(trait, "validate"):
            trait.validate(owner.__new__(owner), value)  # as setting it would, without what the owner needs to start
    except TraitError as fault:
        yield f"{name} cannot be {value!r}: {str(fault).rstrip('.')}."


def _classes():
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default import Exchange

    from grader.collect import Collect
    from grader.late import LatePolicy

    return {kind.__name__: kind for kind in (LatePolicy, Collect, CourseDirectory, Exchange)}


def _line_of(fault, path):
    """ ", line 3", where a program's fault is in the file itself."""
    if isinstance(fault, SyntaxError):
        return f", line {fault.lineno}" if fault.filename == str(path) else ""
    lines = [frame.lineno for frame in traceback.extract_tb(fault.__traceback__) if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""


def _line_with(key, path):
    """ ", line 3": the last that names an option."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [number for number, line in enumerate(lines, 1) if re.search(rf"\b{re.escape(key)}\b", line)]
    return f", line {found[-1]}" if found else ""


def _in_words(fault):
    if isinstance(fault, SyntaxError):
        return f"{fault.msg}: `{(fault.text or '').strip()}`"
    return f"{type(fault).__name__}: {str(fault).rstrip('.')}"
