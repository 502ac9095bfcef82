"""A stage's source becomes the instructor's notebook, and that the student's.

One marker line, `# %% exercise="dense_forward"`, expands to two cells: the function (signature, docstring, and the
model answer between solution marks) and a locked, graded `check(dense_forward)`; between them, where the stub gives its
lines away out of order, a third one that moves them. Cell ids come from names and contents, so a rebuild is the same to
the byte.

What no program can judge, a person does: `# %% [markdown] manual="report" points=20` is a text that the student goes on
writing. Notes for whoever grades it stand between the solution marks and are not released.
"""

import ast
import hashlib
import inspect
import re
import textwrap

import jupytext
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.preprocessors import CheckCellMetadata, ClearOutput, ClearSolutions, ComputeChecksums, LockCells

from course.catalog import STAGES
from course.guard import GUARD
from course.plainly import is_compiled
from grader.columns import fit
from grader.exercises import of_stage
from grader.stages import source_of

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = "raise NotImplementedError  # your code replaces this line"
ROLES = ("setup", "solution", "check", "demo", "prose")
TASKS = {
    "fill_in": "Fill in every ____ (and take away the #):",
    "parsons": "These lines do it, out of order and without their indentation (the cell below moves them):",
}
DECORATORS = {"kernel": "@cuda.jit"}  # of an exercise's kind: the line above its `def`
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class SourceFault(Exception):
    """A stage's source cannot become a notebook: the stage, the cell, and why."""


def instructor_notebook(stage):
    """The notebook of a stage with solutions in it, ready for nbgrader."""
    source = jupytext.reads(source_of(stage), fmt="py:percent")
    mine = of_stage(stage)
    minutes = next((entry.minutes for entry in STAGES if entry.name == stage), 0)
    total = sum(exercise.total for exercise in mine.values()) + sum(
        cell.metadata.get("points", 0) for cell in source.cells if "manual" in cell.metadata
    )
    cells, used = [], []
    for number, cell in enumerate(source.cells, 1):
        name = cell.metadata.get("exercise")
        if "manual" in cell.metadata:
            cells.append(_manual_cell(cell, f"{stage}, cell {number}"))
        elif name is None:
            cells.append(_plain_cell(cell, total, minutes, f"{stage}, cell {number}"))
        elif name not in mine or name in used:
            why = "used twice" if name in used else f"no exercise of this stage; there are {', '.join(mine)}"
            raise SourceFault(f"{stage}, cell {number}: exercise={name!r} is {why}")
        else:
            used.append(name)
            cells += [_solution_cell(mine[name]), *_puzzle_cell(mine[name]), _check_cell(mine[name])]
    missing = sorted(set(mine) - set(used))
    if missing:
        lines = ", ".join(f'`# %% exercise="{name}"`' for name in missing)
        raise SourceFault(f"{stage}: no cell for the exercises {', '.join(missing)}; write {lines} where they belong")
    cells.insert(next((i for i, cell in enumerate(cells) if cell.cell_type == "code"), len(cells)), _guard_cell())
    _distinct_ids(cells, stage)
    metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}, "threshold": {"stage": stage}}
    return new_notebook(cells=cells, metadata=metadata)


def student_notebook(notebook):
    """The instructor's notebook as a student gets it; the same steps as `nbgrader generate_assignment`."""
    notebook = nbformat.from_dict(notebook)
    clear = ClearSolutions(code_stub={"python": STUB})
    for step in (LockCells(), clear, ClearOutput(), CheckCellMetadata(), ComputeChecksums()):
        notebook, _ = step.preprocess(notebook, {})
    return notebook


def points_of(notebook):
    """All points of a notebook."""
    return sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in notebook.cells)


def to_bytes(notebook):
    """A notebook's file, always the same for the same cells."""
    return (nbformat.writes(notebook, version=4, indent=1) + "\n").encode()


def model_source(function, *, solution):
    """(head, body) of a function's source: signature with docstring, and what it does, without decorators.

    But for one: where the model is compiled, the head begins with the @njit that a student would write.
    """
    source = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(source).body[0]
    lines = source.splitlines()
    docstring = node.body[0] if ast.get_docstring(node) is not None else None
    first = node.body[1 if docstring else 0]
    split = docstring.end_lineno if docstring else first.lineno - 1
    head, body = lines[node.lineno - 1 : split], lines[split : node.end_lineno]
    if not docstring:
        raise SourceFault(f"{function.__name__}: the model answer has no docstring")
    head = [*_njit(function), *head]
    return fit(_without_raises("\n".join(head))), "\n".join(body) if solution else f"    {STUB}"


def _njit(function):
    """The decorator, as a list of lines, of what numba compiles for the CPU."""
    if not is_compiled(function):
        return []
    return ["@njit(parallel=True)" if function.targetoptions.get("parallel") else "@njit"]


def _without_raises(head):
    """Signature and docstring without "Raises …", which comes last: a learner may trust the arguments."""
    kept, raises, _ = head.partition("Raises ")
    if not raises:
        return head
    quotes = head.rstrip()[-3:]
    return f"{kept.rstrip()}\n    {quotes}" if "\n" in kept.rstrip().partition(quotes)[2] else kept.rstrip() + quotes


def _solution_cell(exercise):
    head, body = pieces(exercise)[0], model_source(exercise.model, solution=True)[1].strip("\n")
    name = exercise.name
    if exercise.reveal == "worked":
        cell = new_code_cell(f"{head}\n{body}", id=name)
        cell.metadata["threshold"] = {"role": "solution"}
        return cell
    parts = [head, *scaffold(exercise, body), f"    {BEGIN}", body, f"    {END}"]
    return _graded(new_code_cell("\n".join(parts), id=name), "solution", name, solution=True)


def pieces(exercise):
    """(head, lines) of a stub: signature and docstring, and the lines of the answer that its `reveal` shows."""
    head, body = model_source(exercise.model, solution=True)
    head = "\n".join(filter(None, (DECORATORS.get(exercise.kind), head)))
    return head, _shown_lines(exercise, body)


def scaffold(exercise, body):
    """What a stub reveals of its body, as comments: lines with blanks, or lines out of order; nothing as a rule.

    One space behind the #, so that Ctrl+/ leaves each line where a body stands.
    """
    lines, task = _shown_lines(exercise, body), TASKS.get(exercise.reveal)
    return [f"    # {task}", *(f"    # {line}".rstrip() for line in lines), "    #"] if task else []


def _shown_lines(exercise, body):
    lines = _without_guards(body)
    if exercise.reveal == "fill_in":
        body = "\n".join(lines)
        for blank in exercise.blanks:
            if blank not in body:
                raise SourceFault(f"{exercise.name}: the blank {blank!r} is not in the model answer")
            body = body.replace(blank, "____")
        return body.splitlines()
    if exercise.reveal == "parsons":
        lines = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
        return sorted(lines, key=lambda line: hashlib.sha256(f"{exercise.name}/{line}".encode()).digest())
    return []


def _without_guards(body):
    """The lines of a body without "if …: raise": as in the docstring, a learner may trust the arguments."""
    lines = textwrap.dedent(body).splitlines()
    for node in reversed(ast.parse("\n".join(lines)).body):
        if isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise):
            del lines[node.lineno - 1 : node.end_lineno]
    return lines


def _puzzle_cell(exercise):
    """Below a stub whose lines are out of order: the widget that moves them."""
    if exercise.reveal != "parsons":
        return []
    cell = new_code_cell(f'from course import puzzle\n\npuzzle("{exercise.name}")', id=f"puzzle-{exercise.name}")
    cell.metadata["threshold"] = {"role": "demo"}
    return [cell]


def _check_cell(exercise):
    name = exercise.name
    cell = new_code_cell(f"check({name})", id=f"check-{name}")
    if exercise.reveal == "worked":
        cell.metadata["threshold"] = {"role": "check"}
        return cell
    return _graded(cell, "check", f"check-{name}", grade=True, locked=True, points=exercise.total)


def _graded(cell, role, grade_id, *, solution=False, grade=False, locked=False, points=None):
    cell.metadata["nbgrader"] = {
        "cell_type": cell.cell_type,
        "grade": grade,
        "grade_id": grade_id,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    } | ({"points": points} if grade else {})
    cell.metadata["threshold"] = {"role": role}
    return cell


def _manual_cell(cell, where):
    """A text of the student's own, which a person scores: nbgrader's manually graded answer."""
    name, points = cell.metadata["manual"], cell.metadata.get("points")
    if cell.cell_type != "markdown" or not isinstance(points, (int, float)) or not points > 0:
        raise SourceFault(f"{where}: manual={name!r} must be [markdown] and have points above 0")
    if not re.search(rf"^{BEGIN}$.+^{END}$", cell.source, re.MULTILINE | re.DOTALL):
        raise SourceFault(f"{where}: manual={name!r} has no notes for graders between {BEGIN} and {END}")
    return _graded(new_markdown_cell(cell.source, id=name), "solution", name, solution=True, grade=True, points=points)


def _guard_cell():
    """The first code cell: it says what to install where the course is missing; folded away where it is not."""
    cell = new_code_cell(GUARD.rstrip(), id="installed")
    cell.metadata |= {"threshold": {"role": "setup"}, "jupyter": {"source_hidden": True}}
    return cell


def _plain_cell(cell, total, minutes, where):
    source = cell.source
    if cell.cell_type == "markdown":
        source = source.replace("{points}", f"{total:g}").replace("{minutes}", str(minutes))
        new, role = new_markdown_cell(source), "prose"
    else:
        new, role = new_code_cell(source), cell.metadata.get("role", "demo")
    if role not in ROLES:
        raise SourceFault(f"{where}: role={role!r} is none of {', '.join(ROLES)}")
    digest = hashlib.sha256(f"{role}\n{source}".encode()).hexdigest()[:12]
    new.id = cell.metadata.get("id") or f"{role}-{digest}"
    new.metadata["threshold"] = {"role": role}
    return new


def _distinct_ids(cells, stage):
    seen = set()
    for cell in cells:
        if cell.id in seen:
            raise SourceFault(f"{stage}: two cells have the id {cell.id!r}; give one of them an id of its own")
        seen.add(cell.id)
