"""The house rules: one direction of imports, one list of packages, one test command, nothing private in the tree."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("course", "solutions", "grader")
MAY_IMPORT = {"course": {"course"}, "solutions": {"solutions"}, "grader": set(ROOMS)}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def tracked():
    """The files of the repository: tracked, and new ones that are not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def imported(path):
    """The top-level packages a file imports, wherever in it; names passed to import_module included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "import_module":
            yield from re.findall(r"'(\w+)", ast.unparse(node.args[0]))[:1]


@pytest.mark.parametrize("path", [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))], ids=str)
def test_imports_run_one_way(path):
    room = path.relative_to(ROOT).parts[0]
    if path == ROOT / "course" / "cli.py":  # the one place that offers the grader's commands, where there is a grader
        return
    foreign = {name for name in imported(path) if name in ROOMS} - MAY_IMPORT[room]
    assert not foreign, f"{path.relative_to(ROOT)} imports {', '.join(foreign)}"


def test_numba_cuda_has_one_door_in_solutions():
    doors = [
        path.name
        for path in (ROOT / "solutions").rglob("*.py")
        if re.search(
            r"from numba import .*\bcuda\b|import numba\.cuda|from numba\.cuda", path.read_text(encoding="utf-8")
        )
    ]
    assert doors == ["cuda.py"]


def test_conda_and_pip_install_the_same_packages():
    pip = {re.sub(r"\s", "", requirement) for requirement in PYPROJECT["project"]["dependencies"]}
    text = (ROOT / "environment.yml").read_text()
    conda = set(re.findall(r"^  - ([\w.-]+>=[\w.]+)$", text, re.MULTILINE)) - {"python>=3.11"}
    assert conda == pip
    assert f"python{PYPROJECT['project']['requires-python']}" in text


def test_the_wheel_holds_the_kit_alone():
    wheel = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["course"]
    assert "course/stages" in wheel["exclude"]


def test_the_top_level_is_the_one_agreed_on():
    top = {path.relative_to(ROOT).parts[0] for path in tracked()}
    visible = {name for name in top if not name.startswith(".")}
    assert visible == {
        "README.md", "LICENSE", "pyproject.toml", "environment.yml", "course", "solutions", "grader", "tests",
    }  # fmt: skip


def test_no_notebook_no_data_set_and_no_lock_file_is_tracked():
    heavy = [
        p for p in tracked() if p.suffix in {".ipynb", ".npz", ".gz", ".db", ".lock"} or p.stat().st_size > 1 << 20
    ]
    assert not heavy


def test_every_room_and_folder_opens_with_a_sentence():
    for room in (*ROOMS, "tests"):
        for path in (ROOT / room).rglob("__init__.py"):
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path.relative_to(ROOT)


def test_the_gate_runs_the_readmes_test_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(r"<!-- test command -->\n```bash\n[^`]*pytest[^`]*\n```", readme)
    assert "README.md" in (ROOT / ".ci" / "run").read_text()


def test_ruff_has_nothing_to_say():
    ruff = pytest.importorskip("ruff", reason="ruff comes with the test extra")
    for command in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        done = subprocess.run([ruff.find_ruff_bin(), *command, "."], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
