"""What reaches the page is safe to show and has a text to fall back on."""

import pytest

from course import widgets


def test_prose_is_escaped_and_knows_code():
    assert widgets.prose("`x < 1` & <b>") == "<code>x &lt; 1</code> &amp; &lt;b&gt;"
    assert widgets.plain("`x < 1`") == "x < 1"


def test_without_a_notebook_the_text_is_printed(capfd):
    assert widgets.show(widgets.page("<p>Hello</p>", "Hello")) is None
    assert capfd.readouterr() == ("Hello\n", "")


def test_a_card_says_what_to_do_where_widgets_do_not_render():
    box = widgets.ask("<p>Which?</p>", ["`a`", "b"], print)
    bundle = widgets.widget_bundle(box, "Answer in code")
    assert bundle["text/plain"] == f"Answer in code\n{widgets.GONE}"
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert [button.description for button in box.children[1:-1]] == ["a)  a", "b)  b"]


def test_more_choices_than_letters_are_refused_and_not_dropped():
    assert dict(widgets.lettered("12345678"))["h"] == "8"
    with pytest.raises(ValueError, match="9 choices: 8 are the most"):
        widgets.ask("<p>Which?</p>", list("123456789"), print)
