"""What a verdict shows: the sentence for what is wrong, and one call with what came and what was expected."""

import numpy as np

from course import compilation
from course.compare import differences, kind_of, shown
from course.findings import failure_in_words, output_names
from course.messages import say


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
    judged = case.get("judge")
    expected = say(f"want {judged['name']}") if judged else shown(case["expected"]["value"])
    got = failure_in_words(outcome) or shown(outcome["value"])
    if case.get("launch"):
        got, expected = arrays_in_words(sheet, case, outcome)
    return {"label": case["label"], "call": call_of(sheet, case), "got": got, "expected": expected}


def call_of(sheet, case):
    """The call of a case as it is written in code, a kernel's with its grid: add[2, 4](x=[1, 2], y=[0, 0])"""
    launch = case.get("launch")
    grid = f"[{launch['blocks']}, {launch['threads']}]" if launch else ""
    arguments = zip(sheet["arguments"], case["args"], strict=False)
    return f"{sheet['exercise']}{grid}({', '.join(f'{name}={shown(arg)}' for name, arg in arguments)})"


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
