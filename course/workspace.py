"""A learner's workspace: one folder per stage, built once, brought up to date without ever overwriting their work.

Beside the stages lies `.threshold`: the pristine copy of every file as it was handed out, by which we tell what a
learner touched, and the learner's progress. Everything is read and decided before the first byte is written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from course import kernelinfo, merge, progress
from course.errors import BadInput
from course.files import put

STATE = progress.FOLDER
BAKED = Path(__file__).parent / "baked"


class Source(NamedTuple):
    """Where student files come from: the names of the stages, and stage -> {path in the stage's folder: bytes}.

    stamp: names the code that builds them (course.kept); "" where nothing has to be built.
    """

    stages: tuple
    files: Callable
    stamp: str = ""


@dataclass(frozen=True)
class Step:
    """What to do with one file. path: in the workspace; news: "new", "updated", "yours kept" or "" (nothing)."""

    path: str
    news: str
    pristine: bytes
    data: bytes | None = None  # None: leave the file as it is
    beside: tuple | None = None  # (path, data) of the course's version where the learner's stays


def baked(folder=BAKED):
    """The Source inside a wheel that was built with its notebooks; None in a plain one."""
    stages = tuple(sorted(path.name for path in folder.iterdir() if path.is_dir())) if folder.is_dir() else ()
    return Source(stages, lambda stage: _files_under(folder / stage)) if stages else None


def materials(source, only=None, along=iter):
    """{stage: {path: bytes}} of every stage of a Source, or of one. Raises BadInput where there are none.

    along: from a list of stages to the same, one by one: whoever waits sees how far it is.
    """
    if source is None:
        raise BadInput(
            "This installation holds the course's tools without its notebooks: install the course wheel that your "
            "instructor made with `threshold release all --wheel`, or clone the repository and run "
            "`pip install -e .` in it."
        )
    return {
        stage: {path: _settled(path, data) for path, data in source.files(stage).items()}
        for stage in along([stage for stage in source.stages if only in (None, stage)])
    }


def _settled(path, data):
    """A notebook as this machine's JupyterLab would save it: what is only opened is not changed."""
    return merge.write(kernelinfo.settle(merge.read(data))) if path.endswith(".ipynb") else data


def locate(folder=None, start=None):
    """The workspace: `folder` if given, else the nearest parent of `start` that is one, else `start`/workspace."""
    if folder is not None:
        return Path(folder).expanduser().absolute()
    start = Path(start or Path.cwd())
    return next((place for place in (start, *start.parents) if pristine(place, "").is_dir()), start / "workspace")


def update(folder, materials):
    """Bring `folder` up to date with {stage: {path: bytes}} -> the steps taken. Raises BadInput, nothing written."""
    folder = Path(folder)
    try:
        steps = [
            _plan(folder, f"{stage}/{name}" if stage else name, data)
            for stage, files in sorted(materials.items())
            for name, data in sorted(files.items())
        ]
        for step in steps:
            _take(folder, step)
    except OSError as fault:
        raise _unwritable(folder, fault) from None
    return steps


def pristine(folder, path):
    """Where the untouched copy of a workspace file is kept."""
    return Path(folder) / STATE / "pristine" / path


def _plan(folder, path, new):
    target, record = folder / path, pristine(folder, path)
    old = record.read_bytes() if record.is_file() else None
    if not target.exists():
        return Step(path, "new", new, new)
    plan = _plan_notebook if path.endswith(".ipynb") else _plan_file
    return plan(folder, path, old, target.read_bytes(), new)


def _plan_file(folder, path, old, mine, new):
    if mine == new or old == new:
        return Step(path, "", new)
    if old is None:
        raise _foreign(folder / path)
    if mine == old:
        return Step(path, "updated", new, new)
    return Step(path, "yours kept", new, beside=(_beside(folder, path, {old, new}), new))


def _plan_notebook(folder, path, old, mine, new):
    try:
        theirs = merge.read(mine)
    except merge.UnreadableNotebook as fault:
        raise BadInput(
            f"{folder / path} is not a readable notebook ({fault}); it was left as it is: rename it, and run this "
            "again for a fresh copy."
        ) from None
    if old is None and not merge.related(theirs, merge.read(new)):
        raise _foreign(folder / path)
    if old in (None, new):  # None: fetched through nbgrader, or `.threshold` was lost; from here on it is known
        return Step(path, "", new)
    merged, contested = merge.merge(merge.read(old), theirs, merge.read(new))
    data = merge.write(merged)
    beside = (_beside(folder, path, {old, new}), new) if contested else None
    news = "yours kept" if contested else "updated" if data != mine else ""
    return Step(path, news, new, data if data != mine else None, beside)


def _foreign(path):
    return BadInput(
        f"{path} is not a file of this course, and the course has one of that name: move it away, or choose another "
        "folder with --workspace."
    )


def _beside(folder, path, ours):
    """The first free name like `01_one_neuron.new.ipynb`, or one whose file is still as we once wrote it."""
    stem, suffix = path.rsplit(".", 1)
    names = (f"{stem}.new{'' if i == 1 else f'-{i}'}.{suffix}" for i in range(1, 1000))
    return next(n for n in names if not (folder / n).exists() or (folder / n).read_bytes() in ours)


def _take(folder, step):
    # Whatever moment the power fails: a new file is known as ours before it is there, and a changed one stays marked
    # as changed until it is written.
    order = [(pristine(folder, step.path), step.pristine)]
    if step.beside:
        order.insert(0, (folder / step.beside[0], step.beside[1]))
    if step.data is not None:
        order.insert(len(order) if step.news == "new" else 0, (folder / step.path, step.data))
    for path, data in order:
        if not path.is_file() or path.read_bytes() != data:
            put(path, data)


def _unwritable(folder, fault):
    place = fault.filename or folder
    return BadInput(
        f"The workspace {folder} cannot be written ({fault.strerror or fault}: {place}): make it yours to write, or "
        "choose another folder with --workspace."
    )


def _files_under(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
