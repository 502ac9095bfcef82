"""A walk down a loss in words: where it is, which way is down, and what went wrong (course.steering draws it).

Everywhere: path (S + 1, 2), the points of S steps; lr, the learning rate of the last; ways, what steer() was given.
"""

import numpy as np

FLAT = 0.01  # a slope below this is flat ground
FAR = 1e6  # beyond this nothing is drawn, and numbers are told as powers of ten


def in_words(path, ways):
    """What the picture shows, for its alt text."""
    across, up = ways["ground"].names
    w, b = path[0]
    return (
        f"Left, the loss over {across} and {up} from above: rings around the bottom, and a path of "
        f"{_steps(path)} that starts at {across} = {w:.2f}, {up} = {b:.2f}. Right, the data as points, and the "
        "line that the end of the path stands for."
    )


def _steps(path):
    return f"{len(path) - 1} step{'s' * (len(path) != 2)}"


def where(path, lr, ways):
    """Where the walk is, to be read below the picture: the point, its loss and slope, and what the last step did."""
    names = ways["ground"].names
    with np.errstate(all="ignore"):
        losses = [float(ways["loss"](point)) for point in path[-2:]]
        slope = np.asarray(ways["slope"](path[-1]), float)
    point = ", ".join(f"{name} = {_number(value)}" for name, value in zip(names, path[-1], strict=True))
    rate = f", the last with lr = {lr:g}" if lr is not None and len(path) > 1 else ""
    text = f"After {_steps(path)}{rate}: {point}, loss {_number(losses[-1])}. "
    if not (np.isfinite(losses[-1]) and np.all(np.isfinite(slope))):
        return f"{text}The walk has flown off beyond all numbers. Go back to the start, with a smaller learning rate."
    slopes = " and ".join(f"{_number(value)} along {name}" for name, value in zip(names, slope, strict=True))
    downhill = _downhill(slope, names, _outside(path[-1], ways))
    return f"{text}The slope is {slopes}: {downhill}.{_trouble(path, losses, ways)}"


def _trouble(path, losses, ways):
    """What is told and not hidden: a step that climbed, and why; a walk that has left the picture."""
    text = ""
    if losses[-1] > losses[0]:
        with np.errstate(all="ignore"):
            rising = np.dot(ways["slope"](path[-2]), path[-1] - path[-2]) > 0
        why = "it went up the slope, not down" if rising else "too long for this slope"
        text = f" The last step climbed, from a loss of {_number(losses[0])}: {why}."
    return f"{text} The walk has left the picture." if _outside(path[-1], ways) else text


def _downhill(slope, names, outside):
    ways = [f"{'smaller' if g > 0 else 'larger'} {name}" for g, name in zip(slope, names, strict=True) if abs(g) > FLAT]
    if ways:
        return f"down is toward {' and '.join(ways)}"
    # far out a nudge no longer changes numbers this large: that is no bottom
    return "nothing to be felt, a nudge is lost in rounding out here" if outside else "flat, there is no more to gain"


def _outside(point, ways):
    ground, (w, b) = ways["ground"], point
    return not (ground.across[0] <= w <= ground.across[-1] and ground.up[0] <= b <= ground.up[-1])


def _number(value):
    return f"{value:,.2f}" if abs(value) < FAR else f"{value:.2e}"
