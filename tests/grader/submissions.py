"""Submissions as students make them: the released notebook, with sources put into its cells."""

import json

import nbformat
from nbformat.v4 import new_code_cell

from grader.ahead import look_at
from grader.exercises import of_stage
from grader.grading import finish
from grader.nbgrader import isolation
from grader.notebook import instructor_notebook, model_source, student_notebook
from grader.release import Proved, build, student_files

STUDENT = "ada"


def released_unproved(classroom, stage):
    """Release a stage without its proofs, which are other tests' business."""
    build(classroom, Proved(stage, instructor_notebook(stage), student_files(stage)))


def solved(stage, *, own=(), **sources):
    """The student's notebook with model answers; `sources` replace some (None leaves the stub), `own` adds cells."""
    notebook = student_notebook(instructor_notebook(stage))
    for name, exercise in of_stage(stage).items():
        source = sources.get(name, "\n".join(model_source(exercise.model, solution=True)))
        if source is not None:
            cell_of(notebook, name).source = source
    first_check = next(i for i, cell in enumerate(notebook.cells) if cell.id.startswith("check-"))
    for k, source in enumerate(own):
        notebook.cells.insert(first_check + k, new_code_cell(source, id=f"own-{k}"))
    return notebook


def cell_of(notebook, cell_id):
    return next(cell for cell in notebook.cells if cell.id == cell_id)


def submit(classroom, stage, notebook, student=STUDENT, **files):
    """Put a submission where nbgrader's collect would; returns its folder."""
    folder = classroom.folder("submitted", stage, student)
    folder.mkdir(parents=True, exist_ok=True)
    content = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    (folder / f"{stage}.ipynb").write_bytes(content)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def grade_one(classroom, api, stage, student):
    """The Result of one submission, without what else `threshold grade` does."""
    return finish(classroom, api, stage, look_at(classroom.root, stage, student, isolation(), again=False))


def graded_outputs(classroom, stage, student=STUDENT):
    """Exercise -> the outputs of its graded cell, in the autograded notebook."""
    path = classroom.folder("autograded", stage, student) / f"{stage}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    return {
        cell.metadata.nbgrader.grade_id.removeprefix("check-"): cell.outputs
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def text_of(outputs):
    """Everything a student reads in a cell's outputs."""
    parts = []
    for output in outputs:
        parts.append(output.get("text", "") + "\n".join(output.get("traceback", [])))
    return "\n".join(parts)
