"""Every number of stage 10's prose computed again, its own kernels run, and what its figures show."""

import json
import os
import subprocess

import jupytext
import numpy as np
import pytest
from numba import cuda

from course import data, gpu, plot
from course.questions import load
from grader.stages import source_of
from solutions.cuda import blocks_for
from solutions.matmul import matmul_naive, matmul_tiled
from solutions.reductions import reduce_sum
from solutions.relu import relu_kernel
from solutions.vector_add import vector_add

STAGE = "10_cuda"
CELLS = {cell.metadata.get("id"): cell.source for cell in jupytext.reads(source_of(STAGE), fmt="py:percent").cells}


def names(*cells):
    """What cells of the stage define; their demonstrations wait."""
    found = {"np": np, "cuda": cuda, "demo": lambda *_, **__: lambda function: function, "predict": print}
    for cell in cells:
        exec(CELLS[cell], found)
    return found


def traffic(log):
    return tuple(log.counts()["global"].values())


def test_ten_entries_in_blocks_of_four():
    assert blocks_for(10, 4) == 3
    places = [[block * 4 + thread for thread in range(4)] for block in range(3)]
    for row in places:
        assert " | ".join(map(str, row)) in CELLS["who-am-i"].replace("*", "")
    log = gpu.watch(vector_add, 3, 4, np.arange(10.0), np.arange(10.0), np.zeros(10))
    assert traffic(log) == (20, 10) and log.fault() is None
    idle = set(range(12)) - {4 * access.block[0] + access.thread[0] for access in log.accesses}
    assert idle == {10, 11}


def test_without_the_guard_the_sums_are_right_and_thread_10_is_told():
    unguarded, c = names("no-guard")["unguarded"], np.zeros(10)
    log = gpu.watch(unguarded, 3, 4, np.arange(10.0), np.arange(10.0), c)
    assert c.tolist() == [2 * i for i in range(10)]
    assert "thread 2 of block 2 reads a[10], but a has 10 entries" in log.fault()


def test_a_grid_stride_by_hand():
    log = gpu.watch(relu_kernel, 2, 4, np.ones(20), np.zeros(20))
    for thread, entries in {0: [0, 8, 16], 3: [3, 11, 19], 4: [4, 12], 7: [7, 15]}.items():
        mine = [a.index[0] for a in log.accesses if a.write and 4 * a.block[0] + a.thread[0] == thread]
        assert mine == entries
        assert f"| {thread} | {', '.join(map(str, entries))} |" in CELLS["stride-intro"]


def test_one_thread_for_an_entry():
    A, B, C = np.ones((8, 8)), np.ones((8, 8)), np.zeros((8, 8))
    log = gpu.watch(matmul_naive, (2, 2), (4, 4), A, B, C)
    assert traffic(log) == (1024, 64) and A.size + B.size == 128
    mine = [a for a in log.accesses if (a.block, a.thread) == ((1, 0, 0), (1, 2, 0))]
    assert len(mine) == 16 + 1
    assert {a.index for a in mine if a.array == "A"} == {(2, k) for k in range(8)}
    assert {a.index for a in mine if a.array == "B"} == {(k, 5) for k in range(8)}
    assert np.array([[1, 2], [3, 4]]) @ np.array([[5, 6], [7, 8]]) == pytest.approx(np.array([[19, 22], [43, 50]]))


def test_not_all_at_once():
    found = names("rounds-counted")
    counted, H100 = found["counted"], found["H100"]
    assert H100 == 16_896
    for case in ((2, 3, 2, 4), (2, 3, 2, 1), (5, 4, 3, 8), (512, 512, 512, 1), (512, 512, 512, H100)):
        M, K, N, lanes = case
        assert counted(*case) == blocks_for(M * N, lanes) * K, "the repair the answer shows"
        assert counted(*case) != 1, "the claim is wrong everywhere"
    assert counted(512, 512, 512, 1) == 134_217_728 and counted(512, 512, 512, H100) == 8_192
    assert 134_217_728 // 8_192 == 16_384


def test_ten_blocks_on_four_multiprocessors():
    axes = plot.waves(10, 4).axes[0]
    assert blocks_for(10, 4) == blocks_for(12, 4) == 3 and axes.get_xlim() == (0, 3)
    assert [text.get_text() for text in axes.texts] == [f"block {i}" for i in range(10)]


def test_what_a_warp_asks_for():
    A, B, C = np.ones((32, 32), np.float32), np.ones((32, 32), np.float32), np.zeros((32, 32), np.float32)
    ours = gpu.watch(matmul_naive, (1, 1), (32, 1), A, B, C).first("B")
    other = gpu.watch(names("memory")["x_is_the_row"], 1, 32, A, np.zeros(32)).first("A")
    assert ours == [(0, n) for n in range(32)] and other == [(m, 0) for m in range(32)]
    titles = [axes.get_title().split("\n")[1] for axes in plot.coalescing({"a": ours, "b": other}).axes]
    assert titles == ["4 sectors fetched", "32 sectors fetched"]


def test_tiles_by_hand():
    A = np.ones((4, 4))
    naive = gpu.watch(matmul_naive, (2, 2), (2, 2), A, A, np.zeros((4, 4)))
    tiled = gpu.watch(matmul_tiled, (2, 2), (2, 2), A, A, np.zeros((4, 4)), TILE=2)
    assert (traffic(naive)[0], traffic(tiled)[0]) == (128, 64)
    assert 1 - 1 / 16 == 15 / 16


def test_trips_halve_with_every_doubling():
    A = np.ones((16, 16))
    reads = [traffic(gpu.watch(matmul_naive, (2, 2), (8, 8), A, A, np.zeros((16, 16))))[0]]
    for side in (2, 4, 8):
        log = gpu.watch(matmul_tiled, (16 // side,) * 2, (side, side), A, A, np.zeros((16, 16)), TILE=side)
        reads.append(traffic(log)[0])
    assert reads == [8192, 4096, 2048, 1024] and 2 * A.size == 512
    axes = plot.trips(dict(zip("abcd", reads, strict=True)), least=512).axes[0]
    assert [bar.get_width() for bar in axes.patches] == reads
    assert axes.lines[0].get_xdata() == [512, 512]


@pytest.mark.slow
def test_the_film_of_tiles_asks_A_and_B_four_times():
    A = np.ones((8, 8))
    log = gpu.watch(matmul_tiled, (2, 2), (4, 4), A, A, np.zeros((8, 8)), TILE=4)
    _, captions = plot.touches(log, every=2, blocks=[(1, 0, 0)])
    assert len(captions) == 13
    assert sum("read A" in caption or "read B" in caption for caption in captions) == 4
    assert captions[2] == "Block (1, 0), after 1 barrier: threads read a, b"
    assert {a.index for a in log.accesses if a.array == "C" and a.block == (1, 0, 0)} == {
        (m, n) for m in range(4) for n in range(4, 8)
    }


def test_the_shelf_without_and_with_a_barrier():
    source = CELLS["mirror"]
    found, out = names("mirror"), np.zeros(8)
    log = gpu.watch(found["mirror"], 2, 4, np.arange(8.0), out)
    assert np.isnan(out[[0, 1, 4, 5]]).all() and log.fault().startswith("has a race: shared memory[")
    assert source.count("shelf[") == 2
    mended = source.replace("    out[i] =", "    cuda.syncthreads()\n    out[i] =")
    found = {"np": np, "cuda": cuda, "demo": lambda function: function}
    exec(mended, found)
    log = gpu.watch(found["mirror"], 2, 4, np.arange(8.0), out)
    assert out.tolist() == [3, 2, 1, 0, 7, 6, 5, 4] and log.fault() is None


def test_the_barrier_that_two_threads_miss():
    log = gpu.watch(names("uneven")["only_two"], 1, 4, np.arange(4.0), np.zeros(4))
    assert "thread 0 of block 0 waits at a barrier to which thread 2 of block 0 never comes" in log.fault()


def test_of_128_additions_four_survive():
    total = np.zeros(1)
    log = gpu.watch(names("lost")["count_me"], 4, 32, total, lockstep=True)
    assert total[0] == 4 and "total[0]" in log.fault()


def test_the_tree_by_hand():
    x = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
    steps, partial, half = [], x.copy(), 4
    while half:
        partial[:half] += partial[half : 2 * half]
        steps.append(partial[:half].tolist())
        half //= 2
    assert steps == [[8, 10, 6, 7], [14, 17], [31]] and x.sum() == 31
    assert np.log2(8) == 3 and np.log2(1024) == 10
    for number in (8, 10, 6, 7, 14, 17, 31):
        assert f"**{number}**" in CELLS["tree-by-hand"]


def test_the_film_of_a_reduction():
    x, total = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]), np.zeros(1)
    figures, captions = plot.touches(gpu.watch(reduce_sum, 2, 8, x, total, LANES=8), every=3)
    assert total[0] == x.sum() == 80
    assert len(figures) == len(captions) == 10
    assert captions[4].endswith("threads read partial, total and write total")


def test_two_kernels_write_twice_as_much_as_one():
    found = names("fused")
    Z, b = np.random.default_rng(0).normal(size=(16, 32)), np.ones(32)
    between, Y, fused = np.zeros_like(Z), np.zeros_like(Z), np.zeros_like(Z)
    first = gpu.watch(found["add_bias"], (4, 2), (8, 8), Z, b, between)
    second = gpu.watch(relu_kernel, 4, 32, between.ravel(), Y.ravel())
    together = gpu.watch(found["bias_relu"], (4, 2), (8, 8), Z, b, fused)
    np.testing.assert_array_equal(Y, fused)
    assert Z.size == 512 and traffic(together) == (1024, 512)
    assert traffic(first)[1] + traffic(second)[1] == 1024 and traffic(second)[0] >= 512


@pytest.mark.slow
def test_the_digits_are_read_as_numpy_reads_them():
    net, pictures, labels = data.digit_reader()
    net = {name: array.astype(np.float32) for name, array in net.items()}
    X, found = pictures[:20].astype(np.float32), names("fused")
    for l, last in ((1, False), (2, True)):
        W, b = net[f"W{l}"], net[f"b{l}"]
        Z, Y = np.empty((2, 20, W.shape[1]), np.float32)
        grid = (blocks_for(W.shape[1], 8), blocks_for(20, 8)), (8, 8)
        gpu.watch(matmul_tiled, *grid, X, W, Z, TILE=8)
        gpu.watch(found["add_bias" if last else "bias_relu"], *grid, Z, b, Y)
        X = Y
    H = np.maximum(pictures[:20] @ net["W1"] + net["b1"], 0)
    right = H @ net["W2"] + net["b2"]
    assert np.abs(X - right).max() < 1e-4
    assert (X.argmax(1) == right.argmax(1)).all() and (X.argmax(1) != labels[:20]).sum() == 2
    assert (net["W1"].shape, net["W2"].shape) == ((64, 32), (32, 10))


def test_how_full_a_multiprocessor_is():
    fit = names("seats")["blocks_that_fit"]
    kernels = [(32, 32, 0), (256, 32, 0), (768, 32, 0), (1024, 32, 0), (1024, 64, 0), (256, 32, 48)]
    assert [fit(*kernel) for kernel in kernels] == [32, 8, 2, 2, 1, 4]
    shares = [fit(*kernel) * kernel[0] / 2048 for kernel in kernels]
    assert shares == [0.5, 1, 0.75, 1, 0.5, 0.5]
    axes = plot.occupancy({str(k): (fit(*k), k[0]) for k in kernels}, 2048).axes[0]
    assert [text.get_text() for text in axes.texts] == [f"{share:.0%}" for share in shares]
    assert fit(128, 32, 0) * 128 == 2048


def test_memory_or_arithmetic():
    assert pytest.approx(20) == 67 / 3.35
    assert [2 / (8 / T) for T in (16, 32)] == [T / 4 for T in (16, 32)]


def test_the_table_of_a_real_gpu_is_empty_without_one(capsys):
    found = names() | {"where": "simulator", "demo": lambda function: function()}
    exec(CELLS["real-gpu"], found)
    rows = capsys.readouterr().out.splitlines()
    assert [row.rstrip().endswith("–") for row in rows] == [True] * 7 + [False]
    assert not any(character.isdigit() for row in rows for character in row)


def test_the_numbers_of_the_quiz():
    questions = load(STAGE)
    assert 20 * 64 * 32 == 40_960 and 20 * 64 + 64 * 32 == 3_328
    assert (7 * 128, 8 * 128 - 1000, blocks_for(1000, 128)) == (896, 24, 8)
    assert questions[0].right == "b" and "40,960" in questions[0].choices[1].text


def test_a_film_shows_who_touches_what():
    log = gpu.watch(vector_add, 3, 4, np.arange(10.0), np.arange(10.0), np.zeros(10))
    figures, captions = plot.touches(log, wave=2)
    assert captions[0] == "Blocks 0 and 1: threads read a" and captions[-1] == "Block 2: threads write c"
    labels = [text.get_text() for text in figures[-1].axes[0].texts]
    assert labels.count("8") == 2 and labels.count("9") == 2, "the thread and the entry of c it writes"
    assert labels.count("10") == 1, "a thread, and no entry"


def test_everything_one_thread_touched():
    log = gpu.watch(relu_kernel, 2, 4, np.ones(20), np.zeros(20))
    squares = plot.one_thread(log, (0, 0, 0), (3, 0, 0)).axes[0].patches
    colored = [(round(p.get_x() - 3.2), p.get_y()) for p in squares if p.get_linewidth() > 1 or p.get_zorder() > 2]
    assert sorted({x for x, _ in colored}) == [3, 11, 19] and len(colored) == 6


KERNELS = {  # cell -> {kernel: its arguments, as dimensions}
    "no-guard": {"unguarded": [1, 1, 1]},
    "memory": {"x_is_the_row": [2, 1]},
    "mirror": {"mirror": [1, 1]},
    "uneven": {"only_two": [1, 1]},
    "lost": {"count_me": [1]},
    "fused": {"add_bias": [2, 1, 2], "bias_relu": [2, 1, 2]},
}
COMPILE = """
import json, sys
import numpy as np
from numba import cuda, float32, types

for source, kernels in json.load(sys.stdin):
    scope = {"np": np, "cuda": cuda, "demo": lambda *_, **__: lambda function: function}
    exec(source, scope)
    for name, dimensions in kernels.items():
        signature = tuple(types.Array(float32, ndim, "C") for ndim in dimensions)
        ptx, _ = cuda.compile_ptx(scope[name].py_func, signature, cc=(9, 0))
        assert ".visible .entry" in ptx, name
        print(name)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    "THRESHOLD_PTX_PYTHON" not in os.environ, reason="THRESHOLD_PTX_PYTHON names no Python that has numba-cuda"
)
def test_the_kernels_of_the_cells_compile_for_a_gpu():
    job = json.dumps([(CELLS[cell], kernels) for cell, kernels in KERNELS.items()])
    environment = {key: value for key, value in os.environ.items() if key != gpu.VARIABLE}
    command = [os.environ["THRESHOLD_PTX_PYTHON"], "-W", "ignore", "-c", COMPILE]
    done = subprocess.run(command, input=job, env=environment, capture_output=True, text=True)
    assert done.stdout.split() == [name for kernels in KERNELS.values() for name in kernels], done.stderr


def test_every_kernel_of_a_cell_is_tried():
    jitted = sum(source.count("@cuda.jit\ndef") for source in CELLS.values())
    assert jitted == sum(map(len, KERNELS.values()))
