"""Which thread of a kernel touches which entry of an array, and when: one look, or a film."""

from collections import Counter, defaultdict

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle

from course.plot.house import BLUE, GRAY, INK, ORANGE, PAPER, STYLE, TINT
from course.turns import short

SIDE = 0.34  # inches an entry takes
GAP, LABEL = 1.3, 3.2  # between arrays, and for a name beside a row, in entries


@rc_context(STYLE)
def one_thread(log, block, thread):
    """Everything one thread touched, in one picture. log: course.gpu.watch; block, thread: (x, y, z)"""
    mine = [access for access in log.accesses if (access.block, access.thread) == (block, thread)]
    return _draw(log, mine, {}, lambda access: "")


@rc_context(STYLE)
def touches(log, wave=1, every=1, blocks=None):
    """The frames of a film and their captions.

    log: course.gpu.watch. wave: how many blocks run at the same time. every: how many accesses of a thread make a
    frame. blocks: those to show, [(x, y, z), …], all if None.
    """
    blocks = blocks or list(dict.fromkeys(access.block for access in log.accesses))
    figures, captions, written = [], [], {}
    for first in range(0, len(blocks), wave):
        running = blocks[first : first + wave]
        for (interval, _), accesses in sorted(_frames(log, running, every).items()):
            figures.append(_draw(log, accesses, written, lambda access: _name(log, access), running))
            captions.append(_caption(log, running, interval, accesses))
            written |= {(access.array, access.index): True for access in accesses if access.write}
        written = {key: True for key in written if key[0] in log.parameters}  # shared memory ends with its block
    return figures, captions


def _frames(log, running, every):
    """(barriers passed, number of the frame after that) -> the accesses of all threads of the blocks that run."""
    frames, seen = defaultdict(list), Counter()
    for access in log.accesses:
        if access.block in running:
            who = access.block, access.thread, access.interval
            frames[access.interval, seen[who] // every].append(access)
            seen[who] += 1
    return frames


def _caption(log, running, interval, accesses):
    names = " and ".join(short(block, log.blocks) for block in running)
    doing = [
        f"{verb} {', '.join(dict.fromkeys(a.array for a in accesses if a.write == write))}"
        for verb, write in (("read", False), ("write", True))
        if any(a.write == write for a in accesses)
    ]
    barriers = f", after {interval} barrier{'s' * (interval > 1)}" if interval else ""
    return f"Block{'s' * (len(running) > 1)} {names}{barriers}: threads {' and '.join(doing)}"


def _name(log, access):
    """A thread as a short label: its number in the grid, or its x and y in its block."""
    x, y, _ = access.thread
    return f"{access.block[0] * log.threads[0] + x}" if log.threads[1] == 1 else f"{x},{y}"


def _draw(log, accesses, written, name, running=()):
    places, (width, height) = _layout(log, bool(running))
    figure = Figure(figsize=(width * SIDE, height * SIDE + 0.35))
    axes = figure.subplots()
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axes.axis("off")
    at = defaultdict(list)
    for access in accesses:
        at[access.array, access.index].append(access)
    for array, (left, top) in places.items():
        _array(axes, log, array, left, top, at, written, name)
    if running and log.threads[1] == 1:
        _threads(axes, log, accesses, running)
    _legend(figure, bool(written) or bool(running))
    return figure


def _layout(log, film):
    """Where the upper left corner of every array lies, and how large the sheet is."""
    shapes = {array: shape if len(shape) == 2 else (1, *shape) for array, shape in log.shapes.items()}
    places, right, down = {}, 0.0, 0.3
    if all(rows == 1 for rows, _ in shapes.values()):
        down = 2.6 if film else 0.3
        for array, (_, columns) in shapes.items():
            places[array] = (LABEL, down)
            right, down = max(right, LABEL + columns + 0.3), down + 1.9
        if film:
            right = max(right, LABEL + log.blocks[0] * (log.threads[0] + 0.6))
        return places, (right, down)
    for group in ([a for a in shapes if a in log.parameters], [a for a in shapes if a not in log.parameters]):
        across, most = 0.3, 0
        for array in group:
            places[array] = (across, down + 1)
            across, most = across + shapes[array][1] + GAP, max(most, shapes[array][0])
        right, down = max(right, across - GAP + 0.3), down + (most + 2) * bool(group)
    return places, (right, down)


def _array(axes, log, array, left, top, at, written, name):
    shape = log.shapes[array]
    rows, columns = shape if len(shape) == 2 else (1, *shape)
    where = array if array in log.parameters else f"{array} (shared)"
    if len(shape) == 2:
        axes.text(left, top - 0.3, where, weight="bold")
    else:
        axes.text(left - 0.3, top + 0.5, where, weight="bold", ha="right", va="center")
    for row in range(rows):
        for column in range(columns):
            index = (row, column) if len(shape) == 2 else (column,)
            _entry(axes, left + column, top + row, at.get((array, index)), (array, index) in written, name)


def _entry(axes, x, y, accesses, written, name):
    wrote = any(access.write for access in accesses or ())
    color = ORANGE if wrote else TINT if accesses else PAPER
    edge, width = (BLUE, 1.6) if accesses and not wrote else (GRAY, 0.6)
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=color, edgecolor=edge, linewidth=width, zorder=2 + bool(accesses)))
    if accesses:
        names = list(dict.fromkeys(name(access) for access in accesses))
        label = names[0] if len(names) == 1 else f"×{len(names)}"
        axes.text(x + 0.5, y + 0.52, label, ha="center", va="center", size=7.5, weight="bold" if wrote else "normal",
                  color="white" if wrote else INK, zorder=4)  # fmt: skip
    elif written:
        axes.add_patch(Circle((x + 0.5, y + 0.5), 0.12, facecolor=GRAY, edgecolor="none", zorder=3))


def _threads(axes, log, accesses, running):
    """All threads of the grid in their blocks: black where one is at work, gray where its block's turn is not yet."""
    busy = {(access.block, access.thread) for access in accesses}
    for block in range(log.blocks[0]):
        for thread in range(log.threads[0]):
            x = LABEL + block * (log.threads[0] + 0.6) + thread + 0.5
            on = ((block, 0, 0), (thread, 0, 0)) in busy
            here = (block, 0, 0) in running
            axes.add_patch(Circle((x, 1.45), 0.4, facecolor=INK if on else PAPER, edgecolor=INK if here else GRAY,
                                  linewidth=1.2 if here else 0.6, linestyle="-" if here else ":"))  # fmt: skip
            color = "white" if on else INK if here else GRAY
            axes.text(x, 1.47, f"{block * log.threads[0] + thread}", ha="center", va="center", size=7.5, color=color)
        middle = LABEL + block * (log.threads[0] + 0.6) + log.threads[0] / 2
        axes.text(middle, 0.6, f"block {block}", ha="center", va="center", size=8.5, color=INK if here else GRAY)
    axes.text(LABEL - 0.3, 1.45, "threads", ha="right", va="center", weight="bold")


def _legend(figure, film):
    handles = [
        Rectangle((0, 0), 1, 1, facecolor=TINT, edgecolor=BLUE, linewidth=1.6, label="read"),
        Rectangle((0, 0), 1, 1, facecolor=ORANGE, edgecolor=GRAY, label="written"),
    ]
    if film:
        handles.append(Line2D([], [], linestyle="", marker="o", markersize=4, color=GRAY, label="written before"))
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8.5, handlelength=1.2)
