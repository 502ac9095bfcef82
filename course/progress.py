"""What a learner did, kept on the learner's own disk. It is never sent anywhere and never graded.

`.threshold/progress.json` in the workspace (the nearest folder upwards that has a `.threshold`, else the notebook's):

    {"format": 1,
     "check":      {"perceptron": {"stage": "01_one_neuron", "status": "right", "passed": true}},
     "quiz":       {"01_one_neuron/3": {"chose": "b", "right": true}},
     "prediction": {"xor-rows": "no, never"}}

A write replaces the whole file, so a power cut leaves the old one or the new one. A file that is not ours is kept
aside. Where the disk takes nothing, memory serves until the kernel stops, and every later write tries again.
"""

import json
import os
from pathlib import Path

from course.files import locked, put

FORMAT = 1
FOLDER, FILE, LOCK = ".threshold", "progress.json", "progress.lock"

_waiting = {}  # {kind: {key: value}}: recorded, not yet on the disk


def record(kind, key, value):
    """Remember `value` (anything JSON can hold) as the `kind` called `key`. Never fails for want of a disk."""
    json.dumps(value)  # the caller's mistake belongs to the caller, before anything is touched
    _waiting.setdefault(kind, {})[key] = value
    try:
        _save()
    except OSError:
        return
    _waiting.clear()


def recorded(kind, folder=None):
    """{key: value} of everything remembered of one kind, in the workspace of a folder: of the one we are in."""
    try:
        saved = _read(_file(folder))
    except (OSError, ValueError):
        saved = {}
    return {**saved.get(kind, {}), **_waiting.get(kind, {})}


def workspace(folder=None):
    """The nearest folder, from `folder` upwards, that holds a `.threshold`; else itself. None: the one we are in."""
    here = Path(folder or ".").resolve()
    return next((place for place in (here, *here.parents) if (place / FOLDER).is_dir()), here)


def _file(folder=None):
    return workspace(folder) / FOLDER / FILE


def _save():
    path = _file()
    path.parent.mkdir(exist_ok=True)
    with locked(path.with_name(LOCK)):
        try:
            progress = _read(path)
        except ValueError:
            _keep_aside(path)
            progress = {}
        for kind, values in _waiting.items():
            progress.setdefault(kind, {}).update(values)
        put(path, json.dumps({"format": FORMAT, **progress}, indent=1, ensure_ascii=False).encode())


def _read(path):
    """{kind: {key: value}}; empty where there is no file yet. ValueError if the file is torn or not ours."""
    try:
        progress = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    if not isinstance(progress, dict) or progress.pop("format", None) != FORMAT:
        raise ValueError(f"{path} is not a progress file of format {FORMAT}")
    if not all(isinstance(values, dict) for values in progress.values()):
        raise ValueError(f"{path} holds something that is not a table")
    return progress


def _keep_aside(path):
    number = 1
    while (kept := path.with_name(f"{path.stem}.kept-{number}{path.suffix}")).exists():
        number += 1
    os.replace(path, kept)
