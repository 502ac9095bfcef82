"""What a release holds, what it proves first, and what it never does."""

import json
import os
import stat
import zipfile

import nbformat
import pytest

from course.errors import BadInput
from grader import proofs
from grader import release as build
from grader.classroom import Classroom
from grader.exercise import Misconception
from grader.notebook import instructor_notebook, to_bytes
from tests.grader.kinds import KINDS

pytestmark = pytest.mark.slow


def files_of(folder):
    return build.read_folder(folder)


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


class TestLeaks:
    """The scan of the built release, tried on releases that leak."""

    def leaks(self, stage, change):
        files = dict(build.student_files(stage))
        change(files)
        return list(proofs.leaks(stage, files, secrets=[b"s3cret-of-the-class"]))

    def test_a_sound_release_has_none(self, stage_of_kinds):
        assert self.leaks(stage_of_kinds, lambda files: None) == []

    def test_a_solution_left_in_a_cell(self, stage_of_kinds):
        def change(files):
            files[f"{stage_of_kinds}.ipynb"] = to_bytes(instructor_notebook(stage_of_kinds))

        found = self.leaks(stage_of_kinds, change)
        assert any("BEGIN SOLUTION" in line for line in found)
        assert any("return rng.permutation(n)" in line and "shuffled" in line for line in found)

    def test_a_solution_in_other_spacing_and_with_a_comment(self, stage_of_kinds):
        def change(files):
            name = f"{stage_of_kinds}.ipynb"
            notebook = nbformat.reads(files[name].decode(), as_version=4)
            notebook.cells[1].source += "\nnp.savez( path,**params )  # psst"
            files[name] = to_bytes(notebook)

        assert any("keep" in line for line in self.leaks(stage_of_kinds, change))

    @pytest.mark.parametrize("name", ["solution.py", "__pycache__/x.pyc", "gradebook.db", "checks/../dense.so"])
    def test_a_stray_file(self, stage_of_kinds, name):
        assert self.leaks(stage_of_kinds, lambda files: files.update({name: b""})) == [
            f"{name}: this kind of file has no place in a release"
        ]

    @pytest.mark.parametrize("word", [b"### BEGIN HIDDEN TEST", b"s3cret-of-the-class"])
    def test_a_marker_or_the_secret_in_a_sheet(self, stage_of_kinds, word):
        assert self.leaks(stage_of_kinds, lambda files: files.update({"checks/scale.safetensors": word}))


class TestRuns:
    """The proofs that run notebooks, tried on notebooks with a fault."""

    def faults(self, stage, source, role="demo"):
        notebook = instructor_notebook(stage)
        notebook.cells = [notebook.cells[1], nbformat.v4.new_code_cell(source, id="odd")]
        notebook.cells[1].metadata["threshold"] = {"role": role}
        return proofs.faults_of_run(stage, notebook, build.student_files(stage))

    def test_an_error(self, stage_of_kinds):
        assert self.faults(stage_of_kinds, "1 / 0") == ["cell odd: ZeroDivisionError: division by zero"]

    def test_stderr(self, stage_of_kinds):
        faults = self.faults(stage_of_kinds, "import sys; print('hm', file=sys.stderr)", role="setup")
        assert faults == ["cell odd: writes to stderr: hm"]

    def test_a_figure_without_alternative_text(self, stage_of_kinds):
        source = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()"
        assert "without alternative text" in self.faults(stage_of_kinds, source)[0]

    def test_a_student_notebook_that_passes_a_check_unwritten(self, stage_of_kinds):
        notebook = instructor_notebook(stage_of_kinds)
        faults = proofs.faults_of_stub_run(stage_of_kinds, notebook, build.student_files(stage_of_kinds))
        assert faults == [f"{stage_of_kinds}: the student's notebook passes a check although nothing is written"]
