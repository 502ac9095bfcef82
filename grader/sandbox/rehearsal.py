"""What a zygote does so that no session has to: import, go the way of a call, and let numba compile what many need.

Nobody's code but ours runs here, and no trace of it is left: a session starts as if nothing had been.
"""

import contextlib
import gc
import importlib

import numpy as np
from numba import njit
from numba.core import event

from course.wire import pack, unpack

from . import worker

TIMES = 50  # after a few dozen times nothing about them changes any more
CELL = "import numpy as np\n\ndef rehearsed(x, a):\n    return np.maximum(x * a, 0.0).sum(axis=1)"
QUESTION = {"name": "rehearsed", "cases": [{"args": (np.ones((2, 3)), 1.0)}]}


# Functions whose parts numba compiles once in a process and then finds again: half of what a typical notebook's own
# functions cost. Together they take five seconds, so they come one at a time, each after a session that compiled.
STEPS = (
    lambda a, v: [v[i] * 2.0 for i in range(len(v))],
    lambda a, v: (np.sum(v), v.sum(), np.sum(a), a.sum()),
    lambda a, v: (np.max(a), a.max(), np.max(v), v.max()),
    lambda a, v: (np.zeros((len(v), 2)), np.zeros(2), np.zeros_like(a), np.empty_like(v)),
    lambda a, v: (a @ a, np.dot(a, a), a @ v, v @ v),
    lambda a, v: (a.T @ a, a @ a.T, v @ a),
    lambda a, v: (np.exp(a - np.max(a)), np.exp(v), np.log(v), np.maximum(a, 0.0), a * 2.0 + v),
    lambda a, v: (np.argmax(v), v.argmax(), np.mean(v), a.mean()),
    lambda a, v: (np.sum(a, axis=0), a.sum(axis=1)),
    lambda a, v: np.where(a > 0, a, 0.0),
)
taken = 0


def compile_ahead():
    """Take the next step, if there is one left."""
    global taken
    if taken == len(STEPS):
        return
    taken += 1
    njit(STEPS[taken - 1])(np.ones((2, 2)), np.ones(2))
    gc.collect()
    gc.freeze()


def prepare(modules):
    """The shell that sessions get a copy of, with these modules imported; those that cannot be are passed over."""
    for name in modules:
        with contextlib.suppress(Exception):  # the session that needs it will say what is wrong
            importlib.import_module(name)
    shell = worker.prepare()
    rehearse(shell)
    gc.collect()
    gc.freeze()
    return shell


def rehearse(shell):
    """Run a cell and answer a call, again and again.

    Python's adaptive bytecode and many a library's caches are then as they will be; a snapshot that finds them so
    writes to fewer pages, and each page it does not write is not copied.
    """
    before = dict(shell.user_ns)
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
