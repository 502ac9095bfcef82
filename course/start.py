"""The start page: a notebook of two cells in the workspace, the map of the course and a word of advice.

`threshold learn` draws the map before JupyterLab opens; `start.show()` draws it again, whenever the page is looked at.
What only the first of the two needs is imported there: the other keeps somebody waiting.
"""

from pathlib import Path

from course import coursemap, progress
from course.files import put
from course.guard import GUARD
from course.kernelinfo import KERNEL, LANGUAGE

PAGE, MAP = "start_here.ipynb", "course-map"
SOURCE = f"{GUARD}\nfrom course import start\n\nstart.show()"
ADVICE = """\
### How it works

- **Open a stage** on the map. Read, and run each cell with <kbd>Shift</kbd>+<kbd>Enter</kbd>.
- **Write the function** where it says `raise NotImplementedError`, then run the `check` below it. It tells you what is
  right, what is not, and asks the question that leads on.
- **A cell at work shows `[*]`**, a finished one its number, as in `[7]`. <kbd>■</kbd> in the bar above the notebook stops
  what takes too long.
- **What passes is yours to keep.** It goes into `my_library.py`, a file in this folder. Change it as you like:
  what you changed there stays.
- **Nothing leaves this computer.** What you passed is remembered in `.threshold` in this folder, and nowhere else. You
  need no network.
- **Stop whenever you like.** `threshold learn` brings you back here, and never overwrites what you wrote.
  Python itself forgets: in a notebook of yesterday, click where you stopped and choose *Run → Run All Above Selected
  Cell*.
"""


def show(folder=None):
    """Display the map of the workspace `folder` (default: the one we are in)."""
    from IPython.display import display

    display(bundle(folder or progress.workspace()), raw=True)


def bundle(folder):
    """The map of a workspace, for display() and for a saved output."""
    standings = coursemap.survey(folder)
    return {"text/html": coursemap.page(standings), "text/plain": coursemap.text(standings)}


def notebook():
    """The start page as a file, its map not drawn yet."""
    from nbformat import v4

    from course import merge

    hidden = {"jupyter": {"source_hidden": True}, "editable": False, "deletable": False}
    cells = [
        v4.new_code_cell(SOURCE, id=MAP, metadata=hidden),
        v4.new_markdown_cell(ADVICE, id="how-it-works", metadata={"editable": False, "deletable": False}),
    ]
    return merge.write(v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": LANGUAGE}))


def refresh(folder):
    """Draw the map into the start page of a workspace, so that it is there before any kernel runs."""
    from nbformat import v4

    from course import merge

    path = Path(folder) / PAGE
    book = merge.read(path.read_bytes())
    for cell in book.cells:
        if cell.get("id") == MAP:
            cell.outputs = [v4.new_output("display_data", data=bundle(folder))]
    data = merge.write(book)
    if data != path.read_bytes():
        put(path, data)
    _trust(book)


def _trust(book):
    """Sign the page if every output in it is ours."""
    from nbformat.sign import NotebookNotary

    if not any(cell.get("outputs") for cell in book.cells if cell.get("id") != MAP):
        notary = NotebookNotary()
        notary.sign(book)
        notary.store.close()
