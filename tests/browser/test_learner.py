"""A learner's run through the real JupyterLab: learn, three stages, a hint, a quiz, validate, submit."""

import json
import re

import pytest

from course import catalog, library, start, workspace
from grader.classroom import Classroom
from grader.release import release, student_files
from tests.browser.conftest import TOKEN, jupyterlab, wait_until
from tests.browser.test_loop import choose_menu, save, validate
from tests.grader.submissions import cell_of, solved

SUBMITTED, STAGES = "01_one_neuron", ("00_claims", "01_one_neuron", "02_smooth_neurons")
WRONG = "def perceptron(x, w, b):\n    return 1 if np.sum(x * w) + b > 0 else 0"
SOLVED = {
    "00_claims": ("accuracy",),
    "01_one_neuron": ("weighted_sum", "perceptron", "perceptron_update", "perceptron_train"),
    "02_smooth_neurons": ("neuron", "relu"),
}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """What `threshold learn` makes, of three stages; one of them is an assignment of the learner's class."""
    home, room = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("learner") / "workspace"
    classroom = Classroom(tmp_path_factory.mktemp("school") / "class").create()
    release(classroom, SUBMITTED)
    assert classroom.api().release_assignment(SUBMITTED)["success"]
    source = workspace.Source(STAGES, student_files)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        workspace.update(room, {"": {start.PAGE: start.notebook()}, **workspace.materials(source)})
        start.refresh(room)
    site, config = home / "site", classroom.api().config
    site.mkdir()
    (site / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = {config.CourseDirectory.course_id!r}\n"
        f"c.Exchange.root = {str(config.Exchange.root)!r}\n"
        f"c.Exchange.cache = {str(home / 'cache')!r}\nc.Exchange.assignment_dir = {str(room)!r}\n"
    )
    return home, room, site, classroom


@pytest.fixture
def lab(room, page):
    """The page, on the start page of that workspace."""
    home, folder, site, _ = room
    profile = {"kind": "learner", "class_dir": site, "state": folder / workspace.STATE, "page": start.PAGE}
    with jupyterlab(folder, home, **profile) as address:
        page.set_default_timeout(120_000)
        page.goto(f"{address}/?token={TOKEN}")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        page.wait_for_selector(".threshold-map")
        yield page


def test_a_learners_run(lab, room):
    _, folder, _, classroom = room
    for stage, names in SOLVED.items():
        open_stage(lab, stage)
        for name in names:
            solve_in(lab, name, cell_of(solved(stage), name).source)
        run_until(lab, names[-1])
        back_to_the_map(lab)
        kept = library.held(folder)[stage]
        assert [name for name in kept if name in names] == list(names), "what passed is kept"
    progress = json.loads((folder / ".threshold" / "progress.json").read_text())
    assert {name for name, entry in progress["check"].items() if entry["status"] == "right"} >= set(
        sum(SOLVED.values(), ())
    )
    lab.wait_for_selector(".threshold-map .library code:text-is('perceptron_train')")
    open_stage(lab, SUBMITTED)
    solve_in(lab, "perceptron", WRONG)
    take_a_hint(lab, folder, "perceptron")
    answer_the_quiz(lab, folder, SUBMITTED)
    validate(lab, expect="perceptron: 7 of 8 cases right")
    solve_in(lab, "perceptron", cell_of(solved(SUBMITTED), "perceptron").source)
    validate(lab, expect="Success")
    save(lab)
    choose_menu(lab, "Nbgrader", "Assignment List")
    lab.locator("#fetched_assignments_list", has_text=SUBMITTED).get_by_role("button", name="Submit").click()
    lab.locator("#submitted_assignments_list", has_text=SUBMITTED).wait_for()
    handed_in = list(classroom.root.parent.rglob(f"inbound/*/{SUBMITTED}.ipynb"))
    assert len(handed_in) == 1 and "raise NotImplementedError" not in handed_in[0].read_text()
    assert not list(classroom.root.parent.rglob("inbound/*/my_library.py"))


def current(lab):
    """The notebook in front: others stay open behind it."""
    return lab.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")


def open_stage(lab, stage):
    lab.click(f".threshold-map li a:has-text('{catalog.find(stage).title}')")
    lab.wait_for_selector(f".lm-TabBar-tab.jp-mod-current:has-text('{stage}.ipynb')")
    current(lab).locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()


def back_to_the_map(lab):
    save(lab)
    lab.click(".lm-DockPanel-tabBar .lm-TabBar-tabLabel:text-is('start_here.ipynb')")


def solve_in(lab, name, source):
    cell = current(lab).locator(".jp-CodeCell", has_text=re.compile(rf"def {name}\(")).first
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    lab.keyboard.press("Control+A")
    lab.keyboard.insert_text(source)


def run_until(lab, name):
    """Run every cell from the top; done when the report of the check of `name` is there."""
    choose_menu(lab, "Run", "Run All Cells")
    line = lab.locator(".cm-content", has_text=re.compile(rf"^check\({name}\)$"))
    check = current(lab).locator(".jp-CodeCell").filter(has=line)
    check.locator(".jp-OutputArea-output", has_text=f"{name}: right").first.wait_for()


def take_a_hint(lab, folder, name):
    """A cell of the learner's own below the last one: run it, and ask for one hint more."""
    current(lab).locator(".jp-Cell").last.click()
    lab.keyboard.press("Escape")
    lab.keyboard.press("b")
    lab.keyboard.press("Enter")
    lab.keyboard.insert_text(f"hint({name})")
    lab.keyboard.press("Shift+Enter")
    current(lab).locator(".jp-OutputArea-output", has_text=f"{name}").last.wait_for()
    current(lab).get_by_role("button", name="Next hint").click()
    assert wait_until(lab, lambda: recorded(folder, "hint").get(name, {}).get("step") == 2)


def answer_the_quiz(lab, folder, stage):
    card = current(lab).locator(".threshold-ask").last
    card.scroll_into_view_if_needed()
    assert wait_until(lab, lambda: card.locator("button").count() > 0)
    card.locator("button").first.click()
    assert wait_until(lab, lambda: any(key.startswith(f"{stage}/") for key in recorded(folder, "quiz")))


def recorded(folder, kind):
    return json.loads((folder / ".threshold" / "progress.json").read_text()).get(kind, {})
