"""What an instructor has and students have not: syllabus, solved notebooks, quiz key, rubrics, from the course's sources.

Nothing here is written twice: minutes come from the catalog, goals from each lesson's first cell, points and usual
mistakes from the exercises. It all goes into one folder of its own, never where releases are made or handed out.
"""

import re
from itertools import pairwise
from pathlib import Path

from nbgrader.utils import is_grade, is_solution

from course import questions
from course.catalog import STAGES
from course.errors import BadInput
from course.files import put
from grader.exercises import of_stage
from grader.notebook import instructor_notebook, points_of, to_bytes
from grader.release import sheet_files
from grader.rubric import NOTES

HANDED_OUT = ("release", "dist", "source", "exchange", "feedback")  # folders of a class that students get things from
GOALS = re.compile(r"\*\*You will be able to\*\*\n((?:[-*] .+\n?(?: +.+\n?)*)+)")


def material(stages):
    """Every file of the material: path -> bytes."""
    notebooks = {stage: instructor_notebook(stage) for stage in stages}
    files = {f"solved/{stage}/{stage}.ipynb": to_bytes(notebook) for stage, notebook in notebooks.items()}
    files |= {f"solved/{stage}/{name}": data for stage in stages for name, data in sheet_files(stage).items()}
    texts = {
        "syllabus.md": syllabus(notebooks),
        "quiz_key.md": quiz_key(stages),
        "rubrics.md": rubrics(notebooks),
    }
    return files | {name: text.encode() for name, text in texts.items()}


def put_material(classroom, stages, folder=None):
    """Write the material of these stages; returns its folder. Raises BadInput for one that students get things from."""
    folder = Path(folder or classroom.root / "material").resolve()
    for name in HANDED_OUT:
        if folder.is_relative_to(classroom.root / name):
            raise BadInput(f"{folder} is where students get things from, and this holds every answer: choose another.")
    if folder.is_file():
        raise BadInput(f"{folder} is a file: choose a folder with --to.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in material(stages).items():
        put(folder / name, content)
    return folder


def syllabus(notebooks):
    """Stages with minutes, points and goals. notebooks: stage -> the instructor's notebook."""
    entries = {entry.name: entry for entry in STAGES}
    rows, parts, minutes, total = [], [], 0, 0.0
    for stage, notebook in notebooks.items():
        entry, points = entries[stage], points_of(notebook)
        minutes, total = minutes + entry.minutes, total + points
        graded = [exercise for exercise in of_stage(stage).values() if exercise.reveal != "worked"]
        by_hand = [cell for cell in notebook.cells if _by_hand(cell)]
        rows.append(f"| {entry.number} | {entry.title} | {entry.minutes} | {points:g} | {len(graded) + len(by_hand)} |")
        parts.append(f"## {entry.number} · {entry.title}\n\n{entry.outcome}\n\n{goals_of(notebook)}")
        parts += [
            f"- `{exercise.name}`, {exercise.total:g} points: {_first_line(exercise.model)}" for exercise in graded
        ]
        parts += [f"- {_name(cell)}, {cell.metadata.nbgrader.points:g} points, graded by a person" for cell in by_hand]
    head = ["# Syllabus", "", "| | stage | minutes | points | graded |", "|---|---|---:|---:|---:|", *rows]
    head += [f"| | **all** | **{minutes}** | **{total:g}** | |", ""]
    return _text([*head, *_spaced(parts)])


def quiz_key(stages):
    """Every quiz question with its right choice, and why the others are not."""
    parts = ["# Quiz key", "Quizzes are never graded; a lesson's look back to the lessons named in brackets."]
    for stage in stages:
        parts.append(f"## {stage}")
        for number, question in enumerate(questions.load(stage), 1):
            parts.append(f"{number}. [{question.lesson}] {question.text}")
            for choice in question.choices:
                parts.append(
                    f"   - {'**' * choice.right}{choice.letter}) {choice.text}{'**' * choice.right} {choice.why}"
                )
    return _text(_spaced(parts))


def rubrics(notebooks):
    """How points come about: each exercise's split and usual mistakes; what a person grades, with notes and model answer."""
    parts = ["# Rubrics"]
    for stage, notebook in notebooks.items():
        parts.append(f"## {stage}")
        for exercise in of_stage(stage).values():
            split = ", ".join(f"{name} {points:g}" for name, points in exercise.points.items())
            parts.append(
                f"### `{exercise.name}` · {f'{exercise.total:g} points: {split}' if split else 'worked, no points'}"
            )
            parts += [f"- *{wrong.name}*: {wrong.hint}" for wrong in exercise.misconceptions]
        for cell in notebook.cells:
            if cell.id == "rubric":
                parts.append(re.sub(r"^#+", "###", cell.source))
            elif _by_hand(cell):
                parts.append(f"### {_name(cell)} · {cell.metadata.nbgrader.points:g} points, by a person")
                parts.append(NOTES.search(cell.source)[1].strip())
    return _text(_spaced(parts))


def goals_of(notebook):
    """The learning goals of a lesson, from its first cell; '' where it names none."""
    found = GOALS.search(notebook.cells[0].source + "\n")
    return f"You will be able to\n\n{found[1].strip()}\n" if found else ""


def _by_hand(cell):
    return is_grade(cell) and is_solution(cell)


def _name(cell):
    return cell.metadata.nbgrader.grade_id


def _first_line(function):
    return f"`{' '.join(function.__doc__.strip().splitlines()[0].split())}`"


def _spaced(parts):
    """Markdown wants an empty line before and after whatever is no line of a list."""
    lines, before = [], True
    for part in parts:
        item = bool(re.match(r"\s*- |\d+\. ", part))
        lines += [part] if item and before else ["", part]
        before = item
    return lines


def _text(lines):
    """Lines and paragraphs with at most one empty line between them; those within a paragraph's code are its own."""
    lines = [line.strip("\n") for line in lines]
    return "\n".join(line for before, line in pairwise(["", *lines]) if line or before).strip() + "\n"
