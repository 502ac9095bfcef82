"""What happens in the kernel: the first import, a check, a slider's move. In CPU seconds, as on a machine of one's own."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from course import boundary, check, data, explorer, plot, steering
from course.attempt import attempt
from course.bench.row import row
from course.wire import pack

CHECK = "import time; begin = time.process_time(); from course import check; print(time.process_time() - begin)"


def rows(rounds):
    """The Rows of what happens in the kernel."""
    return [
        row("`from course import check`, warm (CPU s)", imports(rounds), 0.3),
        row("a check of a NumPy function, beyond the function's own time (CPU s)", checks(rounds), 0.05),
    ] + [row(f"{what}, picture drawn (CPU s)", moves(rounds, begin), 0.3) for what, begin in EXPLORERS.items()]


def imports(rounds):
    """Seconds of the import in a fresh Python, the first one (which may compile) left out."""
    line = [sys.executable, "-P", "-c", CHECK]
    runs = [subprocess.run(line, capture_output=True, text=True, check=True) for _ in range(rounds + 1)]
    return [float(run.stdout) for run in runs[1:]]


def dense_forward(x, w, b):
    return x @ w + b


def checks(rounds):
    """Seconds of check(dense_forward) on twelve batches, less what dense_forward itself takes."""
    rng = np.random.default_rng(0)
    cases = []
    for i in range(12):
        args = rng.normal(size=(64, 100)), rng.normal(size=(100, 32)), rng.normal(size=32)
        entry = {"label": f"batch {i}", "property": "value", "args": args}
        cases.append(entry | {"expected": attempt(dense_forward, entry)})
    sheet = {"exercise": "dense_forward", "stage": "03_networks", "version": 1, "kind": "value", "tolerance": None}
    sheet |= {"points": {"value": 1.0}, "arguments": ["x", "w", "b"], "cases": cases, "misconceptions": []}
    found = []
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("checks").mkdir()
        Path("checks/dense_forward.safetensors").write_bytes(pack(sheet))
        for _ in range(rounds + 1):
            with contextlib.redirect_stdout(io.StringIO()):
                begin = time.process_time()
                check(dense_forward)
                whole = time.process_time() - begin
            begin = time.process_time()
            for entry in cases:
                dense_forward(*entry["args"])
            found.append(whole - (time.process_time() - begin))
    return found[1:]


def activations():
    """The activation explorer over a learner's sigmoid -> its move to a number."""
    explorer.explore({"sigmoid": lambda x: 1 / (1 + np.exp(-x))})
    return lambda number: explorer.explore.at("sigmoid", 1 + number / 4)


def lines():
    """The boundary explorer over a learner's perceptron, on the plans of four climbs -> its move."""
    x, y = data.calorie_plans()
    four = x[:, 2] == 4
    boundary.explore_line(lambda x, w, b: int(x @ w + b >= 0), x[four, :2], y[four], names=("walks", "runs"))
    return lambda number: boundary.explore_line.at((100, 25 * number), -600)


def descents():
    """The steered walk with a learner's loss, slope and descent -> its move: ten steps more."""
    x, y = data.fitness_club()
    x = x - x.mean()

    def loss(line):
        return float(np.mean((x * line[0] + line[1] - y) ** 2))

    def slope(line):
        error = 2 * (x * line[0] + line[1] - y) / len(y)
        return np.array([np.sum(error * x), np.sum(error)])

    def descend(slope, point, lr, steps):
        path = [point]
        for _ in range(steps):
            path.append(path[-1] - lr * slope(path[-1]))
        return np.array(path)

    ground = plot.landscape(loss, (-6, 5), (-4, 22))
    steering.steer(loss, slope, descend, (2.0, 0.0), ground, x, y, "waist", "chin-ups")
    return lambda number: steering.steer.at((0.01 + number / 1000, 10))


EXPLORERS = {
    "a slider's move over an activation": activations,
    "a slider's move of a boundary": lines,
    "ten steps of a steered descent": descents,
}


def moves(rounds, begin):
    """Seconds from a slider's new value to the picture that is sent to the page. begin: shows an explorer."""
    os.environ.setdefault("MPLBACKEND", "agg")
    found = []
    with contextlib.redirect_stdout(io.StringIO()):  # there is no page here: the words would go to the terminal
        move = begin()
        for number in range(rounds + 1):
            start = time.process_time()
            move(number)
            found.append(time.process_time() - start)
    return found[1:]
