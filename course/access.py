"""Launch a kernel in numba's simulator and watch who touches which cell, and when.

The simulator runs every CUDA thread as a Python thread, so it finds a missing guard, but it forgives what a GPU
does not: two threads that touch one cell, one of them writing, with no barrier between them. The log tells.
"""

import inspect
import linecache
import sys
import threading
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

MAX_ACCESSES = 2_000_000


class Access(NamedTuple):
    """One read or write of one cell. `interval` counts the barriers the thread had passed."""

    array: str
    index: tuple
    memory: str  # "global" or "shared"
    write: bool
    atomic: bool
    block: tuple
    thread: tuple
    interval: int


@dataclass
class AccessLog:
    """Every access of one launch."""

    accesses: list = field(default_factory=list)

    def note(self, array, index, memory, write):
        me = threading.current_thread()
        if not hasattr(me, "threadIdx"):
            return  # the host looks too, before and after
        if len(self.accesses) >= MAX_ACCESSES:
            raise RuntimeError(f"more than {MAX_ACCESSES} memory accesses: launch fewer threads")
        index = tuple(int(i) for i in np.atleast_1d(index))
        block, thread = tuple(me.blockIdx), tuple(me.threadIdx)
        atomic, interval = getattr(me, "atomic", False), getattr(me, "interval", 0)
        self.accesses.append(Access(array, index, memory, write, atomic, block, thread, interval))

    def counts(self):
        """{"global": {"reads": …, "writes": …}, "shared": {…}}"""
        found = {memory: {"reads": 0, "writes": 0} for memory in ("global", "shared")}
        for access in self.accesses:
            found[access.memory]["writes" if access.write else "reads"] += 1
        return found

    def race(self):
        """Two accesses that nothing orders, one of them a write, as (first, second); None if there are none."""
        cells = defaultdict(list)
        for access in self.accesses:
            # Shared memory is private to its block; in global memory a barrier orders nothing between blocks.
            owner = access.block if access.memory == "shared" else None
            cells[access.array, access.index, owner].append(access)
        for touched in cells.values():
            if any(access.write for access in touched):
                for pair in _unordered(touched):
                    return pair
        return None


def _unordered(touched):
    """Pairs of accesses to one cell by different threads that no barrier separates, at least one writing."""
    writes = [access for access in touched if access.write]
    for write in writes[:8]:  # a race shows in the first writes as well as in the last
        for other in touched:
            same_block = write.block == other.block
            same_thread = same_block and write.thread == other.thread
            ordered = same_block and write.interval != other.interval
            if not (same_thread or ordered or (write.atomic and other.atomic)):
                yield (write, other) if write.thread <= other.thread else (other, write)


def watched_launch(function, launch, args):
    """Run a plain kernel function on `launch["blocks"]` × `launch["threads"]`; arrays among `args` change in place.

    Returns {"counts": AccessLog.counts(), "race": None or a sentence that names both threads}.
    Raises RuntimeError where numba was imported without the simulator.
    """
    from numba import config, cuda

    if not config.ENABLE_CUDASIM:
        raise RuntimeError("set NUMBA_ENABLE_CUDASIM=1 before numba is imported: kernels are watched in the simulator")
    kernel = function if hasattr(function, "py_func") else cuda.jit(function)
    log = AccessLog()
    names = list(inspect.signature(kernel.py_func).parameters)
    watched = [_watch(log, name, arg) for name, arg in zip(names, args, strict=False)] + list(args[len(names) :])
    with _faster_switching(), _watching(log):
        kernel[launch["blocks"], launch["threads"]](*watched)
    return {"counts": log.counts(), "race": in_words(log.race())}


def in_words(race):
    """The two accesses of a race in one sentence, or None."""
    if race is None:
        return None
    who = [f"thread {_short(a.thread)} of block {_short(a.block)} {'writes' if a.write else 'reads'}" for a in race]
    return f"{race[0].array}[{', '.join(map(str, race[0].index))}]: {who[0]}, {who[1]}, and nothing orders the two"


def _short(point):
    x, y, z = point
    return str((x, y, z) if z else (x, y) if y else x)


def _watch(log, name, arg):
    from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray

    class WatchedArray(FakeCUDAArray):
        def __getitem__(self, index):
            log.note(name, index, "global", write=False)
            return super().__getitem__(index)

        def __setitem__(self, index, value):
            log.note(name, index, "global", write=True)
            super().__setitem__(index, value)

    return WatchedArray(arg) if isinstance(arg, np.ndarray) and arg.ndim else arg


class WatchedShared(np.ndarray):
    """Shared memory that notes its accesses; one view a thread asks for, all views on the same cells."""

    def __getitem__(self, index):
        self.log.note(self.name, index, "shared", write=False)
        return self.view(np.ndarray)[index]

    def __setitem__(self, index, value):
        self.log.note(self.name, index, "shared", write=True)
        self.view(np.ndarray)[index] = value


@contextmanager
def _watching(log):
    """While a kernel runs, the simulator's shared arrays, barriers and atomics tell the log."""
    from numba.cuda.simulator import kernel, kernelapi

    plain_array, plain_sync = kernelapi.FakeCUDAShared.array, kernel.BlockThread.syncthreads
    plain_atomics = {name: f for name, f in vars(kernelapi.FakeCUDAAtomic).items() if callable(f) and name[0] != "_"}

    def shared_array(self, shape, dtype):
        caller = sys._getframe(1)  # the simulator tells allocations apart by their line; so do we
        line = (caller.f_code.co_filename, caller.f_lineno)
        if line not in self._allocations:
            dtype = kernelapi.numpy_support.as_dtype(dtype) if isinstance(dtype, kernelapi.types.Type) else dtype
            array = np.empty(shape, dtype).view(WatchedShared)
            array.log, array.name = log, linecache.getline(*line).partition("=")[0].strip() or "shared memory"
            return self._allocations.setdefault(line, array)  # threads arrive together; one array must win
        return self._allocations[line]

    def syncthreads(self):
        plain_sync(self)
        self.interval = getattr(self, "interval", 0) + 1

    def atomic(plain):
        def call(*args):
            me = threading.current_thread()
            me.atomic = True
            try:
                return plain(*args)
            finally:
                me.atomic = False

        return call

    try:
        kernelapi.FakeCUDAShared.array, kernel.BlockThread.syncthreads = shared_array, syncthreads
        for name, plain in plain_atomics.items():
            setattr(kernelapi.FakeCUDAAtomic, name, atomic(plain))
        yield
    finally:
        kernelapi.FakeCUDAShared.array, kernel.BlockThread.syncthreads = plain_array, plain_sync
        for name, plain in plain_atomics.items():
            setattr(kernelapi.FakeCUDAAtomic, name, plain)


@contextmanager
def _faster_switching():
    """The simulator's barriers wait on thread switches; Python's default of 5 ms makes them 6–9 times slower."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
