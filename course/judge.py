"""Outcomes against an answer sheet: the verdict. The one judge, for the learner's check and for the grader.

A sheet is a dict (it travels as a file; grader.exercise bakes it):

    {"exercise", "stage", "version", "kind", "points": {property: float}, "tolerance", "arguments": [names],
     "cases": [case with "expected": the reference's outcome],
     "misconceptions": [{"name", "hint", "outcomes": one per case}]}

No student code runs here, and outcomes may come from a hostile process: they are data, compared and shown.
"""

from dataclasses import asdict, dataclass, field

import numpy as np

from course import compilation
from course.advice import advice
from course.compare import differences, kind_of, shown
from course.judges import JUDGES
from course.messages import say

PROPERTIES = ("value", "shape", "stability", "purity", "traffic", "compiled")


@dataclass(frozen=True)
class Verdict:
    """What a submission of one exercise is worth, and what to tell the person who wrote it."""

    exercise: str
    status: str  # "right", "wrong", "not attempted"; the grader adds "not graded"
    properties: dict = field(default_factory=dict)  # property -> {"passed", "points", "maximum"}; "waits": see score
    symptom: str = ""
    misconceptions: tuple = ()
    hint: str = ""
    example: dict | None = None  # {"label", "call", "got", "expected"}, all text
    cases: tuple = (0, 0)  # passed, of
    advice: str = ""  # what to try next, where no slip is known and there is no value to compare

    @property
    def points(self):
        return float(sum(entry["points"] for entry in self.properties.values()))

    @property
    def maximum(self):
        return float(sum(entry["maximum"] for entry in self.properties.values()))

    def as_dict(self):
        return asdict(self) | {"points": self.points, "maximum": self.maximum}


@dataclass(frozen=True)
class Finding:
    """One thing wrong with one case."""

    property: str
    case: int
    symptom: str
    fatal: bool = False  # there is no value to award points for


def judge(sheet, outcomes):
    """The verdict on one outcome per case of the sheet."""
    exercise = sheet["exercise"]
    statuses = [outcome["status"] for outcome in outcomes]
    for status in ("missing", "not written"):
        if status in statuses:
            return Verdict(exercise, "not attempted", score(sheet, None), say(status, exercise=exercise))
    pairs = list(zip(sheet["cases"], outcomes, strict=True))
    found = [finding for i, (case, outcome) in enumerate(pairs) for finding in examine(i, case, outcome, sheet)]
    total = len(pairs)
    # A right answer is right whoever computes it; that numba does is a property of its own.
    passed = total - len({finding.case for finding in found if finding.property != "compiled"})
    if not found:
        return Verdict(
            exercise,
            "right",
            score(sheet, set()),
            f"{say('right', exercise=exercise, total=total)} {compilation.one_thread(outcomes)}".strip(),
            cases=(total,) * 2,
        )
    names, hint = recognize(sheet, outcomes)
    first = min(found, key=lambda finding: (PROPERTIES.index(finding.property), finding.case))
    return Verdict(
        exercise,
        "wrong",
        score(sheet, failed_properties(found), credible=bool(names) or 2 * passed > total),
        symptom_of(sheet, first, outcomes),
        names,
        hint,
        example_of(sheet, first.case, outcomes[first.case]),
        (passed, total),
        "" if names else advice(sheet, *pairs[first.case]),
    )


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
        pairs = [(outcome["value"], expected["value"]), (outcome["files"], expected["files"])]
        for got, want in pairs:
            for d in differences(got, want, sheet["tolerance"]):
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
        for d in differences(after.get(name), want, sheet["tolerance"] if name in outputs else 1e-15, name):
            message = d.message if name in outputs else say("mutated", argument=name)
            yield Finding("value" if name in outputs else "purity", i, message, d.fatal)
    if wasteful(case, outcome):
        yield Finding("traffic", i, say("traffic", got=traffic(outcome), least=traffic(expected)))


def output_names(sheet, case):
    """The arguments that a kernel is there to change: those that the reference changes."""
    triples = zip(sheet["arguments"], case["args"], case["expected"]["after"], strict=False)
    return [name for name, before, after in triples if after is not None and differences(after, before, 1e-15)]


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
        return say(f"{key} at" if error["line"] else key, **error)
    if status == "timed out":
        return say("timed out", seconds=outcome["seconds"])
    return say("died", message=error.get("message", status))


def _mutations(i, case, outcome, sheet):
    """Arguments a call changed although the reference leaves them alone."""
    if case.get("launch"):
        return  # outputs are among a kernel's arguments; they are compared with the reference's
    pairs = zip(sheet["arguments"], outcome["after"], case["expected"]["after"], strict=False)
    for name, after, untouched in pairs:
        if kind_of(after) != kind_of(untouched) or differences(after, untouched, 1e-15):
            yield Finding("purity", i, say("mutated", argument=name))


def failed_properties(found):
    """The properties that lose their points: a fatal fault leaves nothing to award."""
    if any(finding.fatal for finding in found):
        return {"value", "stability"} | {finding.property for finding in found}
    return {finding.property for finding in found}


def score(sheet, failed, credible=True):
    """property -> {"passed", "points", "maximum"}; `failed` None means nothing was attempted.

    Type, stability and purity earn points only beside a credible value (most cases right, or a known slip):
    a function that returns a constant leaves its inputs alone too. "waits" marks what is right and earns nothing yet.
    """
    table = {}
    for name, maximum in sheet["points"].items():
        passed = failed is not None and name not in failed and (name == "value" or credible)
        # A property without points of its own is part of the value.
        if name == "value" and failed is not None and (failed - set(sheet["points"])):
            passed = False
        table[name] = {
            "passed": passed,
            "points": float(maximum) if passed else 0.0,
            "maximum": float(maximum),
        }
        if failed is not None and name not in failed and not passed and name != "value":
            table[name]["waits"] = True
    return table


def recognize(sheet, outcomes):
    """The misconceptions that would have given exactly these outcomes: (names, hint)."""
    known = [
        wrong
        for wrong in sheet["misconceptions"]
        if all(
            same(got, made, sheet["tolerance"]) and wasteful(case, got) == wasteful(case, made)
            for case, got, made in zip(sheet["cases"], outcomes, wrong["outcomes"], strict=True)
        )
    ]
    if len(known) == 1:
        return (known[0]["name"],), known[0]["hint"]
    return tuple(wrong["name"] for wrong in known), ""


def same(one, other, tolerance=None):
    """Two outcomes that nothing observable tells apart; `other` is a misconception's."""
    if one["status"] != other["status"]:
        return False
    if one["status"] == "raised":
        return one["error"]["type"] == other["error"]["type"]
    if one["status"] != "returned":
        return True
    how = signature_of(one)
    if how != signature_of(other):
        return False
    if "shared" in how or "barrier" in how:  # what is left behind depends on how the rest is spelled
        return True
    if not compilation.alike(one, other):
        return False
    return not any(differences(one[part], other[part], tolerance) for part in ("value", "after", "files"))


def signature_of(outcome):
    """What was wrong with a kernel's launch, without the names a learner is free to choose, or ''."""
    return (outcome["access"] or {}).get("signature") or ""


def symptom_of(sheet, finding, outcomes):
    """The sentence for the first finding, and a signature (a ratio, a transpose) where all values share one."""
    label = sheet["cases"][finding.case]["label"]
    sentence = say("on", label=label, exercise=sheet["exercise"], symptom=finding.symptom)
    if finding.symptom.endswith("?"):
        sentence = sentence.removesuffix(".")
    extra = signature(sheet, outcomes) if finding.property == "value" and not finding.fatal else ""
    return f"{sentence} {extra}".strip()


def signature(sheet, outcomes):
    """What all wrong values have in common, in words, or ''."""
    pairs = [
        (np.asarray(outcome["value"], float), np.asarray(case["expected"]["value"], float))
        for case, outcome in zip(sheet["cases"], outcomes, strict=True)
        if "judge" not in case
        and case["property"] == "value"
        and kind_of(outcome["value"]) in ("float", "array")
        and kind_of(case["expected"]["value"]) in ("float", "array")
        and np.asarray(outcome["value"]).dtype.kind in "fiu"
    ]
    if len(pairs) < 2:
        return ""
    if all(g.ndim == 2 and g.shape == e.shape[::-1] and np.allclose(g.T, e) for g, e in pairs):
        return say("transposed")
    if any(g.shape != e.shape for g, e in pairs):
        return ""
    got, expected = (np.concatenate([pair[k].ravel() for pair in pairs]) for k in (0, 1))
    if not (np.isfinite(got).all() and np.isfinite(expected).all() and np.abs(expected).max() > 0):
        return ""
    ratio = float(got @ expected / (expected @ expected))
    constant = np.abs(got - ratio * expected).max() <= 1e-6 * np.abs(expected).max()
    return say("ratio", ratio=f"{ratio:.4g}") if constant and abs(ratio) > 1e-6 and abs(ratio - 1) > 1e-3 else ""


def example_of(sheet, i, outcome):
    """One case as text: the call, what came, what was expected. None where the answer itself is as expected."""
    case = sheet["cases"][i]
    if not compilation.shows(case, outcome, sheet):
        return None
    names = sheet["arguments"]
    call = ", ".join(f"{name}={shown(arg)}" for name, arg in zip(names, case["args"], strict=False))
    judged = case.get("judge")
    expected = say(f"want {judged['name']}") if judged else shown(case["expected"]["value"])
    got = failure_in_words(outcome) or shown(outcome["value"])
    if case.get("launch"):
        got, expected = arrays_in_words(sheet, case, outcome)
    launch = case.get("launch")
    grid = f"[{launch['blocks']}, {launch['threads']}]" if launch else ""
    return {"label": case["label"], "call": f"{sheet['exercise']}{grid}({call})", "got": got, "expected": expected} | (
        {"judged": True} if judged else {}
    )


def arrays_in_words(sheet, case, outcome):
    """(got, expected) of the first array that a kernel has not filled as it should: small ones whole, else one entry."""
    after = dict(zip(sheet["arguments"], outcome["after"], strict=False))
    wanted = dict(zip(sheet["arguments"], case["expected"]["after"], strict=False))
    trouble = failure_in_words(outcome)
    for name in output_names(sheet, case):
        found = differences(after.get(name), wanted[name], sheet["tolerance"])
        if found or trouble:
            small = np.size(wanted[name]) <= 24 or not found
            pair = (shown(after.get(name)), shown(wanted[name])) if small else (found[0].got, found[0].expected)
            which = name if small else say("first entry", array=name)
            return trouble or f"{which} = {pair[0]}", f"{which} = {pair[1]}"
    return trouble or say("right arrays"), say("right arrays wanted")
