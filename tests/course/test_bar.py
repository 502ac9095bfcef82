"""The bar counts, tells, and stops without losing what was learned."""

import pytest

from course.bar import bar


def test_rounds_are_counted_and_the_last_words_stay(page):
    with bar(3, "epochs") as rounds:
        for number in rounds:
            rounds.say(f"loss {3 - number}")
    (shown,) = page
    assert "3 of 3 epochs · loss 1" in shown.text and "█" * 24 in shown.text
    assert 'max="3" value="3"' in shown.html and 'aria-label="3 of 3 epochs"' in shown.html
    assert "1 of 3 epochs · loss 3" in shown.history[1]["text/plain"]
    assert not rounds.stopped


def test_an_interruption_ends_the_training_and_not_the_cell(page):
    weights = {"w": 0}
    with bar(10, "epochs") as rounds:
        for number in rounds:
            if number == 4:
                raise KeyboardInterrupt
            weights["w"] += 1
    assert weights["w"] == 4 and rounds.stopped and rounds.done == 4
    assert "stopped after 4 of 10 epochs; the weights are kept" in page[0].text


def test_any_other_error_goes_on(page):
    with pytest.raises(ZeroDivisionError), bar(2) as rounds:
        for _ in rounds:
            raise ZeroDivisionError
    assert "stopped" not in page[0].text


def test_words_are_not_taken_for_html(page):
    with bar(1) as rounds:
        for _ in rounds:
            rounds.say("<b> & co")
    assert "&lt;b&gt; &amp; co" in page[0].html


def test_without_a_notebook_one_line_is_printed_at_the_end(capsys):
    with bar(2, "games") as rounds:
        for _ in rounds:
            rounds.say("lag 10")
    assert capsys.readouterr().out == "█" * 24 + " · 2 of 2 games · lag 10\n"


def test_nothing_to_do_is_a_full_bar(page):
    with bar(0) as rounds:
        assert list(rounds) == []
    assert "0 of 0 steps" in page[0].text
