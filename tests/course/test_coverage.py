"""Every topic and every claim of the articles has a home: the table in course/coverage.md, row by row."""

import re
from pathlib import Path

import pytest

from course.catalog import STAGES

COURSE = Path(__file__).parent.parent.parent / "course"
TABLE = (COURSE / "coverage.md").read_text(encoding="utf-8")
TOPICS, CLAIMS = (part.count("\n| S") for part in TABLE.split("## Claims"))


def rows():
    """(articles, item, stage, cells) of each row."""
    found = [line.strip().strip("|").split("|") for line in TABLE.splitlines() if re.match(r"\| S\d", line)]
    return [[column.strip() for column in row] for row in found]


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row[0]}: {row[1]}"[:60])
def test_a_row_has_a_home(row):
    articles, item, stage, cells = row
    assert re.fullmatch(r"S[0-4](, S[0-4])*", articles)
    assert item
    ids = re.findall(r'^# %%.* id="([^"]+)"', (COURSE / "stages" / f"{stage}.py").read_text(encoding="utf-8"), re.M)
    assert cells
    assert set(cells.split(", ")) <= set(ids)


def test_every_article_and_every_stage_has_its_rows():
    assert {article for row in rows() for article in row[0].split(", ")} == {"S0", "S1", "S2", "S3", "S4"}
    assert {row[2] for row in rows()} >= {
        stage.name for stage in STAGES if (COURSE / "stages" / f"{stage.name}.py").exists()
    }


def test_no_row_was_lost():
    """Whoever takes a row out says so here."""
    assert (TOPICS, CLAIMS) == (97, 43)
