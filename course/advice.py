"""The next step for whoever's function gave no answer: a wrong value has a case to work through, a crash has a line."""

import re

from course.messages import say

NAMES = ("NameError", "UnboundLocalError")
MISFITS = re.compile(r"broadcast|not aligned|mismatch|inhomogeneous|same number of dimensions|cannot reshape")


def advice(sheet, case, outcome):
    """What to try next after this outcome, in a sentence; "" where there is a value to look at."""
    if outcome["status"] == "returned":
        nothing = outcome["value"] is None and case["expected"]["value"] is not None
        return say("advise return") if nothing else ""
    if outcome["status"] == "timed out":
        return say("advise loop")
    error = outcome.get("error") or {}
    if outcome["status"] != "raised" or not error:
        return ""
    if error["type"] == "NotCompiled":
        return say("advise compile")
    if error["type"] == "TypeError" and re.match(rf"(\w+\.)*{sheet['exercise']}\(\) (takes|missing)", error["message"]):
        return say("advise first line", exercise=sheet["exercise"], arguments=", ".join(sheet["arguments"]))
    if error["type"] in NAMES:
        return say("advise name")
    return say("advise shapes" if MISFITS.search(error["message"]) else "advise line")
