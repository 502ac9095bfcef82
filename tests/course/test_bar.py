"""The bar counts, tells, and stops without losing what was learned."""

import pytest

from course.bar import bar


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until a test moves it: clock[0] += 30."""
    now = [100.0]
    monkeypatch.setattr("course.bar.time.perf_counter", lambda: now[0])
    return now


def test_rounds_are_counted_and_the_last_words_stay(page, clock):
    with bar(3, "epochs") as rounds:
        for number in rounds:
            clock[0] += 0.5
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


def test_the_time_left_is_told_while_there_is_much_of_it(page, clock):
    with bar(10) as rounds:
        for number in rounds:
            if number == 2:
                raise KeyboardInterrupt
            clock[0] += 30
    before, first, second, last = (shown["text/plain"] for shown in page[0].history)
    assert "left" not in before and "left" not in last
    assert "1 of 10 steps · about 4 min left" in first  # 9 rounds of 30 s
    assert "2 of 10 steps · about 4 min left" in second
    assert "stopped after 2 of 10 steps; the weights are kept" in last


def test_seconds_are_counted_down_and_the_last_one_is_not(page, clock):
    with bar(4) as rounds:
        for _ in rounds:
            clock[0] += 1
    told = [shown["text/plain"].partition("steps")[2] for shown in page[0].history]
    assert told == ["", " · about 3 s left", " · about 2 s left", "", "", ""]


def test_thousands_of_short_rounds_do_not_wait_for_the_page(page, clock):
    with bar(4000) as rounds:
        for _ in rounds:
            clock[0] += 0.001
    assert len(page[0].history) < 50 and "4000 of 4000 steps" in page[0].text


@pytest.mark.slow
def test_the_stop_button_of_a_real_kernel_ends_the_training_and_the_cell_goes_on(tmp_path):
    from jupyter_client.manager import start_new_kernel

    code = """
import time
from course.bar import bar
w = 0
with bar(100_000, "epochs") as rounds:
    for _ in rounds:
        w += 1
        time.sleep(0.01)
print("kept", rounds.stopped, 0 <= w - rounds.done <= 1 and w > 0)
"""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    told, shown = [], []

    def hear(message):
        content = message["content"]
        if message["msg_type"] == "update_display_data" and not shown:
            manager.interrupt_kernel()
        shown.append(content["data"]["text/plain"]) if message["msg_type"] == "update_display_data" else None
        told.append(content.get("text", "") + content.get("ename", ""))

    try:
        reply = client.execute_interactive(code, output_hook=hear, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert reply["content"]["status"] == "ok" and "kept True True" in "".join(told)
    assert "the weights are kept" in shown[-1]
