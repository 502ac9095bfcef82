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

from course import check, explorer
from course.attempt import attempt
from course.bench.row import row
from course.wire import pack

CHECK = "import time; begin = time.process_time(); from course import check; print(time.process_time() - begin)"


def rows(rounds):
    """The Rows of what happens in the kernel."""
    return [
        row("`from course import check`, warm (CPU s)", imports(rounds), 0.3),
        row("a check of a NumPy function, beyond the function's own time (CPU s)", checks(rounds), 0.05),
        row("a slider's move over the learner's function, picture drawn (CPU s)", moves(rounds), 0.3),
    ]


def imports(rounds):
    """Seconds of the import in a fresh Python, the first one (which may compile) left out."""
    line = [sys.executable, "-P", "-c", CHECK]
    return [float(subprocess.run(line, capture_output=True, text=True, check=True).stdout) for _ in range(rounds + 1)][
        1:
    ]


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


def moves(rounds):
    """Seconds from a slider's new value to the picture that is sent to the page."""
    os.environ.setdefault("MPLBACKEND", "agg")
    explorer._offered["sigmoid"] = lambda x: 1 / (1 + np.exp(-x))
    found = []
    for number in range(rounds + 1):
        begin = time.process_time()
        explorer._picture("sigmoid", 1 + number / 4, 0.0)
        found.append(time.process_time() - begin)
    return found[1:]
