"""The map of the sixteen stages: how far a learner is with each and what is next, as a page and as text.

JupyterLab drops the style of a page it does not trust: what is left is a list of links, in order.
"""

from contextlib import chdir
from dataclasses import dataclass
from html import escape
from pathlib import Path

from course import progress
from course.catalog import STAGES, Stage
from course.check import FOLDER, SUFFIX

STYLE = Path(__file__).with_suffix(".css")


@dataclass(frozen=True)
class Standing:
    """How far a learner is with one stage. there: the stage is in the workspace."""

    stage: Stage
    there: bool
    passed: int
    exercises: int

    @property
    def done(self):
        return self.there and 0 < self.exercises <= self.passed

    @property
    def link(self):
        return f"{self.stage.name}/{self.stage.name}.ipynb"


def survey(folder):
    """The Standing of every stage of the course, in order."""
    with chdir(folder):
        checks = progress.recorded("check")
    right = {name for name, entry in checks.items() if entry.get("status") == "right"}
    return [_standing(Path(folder), stage, right) for stage in STAGES]


def _standing(folder, stage, right):
    names = {path.stem for path in (folder / stage.name / FOLDER).glob(f"*{SUFFIX}")}
    there = (folder / stage.name / f"{stage.name}.ipynb").is_file()
    return Standing(stage, there, len(names & right), len(names))


def next_step(standings):
    """The first stage that is there and has exercises left; None when there is none."""
    return next((standing for standing in standings if standing.there and standing.passed < standing.exercises), None)


def text(standings):
    """The map as plain text, for a terminal and for a reader without HTML."""
    upcoming = next_step(standings)
    lines = [f"Next: {_name(upcoming.stage)} ({upcoming.link})" if upcoming else _finished(standings)]
    width = max(len(standing.stage.title) for standing in standings)
    lines += ["", *(f"{s.stage.number}  {s.stage.title:{width}}  {_state(s)}".rstrip() for s in standings)]
    return "\n".join(lines)


def page(standings):
    """The map as HTML, in the colors of the reader's theme; no script, nothing from outside."""
    upcoming = next_step(standings)
    cards = "\n".join(_card(standing, standing is upcoming) for standing in standings)
    style = STYLE.read_text(encoding="utf-8")
    return (
        f'<style>{style}</style>\n<section class="threshold-map">\n<header><div><h1>Threshold</h1>\n'
        '<p class="tagline">From one neuron’s threshold to networks that see and read.</p></div>\n'
        f'{_banner(upcoming, standings)}</header>\n<ol style="list-style:none">\n{cards}\n</ol>\n</section>'
    )


def _banner(upcoming, standings):
    if upcoming is None:
        return f'<p class="next">{_finished(standings)}</p>'
    stage = upcoming.stage
    verb = "Continue" if upcoming.passed else "Next" if any(s.passed for s in standings) else "Start"
    return (
        f'<p class="next"><a href="{upcoming.link}">{verb}: {escape(_name(stage))} →</a> '
        f"<small>{_state(upcoming)}</small></p>"
    )


def _card(standing, upcoming):
    stage = standing.stage
    kind = "coming" if not standing.there else "done" if standing.done else "now" if upcoming else "open"
    title = f"<b>{stage.number}</b> {escape(stage.title)}"
    heading = f'<a href="{standing.link}">{title}</a>' if standing.there else f"<span>{title}</span>"
    bar = ""
    if standing.there and standing.exercises:
        label = f"{stage.title}: {standing.passed} of {standing.exercises} exercises passed"
        bar = f'<progress value="{standing.passed}" max="{standing.exercises}" title="{escape(label)}"></progress>'
    return (
        f'<li class="{kind}"><h2>{heading}</h2>\n<p>{escape(stage.outcome)}</p>\n'
        f"<footer>{bar}<small>{_state(standing)}</small></footer></li>"
    )


def _name(stage):
    return f"{stage.number} {stage.title}"


def _state(standing):
    if not standing.there:
        return "coming"
    if standing.done:
        return f"✓ all {standing.exercises} passed"
    passed, exercises, minutes = standing.passed, standing.exercises, f"about {standing.stage.minutes} min"
    if not exercises:
        return minutes
    return f"{passed} of {exercises} passed" if passed else f"{exercises} exercise{'s' * (exercises > 1)}, {minutes}"


def _finished(standings):
    if not any(standing.there for standing in standings):
        return "No stage is in this folder yet: run `threshold learn`."
    return "You have passed every exercise that is here."
