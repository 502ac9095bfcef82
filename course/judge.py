"""Outcomes against an answer sheet: the verdict. The one judge, for the learner's check and for the grader.

A sheet is a dict (it travels as a file; grader.exercise bakes it):

    {"exercise", "stage", "version", "kind", "points": {property: float}, "tolerance", "arguments": [names],
     "cases": [case with "expected": the reference's outcome],
     "misconceptions": [{"name", "hint", "outcomes": one per case}]}

No student code runs here, and outcomes may come from a hostile process: they are data, compared and shown.
"""

from dataclasses import asdict, dataclass, field

import numpy as np

from course.compare import differences, kind_of, shown
from course.judges import JUDGES
from course.messages import say

PROPERTIES = ("value", "shape", "stability", "purity")


@dataclass(frozen=True)
class Verdict:
    """What a submission of one exercise is worth, and what to tell the person who wrote it."""

    exercise: str
    status: str  # "right", "wrong", "not attempted"; the grader adds "not graded"
    properties: dict = field(default_factory=dict)  # property -> {"passed", "points", "maximum"}
    symptom: str = ""
    misconceptions: tuple = ()
    hint: str = ""
    example: dict | None = None  # {"label", "call", "got", "expected"}, all text
    cases: tuple = (0, 0)  # passed, of

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
    passed = total - len({finding.case for finding in found})
    if not found:
        return Verdict(
            exercise,
            "right",
            score(sheet, set()),
            say("right", exercise=exercise, total=total),
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
    )


def examine(i, case, outcome, sheet):
    """Every Finding about one case."""
    trouble = failure_in_words(outcome)
    if trouble:
        return [Finding("value", i, trouble, fatal=True)]
    expected = case["expected"]
    found = list(_mutations(i, case, outcome, sheet))
    if "judge" in case:
        fault = JUDGES[case["judge"]["name"]](outcome["value"], case["judge"])
        found += [Finding("value", i, fault)] if fault else []
    else:
        pairs = [(outcome["value"], expected["value"]), (outcome["files"], expected["files"])]
        if case.get("launch"):
            pairs.append((outcome["after"], expected["after"]))
        for got, want in pairs:
            for d in differences(got, want, sheet["tolerance"]):
                name = case["property"] if d.property == "value" else d.property
                found.append(Finding(name, i, d.message, d.fatal))
    if case["property"] == "stability" and set(outcome["warnings"]) - set(expected["warnings"]):
        found.append(Finding("stability", i, say("warned", warning=outcome["warnings"][0])))
    if racing_array(outcome):
        found.append(Finding("value", i, say("race", race=outcome["access"]["race"])))
    return found


def failure_in_words(outcome):
    """Why a call gave no answer, or None."""
    status, error = outcome["status"], outcome.get("error") or {}
    if status == "returned":
        return None
    if status == "raised":
        return say("raised at" if error["line"] else "raised", **error)
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
    a function that returns a constant leaves its inputs alone too.
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
    return table


def recognize(sheet, outcomes):
    """The misconceptions that would have given exactly these outcomes: (names, hint)."""
    known = [
        wrong
        for wrong in sheet["misconceptions"]
        if all(same(got, made, sheet["tolerance"]) for got, made in zip(outcomes, wrong["outcomes"], strict=True))
    ]
    if len(known) == 1:
        return (known[0]["name"],), known[0]["hint"]
    return tuple(wrong["name"] for wrong in known), ""


def same(one, other, tolerance=None):
    """Two outcomes that nothing observable tells apart."""
    if one["status"] != other["status"]:
        return False
    if one["status"] == "raised":
        return one["error"]["type"] == other["error"]["type"]
    if one["status"] != "returned":
        return True
    races = [racing_array(outcome) for outcome in (one, other)]
    if any(races):  # what a race leaves behind is luck; where it happens is not
        return races[0] == races[1]
    return not any(differences(one[part], other[part], tolerance) for part in ("value", "after", "files"))


def racing_array(outcome):
    """The name of the array on which a kernel's threads race, or ''."""
    return ((outcome["access"] or {}).get("race") or "").partition("[")[0]


def symptom_of(sheet, finding, outcomes):
    """The sentence for the first finding, and a signature (a ratio, a transpose) where all values share one."""
    label = sheet["cases"][finding.case]["label"]
    sentence = say("on", label=label, exercise=sheet["exercise"], symptom=finding.symptom)
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
    """One case as text: the call, what came, what was expected."""
    case = sheet["cases"][i]
    names = sheet["arguments"]
    call = ", ".join(f"{name}={shown(arg)}" for name, arg in zip(names, case["args"], strict=False))
    judged = case.get("judge")
    expected = say(f"want {judged['name']}") if judged else shown(case["expected"]["value"])
    got = failure_in_words(outcome) or shown(outcome["value"])
    return {"label": case["label"], "call": f"{sheet['exercise']}({call})", "got": got, "expected": expected} | (
        {"judged": True} if judged else {}
    )
