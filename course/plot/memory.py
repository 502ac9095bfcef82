"""A matrix as it lies in memory, and a walk over it with a small cache at hand."""

from collections import OrderedDict

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE, TINT


def fetches(path, shape, line, cache):
    """How often a walk must fetch from memory. path: [(row, column)]; shape (rows, columns) of the matrix.

    line: numbers that come with each fetch, side by side in memory; cache: how many such lines are kept, the one unused
    for longest leaves first.   -> (fetches, the lines at hand at the end)
    """
    held, count = OrderedDict(), 0
    for row, column in path:
        wanted = (row * shape[1] + column) // line
        if wanted in held:
            held.move_to_end(wanted)
            continue
        count += 1
        held[wanted] = True
        if len(held) > cache:
            held.popitem(last=False)
    return count, list(held)


@rc_context(STYLE)
def walks(paths, steps, shape, line, cache):
    """Walks over a matrix side by side, after so many steps each. paths: {title: [(row, column)]}

    Dark: visited. Framed: where the walk is. Tinted: in the cache. Below: the matrix as it lies in memory.
    """
    figure = Figure(figsize=(8, 4.2), layout="none")  # for films: to find a layout costs as much as to draw
    rows, columns = shape
    for place, (title, path) in enumerate(paths.items()):
        done = path[:steps]
        count, held = fetches(done, shape, line, cache)
        left = 0.03 + 0.5 * place
        grid = figure.add_axes((left, 0.21, 0.44, 0.71))
        strip = figure.add_axes((left, 0.06, 0.44, 0.07))
        _cells(grid, done, held, line, columns, lambda row, column: (column, row))
        grid.set(xlim=(-0.1, columns + 0.1), ylim=(rows + 0.1, -0.1), aspect="equal")
        grid.set_title(f"{title}: {count} trip{'' if count == 1 else 's'}", pad=6)
        _cells(strip, done, held, line, columns, lambda row, column: (row * columns + column, 0), thin=True)
        strip.set(xlim=(-0.5, rows * columns + 0.5), ylim=(1.1, -0.1))
        strip.set_title("in memory", size=9, color=GRAY, pad=2)
        for axes in (grid, strip):
            axes.axis("off")
        for row in range(rows):
            for column in range(columns):
                _frame(grid, (column, row), 1, GRAY, 0.5)
        for start in range(0, rows * columns, line):
            _frame(strip, (start, 0), line, GRAY, 0.8)
        if done:
            _frame(grid, done[-1][::-1], 1, INK, 2.5)
    return figure


def _cells(axes, done, held, line, columns, corner, thin=False):
    tinted = [divmod(number, columns) for start in held for number in range(start * line, (start + 1) * line)]
    for places, color, margin in ((tinted, TINT, 0), (done, BLUE, 0 if thin else 0.28)):
        for place in places:
            x, y = corner(*place)
            axes.add_patch(
                Rectangle((x + margin, y + margin), 1 - 2 * margin, 1 - 2 * margin, facecolor=color, edgecolor="none")
            )
    if done:
        x, y = corner(*done[-1])
        axes.add_patch(
            Rectangle((x + 0.2, y + 0.2), 0.6, 0.6, facecolor=ORANGE, edgecolor=PAPER, linewidth=0 if thin else 1)
        )


def _frame(axes, corner, width, color, linewidth):
    axes.add_patch(Rectangle(corner, width, 1, facecolor="none", edgecolor=color, linewidth=linewidth))
