"""A walk down a loss, steered by hand: the start and the learning rate at sliders, the steps at buttons.

    steer(club_loss, club_slope, gradient_descent, start, plot.landscape(club_loss, (-4, 3), (-2, 20)), x, y, "x", "y")
    steer.at((0.05, 1), (0.3, 2))       # the same in plain code: pairs of a learning rate and a number of steps

Loss, slope and descent are the learner's own. A walk that flies off is told in words and stays where it flew.
"""

import numpy as np

from course import plot, widgets
from course.explorer import drawn, offered, slider
from course.walked import FAR, in_words, where

RATES = (0.001, 0.003, *(n / 100 for n in range(1, 13)), 0.15, 0.2, 0.3, 0.4, 0.5, 0.6)
STEP = 0.5  # of the sliders for the start

_ways = {}  # what the last explorer shown was given: loss, slope, descend, start, ground, data


def steer(loss, slope, descend, start, ground, x, y, xlabel, ylabel, lr=0.01):
    """Show a Landscape of the loss with a walk at its start, and what to steer it with; beside it the line and its data.

    loss, slope: functions of a point (2,); descend(slope, point, lr, steps) -> path (steps + 1, 2); x, y: (N, 1).
    Without buttons: steer.at((lr, steps), (lr, steps), …, start=(w, b)).
    """
    start = np.asarray(start, float)
    _ways.update(loss=loss, slope=slope, descend=descend, start=start, ground=ground, data=(x, y, xlabel, ylabel))
    onward(start[None], lr, 1)  # what is not written yet shall be missed here and not at the first button
    offered(_picture(start[None]), lambda picture: _Wheel(start, lr, picture).bundle())


def at(*legs, start=None):
    """Show where pairs (learning rate, steps) lead to, one pair after another, in plain code; start: (w, b).

    ValueError where there is no landscape yet.
    """
    if not _ways:
        raise ValueError("There is nothing to walk down yet: run the cell with steer(…) first.")
    path = np.asarray(_ways["start"] if start is None else start, float)[None]
    for lr, steps in legs:
        path = onward(path, lr, steps)
    widgets.show(_picture(path, legs[-1][0] if legs else None))


steer.at = at


def onward(path, lr, steps):
    """A path (S, 2) and `steps` more by the learner's descent -> (S + steps, 2). ValueError where it returns no path."""
    with np.errstate(all="ignore"):  # a walk that flies off overflows; the words tell it
        more = np.asarray(_ways["descend"](_ways["slope"], path[-1].copy(), lr, steps), float)
    if more.shape != (steps + 1, 2) or not np.array_equal(more[0], path[-1], equal_nan=True):
        expected = f"the start and {steps} more, shape ({steps + 1}, 2)"
        raise ValueError(f"Your descent should return the whole path, {expected}; it returned shape {more.shape}.")
    return np.concatenate([path, more[1:]])


def _picture(path, lr=None, caption=None):
    near = np.logical_and.accumulate(np.all(np.abs(path) < FAR, axis=1))  # and nan is not near either
    near[0] = True
    figure = plot.descent(_ways["ground"], path[near], *_ways["data"])
    return drawn(figure, widgets.minus(in_words(path, _ways)), widgets.minus(caption or where(path, lr, _ways)))


class _Wheel:
    """Two sliders for the start, one for the learning rate, three buttons, and the path so far."""

    def __init__(self, start, lr, picture):
        import ipywidgets

        ground = _ways["ground"]
        self.picture, self.path = picture, start[None]
        self.start = [
            slider(value, ends[0], ends[-1], STEP, f"start at {name}")
            for value, ends, name in zip(start, (ground.across, ground.up), ground.names, strict=True)
        ]
        for one in self.start:
            one.observe(lambda _: self.back(), "value")
        self.rate = ipywidgets.SelectionSlider(
            options=[(f"{rate:g}", rate) for rate in sorted({*RATES, lr})],
            value=lr,
            description="learning rate",
            style={"description_width": "7em"},
        )
        presses = (
            ("one step", lambda: self.go(1)),
            ("ten steps", lambda: self.go(10)),
            ("back to the start", self.back),
        )
        self.buttons = [ipywidgets.Button(description=text, layout={"width": "auto"}) for text, _ in presses]
        for button, (_, then) in zip(self.buttons, presses, strict=True):
            button.on_click(lambda _, then=then: then())
        row = ipywidgets.HBox(self.buttons, layout={"flex_flow": "row wrap"})
        self.box = ipywidgets.VBox([self.rate, row, *self.start])

    def bundle(self):
        return widgets.widget_bundle(self.box, "Steer it with steer.at((0.05, 1), (0.02, 10))")

    def go(self, steps):
        """Some steps on from where the walk is."""
        try:
            self.path = onward(self.path, self.rate.value, steps)
        except Exception as fault:  # behind a button nobody would see it
            words = f"Your descent stopped with {type(fault).__name__}: {fault}"
            return self.picture.update(_picture(self.path, self.rate.value, words), raw=True)
        self.picture.update(_picture(self.path, self.rate.value), raw=True)

    def back(self):
        """A new walk, from where the sliders say."""
        self.path = np.array([[one.value for one in self.start]])
        self.picture.update(_picture(self.path), raw=True)
