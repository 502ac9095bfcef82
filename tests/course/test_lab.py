"""A learner's first minutes in a real JupyterLab: the map, the next step, the way back; nothing leaves the machine."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from nbformat import v4

from course import lab, merge, profiles, start, workspace
from tests.course.materials import stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = shutil.which("chromium")
LOOPBACK = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:")
STAGES = {
    "": {start.PAGE: start.notebook()},
    "00_claims": stage("00_claims", "accuracy"),
    "01_one_neuron": stage("01_one_neuron", "weighted_sum", "perceptron"),
}


def hostile_home(home):
    """What a person may have in their own Jupyter configuration, and must not stop the course."""
    config, kernels = home / ".jupyter", home / ".local" / "share" / "jupyter" / "kernels" / "python3"
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
def server(tmp_path_factory):
    """JupyterLab on a workspace of two stages: (address, workspace)."""
    if CHROMIUM is None:
        pytest.skip("needs the system's Chromium")
    home, room = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("learner") / "workspace"
    hostile_home(home)
    before = os.environ.copy()
    os.environ["HOME"] = str(home)
    try:
        workspace.update(room, STAGES)
        start.refresh(room)
    finally:
        os.environ.clear()
        os.environ.update(before)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = {key: value for key, value in before.items() if not key.startswith("JUPYTER")}
    base |= {"HOME": str(home), "JUPYTER_PORT": str(port), "JUPYTER_TOKEN": "secret"}
    env = profiles.environment("learner", state=room / workspace.STATE, base=base)
    address = f"http://127.0.0.1:{port}/"
    line = lab.command(room, start.PAGE, browser=False)
    with open(home / "log", "w") as log, subprocess.Popen(line, env=env, stdout=log, stderr=log) as process:
        try:
            wait_for(lambda: answers(f"{address}api?token=secret"), seconds=60)
            yield f"{address}?token=secret", room
        finally:
            process.terminate()


def answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still waiting after {seconds} s"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright comes with the test extra")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def tab(server, browser):
    """A page on the start page; afterwards: nothing was wanted from outside, nothing complained."""
    address, room = server
    shutil.rmtree(room / workspace.STATE / "lab", ignore_errors=True)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(60_000)
    wanted, complaints = [], []

    def gate(route):
        if LOOPBACK.match(route.request.url):
            route.continue_()
        else:
            wanted.append(route.request.url)
            route.abort()

    page.route("**/*", gate)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.wait_for_selector(".threshold-map")
    yield page
    assert page.locator(".Toastify__toast, .jp-Dialog").count() == 0
    page.close()
    assert not wanted
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
