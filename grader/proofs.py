"""What must hold before a stage is released. Each fault is one line: where, and what is wrong.

The model answers get full points, stubs none, every misconception its own name; the solved notebook runs whole,
the student's stops at the first check; and the built release gives no answer away.
"""

import ast
import json
import re
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from course.attempt import attempt
from course.judge import judge
from course.report import clean
from grader.exercises import of_stage
from grader.notebook import model_source

CELL_SECONDS = 120  # a heavy demonstration, JIT included; setup and solution cells have a budget of their own
GRADED_SECONDS = 10.0
SHORT = 12  # a line of code shorter than this is nobody's secret
VOCABULARY = {"cuda.syncthreads()"}  # words of a language that a lesson teaches: where they stand is the answer
ALLOWED = re.compile(r"[0-9]{2}_\w+\.ipynb|checks/\w+\.safetensors")


def faults_of(stage, notebook, files, *, secrets=(), say=lambda text: None):
    """Every fault of a stage about to be released; none means it may be."""
    say("proving the exercises")
    faults = [fault for exercise in of_stage(stage).values() for fault in faults_of_exercise(exercise)]
    say("looking for leaks")
    faults += leaks(stage, files, secrets)
    say("running the solved notebook")
    faults += faults_of_run(stage, notebook, files)
    say("running the student's notebook")
    faults += faults_of_stub_run(stage, nbformat.reads(files[f"{stage}.ipynb"].decode(), as_version=4), files)
    return faults


def faults_of_exercise(exercise, seeds=None):
    """The promises of one exercise, on the visible cases and on fresh ones."""
    for seed in seeds or (exercise.visible_seed, "proof"):
        sheet = exercise.sheet(seed)

        def verdict(function, sheet=sheet):
            return judge(sheet, [attempt(function, case) for case in sheet["cases"]])

        right = verdict(exercise.model)
        if right.points != right.maximum:
            yield f"{exercise.name}: the model answer gets {right.points:g} of {right.maximum:g}: {right.symptom}"
        untouched = verdict(_stub)
        if untouched.status != "not attempted" or untouched.points:
            yield f"{exercise.name}: an untouched stub is {untouched.status} with {untouched.points:g} points"
        for wrong in exercise.misconceptions:
            made = verdict(wrong.wrong)
            if made.misconceptions != (wrong.name,):
                diagnosis = ", ".join(made.misconceptions) or made.status
                yield f"{exercise.name}: the misconception “{wrong.name}” is diagnosed as {diagnosis}"
            if made.maximum and made.points >= made.maximum:
                yield f"{exercise.name}: the misconception “{wrong.name}” gets full points"


def _stub(*args):
    raise NotImplementedError


def leaks(stage, files, secrets=()):
    """What the built release gives away: solutions, hidden markers, paths of this machine, secrets, stray files."""
    home = str(Path.home())
    words = [b"BEGIN SOLUTION", b"END SOLUTION", b"HIDDEN TEST", b"BEGIN MARK SCHEME", *secrets]
    words += [home.encode()] if len(home) > 1 else []
    for name, content in files.items():
        if not ALLOWED.fullmatch(name):
            yield f"{name}: this kind of file has no place in a release"
        for word in words:
            if word in content:
                shown = "the class secret" if word in secrets else word.decode()
                yield f"{name}: contains {shown}"
    notebook = nbformat.reads(files[f"{stage}.ipynb"].decode(), as_version=4)
    told = [exercise for exercise in of_stage(stage).values() if exercise.reveal == "worked"]
    given = {line for exercise in told for line in _lines("\n".join(model_source(exercise.model, solution=True)))}
    given |= {
        line for exercise in of_stage(stage).values() for line in _lines(model_source(exercise.model, solution=True)[0])
    }
    given |= VOCABULARY
    for name, exercise in of_stage(stage).items():
        answer = _lines(model_source(exercise.model, solution=True)[1]) - given
        for cell in notebook.cells:
            if cell.cell_type == "code":
                for line in sorted(answer & _lines(cell.source)):
                    yield f"cell {cell.id}: contains `{line}` from the solution of {name}"


def _lines(source):
    """The lines of code that say something, normalized: `w=w+1 # so` and `w = w + 1` are one line."""
    found = set()
    for line in source.splitlines():
        text = line.strip()
        try:
            text = ast.unparse(ast.parse(text))
        except (SyntaxError, ValueError):  # the head of a block, or half of a statement
            text = " ".join(text.split())
        if len(text) >= SHORT:
            found.add(text)
    return found


def faults_of_run(stage, notebook, files):
    """The solved notebook runs whole: no error, alt text, within its budget; nothing on stderr where nbgrader looks."""
    ran, trouble = execute(notebook, files)
    faults = [f"cell {trouble[0]}: {trouble[1]}"] if trouble else []
    graded_seconds = 0.0
    for cell in ran.cells:
        if cell.cell_type != "code":
            continue
        role = cell.metadata["threshold"]["role"]
        if role in ("setup", "solution"):
            graded_seconds += cell.metadata.get("seconds", 0.0)
        for output in cell.outputs:
            if role != "demo" and output.output_type == "stream" and output.name == "stderr":
                faults.append(f"cell {cell.id}: writes to stderr: {clean(output.text[:80])}")
            if "image/png" in output.get("data", {}) and not output.metadata.get("image/png", {}).get("alt"):
                faults.append(f"cell {cell.id}: a figure without alternative text; show it with plot.show(fig, alt=…)")
    if graded_seconds > GRADED_SECONDS:
        faults.append(
            f"{stage}: setup and solution cells take {graded_seconds:.0f} s, {GRADED_SECONDS:.0f} s are allowed"
        )
    return faults


def faults_of_stub_run(stage, notebook, files):
    """The student's notebook runs up to the first check and says there that nothing is written yet."""
    graded = [cell.id for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    _, trouble = execute(notebook, files)
    if graded and trouble is None:
        return [f"{stage}: the student's notebook passes a check although nothing is written"]
    if trouble and (not graded or trouble[0] != graded[0] or "not written yet" not in trouble[1]):
        return [f"cell {trouble[0]}: stops the student's notebook: {trouble[1]}"]
    return []


def _predict_something(notebook, folder):
    """Store a prediction wherever the notebook asks for one: the demonstrations behind it wait for it."""
    asked = re.findall(r'^predict\(\s*"([^"]+)"', "\n".join(cell.source for cell in notebook.cells), re.MULTILINE)
    stored = {"format": 1, "prediction": dict.fromkeys(asked, "a guess")}
    (folder / ".threshold").mkdir()
    (folder / ".threshold" / "progress.json").write_text(json.dumps(stored))


def execute(notebook, files):
    """Run a notebook beside its files: (the notebook with outputs, (cell id, error) of the first failure or None)."""
    notebook = nbformat.from_dict(notebook)
    with tempfile.TemporaryDirectory(prefix="threshold-run-") as folder:
        for name, content in files.items():
            (Path(folder) / name).parent.mkdir(exist_ok=True)
            (Path(folder) / name).write_bytes(content)
        _predict_something(notebook, Path(folder))
        quiet = ["--IPKernelApp.log_level=40"]  # it would warn on our stderr of what concerns shared machines
        client = NotebookClient(
            notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": folder}}, extra_arguments=quiet
        )
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                if cell.cell_type != "code":
                    continue
                start = time.perf_counter()
                try:
                    client.execute_cell(cell, index)
                except CellExecutionError as fault:
                    return notebook, (cell.id, clean(f"{fault.ename}: {fault.evalue}"))
                except (CellTimeoutError, DeadKernelError) as fault:
                    return notebook, (cell.id, type(fault).__name__)
                cell.metadata["seconds"] = time.perf_counter() - start
    return notebook, None
