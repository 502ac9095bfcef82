"""From the start of a process to the end of the first epoch on digits: ours, from a warm and a cold disk cache, and PyTorch's."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from solutions.bench.measure import Row

OURS = """
import sys
import numpy as np
from solutions import networks
X, y = np.load(sys.argv[1]), np.load(sys.argv[2])
rng = np.random.default_rng(0)
network = networks.mlp([64, 128, 64, 10], rng)
print(networks.train_epoch(network, networks.Adam(network), X, y, rng))
"""
THEIRS = """
import sys
import numpy as np
import torch
torch.set_num_threads(1)
X, y = torch.tensor(np.load(sys.argv[1])), torch.tensor(np.load(sys.argv[2]))
nn = torch.nn
model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), fused=True)
for rows in torch.randperm(len(X)).split(64):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
    loss.backward()
    optimizer.step()
print(loss.item())
"""


def wait_for(code, files, cache):
    """Seconds until a fresh interpreter has run that code."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache, "PYTHONPATH": str(Path(__file__).parents[2])}
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *files], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return time.perf_counter() - start


def start_rows(rounds=5):
    """Rows for a warm and a cold cache; everybody takes turns, and 1797 digits come from a file."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    ratios = {"warm": [], "cold": []}
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder, name)) for name in ("X.npy", "y.npy")]
        np.save(files[0], (X / 16).astype(np.float32))
        np.save(files[1], y)
        warm = str(Path(folder, "warm"))
        wait_for(OURS, files, warm)
        wait_for(THEIRS, files, warm)
        for number in range(rounds):
            theirs = wait_for(THEIRS, files, warm)
            ratios["warm"].append(theirs / wait_for(OURS, files, warm))
            ratios["cold"].append(theirs / wait_for(OURS, files, str(Path(folder, f"cold{number}"))))
    for cache, found in ratios.items():
        low, middle, high = (float(value) for value in np.percentile(found, [25, 50, 75]))
        name = f"from process start to the end of a first digits epoch, {cache} disk cache, against PyTorch"
        yield Row(name, middle, low, high, 1)
