"""`check(f)`: try the learner's function on the visible cases, judge, show, remember.

The answers come from the answer sheets baked at release, in the folder `checks` beside the notebook: arrays and
messages, no reference and no source. The grader judges with the same code on fresh inputs.
"""

import textwrap
import time
from pathlib import Path

from course import heatmap, lastrun, library, progress, report, widgets
from course.attempt import attempts
from course.demo import unattended
from course.judge import judge
from course.messages import say
from course.patience import patience
from course.wire import WireError, unpack

FOLDER, SUFFIX = "checks", ".safetensors"


class CheckFailed(AssertionError):
    """A failing check: one short line, no traceback through libraries; in nbgrader's Validate, which wraps none, a few."""

    def _render_traceback_(self):
        return textwrap.wrap(str(self), 100) if unattended() else [str(self)]


class NotRight(CheckFailed):
    """What is wrong has just been shown; whoever only gets this line, as in nbgrader's Validate, finds the cause in it."""

    def __init__(self, verdict):
        super().__init__(report.in_a_line(verdict))
        self.verdict = verdict

    def _render_traceback_(self):
        return super()._render_traceback_() if unattended() else [say("see above", exercise=self.verdict.exercise)]


class NotWritten(CheckFailed):
    """The stub is still there."""


def check(function):
    """Try `function` on the visible cases of the exercise of its name and show what came of it.

    Returns None and shows a report when all is right; raises CheckFailed otherwise.
    """
    sheet = sheet_of(function, "check", by_name=False)
    if told := lastrun.told(sheet["exercise"]):
        raise CheckFailed(told)
    outcomes = tried(function, sheet)
    verdict = judge(sheet, outcomes)
    remember(sheet, verdict)
    if verdict.status == "not attempted":
        raise NotWritten(report.headline(verdict))  # which says it all
    show(verdict, aside(sheet, outcomes, verdict))
    if verdict.status != "right":
        raise NotRight(verdict)
    library.collect(function, sheet)


def tried(function, sheet):
    """One outcome per case. CheckFailed, in a line, where the learner has had enough and interrupts."""
    outcomes, start = [], time.perf_counter()
    try:
        with patience(sheet["exercise"]):
            for outcome in attempts(function, sheet["cases"]):
                outcomes.append(outcome)
    except KeyboardInterrupt:
        label = sheet["cases"][min(len(outcomes), len(sheet["cases"]) - 1)]["label"]
        passed = spell(time.perf_counter() - start)
        raise CheckFailed(f"✗ {say('stopped', exercise=sheet['exercise'], time=passed, label=label)}") from None
    return outcomes


def sheet_of(function, caller, by_name=True):
    """The answer sheet for a function or, by_name, for its name; CheckFailed says what `caller`() takes."""
    if by_name and isinstance(function, str):
        return load_sheet(function)
    name = getattr(function, "__name__", None)
    if not callable(function) or name is None:
        key = "not a name" if by_name else "not a function"
        raise CheckFailed(say(key, caller=caller, what=repr(function)[:60]))
    return load_sheet(name)


def load_sheet(name):
    """The answer sheet of one exercise; CheckFailed says where it was looked for."""
    folder = find_sheets()
    path = folder / f"{name}{SUFFIX}" if folder else None
    if path is None or not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob(f"*{SUFFIX}"))) if folder else say("no exercise")
        raise CheckFailed(say("no checks", exercise=name, known=known))
    try:
        return unpack(path.read_bytes())
    except WireError:
        raise CheckFailed(say("unreadable checks", path=path)) from None


def find_sheets():
    """The folder of answer sheets: beside the notebook, or one level up."""
    here = Path.cwd()
    return next((place / FOLDER for place in (here, here.parent) if (place / FOLDER).is_dir()), None)


def remember(sheet, verdict):
    """Progress stays on the learner's disk; nothing is recorded while nbgrader runs the notebook."""
    if unattended():
        return
    said = {"stage": sheet["stage"], "status": verdict.status}
    said["passed"] = verdict.status == "right" or has_passed(progress.recorded("check").get(verdict.exercise, {}))
    if verdict.status == "wrong":  # the hints begin with what is known of it
        said |= {"slips": list(verdict.misconceptions), "case": (verdict.example or {}).get("label")}
    progress.record("check", verdict.exercise, said)


def has_passed(entry):
    """Whether an exercise has been right once, by its entry in the progress: trying on takes nothing away."""
    return entry.get("passed", entry.get("status") == "right")


def aside(sheet, outcomes, verdict):
    """What a learner sees beside the verdict: the time, a picture of where a table differs, where help is."""
    cases, seconds = len(outcomes), sum(outcome["seconds"] for outcome in outcomes)
    took = say("took" if cases > 1 else "took one", time=spell(seconds), cases=cases)
    if verdict.status != "wrong":
        return report.Aside(took)
    return report.Aside(took, picture(sheet, outcomes, verdict), say("offer", exercise=verdict.exercise))


def picture(sheet, outcomes, verdict):
    """The difference of the case that the verdict shows, where it is a table; else None."""
    label = (verdict.example or {}).get("label")
    for case, outcome in zip(sheet["cases"], outcomes, strict=True):
        if case["label"] == label and outcome["status"] == "returned" and "judge" not in case:
            return heatmap.of_case(sheet, case, outcome)
    return None


def spell(seconds):
    """A time as a person would say it: 0.4 ms, 31 ms, 2.1 s."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{1000 * seconds:.0f} ms" if seconds >= 0.01 else f"{1000 * seconds:.2g} ms"


def show(verdict, aside=report.Aside()):  # noqa: B008  (frozen)
    """Show a verdict: HTML where the front end can, text anywhere."""
    widgets.show({"text/html": report.as_html(verdict, aside), "text/plain": report.text(verdict, aside)})
