"""threshold material"""

import json
from pathlib import Path
from typing import Annotated

import typer

from grader.commands.terminal import AsJson, Folder, Stages, console, steps


def material(
    stage: Stages,
    folder: Folder = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Where to. Default: `material` in the class folder.")
    ] = None,
    as_json: AsJson = False,
):
    """Write what is for instructors alone. Syllabus, solved notebooks, quiz key, rubrics."""
    from grader.classroom import Classroom
    from grader.material import put_material
    from grader.stages import resolve

    names = resolve(stage)
    classroom = Classroom.find(folder).create()
    with steps("material", quiet=as_json) as say:
        say("writing")
        place = put_material(classroom, names, to)
    if as_json:
        files = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
        print(json.dumps({"folder": str(place), "stages": names, "files": files}, indent=2))
        return
    console.print(f"✓ {len(names)} stage{'s' * (len(names) > 1)}, in {place}", markup=False)
    for name in ("syllabus.md", "solved", "quiz_key.md", "rubrics.md"):
        console.print(f"  {name}", markup=False)
    console.print("  It holds every answer. Nothing of it is ever released.", markup=False)
