"""Start JupyterLab on a folder, as a learner or as an instructor sees it."""

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

from course import profiles, quickly
from course.errors import BadInput


def command(folder, page, *, browser=True):
    """The command line that serves `folder` and opens `page`, a path in it ("" for the file browser)."""
    line = [
        sys.executable,
        "-P",  # a file numpy.py in the current folder must not stop the server
        quickly.__file__,
        "jupyterlab",
        f"--ServerApp.root_dir={Path(folder).absolute()}",
        f"--LabApp.default_url=/lab{f'/tree/{page}' if page else ''}",
        "--ServerApp.answer_yes=True",
        "--Application.log_level=ERROR",
    ]
    if not browser:
        line.append("--ServerApp.open_browser=False")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        line.append("--ServerApp.allow_root=True")  # a container has no other user
    return line


def serve(folder, page="", *, kind="learner", class_dir=None, state=None, browser=True):
    """Serve until the person stops it with Ctrl+C -> JupyterLab's exit code. Raises BadInput where it is missing."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise BadInput(
            f"JupyterLab is not installed for {sys.executable}: run `{sys.executable} -m pip install jupyterlab`."
        )
    env = profiles.environment(kind, class_dir=class_dir, state=state)
    with subprocess.Popen(command(folder, page, browser=browser), env=env) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())  # what stops us stops it
        stopped = False
        while True:
            try:
                code = server.wait()
                return 0 if stopped and code == -signal.SIGINT else code  # it had not yet learned to end in order
            except KeyboardInterrupt:
                stopped = True  # the terminal sends Ctrl+C to JupyterLab as well, which closes its kernels and ends
