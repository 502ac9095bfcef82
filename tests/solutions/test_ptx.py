"""Every CUDA kernel compiles to PTX for five generations of GPUs, with no GPU at hand.

The simulator runs kernels as Python and checks no types, so this is the gate for what only a compiler sees. Which
types to compile for is not written down anywhere: the launches that the operations make for their own oracles are
recorded, so a kernel is covered as soon as its operation has an oracle. The compiler, numba-cuda, takes the place of
numba's built-in `numba.cuda` and must not meet the simulator, so it works in an interpreter of its own:

    python -m venv .ptx && .ptx/bin/pip install "numba-cuda[cu13]"
    THRESHOLD_PTX_PYTHON=.ptx/bin/python python -m pytest tests/solutions/test_ptx.py
"""

import functools
import importlib
import json
import os
import pkgutil
import subprocess
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

import solutions
from solutions.cuda import SIMULATED, cuda
from solutions.twins import OPERATIONS
from tests.solutions.oracle import DTYPES, load_oracles

ROOT = Path(__file__).parents[2]
COMPILER = os.environ.get("THRESHOLD_PTX_PYTHON")
CAPABILITIES = [(7, 5), (8, 0), (9, 0), (10, 0), (12, 0)]

if not SIMULATED:
    pytest.skip("launches are recorded in the simulator: NUMBA_ENABLE_CUDASIM=1", allow_module_level=True)

Kernel = type(cuda.jit(lambda: None))


def kernels():
    """{"module.name": kernel} for the whole reference; functions that only kernels call are compiled with these."""
    found = {}
    for module in pkgutil.walk_packages(solutions.__path__, "solutions."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Kernel) and not value._device and value.fn.__module__ == module.name:
                found[f"{module.name}.{name}"] = value
    return found


KERNELS = kernels()
# Kernels that no operation launches, beside one that takes the same arguments.
TAKES_THE_SAME = {"solutions.matmul.matmul_naive": "solutions.matmul.matmul_tiled"}


def described(argument):
    """[dtype, dimensions, layout] of a kernel's argument, as JSON will carry it."""
    if hasattr(argument, "_ary"):
        argument = argument._ary
    if isinstance(argument, np.ndarray):
        return [argument.dtype.name, argument.ndim, "C" if argument.flags.c_contiguous else "A"]
    return [np.asarray(argument).dtype.name, 0, ""]


@functools.cache
def launches():
    """{"module.name": [the arguments of a launch, described, …]}; nothing is computed, so results stay NaN."""
    recorded, names = {}, {id(kernel.fn): name for name, kernel in KERNELS.items()}

    def record(kernel, *arguments):
        signatures = recorded.setdefault(names[id(kernel.fn)], [])
        if (signature := [described(argument) for argument in arguments]) not in signatures:
            signatures.append(signature)

    with mock.patch.object(Kernel, "__call__", record):
        for name, oracle in load_oracles().items():
            for dtype in DTYPES.values() if "cuda" in OPERATIONS[name].twins else ():
                for arguments in oracle.cases(dtype):
                    OPERATIONS[name].cuda(*arguments)
    for name, other in TAKES_THE_SAME.items():
        recorded[name] = recorded[other]
    return recorded


@pytest.mark.parametrize("name", KERNELS)
def test_types_are_known(name):
    seen = {entry[0] for signature in launches()[name] for entry in signature}
    assert {"float32", "float64"} <= seen, f"no oracle makes an operation launch {name} in both"


# Runs where numba-cuda is: arguments from stdin, {kernel: what went wrong} to stdout.
COMPILE = """
import importlib, json, sys
import numpy as np
from numba import cuda, from_dtype, types

def type_of(name, ndim, layout):
    scalar = from_dtype(np.dtype(name))
    return types.Array(scalar, ndim, layout) if ndim else scalar

job, failures = json.load(sys.stdin), {}
for kernel, signatures in job["launches"].items():
    module, _, name = kernel.rpartition(".")
    function = getattr(importlib.import_module(module), name).py_func
    for number, signature in enumerate(signatures):
        for capability in job["capabilities"][: 1 if number else None]:  # other types: for the oldest alone
            try:
                ptx, _ = cuda.compile_ptx(function, tuple(type_of(*entry) for entry in signature), cc=tuple(capability))
                assert ".visible .entry" in ptx
            except Exception as error:
                failures[kernel] = f"{signature} for {capability}: {type(error).__name__}: {str(error)[:2000]}"
json.dump(failures, sys.stdout)
"""


@functools.cache
def failures():
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_ENABLE_CUDASIM"}
    job = json.dumps({"launches": launches(), "capabilities": CAPABILITIES})
    command = [COMPILER, "-W", "ignore", "-c", COMPILE]
    done = subprocess.run(command, input=job, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not COMPILER, reason="THRESHOLD_PTX_PYTHON names no Python that has numba-cuda")
@pytest.mark.parametrize("name", KERNELS)
def test_compiles_for_every_generation(name):
    assert name not in failures(), failures()[name]
