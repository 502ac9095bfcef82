"""The README says what is true: its numbers, its pictures, and what it shows of a check and of the commands."""

import re
from pathlib import Path

import pytest

from course import catalog, report
from course.attempt import attempt
from course.check import aside
from course.judge import judge
from grader.exercises import EXERCISES, of_stage
from tests.browser import gallery
from tests.grader.attacks import cells, files, floods, forging  # noqa: F401  (each registers its attacks)
from tests.grader.attacks.registry import ATTACKS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def firmer(x, w, b):
    return 1 if (x * w).sum() + b > 0 else 0


@pytest.fixture(scope="module")
def verdict():
    exercise = EXERCISES["perceptron"]
    sheet = exercise.sheet(exercise.visible_seed)
    outcomes = [attempt(firmer, case) for case in sheet["cases"]]
    return sheet, outcomes, judge(sheet, outcomes)


def test_the_check_it_shows_is_what_a_check_says(verdict):
    sheet, outcomes, found = verdict
    said = report.text(found, aside(sheet, outcomes, found))
    shown, line = (block for block in blocks("text") if "perceptron" in block)
    assert shown.strip() == re.sub(r"\n  \S+ m?s for 8 cases(?=\n)", "", said).strip()
    assert line.strip() == report.in_a_line(found)


def test_the_commands_it_shows_print_what_the_grader_page_shows():
    page = (ROOT / "grader" / "README.md").read_text(encoding="utf-8")
    shown = blocks("console")
    assert len(shown) >= 2
    for block in shown:
        assert block in page, f"{block}\n… which tests/grader/test_pages.py runs"


def test_its_numbers_are_those_of_the_registries():
    exercises = [exercise for stage in catalog.STAGES for exercise in of_stage(stage.name).values()]
    slips = sum(len(exercise.misconceptions) for exercise in exercises)
    for counted in (
        f"mistakes of the {len(exercises)} exercises, more than {slips // 100 * 100}, are",
        f"16 stages, {len(exercises)} exercises",
    ):
        assert counted in " ".join(TEXT.split()), f"README.md counts differently: write “{counted}”"
    assert len(gallery.WINS) == len(catalog.STAGES) == 16
    assert f"Over {len(ATTACKS) // 100 * 100} hostile and broken submissions" in TEXT


def test_its_gallery_has_every_stage_and_is_the_one_that_the_command_writes():
    assert gallery.put_into(TEXT) == TEXT and gallery.BEGIN in TEXT
    names = {cell.id for stage in gallery.WINS for cell in gallery.code_cells(stage)}
    for stage, win in gallery.WINS.items():
        assert {win.cell, *win.needs} <= {cell.id for cell in gallery.code_cells(stage)} <= names, stage


def test_every_picture_and_page_it_points_to_is_there_and_has_words():
    linked = re.findall(r"\]\(([^)#:]+)\)|src(?:set)?=\"([^\"]+)\"", TEXT)
    for path in {one or other for one, other in linked}:
        assert (ROOT / path).exists(), path
    assert all(
        words.strip() for words in re.findall(r"!\[([^\]]*)\]|alt=\"([^\"]*)\"", TEXT) for words in ["".join(words)]
    )


def test_a_gallery_picture_is_drawn_by_the_model_answers(tmp_path):
    path = gallery.draw("03_networks", tmp_path)
    with gallery.Image.open(path) as picture:
        assert picture.width == gallery.WIDTH and len(picture.getcolors(256)) > 3
