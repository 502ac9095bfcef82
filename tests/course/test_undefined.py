"""An exercise that is used before its cell has run: one sentence in a real IPython, and every other error as it was."""

import json
import subprocess
import sys

import pytest

from course.wire import pack
from tests.course.test_check import SHEET

PROGRAM = """
import contextlib, io, json, sys
from IPython.core.interactiveshell import InteractiveShell

shell, said = InteractiveShell.instance(colors="nocolor"), []
for cell in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        ran = shell.run_cell(cell, store_history=True)
    said.append([type(ran.error_in_exec).__name__, out.getvalue()])
print(json.dumps(said))
"""
CELLS = {
    "setup": "from course import check, hint",
    "check": "check(double)",
    "hint": "hint(double)",
    "misspelled": "check(duoble)",
    "in a function": "def other():\n    return double(1)\nother()",
    "another error": "1 / 0",
    "unreadable": "def double(x):\n    return (2 * x",
    "check after it": "check(double)",
    "defined": "def double(x):\n    return 2 * x",
    "check at last": "check(double)",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What each cell raised, and what it showed, in a notebook with the answers of one exercise beside it."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "checks").mkdir()
    (folder / "checks" / "double.safetensors").write_bytes(pack(SHEET))
    cells = json.dumps(list(CELLS.values()))
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM]
    done = subprocess.run(command, input=cells, cwd=folder, capture_output=True, text=True, check=True)
    return dict(zip(CELLS, json.loads(done.stdout.splitlines()[-1]), strict=True))


@pytest.mark.parametrize("cell", ["check", "hint"])
def test_who_has_not_run_the_cell_is_told_to_in_one_line(said, cell):
    kind, shown = said[cell]
    assert kind == "NameError", "whoever catches it, catches what Python raised"
    assert shown.strip().startswith("○ double is not defined yet: run the cell that defines it (Shift+Enter)")
    assert len(shown.strip().splitlines()) == 1


def test_who_has_run_it_and_python_could_not_read_it_is_told_where(said):
    shown = said["check after it"][1]
    assert shown.strip().startswith("✗ double: its cell did not run") and "line 2" in shown


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("misspelled", "NameError"), ("in a function", "NameError"), ("another error", "ZeroDivisionError")],
)
def test_every_other_error_is_shown_as_python_shows_it(said, cell, kind):
    assert said[cell][0] == kind and "Traceback (most recent call last)" in said[cell][1]


def test_once_it_is_defined_it_is_checked(said):
    assert said["check at last"][0] == "NoneType" and "right" in said["check at last"][1]
