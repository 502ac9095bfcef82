"""What must hold before a stage is released. Each fault is one line: file, cell, and what is wrong there.

The model answers get full points, stubs none, every misconception its own name; no mark is misspelled; the solved
notebook runs whole, and in the student's every check says "not written yet"; the built release gives no answer away
(grader.leaks), nor what whoever grades a written answer has beside it (grader.rubric).
"""

import inspect
import json
import re
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from course import messages
from course.attempt import attempt
from course.judge import judge
from course.report import clean
from grader import rubric
from grader.aids import told_by_hints
from grader.exercises import of_stage
from grader.helpers import missing_names
from grader.leaks import CLONE, leaks
from grader.markers import faults_of_keys, faults_of_markers
from grader.stages import source_of

CELL_SECONDS = 120  # a heavy demonstration, JIT included; setup and solution cells have a budget of their own
GRADED_SECONDS = 10.0
UNWRITTEN = "NotWritten"  # what check raises at a stub; its words may be translated
NO_ALT = re.compile(r"!\[\s*\]\(|<img(?![^>]*\balt=[\"']?[^\"'>\s])[^>]*>")


def faults_of(stage, notebook, files, *, secrets=(), places=(), say=lambda text: None):
    """Every fault of a stage about to be released; none means it may be."""
    say("proving the exercises")
    faults = [fault for exercise in of_stage(stage).values() for fault in faults_of_exercise(exercise)]
    say("looking for leaks")
    faults += faults_of_source(stage)
    faults += faults_of_cells(stage, notebook)
    faults += leaks(stage, files, secrets, places)
    faults += rubric.told_by(notebook, files)
    say("running the solved notebook")
    faults += faults_of_run(stage, notebook, files)
    say("running the student's notebook")
    faults += faults_of_stub_run(stage, nbformat.reads(files[f"{stage}.ipynb"].decode(), as_version=4), files)
    return list(dict.fromkeys(faults))


def faults_of_exercise(exercise, seeds=None):
    """The promises of one exercise, on the visible cases and on fresh ones, and what its hints give away."""
    where = f"{file_of(exercise)}, {exercise.name}"
    yield from (f"{file_of(exercise)}, {fault}" for fault in told_by_hints(exercise))
    for seed in seeds or (exercise.visible_seed, "proof"):
        sheet = exercise.sheet(seed)

        def verdict(function, sheet=sheet):
            return judge(sheet, [attempt(function, case) for case in sheet["cases"]])

        right = verdict(exercise.model)
        if right.points != right.maximum:
            yield f"{where}: the model answer gets {right.points:g} of {right.maximum:g}: {right.symptom}"
        untouched = verdict(_stub)
        if untouched.status != "not attempted" or untouched.points:
            yield f"{where}: an untouched stub is {untouched.status} with {untouched.points:g} points"
        for wrong in exercise.misconceptions:
            made = verdict(wrong.wrong)
            if made.misconceptions != (wrong.name,):
                diagnosis = ", ".join(made.misconceptions) or made.status
                yield f"{where}: the misconception “{wrong.name}” is diagnosed as {diagnosis}"
            if made.maximum and made.points >= made.maximum:
                yield f"{where}: the misconception “{wrong.name}” gets full points"


def file_of(exercise):
    """Where an exercise is written, as a path in the clone."""
    path = Path(inspect.getsourcefile(exercise.cases)).resolve()
    return path.relative_to(CLONE).as_posix() if path.is_relative_to(CLONE) else path.name


def _stub(*args):
    raise NotImplementedError


def faults_of_source(stage):
    """Slips that no notebook shows: misspelled keys of cells, a translation that would not fit."""
    for fault in messages.faults_of(messages.translation()):
        yield f"course/translation.json: {fault}"
    for number, cell in enumerate(jupytext.reads(source_of(stage), fmt="py:percent").cells, 1):
        for fault in faults_of_keys(cell.metadata):
            yield f"course/stages/{stage}.py, cell {cell.metadata.get('id', number)}: {fault}"


def faults_of_cells(stage, notebook):
    """Slips that nobody needs to run a cell to see: nearly nbgrader's marks, pictures without words, absent helpers."""
    for cell in notebook.cells:
        where = f"{stage}.ipynb, cell {cell.id}"
        yield from (f"{where}: {fault}" for fault in faults_of_markers(cell.source))
        if cell.cell_type == "markdown" and NO_ALT.search(cell.source):
            yield f"{where}: a picture without alternative text; write it between the brackets, ![here](…)"
    for cell, names in missing_names(notebook).items():
        said = ", ".join(f"`{name}`" for name in names)
        yield f"{stage}.ipynb, cell {cell}: the answer uses {said} from outside its body: write it out, a student gets no helper"
    yield from (f"{stage}.ipynb, {fault}" for fault in rubric.faults_of_written(notebook))


def faults_of_run(stage, notebook, files):
    """The solved notebook runs whole: no error, alt text, within its budget; nothing on stderr where nbgrader looks."""
    ran, troubles = execute(notebook, files)
    faults = [f"{stage}.ipynb, cell {cell}: {what}" for cell, what in troubles.items()]
    graded_seconds = 0.0
    for cell in ran.cells:
        if cell.cell_type != "code":
            continue
        role = cell.metadata["threshold"]["role"]
        if role in ("setup", "solution"):
            graded_seconds += cell.metadata.get("seconds", 0.0)
        faults += [f"{stage}.ipynb, cell {cell.id}: {what}" for what in _faults_of_outputs(cell.outputs, role)]
    if graded_seconds > GRADED_SECONDS:
        faults.append(
            f"{stage}.ipynb: setup and solution cells take {graded_seconds:.1f} s, {GRADED_SECONDS:g} s are allowed"
        )
    return faults


def _faults_of_outputs(outputs, role):
    for output in outputs:
        data = output.get("data", {})
        if role != "demo" and output.output_type == "stream" and output.name == "stderr":
            yield f"writes to stderr: {clean(output.text[:80])}"
        for kind in ("image/png", "image/jpeg"):
            if kind in data and not output.metadata.get(kind, {}).get("alt"):
                yield "a figure without alternative text; show it with plot.show(fig, alt=…)"
        if NO_ALT.search(data.get("text/html", "")):
            yield "HTML with an <img> without alternative text; give it alt=…"


def faults_of_stub_run(stage, notebook, files):
    """The student's notebook runs up to the first check; there, and at every other, it says that nothing is written."""
    graded = [cell.id for cell in notebook.cells if cell.cell_type == "code" and _is_graded(cell)]
    if not graded:
        return []
    _, troubles = execute(notebook, files, after=graded[0])
    first = next(iter(troubles), graded[0])
    if first not in graded:
        return [f"{stage}.ipynb, cell {first}: stops the student's notebook: {troubles[first]}"]
    said = {name: troubles.get(name, "nothing: it passes") for name in graded}
    return [
        f"{stage}.ipynb, cell {name}: should raise {UNWRITTEN} at a stub; it says {what}"
        for name, what in said.items()
        if not what.startswith(UNWRITTEN)
    ]


def _is_graded(cell):
    return cell.metadata.get("nbgrader", {}).get("grade")


def _predict_something(notebook, folder):
    """Store a prediction wherever the notebook asks for one: the demonstrations behind it wait for it."""
    asked = re.findall(r'^predict\(\s*"([^"]+)"', "\n".join(cell.source for cell in notebook.cells), re.MULTILINE)
    stored = {"format": 1, "prediction": dict.fromkeys(asked, "a guess")}
    (folder / ".threshold").mkdir()
    (folder / ".threshold" / "progress.json").write_text(json.dumps(stored))


def execute(notebook, files, after=None):
    """Run a notebook beside its files: (the notebook with outputs, {cell id: error}).

    It stops at the first error. after: unless this cell has run; from there on only solutions and checks run, and
    errors stop nothing.
    """
    notebook, troubles = nbformat.from_dict(notebook), {}
    with tempfile.TemporaryDirectory(prefix="threshold-run-") as folder:
        for name, content in files.items():
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).write_bytes(content)
        _predict_something(notebook, Path(folder))
        quiet = ["--IPKernelApp.log_level=40"]  # it would warn on our stderr of what concerns shared machines
        client = NotebookClient(
            notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": folder}}, extra_arguments=quiet
        )
        with client.setup_kernel():
            behind = False
            for index, cell in enumerate(notebook.cells):
                if cell.cell_type != "code" or (behind and cell.metadata["threshold"]["role"] == "demo"):
                    continue
                start = time.perf_counter()
                try:
                    client.execute_cell(cell, index)
                except CellExecutionError as fault:
                    troubles[cell.id] = clean(f"{fault.ename}: {fault.evalue}")
                except CellTimeoutError:
                    troubles[cell.id] = f"takes longer than the {CELL_SECONDS:g} s allowed"
                    break
                except DeadKernelError:
                    troubles[cell.id] = "ends the Python process it runs in"
                    break
                cell.metadata["seconds"] = time.perf_counter() - start
                behind = behind or cell.id == after
                if troubles and not behind:
                    break
    return notebook, troubles
