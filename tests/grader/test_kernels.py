"""Kernels as students write them: graded in a real sandbox, slips recognized in any spelling, nothing left to luck."""

import time

import numpy as np
import pytest
from numba import cuda

from course.attempt import attempt
from course.judge import judge
from course.wire import pack
from grader.challenge import grade
from grader.exercise import rng_of
from grader.exercises import of_stage
from grader.notebook import instructor_notebook
from grader.sandbox import LEVELS, NoIsolation, choose

KERNELS = {name: exercise for name, exercise in of_stage("10_cuda").items() if exercise.kind == "kernel"}
SLIPS = [(exercise, wrong) for exercise in KERNELS.values() for wrong in exercise.misconceptions]
each_slip = pytest.mark.parametrize(
    ("exercise", "wrong"), SLIPS, ids=[f"{exercise.name}: {wrong.name}" for exercise, wrong in SLIPS]
)


@pytest.fixture(scope="module")
def level():
    try:
        return choose()
    except NoIsolation:
        return LEVELS[-1]


@pytest.fixture(scope="module")
def cells():
    """The setup and solution cells of the solved notebook, by id."""
    return {
        cell.id: cell.source
        for cell in instructor_notebook("10_cuda").cells
        if cell.cell_type == "code" and cell.metadata["threshold"]["role"] in ("setup", "solution")
    }


def test_the_stubs_of_kernels_are_kernels(cells):
    assert all(cells[name].startswith(f"@cuda.jit\ndef {name}(") for name in KERNELS)
    assert cells["blocks_for"].startswith("def ")


@pytest.mark.slow
def test_the_solved_stage_is_graded_right_in_the_sandbox(cells, level):
    start = time.perf_counter()
    verdicts, errors = grade(list(cells.values()), list(of_stage("10_cuda")), b"secret", level)
    seconds = time.perf_counter() - start
    assert errors == {}
    assert {name: verdict.status for name, verdict in verdicts.items()} == dict.fromkeys(verdicts, "right")
    assert sum(verdict.points for verdict in verdicts.values()) == 14
    assert seconds < 10 * len(verdicts)


BAD = {
    "matmul_tiled": """
@cuda.jit
def matmul_tiled(A, B, C):
    n, m = cuda.grid(2)
    if m >= C.shape[0] or n >= C.shape[1]:
        return
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    left, right = cuda.shared.array((TILE, TILE), np.float64), cuda.shared.array((TILE, TILE), np.float64)
    total = 0.0
    for start in range(0, A.shape[1], TILE):
        left[y, x] = A[m, start + x] if start + x < A.shape[1] else 0
        right[y, x] = B[start + y, n] if start + y < A.shape[1] else 0
        cuda.syncthreads()
        for k in range(TILE):
            total += left[y, k] * right[k, x]
        cuda.syncthreads()
    C[m, n] = total
""",
    "reduce_sum": """
@cuda.jit
def reduce_sum(x, total):
    while True:
        pass
""",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words"), [("matmul_tiled", "misses a barrier"), ("reduce_sum", "a loop that never ends")]
)
def test_what_would_hang_a_gpu_is_told_in_the_sandbox_and_loses_nothing_else(cells, level, name, words):
    verdicts, _ = grade([*(cells | {name: BAD[name]}).values()], [name, "relu_kernel"], b"secret", level)
    assert (verdicts[name].status, verdicts[name].points) == ("wrong", 0 if name == "reduce_sum" else 0.5 + 1)
    assert words in verdicts[name].symptom
    assert verdicts["relu_kernel"].status == "right"


def test_the_check_of_a_kernel_shows_its_arrays_and_its_launch():
    sheet = KERNELS["vector_add"].visible_sheet
    wrong = next(m for m in KERNELS["vector_add"].misconceptions if m.name == "thread number without its block")
    verdict = judge(sheet, [attempt(wrong.wrong, case) for case in sheet["cases"]])
    assert verdict.example["call"].startswith("vector_add[3, 4](a=[")
    assert verdict.example["got"].startswith("c = [") and "nan" in verdict.example["got"]
    assert verdict.example["expected"].startswith("c = [") and "nan" not in verdict.example["expected"]
    assert verdict.misconceptions == (wrong.name,)


def tiled_shelves(A, B, C):
    """Other names, one line for both tiles, a while loop, k first: and no barrier before reading."""
    column, row = cuda.grid(2)
    i, j = cuda.threadIdx.y, cuda.threadIdx.x
    shelf_a, shelf_b = cuda.shared.array((TILE, TILE), A.dtype), cuda.shared.array((TILE, TILE), B.dtype)
    acc, t = 0.0, 0
    while t * TILE < A.shape[1]:
        k0 = t * TILE
        shelf_b[i, j] = 0
        shelf_a[i, j] = 0
        if row < A.shape[0] and k0 + j < A.shape[1]:
            shelf_a[i, j] = A[row, k0 + j]
        if k0 + i < B.shape[0] and column < B.shape[1]:
            shelf_b[i, j] = B[k0 + i, column]
        for k in range(TILE):
            acc += shelf_a[i, k] * shelf_b[k, j]
        cuda.syncthreads()
        t += 1
    if row < C.shape[0] and column < C.shape[1]:
        C[row, column] = acc


def tiled_shelves_late(A, B, C):
    column, row = cuda.grid(2)
    i, j = cuda.threadIdx.y, cuda.threadIdx.x
    shelf_b = cuda.shared.array((TILE, TILE), B.dtype)
    shelf_a = cuda.shared.array((TILE, TILE), A.dtype)
    acc = 0.0
    for t in range((A.shape[1] + TILE - 1) // TILE):
        k0 = t * TILE
        shelf_a[i, j] = A[row, k0 + j] if row < A.shape[0] and k0 + j < A.shape[1] else 0
        shelf_b[i, j] = B[k0 + i, column] if k0 + i < B.shape[0] and column < B.shape[1] else 0
        cuda.syncthreads()
        for k in range(TILE):
            acc += shelf_b[k, j] * shelf_a[i, k]
    if row < C.shape[0] and column < C.shape[1]:
        C[row, column] = acc


def one_thread_an_entry(A, B, C):
    column, row = cuda.grid(2)
    if row >= C.shape[0] or column >= C.shape[1]:
        return
    C[row, column] = 0
    for k in range(B.shape[0]):
        C[row, column] += A[row, k] * B[k, column]


def reduction_in_branch(x, total):
    """The other common tree: strides that grow; the barrier where only some come."""
    cache = cuda.shared.array(LANES, x.dtype)
    t = cuda.threadIdx.x
    cache[t] = 0
    if cuda.grid(1) < x.size:
        cache[t] = x[cuda.grid(1)]
    cuda.syncthreads()
    s = LANES // 2
    while s >= 1:
        if t < s:
            cache[t] = cache[t] + cache[t + s]
            cuda.syncthreads()
        s = s // 2
    if t == 0:
        cuda.atomic.add(total, 0, cache[0])


def reduction_unordered(x, total):
    cache = cuda.shared.array(LANES, x.dtype)
    t = cuda.threadIdx.x
    i = cuda.blockIdx.x * cuda.blockDim.x + t
    cache[t] = x[i] if i < len(x) else 0
    cuda.syncthreads()
    s = 1
    while s < LANES:
        if t % (2 * s) == 0:
            cache[t] += cache[t + s]
        cuda.syncthreads()
        s *= 2
    if t == 0:
        total[0] = total[0] + cache[0]


def reduction_without_first_barrier(x, total):
    cache = cuda.shared.array(LANES, x.dtype)
    t = cuda.threadIdx.x
    i = cuda.blockIdx.x * cuda.blockDim.x + t
    cache[t] = x[i] if i < len(x) else 0
    s = LANES >> 1
    while s > 0:
        if t < s:
            cache[t] += cache[s + t]
        cuda.syncthreads()
        s >>= 1
    if t == 0:
        cuda.atomic.add(total, 0, cache[0])


SPELLED = [
    ("matmul_tiled", tiled_shelves, "no barrier before the tiles are read"),
    ("matmul_tiled", tiled_shelves_late, "no barrier before the tiles are filled again"),
    ("matmul_tiled", one_thread_an_entry, "no tiles at all"),
    ("reduce_sum", reduction_in_branch, "barrier in a branch"),
    ("reduce_sum", reduction_unordered, "not atomic"),
    ("reduce_sum", reduction_without_first_barrier, "no barrier after loading"),
]
TILE, LANES = 4, 8  # the cases say how large


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kernel", "slip"), SPELLED, ids=[slip for *_, slip in SPELLED])
def test_a_slip_is_recognized_however_it_is_spelled(name, kernel, slip):
    sheet = KERNELS[name].sheet("another seed")
    verdict = judge(sheet, [attempt(kernel, case) for case in sheet["cases"]])
    assert verdict.misconceptions == (slip,), verdict.symptom


def outcomes(exercise, kernel, cases):
    tried = [attempt(kernel, case) | {"seconds": 0.0} for case in exercise.cases(rng_of("twenty"))[:cases]]
    return pack(tried)


@pytest.mark.slow
@each_slip
def test_a_slip_looks_the_same_twice(exercise, wrong):
    assert outcomes(exercise, wrong.wrong, cases=1) == outcomes(exercise, wrong.wrong, cases=1)


@pytest.mark.full
@each_slip
def test_a_slip_looks_the_same_twenty_times(exercise, wrong):
    first = outcomes(exercise, wrong.wrong, cases=None)
    assert all(outcomes(exercise, wrong.wrong, cases=None) == first for _ in range(20))


@pytest.mark.slow
@pytest.mark.parametrize("name", KERNELS)
def test_a_right_kernel_looks_the_same_twenty_times(name):
    first = outcomes(KERNELS[name], KERNELS[name].model, cases=2)
    assert all(outcomes(KERNELS[name], KERNELS[name].model, cases=2) == first for _ in range(20))


def test_a_wasteful_kernel_keeps_the_points_of_its_values():
    sheet = KERNELS["matmul_tiled"].visible_sheet
    verdict = judge(sheet, [attempt(one_thread_an_entry, case) for case in sheet["cases"]])
    assert verdict.properties["value"]["points"] == 2.5 and verdict.properties["traffic"]["points"] == 0
    assert "asks global memory" in verdict.symptom and np.isclose(verdict.points, 3)
