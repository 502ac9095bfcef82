"""Feedback with hostile text in it, in a real browser: nothing runs, nothing is asked for, formulas are drawn."""

import pytest

from tests.grader.corpus import HOSTILE
from tests.grader.test_feedback import hostile_page, own, page_of


@pytest.fixture(scope="module")
def asked():
    """What the pages have asked for, and the dialogs they have opened."""
    return []


@pytest.fixture(scope="module")
def page(chromium, asked):
    """One page for all of them, which lets everything through and remembers it."""
    page = chromium.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append("a dialog") or dialog.dismiss())
    return page


@pytest.fixture
def open_page(page, asked, tmp_path):
    """open_page(content): what it asked for beside itself and pictures that are in it."""

    def opened(content):
        path = tmp_path / "feedback.html"
        path.write_text(content, encoding="utf-8", errors="replace")
        page.goto("about:blank")
        asked.clear()
        page.goto(path.as_uri())
        page.wait_for_timeout(150)
        return [url for url in asked if url != path.as_uri() and not url.startswith("data:image/")]

    return opened


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_nothing_of_the_corpus_runs(page, open_page, content):
    # The page forbids scripts; without that line the cleaning must hold alone.
    assert open_page(hostile_page(content).replace("Content-Security-Policy", "x-none")) == []
    assert page.evaluate("window.pwned") is None


def test_the_corpus_would_run_where_it_is_believed(page, open_page):
    assert open_page(HOSTILE["image that fails"]) != []
    assert page.evaluate("window.pwned") == 1


def test_a_formula_is_drawn_as_one(page, open_page):
    from nbformat.v4 import new_markdown_cell

    open_page(page_of(own(new_markdown_cell(r"$$\frac{a}{b}$$"))))
    top, bottom = (page.locator(f"mi:text-is('{letter}')").bounding_box() for letter in "ab")
    assert top["y"] + top["height"] <= bottom["y"] + 2
