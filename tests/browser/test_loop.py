"""One stage through the real JupyterLab: fetch, solve, validate, submit, collect, autograde, feedback."""

import nbformat
import pytest

from grader.classroom import Classroom
from grader.grading import look_up
from grader.release import release
from tests.browser.conftest import TOKEN, wait_until
from tests.grader.submissions import cell_of, solved

STAGE = "01_one_neuron"
WRONG = "def perceptron(x, w, b):\n    return 1 if np.sum(x * w) + b > 0 else 0"


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A class with the stage released and published, and a student's folder in it."""
    classroom = Classroom(tmp_path_factory.mktemp("loop") / "class").create()
    config = classroom.root / "nbgrader_config.py"
    work, cache = classroom.root / "work", classroom.root / "cache"
    work.mkdir()
    config.write_text(
        config.read_text() + f"\nc.Exchange.assignment_dir = {str(work)!r}\nc.Exchange.cache = {str(cache)!r}\n"
    )
    release(classroom, STAGE)
    assert classroom.api().release_assignment(STAGE)["success"]
    return classroom


def open_lab(page, address, path=""):
    page.goto(f"{address}/lab{path}?token={TOKEN}")
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.wait_for_selector(".jp-FileBrowser")
    page.wait_for_selector(".jp-Launcher")  # the layout is restored by then; what is opened earlier may be closed again
    page.wait_for_timeout(2000)


def choose_menu(page, *names):
    page.locator(f".lm-MenuBar-itemLabel:text-is('{names[0]}')").click()
    page.locator(f".lm-Menu-itemLabel:text-is('{names[1]}')").click()


def solve(page, cell_text, source):
    """Replace the source of the cell that holds `cell_text`, as typing would."""
    cell = page.locator(".jp-Notebook .jp-CodeCell", has_text=cell_text).first
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)


def test_the_whole_loop(page, address, classroom):
    open_lab(page, address)
    fetch(page)
    answers = {
        name: cell_of(solved(STAGE), name).source for name in ("weighted_sum", "perceptron_update", "perceptron_train")
    }
    open_notebook(page)
    for name, source in {**answers, "perceptron": WRONG}.items():
        solve(page, f"def {name}(", source)
    validate(page, expect="perceptron: 7 of 8 cases right")
    solve(page, "def perceptron(", cell_of(solved(STAGE), "perceptron").source)
    validate(page, expect="Success")
    solve(page, "def perceptron(", WRONG)  # what is submitted has one mistake, so that feedback has something to say
    save(page)
    submit(page)
    student = grade_in_the_formgrader(page, address)
    api = classroom.api()
    found = look_up(api, STAGE, student)
    points, maximum = found.points, found.maximum
    assert 0 < points < maximum
    feedback = classroom.folder("feedback", STAGE, student) / f"{STAGE}.html"
    said = feedback.read_text()
    assert "> where ≥ is meant" in said.replace("&gt;", ">")
    graded = nbformat.read(classroom.folder("autograded", STAGE, student) / f"{STAGE}.ipynb", as_version=4)
    assert "A plan of exactly 1400 kcal" in cell_of(graded, "check-perceptron").outputs[0].text


def fetch(page):
    choose_menu(page, "Nbgrader", "Assignment List")
    row = page.locator("#released_assignments_list", has_text=STAGE)
    row.get_by_role("button", name="Fetch").click()
    page.locator("#fetched_assignments_list", has_text=STAGE).wait_for()


def open_notebook(page):
    """Unfold the fetched stage and open its notebook; the list may be drawn anew, and folded again, meanwhile."""
    fold = page.locator("#fetched_assignments_list a.assignment-notebooks-link").first
    notebook = page.locator("#fetched_assignments_list .nested_list_item a", has_text=STAGE).first
    for _ in range(30):
        if notebook.is_visible():
            break
        if fold.is_visible():
            fold.click()
        page.wait_for_timeout(1000)
    notebook.click()
    page.wait_for_selector(".jp-Notebook")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)


def save(page):
    """Until it is: a cell that still runs makes the notebook unsaved again."""
    saved = page.locator(".lm-TabBar-tab.jp-mod-current:not(.jp-mod-dirty)").first
    for _ in range(24):
        page.keyboard.press("Control+S")
        if wait_until(page, saved.count, 5):
            return
    raise AssertionError("the notebook is not saved after two minutes")


def validate(page, expect):
    """Validate saves the notebook itself, runs it whole on the server, and says what failed."""
    page.get_by_role("button", name="Validate", exact=True).first.click()
    dialog = page.locator(".jp-Dialog")
    dialog.wait_for(timeout=120_000)
    assert expect in dialog.inner_text(), dialog.inner_text()
    page.locator(".jp-Dialog .jp-mod-accept").first.click()
    dialog.wait_for(state="detached")


def submit(page):
    page.locator(".lm-TabBar-tabLabel:text-is('Assignments')").first.click()
    page.locator("#fetched_assignments_list", has_text=STAGE).get_by_role("button", name="Submit").click()
    page.locator("#submitted_assignments_list", has_text=STAGE).wait_for()


def grade_in_the_formgrader(page, address):
    """Collect, autograde, generate and release feedback with the instructor's buttons; returns the student's name."""
    choose_menu(page, "Nbgrader", "Formgrader")
    frame = page.frame_locator("iframe[src*='/formgrader']")
    row = frame.locator("tr", has=frame.locator(f"td.name[data-order='{STAGE}']"))
    row.locator("td.collect a").click()
    dismiss(frame)
    row.locator("td.num-submissions a").click()
    submission = frame.locator("tr", has=frame.locator("td.student-id")).first
    student = submission.locator("td.student-id").inner_text().strip()
    for button in ("autograde", "generate-feedback", "release-feedback"):
        submission.locator(f"td.{button} a").click()
        dismiss(frame)
    return student


def dismiss(frame):
    """Wait for the Formgrader's own word that it worked, and close it."""
    title = frame.locator(".modal.in .modal-title")
    title.wait_for(timeout=120_000)
    said = title.inner_text()
    assert "Success" in said, frame.locator(".modal.in").inner_text()
    frame.locator(".modal.in .modal-footer button").first.click()
    frame.locator(".modal.in").wait_for(state="detached")
