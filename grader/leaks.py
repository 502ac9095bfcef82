"""What a built release must not give away: answers in any spelling, hidden inputs, the class's secret, this machine.

The scan reads what students will read, file by file and cell by cell. What an exercise reveals on purpose (`reveal`,
its signature, its docstring) is exempt, and nothing else is. Each leak is one line: file, cell, what it gives away.
"""

import ast
import base64
import re
import sys
import textwrap
from pathlib import Path

import nbformat

import course
from course.check import FOLDER, SUFFIX
from course.wire import WireError, pack, unpack
from grader.exercise import rng_of
from grader.exercises import of_stage
from grader.markers import near_markers
from grader.notebook import model_source, pieces

SHORT = 12  # characters: a line of code shorter than this is nobody's secret
RUN = 28  # tokens in a row, wherever they stand: in a comment, in prose, broken over lines
LARGE = 48  # nodes of a syntax tree: an expression or a statement this large is an answer, whatever its names are
VOCABULARY = {"cuda.syncthreads()"}  # words of a language that a lesson teaches: where they stand is the answer
ALLOWED = re.compile(rf"[0-9]{{2}}_\w+\.ipynb|{FOLDER}/(\w+\{SUFFIX}|messages\.json)")
FORMATS = {  # how a file begins that no release holds, under whatever name
    b"\x7fELF": "compiled code",
    b"MZ": "compiled code",
    b"SQLite format 3\0": "a database, and grades are kept in one",
    b"PK\3\4": "an archive",
    b"\x1f\x8b": "an archive",
}
PYC = b"\r\r\n"  # after its first byte, every .pyc goes on like this
CLONE = Path(course.__file__).resolve().parent.parent
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


def answers_of(stage):
    """{exercise: its Answer} of a stage."""
    given = list(_revealed(stage))
    known = VOCABULARY.union(*map(lines, given)), set().union(*map(runs, given)), set().union(*map(shapes, given))
    return {name: Answer(exercise, *known) for name, exercise in of_stage(stage).items()}


class Answer:
    """A model answer, in pieces that tell it: lines, runs of tokens, shapes of syntax; less those that are known."""

    def __init__(self, exercise, known_lines, known_runs, known_shapes):
        body = model_source(exercise.model, solution=True)[1]
        self.lines = lines(body) - known_lines
        self.runs = runs(body) - known_runs
        self.shapes = shapes(body).keys() - known_shapes

    def told_by_texts(self, texts):
        """The pieces of it in other texts than cells."""
        for text in set(texts):
            yield from (f"`{line}`" for line in sorted(self.lines & lines(text)))
            if self.runs & runs(text):
                yield f"“{text[:80]}”"

    def told_by(self, cell):
        """The pieces of it that a cell holds, largest first; a piece of a piece is not told again."""
        is_code = cell.cell_type == "code"
        found = sorted(self.lines & lines(cell.source)) if is_code else []
        yield from (f"`{line}`" for line in found)
        if found:
            return
        there = shapes(cell.source) if is_code else {}
        alike = [there[shape] for shape in self.shapes & there.keys()]
        if alike:
            yield f"`{max(alike, key=len)[:80]}`, with other names perhaps,"
        elif copied := self.runs & runs(cell.source):
            yield f"“{' '.join(min(copied))[:80]}”"


def _texts(tree):
    """Every text in a tree."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        yield from (text for pair in tree.items() for part in pair for text in _texts(part))
    elif isinstance(tree, (list, tuple)):
        yield from (text for part in tree for text in _texts(part))


def _revealed(stage):
    """Every text by which a stage gives something away on purpose."""
    for exercise in of_stage(stage).values():
        head, body = model_source(exercise.model, solution=True)
        yield head
        if exercise.reveal == "worked":
            yield body
        yield "\n".join(pieces(exercise)[1])


def lines(source):
    """The lines of code that say something, normalized: `w=w+1 # so`, `# w = w+1` and `w = w + 1` are one line."""
    found = set()
    for line in source.splitlines():
        text = line.strip().lstrip("# ")
        try:
            text = ast.unparse(ast.parse(text))
        except (SyntaxError, ValueError):  # the head of a block, or half of a statement
            text = " ".join(text.split())
        if len(text) >= SHORT:
            found.add(text)
    return found


def runs(text):
    """Every run of RUN tokens; spaces, line breaks and comment marks do not count."""
    tokens = re.findall(r"\w+|[^\w\s#]", text)
    return {tuple(tokens[i : i + RUN]) for i in range(len(tokens) - RUN + 1)}


def shapes(source):
    """{syntax of a large expression or statement, its names numbered: as it is written}; {} for what does not parse."""
    try:
        tree = ast.parse(f"def f():\n{textwrap.indent(textwrap.dedent(source), '    ')}")
    except (SyntaxError, ValueError):
        return {}
    pieces = (node for node in ast.walk(tree.body[0]) if isinstance(node, (ast.expr, ast.stmt)))
    inner = (node for node in pieces if not isinstance(node, (ast.FunctionDef, ast.JoinedStr, ast.FormattedValue)))
    return {_shape(node): ast.unparse(node) for node in inner if sum(1 for _ in ast.walk(node)) >= LARGE}


def _shape(node):
    names = {}
    return re.sub(
        r"(id|arg)='(\w+)'", lambda found: f"{found[1]}={names.setdefault(found[2], len(names))}", ast.dump(node)
    )


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
