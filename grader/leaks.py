"""What a built release must not give away: answers in any spelling, hidden inputs, the class's secret, this machine.

The scan reads what students will read, file by file and cell by cell. What an exercise reveals on purpose (`reveal`,
its signature, its docstring) is exempt, and nothing else is. Each leak is one line: file, cell, what it gives away.
"""

import base64
import re
import sys
from pathlib import Path

import nbformat

from course.check import FOLDER, SUFFIX
from course.wire import WireError, pack, unpack
from grader import CLONE
from grader.answers import answers_of, lines, runs, shapes
from grader.exercise import rng_of
from grader.exercises import of_stage
from grader.markers import near_markers

ALLOWED = re.compile(rf"[0-9]{{2}}_\w+\.ipynb|{FOLDER}/(\w+\{SUFFIX}|messages\.json)")
FORMATS = {  # how a file begins that no release holds, under whatever name
    b"\x7fELF": "compiled code",
    b"MZ": "compiled code",
    b"SQLite format 3\0": "a database, and grades are kept in one",
    b"PK\3\4": "an archive",
    b"\x1f\x8b": "an archive",
}
PYC = b"\r\r\n"  # after its first byte, every .pyc goes on like this
SOMEONES = re.compile(rb"(?:/home/|/Users/|[A-Z]:\\{1,2}Users\\{1,2})[\w.-]+")  # the folder of a person, on any system


def leaks(stage, files, secrets=(), places=()):
    """What the files of a built release give away, a line each. secrets: bytes. places: folders not to be named."""
    for name, content in sorted(files.items()):
        yield from (f"{name}: {what}" for what in leaks_of_file(name, content, secrets, places))
    answers = answers_of(stage)
    yield from _leaks_of_sheets(stage, files, answers)
    if f"{stage}.ipynb" in files:
        yield from _leaks_of_cells(stage, answers, nbformat.reads(files[f"{stage}.ipynb"].decode(), as_version=4))
    else:
        yield f"{stage}.ipynb: is missing"


def leaks_of_file(name, content, secrets=(), places=(), allowed=ALLOWED):
    """What any file must not be or hold, whatever it is for."""
    if not allowed.fullmatch(name):
        yield "this kind of file has no place in a release"
    for beginning, what in FORMATS.items():
        if content.startswith(beginning):
            yield f"is {what}"
    if content[1:4] == PYC:
        yield "is compiled Python"
    for word in (b"BEGIN SOLUTION", b"END SOLUTION", b"HIDDEN TEST", b"BEGIN MARK SCHEME"):
        if word in content:
            yield f"contains {word.decode()}"
    if any(spelling in content for secret in secrets for spelling in _spellings(secret)):
        yield "contains the class secret"
    for place in sorted({*map(str, places), str(CLONE), str(Path.home()), sys.prefix} - {"/"}):
        if re.search(re.escape(place.encode()) + rb"(?![\w-])", content):
            yield f"contains a path of this machine, {place}"
    for found in sorted(set(SOMEONES.findall(content))):
        yield f"contains the path of somebody's folder, {found.decode()}"


def _spellings(secret):
    """A secret as it is, as bytes, turned round, and in base64."""
    yield from (secret, secret[::-1], base64.b64encode(secret).rstrip(b"="))
    if re.fullmatch(rb"(?:[0-9a-f]{2})+", secret):
        yield bytes.fromhex(secret.decode())


def _leaks_of_sheets(stage, files, answers):
    """Each answer sheet holds the visible inputs, and not a byte beside them."""
    for name, content in sorted(files.items()):
        exercise = of_stage(stage).get(Path(name).stem)
        if not name.endswith(SUFFIX):
            continue
        if exercise is None:
            yield f"{name}: is the answer sheet of no exercise of {stage}"
            continue
        try:
            sheet = unpack(content)
            inputs = [case["args"] for case in sheet["cases"]]
        except (WireError, KeyError, TypeError) as fault:
            yield f"{name}: is no answer sheet ({type(fault).__name__})"
            continue
        if pack(sheet) != content:
            yield f"{name}: holds bytes that are not part of the answer sheet"
        told = answers[exercise.name].told_by_texts(_texts(sheet))
        yield from (f"{name}: contains {piece} from the solution of {exercise.name}" for piece in told)
        visible = [case["args"] for case in exercise.cases(rng_of(exercise.visible_seed))]
        if pack(unpack(pack(visible))) != pack(inputs):
            yield f"{name}: holds other inputs than the visible ones"


def _leaks_of_cells(stage, answers, notebook):
    for cell in notebook.cells:
        where = f"{stage}.ipynb, cell {cell.id}"
        if cell.get("outputs") or cell.get("attachments"):
            yield f"{where}: has an output already; a release shows only what the student's own run shows"
        for _, line, mark in near_markers(cell.source):
            yield f"{where}: contains `{line}`, and `### {mark}` belongs in no release"
        for name, answer in answers.items():
            for told in answer.told_by(cell):
                yield f"{where}: contains {told} from the solution of {name}"


def _texts(tree):
    """Every text in a tree."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        yield from (text for pair in tree.items() for part in pair for text in _texts(part))
    elif isinstance(tree, (list, tuple)):
        yield from (text for part in tree for text in _texts(part))


def answers_in_kit(files, stages):
    """Which files of the kit (path -> bytes) hold a stretch of a graded answer. Single lines may be the language's."""
    answers = [
        (name, answer)
        for stage in stages
        for name, answer in answers_of(stage).items()
        if of_stage(stage)[name].reveal != "worked"
    ]
    for path, content in sorted(files.items()):
        if not path.endswith(".py"):
            continue
        text = content.decode()
        there, held, spoken = lines(text), shapes(text), runs(text)
        for name, answer in answers:
            if (answer.lines and answer.lines <= there) or answer.shapes & held.keys() or answer.runs & spoken:
                yield f"{path}: contains the solution of {name}"
