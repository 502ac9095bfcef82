"""Folders and files that are not a notebook: cut off, renamed, linked, too many, or named to be imported."""

import os

from tests.grader.attacks.registry import STAGE, trouble

NOTHING = {"points": 0, "status": "not graded"}


def notebook_of(folder):
    return folder / f"{STAGE}.ipynb"


@trouble(**NOTHING, says="cut off or damaged")
def attack_cut_off(folder):
    notebook_of(folder).write_bytes(notebook_of(folder).read_bytes()[:2000])


@trouble(**NOTHING, says="it is empty")
def attack_empty(folder):
    notebook_of(folder).write_bytes(b"")


@trouble(**NOTHING, says="cannot be read")
def attack_nested_json(folder):
    notebook_of(folder).write_bytes(b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@trouble(**NOTHING, says="not a Jupyter notebook")
def attack_another_json(folder):
    notebook_of(folder).write_text('{"cells": 3}')


@trouble(**NOTHING, says="it is not text")
def attack_not_unicode(folder):
    notebook_of(folder).write_bytes(b"\xff\xfe\x00" * 1000)


@trouble(**NOTHING, says="not a Jupyter notebook of version 4")
def attack_version_3(folder):
    notebook_of(folder).write_text(
        '{"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": []}], "metadata": {}}'
    )


@trouble(**NOTHING, says="broken")
def attack_cells_that_are_no_cells(folder):
    notebook_of(folder).write_text(
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1, null, "x", [], {}]}'
    )


@trouble(**NOTHING, says="larger than 8 MB")
def attack_nine_megabytes(folder):
    notebook_of(folder).write_bytes(b'{"cells": [' + b" " * (9 << 20) + b"]}")


@trouble(says="please keep its name")
def attack_renamed(folder):
    notebook_of(folder).rename(folder / "my homework; rm -rf ~.ipynb")


@trouble(**NOTHING, says="no notebook")
def attack_deleted(folder):
    notebook_of(folder).unlink()


@trouble(**NOTHING, says="no notebook")
def attack_a_folder_of_that_name(folder):
    notebook_of(folder).unlink()
    notebook_of(folder).mkdir()
    (notebook_of(folder) / "x").write_text("x")


@trouble(**NOTHING, says="was a link", plain="it would publish the gradebook")
def attack_link_to_the_gradebook(folder):
    notebook_of(folder).unlink()
    notebook_of(folder).symlink_to(folder.parent.parent.parent / "gradebook.db")


@trouble(**NOTHING, says="was a link", plain="it would grade a classmate's work")
def attack_link_to_a_classmate(folder):
    notebook_of(folder).unlink()
    notebook_of(folder).symlink_to(folder.parent.parent / "anna" / STAGE / f"{STAGE}.ipynb")


@trouble(says="was a link", plain="it would copy the disk")
def attack_link_to_the_disk(folder):
    (folder / "everything").symlink_to("/")


@trouble(says="was a link", plain="it would wait for ever")
def attack_pipe(folder):
    os.mkfifo(folder / "endless.dat")


@trouble(says="more than 500 files")
def attack_two_thousand_files(folder):
    for k in range(2000):
        (folder / f"file{k:04}.txt").write_text("x")


@trouble(says="too large", plain="it would copy a hundred megabytes")
def attack_hundred_megabytes(folder):
    with open(folder / "model.bin", "wb") as file:
        file.truncate(100 << 20)


@trouble()
def attack_modules_that_shadow(folder):
    for name in (
        "numba",
        "numpy",
        "grader",
        "course",
        "ipykernel_launcher",
        "sitecustomize",
        "nbgrader_config",
        "random",
    ):
        (folder / f"{name}.py").write_text("raise SystemExit('shadowed')")


@trouble()
def attack_packages_that_shadow(folder):
    for name in ("course", "solutions", "IPython"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("raise SystemExit('shadowed')")


@trouble(points=0)
def attack_forged_sheets(folder):
    """Answer sheets of its own making: the grader has its own."""
    from course.wire import pack, unpack
    from tests.grader.attacks.cells import edit, spoil

    edit(folder, spoil)
    (folder / "checks").mkdir()
    for path in (folder.parent.parent.parent / "release" / STAGE / "checks").glob("*.safetensors"):
        sheet = unpack(path.read_bytes())
        for case in sheet["cases"]:
            case["expected"]["value"] = None
        (folder / "checks" / path.name).write_bytes(pack(sheet))


@trouble(says="does not hold a time")
def attack_time_that_is_none(folder):
    (folder / "timestamp.txt").write_text("yesterday, I think \x00")


@trouble(says="does not hold a time")
def attack_time_that_is_a_folder(folder):
    (folder / "timestamp.txt").mkdir()
    (folder / "timestamp.txt" / "x").write_text("x")


@trouble()
def attack_names_of_files(folder):
    for name in ("\x1b[2J.txt", "a\nb.txt", "-rf", "$(touch pwned)", "ünïcödé 🎈.txt", "x" * 200):
        (folder / name).write_text("x")


@trouble(says="`\ufffd` was a link")
def attack_names_that_are_no_text(folder):
    here = os.fsencode(folder)
    os.symlink(b"/etc/passwd", here + b"/\xff")
    for name in (b"/\xfe.txt", b"/\xfe"):
        os.mkdir(here + name) if name == b"/\xfe" else open(here + name, "w").close()


@trouble()
def attack_folders_a_hundred_deep(folder):
    deep = folder.joinpath(*["d"] * 100)
    deep.mkdir(parents=True)
    (deep / "x").write_text("x")
