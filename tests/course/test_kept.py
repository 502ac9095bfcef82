"""What was handed out is used again only while the code it came from is the same, to the byte."""

import pytest

from course import kept


@pytest.fixture
def clone(tmp_path):
    for name in ("course/stages/01_one_neuron.py", "solutions/relu.py", "grader/exercises/relu.py", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def change_a_letter(root):
    (root / "solutions" / "relu.py").write_text("solutions/relu.PY")


def add_a_file(root):
    (root / "course" / "translation.json").write_text("{}")


def rename(root):
    (root / "solutions" / "relu.py").rename(root / "solutions" / "rely.py")


@pytest.mark.parametrize("change", [change_a_letter, add_a_file, rename])
def test_whatever_changes_in_the_rooms_changes_the_stamp(clone, change):
    before = kept.stamp(clone)
    assert kept.stamp(clone) == before
    change(clone)
    assert kept.stamp(clone) != before


def test_another_version_of_what_runs_the_code_changes_the_stamp(clone, monkeypatch):
    before = kept.stamp(clone)
    monkeypatch.setattr(kept, "version", lambda package: "0.0")
    assert kept.stamp(clone) != before


def test_what_is_no_part_of_the_course_does_not(clone):
    before = kept.stamp(clone)
    (clone / "README.md").write_text("another")
    (clone / "course" / "__pycache__").mkdir()
    (clone / "course" / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert kept.stamp(clone) == before
