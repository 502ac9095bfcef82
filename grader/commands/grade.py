"""threshold grade"""

import json
import time
from contextlib import contextmanager
from functools import cache
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from course.errors import BadInput
from course.report import clean
from grader import cores
from grader.commands.terminal import AsJson, Folder, Stages, aside, console, counting, known_level

WATCH_SECONDS = 2.0


def grade(
    stage: Stages,
    folder: Folder = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="How many submissions to grade at a time. Default: one a core.")
    ] = cores(),
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDR", help="Grade with the workers of a Dask cluster, tcp://host:8786, instead of --jobs here."
        ),
    ] = None,
    student: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this student. May be given several times.")
    ] = None,
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
    """Collect and grade what students submitted. Scores and feedback land in nbgrader."""
    from grader.classroom import Classroom
    from grader.sandbox import NoIsolation
    from grader.stages import resolve

    names = resolve(stage)
    if watch and as_json:
        raise BadInput("--watch has no end to print one document at: leave out --json.")
    if watch and again:
        raise BadInput("--watch grades what is new, over and over: leave out --again.")
    if release_feedback and not feedback:
        raise BadInput("--release-feedback needs the feedback: leave out --no-feedback.")
    classroom = Classroom.find(folder).require()
    options = {
        "level": known_level(isolation),
        "jobs": jobs,
        "feedback": feedback,
        "release_feedback": release_feedback,
    }
    options |= {"only": tuple(student or ()), "say": _say_once()}
    try:
        with _pool(scheduler, isolation) as options["pool"]:
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


@contextmanager
def _pool(scheduler, level):
    """What grades ahead: processes of this machine, or a cluster's workers. Ends with code 1 where the cluster is lost."""
    if scheduler is None:
        from grader.ahead import grade_ahead

        yield grade_ahead
        return
    from grader import cluster
    from grader.sandbox import choose

    try:
        with cluster.connect(scheduler, choose(level)) as workers:
            yield workers.grade_ahead
    except cluster.ClusterLost as why:
        aside.print(str(why), markup=False)
        raise typer.Exit(1) from None


def _say_once():
    """What prints a line on stderr, the first time it is told it."""
    return cache(lambda text: aside.print(clean(text), markup=False))


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
                line = f"{result.stage} {result.student}: {result.status}{points}{why}"
                console.print(clean(line), markup=False)
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
        status = result.status + (f", late: {result.penalty:g} points less" if result.penalty else "")
        status = ": ".join(filter(None, (status, result.why)))
        table.add_row(*(Text(clean(said)) for said in (result.student, result.stage, points, status)))
    console.print(table)
    graded = sum(result.status == "graded" for result in results)
    console.print(f"{graded} of {len(results)} graded, student code kept in by {level}.", markup=False)
