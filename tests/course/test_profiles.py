"""The profiles set what the course needs and nothing that a person or an institution has set."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course import lab, profiles, quickly


def run(code, env, cwd):
    """Run Python code under an environment -> its stdout."""
    done = subprocess.run([sys.executable, "-P", "-c", code], env=env, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def home(tmp_path):
    """An environment whose home is empty."""
    (tmp_path / "home").mkdir()
    keep = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON"))}
    return keep | {"HOME": str(tmp_path / "home"), "USERPROFILE": str(tmp_path / "home")}


PAGE = """
import json
from jupyter_core.paths import jupyter_path
from jupyterlab_server.config import get_page_config
config = get_page_config(jupyter_path("labextensions"))
extensions = [each["name"] for each in config["federated_extensions"]]
print(json.dumps({"off": config["disabledExtensions"], "extensions": extensions}))
"""
SERVER = """
import json
from jupyter_server.serverapp import ServerApp
app = ServerApp()
app.initialize(argv=["--allow-root"], find_extensions=True, new_httpserver=False, starter_extension=None)
on = [name for name, extension in app.extension_manager.extensions.items() if extension.enabled]
print(json.dumps({"on": on, "config": app.config}, default=str))
"""
NBGRADER = "nbgrader.server_extensions."


def test_the_learners_lab_has_no_instructors_pages(home, tmp_path):
    page = json.loads(run(PAGE, profiles.environment("learner", base=home), tmp_path))
    off = {"formgrader", "create-assignment", "course-list"}
    assert {name.split(":")[1] for name in page["off"] if name.startswith("@jupyter/nbgrader:")} == off
    assert {"threshold-course", "@jupyter/nbgrader"} <= set(page["extensions"]) - set(page["off"])


def test_the_instructors_lab_has_them_even_where_they_were_switched_off(home, tmp_path):
    labconfig = Path(home["HOME"], ".jupyter", "labconfig")
    labconfig.mkdir(parents=True)
    (labconfig / "page_config.json").write_text('{"disabledExtensions": {"@jupyter/nbgrader:formgrader": true}}')
    page = json.loads(run(PAGE, profiles.environment("instructor", class_dir=tmp_path, base=home), tmp_path))
    assert [name for name in page["off"] if name.startswith("@jupyter/nbgrader:")] == ["@jupyter/nbgrader:course-list"]
    assert "threshold-course" in page["off"], "a class folder has no course map to open"


@pytest.mark.slow
@pytest.mark.parametrize("kind", profiles.KINDS)
def test_the_server_runs_the_extensions_of_its_kind(home, tmp_path, kind):
    on = json.loads(run(SERVER, profiles.environment(kind, base=home), tmp_path))["on"]
    assert (NBGRADER + "formgrader" in on) == (kind == "instructor")
    assert NBGRADER + "assignment_list" in on and NBGRADER + "validate_assignment" in on
    assert NBGRADER + "course_list" not in on and "jupyter_server_mathjax" in on
    assert ("jupyterlab_jupytext" in on) == (kind == "instructor")


def test_nothing_asks_the_web_and_nothing_sets_an_exchange(home, tmp_path):
    code = """
import json
from jupyter_core.application import JupyterApp
app = JupyterApp()
for app.config_file_name in ("jupyter_server_config", "nbgrader_config"):
    app.load_config_file()
print(json.dumps(app.config))
"""
    config = json.loads(run(code, profiles.environment("learner", base=home), tmp_path))
    assert config["LabApp"] == {
        "extension_manager": "readonly",
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "news_url": None,
    }
    assert "root_dir" not in config["ServerApp"]
    assert not any(config.get(name) for name in ("Exchange", "CourseDirectory", "NbGrader"))


@pytest.mark.slow
def test_an_institutions_exchange_stays_in_force(home, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "nbgrader_config.py").write_text("c = get_config()\nc.Exchange.root = '/srv/exchange'\n")
    env = profiles.environment("learner", base=home | {"JUPYTER_CONFIG_PATH": str(site)})
    code = "from nbgrader.server_extensions.assignment_list.handlers import AssignmentList as A; import os\n"
    code += "a = A(); a.root_dir = os.getcwd()\nwith a.get_assignment_dir_config(): pass\nprint(a.load_config().Exchange.root)"
    assert run(code, env, tmp_path).strip() == "/srv/exchange"


def test_the_class_has_the_last_word_for_its_instructor(home, tmp_path):
    env = profiles.environment("instructor", class_dir=tmp_path / "class", base=home | {"JUPYTER_CONFIG_PATH": "/site"})
    here = profiles.HERE
    folders = [str(tmp_path / "class"), str(here / "instructor"), str(here / "both"), "/site"]
    assert env["JUPYTER_CONFIG_PATH"].split(os.pathsep) == folders


def test_the_environment_is_added_to_not_replaced(home):
    base = home | {"JUPYTER_PATH": "/theirs", "LANG": "de_DE.UTF-8"}
    env = profiles.environment("learner", state="state", base=base)
    assert env["JUPYTER_PATH"].split(os.pathsep) == [str(profiles.HERE / "share"), "/theirs"]
    assert env["LANG"] == "de_DE.UTF-8" and "JUPYTER_CONFIG_DIR" not in env
    assert env["JUPYTERLAB_WORKSPACES_DIR"] == str(Path("state").absolute() / "lab")
    assert "JUPYTER_PATH" not in home, "the given environment is left as it was"
    with pytest.raises(ValueError, match="learner, instructor"):
        profiles.environment("guest")


def test_every_settings_file_can_be_read():
    files = [path for path in profiles.HERE.rglob("*") if path.suffix in {".json", ".py"}]
    assert len(files) >= 8
    for path in files:
        text = path.read_text(encoding="utf-8")
        json.loads(text) if path.suffix == ".json" else compile(text, path, "exec")


KERNEL = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
lines = []
client.execute_interactive(CODE, output_hook=lambda m: lines.append(m["content"].get("text") or m["content"].get("evalue") or ""))
client.stop_channels()
manager.shutdown_kernel(now=True)
print("".join(lines))
"""


@pytest.mark.slow
def test_the_kernel_is_this_environments_and_finds_the_course_among_hostile_names(home, tmp_path):
    other = Path(home["HOME"], ".local", "share", "jupyter", "kernels", "python3")
    other.mkdir(parents=True)
    (other / "kernel.json").write_text('{"argv": ["/bin/false"], "display_name": "old", "language": "python"}')
    for name in ("numpy.py", "ipykernel_launcher.py", "course.py", "token.py"):
        (tmp_path / name).write_text("raise SystemExit('shadowed')")
    code = "import sys, numpy\nfrom course import check\nprint(sys.executable, check.__module__, '' in sys.path)"
    out = run(KERNEL.replace("CODE", repr(code)), profiles.environment("learner", base=home), tmp_path)
    assert out.split() == [sys.executable, "course.check", "False"]


MATHS = """
import nbformat
from nbconvert import HTMLExporter
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("$x^2$")])
print(HTMLExporter(template_name={name!r}).from_notebook_node(book)[0])
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lab", "classic"])
def test_mathematics_of_exported_pages_comes_from_the_server_that_shows_them(home, tmp_path, name):
    page = run(MATHS.format(name=name), profiles.environment("learner", base=home), tmp_path)
    assert "/static/jupyter_server_mathjax/MathJax.js?config=" in page
    assert "cdnjs.cloudflare.com/ajax/libs/mathjax" not in page


def test_the_command_serves_one_folder_and_runs_no_file_of_it(tmp_path):
    line = lab.command(tmp_path, "start_here.ipynb", browser=False)
    assert line[:4] == [sys.executable, "-P", quickly.__file__, "jupyterlab"]
    assert f"--ServerApp.root_dir={tmp_path}" in line and "--ServerApp.open_browser=False" in line
    assert "--LabApp.default_url=/lab/tree/start_here.ipynb" in line
    assert "--LabApp.default_url=/lab" in lab.command(tmp_path, "")


def test_a_missing_jupyterlab_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(lab.BadInput, match=r"JupyterLab is not installed for .*pip install jupyterlab"):
        lab.serve(tmp_path)
