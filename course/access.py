"""Launch a kernel thread by thread and watch who touches which entry, and when.

Values do not show everything. Two threads that touch one entry, one of them writing, with no barrier between them,
may be right here and wrong on the next GPU; so may a kernel that reads beyond the end of an array. The log tells.

It works wherever numba is, with a GPU or without: what runs here is the kernel's plain Python (course.turns plays the
threads, course.watched the memory). A GPU could not be asked who touched what, and a slip there may damage the whole
process; so `check` never launches on one, and says on a machine with a GPU what it says everywhere.
"""

import inspect
import math
import sys
import time
from contextlib import contextmanager

import numpy as np

from course.accesslog import AccessLog
from course.messages import say
from course.turns import SWITCHING, BarrierFault, Block

MAX_THREADS = 1024  # of a block, on every GPU
SECONDS = 5.0  # of the processor: a kernel that takes longer here has a loop that does not end


def watch(function, blocks, threads, args, *, constants=None, lockstep=False, seconds=SECONDS):
    """Run a kernel on `blocks` × `threads`, arrays among `args` changing in place -> AccessLog.

    blocks, threads: a number or up to three. constants: values of globals while it runs, such as {"TILE": 4}.
    lockstep: the threads of a block take turns at every access, as if they all did the same at the same time.
    Raises what the kernel raises; course.turns.Endless where it does not end.
    """
    blocks, threads = _three(blocks, "blocks"), _three(threads, "threads")
    if math.prod(threads) > MAX_THREADS:
        raise ValueError(f"a block of {math.prod(threads)} threads: {MAX_THREADS} is the most a GPU takes")
    from course.watched import Watched, in_place, stand_in

    plain = getattr(function, "py_func", function)
    names = tuple(inspect.signature(plain).parameters)
    log = AccessLog(names, blocks=blocks, threads=threads)
    given = [Watched(log, name, "global", arg) if isinstance(arg, np.ndarray) and arg.ndim else arg
             for name, arg in zip(names, args, strict=False)] + list(args[len(names):])  # fmt: skip
    module = stand_in(log, blocks, threads)

    def call():
        result = plain(*given)
        log.returned = log.returned if result is None else result

    deadline = time.process_time() + seconds
    with in_place(plain, module, constants or {}), _faster_switching():
        for place in np.ndindex(*reversed(blocks)):  # x runs fastest
            module.enter()
            log.block = Block(call, tuple(reversed(place)), threads, blocks, type(module.blockDim), lockstep)
            try:
                log.block.run(deadline)
            except BarrierFault as fault:
                log.barrier = fault
                break
            except NotImplementedError as fault:
                if not fault.args:
                    raise  # a stub
                raise RuntimeError(say("kernel cuda")) from fault
    return log


def watched_launch(function, launch, args):
    """`watch` for a case (course.kinds): {"counts": …, "fault": None or a sentence, "signature": "…"}."""
    log = watch(function, launch["blocks"], launch["threads"], args, constants=launch.get("constants"))
    return {"counts": log.counts(), "fault": log.fault(), "signature": "; ".join(log.signature())}


def _three(size, what):
    sizes = (size,) if np.ndim(size) == 0 else tuple(size)
    if not (1 <= len(sizes) <= 3 and all(isinstance(n, (int, np.integer)) and n > 0 for n in sizes)):
        raise ValueError(f"{what}: whole numbers above 0 are needed, up to three of them; {size} was given")
    return tuple(int(n) for n in sizes) + (1,) * (3 - len(sizes))


@contextmanager
def _faster_switching():
    """Handing on a turn waits for Python to switch threads; its default of 5 ms is for threads that never wait."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCHING)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
