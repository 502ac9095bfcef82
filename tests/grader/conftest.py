"""A small stage with one exercise of every kind, and a class it is released to."""

import shutil

import pytest

from grader import exercises, stages
from grader.classroom import Classroom
from grader.release import release, sheet_files
from tests.grader.kinds import KINDS, STAGE

SOURCE = """\
# %% [markdown]
# # Every kind of case
#
# {points} points.

# %% role="setup"
import numpy as np
from numba import cuda, njit, prange

from course import check

""" + "\n".join(f'# %% exercise="{name}"\n' for name in KINDS)


@pytest.fixture(scope="session")
def stage_of_kinds(tmp_path_factory):
    """The name of a stage with one exercise of every kind, registered for the whole session."""
    folder = tmp_path_factory.mktemp("stages")
    for path in stages.FOLDER.glob("*.py"):
        shutil.copy(path, folder)
    (folder / f"{STAGE}.py").write_text(SOURCE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "FOLDER", folder)
        for name, exercise in KINDS.items():
            patch.setitem(exercises.EXERCISES, name, exercise)
        yield STAGE
    sheet_files.cache_clear()


@pytest.fixture(scope="session")
def class_of_kinds(stage_of_kinds, tmp_path_factory):
    """A class to which the stage of kinds is released."""
    classroom = Classroom(tmp_path_factory.mktemp("class") / "class").create()
    release(classroom, stage_of_kinds)
    return classroom


@pytest.fixture(scope="session")
def class_of_stage_01(tmp_path_factory):
    """A class to which stage 01 is released; tests that change it take a copy."""
    classroom = Classroom(tmp_path_factory.mktemp("class01") / "class").create()
    release(classroom, "01_one_neuron")
    return classroom


@pytest.fixture(scope="session")
def copy_of(tmp_path_factory):
    """A copy of a class, to be changed at will: proving a release takes longer than copying it."""

    def copy(classroom):
        root = tmp_path_factory.mktemp("copy") / "class"
        shutil.copytree(classroom.root, root, ignore=shutil.ignore_patterns("submitted", "autograded", "feedback"))
        return Classroom(root)

    return copy
