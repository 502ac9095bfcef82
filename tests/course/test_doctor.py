"""The doctor finds each ailment, says how to mend it, mends what is safe, and never faints."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from course import doctor, gpu
from course.checkups import CHECKUPS, exchange, folders, interpreter, jupyter, machine
from course.checkups.finding import note, ok, problem

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_jupyter(tmp_path, monkeypatch):
    """No configuration but this test's; returns its folder."""
    config = tmp_path / "etc"
    config.mkdir()
    monkeypatch.setattr(jupyter, "jupyter_config_path", lambda: [str(config)])
    return config


@pytest.fixture
def classroom(tmp_path):
    """A class folder with an open door."""
    root = tmp_path / "class"
    (root / "source" / "01_one_neuron").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.root = {str(root / 'exchange')!r}\n")
    (root / "gradebook.db").write_bytes(b"grades")
    root.chmod(0o755)
    (root / "gradebook.db").chmod(0o644)
    return root


def statuses(checkup, place):
    return [finding.status for finding in checkup(place)]


def only(checkup, place):
    (finding,) = checkup(place)
    return finding


def test_this_machine_runs_the_course(tmp_path):
    findings = doctor.examine(tmp_path)
    assert {finding.name for finding in findings} <= {checkup.__name__.replace("_", " ") for checkup in CHECKUPS}
    assert all(finding.found for finding in findings)
    assert all(finding.mend.endswith((".", "`.")) for finding in findings if finding.status == "problem")
    unreachable = [finding for finding in findings if "could not be looked at" in finding.found]
    assert not unreachable


@pytest.mark.parametrize(
    ("asked", "count", "name", "status", "found"),
    [
        ("", 0, None, "ok", "simulator: this machine has no NVIDIA driver"),
        ("1", 1, "A GPU", "ok", "simulator: NUMBA_ENABLE_CUDASIM=1 is set"),
        ("", 1, "A GPU", "ok", "stage 10 runs on it: A GPU"),
        ("", 1, None, "note", "a first kernel failed on it"),
        ("0", 0, None, "problem", "asks for a GPU, but this machine has no NVIDIA driver"),
        ("0", 1, None, "problem", "asks for a GPU, but there is a GPU, but a first kernel failed on it"),
    ],
)
def test_a_gpu_is_looked_for_as_stage_10_looks_for_it(tmp_path, monkeypatch, asked, count, name, status, found):
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", asked)
    monkeypatch.setattr(gpu, "devices", lambda: (count, "" if count else "this machine has no NVIDIA driver"))
    failed = "" if name else "there is a GPU, but a first kernel failed on it (no reason given)"
    monkeypatch.setattr(gpu, "try_kernel", lambda: (name, failed))
    said = only(machine.gpu, tmp_path)
    assert said.status == status and found in said.found


def test_what_a_class_has_imported_says_nothing_about_the_gpu(classroom):
    """Its nbgrader_config.py imports the grader, and that asks for the simulator in this process."""
    (classroom / "nbgrader_config.py").write_text("import grader\n")
    env = {name: value for name, value in os.environ.items() if name != gpu.VARIABLE}
    command = [sys.executable, "-m", "course.cli", "doctor", "--class", classroom, "--json"]
    said = json.loads(subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True).stdout)
    (line,) = [finding["found"] for finding in said["findings"] if finding["name"] == "gpu"]
    assert gpu.VARIABLE not in line


def test_a_checkup_that_trips_is_a_finding():
    def stairs(place):
        yield ok("first step")
        raise OSError("no second step")

    found = doctor.examine("/", checkups=[stairs])
    assert [(f.name, f.status) for f in found] == [("stairs", "ok"), ("stairs", "note")]
    assert "OSError: no second step" in found[1].found


def test_fix_mends_what_is_safe_and_nothing_else():
    done = []

    def ailments(place):
        yield problem("a", "Mend a.", lambda: done.append("a"))
        yield problem("b", "Mend b.")
        yield note("c", "Mend c.")

    assert not doctor.healthy(doctor.examine("/", checkups=[ailments])) and not done
    found = doctor.examine("/", checkups=[ailments], fix=True)
    assert [f.status for f in found] == ["fixed", "problem", "note"] and done == ["a"]


def test_a_mend_that_fails_stays_a_problem():
    def ailment(place):
        yield problem("a", "Mend a.", lambda: os.mkdir("/proc/a"))

    (found,) = doctor.examine("/", checkups=[ailment], fix=True)
    assert found.status == "problem" and "could not be mended" in found.found


def test_the_document_is_json_and_the_table_shows_every_mend(tmp_path):
    def ailment(place):
        yield problem("[red]lost[/]", "Look [here].", lambda: None)

    found = doctor.examine(tmp_path, checkups=[ailment])
    row = {"name": "ailment", "status": "problem", "found": "[red]lost[/]", "mend": "Look [here]."}
    assert json.loads(json.dumps(doctor.document(found))) == {"ok": False, "findings": [row]}
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(doctor.table(found))
    assert "[red]lost[/]" in (text := console.export_text()) and "→ Look [here]." in text


def test_missing_and_old_packages_are_named_with_the_command(monkeypatch, tmp_path):
    wanted = ["numpy>=99", "no-such-package>=1", "rich>=13", "pytest>=99; extra == 'test'"]
    monkeypatch.setattr(interpreter.importlib.metadata, "requires", lambda name: wanted)
    finding = only(interpreter.packages, tmp_path)
    assert finding.status == "problem"
    assert "no-such-package is missing" in finding.found and "numpy" in finding.found
    assert finding.mend.endswith("-m pip install -U 'numpy>=99' 'no-such-package>=1'`.")


def test_a_course_that_notebooks_cannot_import_is_a_problem(monkeypatch, tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'course'\" >&2; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    finding = only(interpreter.kernel, tmp_path)
    assert finding.status == "problem" and "No module named 'course'" in finding.found


@pytest.mark.parametrize(
    "name, text",
    [
        ("jupyter_server_config.json", '{"ServerApp": '),
        ("jupyter_server_config.py", "c.ServerApp.port = = 1"),
        ("labconfig/page_config.json", "nothing"),
    ],
)
def test_a_settings_file_with_a_slip_is_named(own_jupyter, tmp_path, name, text):
    assert statuses(jupyter.jupyter_config, tmp_path) == ["ok"]
    (own_jupyter / name).parent.mkdir(exist_ok=True)
    (own_jupyter / name).write_text(text)
    finding = only(jupyter.jupyter_config, tmp_path)
    assert finding.status == "problem" and name in finding.found


def test_no_nbgrader_configuration_is_fine_alone(tmp_path):
    assert only(jupyter.nbgrader_config, tmp_path).status == "note"
    assert list(jupyter.nbgrader_exchange(tmp_path)) == []


def test_the_configuration_that_wins_is_named_first(own_jupyter, classroom):
    (own_jupyter / "nbgrader_config.py").write_text("c.Exchange.root = '/elsewhere'")
    finding = only(jupyter.nbgrader_config, classroom)
    assert finding.found == f"{classroom / 'nbgrader_config.py'}, before {own_jupyter / 'nbgrader_config.py'}"
    assert str(classroom / "exchange") in only(jupyter.nbgrader_exchange, classroom).found


def test_a_configuration_that_stops_is_named_with_its_reason(classroom):
    (classroom / "nbgrader_config.py").write_text("c.Exchange.root = 1 / 0")
    finding = only(jupyter.nbgrader_config, classroom)
    assert finding.status == "problem" and "ZeroDivisionError" in finding.found


def test_a_missing_exchange_is_made_only_inside_the_class(classroom):
    (finding,) = doctor.examine(classroom, checkups=[jupyter.nbgrader_exchange], fix=True)
    assert finding.status == "fixed" and (classroom / "exchange").is_dir()
    assert only(jupyter.nbgrader_exchange, classroom).status == "ok"
    (classroom / "nbgrader_config.py").write_text("c.Exchange.root = '/srv/no/such/exchange'")
    (finding,) = doctor.examine(classroom, checkups=[jupyter.nbgrader_exchange], fix=True)
    assert finding.status == "problem"


def test_an_exchange_nobody_configured_is_a_note(classroom):
    (classroom / "nbgrader_config.py").write_text("c.CourseDirectory.course_id = 'dl'")
    assert only(jupyter.nbgrader_exchange, classroom).status == "note"


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are POSIX's")
def test_a_class_that_others_can_look_into_is_closed(classroom):
    (classroom / ".threshold").mkdir()
    (classroom / ".threshold" / "secret").write_text("s")
    assert statuses(folders.class_folder, classroom / "source") == ["problem"] * 3
    assert doctor.healthy(doctor.examine(classroom, checkups=[folders.class_folder], fix=True))
    assert classroom.stat().st_mode & 0o777 == 0o700
    assert (classroom / "gradebook.db").stat().st_mode & 0o777 == 0o600


def test_a_python_file_in_source_is_an_answer_about_to_leak(classroom):
    (classroom / "source" / "01_one_neuron" / "solution.py").write_text("")
    assert any("would be released" in finding.found for finding in folders.class_folder(classroom))


def test_a_folder_that_is_no_class_is_left_alone(tmp_path):
    assert list(folders.class_folder(tmp_path)) == []


def test_files_that_shadow_a_library_are_named(tmp_path):
    room = tmp_path / "workspace"
    (room / "01_one_neuron").mkdir(parents=True)
    assert statuses(folders.workspace, tmp_path) == ["ok"]
    for name in ("01_one_neuron/numpy.py", "random.py", "my_library.py"):
        (room / name).write_text("")
    (room / "01_one_neuron" / "01_one_neuron.new.ipynb").write_text("")
    found = list(folders.workspace(tmp_path))
    assert [(f.status, f.found.split("/")[-1].split()[0]) for f in found] == [
        ("problem", "numpy.py"),
        ("problem", "random.py"),
        ("note", "01_one_neuron.new.ipynb"),
    ]


def test_a_full_disk_and_a_narrow_encoding_are_told(monkeypatch, tmp_path):
    usage = machine.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda place: usage._replace(free=1 << 20))
    assert only(machine.disk, tmp_path).status == "problem"
    monkeypatch.setattr(machine.locale, "getencoding", lambda: "cp1252")
    assert only(machine.text_encoding, tmp_path).status == "note"


def test_a_machine_without_bubblewrap_learns_but_does_not_grade(monkeypatch, tmp_path):
    monkeypatch.setattr(machine.platform, "system", lambda: "Linux")
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    finding = only(machine.isolation, tmp_path)
    assert finding.status == "note" and "Learning needs neither" in finding.mend


@pytest.mark.parametrize(
    ("switch", "value", "way"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "/etc/apparmor.d/bwrap"),
        ("kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "sysctl user.max_user_namespaces="),
        ("user/max_user_namespaces", "100", "its host has to"),
    ],
)
def test_what_keeps_bubblewrap_from_working_is_named(monkeypatch, tmp_path, switch, value, way):
    monkeypatch.setattr(machine.platform, "system", lambda: "Linux")
    monkeypatch.setattr(machine.shutil, "which", lambda name: "/bin/false")
    monkeypatch.setattr(
        machine.subprocess, "run", lambda *line, **options: machine.subprocess.CompletedProcess(line, 1)
    )
    monkeypatch.setattr(machine, "SYSTEM", tmp_path)
    (tmp_path / switch).parent.mkdir()
    (tmp_path / switch).write_text(value + "\n")
    finding = only(machine.isolation, tmp_path)
    assert finding.status == "note" and way in finding.mend


@pytest.fixture
def shared(classroom, tmp_path):
    """A class whose exchange is outside of it, with the three folders of a course."""
    root = tmp_path / "shared"
    for name in ("inbound", "outbound", "feedback"):
        (root / "dl" / name).mkdir(parents=True)
    for name, mode in (("inbound", 0o733), ("outbound", 0o755), ("feedback", 0o711)):
        (root / "dl" / name).chmod(mode)
    (classroom / "nbgrader_config.py").write_text(f"c = get_config()\nc.Exchange.root = {str(root)!r}\n")
    return root / "dl"


posix = pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are POSIX's")


@posix
@pytest.mark.parametrize(
    ("name", "mode", "told"),
    [
        ("inbound", 0o777, "students can list what others hand in"),
        ("outbound", 0o777, "students can change what is handed out"),
        ("feedback", 0o755, "students can find the feedback of others"),
    ],
)
def test_a_permission_trap_in_the_exchange_is_found_and_mended(classroom, shared, name, mode, told):
    def problems(**options):
        found = doctor.examine(classroom, checkups=[exchange.exchange_permissions], **options)
        return [finding for finding in found if finding.status in ("problem", "fixed")]

    assert problems() == []
    (shared / name).chmod(mode)
    (finding,) = problems()
    assert finding.found == f"{told}: {shared / name}" and "chmod" in finding.mend
    assert [finding.status for finding in problems(fix=True)] == ["fixed"]
    assert problems() == []


@posix
def test_an_exchange_that_only_one_account_reaches_is_told(classroom, shared):
    shared.parent.chmod(0o700)
    found = list(exchange.exchange_permissions(classroom))
    assert [finding.status for finding in found] == ["note"] and str(shared.parent) in found[0].found


def test_an_address_that_does_not_answer_is_a_problem(monkeypatch, tmp_path):
    def refuse(self, address):
        raise OSError("blocked")

    monkeypatch.setattr(machine.socket.socket, "connect", refuse)
    assert only(machine.loopback, tmp_path).status == "problem"
