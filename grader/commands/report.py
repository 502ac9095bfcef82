"""threshold report"""

import json
from pathlib import Path
from typing import Annotated

import typer

from course.errors import BadInput
from grader.commands.terminal import AsJson, Folder, Stages, aside, console, steps


def report(
    stage: Stages,
    folder: Folder = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the report as one HTML page, for any browser.")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write a table, for a spreadsheet or a learning platform."),
    ] = None,
    columns: Annotated[
        str,
        typer.Option(
            "--columns", metavar="WHOSE", help="Of the table: threshold (each answer), canvas or moodle (scores)."
        ),
    ] = "threshold",
    as_json: AsJson = False,
):
    """Say what a class misunderstood. How hard each exercise was, who needs a person, who writes alike."""
    from course.files import put
    from grader.classroom import Classroom
    from grader.export import PLATFORMS
    from grader.insight import of_stage, page, tables, terminal
    from grader.stages import resolve

    if columns not in ("threshold", *PLATFORMS):
        raise BadInput(f"--columns takes threshold, {', '.join(PLATFORMS)}, not {columns!r}.")
    if columns != "threshold" and csv is None:
        raise BadInput("--columns says what the table of --csv holds: name its file with --csv.")
    for path in (html, csv):
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            raise BadInput(f"{path}: no file can be written there.")
    names = resolve(stage)
    classroom = Classroom.find(folder).require()
    handed_in = [name for name in names if classroom.students(name)] if "all" in stage else names
    if not handed_in:
        raise BadInput(f"There are no submissions yet in {classroom.root / 'submitted'}.")
    insights = []
    with steps("report", quiet=as_json) as say:
        for name in handed_in:
            say(name)
            insights.append(of_stage(classroom, name))
    if html is not None:
        put(html, page.page(insights).encode())
    if csv is not None:
        put(csv, _table(classroom, insights, columns).encode())
    if as_json:
        print(json.dumps({"class": str(classroom.root), "stages": [tables.as_dict(one) for one in insights]}, indent=2))
        return
    for insight in insights:
        terminal.show(insight, console)
    for path in filter(None, (html, csv)):
        aside.print(f"Written: {path}", markup=False)


def _table(classroom, insights, columns):
    from grader import export
    from grader.insight import tables

    if columns == "threshold":
        return tables.as_csv(insights)
    return export.for_platform(classroom, [insight.stage for insight in insights], columns)
