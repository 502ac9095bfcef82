"""One step at a time, remembered on the learner's disk, never more than was asked for."""

import json

import pytest

from course import check, hint
from course.check import CheckFailed
from course.hints import ladder
from course.progress import record, recorded
from course.wire import pack
from tests.course.test_check import SHEET

STEPS = ["Look at `x`.", "Think of <two>.", "Double it."]
SLIP = {"name": "squared", "hint": "Is 5 times 5 twice 5?", "outcomes": [
    case["expected"] | {"value": case["args"][0] ** 2} for case in SHEET["cases"]
]}  # fmt: skip


@pytest.fixture
def sheet(notebook_folder):
    def write(**extras):
        made = SHEET | {"misconceptions": [SLIP], "reveal": "none", "formula": "`y = 2x`."} | extras
        (notebook_folder / "checks").mkdir(exist_ok=True)
        (notebook_folder / "checks" / "double.safetensors").write_bytes(pack(made))
        return made

    write(hints=STEPS)
    return write


def double(x):
    return x**2


def told(text):
    return [step for step in STEPS if step in text]


def test_each_call_takes_one_step_more_and_the_last_one_stays(sheet, capsys):
    for expected in (1, 2, 3, 3):
        hint(double)
        said = capsys.readouterr().out
        assert told(said) == STEPS[:expected]
        assert f"double, hint {expected} of 3" in said
        assert recorded("hint") == {"double": {"stage": "00_test", "step": expected}}
    assert "That was the last one" in said and "For the next one" not in said


def test_a_name_will_do_and_a_step_can_be_read_again_without_taking_one(sheet, capsys):
    hint("double")
    hint("double", step=3)
    assert told(capsys.readouterr().out.rpartition("hint 3 of 3")[2]) == STEPS
    assert recorded("hint")["double"]["step"] == 1


@pytest.mark.parametrize("step", [0, 4, "1"])
def test_a_step_that_is_not_there_is_refused(sheet, step):
    with pytest.raises(ValueError, match="double has hints 1 to 3"):
        hint(double, step=step)
    assert recorded("hint") == {}


@pytest.mark.parametrize("given", [3, None, [1]])
def test_what_is_neither_a_function_nor_a_name_is_told_so(sheet, given):
    with pytest.raises(CheckFailed, match=r"hint\(\) takes a function or its name, as in hint\(perceptron\)"):
        hint(given)


def test_an_unknown_exercise_is_told_which_there_are(sheet):
    with pytest.raises(CheckFailed, match="there are checks for: double"):
        hint("dubble")


def test_the_slip_of_the_last_check_comes_first_and_goes_when_it_is_mended(sheet, capsys):
    with pytest.raises(CheckFailed):
        check(double)
    assert "Stuck? hint(double) gives one step at a time." in capsys.readouterr().out
    hint(double)
    assert "a known slip, “squared”. Is 5 times 5 twice 5?" in capsys.readouterr().out
    record("check", "double", {"stage": "00_test", "status": "right"})
    hint(double)
    assert "known slip" not in capsys.readouterr().out


def test_without_steps_a_ladder_is_built_of_what_is_there(sheet):
    steps, last_try = ladder(sheet(hints=[]))
    assert "`y = 2x`" in steps[0] and "“squared”" in steps[1] and last_try == ""
    assert "`double(x=1)` must give `2`" in steps[2]
    record("check", "double", {"stage": "00_test", "status": "wrong", "slips": ["squared"], "case": "twice 5.0"})
    steps, last_try = ladder(sheet(hints=[]))
    assert "“squared”" in last_try and "“squared”" not in "".join(steps)
    assert "`double(x=5)` must give `10`" in steps[-1]


@pytest.mark.parametrize("reveal", ["none", "parsons", "fill_in", "worked"])
def test_a_sheet_of_an_older_release_has_a_ladder_too(sheet, reveal):
    old = {key: value for key, value in sheet(reveal=reveal).items() if key not in ("hints", "formula")}
    assert all(ladder(old)[0])


def test_the_button_takes_the_next_step_and_leaves_when_there_is_none(sheet, page, cards):
    hint(double)
    steps, card = page
    assert told(steps.text) == STEPS[:1] and "Think of &lt;two&gt;." not in steps.html
    for count in (2, 3):
        cards[-1].children[0].click()
        assert told(steps.text) == STEPS[:count]
        assert recorded("hint")["double"]["step"] == count
    assert "Think of &lt;two&gt;." in steps.html and "<code>x</code>" in steps.html
    assert "widget" not in " ".join(card.bundle)


def test_it_goes_on_where_it_was_after_a_restart(sheet, notebook_folder, capsys):
    hint(double)
    kept = json.loads((notebook_folder / ".threshold" / "progress.json").read_text())
    assert kept["hint"] == {"double": {"stage": "00_test", "step": 1}}
    hint(double)
    assert "hint 2 of 3" in capsys.readouterr().out


def test_it_stays_quiet_while_nbgrader_runs_the_notebook(sheet, monkeypatch, capfd):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    hint(double)
    out, err = capfd.readouterr()
    assert (out.count("\n"), err, recorded("hint")) == (1, "", {})
    assert not told(out)
