"""Stages and exercises become a release: the student's notebook, its answer sheets, a zip and a manifest.

Nothing is released unless every proof of grader.proofs holds. Building twice gives the same bytes.
"""

import hashlib
import io
import json
import re
import shutil
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from nbgrader.api import Gradebook, MissingEntry

from course.check import FOLDER, SUFFIX
from course.errors import BadInput
from course.files import put
from course.wire import pack
from grader.aids import aids
from grader.exercises import of_stage
from grader.notebook import SourceFault, instructor_notebook, points_of, student_notebook, to_bytes
from grader.proofs import faults_of, faults_of_source

EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's own beginning of time: a build's date would change its bytes


class NotReleased(Exception):
    """The proofs found faults; nothing was written."""

    def __init__(self, stage, faults):
        super().__init__(f"{stage} is not released: {len(faults)} fault{'s' if len(faults) > 1 else ''}")
        self.faults = faults


def student_files(stage):
    """What a student gets: path -> bytes. The notebook without solutions, and the answer sheets for `check`."""
    return {f"{stage}.ipynb": to_bytes(student_notebook(instructor_notebook(stage)))} | sheet_files(stage)


@cache
def sheet_files(stage):
    """The visible answer sheets of a stage: path -> bytes."""
    return {
        f"{FOLDER}/{name}{SUFFIX}": pack(exercise.sheet(exercise.visible_seed) | aids(exercise))
        for name, exercise in of_stage(stage).items()
    }


@dataclass(frozen=True)
class Proved:
    """A stage that may be released: its notebook with solutions, and what a student gets (path -> bytes)."""

    stage: str
    notebook: dict
    files: dict


def release(classroom, stage, say=lambda text: None):
    """Prove a stage and build it; returns the manifest. Raises NotReleased, or BadInput, and then nothing is changed."""
    return build(classroom, prove(classroom, stage, say), say)


def prove(classroom, stage, say=lambda text: None):
    """A stage, Proved. Nothing is written.

    Raises NotReleased with the faults, or BadInput where an instructor's own edit is in the way.
    """
    _refuse_edited_source(classroom, stage)
    try:
        notebook = instructor_notebook(stage)
        files = student_files(stage)
    except SourceFault as fault:
        raise NotReleased(stage, [*faults_of_source(stage), f"course/stages/{stage}.py: {fault}"]) from None
    faults = list(_faults_of_gradebook(classroom, stage, notebook))
    faults += faults_of(stage, notebook, files, secrets=[classroom.secret()], places=[classroom.root], say=say)
    if faults:
        raise NotReleased(stage, faults)
    return Proved(stage, notebook, files)


def _faults_of_gradebook(classroom, stage, notebook):
    """Graded cells come and go only while nobody has submitted: a student must know what a stage asks for."""
    api = classroom.api()
    if not (classroom.root / "gradebook.db").exists() and api.coursedir.db_url.startswith("sqlite:"):
        return
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        try:
            known = gradebook.find_notebook(stage, stage)
        except MissingEntry:
            return
        handed_in = len(known.submissions)
        before = {cell.name for cells in (known.grade_cells, known.solution_cells) for cell in cells}
    after = {cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata}
    for name in sorted({name.removeprefix("check-") for name in before ^ after} if handed_in else ()):
        what = "is gone" if {name, f"check-{name}"} & before else "is new"
        yield (
            f"{stage}.ipynb, cell {name}: {what}, and {handed_in} already submitted: what a stage asks for stays until "
            "its term is over; put a new exercise into a later stage"
        )


def build(classroom, proved, say=lambda text: None):
    """Put a proved stage into the class's source, release and dist; returns the manifest.

    Raises NotReleased where nbgrader builds anything else than was proved; an older release is put back then.
    """
    stage = proved.stage
    say("building")
    source = {f"{stage}.ipynb": to_bytes(proved.notebook)} | sheet_files(stage)
    places = {place: classroom.folder(place, stage) for place in ("source", "release")}
    before = {place: read_folder(folder) if folder.exists() else None for place, folder in places.items()}
    _replace_folder(places["source"], source)
    faults = _generate(classroom, proved)
    if faults:
        for place, folder in places.items():
            shutil.rmtree(folder, ignore_errors=True)
            if before[place] is not None:
                _replace_folder(folder, before[place])
        raise NotReleased(stage, faults)
    _remember_source(classroom, stage, source)
    return _pack(classroom, proved)


def _generate(classroom, proved):
    """Let nbgrader build the release and enter it into the gradebook; what differs from what was proved."""
    result = classroom.api().generate_assignment(proved.stage, force=True, create=True)
    with suppress(FileNotFoundError):  # nbgrader makes it now, as open as the umask; a class may keep it elsewhere
        (classroom.root / "gradebook.db").chmod(0o600)
    if not result["success"]:
        return [f"{proved.stage}.ipynb: nbgrader does not build it: {last_line(result)}"]
    built = read_folder(classroom.folder("release", proved.stage))
    names = sorted(built.keys() | proved.files.keys())
    return [
        f"{name}: nbgrader built something else than was proved"
        for name in names
        if built.get(name) != proved.files.get(name)
    ]


def last_line(result):
    """What nbgrader says went wrong, in a line: the last cause in its log that is not its own summary."""
    text = "\n".join(filter(None, (result.get("log"), result.get("error")))).strip() or "nbgrader gave no reason"
    causes = re.findall(r"^\s*(?:[\w.]+\.)?(\w*(?:Error|Exception|Lost|Isolation): .+)$", text, re.MULTILINE)
    return next((cause for cause in reversed(causes) if "Please see" not in cause), text.splitlines()[-1])


def read_folder(folder):
    """Every file under a folder: path -> bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def zipped(stage, files):
    """A zip of a release, the same to the byte for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{stage}/{name}", EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _pack(classroom, proved):
    stage, files = proved.stage, proved.files
    archive = zipped(stage, files)
    manifest = {
        "stage": stage,
        "points": points_of(proved.notebook),
        "files": {name: _sha(content) for name, content in sorted(files.items())},
        "zip": {"name": f"{stage}.zip", "sha256": _sha(archive)},
    }
    dist = classroom.root / "dist"
    put(dist / f"{stage}.zip", archive)
    put(dist / f"{stage}.manifest.json", (json.dumps(manifest, indent=1) + "\n").encode())
    return manifest


def _refuse_edited_source(classroom, stage):
    """An instructor's own edit of a built source is never overwritten."""
    folder = classroom.folder("source", stage)
    if not folder.exists():
        return
    written = _remembered(classroom).get(stage, {})
    edited = sorted(name for name, content in read_folder(folder).items() if written.get(name) != _sha(content))
    if edited:
        raise BadInput(
            f"{folder / edited[0]} is not what was last built here, so it is left alone: make the change in "
            f"course/stages/{stage}.py and move the folder {folder} away, then release again."
        )


def _remembered(classroom):
    try:
        return json.loads((classroom.state / "built.json").read_text())
    except (FileNotFoundError, ValueError):  # cut off by a full disk: then every source counts as somebody's own
        return {}


def _remember_source(classroom, stage, files):
    built = _remembered(classroom) | {stage: {name: _sha(content) for name, content in files.items()}}
    put(classroom.state / "built.json", (json.dumps(built, indent=1, sort_keys=True) + "\n").encode())


def _replace_folder(folder, files):
    """Put a folder in place of the old one, whole: written aside, then renamed."""
    aside, old = folder.with_name(f".{folder.name}.part"), folder.with_name(f".{folder.name}.old")
    for leftover in (aside, old):
        shutil.rmtree(leftover, ignore_errors=True)
    for name, content in files.items():
        (aside / name).parent.mkdir(parents=True, exist_ok=True)
        (aside / name).write_bytes(content)
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _sha(content):
    return hashlib.sha256(content).hexdigest()
