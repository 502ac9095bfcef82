"""One notebook with every screen a learner meets below a cell, run in a real JupyterLab, in both themes.

python -m tests.browser.showcase .github/pictures      # takes the pictures of the README again
"""

import json
import sys
from contextlib import contextmanager
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook

from course import merge
from grader.notebook import KERNELSPEC
from grader.release import sheet_files
from tests.browser import conftest

NAME = "showcase.ipynb"
STAGES = ("01_one_neuron", "02_smooth_neurons", "05_backprop")
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
CELLS = {
    "setup": "import numpy as np\n\nfrom course import check, hint, predict, puzzle, quiz",
    "right": "def softmax(z):\n    e = np.exp(z - z.max(axis=1, keepdims=True))\n    return e / e.sum(axis=1, keepdims=True)\n\n"
    "check(softmax)",
    "slip": "def softmax(z):\n    e = np.exp(z - z.max(axis=0, keepdims=True))\n    return e / e.sum(axis=0, keepdims=True)\n\n"
    "check(softmax)",
    "threshold": "def perceptron(x, w, b):\n    z = np.sum(x * w) + b\n    return 1 if z > 0 else 0\n\ncheck(perceptron)",
    "unknown": "def dense_backward(dy, x, w):\n    dw = x.T @ dy\n    dw[:, 0] = 1\n    return dy @ w.T, dw, np.sum(dy, axis=0)\n\n"
    "check(dense_backward)",
    "stub": "def perceptron(x, w, b):\n    raise NotImplementedError\n\ncheck(perceptron)",
    "hint": "hint(softmax)",
    "predict": 'predict("rows", "How many of the four rows of XOR can one neuron get right?", ["4", "3", "2", "1 or none"])',
    "quiz": 'quiz("01_one_neuron")',
    "puzzle": 'puzzle("softmax_cross_entropy_backward")',
}
FAILS = ("slip", "threshold", "unknown", "stub")
PICTURES = {
    "slip": "check",
    "threshold": "perceptron",
    "hint": "hint",
    "quiz": "quiz",
    "puzzle": "puzzle",
}  # cell -> name of the picture


def notebook():
    """The notebook as bytes; the cells that fail on purpose say so, and the ones below run all the same."""
    cells = [new_code_cell(source, id=name) for name, source in CELLS.items()]
    for cell in cells:
        cell.metadata["tags"] = ["raises-exception"] if cell.id in FAILS else []
    return merge.write(new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC}))


@contextmanager
def served(folder):
    """JupyterLab over a folder with the notebook and its answer sheets; gives (address, the folder of its settings)."""
    room, home = folder / "room", folder / "home"
    home.mkdir(parents=True)
    for path, content in {
        NAME: notebook(),
        **{k: v for stage in STAGES for k, v in sheet_files(stage).items()},
    }.items():
        (room / path).parent.mkdir(parents=True, exist_ok=True)
        (room / path).write_bytes(content)
    with conftest.jupyterlab(room, home, kind="learner", state=room / ".threshold") as address:
        yield address, home / "config"


def choose_theme(config, theme):
    """What the menu Settings › Theme writes."""
    settings = config / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"theme": THEMES[theme]}))


def open_and_run(page, address):
    """The notebook, every cell run."""
    page.goto(f"{address}/lab/tree/{NAME}?token={conftest.TOKEN}&reset")
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)
    page.wait_for_timeout(2000)  # JupyterLab puts its last layout back, and may open the notebook anew meanwhile
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)
    page.locator(".lm-MenuBar-itemLabel:text-is('Run')").click()
    page.locator(".lm-Menu-itemLabel:text-is('Run All Cells')").click()
    page.locator(".threshold-puzzle").wait_for(timeout=60_000)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)


def cell(page, name):
    """The cell of this name, in view."""
    found = page.locator(".jp-Notebook .jp-CodeCell").nth(list(CELLS).index(name))
    found.scroll_into_view_if_needed()
    return found


def take(page, folder, theme):
    """A picture of each output worth showing; of the hints with three steps taken."""
    for count in (2, 3):
        cell(page, "hint").get_by_role("button", name="Next hint").click()
        cell(page, "hint").locator("li").nth(count - 1).wait_for()
    for name, picture in PICTURES.items():
        cell(page, name).screenshot(path=folder / f"{picture}-{theme}.png")


def main(target, folder):
    from playwright.sync_api import sync_playwright

    target.mkdir(parents=True, exist_ok=True)
    with served(folder) as (address, config), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=conftest.CHROMIUM, args=["--no-sandbox"])
        for theme in THEMES:
            (folder / "room" / ".threshold" / "progress.json").unlink(missing_ok=True)
            choose_theme(config, theme)
            page = browser.new_page(viewport={"width": 1280, "height": 3600})
            open_and_run(page, address)
            take(page, target, theme)
            page.close()
        browser.close()


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        main(Path(sys.argv[1]), Path(scratch))
