"""threshold appeal"""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from course import report
from course.errors import BadInput
from grader.commands.terminal import AsJson, Folder, aside, console, known_level


def appeal(
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="01 or 01_one_neuron")],
    student: Annotated[str, typer.Argument(metavar="STUDENT", help="As in submitted/STUDENT")],
    exercise: Annotated[
        list[str] | None, typer.Argument(metavar="[EXERCISE…]", help="Only these. Default: all of the stage.")
    ] = None,
    folder: Folder = None,
    isolation: Annotated[
        str | None, typer.Option(metavar="LEVEL", help="Default: the level at which it was graded.")
    ] = None,
    as_json: AsJson = False,
):
    """Replay a student's verdicts from their seeds, case by case.

    Nothing is written. Code 1 where one differs.
    """
    from grader import appeal as hearing
    from grader import records
    from grader.classroom import Classroom
    from grader.sandbox import NoIsolation, choose
    from grader.stages import resolve

    classroom = Classroom.find(folder).require()
    (name,) = resolve([stage]) if stage != "all" else [None]
    if name is None or student in (".", "..") or "/" in student:
        raise BadInput("An appeal is about one stage and one student.")
    record = records.load(classroom, name, student)
    try:
        level = choose(known_level(isolation) or (record.isolation if record else None) or None)
        heard = hearing.appeal(classroom, name, student, exercise or (), level)
    except NoIsolation as refusal:
        aside.print(str(refusal), markup=False)
        raise typer.Exit(1) from None
    if as_json:
        print(json.dumps(_document(heard), indent=2))
    else:
        _say(heard)
    raise typer.Exit(0 if all(replayed.same for replayed in heard.exercises) else 1)


def _document(heard):
    exercises = [asdict(one) | {"verdict": one.verdict.as_dict(), "same": one.same} for one in heard.exercises]
    return asdict(heard) | {"exercises": exercises}


def _say(heard):
    """Everything on the terminal; whatever a submission wrote into it loses its control characters."""
    record = heard.record
    status = ": ".join(filter(None, (record.status, record.why))) if record else "not graded yet"
    _print(f"{heard.student}, {heard.stage}: {status.rstrip('.')}. Replayed with {heard.level}.")
    for index, error in sorted(heard.errors.items()):
        _print(f"  cell {index + 1} of those that run raised {error['type']}: {error['message']}")
    for replayed in heard.exercises:
        _print("")
        _say_exercise(replayed)


def _say_exercise(replayed):
    verdict = replayed.verdict
    _print(report.headline(verdict))
    _print(f"  replayed   {verdict.points:g} of {verdict.maximum:g} points")
    _print(f"  gradebook  {_of_the_book(replayed)}")
    for why in replayed.why:
        _print(f"             {why}")
    for name, entry in verdict.properties.items():
        _print(f"  {report.mark(entry)} {report.LABELS[name]}: {report.points(entry)}")
    for words in filter(None, (report.cause(verdict), verdict.hint)):
        _print(f"  {words}")
    for number, case in enumerate(replayed.cases, 1):
        _print(f"  {report.MARKS['wrong' if case.words else 'right']} {case.round} {number}: {case.label}")
        _print(f"      call      {case.call}")
        _print(f"      expected  {case.expected}")
        _print(f"      got       {case.got}")
        for words in case.words:
            _print(f"      {words}")
    if any(case.round == "hidden" for case in replayed.cases):
        sheet = f'EXERCISES["{verdict.exercise}"].sheet("{replayed.seed}")'
        _print(f"  the hidden cases whole, in Python: from grader.exercises import EXERCISES; {sheet}")
    elif verdict.status != "not attempted":
        _print("  hidden cases were not tried: a visible one already had no answer")


def _of_the_book(replayed):
    if replayed.before is None:
        return "nothing: it was never graded"
    same = "the same" if replayed.same else "the same points, in other words"
    differs = abs(replayed.before - replayed.verdict.points) >= 1e-9
    said = f"{replayed.before:g}, {'and that is another verdict' if differs else same}"
    return said if replayed.by_hand is None else f"{said}; a person gave {replayed.by_hand:g}, which counts"


def _print(line):
    console.print(report.clean(line), markup=False)
