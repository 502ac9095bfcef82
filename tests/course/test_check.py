"""What a learner meets after `check(f)`: a report, one short line, and nothing lost."""

import contextlib
import time

import numpy as np
import pytest

from course import check, lastrun, patience, progress, report
from course.attempt import attempt
from course.check import CheckFailed, NotWritten
from course.judge import Verdict, judge
from course.wire import pack

SHEET = {
    "exercise": "double",
    "stage": "00_test",
    "version": 1,
    "kind": "value",
    "points": {"value": 2.0},
    "tolerance": None,
    "arguments": ["x"],
    "cases": [
        {
            "label": f"twice {x}",
            "property": "value",
            "args": (x,),
            "expected": {
                "status": "returned", "value": 2 * x, "after": (None,), "files": {}, "warnings": [], "error": None,
                "access": None, "seconds": 0.0,
            },
        }
        for x in (1.0, 2.0, 5.0)
    ],
    "misconceptions": [],
}  # fmt: skip


@pytest.fixture
def beside_a_sheet(tmp_path, monkeypatch):
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "double.safetensors").write_bytes(pack(SHEET))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path


def test_a_right_answer_is_shown_and_remembered(beside_a_sheet, capsys):
    def double(x):
        return 2 * x

    check(double)
    assert "✓ double: right. All 3 cases agree." in capsys.readouterr().out
    assert progress.recorded("check")["double"] == {"stage": "00_test", "status": "right", "passed": True}


def test_what_has_passed_stays_passed_when_a_later_try_is_wrong(beside_a_sheet):
    def double(x):
        return factor * x

    for factor in (3, 2, 4):
        with contextlib.suppress(CheckFailed):
            check(double)
        assert progress.recorded("check")["double"]["status"] == ("right" if factor == 2 else "wrong")
        assert progress.recorded("check")["double"]["passed"] == (factor != 3)


def test_a_single_case_is_not_counted():
    verdict = judged(lambda x: 2 * x, cases=SHEET["cases"][:1])
    assert verdict.symptom == "double: right."


def test_a_wrong_answer_is_one_short_line_beside_its_report(beside_a_sheet, capsys):
    def double(x):
        return x**2

    with pytest.raises(CheckFailed) as failure:
        check(double)
    assert failure.value._render_traceback_() == ["✗ double is not right yet: see above."]
    assert len(str(failure.value).splitlines()) == 1
    said = capsys.readouterr().out
    assert "On the case “twice 1.0”, double returned 1, expected 2." in said
    assert "double(x=1)" in said


def test_validate_which_shows_no_report_and_wraps_no_line_has_the_cause_in_short_ones(beside_a_sheet, monkeypatch):
    def double(x):
        return x**2

    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(CheckFailed) as failure:
        check(double)
    lines = failure.value._render_traceback_()
    assert " ".join(lines) == str(failure.value) and max(map(len, lines)) <= 100
    assert lines[0].startswith("✗ double: 1 of 3 cases right. On the case “twice 1.0”")


def test_a_stub_is_not_written_yet_rather_than_wrong(beside_a_sheet):
    def double(x):
        raise NotImplementedError

    with pytest.raises(NotWritten, match="not written yet"):
        check(double)


def test_an_error_in_the_learners_code_is_told_without_a_traceback(beside_a_sheet, capsys):
    def double(x):
        return x + "x"

    with pytest.raises(CheckFailed):
        check(double)
    assert "raised TypeError: unsupported operand" in capsys.readouterr().out


def failed(function, capsys):
    """What a failing check says: its report, and its one line."""
    with pytest.raises(CheckFailed) as failure:
        check(function)
    return capsys.readouterr().out, str(failure.value)


def test_whoever_forgets_the_return_is_asked_for_it_and_not_for_pen_and_paper(beside_a_sheet, capsys):
    def double(x):
        2 * x

    said, line = failed(double, capsys)
    assert "double returned nothing: is there a `return`?\n" in said
    assert line == (
        "✗ double: 0 of 3 cases right. On the case “twice 1.0”, double returned nothing: is there a `return`? "
        "A function hands back what stands behind `return`; without one, the caller gets None."
    )


def test_whoever_chooses_tests_is_asked_for_the_return_and_told_the_choice():
    want = {"name": "tells_apart", "grid": ["ones", "zeros"], "right": [1, 2], "wrong": {"a": [1, 3]}, "most": 1}
    case = SHEET["cases"][0] | {"judge": want}
    case["expected"] = case["expected"] | {"value": None}
    nothing, elsewhere = (judged(lambda x, got=got: got, cases=[case]) for got in (None, ["zero"]))
    assert "returned nothing: is there a `return`?" in nothing.symptom and "the caller gets None" in nothing.advice
    assert "tried 'zero', which is not on the list to choose from: ['ones', 'zeros']" in elsewhere.symptom


CRASHES = {
    "other arguments": ("def double(x, y):\n    return 2 * x", "Let it be `def double(x):`, as it was."),
    "no such name": ("def double(x):\n    return two * x", "Python knows no such name there."),
    "a blank": ("def double(x):\n    return ____", "There is still a ____ in that line"),
    "braces": ("def double(x):\n    return {'W1': 2}['W{l}']", 'Is the f missing, as in f"W{l}"?'),
    "names for arrays": ("def double(x):\n    return [v.size for v in {'W1': x}]", "`.values()` what they stand for"),
    "one number from many": ("def double(x):\n    return max(np.ones(2), 0)", "`np.maximum`, `np.where`"),
    "shapes": ("def double(x):\n    return np.ones(2) + np.ones(3)", "Print the `.shape` of each"),
    "sides of a product": (
        "def double(x):\n    return np.ones((2, 4)) @ np.ones((3, 5))",
        "rows of 4 on its left, columns of 3",
    ),
    "too few axes": ("def double(x):\n    return np.float64(1) @ np.ones(3)", "Print the `.shape` of each"),
    "anything else": ("def double(x):\n    return [][0]", "Print what its names hold just before it"),
}


@pytest.mark.parametrize(("source", "advice"), CRASHES.values(), ids=CRASHES)
def test_a_crash_is_followed_by_what_helps_against_it(beside_a_sheet, capsys, source, advice):
    names = {"np": np}
    exec(source, names)
    said, line = failed(names["double"], capsys)
    assert advice in said and advice in line and "pen and paper" not in said


def judged(function, **changes):
    """The verdict on an answer to the sheet, with changes to it."""
    sheet = SHEET | changes
    return judge(sheet, [attempt(function, case) for case in sheet["cases"]])


TWO = {
    "arguments": ["x", "y"],
    "cases": [
        case | {"args": (np.array([x, 0.0]), np.array([1.0, y])), "expected": case["expected"] | {
            "value": np.array([x - 1, -y]), "after": (np.array([x, 0.0]), np.array([1.0, y]))}}
        for case, x, y in zip(SHEET["cases"], (1.0, 2.0, 5.0), (3.0, 4.0, 2.0), strict=True)
    ],
}  # fmt: skip


def test_arguments_in_another_order_are_named_as_the_cause():
    verdict = judged(lambda y, x: x - y, **TWO)
    assert report.cause(verdict).startswith(
        "The arguments of double are (y, x); the exercise asks for (x, y), and they"
    )
    slip = {"name": "turned around", "hint": "?", "outcomes": [attempt(lambda x, y: y - x, c) for c in TWO["cases"]]}
    assert "asks for (x, y)" in report.cause(judged(lambda y, x: x - y, misconceptions=[slip], **TWO))
    assert "turned around" in report.cause(judged(lambda x, y: y - x, misconceptions=[slip], **TWO))


def test_arguments_of_other_names_are_named_only_where_the_answer_is_wrong():
    assert judged(lambda a, b: a - b, **TWO).status == "right"
    assert "double are (a, b); the exercise asks for (x, y), in this order" in report.cause(
        judged(lambda a, b: b - a, **TWO)
    )
    assert "pen and paper" in report.cause(judged(lambda x, y, scale=2: scale * x, **TWO))
    assert "pen and paper" in report.cause(judged(lambda z: z - 1)), "a single argument has its place by any name"


PARTS = {"value": 1.5, "shape": 0.25, "purity": 0.25}


def test_right_values_beside_changed_inputs_are_called_right():
    def double(x, y):
        made = x - y
        x[:] = 0
        return made

    verdict = judged(double, points=PARTS, **TWO)
    assert report.in_a_line(verdict) == (
        "✗ double: all values right, but its inputs are changed. On the case “twice 1.0”, double changed its input `x`: "
        "work on a copy, the caller still needs the original."
    )
    assert verdict.points == 1.75, "of right values nothing waits"
    assert "cases right" not in report.text(verdict) and "pen and paper" not in report.text(verdict)
    none = judged(double, points={}, **TWO)
    assert report.headline(none) == "✗ double: all values right, but its inputs are changed"


def test_where_a_value_is_wrong_too_the_right_ones_are_counted():
    def double(x, y):
        made = x - y if y[1] != 2 else x
        x[:] = 0
        return made

    assert report.headline(judged(double, points=PARTS, **TWO)) == "✗ double: 2 of 3 cases right"


def test_a_number_too_large_for_any_is_told_as_what_it_is(beside_a_sheet, capsys):
    def double(x):
        return 10**400

    told = "double returned something of type int (beyond 64 bits), expected a number (2)."
    assert all(told in said for said in failed(double, capsys))


def test_a_wrong_value_that_nobody_knows_is_taken_by_hand(beside_a_sheet, capsys):
    def double(x):
        return x + 0.5

    assert "pen and paper" in failed(double, capsys)[1]


def test_a_cell_that_did_not_run_is_told_instead_of_a_verdict_on_the_older_function(
    beside_a_sheet, capsys, monkeypatch
):
    def double(x):
        return 2 * x

    cells = ["def double(x):\n    return 2 * x", "def double(x):\n    return (2 * x", "check(double)"]
    monkeypatch.setattr(lastrun, "_session", lambda: cells)
    said, line = failed(double, capsys)
    assert said == "" and "its cell did not run" in line
    assert "line 2, `return (2 * x`: '(' was never closed" in line
    cells.append("def double(x):\n    x = 2 * x\nreturn x")
    assert "Python stopped reading in line 3: 'return' outside function." in failed(double, capsys)[1]
    cells.append("def double(x):\n    return 2 * x")
    check(double)


def test_whoever_interrupts_is_told_where_and_not_shown_our_files(beside_a_sheet, capsys):
    def double(x):
        if x == 2:
            raise KeyboardInterrupt
        return 2 * x

    said, line = failed(double, capsys)
    assert said == "" and line.startswith("✗ double: stopped by you, after ") and "on the case “twice 2.0”" in line


def test_what_takes_long_says_so_once_and_how_to_stop_it(beside_a_sheet, capsys, monkeypatch):
    def double(x):
        time.sleep(0.05)
        return 2 * x

    monkeypatch.setattr(patience, "SOON", 0.01)
    check(double)
    said = capsys.readouterr().out
    assert said.count("double has been at work for 0.01 s.") == 1
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    check(double)
    assert "at work" not in capsys.readouterr().out


def test_an_unknown_exercise_is_told_which_there_are(beside_a_sheet):
    def dubble(x):
        return 2 * x

    with pytest.raises(CheckFailed, match="No checks for 'dubble' beside this notebook; there are checks for: double"):
        check(dubble)


def test_a_notebook_without_its_checks_is_told_what_is_missing(tmp_path, monkeypatch):
    (tmp_path / "deep" / "folder").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "folder")
    with pytest.raises(CheckFailed, match="keep the folder `checks` beside the notebook"):
        check(len)


@pytest.mark.parametrize("given", [3, "double", None, [1]])
def test_what_is_no_function_is_told_so(beside_a_sheet, given):
    with pytest.raises(CheckFailed, match="takes the function itself"):
        check(given)


def test_a_damaged_sheet_is_named(beside_a_sheet):
    (beside_a_sheet / "checks" / "double.safetensors").write_bytes(b"half a fi")

    def double(x):
        return 2 * x

    with pytest.raises(CheckFailed, match=r"double\.safetensors is damaged; fetch the release again"):
        check(double)


def test_nothing_is_remembered_while_nbgrader_runs_the_notebook(beside_a_sheet, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")

    def double(x):
        return 2 * x

    check(double)
    assert not (beside_a_sheet / ".threshold").exists()


HOSTILE = "<script>alert(1)</script>\x1b[31m"


def test_what_a_submission_says_is_escaped_in_html_and_harmless_in_a_terminal():
    verdict = Verdict(
        "double",
        "wrong",
        {"value": {"passed": False, "points": 0.0, "maximum": 1.0}},
        HOSTILE,
        (HOSTILE,),
        HOSTILE,
        {"label": HOSTILE, "call": HOSTILE, "got": HOSTILE, "expected": HOSTILE},
        (0, 1),
    )
    page = report.as_html(verdict)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page + report.text(verdict)


def test_what_stands_between_backticks_is_set_as_code():
    symptom = "raised IndexError, at `x[i] < <b>`"
    verdict = Verdict("double", "wrong", {}, symptom, (), "", None, (0, 1), advice="Print `x`, or hint(double).")
    page = report.as_html(verdict)
    assert ">x[i] &lt; &lt;b&gt;</code>" in page and ">x</code>" in page and ">hint(double)</code>" in page
    assert "`" not in page and "`x`" in report.text(verdict)


def test_of_a_stub_nothing_was_looked_at():
    part = {"value": {"passed": False, "points": 0.0, "maximum": 1.0}}
    stub = Verdict("double", "not attempted", part, "double: not written yet.", (), "", None, (0, 1))
    assert "right values" not in report.text(stub) + report.as_html(stub)


def test_a_check_costs_little_beyond_the_learners_own_time(beside_a_sheet):
    rng = np.random.default_rng(0)
    cases = [case | {"args": (x,), "expected": case["expected"] | {"value": 2 * x}}
             for case in SHEET["cases"] * 3 for x in [rng.normal(size=(6, 5))]]  # fmt: skip
    (beside_a_sheet / "checks" / "double.safetensors").write_bytes(pack(SHEET | {"cases": cases}))

    def double(x):
        return x * 3.0

    spent = []
    for _ in range(9):
        before = time.process_time()
        with pytest.raises(CheckFailed):
            check(double)
        spent.append(time.process_time() - before)
    assert np.median(spent) < 0.05


def test_the_report_has_no_empty_line_too_many(beside_a_sheet, capsys):
    def double(x):
        return x + 0.5

    said = failed(double, capsys)[0]
    assert "pen and paper" in said and "\n\n\n" not in said
    many = Verdict("double", "wrong", {}, "…", ("one", "another"), "", None, (0, 1))
    for verdict in (many, Verdict("double", "wrong", {"value": judged(double).properties["value"]}, "…")):
        assert "\n\n\n" not in report.text(verdict)


def test_what_is_right_and_earns_nothing_yet_is_not_called_wrong(beside_a_sheet, capsys):
    (beside_a_sheet / "checks" / "double.safetensors").write_bytes(pack(SHEET | {"points": {"value": 2, "purity": 1}}))

    def double(x):
        return x - 1

    with pytest.raises(CheckFailed):
        check(double)
    assert "○ leaves its inputs alone: 0 of 1 point, until most values are right" in capsys.readouterr().out


def test_a_long_case_is_folded_away_and_one_that_says_nothing_left_out():
    def verdict(**example):
        return Verdict("double", "wrong", {}, "…", (), "", {"label": "x", "call": "double(x=1)", **example}, (0, 1))

    assert "The whole case" in report.as_html(verdict(got="1 " * 200, expected="2"))
    assert "The whole case" not in report.as_html(verdict(got="1", expected="2"))
    alike = report.text(verdict(got="array of shape (9, 9)", expected="array of shape (9, 9)"))
    assert "double(x=1)" in alike and "array of shape" not in alike
