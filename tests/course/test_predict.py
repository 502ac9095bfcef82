"""A prediction is stored before the cell that knows, and shown beside what happened."""

import pytest

from course.predict import predict
from course.progress import record, recorded
from tests.course.conftest import choose

pytestmark = pytest.mark.usefixtures("notebook_folder")
ASK = ("rows", "How many of the <four> rows?", ["4", "`3`", "2"])


def test_a_prediction_is_stored_and_the_question_stays_as_text(page, cards):
    predict(*ASK)
    text, card = page
    assert "a) 4\nb) `3`\nc) 2" in text.text and "&lt;four&gt;" in text.html and "<code>3</code>" in text.html
    choose(cards[-1], 2)
    assert recorded("prediction") == {"rows": "2"}
    assert "You predict: <b>2</b>" in text.html
    assert "widget" not in " ".join(card.bundle), "a saved notebook keeps no dead widget"


def test_in_plain_code(page, cards, capfd):
    predict(*ASK)
    predict.answer("rows", "b")
    assert recorded("prediction") == {"rows": "`3`"}
    assert capfd.readouterr() == ("Stored. You predict: `3`\n", "")


def test_run_again_it_shows_the_prediction_and_takes_another(page, cards):
    record("prediction", "rows", "4")
    predict(*ASK)
    assert "You predict: <b>4</b>" in page[0].html
    choose(cards[-1], 2)
    assert recorded("prediction") == {"rows": "2"}


@pytest.mark.parametrize(("name", "letter"), [("rows", "d"), ("rows", "4"), ("rows", ""), ("columns", "a")])
def test_what_fits_no_question_is_refused_in_a_sentence(page, cards, name, letter):
    predict(*ASK)
    with pytest.raises(ValueError, match=r"is one of a, b, c|Nobody has asked"):
        predict.answer(name, letter)
    assert recorded("prediction") == {}


@pytest.mark.parametrize(("outcome", "verdict"), [("2", "Just as you said"), ("4", "Not what you said")])
def test_it_is_shown_beside_what_happened(page, outcome, verdict):
    record("prediction", "rows", "2")
    predict.reveal("rows", outcome)
    assert page[0].text.startswith(f"You predicted: 2\nWhat happened: {outcome}\n{verdict}")


def test_outside_a_notebook_it_is_text_and_asks_with_no_buttons(cards, capfd):
    predict(*ASK)
    said = 'How many of the <four> rows?\na) 4\nb) `3`\nc) 2\nAnswer with predict.answer("rows", "a")\n'
    assert (*capfd.readouterr(), cards) == (said, "", [])


@pytest.mark.parametrize("attended", [True, False])
def test_more_choices_than_letters_are_refused_and_not_dropped(page, monkeypatch, attended):
    monkeypatch.setenv("NBGRADER_EXECUTION", "" if attended else "validate")
    with pytest.raises(ValueError, match="9 choices: 8 are the most"):
        predict("rows", "How many?", list("123456789"))
    assert page == []


def test_it_stays_quiet_while_nbgrader_runs_the_notebook(monkeypatch, page, capfd):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    predict(*ASK)
    out, err = capfd.readouterr()
    assert (out.count("\n"), err, page) == (1, "", [])
