"""The map of the sixteen stages: how far a learner is with each, what is next, where feedback waits, and how the
learner's own library grows; as a page and as text.

JupyterLab drops the style of a page it does not trust: what is left is a list of links, in order.
"""

import math
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from course import library, progress
from course.catalog import STAGES, Stage
from course.check import FOLDER, SUFFIX, has_passed

STYLE = Path(__file__).with_suffix(".css")


@dataclass(frozen=True)
class Standing:
    """How far a learner is with one stage. there: the stage is in the workspace; kept: its functions in the learner's
    library; feedback: the newest page of it in the workspace, or ""."""

    stage: Stage
    there: bool
    passed: int
    exercises: int
    kept: tuple = ()
    feedback: str = ""

    @property
    def done(self):
        return self.there and 0 < self.exercises <= self.passed

    @property
    def link(self):
        return f"{self.stage.name}/{self.stage.name}.ipynb"

    @property
    def minutes_left(self):
        """Of the minutes a learner needs, in fives; the share of exercises passed is the share of time spent."""
        share = 1 - self.passed / self.exercises if self.exercises else 1
        return 5 * math.ceil(self.stage.minutes * share / 5) if self.there else 0


def survey(folder):
    """The Standing of every stage of the course, in order."""
    checks = progress.recorded("check", folder)
    right = {name for name, entry in checks.items() if has_passed(entry)}
    kept = library.held(folder)
    return [_standing(Path(folder), stage, right, tuple(kept.get(stage.name, ()))) for stage in STAGES]


def _standing(folder, stage, right, kept):
    names = {path.stem for path in (folder / stage.name / FOLDER).glob(f"*{SUFFIX}")}
    there = (folder / stage.name / f"{stage.name}.ipynb").is_file()
    # nbgrader fetches feedback into stage/feedback/<time of submission>/, a time that sorts as text
    pages = sorted((folder / stage.name / "feedback").glob("*/*.html"))
    feedback = pages[-1].relative_to(folder).as_posix() if pages else ""
    return Standing(stage, there, len(names & right), len(names), kept, feedback)


def next_step(standings):
    """The first stage that is there and has exercises left; None when there is none."""
    return next((standing for standing in standings if standing.there and standing.passed < standing.exercises), None)


def text(standings):
    """The map as plain text, for a terminal and for a reader without HTML."""
    upcoming = next_step(standings)
    lines = [f"Next: {_name(upcoming.stage)} ({upcoming.link})" if upcoming else _finished(standings)]
    width = max(len(standing.stage.title) for standing in standings)
    lines += ["", *(f"{s.stage.number}  {s.stage.title:{width}}  {_state(s)}".rstrip() for s in standings)]
    lines += ["", *(f"Feedback: {s.feedback}" for s in standings if s.feedback), _growth(standings)]
    lines += [f"{s.stage.number}  {', '.join(s.kept)}" for s in standings if s.kept]
    return "\n".join(lines)


def page(standings):
    """The map as HTML, in the colors of the reader's theme; no script, nothing from outside."""
    upcoming = next_step(standings)
    cards = "\n".join(_card(standing, standing is upcoming) for standing in standings)
    style = STYLE.read_text(encoding="utf-8")
    return (
        f'<style>{style}</style>\n<section class="threshold-map">\n<header><div><h1>Threshold</h1>\n'
        f'<p class="tagline">From one neuron’s threshold to networks that see and read.{_time(standings)}</p></div>\n'
        f'{_banner(upcoming, standings)}</header>\n<ol style="list-style:none">\n{cards}\n</ol>\n{_library(standings)}\n</section>'
    )


def _banner(upcoming, standings):
    if upcoming is None:
        return f'<p class="next">{_finished(standings)}</p>'
    stage = upcoming.stage
    verb = "Continue" if upcoming.passed else "Next" if any(s.passed for s in standings) else "Start"
    return (
        f'<p class="next"><a href="{upcoming.link}">{verb}: {escape(_name(stage))}&nbsp;→</a> '
        f"<small>{_state(upcoming)}</small></p>"
    )


def _card(standing, is_next):
    stage = standing.stage
    kind = "coming" if not standing.there else "done" if standing.done else "now" if is_next else "open"
    title = f"<b>{stage.number}</b> {escape(stage.title)}"
    heading = f'<a href="{standing.link}">{title}</a>' if standing.there else f"<span>{title}</span>"
    bar = ""
    if standing.there and standing.exercises:
        label = f"{stage.title}: {standing.passed} of {standing.exercises} exercises passed"
        bar = f'<progress value="{standing.passed}" max="{standing.exercises}" title="{escape(label)}"></progress>'
    return (
        f'<li class="{kind}"><h2>{heading}</h2>\n<p>{escape(stage.outcome)}</p>\n'
        f"<footer>{bar}<small>{_state(standing)}</small>{_feedback(standing)}</footer></li>"
    )


def _feedback(standing):
    if not standing.feedback:
        return ""
    label = f"Feedback on {standing.stage.title}"
    return f' <a class="feedback" href="{escape(quote(standing.feedback))}" title="{escape(label)}">Feedback →</a>'


def _library(standings):
    """The learner's own library, stage by stage."""
    rows = "\n".join(
        f"<li><b>{s.stage.number}</b> {' '.join(f'<code>{escape(name)}</code>' for name in s.kept)}</li>"
        for s in standings
        if s.kept
    )
    name = f'<a href="{library.FILE}">{library.FILE}</a>' if rows else f"<code>{library.FILE}</code>"
    words = _growth(standings).replace(library.FILE, name)
    return (
        f'<div class="library"><h2>Your library</h2>\n<p>{words}</p>\n<ul style="list-style:none">\n{rows}\n</ul></div>'
    )


def _growth(standings):
    count = sum(len(standing.kept) for standing in standings)
    if not count:
        return f"A function that passes its check is kept in {library.FILE}, and later lessons run on it."
    if count == 1:
        return f"1 function of yours in {library.FILE}. Later lessons run on it."
    return f"{count} functions of yours in {library.FILE}. Later lessons run on them."


def _time(standings):
    minutes = sum(standing.minutes_left for standing in standings)
    return f" About {round(minutes / 60)} hours to go." if minutes >= 90 else ""


def _name(stage):
    return f"{stage.number} {stage.title}"


def _state(standing):
    if not standing.there:
        return "coming"
    if standing.done:
        return f"✓ all {standing.exercises} passed"
    passed, exercises, minutes = standing.passed, standing.exercises, f"{standing.minutes_left} min"
    if not exercises:
        return minutes
    return (
        f"{passed} of {exercises} passed, {minutes} left"
        if passed
        else f"{exercises} exercise{'s' * (exercises > 1)}, {minutes}"
    )


def _finished(standings):
    if not any(standing.there for standing in standings):
        return "No stage is in this folder yet: run `threshold learn`."
    return "You have passed every exercise that is here."
