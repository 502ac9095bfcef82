"""What a student reads: nothing in it runs, nothing is loaded, formulas are drawn, and it stays small."""

import re
import time
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from grader import feedback, markdown
from grader.outputs import MAX_CELL, kept
from tests.grader.corpus import HOSTILE

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
RESOURCES = {"nbgrader": {"notebook": "01_one_neuron", "score": 1.5, "max_score": 4.0, "late_penalty": 0.5}}


def graded_cell(name, text, source="def f():\n    return 1", **scores):
    about = {"grade_id": name, "grade": False, "solution": True, "locked": False, "schema_version": 3, "task": False}
    answer = new_code_cell(source, id=name, metadata={"nbgrader": about, "threshold": {"role": "solution"}})
    about = about | {"grade_id": f"check-{name}", "grade": True, "solution": False, "locked": True} | scores
    check = new_code_cell(f"check({name})", id=f"check-{name}", metadata={"nbgrader": about})
    check.outputs = [new_output("error", ename="CheckFailed", evalue="", traceback=[text])]
    return [answer, check]


def own(cell):
    cell.metadata["threshold"] = {"role": "own"}
    return cell


def page_of(*cells, resources=RESOURCES):
    exporter = feedback.FeedbackExporter()
    page, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=list(cells)), dict(resources))
    return page


def hostile_page(content):
    """A page with hostile text everywhere a student's text can get to."""
    printed = new_output("stream", name="stdout", text=content)
    return page_of(
        new_markdown_cell(f"**About your submission**\n\n- {content}", id="threshold-notes"),
        *graded_cell("perceptron", content, source=content, comment=content, score=0.0, points=2.0),
        own(new_markdown_cell(content)),
        own(new_code_cell(content, outputs=[printed, new_output("display_data", data={"text/plain": content})])),
    )


class Look(HTMLParser):
    """Everything in a page that could run or be loaded."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag in {"script", "iframe", "object", "embed", "base", "form", "svg", "link", "video", "template"}:
            self.found.append(tag)
        for name, value in attributes:
            value = re.sub(r"[\x00-\x20]", "", value or "").lower()
            elsewhere = name in {"src", "srcset", "poster", "data", "action"} and not value.startswith("data:image/")
            if (
                name.startswith("on")
                or elsewhere
                or value.startswith(("javascript:", "data:text", "data:image/svg"))
                or "<math" in value
            ):
                self.found.append(f"{tag} {name}={value}")


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_nothing_in_a_page_can_run_or_load(content):
    start = time.process_time()
    assert Look(hostile_page(content)).found == []
    assert time.process_time() - start < 5


def test_the_look_finds_what_it_looks_for():
    naive = "<img src=x onerror=y><script></script><a href='java\tscript:1'>x</a><img alt='<math>'>"
    assert len(Look(naive).found) == 5


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_the_formgrader_shows_of_markdown_can_not_run_either(content):
    assert Look(markdown.to_html(content)).found == []


def test_formulas_are_drawn_without_a_script():
    page = page_of(own(new_markdown_cell(r"The mean is $\frac{1}{N} \sum_n x_n$.")))
    assert "<mfrac>" in page
    assert "∑" in page
    assert "<script" not in page
    assert "http://www.w3.org/1998/Math/MathML" in page


def test_markdown_stays_markdown():
    made = markdown.to_html("**bold** `x < y`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[a link](https://example.org)")
    assert "<strong>bold</strong>" in made
    assert "<code>x &lt; y</code>" in made
    assert "<td>2</td>" in made
    assert 'href="https://example.org" rel="noopener noreferrer"' in made


def test_points_penalty_verdict_and_comment_are_there():
    page = page_of(*graded_cell("perceptron", "✗ perceptron: 7 of 8", comment="Look at b.", score=0.5, points=2.0))
    for words in ("1 · One neuron", "1.5 of 4 points, with 0.5 taken off for lateness", "◐", "✗ perceptron: 7 of 8"):
        assert words in page
    assert "Look at b." in page


@pytest.mark.parametrize(
    ("comment", "shown"),
    [("No response.", False), (" No response.\n", False), ("No response. Was the file empty?", True)],
)
def test_nbgraders_own_words_are_left_out_and_a_persons_stay(comment, shown):
    page = page_of(*graded_cell("perceptron", "✗ perceptron", comment=comment, score=0.0, points=2.0))
    assert ("No response." in page) is shown


def test_a_stub_has_the_mark_of_its_check_and_the_page_says_how_to_go_on():
    page = page_of(*graded_cell("perceptron", "○ perceptron: not written yet.", score=0.0, points=2.0))
    assert "<h2>○ perceptron: 0 of 2 points</h2>" in page
    assert "○ not written yet" in page and "submit again" in page
    wrong = page_of(*graded_cell("perceptron", "✗ perceptron: 7 of 8", score=0.0, points=2.0))
    assert "<h2>✗ perceptron: 0 of 2 points</h2>" in wrong


def test_a_page_with_all_points_has_nothing_to_mend():
    assert "submit again" not in page_of(*graded_cell("f", "✓ f: right", score=2.0, points=2.0))


@pytest.mark.parametrize(
    ("said", "shown"),
    [("2027-03-01 18:00:00.272675 UTC", "handed in 2027-03-01 18:00 UTC"), ("<b>soon</b>", ""), (None, "")],
    ids=["a time", "no time", "no file"],
)
def test_the_page_says_which_submission_it_is_of(said, shown, tmp_path):
    if said:
        (tmp_path / "timestamp.txt").write_text(said)
    page = page_of(resources=RESOURCES | {"metadata": {"path": str(tmp_path)}})
    assert (shown in page) if shown else ("handed in" not in page and "soon" not in page)


FLOODS = {
    "printed": lambda: [new_code_cell("x", outputs=[new_output("stream", name="stdout", text="x" * 50_000_000)])],
    "many prints": lambda: [
        new_code_cell("x", outputs=[new_output("stream", name="stdout", text="<" * 9_000)] * 400) for _ in range(50)
    ],
    "code": lambda: [new_code_cell("x = [(<&'\n" * 19_000) for _ in range(100)],
    "markdown": lambda: [new_markdown_cell("**a** " * 30_000) for _ in range(100)],
    "formulas": lambda: [new_markdown_cell(r"$\frac{1}{2}$ " * 1_400) for _ in range(20)],
    "pictures": lambda: [new_code_cell("x", outputs=[picture("A" * 200_000)] * 20) for _ in range(20)],
    "emoji": lambda: [new_code_cell("# " + "🎈" * 40_000) for _ in range(50)],
}


def picture(padding=""):
    return new_output("display_data", data={"image/png": PIXEL[:-2] + padding})


@pytest.mark.slow
@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_no_notebook_makes_a_large_page(flood):
    cells = [own(cell) for cell in flood()]
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs = kept(cell.outputs)  # as the gate does
    page = page_of(*graded_cell("perceptron", "✗ perceptron", score=0.0, points=2.0), *cells)
    assert len(page.encode()) < 300_000
    assert "✗ perceptron" in page
    assert "left out" in page or len(page) < 60_000


# What is kept of a submission's own outputs


def test_text_and_pictures_stay_and_all_else_goes():
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": ["a", "b"]},
        {"output_type": "display_data", "data": {"image/png": PIXEL, "text/html": "<b>"}, "metadata": {"image/png": {"alt": "A dot"}}},
        {"output_type": "execute_result", "data": {"text/plain": "5", "text/html": "<b>5</b>"}},
        {"output_type": "display_data", "data": {"text/html": "<script>"}},
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg/>"}},
        {"output_type": "display_data", "data": {"image/png": "PHNjcmlwdD4="}},
        {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["\x1b[31mlong"]},
    ]  # fmt: skip
    safe = kept(outputs)
    assert [output.output_type for output in safe] == ["stream", "display_data", "display_data", "stream"]
    assert [output.get("text", "") for output in safe] == ["ab", "", "", "ValueError: no\n"]
    assert list(safe[1].data) == ["image/png"]
    assert safe[1].metadata["image/png"]["alt"] == "A dot"
    assert safe[2].data == {"text/plain": "5"}


@pytest.mark.parametrize(
    "outputs",
    [None, 3, "x", [None], [3], [{"output_type": 4}], [{"output_type": "stream", "text": 5}], [{"data": []}],
     [{"output_type": "display_data", "data": {"image/png": {"a": 1}}, "metadata": 7}],
     [{"output_type": "error", "ename": 1, "evalue": None}]],
)  # fmt: skip
def test_outputs_of_no_form_do_no_harm(outputs):
    assert all(nbformat.validate({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {"cell_type": "code", "id": "a", "metadata": {}, "source": "", "execution_count": None, "outputs": [output]}
    ]}) is None for output in kept(outputs))  # fmt: skip


def test_not_too_many_are_kept():
    many = [{"output_type": "stream", "text": "x"}] * 1000
    assert len(kept(many)) == MAX_CELL
