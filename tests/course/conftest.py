"""What the kit's tests share: a notebook's folder, a page to show things on, and somebody who presses buttons."""

import pytest

from course import progress


@pytest.fixture
def notebook_folder(tmp_path, monkeypatch):
    """An empty folder to work in, attended, as a learner does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(progress, "_waiting", {})
    return tmp_path


class Shown:
    """One output of a cell: what it shows now, and what it showed before."""

    def __init__(self, bundle, metadata):
        self.history, self.metadata = [bundle], metadata

    bundle = property(lambda self: self.history[-1])
    text = property(lambda self: self.bundle["text/plain"])
    html = property(lambda self: self.bundle.get("text/html", ""))

    def update(self, bundle, raw):
        assert raw
        self.history.append(bundle)


@pytest.fixture
def page(monkeypatch):
    """The outputs of a cell, in order, instead of a front end."""
    outputs = []

    def display(bundle, metadata=None, raw=False, display_id=None):
        assert raw
        outputs.append(Shown(bundle, metadata))
        return outputs[-1]

    monkeypatch.setattr("course.widgets.in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", display)
    return outputs


@pytest.fixture
def cards(monkeypatch):
    """The widgets a cell asks with, in order: choose(cards[-1], 1) presses the second choice's button."""
    import ipywidgets

    made = []
    build = ipywidgets.VBox.__init__

    def remember(self, *args, **kwargs):
        build(self, *args, **kwargs)
        made.append(self)

    monkeypatch.setattr(ipywidgets.VBox, "__init__", remember)
    return made


def choose(card, i):
    """Press the button of choice `i`."""
    card.children[1 + i].click()
