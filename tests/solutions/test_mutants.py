"""Every function behind an operation, broken in one place: a promise of tests/solutions/test_operations.py must fail.

Model answers, twins, their kernels and helpers are broken one at a time, as plain Python. A twin is held to the answers of
the sound model answer; a broken model answer to its oracle and to finite differences.
"""

import functools
import inspect
import sys
from unittest import mock

import pytest

from solutions import cuda
from solutions.twins import OPERATIONS, Operation
from tests.mutants import mutants, plain, survives, survivors
from tests.solutions import test_operations as promises
from tests.solutions.oracle import DTYPES
from tests.sound import SOUND

TRUE = promises.answers
BLOCKS = promises.SMALL_BLOCKS, {1: (7,), 2: (5, 3), 3: (3, 5, 2)}  # at every edge, one of them has a thread beyond it


def own(module):
    """{name: the function behind it} of everything that a module defines itself."""
    found = {name: plain(thing) for name, thing in vars(module).items()}
    return {name: one for name, one in found.items() if one is not None and one.__module__ == module.__name__}


def around(function):
    """The cells of what stands around a function that was made in another one."""
    return [cell for cell in function.__closure__ or () if plain(cell.cell_contents)]


def parts(name, backend):
    """The functions of its own module that an operation runs on a backend."""
    module = OPERATIONS[name].__module__
    ours, found, waiting = own(sys.modules[module]), [], [plain(OPERATIONS[name].twins[backend])]
    while waiting:
        one = waiting.pop()
        if one.__module__ == module and one not in found:
            found.append(one)
            waiting += [ours[used] for used in sorted(names_in(one.__code__) & ours.keys())]
            waiting += [plain(cell.cell_contents) for cell in around(one)]
    return found


def names_in(code):
    return set(code.co_names).union(*(names_in(inner) for inner in code.co_consts if inspect.iscode(inner)))


def users():
    """Function -> the runs (operation, backend) that it is part of."""
    found = {}
    for name, backend in promises.RUNS:
        for part in parts(name, backend):
            found.setdefault(part, []).append((name, backend))
    return found


USERS = users()


def install(sound, broken):
    """Put `broken` in the place of `sound` wherever its module has it, and plain Python in that of compiled functions."""
    module, done = sys.modules[sound.__module__], set()

    def instead(thing):
        one = plain(thing)
        if one is None or one.__module__ != module.__name__:
            return thing
        if one not in done:
            done.add(one)
            for cell in around(one):
                cell.cell_contents = instead(cell.cell_contents)
        if hasattr(thing, "__getitem__"):  # a kernel: its grid stands in brackets
            return cuda.cuda.jit(broken, device=thing._device) if one is sound else thing
        return broken if one is sound else one

    for place, thing in list(vars(module).items()):
        if isinstance(thing, Operation):
            thing.twins.update({backend: instead(twin) for backend, twin in thing.twins.items()})
        else:
            setattr(module, place, instead(thing))


def keeps_every_promise(sound, broken):
    """Run in a process of its own, which it leaves as broken as the function."""
    install(sound, broken)
    for name, backend in USERS[sound]:
        promises.answers = lambda *run, backend=backend: (TRUE.__wrapped__ if run[1] == backend else TRUE)(*run)
        for blocks in BLOCKS if backend == "cuda" else BLOCKS[:1]:
            with mock.patch.object(promises, "SMALL_BLOCKS", blocks):
                keeps_promises(name, backend)


def keeps_promises(name, backend):
    for dtype in DTYPES.values():
        if backend != "numpy":
            promises.test_twin_agrees_with_the_model_answer(name, backend, dtype)
        elif promises.ORACLES[name].expected:
            promises.test_model_answer_agrees_with_the_oracle(name, dtype)
        promises.test_leaves_its_arguments_alone(name, backend, dtype)
    if backend == "numpy" and promises.ORACLES[name].gradient_of:
        promises.test_gradient_agrees_with_finite_differences(name)


@pytest.mark.full
@pytest.mark.parametrize("sound", USERS, ids=lambda one: f"{one.__module__.partition('.')[2]}-{one.__qualname__}")
def test_no_broken_function_keeps_every_promise(sound):
    for name, _ in USERS[sound]:
        for dtype in DTYPES.values():
            TRUE(name, "numpy", dtype)
    assert survives(keeps_every_promise, sound, sound), "in plain Python it does as it should"
    found = survivors(sound, functools.partial(keeps_every_promise, sound))
    assert found == SOUND.get(sound.__name__, set()), "an input that tells it apart, or a reason why none can"


def test_a_broken_twin_is_noticed():
    sound = next(one for one in USERS if one.__name__ == "relu_derivative_loops")
    broken = [one for what, one in mutants(sound) if what == "target[i] = 1 if source[i] >= 0 else 0"]
    assert survives(keeps_every_promise, sound, sound)
    assert len(broken) == 1 and not survives(keeps_every_promise, sound, broken[0])
