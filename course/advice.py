"""The next step for whoever's function gave no answer: a wrong value has a case to work through, a crash has a line."""

import re

from course.messages import say

NAMES, BLANK = ("NameError", "UnboundLocalError"), "____"
MISFITS = re.compile(
    r"broadcast|not aligned|mismatch|inhomogeneous|same number of dimensions|cannot reshape|enough dimensions"
)


def advice(sheet, case, outcome):
    """What to try next after this outcome, in a sentence; "" where there is a value to look at."""
    given, wanted = _arguments(sheet, case, outcome)
    said = {"exercise": sheet["exercise"], "given": ", ".join(given), "wanted": ", ".join(wanted)}
    if _refuses_the_call(sheet["exercise"], outcome):
        return say("advise first line", exercise=sheet["exercise"], arguments=", ".join(sheet["arguments"]))
    if misplaced(sheet, case, outcome):
        return say("advise order", **said)
    other_names = given != wanted and len(given) == len(wanted) > 1  # a lone argument has its place by any name
    return _of_outcome(case, outcome) or (say("advise names", **said) if other_names else "")


def misplaced(sheet, case, outcome):
    """Whether the function takes an argument of the exercise in the place of another."""
    given, wanted = _arguments(sheet, case, outcome)
    return any(mine in wanted and mine != its for mine, its in zip(given, wanted, strict=False))


def _arguments(sheet, case, outcome):
    """The names of what a call hands in: by the function's first line, and by the exercise's."""
    count = len(case["args"])
    return list(outcome.get("takes", ()))[:count], sheet["arguments"][:count]


def _refuses_the_call(name, outcome):
    """Whether Python could not hand the arguments in."""
    error = outcome.get("error") or {}
    return error.get("type") == "TypeError" and re.match(rf"(\w+\.)*{name}\(\) (takes|missing)", error["message"])


def _of_outcome(case, outcome):
    """The sentence for a call that gave no answer, or none with anything in it; or ''."""
    error = outcome.get("error") or {}
    if outcome["status"] == "returned":
        nothing = outcome["value"] is None and ("judge" in case or case["expected"]["value"] is not None)
        return say("advise return") if nothing else ""
    if outcome["status"] == "timed out":
        return say("advise loop")
    if outcome["status"] != "raised" or not error:
        return ""
    if error["type"] == "NotCompiled":
        return say("advise compile")
    if error["type"] in NAMES:
        return say("advise blank" if BLANK in error["message"] else "advise name")
    if error["type"] == "KeyError" and "{" in error["message"]:
        return say("advise braces")
    if "'str' object has no attribute" in error["message"]:
        return say("advise text")
    if "truth value of an array" in error["message"]:
        return say("advise truth")
    return say("advise shapes" if MISFITS.search(error["message"]) else "advise line")
