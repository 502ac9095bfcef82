"""A forgotten entry is found out: what twins write into starts as NaN, not as zeros that might pass for an answer."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from solutions import cuda
from solutions.twins import OPERATIONS
from tests.solutions.oracle import load_oracles
from tests.solutions.test_operations import TWINS, answers, assert_close, tolerance

ORACLES = load_oracles()
LOOPS = [name for name, backend in TWINS if backend == "numba"]
KERNELS = [name for name, backend in TWINS if backend == "cuda"]

# Without its compiler, numba leaves the loops to Python, where np.empty can hand out poison.
POISONED = """
import json
import numpy as np

from solutions.twins import OPERATIONS
from tests.solutions.oracle import assert_close, load_oracles

oracles = load_oracles()

def poisoned(make):
    def made(*arguments, **options):
        array = make(*arguments, **options)
        if array.dtype.kind in "fi":
            array.fill(np.nan if array.dtype.kind == "f" else np.iinfo(array.dtype).min)
        return array
    return made

np.empty, np.empty_like = poisoned(np.empty), poisoned(np.empty_like)
failures = {}
for name, oracle in oracles.items():
    if "numba" in OPERATIONS[name].twins:
        for arguments, again in zip(oracle.cases(np.float64), oracle.cases(np.float64)):
            try:
                assert_close(OPERATIONS[name].numba(*arguments), OPERATIONS[name](*again), 1e-9 * oracle.slack)
            except Exception as error:
                failures[name] = f"{type(error).__name__}: {error}"
print(json.dumps(failures))
"""


@functools.cache
def failures():
    root, environment = Path(__file__).parents[2], {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-W", "ignore", "-c", POISONED]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("name", LOOPS)
def test_loops_write_every_entry(name):
    assert name not in failures(), failures()[name]


@pytest.mark.skipif(not cuda.SIMULATED, reason="kernels are put to sleep in the simulator")
@pytest.mark.parametrize("name", KERNELS)
def test_no_answer_without_its_kernel(name):
    """Launches that do nothing: what comes out is NaN, or at least not right in every case."""
    kernel, launched, right = type(cuda.cuda.jit(lambda: None)), [], []
    for arguments, (_, expected) in zip(
        ORACLES[name].cases(np.float64), answers(name, "numpy", np.float64), strict=True
    ):
        before = len(launched)
        with mock.patch.object(kernel, "__call__", lambda _, *launch: launched.append(launch)):
            answer = OPERATIONS[name].cuda(*arguments)
        if len(launched) > before:
            right.append(is_right(answer, expected, tolerance(name, np.float64)))
    assert right and not all(right)


def is_right(answer, expected, within):
    try:
        assert_close(answer, expected, within)
    except AssertionError:
        return False
    return True


def test_outputs_on_the_device_start_as_nan():
    if not cuda.available():
        pytest.skip("no CUDA GPU and no simulator: set NUMBA_ENABLE_CUDASIM=1")
    for dtype in (np.float32, np.float64):
        y = cuda.output((2, 3), dtype).copy_to_host()
        assert y.shape == (2, 3) and y.dtype == dtype and np.isnan(y).all()
