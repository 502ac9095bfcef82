"""Importing the reference is cheap and works anywhere: nothing is compiled, no GPU is looked for."""

import os
import subprocess
import sys

# On its own, for in this process other tests have compiled long since.
COMPILED = """
import importlib, pkgutil, solutions

for info in pkgutil.walk_packages(solutions.__path__, "solutions."):
    module = importlib.import_module(info.name)
    for name, value in vars(module).items():
        if getattr(value, "overloads", None):
            print(f"{info.name}.{name}")
"""


def test_importing_compiles_nothing_and_needs_no_gpu():
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "0", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-W", "error", "-c", COMPILED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
