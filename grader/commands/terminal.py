"""What the instructor's commands share: their common options, the two streams they print to, and progress."""

from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from course.errors import BadInput

console = Console(highlight=False, soft_wrap=True)
aside = Console(stderr=True, highlight=False, soft_wrap=True)  # progress and faults: stdout is for results

Stages = Annotated[list[str], typer.Argument(metavar="STAGE…", help="01, 01_one_neuron, or all")]
Folder = Annotated[
    Path | None,
    typer.Option("--class", metavar="DIR", help="The class folder. Default: the one you are in, else ./class."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def known_level(level):
    """An isolation level as it was typed, or None for the default. Raises BadInput for one that does not exist."""
    from grader.sandbox import LEVELS

    if level is not None and level not in LEVELS:
        raise BadInput(f"--isolation takes {', '.join(LEVELS)}, not {level!r}.")
    return level


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
    """A progress bar over submissions, on stderr where that is a terminal."""
    if quiet or not aside.is_terminal:
        yield lambda student, of: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=aside, transient=True) as bar:
        task = bar.add_task(name, total=None)
        done = []

        def progress(student, of):
            done.append(student)
            bar.update(task, total=of, completed=len(done), description=f"{name} {student}")

        yield progress
