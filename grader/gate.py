"""Before anything else looks at a submission: only plain files, only a notebook that can be read, only our cells.

Two steps. `admit` looks at the folder, before nbgrader copies or parses anything in it. `restore` looks at the cells:
the release says which cells are graded and how; the submission contributes sources, never metadata.
What is taken out is kept in `set_aside/` and named in a note the student reads.
"""

import itertools
import json
import os
import re
import shutil
import time
import warnings

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader.utils import parse_utc

from grader.outputs import kept

MAX_NOTEBOOK = 8 << 20
MAX_FOLDER = 64 << 20
MAX_FILES = 500
MAX_CELLS = 1000
MAX_SOURCE = 200_000

COPY = "copy"  # the role of a cell whose name another one has already; none that runs (nbgrader.RUNS)
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")

NOTES = {
    "link": "`{name}` was a link and is left out: submit the file itself.",
    "large": "`{name}` is too large ({size:.0f} MB) and is left out.",
    "many": "The folder holds more than {most} files; `{name}` and those after it are left out.",
    "missing": "There was no notebook `{name}` in the submission, so there was nothing to grade. Submit it again.",
    "renamed": "The notebook was found under the name `{name}`; please keep its name.",
    "unreadable": "The notebook `{name}` cannot be read ({why}), so there was nothing to grade. Submit it again.",
    "cell missing": "The cell `{name}` was missing and was put back as it was released.",
    "cell copied": "There were several cells `{name}`: the first one counts, and the others do not run.",
    "cells": "The notebook has more than {most} cells; the rest is left out.",
    "timestamp": "The submission's `timestamp.txt` does not hold a time and is left out.",
    "kernel": "The notebook named the kernel `{name}`; it was graded with Python 3.",
}


def admit(folder, stage, release):
    """Make a submitted folder safe to copy and parse; returns the notes for the student, and the notebook in it.

    folder: submitted/STUDENT/STAGE. release: the released notebook (bytes), which stands in where there is none.
    """
    notes = _only_plain_files(folder) + _only_a_time(folder)
    path = folder / f"{stage}.ipynb"
    if path.is_dir():
        _set_aside(folder, path)
    if not path.is_file():
        notes += _find_renamed(folder, path)
    if not path.is_file():
        notes.append(NOTES["missing"].format(name=path.name))
        path.write_bytes(release)
    try:
        notebook = _repaired(folder, path, *_looked_at(path))
    except Unreadable as why:
        notes.append(NOTES["unreadable"].format(name=path.name, why=why))
        _set_aside(folder, path)
        path.write_bytes(release)
        notebook = nbformat.reads(release.decode(), as_version=4)
    return notes, notebook


def nothing_to_grade(notes):
    """The note that says that a released notebook stands in for a submission, or ''."""
    return next((note for note in notes if "nothing to grade" in note), "")


class Unreadable(Exception):
    """A file is no notebook, and why, in words."""


def restore(notebook, release):
    """The submission's sources in the release's cells: (notebook, notes). Everything else becomes a plain cell.

    A second cell of one name keeps its source and its place; it does not run, or the last would be judged.
    """
    ours = {_grade_id(cell): cell for cell in release.cells if _grade_id(cell)}
    by_cell_id = {cell.id: _grade_id(cell) for cell in release.cells if _grade_id(cell)}
    roles = {cell.id: cell.metadata.get("threshold", {}).get("role", "prose") for cell in release.cells}
    notes, cells, seen = [], [], set()
    if len(notebook.cells) > MAX_CELLS:
        notes.append(NOTES["cells"].format(most=MAX_CELLS))
    for cell in notebook.cells[:MAX_CELLS]:
        name = _grade_id(cell) if _grade_id(cell) in ours else by_cell_id.get(str(cell.get("id")))
        if name in seen:
            notes.append(NOTES["cell copied"].format(name=name))
            cells.append(_plain(cell, COPY))
        elif name is None:
            cells.append(_plain(cell, roles.get(str(cell.get("id")), "own")))
        else:
            seen.add(name)
            cells.append(_ours(ours[name], cell))
    for name, cell in ours.items():
        if name not in seen:
            notes.append(NOTES["cell missing"].format(name=name))
            _insert(cells, nbformat.from_dict(cell), list(ours))
    kernel = notebook.metadata.get("kernelspec")
    kernel = kernel.get("name", "python3") if isinstance(kernel, dict) else "python3"
    if kernel != release.metadata.kernelspec.name:
        notes.append(NOTES["kernel"].format(name=str(kernel)[:40]))
    _fresh_ids(cells)
    metadata = nbformat.from_dict(release.metadata)
    return nbformat.NotebookNode(release | {"cells": cells, "metadata": metadata}), notes


def note_cell(notes):
    """The notes as a cell at the top of the graded notebook."""
    lines = "\n".join(f"- {note}" for note in notes)
    return new_markdown_cell(f"**About your submission**\n\n{lines}", id="threshold-notes")


def _looked_at(path):
    """(notebook, whether it had to be mended: double ids, missing ids, cells without a source). Raises Unreadable."""
    if path.stat().st_size > MAX_NOTEBOOK:
        raise Unreadable(f"larger than {MAX_NOTEBOOK >> 20} MB")
    if path.stat().st_size == 0:
        raise Unreadable("it is empty")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Unreadable("it is not text") from None
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    except ValueError:
        raise Unreadable("it is cut off or damaged") from None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list) or content.get("nbformat") != 4:
        raise Unreadable("it is not a Jupyter notebook of version 4")
    try:
        with warnings.catch_warnings(record=True) as mended:
            warnings.simplefilter("always")
            notebook = nbformat.read(path, as_version=4)
        formed = [_formed(cell) for cell in notebook.cells]
    except Exception as fault:  # nbformat raises what the content makes it raise
        raise Unreadable(f"its form is broken: {type(fault).__name__}") from None
    changed, notebook.cells = formed != notebook.cells, formed
    return notebook, changed or bool(mended)


def _repaired(folder, path, notebook, mended):
    """The notebook as it is in the file, which is written where it had to be mended; the original is kept.

    Every later step would warn of it again. Halves of characters, which JSON can spell (as \\ud800) and no file can
    hold, become question marks.
    """
    if not mended and b"\\ud" not in path.read_bytes().lower():
        return notebook
    text = json.dumps(notebook, ensure_ascii=False, indent=1)
    whole = text.encode("utf-8", "replace")
    if mended or whole.decode() != text:
        _set_aside(folder, path)
        path.write_bytes(whole)
    return nbformat.reads(whole.decode(), as_version=4)


def _formed(cell):
    """A cell with everything that later steps rely on."""
    cell = dict(cell)
    kind = cell.get("cell_type")
    cell["cell_type"] = kind if kind in ("code", "markdown", "raw") else "raw"
    cell["source"] = cell["source"] if isinstance(cell.get("source"), str) else ""
    cell["metadata"] = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
    return nbformat.from_dict(cell)


def _only_plain_files(folder):
    notes, total, count = [], 0, 0
    for path in sorted(folder.rglob("*")):
        name = _readable(path.relative_to(folder))
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            notes.append(NOTES["link"].format(name=name))
            _set_aside(folder, path)
        elif path.is_file():
            count, total = count + 1, total + path.stat().st_size
            if count > MAX_FILES:
                notes.append(NOTES["many"].format(most=MAX_FILES, name=name))
                _set_aside(folder, path)
            elif total > MAX_FOLDER:
                notes.append(NOTES["large"].format(name=name, size=path.stat().st_size / 1e6))
                total -= path.stat().st_size
                _set_aside(folder, path)
    return notes


def _readable(path):
    """A path as a text that a note can hold: to the system names are bytes, of any kind."""
    return os.fsencode(path).decode(errors="replace")


def _only_a_time(folder):
    """nbgrader ends the whole run over a timestamp that it cannot read."""
    path = folder / "timestamp.txt"
    try:
        said = path.read_text(encoding="utf-8").strip() if path.exists() else ""
        if said:
            parse_utc(said)
        return []
    except Exception:  # a folder; or the parser raises what the content makes it raise
        _set_aside(folder, path)
        return [NOTES["timestamp"]]


def _find_renamed(folder, path):
    """The one notebook that is there under another name, copied to the right one."""
    others = [other for other in folder.glob("*.ipynb") if other.is_file() and _is_notebook(other)]
    if len(others) != 1:
        return []
    shutil.copyfile(others[0], path)
    return [NOTES["renamed"].format(name=_readable(others[0].name))]


def _is_notebook(path):
    try:
        return bool(_looked_at(path))
    except Unreadable:
        return False


def _set_aside(folder, path):
    """Move a file (or a link itself) out of submitted/, never losing it: set_aside/STUDENT/STAGE/TIME/…"""
    student, stage = folder.parent.name, folder.name
    place = folder.parent.parent.parent / "set_aside" / student / stage / time.strftime("%Y%m%d-%H%M%S")
    target = place / path.relative_to(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(path, target)


def _grade_id(cell):
    about = cell.metadata.get("nbgrader")
    name = about.get("grade_id") if isinstance(about, dict) else None
    return name if isinstance(name, str) else None


def _ours(released, submitted):
    cell = nbformat.from_dict(released)
    if cell.metadata.nbgrader.solution:
        cell.source = submitted.source[:MAX_SOURCE]
        if cell.cell_type == "code":
            cell.outputs = kept(submitted.get("outputs"))
    return cell


def _plain(cell, role):
    """A student's own cell, or prose, setup and demonstrations: the source and a role, nothing else of force."""
    name = str(cell.get("id"))
    name = name if CELL_ID.fullmatch(name) else "cell"
    about = {
        "id": name,
        "metadata": {"threshold": {"role": role}},
        "source": cell.source[:MAX_SOURCE],
    }
    if cell.cell_type == "code":
        about |= {"cell_type": "code", "execution_count": None, "outputs": kept(cell.get("outputs"))}
    else:
        about["cell_type"] = "markdown"
    return nbformat.from_dict(about)  # new_code_cell would check each cell; the whole notebook is checked once


def _insert(cells, cell, order):
    """Put a missing cell behind the one the release has before it."""
    before = order[: order.index(_grade_id(cell))]
    places = [i for i, other in enumerate(cells) if _grade_id(other) in before]
    cells.insert(places[-1] + 1 if places else 0, cell)


def _fresh_ids(cells):
    """Cell ids must be distinct, or nbformat complains on every later step; the graded cells keep theirs."""
    taken, seen, numbers = {cell.id for cell in cells}, set(), itertools.count()
    for cell in sorted(cells, key=lambda cell: _grade_id(cell) is None):
        if cell.id in seen:
            cell.id = next(name for k in numbers if (name := f"cell-{k}") not in taken)
        seen.add(cell.id)
