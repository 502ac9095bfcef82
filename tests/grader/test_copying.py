"""A submission is copied while its owner may still be at work in it: what is opened is what was meant, or nothing."""

import os

import pytest

from grader import copying
from grader.copying import copy_folder

ROOM = 1 << 20


@pytest.fixture
def src(tmp_path):
    """A submission with a notebook, a file and a folder; beside it somebody else's."""
    folder, others = tmp_path / "mine", tmp_path / "others"
    for place in (folder, folder / "inside", others):
        place.mkdir()
        (place / "a.ipynb").write_text(f"of {place.name}")
        (place / "b.txt").write_text("b")
    return folder


@pytest.fixture
def dest(tmp_path):
    (tmp_path / "copy").mkdir()
    return tmp_path / "copy"


def texts(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_copied_and_links_stay_links(src, dest):
    (src / "link").symlink_to("/etc/passwd")
    (src / "folders").symlink_to("/etc")
    assert copy_folder(src, dest, ROOM) == 0
    assert {name: (dest / name).readlink().as_posix() for name in ("link", "folders")} == {
        "link": "/etc/passwd", "folders": "/etc",
    }  # fmt: skip
    names = ("a.ipynb", "b.txt", "inside/a.ipynb", "inside/b.txt")
    assert {name: (dest / name).read_bytes() for name in names} == {name: (src / name).read_bytes() for name in names}


@pytest.mark.parametrize("what", ["a.ipynb", "inside"])
@pytest.mark.parametrize("becomes", ["link", "pipe"])
def test_what_changes_between_the_look_and_the_opening_is_left_out(src, dest, monkeypatch, what, becomes):
    kind, others = copying._kind, src.parent / "others"

    def looked(name, folder):
        found = kind(name, folder)
        if name == what and not (src.parent / "gone").exists():
            (src / what).rename(src.parent / "gone")
            target = others / what if what == "a.ipynb" else others
            (src / what).symlink_to(target) if becomes == "link" else os.mkfifo(src / what)
        return found

    monkeypatch.setattr(copying, "_kind", looked)
    assert copy_folder(src, dest, ROOM) == 1
    assert "of others" not in texts(dest).values()
    assert not (dest / what).exists()


@pytest.mark.parametrize("kind", ["link", "file", "pipe"])
def test_what_is_no_folder_is_not_copied(src, dest, kind):
    entry = src.parent / "entry"
    {"link": lambda: entry.symlink_to(src), "file": entry.touch, "pipe": lambda: os.mkfifo(entry)}[kind]()
    with pytest.raises(OSError, match="entry"):
        copy_folder(entry, dest, ROOM)
    assert not list(dest.iterdir())


def test_a_flood_leaves_room_for_the_notebooks(src, dest):
    for k in range(100):
        (src / f"0{k}.txt").touch()
    with open(src / "model.bin", "wb") as file:
        file.truncate(1 << 40)
    copy_folder(src, dest, 20 * copying.BLOCK)
    assert 15 < len(texts(dest)) <= 20 and (dest / "a.ipynb").is_file() and not (dest / "model.bin").exists()


def test_folders_without_end_come_to_one(src, dest):
    deep = src.joinpath(*["d"] * 150)
    deep.mkdir(parents=True)
    (deep / "x").write_text("x")
    assert copy_folder(src, dest, ROOM) == 1
    assert (dest / "inside" / "a.ipynb").is_file() and not list(dest.rglob("x"))
