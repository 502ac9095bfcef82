"""A notebook opened where the course is not installed says what to install, in words and without a traceback."""

import os
import subprocess
import sys

import pytest

from course import merge, start
from course.guard import GUARD
from grader.notebook import instructor_notebook
from grader.stages import stages

ALONE = """
import sys
from IPython.core.interactiveshell import InteractiveShell
class Away:
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in {away!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Away)
shell = InteractiveShell.instance()
result = shell.run_cell(open(sys.argv[1]).read())
print("passed" if result.success else "failed")
"""


def run(tmp_path, source, away=()):
    """What a fresh IPython, as every front end starts one, shows after the cell `source`."""
    cell = tmp_path / "cell.py"
    cell.write_text(source)
    line = [sys.executable, "-c", ALONE.format(away=set(away)), str(cell)]
    env = os.environ | {"IPYTHONDIR": str(tmp_path / "ipython"), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, env=env, encoding="utf-8")
    return done.stdout


def test_without_the_course_a_few_lines_say_what_to_install(tmp_path):
    said = run(tmp_path, GUARD, away=["course"])
    assert said.endswith("failed\n") and "Traceback" not in said and "---" not in said
    assert "No module named 'course'" in said
    assert f'"{sys.executable}" -m pip install threshold_course-' in said and "-m pip install -e ." in said
    assert "restart the kernel" in said and len(said.splitlines()) <= 9


def test_a_part_that_is_missing_is_named(tmp_path):
    assert "they are not here (No module named 'safetensors')" in run(tmp_path, GUARD, away=["safetensors"])


def test_with_the_course_it_says_nothing(tmp_path):
    assert run(tmp_path, GUARD) == "passed\n"


@pytest.mark.parametrize("stage", stages())
def test_it_is_the_first_code_of_every_stage_and_folded_away(stage):
    first, second = [cell for cell in instructor_notebook(stage).cells if cell.cell_type == "code"][:2]
    assert first.source == GUARD.rstrip() and first.id == "installed"
    assert first.metadata["jupyter"] == {"source_hidden": True}
    assert "from course import" in second.source


def test_it_is_on_the_start_page_too(tmp_path):
    cell = merge.read(start.notebook()).cells[0]
    assert run(tmp_path, cell.source, away=["course"]).endswith("failed\n")
    assert "start.show()" in cell.source
