"""threshold release"""

import json

import typer

from grader.commands.terminal import AsJson, Folder, Stages, aside, console, steps


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
