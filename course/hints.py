"""The hint ladder: `hint(f)` shows one step more towards an exercise, from a nudge to nearly the way.

The steps come with the exercise's answer sheet (grader.aids bakes them); where it has none, a ladder is built of what
is there: the formula, the slip that the last check found, a case to do by hand. The step taken stays on the learner's
disk (course.progress) and is never graded: a hint costs nothing.
"""

from course.check import sheet_of
from course.compare import shown
from course.demo import unattended
from course.example import call_of
from course.messages import say
from course.progress import record, recorded
from course.report import clean, escape
from course.widgets import page, prose, show, widget_bundle


def hint(function, step=None):
    """Show the next step for the exercise of this function (or of this name), with the steps before it.

    step: show up to this one again, and take none. CheckFailed says which exercises there are; ValueError, which steps.
    """
    sheet = sheet_of(function, "hint")
    if unattended():
        print("(A hint: it waits until you run this cell yourself.)")
        return
    steps, last_try = ladder(sheet)
    if step is None:
        step = min(taken(sheet["exercise"]) + 1, len(steps))
        take(sheet, step)
    elif step not in range(1, len(steps) + 1):
        raise ValueError(say("hint step", exercise=sheet["exercise"], last=len(steps), step=step))
    _Ladder(sheet, steps, last_try, step)


def taken(name):
    """How many steps of an exercise's ladder the learner has taken."""
    return recorded("hint").get(name, {}).get("step", 0)


def take(sheet, step):
    """Remember the furthest step."""
    record("hint", sheet["exercise"], {"stage": sheet["stage"], "step": max(step, taken(sheet["exercise"]))})


def ladder(sheet):
    """(the steps, the slip that the last check found, as a sentence or '')."""
    said = recorded("check").get(sheet["exercise"], {})
    found = said.get("slips", []) if said.get("status") == "wrong" else []
    known = {slip["name"]: slip["hint"] for slip in sheet["misconceptions"]}
    slip = found[0] if len(found) == 1 and found[0] in known else None
    last_try = say("hint try", name=slip, hint=known[slip]) if slip else ""
    return list(sheet.get("hints") or _from_what_is_there(sheet, said.get("case"), slip)), last_try


def _from_what_is_there(sheet, label, slip):
    """A ladder for an exercise that declares none."""
    if sheet.get("reveal") == "worked":
        return [say("hint worked", exercise=sheet["exercise"])]
    steps = [say("hint formula", formula=sheet["formula"])] if sheet.get("formula") else []
    others = [other for other in sheet["misconceptions"] if other["name"] != slip]
    steps += [say("hint slip", name=other["name"], hint=other["hint"]) for other in others[:1]]
    steps.append(_by_hand(sheet, label))
    return steps + [say("hint scaffold")] * (sheet.get("reveal") in ("parsons", "fill_in"))


def _by_hand(sheet, label):
    """The case that failed first, or the first of all, as a task for pen and paper."""
    cases = sheet["cases"]
    case = next((case for case in cases if case["label"] == label), cases[0])
    call = f"`{call_of(sheet, case)}`"
    if "judge" in case or case["expected"]["value"] is None:
        return say("hint case judged", label=case["label"], call=call)
    return say("hint case", call=call, expected=f"`{shown(case['expected']['value'])}`")


class _Ladder:
    """The page of the steps taken, and below it a button for the next one."""

    def __init__(self, sheet, steps, last_try, step):
        self.sheet, self.steps, self.last_try, self.step = sheet, steps, last_try, step
        self.page = show(self._page())
        if self.page is not None and step < len(steps):
            self.card = show(self._card())

    def _page(self):
        name, last = self.sheet["exercise"], len(self.steps)
        heading = say("hint count", exercise=name, step=self.step, last=last)
        onward = say("hint next" if self.step < last else "hint end", exercise=name)
        told = self.steps[: self.step]
        items = "".join(f'<li style="margin:.3em 0">{prose(clean(step))}</li>' for step in told[:-1])
        items += f'<li style="margin:.3em 0"><strong>{prose(clean(told[-1]))}</strong></li>'
        found = f"<p>{prose(clean(self.last_try))}</p>" if self.last_try else ""
        inner = f"<p><strong>{escape(heading)}</strong></p>{found}<ol>{items}</ol><p>{prose(clean(onward))}</p>"
        lines = [heading, *filter(None, [self.last_try]), *(f"  {i}. {step}" for i, step in enumerate(told, 1)), onward]
        return page(inner, "\n".join(map(clean, lines)))

    def _card(self):
        import ipywidgets as widgets

        button = widgets.Button(description=say("hint button"), layout={"width": "auto", "align_self": "flex-start"})
        button.on_click(lambda _: self._onward())
        return widget_bundle(widgets.VBox([button]), "")

    def _onward(self):
        self.step += 1
        take(self.sheet, self.step)
        self.page.update(self._page(), raw=True)
        if self.step == len(self.steps):
            self.card.update(page("", ""), raw=True)
