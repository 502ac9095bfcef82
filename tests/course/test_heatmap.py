"""The picture of a difference says in color, in signs and in words the same, whatever comes in."""

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course import heatmap, report
from course.check import picture
from course.compare import differences
from course.judge import judge
from tests.course.test_check import SHEET

WANT = np.arange(12.0).reshape(3, 4)


def wrong(*places):
    got = WANT.copy()
    for place, by in places:
        got[place] += by
    return got


def svg_of(html):
    return ElementTree.fromstring(base64.b64decode(re.search(r"base64,([^\"]+)", html)[1]))


def rows_of(text):
    return [line.split() for line in text.splitlines()[1:]]


def test_each_entry_is_where_it_is_and_says_which_way():
    drawn = heatmap.draw(wrong(((0, 1), 2.0), ((2, 3), -0.5)), WANT)
    assert rows_of(drawn.text) == [["·", "+", "·", "·"], ["·"] * 4, ["·", "·", "·", "−"]]
    assert drawn.alt == (
        "Where the answer, 3 × 4, differs: 2 of 12 entries are wrong; 1 too large; 1 too small; "
        "the largest difference is +2, at (0, 1)."
    )
    labels = [element.text for element in svg_of(drawn.html).iter() if element.tag.endswith("text")]
    assert {"+2", "−0.5"} <= set(labels)
    assert f'alt="{drawn.alt}"' in drawn.html and "script" not in drawn.html


@pytest.mark.parametrize(
    ("got", "pattern"),
    [
        (WANT + 1, "every entry is wrong"),
        (wrong(((1,), 1.0)), r"whole rows are wrong \(1\)"),
        (wrong(((slice(None), [0, 3]), 1.0)), r"whole columns are wrong \(0, 3\)"),
    ],
)
def test_a_pattern_is_named(got, pattern):
    assert re.search(pattern, heatmap.draw(got, WANT).alt)


def test_a_transposed_square_is_right_on_its_diagonal_alone():
    square = np.random.default_rng(0).normal(size=(4, 4))
    assert "only the diagonal is right" in heatmap.draw(square.T, square).alt


def test_no_number_is_a_question_mark():
    got = wrong(((0, 0), np.nan), ((1, 1), np.inf))
    drawn = heatmap.draw(got, WANT)
    assert rows_of(drawn.text)[0][0] == rows_of(drawn.text)[1][1] == "?"
    assert "2 no finite number" in drawn.alt


def test_of_more_axes_the_first_table_that_differs_is_shown():
    want = np.zeros((2, 3, 4, 5))
    got = want.copy()
    got[1, 2, 3, 4] = 1
    drawn = heatmap.draw(got, want)
    assert "Where [1, 2], 4 × 5, differs: 1 of 20" in drawn.alt


def test_a_large_table_is_drawn_in_blocks_and_stays_small():
    want = np.zeros((300, 500))
    got = want.copy()
    got[299, 499] = 1
    drawn = heatmap.draw(got, want)
    rows = rows_of(drawn.text)
    assert len(rows) <= heatmap.MOST and len(rows[0]) <= heatmap.MOST
    assert [row.count("+") for row in rows] == [0] * (len(rows) - 1) + [1] and rows[-1][-1] == "+"
    assert "Each square stands for 21 × 21 entries" in drawn.html
    assert len(heatmap.draw(want + np.random.default_rng(1).normal(size=want.shape), want).html) < 150_000


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_nothing_that_comes_back_stops_it(data):
    shape = data.draw(array_shapes(min_dims=2, max_dims=4, max_side=6).filter(lambda s: np.prod(s) > 1))
    kinds = st.sampled_from(["float64", "float32", "int64", "uint8", "bool"])
    got, want = (data.draw(arrays(data.draw(kinds), shape)) for _ in range(2))
    if not any(d.property in ("value", "stability") for d in differences(got, want)):
        return
    drawn = heatmap.draw(got, want)
    svg_of(drawn.html)
    assert set(drawn.text.partition("\n")[2]) & set("+−?")


def sheet_of(want):
    expected = SHEET["cases"][0]["expected"] | {"value": want}
    return SHEET | {"cases": [SHEET["cases"][0] | {"expected": expected}]}, expected


@pytest.mark.parametrize("shape_of", [lambda a: a, lambda a: (1.0, a), lambda a: {"W": a, "b": np.zeros(2)}])
def test_it_is_the_table_of_the_case_that_the_report_shows(shape_of):
    sheet, expected = sheet_of(shape_of(WANT))
    outcome = expected | {"value": shape_of(wrong(((0, 0), 1.0)))}
    drawn = picture(sheet, [outcome], judge(sheet, [outcome]))
    assert drawn.alt.endswith("1 of 12 entries are wrong; 1 too large; the largest difference is +1, at (0, 0).")


@pytest.mark.parametrize("value", [1.0, None, WANT.T, WANT.astype(complex), [1, 2], "text", np.zeros(12)])
def test_where_there_is_no_table_to_compare_there_is_no_picture(value):
    sheet, expected = sheet_of(WANT)
    outcome = expected | {"value": value}
    verdict = judge(sheet, [outcome])
    assert verdict.status == "wrong"
    assert picture(sheet, [outcome], verdict) is None


def test_the_report_holds_the_picture_and_its_text():
    sheet, expected = sheet_of(WANT)
    outcome = expected | {"value": WANT + 1}
    verdict = judge(sheet, [outcome])
    aside = report.Aside("3 ms", picture(sheet, [outcome], verdict), "Stuck? hint(double) gives one step at a time.")
    assert "    + + + +\n" in report.text(verdict, aside) and "3 ms" in report.text(verdict, aside)
    page = report.as_html(verdict, aside)
    assert "<img" in page and "hint(double)</code>" in page and "3 ms" in page
    assert "<img" not in report.as_html(verdict), "feedback and Validate say the words alone"
