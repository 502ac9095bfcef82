"""Ratios with their spread, from contestants that take turns."""

import os
import platform
import statistics
import time
from dataclasses import asdict, dataclass

import numba
import numpy as np
from llvmlite.binding import get_host_cpu_name

MINIMUM = 0.02  # seconds a sample lasts at least: long against the clock and the scheduler
REST = 0.03  # seconds before a sample: threads of whoever came before may still watch for work, and take a core


@dataclass
class Row:
    """ratio: the median, low and high: the quartiles; goal: where a ratio starts to be good; better: which way.

    why: what a miss comes from, as far as it can be measured.
    """

    name: str
    ratio: float
    low: float
    high: float
    goal: float
    better: str = "higher"
    why: str = ""

    @property
    def met(self):
        return self.ratio >= self.goal if self.better == "higher" else self.ratio <= self.goal

    def __str__(self):
        word = "met" if self.met else f"MISSED\n    {self.why}" if self.why else "MISSED"
        return f"{self.name:<100} {self.ratio:8.3g}  ({self.low:.3g} to {self.high:.3g})  goal {self.goal:g} {word}"


def seconds(function, calls):
    """How long a call takes, of that many; a function that only starts something has a `finish` that waits for it."""
    finish = getattr(function, "finish", lambda: None)
    finish()
    start = time.perf_counter()
    for _ in range(calls):
        function()
    finish()
    return (time.perf_counter() - start) / calls


def versus(name, ours, theirs, goal, rounds=15, scale=1):
    """The row "ours against theirs": scale · their time / our time, per round; > 1 where ours is faster.

    theirs: {name: function}, of which the fastest counts. Everybody is warmed up, then takes turns.
    scale: how much work ours is of theirs.
    """
    contestants = {"ours": ours, **theirs}
    for function in contestants.values():
        function()
        function()
    calls = {key: max(1, round(MINIMUM / seconds(function, 1))) for key, function in contestants.items()}
    samples = {key: [] for key in contestants}
    for _ in range(rounds):
        for key, function in contestants.items():
            time.sleep(REST)
            function()  # its own threads wake up, its own numbers come back into the cache
            samples[key].append(seconds(function, calls[key]))
    best = min(theirs, key=lambda key: statistics.median(samples[key]))
    ratios = scale * np.divide(samples[best], samples["ours"])
    low, middle, high = (float(value) for value in np.percentile(ratios, [25, 50, 75]))
    return Row(f"{name}, against {best}", middle, low, high, goal)


def geometric_mean(name, rows, goal):
    """One row for many: the geometric means of their ratios, lows and highs."""
    means = (statistics.geometric_mean(getattr(row, key) for row in rows) for key in ("ratio", "low", "high"))
    return Row(name, *means, goal)


def machine(threads, tier):
    """What a reader needs to judge the ratios by."""
    return {
        "processor": get_host_cpu_name(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "threads": threads,
        "tier": tier,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


def document(threads, tier, rows, **more):
    """The whole run as plain data; more: what else tells the machine."""
    return {"machine": {**machine(threads, tier), **more}, "rows": [asdict(row) for row in rows]}
