"""Lines out of order become a function, by buttons or in code; nothing is written anywhere, nothing is lost."""

import pytest

from course import puzzle
from course.check import CheckFailed
from course.progress import record, recorded
from course.puzzle import code_of
from course.wire import pack
from tests.course.test_check import SHEET

LINES = ["total += x", "return total", "for _ in range(2):", "total = 0.0"]
SOLVED = [(3, 0), (2, 0), (0, 1), (1, 0)]
HEAD = 'def double(x):\n    """y = 2x"""'


@pytest.fixture
def lines(notebook_folder):
    (notebook_folder / "checks").mkdir()
    path = notebook_folder / "checks" / "double.safetensors"
    path.write_bytes(pack(SHEET | {"puzzle": {"head": HEAD, "lines": LINES}}))
    return path


def board(page, cards):
    """(the line buttons, the move buttons by name, try, verdict, code) of the last puzzle shown."""
    _, rows, tools, verdict, code = cards[-1].children
    *moves, try_it = tools.children
    return rows.children, {button.description[2:]: button for button in moves}, try_it, verdict, code


def test_solved_in_code(lines, capsys):
    puzzle.answer("double", "4 3 1> 2")
    said = capsys.readouterr().out
    assert "    total = 0.0\n    for _ in range(2):\n        total += x\n    return total\n" in said
    assert "✓ double: right. All 3 cases agree. Now copy the code into the cell above." in said


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ("4 3 1 2", "Line 3, `total += x`: expected an indented block"),
        ("4 3 1> 2>", "✗ double: 0 of 3 cases right"),
        ("1 2 3 4", "Line 4, `total = 0.0`: expected an indented block after 'for' statement.\n"),
        ("4 1 2 3", "Line 4, `for _ in range(2):`: expected an indented block after 'for' statement.\n"),
        ("1 3 4> 2", "cannot access local variable 'total'"),
    ],
)
def test_an_order_that_does_not_work_says_why(lines, capsys, order, told):
    puzzle.answer("double", order)
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("order", ["", "1 2 3", "1 2 3 3", "1 2 3 5", "0 1 2 3", "1 2 3 4 x", "a b c d", "1,2,3,4"])
def test_an_order_that_is_none_is_refused_in_a_sentence(lines, order):
    with pytest.raises(ValueError, match="names every line from 1 to 4 once"):
        puzzle.answer("double", order)
    assert recorded("puzzle") == {}


def test_solved_with_buttons(lines, page, cards):
    puzzle("double")
    rows, moves, try_it, verdict, code = board(page, cards)
    for line, depth, place in ((3, 0, 0), (2, 0, 1), (0, 1, 2), (1, 0, 3)):
        at = next(i for i, row in enumerate(rows) if LINES[line] in row.description)
        rows[at].click()
        assert rows[at].description.startswith("▶")
        for _ in range(at - place):
            moves["up"].click()
        for _ in range(depth):
            moves["in"].click()
    assert "        total += x\n    return total" in code.value
    try_it.click()
    assert "✓ double: right." in verdict.value
    assert "<details open>" in code.value
    assert recorded("puzzle")["double"] == [list(place) for place in SOLVED]
    moves["out"].click()
    assert verdict.value == "", "a verdict on an order that is no more"
    assert "<details>" in code.value


def test_moves_stop_at_the_edges(lines, page, cards):
    puzzle("double")
    rows, moves, *_, code = board(page, cards)
    before = code.value
    for name in ("up", "out"):
        moves[name].click()
    assert code.value == before
    rows[-1].click()
    moves["down"].click()
    assert code.value == before


def test_it_goes_on_where_somebody_stopped(lines, page, cards):
    record("puzzle", "double", [list(place) for place in SOLVED])
    puzzle("double")
    assert code_of("double", LINES, SOLVED) in board(page, cards)[-1].value.replace("&gt;", ">")


@pytest.mark.parametrize("kept", ["no list", [[0, 0]], [[0, 0]] * 4])
def test_what_was_kept_for_another_version_is_left_alone(lines, page, cards, kept):
    record("puzzle", "double", kept)
    puzzle("double")
    assert LINES[0] in board(page, cards)[0][0].description


def test_the_text_has_every_line_and_the_way_in_code(lines, capsys):
    puzzle("double")
    said = capsys.readouterr().out
    assert all(f"{number}  {line}" in said for number, line in enumerate(LINES, 1))
    assert 'puzzle.answer("double", "1 2 3 4")' in said


@pytest.mark.parametrize("given", [3, None, [1]])
@pytest.mark.parametrize("ask", [puzzle, lambda given: puzzle.answer(given, "1")], ids=["puzzle", "answer"])
def test_what_is_neither_a_function_nor_a_name_is_told_so(lines, ask, given):
    with pytest.raises(CheckFailed, match=r"puzzle\(\) takes a function or its name, as in puzzle\(perceptron\)"):
        ask(given)


def test_an_exercise_without_a_puzzle_says_so(lines):
    lines.write_bytes(pack(SHEET))
    with pytest.raises(CheckFailed, match="double has no puzzle"):
        puzzle("double")


def test_it_stays_quiet_while_nbgrader_runs_the_notebook(lines, monkeypatch, capfd):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    puzzle("double")
    out, err = capfd.readouterr()
    assert (out.count("\n"), err) == (1, "")
