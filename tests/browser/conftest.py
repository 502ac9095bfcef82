"""A JupyterLab with the project's own profile, and a page in the system's Chromium; neither ever leaves this machine.

The page aborts every request to elsewhere; the server is given a proxy at which nobody may ring. Both are asserted.
"""

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from course import lab, profiles

TOKEN = "threshold"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LOOPBACK = re.compile(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:|about:")


def pytest_collection_modifyitems(items):
    missing = "no Chromium on this machine" if CHROMIUM is None else None
    if importlib.util.find_spec("playwright") is None:
        missing = "playwright is not installed"
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            if missing:
                item.add_marker(pytest.mark.skip(reason=missing))


@contextmanager
def jupyterlab(folder, home, **profile):
    """Serve `folder`; gives the address. Everything JupyterLab keeps for itself goes to `home`, a person's home folder.

    AssertionError at the end if the server, or anything it started, asked for something beyond this machine.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = profile.pop("page", "")
    command = lab.command(folder, page, browser=False)
    command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"]
    with doorbell() as rung:
        base = {key: value for key, value in os.environ.items() if not key.upper().startswith(("JUPYTER", "HTTP"))}
        base |= {"HOME": str(home), "USERPROFILE": str(home), "no_proxy": "127.0.0.1,localhost"}
        base |= {"JUPYTER_CONFIG_DIR": str(home / "config"), "IPYTHONDIR": str(home / "ipython")}
        base |= dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), rung.address)
        env = profiles.environment(profile.pop("kind"), base=base, **profile)
        with serving(command, env, port, home) as address:
            yield address
        assert not rung.calls(), f"the server asked the web: {rung.calls()}"


class doorbell:
    """A proxy that lets nobody through and remembers who rang: (with doorbell() as rung: …; rung.calls())"""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.heard = []
        return self

    def __exit__(self, *fault):
        self.socket.close()

    def calls(self):
        """What was asked for so far: the first line of every call."""
        while True:
            try:
                caller, _ = self.socket.accept()
            except BlockingIOError:
                return self.heard
            with caller:
                caller.settimeout(2)
                self.heard.append(caller.recv(200).split(b"\r\n")[0].decode(errors="replace"))


@contextmanager
def serving(command, env, port, home):
    with open(home / "server.log", "wb") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api/status?token={TOKEN}", server, home / "server.log")
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def wait_for(url, server, log, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="module")
def address(classroom, tmp_path_factory):
    """JupyterLab as an instructor has it, on the `classroom` of the module that asks."""
    home = tmp_path_factory.mktemp("home")
    with jupyterlab(classroom.root, home, kind="instructor", class_dir=classroom.root) as address:
        yield address


@pytest.fixture(scope="module")  # no longer: playwright keeps an event loop running, which others could trip over
def chromium():
    from playwright.sync_api import sync_playwright

    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*quiet, *sandbox, "--no-first-run"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page that aborts every request that would leave this machine, and a test that fails if there was one."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1600})
    strangers = []

    def guard(route):
        if LOOPBACK.match(route.request.url):
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()
    assert not strangers, f"the page asked for {strangers}"


def wait_until(page, condition, seconds=60):
    """Whether it comes true before the time is up."""
    for _ in range(seconds * 10):
        if condition():
            return True
        page.wait_for_timeout(100)
    return False
