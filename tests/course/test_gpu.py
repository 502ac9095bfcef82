"""Where kernels run: chosen before numba is imported, told in a sentence, and never a crash."""

import ctypes
import os
import subprocess
import sys
import types

import numpy as np
import pytest
from numba import cuda

from course import gpu
from course.access import watch

FACTOR = 1


def python(program, **environment):
    """A fresh Python, to see what importing does."""
    env = {name: value for name, value in os.environ.items() if name != gpu.VARIABLE} | environment
    return subprocess.run([sys.executable, "-W", "ignore", "-c", program], env=env, capture_output=True, text=True)


def test_nothing_of_the_kit_imports_numba_before_the_choice():
    done = python(
        "import sys\n"
        "from course import check, data, demo, gpu, plot, predict, quiz\n"
        "assert plot.show and gpu.choose and data.digits\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('numba', 'llvmlite')])"
    )
    assert done.stdout == "[]\n", done.stderr


def test_without_a_gpu_the_simulator_is_chosen_and_works():
    done = python(
        "from course import gpu\n"
        "gpu.devices = lambda: (0, 'this machine has no NVIDIA driver')\n"
        "print(gpu.choose())\n"
        "import numpy as np\n"
        "from numba import cuda\n"
        "@cuda.jit\n"
        "def fill(x):\n"
        "    x[cuda.grid(1)] = cuda.grid(1)\n"
        "x = np.zeros(4)\n"
        "fill[2, 2](x)\n"
        "print(x)\n"
    )
    said, meaning, mode, filled = done.stdout.splitlines()
    assert meaning == "Results are the same, times mean nothing."
    assert said.startswith("Kernels run in numba's simulator: this machine has no NVIDIA driver.")
    assert (mode, filled, done.stderr) == ("simulator", "[0. 1. 2. 3.]", "")


def test_a_gpu_that_no_kernel_runs_on_is_not_chosen():
    done = python(
        "from course import gpu\n"
        "gpu.devices = lambda: (1, '')\n"
        "gpu.TRIAL = 'raise OSError(\"no compiler found\")'\n"
        "print(gpu.choose())\n"
    )
    said, _, mode = done.stdout.splitlines()
    assert "there is a GPU, but a first kernel failed on it (OSError: no compiler found)" in said
    assert mode == "simulator"


def test_a_gpu_that_answers_is_chosen_and_named():
    done = python(
        "import os\n"
        "from course import gpu\n"
        "gpu.devices = lambda: (1, '')\n"
        "gpu.TRIAL = 'print(\"a card of its own\")'\n"
        "print(gpu.choose(), os.environ['NUMBA_ENABLE_CUDASIM'], os.environ['NUMBA_CUDA_LOW_OCCUPANCY_WARNINGS'])\n"
        "from numba import config\n"
        "assert not config.ENABLE_CUDASIM\n"
    )
    assert done.stdout == "Kernels run on a GPU: a card of its own.\ngpu 0 0\n", done.stderr


def test_who_sets_the_variable_decides():
    done = python("from course import gpu; gpu.devices = lambda: 1 / 0; gpu.choose()", NUMBA_ENABLE_CUDASIM="1")
    assert done.stdout.startswith("Kernels run in numba's simulator: NUMBA_ENABLE_CUDASIM=1 is set."), done.stderr


def test_a_gpu_asked_for_that_is_not_there_is_an_error_with_its_mend():
    done = python(
        "from course import gpu; gpu.devices = lambda: (0, 'there is none'); gpu.choose()", NUMBA_ENABLE_CUDASIM="0"
    )
    assert "RuntimeError: NUMBA_ENABLE_CUDASIM=0 asks for a GPU, but there is none." in done.stderr


def test_numba_imported_too_early_is_told():
    done = python(
        "import numba; from numba import cuda; cuda.is_available = lambda: False; from course import gpu; gpu.choose()"
    )
    assert "restart the kernel and run this cell first" in done.stderr


def test_numba_imported_early_with_the_simulator_is_well():
    done = python("import numba; from course import gpu; print(gpu.choose())", NUMBA_ENABLE_CUDASIM="1")
    assert done.stdout.splitlines()[-1] == "simulator", done.stderr


class Driver:
    """A stand-in for NVIDIA's library."""

    def __init__(self, status, count):
        self.status, self.count = status, count

    def cuInit(self, flags):
        return self.status

    def cuDeviceGetCount(self, pointer):
        pointer._obj.value = self.count
        return 0


@pytest.mark.parametrize(
    ("driver", "found"),
    [
        (Driver(0, 2), (2, "")),
        (Driver(0, 0), (0, "this machine has NVIDIA's driver, but no GPU answers")),
        (Driver(100, 1), (0, "this machine has NVIDIA's driver, but no GPU answers")),
        (None, (0, "this machine has no NVIDIA driver")),
    ],
)
def test_the_driver_is_asked_how_many_there_are(monkeypatch, driver, found):
    def load(name):
        if driver is None:
            raise OSError(name)
        return driver

    monkeypatch.setattr(gpu, "LIBRARIES", {sys.platform: ["libcuda.so.1"]})
    monkeypatch.setattr(ctypes, "CDLL", load)
    assert gpu.devices() == found


def test_the_trial_kernel_is_right():
    done = python(gpu.TRIAL, NUMBA_ENABLE_CUDASIM="1")
    assert "get_current_device" in done.stderr.splitlines()[-1], "the simulator knows all but a GPU's name"


def test_milliseconds_is_the_median_after_a_first_call(monkeypatch):
    clock = iter([5.0, 1.0, 3.0, 2.0, 4.0])
    event = types.SimpleNamespace(record=lambda: None, synchronize=lambda: None)
    monkeypatch.setattr(cuda, "event", lambda: event)
    monkeypatch.setattr(cuda, "event_elapsed_time", lambda start, end: next(clock), raising=False)
    calls = []
    assert gpu.milliseconds(lambda: calls.append(1), repeats=5) == 3.0
    assert len(calls) == 6


def test_watch_passes_on_constants_and_lockstep():
    def kernel(x, out):
        out[cuda.grid(1)] = x[0] * FACTOR

    x, out = np.ones(2), np.zeros(2)
    log = gpu.watch(kernel, 1, 2, x, out, FACTOR=3, lockstep=True)
    assert out.tolist() == [3, 3]
    assert [access.write for access in log.accesses] == [False, False, True, True], "in step"
    assert log.counts() == watch(kernel, 1, 2, (x, out), constants={"FACTOR": 3}).counts()


def test_what_is_printed_of_a_launch():
    def kernel(x, out):
        i = cuda.grid(1)
        out[i] = x[i]

    assert str(gpu.watch(kernel, 2, 2, np.zeros(4), np.zeros(4))) == (
        "global memory: 4 reads, 4 writes\nno race, nothing out of place"
    )
    assert str(gpu.watch(kernel, 2, 2, np.zeros(3), np.zeros(3))).splitlines()[1].startswith("reaches beyond an array")
