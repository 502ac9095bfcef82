"""How soon JupyterLab can be used: ours with its start page, against the same JupyterLab without us, in turns."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from nbformat import v4

from course import lab, merge, profiles, start
from course.bench.row import row
from course.kernelinfo import KERNEL, LANGUAGE

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
TOKEN = "bench"


def missing():
    """Why the page cannot be measured here; "" where it can."""
    need = [name for name, there in (("playwright", find_spec("playwright")), ("Chromium", CHROMIUM)) if not there]
    return f"JupyterLab was not measured: it takes {' and '.join(need)}." if need else ""


def rows(rounds):
    """The Row of JupyterLab, from the command to an idle kernel, ours against a bare one."""
    from playwright.sync_api import sync_playwright

    waits = {"ours": [], "bare": []}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for number in range(rounds + 1):  # the first fills the disk's cache and counts for nobody
            for kind in sorted(waits, reverse=number % 2):
                with tempfile.TemporaryDirectory() as folder:
                    waits[kind].append(_wait(chromium, Path(folder), kind))
        chromium.close()
    ratios = [ours / bare for ours, bare in zip(waits["ours"], waits["bare"], strict=True)]
    return [row("JupyterLab to an idle kernel, with the course / bare", ratios[1:], 1.2)]


def _wait(chromium, folder, kind):
    """Seconds from starting the server to a notebook with an idle kernel on the page."""
    home, room = folder / "home", folder / "room"
    home.mkdir()
    (room / ".threshold").mkdir(parents=True)
    (room / start.PAGE).write_bytes(start.notebook() if kind == "ours" else _empty())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"]
    base = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")} | {"HOME": str(home)}
    env = profiles.environment("learner", state=room / ".threshold", base=base) if kind == "ours" else base
    begin = time.perf_counter()
    with _serving([*lab.command(room, start.PAGE, browser=False), *options], env) as server:
        while not _answers(f"http://127.0.0.1:{port}/api/status?token={TOKEN}"):
            if server.poll() is not None:
                raise RuntimeError(f"JupyterLab ended with code {server.returncode}")
            time.sleep(0.05)
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{port}/lab/tree/{start.PAGE}?token={TOKEN}")
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=120_000)
        found = time.perf_counter() - begin
        page.close()
    return found


def _empty():
    cells = [v4.new_code_cell("1 + 1")]
    return merge.write(v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": LANGUAGE}))


@contextmanager
def _serving(command, env):
    quiet = subprocess.DEVNULL
    own_group = {"start_new_session": True} if hasattr(os, "killpg") else {}  # its kernels end with it
    server = subprocess.Popen(command, env=env, stdout=quiet, stderr=quiet, **own_group)
    try:
        yield server
    finally:
        for stop in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            with suppress(subprocess.TimeoutExpired, ProcessLookupError):
                os.killpg(server.pid, stop) if own_group else server.send_signal(stop)
                server.wait(15)
                break


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False
