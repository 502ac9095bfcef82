"""Outcomes against an answer sheet: the verdict. The one judge, for the learner's check and for the grader.

A sheet is a dict (it travels as a file; grader.exercise bakes it):

    {"exercise", "stage", "version", "kind", "points": {property: float}, "tolerance", "arguments": [names],
     "cases": [case with "expected": the reference's outcome],
     "misconceptions": [{"name", "hint", "outcomes": one per case}]}

No student code runs here, and outcomes may come from a hostile process: they are data, compared and shown. What is
wrong with a case is found in `findings.py`, a known slip in `recognize.py`, the words for it in `example.py`.
"""

from dataclasses import asdict, dataclass, field

from course import compilation
from course.advice import advice, misplaced
from course.example import example_of, symptom_of
from course.findings import PROPERTIES, examine
from course.messages import say
from course.recognize import recognize


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
    cases: tuple = (0, 0)  # with the right answer, of
    advice: str = ""  # what to try next, where no slip is known and there is no value to compare
    by_hand: bool = False  # whether the example's value can be compared with the expected one, step by step
    besides: tuple = ()  # where every answer is right: the properties that are wrong

    @property
    def points(self):
        return float(sum(entry["points"] for entry in self.properties.values()))

    @property
    def maximum(self):
        return float(sum(entry["maximum"] for entry in self.properties.values()))

    def as_dict(self):
        return asdict(self) | {"points": self.points, "maximum": self.maximum}


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
    # A right answer is right whoever computes it, and whatever becomes of the inputs: those are properties of their own.
    passed = total - len({finding.case for finding in found if is_of_value(finding)})
    if found:
        return _wrong(sheet, outcomes, found, (passed, total))
    right = say("right" if total > 1 else "right once", exercise=exercise, total=total)
    words = f"{right} {compilation.one_thread(outcomes)}".strip()
    return Verdict(exercise, "right", score(sheet, set()), words, cases=(total, total))


def _wrong(sheet, outcomes, found, cases):
    """The verdict where something was found: of all that, the first says what is wrong, and with which call."""
    first = min(found, key=lambda finding: (PROPERTIES.index(finding.property), finding.case))
    case, outcome = sheet["cases"][first.case], outcomes[first.case]
    names, hint = recognize(sheet, outcomes)
    passed, total = cases
    lost, credible = failed_properties(found), bool(names) or 2 * passed > total
    of_value, example = is_of_value(first), example_of(sheet, first.case, outcome)
    if of_value and misplaced(sheet, case, outcome):
        names, hint = (), ""  # it does what a slip does, for another reason
    return Verdict(
        sheet["exercise"],
        "wrong",
        score(sheet, lost, credible),
        symptom_of(sheet, first, outcomes),
        names,
        hint,
        example,
        cases,
        advice(sheet, case, outcome) if of_value and not names else "",
        by_hand=of_value and example is not None and "judge" not in case,
        besides=tuple(name for name in PROPERTIES if name in lost) if passed == total else (),
    )


def is_of_value(finding):
    """Whether the answer itself is wrong, or missing; else it is right, but for what else is asked of it."""
    return finding.fatal or finding.property in ("value", "stability")


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
    if failed and failed - set(sheet["points"]):
        failed = failed | {"value"}  # a property without points of its own is part of the value
    table = {}
    for name, maximum in sheet["points"].items():
        sound = failed is not None and name not in failed
        waits = sound and name != "value" and not credible
        passed = sound and not waits
        table[name] = {"passed": passed, "points": float(maximum) if passed else 0.0, "maximum": float(maximum)}
        if waits:
            table[name]["waits"] = True
    return table
