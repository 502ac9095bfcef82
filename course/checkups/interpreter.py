"""Python, its packages, and whether a notebook finds the course."""

import importlib.metadata
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.requirements import Requirement

from course.checkups.finding import ok, problem

DISTRIBUTION = "threshold-course"
SHOWN = ("numpy", "numba", "jupyterlab", "nbgrader")
PIP = f"{sys.executable} -m pip install"


def python(place):
    found = f"{platform.python_version()}, {platform.system()} {platform.machine()}, {sys.executable}"
    if sys.version_info < (3, 11) or sys.maxsize < 2**32:
        yield problem(found, "Install a 64-bit Python 3.11 or newer, and the course in an environment of it.")
    else:
        yield ok(found)


def packages(place):
    """Every dependency of the course, against the oldest version it was run with."""
    try:
        wanted = [Requirement(line) for line in importlib.metadata.requires(DISTRIBUTION) or []]
    except importlib.metadata.PackageNotFoundError:
        yield problem(f"{DISTRIBUTION} is not installed for this Python", f"Run `{PIP} -e .` in the clone.")
        return
    wanted = [each for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    complaints = {str(each): complaint for each in wanted if (complaint := _complaint(each))}
    if complaints:
        needed = " ".join(f"'{each}'" for each in complaints)
        yield problem("; ".join(complaints.values()), f"Run `{PIP} -U {needed}`.")
    else:
        yield ok(", ".join(f"{name} {importlib.metadata.version(name)}" for name in SHOWN))


def _complaint(requirement):
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    return (
        "" if requirement.specifier.contains(version, prereleases=True) else f"{requirement.name} {version} is too old"
    )


def kernel(place):
    """A fresh Python, started as the notebooks' kernel is, imports the course from an unrelated folder."""
    line = [sys.executable, "-P", "-c", "import course, ipykernel; print(course.__file__)"]
    with tempfile.TemporaryDirectory() as elsewhere:
        run = subprocess.run(line, cwd=elsewhere, capture_output=True, text=True, timeout=120)
    if run.returncode == 0:
        yield ok(f"notebooks import the course from {Path(run.stdout.strip()).parent}")
    else:
        reason = (run.stderr.strip() or f"exit code {run.returncode}").splitlines()[-1]
        mend = f"Install the course for this Python: `{PIP} -e .` in the clone, or `{PIP}` and the course wheel."
        yield problem(f"a notebook cannot import the course: {reason}", mend)
