"""The commands keep their promises: nothing lost, one sentence for a mistake, JSON alone on stdout, quick to answer."""

import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from course import cli, doctor, kept, lab, start
from course.checkups.finding import note, ok, problem
from course.errors import NO_CLASS
from tests.course.materials import notebook, sources, stage

GRADER = {
    "stages": SimpleNamespace(stages=lambda: ["00_claims", "01_one_neuron"]),
    "release": SimpleNamespace(student_files=lambda name: stage(name, f"{name}_exercise")),
    "commands": SimpleNamespace(add_commands=lambda app: None),
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder to stand in, a grader of two small stages, and a Jupyter data folder of this test."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(cli, "_grader", GRADER.get)
    monkeypatch.setattr(kept, "stamp", lambda root: "one")
    return folder


@pytest.fixture
def served(monkeypatch):
    """What JupyterLab was started with, call by call; it ends with the code 0."""
    calls = []

    def serve(folder, page, **options):
        calls.append((folder, page, options, sorted(path.name for path in folder.iterdir())))
        return 0

    monkeypatch.setattr(lab, "serve", serve)
    return calls


def threshold(monkeypatch, *words):
    """Run `threshold WORDS` -> exit code."""
    monkeypatch.setattr(sys, "argv", ["threshold", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code or 0


def test_learn_builds_a_workspace_here_and_opens_the_start_page(here, monkeypatch, served, capsys):
    assert threshold(monkeypatch, "learn") == 0
    ((folder, page, options, names),) = served
    assert folder == here / "workspace" and page == start.PAGE and options["browser"]
    assert names == [".threshold", "00_claims", "01_one_neuron", "start_here.ipynb"]
    assert "New: 00_claims, 01_one_neuron" in capsys.readouterr().out


def test_learn_again_keeps_what_was_written_and_finds_the_workspace_from_inside(here, monkeypatch, served, capsys):
    threshold(monkeypatch, "learn")
    mine = here / "workspace" / "00_claims" / "00_claims.ipynb"
    mine.write_bytes(notebook(intro="# 00_claims", setup="from course import check", own="# Mine"))
    monkeypatch.chdir(mine.parent)
    capsys.readouterr()
    assert threshold(monkeypatch, "learn", "--no-browser") == 0
    assert served[-1][0] == here / "workspace" and not served[-1][2]["browser"]
    assert "# Mine" in sources(mine.read_bytes())
    assert "2 stages, up to date." in capsys.readouterr().out


def test_learn_tells_of_an_update_and_of_a_notebook_both_changed(here, monkeypatch, served, capsys):
    threshold(monkeypatch, "learn", "--workspace", "room")
    mine = here / "room" / "00_claims" / "00_claims.ipynb"
    mine.write_bytes(notebook(intro="# My title", setup="from course import check"))
    better = SimpleNamespace(student_files=lambda name: stage(name, intro="# Better", setup="from course import check"))
    monkeypatch.setitem(GRADER, "release", better)
    monkeypatch.setattr(kept, "stamp", lambda root: "two")
    capsys.readouterr()
    assert threshold(monkeypatch, "learn", "--workspace", "room") == 0
    out = capsys.readouterr().out
    assert "Updated, and what you wrote is still there: 01_one_neuron" in out
    assert "Yours stays; the course's is in 00_claims/00_claims.new.ipynb" in out


def test_learn_again_builds_nothing_while_the_clone_is_the_same(here, monkeypatch, served, capsys):
    threshold(monkeypatch, "learn")
    assert "Building the notebooks" in capsys.readouterr().out
    monkeypatch.setitem(GRADER, "release", None)  # nobody could build
    (here / "workspace" / "00_claims" / "00_claims.ipynb").unlink()
    assert threshold(monkeypatch, "learn") == 0
    out, err = capsys.readouterr()
    assert "New: 00_claims" in out and "Building" not in out and err == "", (
        "what is missing is put back from what was handed out"
    )


@pytest.mark.parametrize("change", ["a file damaged", "a file gone", "the list of stages", "the note damaged"])
def test_learn_builds_again_when_in_doubt(here, monkeypatch, served, capsys, change):
    threshold(monkeypatch, "learn")
    state = here / "workspace" / ".threshold"
    sheet = state / "pristine" / "00_claims" / "checks" / "00_claims_exercise.safetensors"
    if change == "a file damaged":
        sheet.write_bytes(b"half")
    elif change == "a file gone":
        sheet.unlink()
    elif change == "the list of stages":
        monkeypatch.setitem(
            GRADER, "stages", SimpleNamespace(stages=lambda: ["00_claims", "01_one_neuron", "02_smooth_neurons"])
        )
    else:
        (state / kept.FILE).write_text("{")
    capsys.readouterr()
    assert threshold(monkeypatch, "learn") == 0
    assert "Building the notebooks" in capsys.readouterr().out
    if change != "the list of stages":
        assert sheet.read_bytes() == b"00_claims_exercise"


def test_preview_opens_one_stage_in_a_workspace_that_is_gone_afterwards(here, monkeypatch, served):
    assert threshold(monkeypatch, "preview", "1") == 0
    ((folder, page, _, names),) = served
    assert page == "01_one_neuron/01_one_neuron.ipynb"
    assert names == [".threshold", "01_one_neuron", "start_here.ipynb"]
    assert not folder.exists() and not list(here.iterdir())


@pytest.mark.parametrize(
    "words, says",
    [
        (["preview", "01_one_nueron"], "did you mean 01_one_neuron?"),
        (["preview", "15"], "Stage 15_beyond is still to come."),
        (["preview"], "Missing argument"),
        (["learn", "--workspace"], "requires an argument"),
        (["lern"], "No such command"),
    ],
)
def test_a_mistake_gets_a_sentence_and_code_2(monkeypatch, served, capsys, words, says):
    assert threshold(monkeypatch, *words) == 2
    out, err = capsys.readouterr()
    assert says in err and "Traceback" not in err and out == "" and not served


def test_a_plain_wheel_says_which_file_to_install(monkeypatch, served, capsys):
    monkeypatch.setattr(cli, "_grader", lambda name: None)
    assert threshold(monkeypatch, "learn") == 2
    err = capsys.readouterr().err.strip()
    assert "install the course wheel" in err and "\n" not in err


def test_a_foreign_file_is_one_sentence_and_code_2(here, monkeypatch, served, capsys):
    (here / "workspace").mkdir()
    (here / "workspace" / "start_here.ipynb").write_bytes(notebook(a="# Another course"))
    assert threshold(monkeypatch, "learn") == 2
    err = capsys.readouterr().err.strip()
    assert "start_here.ipynb is not a file of this course" in err and "\n" not in err and not served


def test_a_jupyterlab_that_fails_is_code_1(monkeypatch, capsys):
    monkeypatch.setattr(lab, "serve", lambda *args, **options: 3)
    assert threshold(monkeypatch, "learn") == 1
    assert "threshold doctor" in capsys.readouterr().err


@pytest.mark.parametrize(
    "finding, code", [(ok("fine"), 0), (note("well", "Know it."), 0), (problem("ill", "Rest."), 1)]
)
def test_doctor_prints_one_json_document_and_nothing_else(monkeypatch, capsys, finding, code):
    monkeypatch.setattr(doctor.examine, "__kwdefaults__", {"fix": False, "checkups": [lambda place: [finding]]})
    assert threshold(monkeypatch, "doctor", "--json") == code
    assert json.loads(capsys.readouterr().out)["findings"][0]["found"] == finding.found
    assert threshold(monkeypatch, "doctor") == code
    assert finding.found in capsys.readouterr().out


def test_doctor_looks_at_a_class_from_elsewhere_and_at_no_other_folder(here, monkeypatch, capsys):
    monkeypatch.setattr(doctor.examine, "__kwdefaults__", {"fix": False, "checkups": [lambda place: [ok(str(place))]]})
    (here / "class" / "source").mkdir(parents=True)
    assert threshold(monkeypatch, "doctor", "--class", "class") == 2
    assert capsys.readouterr().err.strip() == NO_CLASS.format(here / "class")
    (here / "class" / "nbgrader_config.py").write_text("")
    assert threshold(monkeypatch, "doctor", "--class", "class", "--json") == 0
    assert json.loads(capsys.readouterr().out)["findings"][0]["found"] == str(here / "class")
    assert threshold(monkeypatch, "doctor", "--class", "class/source") == 2


def test_the_instructors_commands_are_listed_where_the_grader_is(monkeypatch, capsys):
    added = []
    monkeypatch.setitem(GRADER, "commands", SimpleNamespace(add_commands=added.append))
    assert threshold(monkeypatch, "--help") == 0
    assert added == [cli.app]
    assert threshold(monkeypatch, "learn", "--help") == 0
    assert added == [cli.app], "a learner's command does not look for them"


PROBE = """
import sys
sys.argv = ["threshold", *{words!r}]
from course.cli import main
try:
    main()
finally:
    print(sorted({{name.split(".")[0] for name in sys.modules}}), file=sys.stderr)
"""


def modules_after(*words):
    run = subprocess.run([sys.executable, "-c", PROBE.format(words=words)], capture_output=True, text=True, check=True)
    return run.stderr.splitlines()[-1], run.stdout


def test_help_for_a_learner_loads_no_grader_and_nothing_heavy():
    modules, _ = modules_after("learn", "--help")
    assert not any(repr(name) in modules for name in ("grader", "solutions", "numba", "jupyterlab", "nbformat"))


def test_help_in_a_clone_lists_both_kinds_of_command_each_with_a_whole_sentence():
    _, out = modules_after("--help")
    assert all(command in out for command in ("learn", "preview", "doctor", "release", "grade"))
    assert "..." not in out.partition("Commands:")[2]


def test_help_calls_a_flag_no_bool():
    _, out = modules_after("doctor", "--help")
    assert re.search(r"--fix +Mend", out) and "bool" not in out
