"""Four small drawings for one question: where is a bicycle? They are made so that a rule about circles fails."""

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Ellipse, FancyBboxPatch, Polygon, Rectangle

from course.plot.house import BLUE, INK, PAPER, STYLE, TINT

SAND, BUSH, CLOUD = "#e8d9b5", "#7fbfa8", "#d4d6d8"
LINE = {"color": INK, "linewidth": 2.5, "linestyle": "-", "marker": "", "solid_capstyle": "round"}


@rc_context(STYLE)
def puzzle():
    """A bicycle from the side, a car, a pair of spectacles, a bicycle from the front, lettered A to D."""
    figure = Figure(figsize=(7.6, 2))
    drawings = (_bicycle, _car, _spectacles, _bicycle_from_the_front)
    for axes, letter, draw in zip(figure.subplots(1, 4), "ABCD", drawings, strict=True):
        axes.set(xlim=(0, 10), ylim=(0, 8), aspect="equal", xticks=[], yticks=[], title=letter)
        axes.spines[:].set_visible(True)
        draw(axes)
    return figure


def _bicycle(axes):
    for x in (2.6, 7.4):
        _ring(axes, x, 2.5, 1.6)
    pedals, saddle, head = (4.7, 2.5), (4.1, 4.9), (6.7, 4.9)
    for start, end in (
        ((2.6, 2.5), pedals),
        ((2.6, 2.5), (4.2, 4.5)),
        (pedals, saddle),
        (pedals, (6.8, 4.5)),
        ((4.2, 4.5), (6.8, 4.5)),
        ((7.4, 2.5), head),
        ((3.5, 4.9), (4.7, 4.9)),
        (head, (6.4, 5.6)),
        ((6.4, 5.6), (7.3, 5.6)),
    ):
        _line(axes, start, end)


def _car(axes):
    """With everything in view that is not the car: sand, a bush, a cloud."""
    axes.add_patch(Rectangle((0, 0), 10, 1.9, facecolor=SAND))
    axes.add_patch(Ellipse((9, 2.6), 1.7, 2.1, facecolor=BUSH))
    for x, size in ((2.2, 1.6), (3.2, 2.0), (4.1, 1.4)):
        axes.add_patch(Ellipse((x, 6.8), size, 0.8 * size / 1.4, facecolor=CLOUD))
    axes.add_patch(FancyBboxPatch((1.2, 2.2), 7, 1.2, boxstyle="round,pad=0.2", facecolor=BLUE, edgecolor=INK))
    axes.add_patch(Polygon([(2.6, 3.6), (3.5, 5.1), (6.2, 5.1), (7.2, 3.6)], facecolor=TINT, edgecolor=INK))
    for x in (2.9, 6.6):
        _ring(axes, x, 1.9, 0.85, filled=True)


def _spectacles(axes):
    for x in (2.8, 7.2):
        _ring(axes, x, 3.8, 1.7)
    _line(axes, (4.5, 4.1), (5.5, 4.1))
    _line(axes, (1.15, 4.2), (0.5, 5.3))
    _line(axes, (8.85, 4.2), (9.5, 5.3))


def _bicycle_from_the_front(axes):
    """One thin upright wheel, a lamp and handlebars: a bicycle without a single circle."""
    axes.add_patch(Ellipse((5, 2.4), 0.55, 3.6, facecolor=PAPER, edgecolor=INK, linewidth=2.5))
    for x in (4.5, 5.5):
        _line(axes, (x, 2.4), (x, 4.6))
    _line(axes, (4.5, 4.6), (5.5, 4.6))
    _line(axes, (5, 4.6), (5, 5.6))
    for side in (-1, 1):
        _line(axes, (5, 5.6), (5 + 2.4 * side, 5.8))
        _line(axes, (5 + 2.4 * side, 5.8), (5 + 2.9 * side, 5.5))
    axes.add_patch(Rectangle((4.65, 4.75), 0.7, 0.6, facecolor=TINT, edgecolor=INK, zorder=3))


def _ring(axes, x, y, radius, filled=False):
    axes.add_patch(Circle((x, y), radius, facecolor=PAPER if filled else "none", edgecolor=INK, linewidth=2.5))


def _line(axes, start, end):
    axes.plot(*zip(start, end, strict=True), **LINE)
