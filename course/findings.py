"""What is wrong with one case: the outcome of a call beside the reference's."""

import re
from dataclasses import dataclass

from course import compilation
from course.compare import differences, kind_of
from course.judges import JUDGES
from course.messages import say

PROPERTIES = ("value", "shape", "stability", "purity", "traffic", "compiled")  # the first comes first in a report
PRODUCT = re.compile(
    r"matmul: Input operand 1 has a mismatch in its core dimension 0, .*\(size (\d+) is different from (\d+)\)"
)
EXACTLY = 1e-15  # the tolerance for what nobody was to touch; 0 would mean the usual one


@dataclass(frozen=True)
class Finding:
    """One thing wrong with one case."""

    property: str
    case: int
    symptom: str
    fatal: bool = False  # there is no value to award points for


def examine(i, case, outcome, sheet):
    """Every Finding about one case."""
    trouble = failure_in_words(outcome)
    if trouble:
        lost = ("value", "compiled") if case.get("compiled") else ("value",)
        return [Finding(name, i, trouble + compilation.unchecked(case, outcome), fatal=True) for name in lost]
    expected = case["expected"]
    found = list(_mutations(i, case, outcome, sheet))
    if "judge" in case:
        fault = JUDGES[case["judge"]["name"]](outcome["value"], case["judge"])
        found += [Finding("value", i, fault)] if fault else []
    else:
        for part, where in (("value", ""), ("files", "files")):
            for d in differences(outcome[part], expected[part], sheet["tolerance"], where):
                name = case["property"] if d.property == "value" else d.property
                found.append(Finding(name, i, d.message, d.fatal))
    if case.get("launch"):
        found += _of_launch(i, case, outcome, sheet)
    if case["property"] == "stability" and set(outcome["warnings"]) - set(expected["warnings"]):
        found.append(Finding("stability", i, say("warned", warning=outcome["warnings"][0])))
    if case.get("compiled"):
        found += [Finding(name, i, symptom) for name, symptom in compilation.faults(outcome, sheet)]
    return found


def _of_launch(i, case, outcome, sheet):
    """What a kernel did to the arrays it was given, how, and how often it asked for memory."""
    access, expected = outcome["access"] or {}, case["expected"]
    if access.get("fault"):
        yield Finding("value", i, access["fault"])
    outputs = output_names(sheet, case)
    after = dict(zip(sheet["arguments"], outcome["after"], strict=False))
    for name, want in zip(sheet["arguments"], expected["after"], strict=False):
        for d in differences(after.get(name), want, sheet["tolerance"] if name in outputs else EXACTLY, name):
            message = d.message if name in outputs else say("mutated", argument=name)
            yield Finding("value" if name in outputs else "purity", i, message, d.fatal)
    if wasteful(case, outcome):
        yield Finding("traffic", i, say("traffic", got=traffic(outcome), least=traffic(expected)))


def output_names(sheet, case):
    """The arguments that a kernel is there to change: those that the reference changes."""
    triples = zip(sheet["arguments"], case["args"], case["expected"]["after"], strict=False)
    return [name for name, before, after in triples if after is not None and differences(after, before, EXACTLY)]


def traffic(outcome):
    """How often a kernel read or wrote global memory."""
    return sum((outcome["access"] or {}).get("counts", {}).get("global", {}).values())


def wasteful(case, outcome):
    """Whether a kernel that is to save trips to global memory makes more than twice as many as the reference."""
    frugal = (case.get("launch") or {}).get("frugal", False)
    return frugal and traffic(outcome) > 2 * traffic(case["expected"])


def failure_in_words(outcome):
    """Why a call gave no answer, or None."""
    status, error = outcome["status"], outcome.get("error") or {}
    if status == "returned":
        return None
    if status == "raised":
        key = "does not compile" if error["type"] == "NotCompiled" else "raised"
        return say(f"{key} at" if error["line"] else key, **error | {"message": _readable(error["message"])})
    if status == "timed out":
        return say("timed out", seconds=outcome["seconds"])
    return say("died", message=error.get("message", status))


def _readable(message):
    """NumPy's sentence on a product of matrices speaks of gufuncs and core dimensions."""
    sizes = PRODUCT.match(message)
    return say("numpy product", right=sizes[1], left=sizes[2]) if sizes else message


def _mutations(i, case, outcome, sheet):
    """Arguments a call changed although the reference leaves them alone."""
    if case.get("launch"):
        return  # outputs are among a kernel's arguments; they are compared with the reference's
    pairs = zip(sheet["arguments"], outcome["after"], case["expected"]["after"], strict=False)
    for name, after, untouched in pairs:
        if kind_of(after) != kind_of(untouched) or differences(after, untouched, EXACTLY):
            yield Finding("purity", i, say("mutated", argument=name))
