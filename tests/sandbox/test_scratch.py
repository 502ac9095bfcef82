"""A folder is emptied whatever is in it, and nothing outside it is touched."""

import os

from grader.sandbox.scratch import spent, wipe


def test_everything_goes_and_the_folder_stays(tmp_path):
    folder = tmp_path / "scratch"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "lifted-0").write_text("a name that wiping uses itself")
    (folder / "lifted-0").mkdir()
    (folder / "a" / "locked").mkdir()
    (folder / "a" / "locked" / "file").touch()
    (folder / "a" / "locked").chmod(0)
    (folder / "a").chmod(0)
    os.mkfifo(folder / "pipe")
    wipe(folder)
    assert list(folder.iterdir()) == []


def test_links_are_removed_not_followed(tmp_path):
    folder, outside = tmp_path / "scratch", tmp_path / "outside"
    (folder / "deep").mkdir(parents=True)
    outside.mkdir(mode=0o755)
    (outside / "kept").write_text("kept")
    for place in (folder, folder / "deep"):
        (place / "to a folder").symlink_to(outside)
        (place / "to a file").symlink_to(outside / "kept")
        (place / "to nothing").symlink_to(tmp_path / "nothing")
    wipe(folder)
    assert list(folder.iterdir()) == []
    assert (outside / "kept").read_text() == "kept"
    assert outside.stat().st_mode & 0o777 == 0o755


def test_a_path_too_long_to_name_is_no_hiding_place(tmp_path):
    home = os.open(".", os.O_RDONLY)
    os.chdir(tmp_path)
    for _ in range(600):
        os.mkdir("deeper" * 4)
        os.chdir("deeper" * 4)
    open("file", "w").close()
    os.fchdir(home)
    os.close(home)
    wipe(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_files_and_bytes_are_counted_below_links_not_beyond(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(bytes(100_000))
    (tmp_path / "link").symlink_to("/usr")
    files, size = spent(tmp_path, 100)
    assert files == 3
    assert 100_000 <= size < 200_000


def test_counting_ends_soon_after_the_limit(tmp_path):
    for i in range(50):
        (tmp_path / str(i)).touch()
    assert spent(tmp_path, 10)[0] == 11
