"""Where kernels run: on a GPU if one answers, else in numba's simulator. And a look at what they do there.

    from course import gpu
    gpu.choose()               # in the first cell: numba makes up its mind when it is imported
    from numba import cuda

The simulator is Python threads: it computes the same and says nothing about speed.
"""

import ctypes
import os
import subprocess
import sys

from course.turns import SWITCHING

VARIABLE = "NUMBA_ENABLE_CUDASIM"
LIBRARIES = {"win32": ["nvcuda.dll"], "linux": ["libcuda.so.1", "libcuda.so"]}
QUIET = {
    "NUMBA_CUDA_LOW_OCCUPANCY_WARNINGS": "0",
    "NUMBA_CUDA_WARN_ON_IMPLICIT_COPY": "0",
}  # small launches are the point
TRIAL = """
import numpy as np
from numba import cuda

@cuda.jit
def fill(x):
    i = cuda.grid(1)
    if i < x.size:
        x[i] = i

x = np.zeros(3)
fill[1, 4](x)
assert x.tolist() == [0, 1, 2], x
name = cuda.get_current_device().name
print(name.decode() if isinstance(name, bytes) else name)
"""
TRIAL_SECONDS = 120.0
UNASKED = "Take the variable away, or set it to 1."


def choose():
    """Let kernels run on a GPU if one answers, else in numba's simulator; say which, and why. -> "gpu" or "simulator"

    NUMBA_ENABLE_CUDASIM=1 or 0 in the environment decides for you. RuntimeError where numba was imported before with
    neither simulator nor GPU, or where a GPU was asked for and none answers.
    """
    mode, why = _decided() if "numba" in sys.modules else find()
    if mode == "simulator":
        os.environ[VARIABLE] = "1"
        sys.setswitchinterval(SWITCHING)  # its barriers wait for Python to switch threads: 6 to 9 times faster
        from numba.cuda.simulator.kernelapi import FakeCUDAShared

        from course.watched import one_array_each

        FakeCUDAShared.array = one_array_each
        print(f"Kernels run in numba's simulator: {why}.", "Results are the same, times mean nothing.", sep="\n")
    else:
        os.environ |= {VARIABLE: "0", **QUIET}
        print(f"Kernels run on a GPU: {why}.")
    return mode


def find():
    """(mode, why) before numba is imported."""
    asked = os.environ.get(VARIABLE, "")
    if asked not in ("", "0"):
        return "simulator", f"{VARIABLE}={asked} is set"
    count, why = devices()
    name, why = try_kernel() if count else (None, why)
    if name:
        return "gpu", name
    if asked == "0":
        raise RuntimeError(f"{VARIABLE}=0 asks for a GPU, but {why}. {UNASKED}")
    return "simulator", why


def _decided():
    """(mode, why) where numba has been imported already, and cannot change its mind."""
    from numba import config, cuda

    if config.ENABLE_CUDASIM:
        return "simulator", f"{VARIABLE}={os.environ.get(VARIABLE, '1')} is set"
    if cuda.is_available():
        return "gpu", "numba has found it"
    raise RuntimeError(
        "numba was imported before it could be told that there is no GPU: restart the kernel and run this cell first."
    )


def devices():
    """(how many GPUs NVIDIA's driver sees, what to say if none); without numba."""
    for name in LIBRARIES.get(sys.platform, []):
        try:
            driver = ctypes.CDLL(name)
        except OSError:
            continue
        count = ctypes.c_int(0)
        if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0 or count.value < 1:
            return 0, "this machine has NVIDIA's driver, but no GPU answers"
        return count.value, ""
    return 0, "this machine has no NVIDIA driver"


def try_kernel():
    """(the GPU's name, "") if a small kernel runs there, else (None, why); in a process of its own."""
    environment = {**os.environ, VARIABLE: "0"}
    command = [sys.executable, "-W", "ignore", "-c", TRIAL]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TRIAL_SECONDS)
    except subprocess.TimeoutExpired:
        return None, "there is a GPU, but a first kernel did not end on it"
    if done.returncode == 0 and done.stdout.strip():
        return done.stdout.strip().splitlines()[-1], ""
    last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return None, f"there is a GPU, but a first kernel failed on it ({last[:120]})"


def watch(kernel, blocks, threads, *args, lockstep=False, **constants):
    """Run a kernel thread by thread and watch every access (course.access.AccessLog); arrays change in place.

    It works the same with a GPU and without: what runs is the kernel's plain Python. lockstep: the threads of a block
    take turns at every access. constants: values of globals while it runs, as TILE=4.
    """
    from course import access

    return access.watch(kernel, blocks, threads, args, lockstep=lockstep, constants=constants)


def milliseconds(call, repeats=20):
    """The median time of `call`, which launches kernels on a GPU, after a first one that compiles. By the GPU's clock."""
    from numba import cuda

    call()
    times = []
    for _ in range(repeats):
        start, end = cuda.event(), cuda.event()
        start.record()
        call()
        end.record()
        end.synchronize()
        times.append(cuda.event_elapsed_time(start, end))
    return sorted(times)[repeats // 2]
