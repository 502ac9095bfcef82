"""What stands below a cell, in a real JupyterLab: check report, hints, quiz, puzzle; readable, and usable by keys alone."""

import pytest

from tests.browser import showcase

OURS = (".threshold-check", ".threshold-page", ".threshold-ask", ".threshold-puzzle")
TALL = {"width": 1280, "height": 3600}  # every cell in view: JupyterLab draws what is out of view later


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with showcase.served(tmp_path_factory.mktemp("showcase")) as served:
        yield served


@pytest.fixture
def book(page, lab):
    """The notebook, run."""
    return opened(page, lab, "light")


def opened(page, lab, theme):
    """The notebook, run by somebody who has done nothing yet."""
    address, config = lab
    (config.parent.parent / "room" / ".threshold" / "progress.json").unlink(missing_ok=True)
    showcase.choose_theme(config, theme)
    page.set_viewport_size(TALL)
    showcase.open_and_run(page, address)
    assert page.locator("body").get_attribute("data-jp-theme-light") == str(theme == "light").lower()
    return page


def press(page, locator, key="Space"):
    locator.focus()
    page.keyboard.press(key)


@pytest.mark.parametrize("theme", showcase.THEMES)
def test_it_reads_well_in_both_themes_and_fits_its_cell(page, lab, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe comes with the test extra").Axe()
    opened(page, lab, theme)
    for summary in page.locator(f":is({', '.join(OURS)}) summary").all():
        press(page, summary, "Enter")  # what is folded away must be readable too
    assert page.locator(".threshold-check details[open]").count() >= 2
    for selector in OURS:
        assert page.locator(selector).count(), selector
    for width in (800, 1920, 1280):
        page.set_viewport_size(TALL | {"width": width})
        page.wait_for_timeout(500)  # JupyterLab lays itself out anew
        assert too_wide(page) == [], width
        assert serious(axe, page) == {}, width
    # and they would tell
    page.add_style_tag(
        content=".threshold-page p, .threshold-page p * { color: #888 !important; background: #999 !important }"
    )
    page.locator(".threshold-check").first.evaluate("e => { e.firstChild.style.minWidth = '5000px' }")
    page.wait_for_timeout(500)
    assert "color-contrast" in serious(axe, page)
    assert too_wide(page) != []


def serious(axe, page):
    """What axe finds in ours, by rule: the elements."""
    # JupyterLab's body is 0 high and hides what overflows: axe would take every text for hidden, and skip its contrast
    page.add_style_tag(content="html, body { height: 100% !important }")
    found = axe.run(page, context={"include": [[selector] for selector in OURS]}, options={}).response
    assert len(next(e["nodes"] for e in found["passes"] + found["violations"] if e["id"] == "color-contrast")) > 0
    told = [entry for entry in found["violations"] if entry["impact"] in ("serious", "critical")]
    return {entry["id"]: [node["html"][:200] for node in entry["nodes"]] for entry in told}


def too_wide(page):
    """The classes of ours that need to be scrolled sideways."""
    return page.locator(f":is({', '.join(OURS)})").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)"
    )


def test_a_failing_check_is_its_report_and_one_line(book):
    output = showcase.cell(book, "slip").locator(".jp-OutputArea-output")
    assert output.count() == 2
    assert output.nth(0).locator("img").get_attribute("alt").startswith("Where the answer, 3 × 4, differs: 12 of 12")
    assert output.nth(1).inner_text() == "✗ softmax is not right yet: see above."
    stub = showcase.cell(book, "stub").locator(".jp-OutputArea-output")
    assert stub.count() == 1 and "not written yet" in stub.inner_text()


def test_hints_come_one_by_one_and_go_on_after_a_restart(book):
    cell = showcase.cell(book, "hint")
    assert "softmax, hint 1 of 4" in cell.inner_text() and cell.locator("li").count() == 1
    press(book, cell.get_by_role("button", name="Next hint"))
    cell.locator("li").nth(1).wait_for()
    again(book, "hint")
    assert "softmax, hint 3 of 4" in showcase.cell(book, "hint").inner_text()


def test_a_quiz_is_answered_by_keys_and_nothing_is_lost_on_a_restart(book):
    cell = showcase.cell(book, "quiz")
    assert "Question 1 of 6" in cell.inner_text()
    press(book, cell.locator(".threshold-choice").first)
    onward = cell.get_by_role("button", name="Next question")
    onward.wait_for()
    assert "✓ right" in cell.inner_text()
    book.wait_for_function("document.activeElement.textContent === 'Next question'")  # the keys go on where one is
    book.keyboard.press("Space")
    cell.locator(".threshold-ask:has-text('Question 2 of 6')").wait_for()
    again(book, "quiz")
    showcase.cell(book, "quiz").locator(".threshold-ask:has-text('Question 2 of 6')").wait_for()


def test_a_prediction_is_stored_by_a_key(book):
    cell = showcase.cell(book, "predict")
    press(book, cell.locator(".threshold-choice").nth(1), "Enter")
    cell.locator("text=Stored. You predict: 3").wait_for()


def test_a_puzzle_is_solved_by_keys_alone(book):
    cell = showcase.cell(book, "puzzle")
    lines = cell.locator(".threshold-line")
    order = ["N, C =", "e = np.exp", "dz = e /", "dz[np", "return"]
    for place, start in enumerate(order):
        lines.filter(has_text=start).first.wait_for()
        at = next(i for i, text in enumerate(lines.all_inner_texts()) if start in text)
        press(book, lines.nth(at))
        cell.locator(f".threshold-picked:has-text('{start}')").wait_for()
        for there in range(at - 1, place - 1, -1):
            press(book, cell.get_by_role("button", name="↑ up"))
            cell.locator(f".threshold-line:nth-child({there + 1}):has-text('{start}')").wait_for()
    press(book, cell.get_by_role("button", name="Try this order"))
    cell.locator("text=softmax_cross_entropy_backward: right.").wait_for()
    again(book, "puzzle")
    lines.nth(len(order) - 1).wait_for()
    texts = lines.all_inner_texts()
    assert all(start in text for start, text in zip(order, texts, strict=True))


def again(page, name):
    """Restart the kernel, run the setup and one cell."""
    page.locator(".lm-MenuBar-itemLabel:text-is('Kernel')").click()
    page.locator(".lm-Menu-itemLabel:text-is('Restart Kernel and Clear Outputs of All Cells…')").click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.locator(".jp-Dialog").wait_for(state="detached")
    for cell in ("setup", "right", name):
        showcase.cell(page, cell).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
    showcase.cell(page, name).locator(".jp-OutputArea-output").first.wait_for(timeout=60_000)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)
