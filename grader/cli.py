"""The instructor's commands: release, grade, teach. `course.cli` adds them where the grader is installed."""

import json
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from course.errors import BadInput

console = Console(highlight=False, soft_wrap=True)
aside = Console(stderr=True, highlight=False, soft_wrap=True)  # progress and faults: stdout is for results

WATCH_SECONDS = 2.0

Stages = Annotated[list[str], typer.Argument(metavar="STAGE…", help="01, 01_one_neuron, or all")]
Folder = Annotated[
    Path | None,
    typer.Option("--class", metavar="DIR", help="The class folder. Default: the one you are in, else ./class."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def add_commands(app):
    """Add the instructor's commands to the `threshold` command."""
    for command in (release, grade, teach):
        app.command(rich_help_panel="For instructors")(command)


def release(stage: Stages, folder: Folder = None, as_json: AsJson = False):
    """Prove stages and build their releases: a folder for nbgrader's exchange, a zip and a manifest."""
    from grader import release as build
    from grader.classroom import Classroom
    from grader.stages import resolve

    names = resolve(stage)
    classroom = Classroom.find(folder).create()
    manifests, faults = [], {}
    for name in names:
        try:
            with steps(name, quiet=as_json) as say:
                manifests.append(build.release(classroom, name, say))
        except build.NotReleased as stopped:
            faults[name] = stopped.faults
    if as_json:
        print(json.dumps({"class": str(classroom.root), "released": manifests, "faults": faults}, indent=2))
    else:
        _say_released(classroom, manifests, faults)
    raise typer.Exit(1 if faults else 0)


def _say_released(classroom, manifests, faults):
    for manifest in manifests:
        name = manifest["stage"]
        console.print(f"✓ {name}: {manifest['points']:g} points, {len(manifest['files'])} files", markup=False)
        console.print(f"  for the exchange  {classroom.folder('release', name)}", markup=False)
        console.print(f"  to hand out       {classroom.root / 'dist' / manifest['zip']['name']}", markup=False)
    for name, lines in faults.items():
        aside.print(f"✗ {name} is not released:", markup=False)
        for line in lines:
            aside.print(f"  {line}", markup=False)


def grade(
    stage: Stages,
    folder: Folder = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="How many submissions to grade at a time. Default: one a core.")
    ] = os.cpu_count() or 1,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and grade what is submitted as it comes, until Ctrl+C.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Grade everything anew, also what has not changed.")] = False,
    isolation: Annotated[
        str | None,
        typer.Option(metavar="LEVEL", help="bubblewrap, landlock or none. Default: the strongest that holds."),
    ] = None,
    feedback: Annotated[
        bool, typer.Option("--feedback/--no-feedback", help="Write each student's feedback, or leave it for later.")
    ] = True,
    release_feedback: Annotated[
        bool, typer.Option("--release-feedback", help="Let students fetch their feedback.")
    ] = False,
    as_json: AsJson = False,
):
    """Collect and grade what students submitted; scores and feedback land in nbgrader."""
    from grader.classroom import Classroom
    from grader.sandbox import LEVELS, NoIsolation
    from grader.stages import resolve

    names = resolve(stage)
    if isolation is not None and isolation not in LEVELS:
        raise BadInput(f"--isolation takes {', '.join(LEVELS)}, not {isolation!r}.")
    if watch and as_json:
        raise BadInput("--watch has no end to print one document at: leave out --json.")
    if release_feedback and not feedback:
        raise BadInput("--release-feedback needs the feedback: leave out --no-feedback.")
    classroom = Classroom.find(folder).require()
    options = {"level": isolation, "jobs": jobs, "feedback": feedback, "release_feedback": release_feedback}
    try:
        if watch:
            _watch(classroom, names, options)
        results = _grade(classroom, names, quiet=as_json, again=again, **options)
    except NoIsolation as refusal:
        aside.print(str(refusal), markup=False)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        aside.print("Stopped. What is graded is kept; the same command goes on from there.")
        raise typer.Exit(1) from None
    level = results[0].isolation if results else isolation
    if as_json:
        print(json.dumps({"isolation": level, "results": [result.as_dict() for result in results]}, indent=2))
    else:
        _say_graded(results, level, names, classroom)
    raise typer.Exit(1 if any(result.status == "not graded" for result in results) else 0)


def _grade(classroom, names, *, quiet, **options):
    from grader.grading import grade_stage

    results = []
    for name in names:
        with counting(name, quiet) as progress:
            results += grade_stage(classroom, name, progress=progress, **options)
    return results


def _watch(classroom, names, options):
    """Grade again and again what is new, and say each result once. Ends with Ctrl+C."""
    aside.print(f"Watching {classroom.root}; Ctrl+C ends it.", markup=False)
    said = set()
    while True:
        for result in _grade(classroom, names, quiet=True, **options):
            if result not in said:
                said.add(result)
                points = "" if result.points is None else f" {result.points:g} of {result.maximum:g}"
                why = f" ({result.why})" if result.why else ""
                console.print(f"{result.stage} {result.student}: {result.status}{points}{why}", markup=False)
        time.sleep(WATCH_SECONDS)


def _say_graded(results, level, names, classroom):
    if not results:
        console.print(f"No submissions of {', '.join(names)} in {classroom.root / 'submitted'}.", markup=False)
        return
    table = Table(box=None, pad_edge=False)
    for title in ("student", "stage", "points", "status"):
        table.add_column(title, justify="right" if title == "points" else "left")
    for result in results:
        points = "" if result.points is None else f"{result.points:g} of {result.maximum:g}"
        table.add_row(result.student, result.stage, points, ": ".join(filter(None, (result.status, result.why))))
    console.print(table)
    graded = sum(result.status == "graded" for result in results)
    console.print(f"{graded} of {len(results)} graded, student code kept in by {level}.", markup=False)


def teach(
    folder: Folder = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser, or print the address.")
    ] = True,
):
    """Open JupyterLab on a class, with nbgrader's Formgrader."""
    from course import lab
    from grader.classroom import Classroom

    classroom = Classroom.find(folder).require()
    console.print(f"Opening JupyterLab on {classroom.root}. Stop it with Ctrl+C.", markup=False)
    code = lab.serve(
        classroom.root, kind="instructor", class_dir=classroom.root, state=classroom.state, browser=browser
    )
    raise typer.Exit(code)


@contextmanager
def steps(name, quiet):
    """Say on stderr which step of a longer work is under way."""
    if quiet or not aside.is_terminal:
        yield lambda text: None
        return
    with aside.status(name) as status:
        yield lambda text: status.update(f"{name}: {text}")


@contextmanager
def counting(name, quiet):
    """A progress bar over submissions, on stderr."""
    if quiet:
        yield lambda student, of: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=aside, transient=True) as bar:
        task = bar.add_task(name, total=None)
        started = []

        def progress(student, of):
            bar.update(task, total=of, completed=len(started), description=f"{name} {student}")
            started.append(student)

        yield progress
