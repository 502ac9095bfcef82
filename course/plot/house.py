"""The house style, and how a figure reaches the page.

Paper is light and opaque and ink is dark, so a picture reads the same on a light page, on a dark one and in
print. Color never speaks alone: a marker, a line style or a word says the same.
"""

import io
import sys

from cycler import cycler
from matplotlib import rcParams

from course import widgets
from course.colors import BLUE, GRAY, GREEN, INK, ORANGE, PALE, PAPER, PURPLE, TINT  # noqa: F401  (figures take all)

STYLE = {
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GRAY,
    "axes.titlesize": "medium",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PURPLE])
    + cycler(linestyle=["-", "--", "-.", ":"])
    + cycler(marker=["o", "s", "^", "D"]),
}
PIXELS = 100  # an inch of figure takes on the page
SHARP = 1.6 * PIXELS  # dots an inch has in the file


def style():
    """Put every figure of this notebook into the house style, your own included."""
    rcParams.update(STYLE)


def show(figure, alt):
    """Show a figure and, folded away below it, `alt`: what it shows, in words. ValueError without words."""
    _require_words(alt)
    picture = png(figure)
    _show(widgets.picture(picture, alt, _width(figure)), picture, alt, _width(figure))
    if "matplotlib.pyplot" in sys.modules:  # a learner's own figure: pyplot would show it a second time
        sys.modules["matplotlib.pyplot"].close(figure)


def film(figures, captions, alt):
    """Show figures as a film with a Play button and a slider, one caption each. ValueError without words."""
    _require_words(alt)
    frames = [png(figure, dpi=PIXELS) for figure in figures]
    width = _width(figures[0])
    _show(widgets.film(frames, captions, alt, width), frames[-1], alt, width)


def level(axes, height, word, at=0.01, below=False, **look):
    """A gray line across, and its word above it or below, `at` a share of the width: left, or right where it ends."""
    axes.axhline(height, **{"color": GRAY, "linewidth": 1, **look})
    place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    sides = {"ha": "right" if at > 0.5 else "left", "va": "top" if below else "bottom"}
    axes.annotate(word, (at, height), (0, -3 if below else 0), color=GRAY, **sides, **place)


def png(figure, dpi=SHARP):
    """The figure as PNG bytes."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=dpi)
    return stream.getvalue()


def _show(html, picture, alt, width):
    """HTML, because JupyterLab and nbconvert drop the alt text of a bare picture; the picture for all others."""
    bundle = {"text/html": html, "image/png": picture, "text/plain": alt}
    widgets.show(bundle, {"image/png": {"alt": alt, "width": width}})


def _width(figure):
    return round(figure.get_figwidth() * PIXELS)


def _require_words(alt):
    if not (isinstance(alt, str) and alt.strip()):
        raise ValueError("A figure needs `alt`: a sentence or two for whoever cannot see it.")
