"""`threshold`: learn, preview, doctor, and the instructor's commands where the grader is installed.

This file is the one place in `course` that looks for the grader, and it looks late: `threshold learn` is for people
who have no grader, and must be quick. Exit codes: 0 done, 1 something failed, 2 bad input (one sentence on stderr).
"""

import importlib
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import course.quickly  # noqa: F401  before anything imports nbformat
from course.errors import NO_CLASS, BadInput

app = typer.Typer(
    name="threshold",
    help="Deep learning, from one neuron's threshold to networks that see and read.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its boxes call a flag a <bool>, and fill a screen with one command
)
console = Console(highlight=False, soft_wrap=True)
OWN = {"learn", "preview", "doctor"}

WorkspaceFolder = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="Where your notebooks live. Default: the workspace you are in, else ./workspace.",
    ),
]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser, or print the address.")]


def main():
    """The entry point: every BadInput becomes its sentence and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal without ✓ must not end in a traceback
    if not OWN & set(sys.argv[1:2]):
        _offer_instructor_commands()
    try:
        app()
    except BadInput as fault:
        print(fault, file=sys.stderr)
        sys.exit(2)


@app.command()
def learn(workspace: WorkspaceFolder = None, browser: Browser = True):
    """Open the course in JupyterLab. Run it again whenever you like: what you wrote is never overwritten."""
    from course import kept
    from course import workspace as rooms

    folder, source = rooms.locate(workspace), _source()
    _prepare(folder, _as_last_time(folder, source) or _materials(source))
    if source.stamp:
        kept.remember(folder, source.stamp)
    console.print(f"Your notebooks are in {folder}.", markup=False)
    _open(folder, browser)


@app.command()
def preview(
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="01 or 01_one_neuron")],
    browser: Browser = True,
):
    """Open one stage as a student gets it. Its workspace is gone when you stop."""
    from course import catalog

    name = catalog.find(stage).name
    files = _materials(_source(), only=name)
    if not files:
        raise BadInput(f"Stage {name} is still to come.")
    with tempfile.TemporaryDirectory(prefix="threshold-preview-") as folder:
        _prepare(Path(folder), files)
        console.print("This is a temporary workspace: nothing in it is kept.")
        _open(Path(folder), browser, page=f"{name}/{name}.ipynb")


@app.command()
def doctor(
    folder: Annotated[
        Path | None, typer.Option("--class", metavar="DIR", help="The class folder. Default: the one you are in.")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
):
    """Say what on this machine would stop the course, and the mend."""
    from course import doctor as practice
    from course.checkups.folders import class_of

    if folder is not None and class_of(folder) != folder.resolve():
        raise BadInput(NO_CLASS.format(folder.resolve()))
    findings = practice.examine((folder or Path.cwd()).resolve(), fix=fix)
    if as_json:
        print(json.dumps(practice.document(findings), indent=2))
    else:
        console.print(practice.table(findings))
    raise typer.Exit(0 if practice.healthy(findings) else 1)


def _source():
    """Where student files come from: this wheel if notebooks are baked into it, else the clone; None in a plain wheel."""
    from course import kept
    from course import workspace as rooms

    baked = rooms.baked()
    if baked or not _grader("stages"):
        return baked
    stamp = kept.stamp(Path(__file__).parents[1])
    return rooms.Source(tuple(_grader("stages").stages()), lambda stage: _grader("release").student_files(stage), stamp)


def _as_last_time(folder, source):
    """{stage: {path: bytes}} as handed out before, where building it again would give the same; else None."""
    from course import kept

    files = kept.recall(folder, source.stamp) if source and source.stamp else None
    return files if files and files.keys() == set(source.stages) else None


def _materials(source, only=None):
    from course import workspace as rooms

    return rooms.materials(source, only, _with_a_bar if source and source.stamp else iter)


def _with_a_bar(stages):
    """The stages, and in a terminal meanwhile a bar that says which of them is being built."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    if len(stages) > 1:
        console.print("Building the notebooks. The first time, this takes about a minute.")
    told = Console(stderr=True)
    columns = BarColumn(24), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=told, transient=True, disable=not told.is_terminal) as bar:
        task = bar.add_task("", total=len(stages))
        for stage in stages:
            bar.update(task, description=stage)
            yield stage
            bar.advance(task)


def _prepare(folder, files):
    from course import start
    from course import workspace as rooms

    steps = rooms.update(folder, {"": {start.PAGE: start.notebook()}, **files})
    start.refresh(folder)
    for line in _news(steps, len(files)):
        console.print(line, markup=False)


def _news(steps, stages):
    """What a learner should know of an update, a line each."""
    new = {step.path.split("/")[0] for step in steps if step.news == "new" and "/" in step.path}
    if new:
        yield f"New: {', '.join(sorted(new))}"
    updated = {step.path.split("/")[0] for step in steps if step.news == "updated"}
    if updated:
        yield f"Updated, and what you wrote is still there: {', '.join(sorted(updated))}"
    for step in steps:
        if step.news == "yours kept":
            yield f"You and the course both changed {step.path}. Yours stays; the course's is in {step.beside[0]}."
    if not any(step.news for step in steps):
        yield f"{stages} stage{'' if stages == 1 else 's'}, up to date."


def _open(folder, browser, page=None):
    from course import lab, start
    from course import workspace as rooms

    console.print("Opening JupyterLab. Stop it with Ctrl+C.")
    code = lab.serve(folder, page or start.PAGE, state=folder / rooms.STATE, browser=browser)
    if code:
        print(f"JupyterLab ended with code {code}; `threshold doctor` looks for the cause.", file=sys.stderr)
        raise typer.Exit(1)


def _offer_instructor_commands():
    commands = _grader("commands")
    if commands:
        commands.add_commands(app)


def _grader(name):
    """The module grader.<name>, or None where the grader is not installed."""
    if importlib.util.find_spec("grader") is None or importlib.util.find_spec(f"grader.{name}") is None:
        return None
    return importlib.import_module(f"grader.{name}")


if __name__ == "__main__":
    main()
