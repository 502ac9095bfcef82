"""The same notebooks in Jupyter Notebook 7, which knows nothing of this course: plain notebooks, nothing to install."""

import os
import socket
import sys

import nbformat
import pytest

from grader.release import student_files
from tests.browser.conftest import TOKEN, serving, wait_until
from tests.browser.test_loop import choose_menu
from tests.grader.submissions import solved

STAGE = "01_one_neuron"


@pytest.fixture
def notebook7(tmp_path, page):
    """The page, on a solved stage in Notebook 7 without any profile of ours."""
    room, home = tmp_path / "room", tmp_path / "home"
    home.mkdir()
    for name, content in student_files(STAGE).items():
        path = room / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    nbformat.write(solved(STAGE), room / f"{STAGE}.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "notebook", "--no-browser", f"--ServerApp.root_dir={room}"]
    command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"]
    command += ["--ServerApp.allow_root=True"] * (os.geteuid() == 0)
    plain = {key: value for key, value in os.environ.items() if not key.upper().startswith("JUPYTER")}
    env = plain | {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"), "IPYTHONDIR": str(home / "ipython")}
    with serving(command, env, port, home) as address:
        page.set_default_timeout(120_000)
        page.set_viewport_size({"width": 1280, "height": 30_000})  # cells out of view leave the page
        page.goto(f"{address}/notebooks/{STAGE}.ipynb?token={TOKEN}")
        yield page


def test_a_stage_runs_in_notebook_7(notebook7):
    notebook7.wait_for_selector(".jp-Notebook .jp-CodeCell")
    notebook7.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    reports = notebook7.locator(".threshold-check")
    for _ in range(4):  # a kernel that is idle may still be about to connect, and loses what is run then
        choose_menu(notebook7, "Run", "Run All Cells")
        if wait_until(notebook7, lambda: reports.count() >= 4, 30):
            break
    assert reports.count() >= 4
    assert all("✓" in text for text in reports.all_text_contents())
    assert not notebook7.locator("text=ModuleNotFoundError").count()
