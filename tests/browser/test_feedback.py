"""Feedback with hostile text in it, in a real browser: nothing runs, nothing is asked for, formulas are drawn."""

import pytest

from tests.grader.corpus import HOSTILE
from tests.grader.test_feedback import hostile_page, own, page_of


def open_page(page, content, folder):
    path = folder / "feedback.html"
    path.write_text(content, encoding="utf-8", errors="replace")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append("a dialog"))
    page.goto(path.as_uri())
    page.wait_for_timeout(150)
    return [url for url in asked if url != path.as_uri() and not url.startswith("data:image/")]


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_nothing_of_the_corpus_runs(page, content, tmp_path):
    # The page forbids scripts; without that line the cleaning must hold alone.
    text = hostile_page(content).replace("Content-Security-Policy", "x-none")
    page.context.unroute("**/*")
    assert open_page(page, text, tmp_path) == []
    assert page.evaluate("window.pwned") is None


def test_the_corpus_would_run_where_it_is_believed(page, tmp_path):
    page.context.unroute("**/*")
    open_page(page, HOSTILE["image that fails"], tmp_path)
    assert page.evaluate("window.pwned") == 1


def test_a_formula_is_drawn_as_one(page, tmp_path):
    from nbformat.v4 import new_markdown_cell

    page.context.unroute("**/*")
    open_page(page, page_of(own(new_markdown_cell(r"$$\frac{a}{b}$$"))), tmp_path)
    top, bottom = (page.locator(f"mi:text-is('{letter}')").bounding_box() for letter in "ab")
    assert top["y"] + top["height"] <= bottom["y"] + 2
