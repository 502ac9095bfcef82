"""python -m grader.sandbox [LEVEL …]: what a session and a call cost on this machine, in milliseconds.

Wall time, and the processor's time of every process that has a part in it, this one included. Medians over some
sessions; the first one, with which a zygote starts, is told apart.
"""

import os
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from . import bubblewrap, choose, nursery, open_session, processes, session

SESSIONS, CALLS, SHEET = 10, 60, 6
CELL = "import numpy as np\n\ndef rectified(x):\n    return np.maximum(x, 0.0)"
ALONE, SHARED = "a call, in a snapshot of its own", f"a call, {SHEET} to a snapshot"


def main(levels):
    """Print a table for each level; "one-shot" is bubblewrap as it is where there can be no zygote."""
    session.SANDBOXES["one-shot"] = bubblewrap.OneShot
    for level in levels:
        nursery.NURSERY.close()
        (kind, first), *others = [one_session(level) for _ in range(SESSIONS + 1)]
        rows = {"first start": first["start"]}
        rows |= {row: [median(times[row][i] for _, times in others) for i in (0, 1)] for row in first}
        print(f"{f'{level}, {kind}':34s} wall ms   CPU ms")
        for row, (wall, cpu) in rows.items():
            print(f"  {row:32s} {wall:7.1f}  {cpu:7.1f}")


def one_session(level):
    """How it started, and {row: (wall, CPU)} in ms."""
    x = np.linspace(-1, 1, 1000)
    clock, times = Clock(), {}
    with open_session(level) as opened:
        times["start"] = clock.lap()
        opened.run(CELL, 10)
        times["first cell"] = clock.lap()
        for row, size in ((ALONE, 1), (SHARED, SHEET)):
            for i in range(CALLS):
                opened.call("rectified", {"args": (x,)}, 10, fresh=i % size == 0)
            times[row] = [t / CALLS for t in clock.lap()]
        return opened.kind, times


class Clock:
    """Wall and processor time since the last look."""

    def __init__(self):
        self.read = self._now()

    def lap(self):
        """(wall, CPU) in ms."""
        before, self.read = self.read, self._now()
        return [1e3 * (now - then) for now, then in zip(self.read, before, strict=True)]

    def _now(self):
        below = processes.descendants(os.getpid())
        return time.perf_counter(), time.process_time() + sum(map(used, below))


def used(pid):
    """Seconds of the processor: a process's own, to the nanosecond, and those of its children that have ended."""
    try:
        own = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return own + sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(sys.argv[1:] or [choose(None), "one-shot"])
