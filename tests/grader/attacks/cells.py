"""Notebooks whose cells are not what was handed out: changed points, copied, renamed and unlocked cells."""

import json

import nbformat

from tests.grader.attacks.registry import FULL, NAMES, STAGE, trouble
from tests.grader.submissions import cell_of


def edit(folder, change):
    """Read the submitted notebook, change it, write it back."""
    path = folder / f"{STAGE}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    path.write_text(json.dumps(notebook))


def spoil(notebook):
    """Wrong answers, so that what else a notebook claims must earn nothing."""
    for name in NAMES:
        cell_of(notebook, name).source = f"def {name}(*args):\n    return None"


@trouble(points=0)
def attack_points_raised(folder):
    def change(notebook):
        spoil(notebook)
        for name in NAMES:
            cell_of(notebook, f"check-{name}").metadata.nbgrader.points = 1000.0

    edit(folder, change)


@trouble(points=0)
def attack_check_replaced_by_its_points(folder):
    def change(notebook):
        spoil(notebook)
        for name in NAMES:
            cell_of(notebook, f"check-{name}").source = "10.0"

    edit(folder, change)


@trouble(points=0)
def attack_check_unlocked(folder):
    def change(notebook):
        spoil(notebook)
        for name in NAMES:
            cell = cell_of(notebook, f"check-{name}")
            cell.metadata.nbgrader |= {"locked": False, "solution": True, "checksum": "0"}
            cell.source = "10.0"

    edit(folder, change)


@trouble(points=0)
def attack_check_turned_to_text(folder):
    def change(notebook):
        spoil(notebook)
        for name in NAMES:
            cell = cell_of(notebook, f"check-{name}")
            cell.cell_type, cell.source = "markdown", "10 points"
            del cell["outputs"], cell["execution_count"]

    edit(folder, change)


@trouble(points=0)
def attack_outputs_of_success(folder):
    def change(notebook):
        spoil(notebook)
        for name in NAMES:
            cell = cell_of(notebook, f"check-{name}")
            cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "10.0"}, execution_count=1)]

    edit(folder, change)


@trouble(points=0)
def attack_cell_of_its_own_with_points(folder):
    def change(notebook):
        spoil(notebook)
        about = {"grade": True, "grade_id": "bonus", "locked": True, "points": 50, "schema_version": 3,
                 "solution": False, "task": False, "cell_type": "code"}  # fmt: skip
        notebook.cells.append(nbformat.v4.new_code_cell("50.0", metadata={"nbgrader": about}))

    edit(folder, change)


@trouble(points=FULL - 2, says="several cells `perceptron`: the first one counts, and the others do not run")
def attack_one_answer_under_two_names(folder):
    """The solution cell of one exercise claims to be another's: its function is found by name, the other's is a copy."""

    def change(notebook):
        cell_of(notebook, "weighted_sum").metadata.nbgrader.grade_id = "perceptron"

    edit(folder, change)


@trouble(says="several cells `check-perceptron`")
def attack_check_cell_copied(folder):
    edit(folder, lambda notebook: notebook.cells.append(nbformat.from_dict(cell_of(notebook, "check-perceptron"))))


@trouble(says="several cells `perceptron`")
def attack_answer_cell_copied(folder):
    edit(folder, lambda notebook: notebook.cells.append(nbformat.from_dict(cell_of(notebook, "perceptron"))))


@trouble(points=FULL - 2, says="several cells `perceptron`: the first one counts, and the others do not run")
def attack_answer_cell_copied_and_changed(folder):
    """A wrong answer, and a right one in a copy behind it: what is judged is what the page shows."""

    def change(notebook):
        notebook.cells.append(nbformat.from_dict(cell_of(notebook, "perceptron")) | {"id": "later"})
        cell_of(notebook, "perceptron").source = "def perceptron(x, w, b):\n    return None"

    edit(folder, change)


@trouble(says="several cells `perceptron`")
def attack_answer_cell_copied_and_spoiled(folder):
    """The other way round: the copy behind it would end in nothing, and does not run."""

    def change(notebook):
        copy = nbformat.from_dict(cell_of(notebook, "perceptron")) | {"id": "later"}
        notebook.cells.append(copy | {"source": "def perceptron(x, w, b):\n    return None"})

    edit(folder, change)


@trouble(says="`check-perceptron` was missing")
def attack_check_cell_deleted(folder):
    edit(folder, lambda notebook: notebook.cells.remove(cell_of(notebook, "check-perceptron")))


@trouble(points=FULL - 2, says="`perceptron` was missing")
def attack_answer_cell_deleted(folder):
    edit(folder, lambda notebook: notebook.cells.remove(cell_of(notebook, "perceptron")))


@trouble(points=0)
def attack_every_cell_deleted(folder):
    edit(folder, lambda notebook: notebook.cells.clear())


@trouble()
def attack_cells_in_another_order(folder):
    """Checks first: they are never what runs, so nothing depends on their places."""

    def change(notebook):
        notebook.cells.sort(key=lambda cell: not cell.id.startswith("check-"))

    edit(folder, change)


@trouble()
def attack_cell_ids_all_alike(folder):
    def change(notebook):
        for cell in notebook.cells:
            cell.id = "same"

    edit(folder, change)


@trouble(says="julia-1.9")
def attack_another_kernel(folder):
    def change(notebook):
        notebook.metadata["kernelspec"] = {"name": "julia-1.9", "display_name": "Julia", "language": "julia"}

    edit(folder, change)


@trouble()
def attack_metadata_of_no_form(folder):
    def change(notebook):
        for k, cell in enumerate(notebook.cells):
            if "nbgrader" not in cell.metadata:
                cell.metadata = {"nbgrader": [k], "threshold": "own", "tags": [["x"]] * 3, "collapsed": "no"}

    edit(folder, change)


@trouble(says="more than 1000 cells")
def attack_ten_thousand_cells(folder):
    edit(folder, lambda notebook: notebook.cells.extend(
        nbformat.v4.new_markdown_cell("x", id=f"c{k}") for k in range(10_000)))  # fmt: skip


@trouble()
def attack_a_cell_of_a_megabyte(folder):
    edit(folder, lambda notebook: notebook.cells.append(nbformat.v4.new_code_cell("# " + "x" * 1_000_000)))


@trouble()
def attack_text_that_is_no_text(folder):
    edit(folder, lambda notebook: notebook.cells.append(
        nbformat.v4.new_markdown_cell("\x00\x1b]0;title\x07 \u202e \ud800 ﷽" * 50)))  # fmt: skip
