"""What a release holds, what it proves first, and what it never does."""

import json
import os
import stat
import zipfile

import pytest
import typer

from course.errors import BadInput
from grader import release as build
from grader import stages
from grader.classroom import Classroom
from grader.commands.release import release as command
from grader.exercise import Misconception
from tests.grader.kinds import KINDS

pytestmark = pytest.mark.slow


def files_of(folder):
    return build.read_folder(folder)


@pytest.mark.full
@pytest.mark.parametrize("stage", stages.stages())
def test_every_stage_holds_its_proofs(stage, tmp_path):
    """Its notebook runs whole, demonstrations and all."""
    proved = build.prove(Classroom(tmp_path / "class").create(), stage)
    assert f"{stage}.ipynb" in proved.files


def test_a_release_is_what_a_learner_gets_and_no_more(class_of_kinds, stage_of_kinds):
    released = files_of(class_of_kinds.folder("release", stage_of_kinds))
    assert released == build.student_files(stage_of_kinds)
    assert set(released) == {f"{stage_of_kinds}.ipynb", *(f"checks/{name}.safetensors" for name in KINDS)}


def test_releasing_twice_gives_the_same_bytes(class_of_kinds, stage_of_kinds):
    def everything():
        return {step: files_of(class_of_kinds.root / step) for step in ("release", "dist", "source")}

    before = everything()
    build.release(class_of_kinds, stage_of_kinds)
    assert everything() == before


def test_the_zip_and_the_manifest_agree_with_the_release(class_of_kinds, stage_of_kinds):
    dist = class_of_kinds.root / "dist"
    manifest = json.loads((dist / f"{stage_of_kinds}.manifest.json").read_text())
    with zipfile.ZipFile(dist / f"{stage_of_kinds}.zip") as archive:
        zipped = {name.removeprefix(f"{stage_of_kinds}/"): archive.read(name) for name in archive.namelist()}
    assert zipped == files_of(class_of_kinds.folder("release", stage_of_kinds))
    assert set(manifest["files"]) == set(zipped)
    assert manifest["points"] == sum(sum(exercise.points.values()) for exercise in KINDS.values())


def test_the_class_is_closed_to_others(class_of_kinds):
    assert stat.S_IMODE(class_of_kinds.root.stat().st_mode) == 0o700
    assert stat.S_IMODE((class_of_kinds.state / "secret").stat().st_mode) == 0o600


def test_an_instructors_edit_of_a_built_source_is_never_overwritten(class_of_kinds, stage_of_kinds):
    path = class_of_kinds.folder("source", stage_of_kinds) / f"{stage_of_kinds}.ipynb"
    original = path.read_bytes()
    path.write_bytes(original + b"\n")
    try:
        with pytest.raises(BadInput, match="left alone"):
            build.release(class_of_kinds, stage_of_kinds)
        assert path.read_bytes() == original + b"\n"
    finally:
        path.write_bytes(original)


def test_a_fault_stops_the_release_and_leaves_the_old_one(class_of_kinds, stage_of_kinds, monkeypatch):
    broken = KINDS["shuffled"]
    twin = Misconception("right after all", wrong=broken.model, hint="?")
    object.__setattr__(broken, "misconceptions", (*broken.misconceptions, twin))
    before = files_of(class_of_kinds.root / "release")
    try:
        with pytest.raises(build.NotReleased) as stopped:
            build.release(class_of_kinds, stage_of_kinds)
    finally:
        object.__setattr__(broken, "misconceptions", broken.misconceptions[:-1])
    assert any("right after all" in fault for fault in stopped.value.faults)
    assert files_of(class_of_kinds.root / "release") == before


def test_a_folder_with_other_things_in_it_is_no_class(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(BadInput, match="holds other things"):
        Classroom(tmp_path).create()
    assert os.listdir(tmp_path) == ["thesis.tex"]


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_where_one_stage_has_a_fault_none_is_released_and_the_fault_has_its_line(
    tmp_path, monkeypatch, capsys, as_json
):
    line = "03_networks.ipynb, cell wired: takes longer than the 120 s allowed"
    monkeypatch.setattr(build, "faults_of", lambda stage, *rest, **options: [line] if stage == "03_networks" else [])
    with pytest.raises(typer.Exit) as ended:
        command(["01", "03"], folder=tmp_path / "class", wheel=True, as_json=as_json)
    assert ended.value.exit_code == 1
    assert not any((tmp_path / "class" / step).exists() for step in ("source", "release", "dist"))
    said = capsys.readouterr()
    if as_json:
        document = json.loads(said.out)
        assert (document["released"], document["wheel"], document["faults"]) == ([], None, {"03_networks": [line]})
    else:
        assert said.out == ""
        assert said.err.splitlines() == ["✗ 03_networks: 1 fault", f"  {line}", "Nothing is released."]


def test_a_stage_that_cannot_become_a_notebook_is_a_fault_with_its_file(stage_of_kinds, tmp_path, monkeypatch):
    (tmp_path / f"{stage_of_kinds}.py").write_text('# %% exercize="scale"\n')
    monkeypatch.setattr(stages, "FOLDER", tmp_path)
    with pytest.raises(build.NotReleased) as stopped:
        build.prove(Classroom(tmp_path / "class").create(), stage_of_kinds)
    assert stopped.value.faults[0].startswith(f"course/stages/{stage_of_kinds}.py, cell 1: `exercize=` is no key")
    assert all(fault.startswith(f"course/stages/{stage_of_kinds}.py") for fault in stopped.value.faults)


def test_what_nbgrader_builds_otherwise_than_proved_is_taken_back(stage_of_kinds, class_of_kinds, copy_of):
    classroom = copy_of(class_of_kinds)
    before = {step: files_of(classroom.root / step) for step in ("source", "release", "dist")}
    files = build.student_files(stage_of_kinds) | {"checks/scale.safetensors": b"other"}
    proved = build.Proved(stage_of_kinds, build.instructor_notebook(stage_of_kinds), files)
    with pytest.raises(build.NotReleased) as stopped:
        build.build(classroom, proved)
    assert stopped.value.faults == ["checks/scale.safetensors: nbgrader built something else than was proved"]
    assert {step: files_of(classroom.root / step) for step in ("source", "release", "dist")} == before
