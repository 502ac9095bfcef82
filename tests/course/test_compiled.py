"""Compiled functions are tried without luck: races, unset cells and indices out of bounds show every time."""

import linecache
import re

import numba
import numpy as np
import pytest
from numba import jit, njit, prange

from course import compilation, report
from course.attempt import attempt
from course.compiled import try_compiled
from course.iterations import Watch
from course.judge import judge
from course.plainly import run_plainly

pytestmark = pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaWarning")
needs_two_threads = pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="numba may start one thread only")
TABLE = np.arange(12.0).reshape(3, 4) - 5


def seen(function, *args):
    """What try_compiled says of one call."""
    return try_compiled(function, lambda: tuple(np.array(arg) for arg in args))


def race(function, *args):
    """The race that its plain lines show, or ''."""
    watch = Watch()
    run_plainly(function, args or (TABLE.copy(),), watch=watch)
    return watch.in_words()


def shared_cell(A):
    s = np.zeros(1)
    for m in prange(len(A)):
        s[0] += A[m, 0]
    return s


def shared_scratch(A):
    row, s = np.zeros(A.shape[1]), np.zeros(len(A))
    for m in prange(len(A)):
        for n in range(A.shape[1]):
            row[n] = A[m, n] ** 2
        s[m] = row.sum()
    return s


def shared_slice(A):
    total = np.zeros(A.shape[1])
    for m in prange(len(A)):
        total[:] += A[m]
    return total


def shared_view(A):
    C = np.zeros((2, A.shape[1]))
    first = C[0]
    for m in prange(len(A)):
        first += A[m]
    return C


def shared_output(A):
    total = np.zeros(A.shape[1])
    for m in prange(len(A)):
        np.add(total, A[m], total)
    return total


def shared_through_transpose(A):
    C = np.zeros((A.shape[1], len(A))).T
    for m in prange(len(A)):
        for n in range(A.shape[1]):
            C[0, n] = A[m, n]
    return C


def neighbor_is_read(A):
    for m in prange(len(A)):
        A[m, 0] = A[m - 1, 0]
    return A


def filled_by_all(A):
    mark = np.zeros(2)
    for m in prange(len(A)):
        mark.fill(A[m, 0])
    return mark


@njit
def put(s, i, value):
    s[i] += value


def shared_in_a_helper(A):
    s = np.zeros(2)
    for m in prange(len(A)):
        put(s, 0, A[m, 0])
    return s


RACES = [
    shared_cell, shared_scratch, shared_slice, shared_view, shared_output, shared_through_transpose, neighbor_is_read,
    filled_by_all, shared_in_a_helper,
]  # fmt: skip


@pytest.mark.parametrize("lines", RACES, ids=lambda f: f.__name__)
def test_a_race_is_seen_whatever_luck_makes_of_it(lines):
    said = race(njit(parallel=True)(lines))
    assert re.match(
        r"iteration \d of the prange (reads|writes) \w+\[\d+(, \d+)?\], iteration \d (reads|writes) it", said
    )


def test_the_cell_is_called_by_its_variable():
    assert "row[0]" in race(njit(parallel=True)(shared_scratch))
    assert "s[0]" in race(njit(parallel=True)(shared_cell))


def a_row_each(A):
    C = np.empty(A.shape)
    for m in prange(len(A)):
        row = C[m]
        row[:] = A[m]
        row += A[0]
        C[m, 1] *= 2
    return C


def own_scratch(A):
    s = np.zeros(len(A))
    for m in prange(len(A)):
        row = np.empty(A.shape[1])
        row[:] = A[m] - A[m].max()
        s[m] = np.sum(np.exp(row))
    return s


def reductions(A):
    total, rows = 0.0, np.zeros(A.shape[1])
    for m in prange(len(A)):
        total += A[m, 0]
        rows += A[m]
    return rows + total


def a_prange_inside(A):
    C = np.zeros_like(A)
    for m in prange(len(A)):
        for n in prange(A.shape[1]):
            C[m, n] = A[m, n]
            C[m, 0] += 1
    return C


def two_loops(A):
    s = np.zeros(len(A))
    for m in prange(len(A)):
        s[m] = A[m, 0]
    for m in prange(len(A)):
        s[len(A) - 1 - m] += A[m, 1]
    return s


@pytest.mark.slow
@pytest.mark.parametrize("lines", [a_row_each, own_scratch, reductions, a_prange_inside, two_loops])
def test_what_is_no_race_is_not_called_one(lines):
    compiled = njit(parallel=True)(lines)
    assert race(compiled) == ""
    value, _, facts = seen(compiled, TABLE)
    np.testing.assert_allclose(value, lines(TABLE.copy()))
    assert facts["mode"] == "nopython"


def test_a_race_does_not_depend_on_a_variables_name():
    def other_name(A):
        anything = np.zeros(1)
        for m in prange(len(A)):
            anything[0] += A[m, 0]
        return anything

    signatures = {seen(njit(parallel=True)(lines), TABLE)[2]["racing"] for lines in (shared_cell, other_name)}
    assert signatures == {"own (1,)"}
    assert seen(njit(parallel=True)(neighbor_is_read), TABLE)[2]["racing"] == "A (3, 4)"


@needs_two_threads
def test_a_sum_that_is_split_among_threads_shows_in_its_last_digits():
    @njit(parallel=True)
    def total(x):
        s = 0.0
        for n in prange(len(x)):
            s += x[n]
        return s

    value, _, facts = seen(total, np.random.default_rng(0).normal(size=1000))
    assert facts["race"] == "" and facts["others"]["threads"] == pytest.approx(value, rel=1e-12)
    assert facts["others"]["threads"] != value
    assert numba.get_num_threads() == numba.config.NUMBA_NUM_THREADS, "as it was before"


@needs_two_threads
def test_a_counter_that_every_thread_starts_anew_gives_another_answer():
    @njit(parallel=True)
    def packed(A):
        out, count = np.zeros(len(A)), 0
        for m in prange(len(A)):
            out[count] = A[m, 0]
            count += 1  # noqa: SIM113
        return out

    value, _, facts = seen(packed, TABLE)
    assert not np.array_equal(facts["others"]["threads"], value)
    outcome = {"value": value, "compiled": facts}
    said = dict(compilation.faults(outcome, {"exercise": "packed", "tolerance": None}))
    assert "on one thread" in said["value"] and said["value"] == said["compiled"]


def test_plain_python_and_object_mode_are_not_nopython():
    assert seen(shared_cell, TABLE)[2]["mode"] == "python"
    assert seen(jit(forceobj=True)(shared_cell), TABLE)[2]["mode"] == "object"
    assert seen(njit(shared_cell), TABLE)[2] == compilation.NOTHING | {"mode": "nopython"}


@njit
def lend(n):
    return np.empty(n)


def sums_on_no_ground(A):
    s = np.empty(len(A))
    for m in range(len(A)):
        s[m] += A[m, 0]
    return s


def counts_on_no_ground(A):
    s = np.empty_like(A, np.int64)
    s[0] = 1
    return s


def lent_ground(A):
    s = lend(len(A))
    s[0] = 1
    return s


@pytest.mark.slow
@pytest.mark.parametrize("lines", [sums_on_no_ground, counts_on_no_ground, lent_ground], ids=lambda f: f.__name__)
@pytest.mark.parametrize("parallel", [False, True])
def test_cells_that_nobody_has_set_show_every_time(lines, parallel):
    assert all(seen(njit(parallel=parallel)(lines), TABLE)[2]["unset"] for _ in range(3))


def test_an_index_out_of_bounds_never_reaches_compiled_code():
    @njit
    def too_far(x):
        for n in range(len(x) + 1):
            x[n] = 1
        return x

    with pytest.raises(IndexError, match="out of bounds"):
        seen(too_far, np.zeros(3))
    assert not too_far.signatures, "it was never compiled"
    outcome = attempt(too_far, {"args": (np.zeros(3),), "compiled": True})
    assert "compiled code does not check" in compilation.unchecked({"compiled": True}, outcome)


def test_a_stub_is_not_written_and_numbas_own_not_implemented_is_something_else():
    @njit
    def stub(A):
        raise NotImplementedError

    @njit
    def unsupported(A):
        return np.exp(A, where=A > 0)

    case = {"args": (TABLE,), "compiled": True}
    assert attempt(stub, case)["status"] == "not written"
    assert attempt(unsupported, case)["error"]["type"] == "NotCompiled"


def test_a_function_may_call_itself_and_see_what_lies_around_it():
    depth = 3

    @njit
    def halves(n):
        return n if n < depth else halves(n // 2)

    assert try_compiled(halves, lambda: (40,))[0] == 2
    assert run_plainly(halves, (40,)) == 2


def test_what_numba_knows_and_python_does_not_is_taken_as_it_is():
    @njit
    def of_thread(x):
        return numba.get_thread_id() + numba.typed.List([x])[0]

    value, _, facts = seen(njit(lambda x: numba.literal_unroll((x, x))[0]), 1.0)
    assert (value, facts["mode"]) == (1.0, "nopython")


PLAIN = "def helper(x):\n    return x\n\n"
REFUSED = {
    "np.pad": ("return np.pad(A, 1)", "it does not know np.pad", "return np.pad(A, 1)"),
    "axis": ("return np.max(A, axis=1)", "its max has no argument `axis`", "return np.max(A, axis=1)"),
    "keepdims": ("return A.sum(axis=1, keepdims=True)", "its sum has no argument `keepdims`", "A.sum(axis=1, keepdims"),
    "plain helper": ("return helper(A)", "`helper` is plain Python", "return helper(A)"),
    "a class": ("return Exception(A)", "", ""),
    "two types": ("t = 0\n    if A[0, 0] > 0:\n        t = A\n    return t", "`t` is ", ""),
    "two returns": ("if A[0, 0] > 0:\n        return A\n    return 0", "it returns ", "return"),
    "attribute": ("return A.foo", "it knows no `.foo` of a 2-d array of float64", "return A.foo"),
    "text": ("return 'a' + A[0, 0]", "", "return 'a' + A[0, 0]"),
    "math on arrays": ("return math.exp(A)", "it has no exp for (a 2-d array of float64)", "return math.exp(A)"),
    "store": ("B = np.zeros(3)\n    B[0] = A\n    return B", "it cannot put a 2-d array of float64 into one cell", "B[0] = A"),
    "index": ("i = [0, 1]\n    return A[i]", "it cannot index a 2-d array of float64 with a list", "return A[i]"),
    "outside": ("OUTSIDE[0] = 1\n    return A", "an array from outside the function is a constant", "OUTSIDE[0] = 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_numba_refuses_is_said_in_a_sentence_with_the_line(name):
    body, words, line = REFUSED[name]
    source = f"{PLAIN}def f(A):\n    {body}\n"
    file = f"<refused {name}>"
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    space = {"np": np, "OUTSIDE": np.zeros(3), "math": __import__("math")}
    exec(compile(source, file, "exec"), space)
    outcome = attempt(njit(space["f"]), {"args": (TABLE,), "compiled": True})
    error = outcome["error"]
    if outcome["status"] == "raised" and error["type"] == "NotCompiled":
        assert words in error["message"] and line in error["line"]
        assert len(error["message"]) < 200 and "\n" not in error["message"]
    else:  # plain Python refuses it too, and says so in its own words
        assert outcome["status"] == "raised" and error["message"]


def test_arguments_without_a_type_are_named():
    case = {"args": ({"W1": TABLE},), "compiled": True}
    error = attempt(njit(lambda params: params["W1"]), case)["error"]
    assert (error["type"], error["message"]) == ("NotCompiled", "it has no type for an argument, a dict")


def test_one_thread_is_said_and_not_passed_in_silence(monkeypatch):
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 1)
    *_, facts = seen(njit(parallel=True)(a_row_each), TABLE)
    assert "one thread only" in compilation.one_thread([{"compiled": facts}])
    assert compilation.one_thread([{"compiled": facts | {"threads": 2}}]) == ""


def test_facts_from_a_hostile_process_are_held_to_their_form():
    assert compilation.clean({}) == compilation.NOTHING
    odd = {"mode": [1], "threads": "2", "unset": 1, "race": 7, "racing": "x" * 999, "others": {"threads": 1, "evil": 2}}
    clean = compilation.clean(odd)
    assert clean == compilation.NOTHING | {"racing": "x" * 300, "others": {"threads": 1}}


def row_sums(A):
    s = np.zeros(len(A))
    for m in prange(len(A)):
        for n in range(A.shape[1]):
            s[m] += A[m, n]
    return s


def by_columns(A):
    s = np.zeros(len(A))
    for n in prange(A.shape[1]):
        for m in range(len(A)):
            s[m] += A[m, n]
    return s


def verdict_on(function):
    """The verdict of a small exercise without known slips."""
    case = {"label": "a table", "property": "value", "args": (TABLE,), "compiled": True}
    expected = attempt(njit(parallel=True)(row_sums), case)
    points = {"value": 2, "purity": 0.5, "compiled": 1.5}
    sheet = {"exercise": "row_sums", "points": points, "tolerance": None, "arguments": ["A"], "misconceptions": []}
    return judge(sheet | {"cases": [case | {"expected": expected}]}, [attempt(function, case)])


def test_plain_python_keeps_the_points_for_its_values_and_is_told_what_is_missing():
    verdict = verdict_on(row_sums)
    assert verdict.symptom == "On the case “a table”, row_sums is plain Python: put @njit above it."
    assert (verdict.status, verdict.points, verdict.cases) == ("wrong", 2.5, (1, 1))
    assert verdict.example is None and report.cause(verdict) == "", "got and expected would show the same"


def test_a_race_that_was_lucky_is_wrong_and_named():
    verdict = verdict_on(njit(parallel=True)(by_columns))
    assert verdict.points == 0.0 and verdict.example is None
    assert (
        "lets two threads into one cell: iteration 0 of the prange writes s[0], iteration 1 reads it" in verdict.symptom
    )


def test_a_compiled_right_answer_gets_all_points():
    verdict = verdict_on(njit(parallel=True)(row_sums))
    assert (verdict.status, verdict.points) == ("right", 4.0)


def test_what_is_not_compiled_says_so_in_one_sentence():
    verdict = verdict_on(njit(lambda A: np.max(A, axis=1)))
    assert (
        "row_sums is not compiled by numba: its max has no argument `axis` (write the loop yourself)" in verdict.symptom
    )
    assert verdict.points == 0.0
