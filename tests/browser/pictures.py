"""The start page and the launcher of a learner in mid-course, in a real JupyterLab, in both themes; a class's report.

python -m tests.browser.pictures .github/pictures      # takes the pictures of the README again
"""

import json
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from course import library, merge, shelf, start, workspace
from course.excerpt import Excerpt
from grader.classroom import Classroom
from grader.commands.report import report
from grader.exercises import EXERCISES
from grader.grading import grade_stage
from grader.release import release, student_files
from grader.stages import stages
from tests.browser import conftest
from tests.browser.showcase import THEMES, choose_theme
from tests.grader.synthetic import STAGE, class_of, hand_in

DONE = {"00_claims": 2, "01_one_neuron": 4, "02_smooth_neurons": 10, "03_networks": 4, "04_loss_and_slope": 3}


def populate(room):
    """A workspace of every stage; the first few are passed and kept, the fifth is under way, feedback has come for one."""
    source = workspace.Source(tuple(stages()), student_files)
    workspace.update(room, {"": {start.PAGE: start.notebook()}, **workspace.materials(source)})
    passed, text = {}, ""
    for stage, count in DONE.items():
        book = merge.read((room / stage / f"{stage}.ipynb").read_bytes())
        names = [cell.id.removeprefix("check-") for cell in book.cells if cell.id.startswith("check-")]
        for name in names[:count]:
            passed[name] = {"stage": stage, "status": "right"}
            if EXERCISES[name].kind != "probe":
                text = shelf.add(text, Excerpt(name, {}, f"def {name}(): ..."), stage, names)
    (room / library.FILE).write_text(text)
    (room / ".threshold" / "progress.json").write_text(json.dumps({"format": 1, "check": passed}))
    feedback = room / "02_smooth_neurons" / "feedback" / "2026-03-02 09:00:00.000000 UTC" / "02_smooth_neurons.html"
    feedback.parent.mkdir(parents=True)
    feedback.write_text("<p>Well done.</p>")
    start.refresh(room)


@contextmanager
def served(folder):
    """JupyterLab over that workspace; gives (address, the folder of its settings)."""
    room, home = folder / "room", folder / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:  # the page is signed by whoever will open it
        patch.setenv("HOME", str(home))
        populate(room)
    with conftest.jupyterlab(room, home, kind="learner", state=room / ".threshold", page=start.PAGE) as address:
        yield address, home / "config"


def open_map(page, address):
    page.goto(f"{address}/lab/tree/{start.PAGE}?token={conftest.TOKEN}&reset")
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)
    page.wait_for_selector(".threshold-map .library li")
    page.wait_for_timeout(1500)


def take(page, path):
    """A picture of the page, in few enough colors to be light on a README."""
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(96).save(path, optimize=True)


def reported(folder):
    """The page that `threshold report 01 --html` writes of the tests' class of thirty."""
    classroom = Classroom(folder / "class").create()
    release(classroom, STAGE)
    hand_in(classroom, class_of(30))
    grade_stage(classroom, STAGE, jobs=2)
    page = folder / "report.html"
    report([STAGE], classroom.root, html=page)
    return page


def take_report(browser, html, path):
    """The first screen of a report, one answer that nobody has named unfolded."""
    page = browser.new_page(viewport={"width": 980, "height": 1470})
    page.goto(html.as_uri())
    page.locator("details").nth(1).locator("summary").click()
    page.evaluate("scrollTo(0, 0)")
    take(page, path)
    page.close()


def main(target, folder, sizes=((1280, 1040),)):
    from playwright.sync_api import sync_playwright

    target.mkdir(parents=True, exist_ok=True)
    html = reported(folder)  # before playwright: its event loop and the grader's processes do not get on
    with served(folder) as (address, config), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=conftest.CHROMIUM, args=["--no-sandbox"])
        for theme in THEMES:
            choose_theme(config, theme)
            for width, height in sizes:
                page = browser.new_page(viewport={"width": width, "height": height})
                suffix = theme if len(sizes) == 1 else f"{theme}-{width}"
                open_map(page, address)
                take(page, target / f"start-{suffix}.png")
                page.keyboard.press("Control+Shift+L")
                page.wait_for_selector(".jp-LauncherCard:has-text('course map')")
                page.wait_for_timeout(500)
                take(page, target / f"launcher-{suffix}.png")
                page.close()
        take_report(browser, html, target / "report.png")
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(sys.argv[1]), Path(scratch))
