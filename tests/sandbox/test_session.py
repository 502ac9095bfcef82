"""Cells run as in a notebook, functions answer from the state the cells left, and nothing is compiled twice."""

import time

import numpy as np
import pytest

from course.wire import Scratch, Seeded
from tests.sandbox.conftest import call, define, value

pytestmark = pytest.mark.slow


def test_a_function_of_a_cell_answers(session):
    define(session, "import numpy as np\ndef double(x):\n    return 2 * x")
    outcome = call(session, "double", np.arange(3.0))
    assert (outcome["status"], outcome["error"]) == ("returned", None)
    np.testing.assert_array_equal(outcome["value"], [0.0, 2.0, 4.0])


def test_cells_share_their_names(session):
    define(session, "a = 1")
    define(session, "def next_one(): return a + 1")
    assert value(session, "next_one") == 2


def test_a_cell_that_raises_says_where_and_the_next_one_runs(session):
    ran = session.run("a = 1\nb = a / 0", 10)
    assert (ran.status, ran.error["type"], ran.error["line"]) == ("raised", "ZeroDivisionError", "b = a / 0")
    assert session.run("c = a + 1", 10).status == "ran"


def test_a_syntax_error_is_an_error_of_its_cell(session):
    assert session.run("def f(:\n  pass", 10).error["type"] == "SyntaxError"


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
        "display(1)\n_",
        "help(len)",
        "!true",
        "await __import__('asyncio').sleep(0.01)",
        "exit()",
        "x = 1\nx",
        "%%timeit -n1 -r1\npass",
        "1 if '\ud800' else 2",
    ],
)
def test_what_notebooks_do_works(session, cell):
    ran = session.run(cell, 20)
    if "\ud800" in cell:
        assert ran.error["type"] == "UnicodeEncodeError"
    else:
        assert ran.error is None


def test_a_missing_function_is_called_missing(session):
    define(session, "x = 3")
    assert call(session, "nobody")["status"] == call(session, "x")["status"] == "missing"


def test_a_stub_is_not_written(session):
    define(session, "def stub():\n    raise NotImplementedError")
    assert call(session, "stub")["status"] == "not written"


def test_an_error_in_a_call_says_where(session):
    define(session, "def divide(x):\n    return 1 / x")
    outcome = call(session, "divide", 0)
    assert outcome["status"] == "raised"
    assert (outcome["error"]["type"], outcome["error"]["line"]) == ("ZeroDivisionError", "return 1 / x")


def test_files_and_seeds_reach_a_function(session):
    define(session, "import numpy as np\ndef keep(path, rng):\n    np.savez(path, x=rng.integers(10, size=3))")
    outcome = call(session, "keep", Scratch("net.npz"), Seeded(7))
    np.testing.assert_array_equal(outcome["files"]["net.npz"]["x"], np.random.default_rng(7).integers(10, size=3))


def test_a_kernel_runs_in_the_simulator_with_a_thousand_threads(session):
    define(
        session,
        """
        from numba import cuda
        def double(x, out):
            i = cuda.grid(1)
            if i < x.size:
                out[i] = 2 * x[i]
        """,
    )
    case = {"args": (np.arange(1024.0), np.zeros(1024)), "launch": {"blocks": 1, "threads": 1024}}
    outcome = session.call("double", case, 30)
    np.testing.assert_array_equal(outcome["after"][1], 2 * np.arange(1024.0))


def test_each_call_starts_from_the_same_state(session):
    define(session, "seen = []\ndef count(x):\n    seen.append(x)\n    return len(seen)")
    assert [value(session, "count", i) for i in range(3)] == [1, 1, 1]


def test_each_call_starts_with_an_empty_folder(session):
    define(
        session,
        """
        import os, tempfile
        def leave():
            found = os.listdir(".") + os.listdir(tempfile.gettempdir()) + os.listdir(os.path.expanduser("~"))
            os.makedirs("cache/deep")
            open("cache/deep/inputs", "w").write("kept")
            os.mkdir("locked", 0)
            return [name for name in found if not name.startswith("threshold-case-")]
        """,
    )
    assert [value(session, "leave") for _ in range(3)] == [[], [], []]


@pytest.mark.parametrize("how", ["@njit", "@njit(parallel=True)", "@njit(cache=True)", "def plain"])
def test_what_numba_compiles_is_compiled_once(session, how):
    decorator = "@njit" if how == "def plain" else how
    define(
        session,
        f"""
        import numpy as np
        from numba import njit, prange
        {decorator}
        def inner(x):
            total = 0.0
            for i in prange(len(x)):
                total += x[i]
            return total
        add = (lambda x: inner(x)) if {how == "def plain"} else inner
        def compiled():
            return len(inner.signatures)
        """,
    )
    assert value(session, "compiled") == 0
    assert value(session, "add", np.ones(3)) == 3.0
    assert value(session, "compiled") == 1
    assert value(session, "add", np.ones(4)) == 4.0


def test_what_numba_makes_a_ufunc_is_compiled_once(session):
    define(
        session, "from numba import vectorize\n@vectorize\ndef up(x): return x + 1\ndef loops(): return len(up.types)"
    )
    assert value(session, "loops") == 0
    assert value(session, "up", 1.0) == 2.0
    assert value(session, "loops") == 1


def test_after_a_function_is_compiled_calls_are_still_apart(session):
    define(
        session,
        """
        from numba import njit
        seen = []
        @njit
        def inner(x):
            return x + 1
        def count(x):
            seen.append(inner(x))
            return len(seen)
        """,
    )
    first, *others = [value(session, "count", 1.0) for _ in range(4)]
    assert (first, set(others)) == (1, {2})  # the first call compiled, and became the state


def test_a_function_that_raises_while_it_compiles_does_not_harm_the_others(session):
    define(
        session,
        """
        from numba import njit
        @njit
        def wrong(x):
            return x.nothing
        @njit
        def right(x):
            return x + 1
        """,
    )
    assert call(session, "wrong", 1.0)["status"] == "raised"
    assert value(session, "right", 1.0) == 2.0
    assert call(session, "wrong", 1.0)["status"] == "raised"


def test_large_arrays_travel_both_ways(session):
    define(session, "def same(x): return x")
    x = np.arange(4_000_000.0)
    np.testing.assert_array_equal(value(session, "same", x), x)


def test_a_call_costs_little_beyond_itself(session):
    define(session, "def nothing(): pass")
    times = []
    for _ in range(15):
        start = time.perf_counter()
        value(session, "nothing")
        times.append(time.perf_counter() - start)
    assert sorted(times)[len(times) // 2] < 0.25  # 11–20 ms on an idle machine
