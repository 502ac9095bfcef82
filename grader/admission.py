"""A submitted folder let in, before nbgrader copies or parses anything of it, and what was noted on the way.

nbgrader's pre-convert hook ends here, and so does `threshold grade`, which looks at submissions before nbgrader does.
"""

import hashlib
import json
from pathlib import Path

from course.files import put
from grader import gate, records
from grader.classroom import CONFIG_NAME, Classroom

ADMITTED = {}  # (class, student, stage) -> notes; what is not in here was never looked at, and is not graded
AHEAD = {}  # the same, of what `threshold grade` has just admitted itself


def admit_submission(assignment, student, notebooks):
    """nbgrader's pre-convert hook: the gate's first step, before anything is copied or parsed.

    nbgrader swallows what a hook raises, so this only marks the folder as admitted; SubmissionGate insists on it.
    """
    if not notebooks:
        return
    folder = Path(notebooks[0]).resolve().parent
    classroom, stage, student = Classroom(folder.parents[2]), folder.name, folder.parent.name
    ahead = AHEAD.pop((classroom.root, student, stage), None)
    ADMITTED[classroom.root, student, stage] = admit_folder(classroom, stage, student)[0] if ahead is None else ahead
    notebooks[:] = [str(Path(notebooks[0]).parent / f"{stage}.ipynb")]


def admit_folder(classroom, stage, student):
    """Admit one submission and keep the gate's notes for the second step: (these notes, the submitted notebook)."""
    folder = classroom.folder("submitted", stage, student)
    if folder.is_symlink():
        raise OSError(f"{folder} is a link")
    release = classroom.folder("release", stage) / f"{stage}.ipynb"
    before = _notes_so_far(classroom, stage, student)
    found, notebook = gate.admit(folder, stage, release.read_bytes())
    notes = before + found
    path = folder / f"{stage}.ipynb"
    record = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "notes": notes}
    put(_notes_file(classroom, stage, student), json.dumps(record).encode())
    return notes, notebook


def _notes_so_far(classroom, stage, student):
    """What was noted when this very notebook was admitted before: a stand-in must not pass for a submission."""
    path = classroom.folder("submitted", stage, student) / f"{stage}.ipynb"
    kept = _notes_file(classroom, stage, student)
    if not kept.exists() or not path.is_file() or path.is_symlink():
        return []
    try:
        record = json.loads(kept.read_bytes())
        same = record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        return list(record["notes"]) if same else []
    except (ValueError, TypeError, KeyError):
        raise ValueError(
            f"{kept} is damaged: delete it. What it says of {path} is lost; a submission that was taken out is in "
            f"{classroom.root / 'set_aside'}."
        ) from None


def _notes_file(classroom, stage, student):
    return classroom.state / "notes" / stage / f"{student}.json"


def basis_of(classroom, stage, student):
    """What a verdict rests on, by name: hashes of the notebook, its release and the judge; each exercise's version."""
    from grader.exercises import of_stage
    from grader.verdicts import code

    path = classroom.folder("submitted", stage, student) / f"{stage}.ipynb"
    release = classroom.folder("release", stage) / f"{stage}.ipynb"
    return {
        "submission": records.hash_of(path.read_bytes()),
        "release": records.hash_of(release.read_bytes()),
        "code": code(),
        "versions": {name: exercise.version for name, exercise in of_stage(stage).items()},
    }


def fingerprint_of(classroom, stage, student, due, isolation):
    """Changes with everything that grading this submission looks at; None where there is no notebook."""
    from grader.exercises import of_stage
    from grader.verdicts import code, declared

    folder = classroom.folder("submitted", stage, student)
    path, release = folder / f"{stage}.ipynb", classroom.folder("release", stage) / f"{stage}.ipynb"
    if not path.is_file() or folder.is_symlink() or path.is_symlink():
        return None
    others = sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))
    stamp = folder / "timestamp.txt"
    stamp = stamp.read_bytes() if stamp.is_file() and not stamp.is_symlink() else b""
    config = (classroom.root / CONFIG_NAME).read_bytes()
    files = path.read_bytes(), release.read_bytes(), stamp, config
    return records.hash_of(*files, others, due, isolation, code(), declared(of_stage(stage)))
