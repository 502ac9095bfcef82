"""A learner's first minutes in a real JupyterLab: the map, the next step, the way back; nothing leaves the machine."""

import json
import re
import shutil
import time
from pathlib import Path

import pytest
from jupyterlab.commands import get_app_dir as jupyterlab_folder
from nbformat import v4

from course import catalog, coursemap, library, merge, start, workspace
from tests.browser.conftest import TOKEN, jupyterlab
from tests.course.materials import stage

STAGES = {
    "00_claims": stage("00_claims", "accuracy"),
    "01_one_neuron": stage(
        "01_one_neuron", "weighted_sum", "perceptron", title="# One neuron", maths=r"# $$\frac{a}{b}$$", code="1 + 1"
    ),
}
SOURCE = workspace.Source(tuple(STAGES), STAGES.get)


def hostile_home(home):
    """What a person may have in their own Jupyter configuration, and must not stop the course."""
    config, kernels = home / "config", home / ".local" / "share" / "jupyter" / "kernels" / "python3"
    (config / "labconfig").mkdir(parents=True)
    kernels.mkdir(parents=True)
    (config / "jupyter_server_config.py").write_text(
        "c = get_config()\nc.ServerApp.root_dir = '/usr'\nc.ServerApp.default_url = '/tree'\n"
        "c.LabApp.default_url = '/lab/tree/not_there.ipynb'\nc.LabApp.news_url = 'https://example.org/news'\n"
        "c.ServerApp.jpserver_extensions = {'nbgrader.server_extensions.formgrader': True}\n"
    )
    (config / "jupyter_lab_config.py").write_text("this is no Python\n")
    (config / "labconfig" / "page_config.json").write_text(
        '{"disabledExtensions": {"@jupyter/nbgrader:formgrader": false}}'
    )
    (kernels / "kernel.json").write_text('{"argv": ["/bin/false"], "display_name": "old", "language": "python"}')


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A person's home folder."""
    folder = tmp_path_factory.mktemp("home")
    hostile_home(folder)
    return folder


@pytest.fixture(scope="module")
def server(home, tmp_path_factory):
    """JupyterLab on a workspace of two stages: (address, workspace)."""
    room = tmp_path_factory.mktemp("learner") / "workspace"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.delenv("JUPYTER_DATA_DIR", raising=False)
        workspace.update(room, {"": {start.PAGE: start.notebook()}, **workspace.materials(SOURCE)})
        start.refresh(room)
    with jupyterlab(room, home, kind="learner", page=start.PAGE, state=room / workspace.STATE) as address:
        yield address, room


@pytest.fixture
def tab(server, page):
    """A page on the start page; afterwards: nothing complained."""
    address, room = server
    shutil.rmtree(room / workspace.STATE / "lab", ignore_errors=True)
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.set_default_timeout(60_000)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/?token={TOKEN}")
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.wait_for_selector(".threshold-map")
    yield page
    assert page.locator(".Toastify__toast, .jp-Dialog").count() == 0
    assert not complaints


def idle(page):
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator[data-status=idle]")


def remember(room, **checks):
    entries = {name: {"stage": "", "status": status} for name, status in checks.items()}
    (room / ".threshold" / "progress.json").write_text(json.dumps({"format": 1, "check": entries}))


def test_the_map_is_there_styled_and_saved_and_no_instructors_page_is(tab, server):
    assert tab.locator(".threshold-map li").count() == 16
    assert tab.locator(".threshold-map ol").evaluate("e => getComputedStyle(e).display") == "grid"
    assert tab.locator(".jp-CodeCell .jp-InputArea").first.is_hidden()
    idle(tab)
    assert tab.locator(".lm-TabBar-tab.jp-mod-dirty").count() == 0
    tab.click(".lm-MenuBar-itemLabel:text-is('Nbgrader')")
    labels = tab.locator(".lm-Menu-itemLabel").all_inner_texts()
    assert "Assignment List" in labels and not {"Formgrader", "Course List"} & set(labels)
    tab.keyboard.press("Escape")


def test_the_keyboard_opens_the_next_step_and_the_map_is_fresh_on_return(tab, server):
    _, room = server
    link = tab.locator(".threshold-map .next a")
    assert link.inner_text().startswith("Start: 00")
    link.focus()
    assert link.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".lm-TabBar-tab.jp-mod-current:has-text('00_claims.ipynb')")
    remember(room, accuracy="right", weighted_sum="right")
    tab.click(".lm-DockPanel-tabBar .lm-TabBar-tabLabel:text-is('start_here.ipynb')")
    tab.wait_for_selector(".threshold-map li.done")
    assert tab.locator(".threshold-map .next a").inner_text().startswith("Continue: 01")
    deadline = time.monotonic() + 60
    while b"Continue: 01" not in (room / start.PAGE).read_bytes():
        assert time.monotonic() < deadline, "the fresh map was not saved"
        tab.wait_for_timeout(100)  # not time.sleep: the browser's requests pass through this very thread
    tab.wait_for_selector(".lm-TabBar-tab.jp-mod-dirty:has-text('start_here')", state="detached")


def test_the_launcher_leads_back_to_the_map(tab):
    idle(tab)
    tab.keyboard.press("Control+Shift+L")
    tab.click(".jp-LauncherCard:has-text('course map')")
    tab.wait_for_selector(".lm-TabBar-tab.jp-mod-current:has-text('start_here.ipynb')")


def test_without_trust_the_map_is_a_plain_list_of_links_that_work(tab, server):
    _, room = server
    book = merge.read((room / start.PAGE).read_bytes())
    marked = book.cells[0].outputs[0].data["text/html"] + "<script>document.title = 'ran'</script>"
    unsigned = v4.new_output("display_data", data={"text/html": marked})
    cell = v4.new_code_cell("pass", id="unsigned", outputs=[unsigned])
    (room / "unsigned.ipynb").write_bytes(merge.write(v4.new_notebook(cells=[cell], metadata=book.metadata)))
    tab.dblclick(".jp-DirListing-item:has-text('unsigned.ipynb')")
    page = tab.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .threshold-map")
    page.wait_for()
    assert tab.title() != "ran" and tab.locator(".jp-NotebookPanel:not(.lm-mod-hidden) style").count() == 0
    assert page.locator("ol").evaluate("e => getComputedStyle(e).listStyleType") == "none"
    page.locator("li a").first.click()
    tab.wait_for_selector(".lm-TabBar-tab.jp-mod-current:has-text('00_claims.ipynb')")
    Path(room / "unsigned.ipynb").unlink()


def test_a_stage_that_is_only_opened_is_not_unsaved(tab, server):
    _, room = server
    path = room / "01_one_neuron" / "01_one_neuron.ipynb"
    before = path.read_bytes()
    tab.click(".threshold-map li a:has-text('One neuron')")
    tab.wait_for_selector(".lm-TabBar-tab.jp-mod-current:has-text('01_one_neuron.ipynb')")
    idle(tab)
    tab.wait_for_timeout(1500)
    assert tab.locator(".lm-TabBar-tab.jp-mod-dirty").count() == 0
    assert path.read_bytes() == before


def test_the_library_and_waiting_feedback_are_on_the_map_and_open(tab, server):
    _, room = server
    folder = room / "01_one_neuron" / "feedback" / "2026-03-02 09:00:00.000000 UTC"
    folder.mkdir(parents=True)
    feedback = folder / "01_one_neuron.html"
    feedback.write_text("<p>Well done.</p>")
    (room / library.FILE).write_text("# >>> accuracy (00_claims) 00000000\ndef accuracy(): ...\n# <<< accuracy\n")
    tab.reload()
    tab.wait_for_selector(".threshold-map .library code:text-is('accuracy')")
    tab.click(".threshold-map .library a")
    tab.wait_for_selector(".lm-TabBar-tab.jp-mod-current:has-text('my_library.py')")
    tab.click(".lm-DockPanel-tabBar .lm-TabBar-tabLabel:text-is('start_here.ipynb')")
    tab.click(".threshold-map a.feedback")
    tab.wait_for_selector(".lm-TabBar-tab.jp-mod-current:has-text('01_one_neuron.html')")
    feedback.unlink()  # the folder stays: JupyterLab may be writing its checkpoint into it
    (room / library.FILE).unlink()


def test_no_trap_is_left_in_a_running_lab(tab, server):
    """The traps of a stock JupyterLab with nbgrader, one by one; that nothing leaves the machine is asserted for all."""
    address, _ = server
    ask = "async path => (await fetch(path + (path.includes('?') ? '&' : '?') + 'token=" + TOKEN + "')).json()"
    setting = f"{address}/lab/api/settings/@jupyterlab"
    news = tab.evaluate(ask, f"{setting}/apputils-extension:notification")["schema"]["properties"]
    assert news["fetchNews"]["default"] == "false" and news["checkForUpdates"]["default"] is False
    drawn = tab.evaluate(ask, f"{setting}/notebook-extension:tracker")["schema"]["properties"]["windowingMode"]
    assert drawn["default"] == "defer"
    config = json.loads(tab.locator("#jupyter-config-data").inner_text())
    assert config["extensionManager"]["name"] == "read-only" and not config["extensionManager"]["can_install"]
    assert config["news"] == {"disabled": True}
    assert "@jupyter/nbgrader:formgrader" in config["disabledExtensions"]
    kernel = tab.evaluate(ask, f"{address}/api/kernelspecs")["kernelspecs"]["python3"]["spec"]
    assert kernel["argv"][1:3] == ["-P", "-m"] and kernel["display_name"] == "Python 3 (ipykernel)"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [800, 1280, 1920])
def test_the_map_reads_well_in_the_colors_of_both_themes(page, theme, width):
    """axe has nothing to say of a map with everything on it; of one word too pale it has."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe comes with the test extra").Axe()
    themes = Path(jupyterlab_folder(), "themes", "@jupyterlab", f"theme-{theme}-extension", "index.css")
    colors = "".join(re.findall(r":root\s*{[^}]*}", themes.read_text(encoding="utf-8")))
    assert "--jp-ui-font-color2" in colors
    kinds = [(True, 2, "a.html"), (True, 1, ""), (True, 0, ""), (False, 0, "")]
    standings = [
        coursemap.Standing(stage, there, passed, 2 * there, ("f",) * passed, feedback)
        for stage, (there, passed, feedback) in zip(catalog.STAGES, kinds * 4, strict=True)
    ]
    page.set_viewport_size({"width": width, "height": 1400})
    page.set_content(
        f"<!doctype html><html lang=en><title>Map</title><style>{colors} body {{ background: var(--jp-layout-color0) }}"
        f"</style><body><main>{coursemap.page(standings)}</main></html>"
    )
    found = axe.run(page).response["violations"]
    assert not found, [(each["id"], node["html"], node["failureSummary"]) for each in found for node in each["nodes"]]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".threshold-map li p").first.evaluate("p => { p.style.color = '#888'; p.style.background = '#999' }")
    assert "color-contrast" in {each["id"] for each in axe.run(page).response["violations"]}


def test_formulas_are_drawn_offline(tab):
    tab.click(".threshold-map li a:has-text('One neuron')")
    tab.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) mjx-container mjx-frac")
