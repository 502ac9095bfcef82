"""threshold release"""

import json
from typing import Annotated

import typer

from grader.commands.terminal import AsJson, Folder, Stages, aside, console, steps


def release(
    stage: Stages,
    folder: Folder = None,
    wheel: Annotated[
        bool, typer.Option("--wheel", help="Also build the course as one file to install, with no answer in it.")
    ] = False,
    as_json: AsJson = False,
):
    """Prove stages, then build their releases. Each is a folder for nbgrader's exchange, a zip and a manifest."""
    from grader.classroom import Classroom
    from grader.stages import resolve

    names = resolve(stage)
    classroom = Classroom.find(folder).create()
    manifests, built, faults = _release(classroom, names, wheel, quiet=as_json)
    if as_json:
        document = {"class": str(classroom.root), "released": manifests, "faults": faults}
        print(json.dumps(document | ({"wheel": built} if wheel else {}), indent=2))
    else:
        _say_released(classroom, manifests, built, faults)
    raise typer.Exit(1 if faults else 0)


def _release(classroom, names, wheel, quiet):
    """(manifests, the wheel or None, faults by stage). Every stage is proved before the first is built."""
    from grader import release as work

    proved, manifests, built, faults = [], [], None, {}
    for name in names:
        try:
            with steps(name, quiet) as say:
                proved.append(work.prove(classroom, name, say))
        except work.NotReleased as stopped:
            faults[name] = stopped.faults
    if wheel and not faults:
        from grader.wheel import put_wheel  # hatchling is needed here and nowhere else

        with steps("wheel", quiet) as say:
            say("building the wheel")
            built, leaks = put_wheel(classroom, {each.stage: each.files for each in proved})
        faults |= {"wheel": leaks} if leaks else {}
    for each in [] if faults else proved:
        try:
            with steps(each.stage, quiet) as say:
                manifests.append(work.build(classroom, each, say))
        except work.NotReleased as stopped:
            faults[each.stage] = stopped.faults
    return manifests, built, faults


def _say_released(classroom, manifests, built, faults):
    for manifest in manifests:
        name = manifest["stage"]
        console.print(f"✓ {name}: {manifest['points']:g} points, {len(manifest['files'])} files", markup=False)
        console.print(f"  for the exchange  {classroom.folder('release', name)}", markup=False)
        console.print(f"  to hand out       {classroom.root / 'dist' / manifest['zip']['name']}", markup=False)
    if built:
        stages = f"{len(built['stages'])} stage{'s' * (len(built['stages']) > 1)}"
        console.print(f"✓ the course as one file, {stages}: {classroom.root / 'dist' / built['name']}", markup=False)
    for name, lines in faults.items():
        aside.print(f"✗ {name}: {len(lines)} fault{'s' * (len(lines) > 1)}", markup=False)
        for line in lines:
            aside.print(f"  {line}", markup=False)
    if faults and not manifests:
        aside.print("Nothing is released.", markup=False)
