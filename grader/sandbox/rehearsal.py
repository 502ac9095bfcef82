"""What a zygote does so that no session has to: import, go the way of a call, and let numba compile what many need.

Nobody's code but ours runs here, and no trace of it is left: a session starts as if nothing had been.
"""

import contextlib
import gc
import importlib
import platform

import numpy as np
from numba import njit
from numba.core import event

from course.wire import pack, unpack

from . import pages, seccomp, worker

TIMES = 50  # after a few dozen times nothing about them changes any more
CELL = "import numpy as np\n\ndef rehearsed(x, a):\n    return np.maximum(x * a, 0.0).sum(axis=1)"
FIGURE = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2, 4])\nplt.show()\nplt.close('all')"
QUESTION = {"name": "rehearsed", "cases": [{"args": (np.ones((2, 3)), 1.0)}]}


def compiled(a, v):
    """What numba needs for loops over arrays, it makes ready once in a process: with the first function it compiles."""
    total = np.zeros(len(v))
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total[i] += a[i, j] * v[j]
    return total


def prepare_for(what):
    """Do ahead what a session had to do: "compile", or import the module `what`."""
    if what == "compile":
        njit(compiled)(np.ones((2, 2)), np.ones(2))
    else:
        import_all([what])
    settle()


def import_all(modules):
    """Import these modules; those that cannot be are passed over."""
    for name in modules:
        with contextlib.suppress(Exception):  # the session that needs it will say what is wrong
            importlib.import_module(name)


def settle():
    """What is in memory now stays: no garbage collection touches it, and forks copy as little of it as can be."""
    gc.collect()
    gc.freeze()
    pages.enlarge()


def prepare(modules):
    """The shell that sessions get a copy of, with these modules imported."""
    for names in (seccomp.WORLD, seccomp.STUDENT):
        seccomp.assembled(names, platform.machine())
    import_all(modules)
    shell = worker.prepare()
    rehearse(shell)
    settle()
    return shell


def rehearse(shell):
    """Run a cell and answer a call, again and again.

    Python's adaptive bytecode and many a library's caches are then as they will be; a snapshot that finds them so
    writes to fewer pages, and each page it does not write is not copied.
    """
    before = dict(shell.user_ns)
    shell.run_cell(FIGURE, store_history=False, silent=True)
    for _ in range(TIMES):
        shell.run_cell(CELL, store_history=False, silent=True)
        question = unpack(pack(QUESTION))
        with event.install_listener("numba:compiler_lock", event.RecordingListener()):
            pack([worker.outcome_of(shell.user_ns, question["name"], case) for case in question["cases"]])
    shell.user_ns.clear()
    shell.user_ns.update(before)


def seed():
    """What NumPy draws from begins elsewhere in each session; Python's `random` sees to that itself in a fork."""
    np.random.seed()
