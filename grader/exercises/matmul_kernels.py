"""The kernels of solutions/matmul.py: one thread an entry, then in tiles."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import matmul as truth
from solutions.cuda import cuda

STAGE = "10_cuda"
TILE = 4  # the cases say how large a tile is


def _product(rng, label, shapes, threads, dtype=np.float64, **launch):
    M, K, N = shapes
    A, B, C = rng.normal(size=(M, K)), rng.normal(size=(K, N)), np.full((M, N), np.nan)
    blocks = -(-N // threads[0]), -(-M // threads[1])
    A, B, C = (array.astype(dtype) for array in (A, B, C))
    return case(label, A, B, C, launch={"blocks": blocks, "threads": threads, **launch})


def matmul_naive_cases(rng):
    """Tall, wide, oblong blocks, edges that fill no block; one square case, where swapped rows and columns hide."""
    return [
        _product(rng, "a tall product: 13×3 times 3×4", (13, 3, 4), (4, 4)),
        _product(rng, "a wide product: 3×5 times 5×14", (3, 5, 14), (4, 4)),
        _product(rng, "oblong blocks: 5×7 times 7×6", (5, 7, 6), (4, 2)),
        _product(rng, "square, every block full: 4×4 times 4×4", (4, 4, 4), (2, 2)),
        _product(rng, "float32: 6×2 times 2×7", (6, 2, 7), (4, 4), np.float32),
    ]


def _naive(place=lambda: cuda.grid(2), guard=lambda m, n, C: m < C.shape[0] and n < C.shape[1]):
    """One thread an entry, with its place or its guard changed."""

    def wrong(A, B, C):
        n, m = place()
        if guard(m, n, C):
            total = C.dtype.type(0)
            for k in range(A.shape[1]):
                total += A[m, k] * B[k, n]
            C[m, n] = total

    return wrong


def _naive_swapped(A, B, C):
    m, n = cuda.grid(2)
    if m < C.shape[0] and n < C.shape[1]:
        total = C.dtype.type(0)
        for k in range(A.shape[1]):
            total += A[m, k] * B[k, n]
        C[m, n] = total


def _naive_no_guard(A, B, C):
    n, m = cuda.grid(2)
    total = C.dtype.type(0)
    for k in range(A.shape[1]):
        total += A[m, k] * B[k, n]
    C[m, n] = total


def _naive_rows_guarded(A, B, C):
    n, m = cuda.grid(2)
    if m < C.shape[0]:
        total = C.dtype.type(0)
        for k in range(A.shape[1]):
            total += A[m, k] * B[k, n]
        C[m, n] = total


def _naive_columns_guarded(A, B, C):
    n, m = cuda.grid(2)
    if n < C.shape[1]:
        total = C.dtype.type(0)
        for k in range(A.shape[1]):
            total += A[m, k] * B[k, n]
        C[m, n] = total


def _naive_transposed(A, B, C):
    n, m = cuda.grid(2)
    if m < C.shape[0] and n < C.shape[1]:
        total = C.dtype.type(0)
        for k in range(A.shape[1]):
            total += A[m, k] * B[n, k]
        C[m, n] = total


def _naive_restarts(A, B, C):
    n, m = cuda.grid(2)
    if m < C.shape[0] and n < C.shape[1]:
        for k in range(A.shape[1]):
            total = C.dtype.type(0)
            total += A[m, k] * B[k, n]
        C[m, n] = total


def _naive_adds(A, B, C):
    n, m = cuda.grid(2)
    if m < C.shape[0] and n < C.shape[1]:
        for k in range(A.shape[1]):
            C[m, n] += A[m, k] * B[k, n]


def _naive_thread_only(A, B, C):
    n, m = cuda.threadIdx.x, cuda.threadIdx.y
    if m < C.shape[0] and n < C.shape[1]:
        total = C.dtype.type(0)
        for k in range(A.shape[1]):
            total += A[m, k] * B[k, n]
        C[m, n] = total


def _naive_wrong_length(A, B, C):
    n, m = cuda.grid(2)
    if m < C.shape[0] and n < C.shape[1]:
        total = C.dtype.type(0)
        for k in range(A.shape[0]):
            total += A[m, k] * B[k, n]
        C[m, n] = total


SWAPPED = Misconception(
    "rows and columns swapped",
    wrong=_naive_swapped,
    hint="cuda.grid(2) gives x first, then y. Which of the two runs along a row, and which index of C is that?",
)

matmul_naive = Exercise(
    "matmul_naive",
    STAGE,
    truth.matmul_naive.py_func,
    matmul_naive_cases,
    points={"value": 2.5, "purity": 0.5},
    kind="kernel",
    reveal="parsons",
    hints=(
        "First who am I: the line with `cuda.grid(2)`. Then the guard: is there such an entry in C?",
        "Everything else stands behind the guard, one step deeper. The sum starts before the loop over k.",
        "Inside the loop is one line, the product that is added. C is written once, behind the loop, but still "
        "behind the guard.",
    ),
    misconceptions=(
        SWAPPED,
        Misconception(
            "no guard",
            wrong=_naive_no_guard,
            hint="The grid sticks out over the right and the lower edge of C. What should a thread do out there?",
        ),
        Misconception(
            "only the rows guarded",
            wrong=_naive_rows_guarded,
            hint="A thread may stand below C, or to the right of it. Which of the two does your guard let through?",
        ),
        Misconception(
            "only the columns guarded",
            wrong=_naive_columns_guarded,
            hint="A thread may stand to the right of C, or below it. Which of the two does your guard let through?",
        ),
        Misconception(
            "B read as if transposed",
            wrong=_naive_transposed,
            hint="A column of B belongs to an entry of C. Which index of B stays fixed, and which one runs?",
        ),
        Misconception(
            "sum starts over at every k",
            wrong=_naive_restarts,
            hint="Only the last product is left of the sum. Where is total set to 0: once, or once for every k?",
        ),
        Misconception(
            "adds to what was in C",
            wrong=_naive_adds,
            hint="Nobody has written to C yet, so what do you add to? Where could a thread keep its own sum meanwhile?",
        ),
        Misconception(
            "place in the block, not in the grid",
            wrong=_naive_thread_only,
            hint="Every block computes the same corner of C. Which numbers tell blocks apart?",
        ),
        Misconception(
            "k runs over the rows",
            wrong=_naive_wrong_length,
            hint="How many numbers does one row of A have: A.shape[0], or A.shape[1]?",
        ),
    ),
)


def matmul_tiled_cases(rng):
    """No side a multiple of the tile, one case where all are; fewer k than a tile; and a second size of tile."""

    def of(label, shapes, tile, dtype=np.float64):
        return _product(rng, label, shapes, (tile, tile), dtype, constants={"TILE": tile}, frugal=True)

    return [
        of("10×9×7 in tiles of 4", (10, 9, 7), 4),
        of("6×11×13 in tiles of 4", (6, 11, 13), 4),
        of("8×8×8 in tiles of 4: no edges", (8, 8, 8), 4),
        of("7×2×5 in tiles of 4: k ends within the first tile", (7, 2, 5), 4),
        of("float32, 8×7×5 in tiles of 3", (8, 7, 5), 3, np.float32),
    ]


def _tiled_first_barrier(A, B, C):
    n, m = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    (M, K), N = A.shape, B.shape[1]
    a = cuda.shared.array((TILE, TILE), A.dtype)
    b = cuda.shared.array((TILE, TILE), B.dtype)
    zero = total = C.dtype.type(0)
    for start in range(0, K, TILE):
        a[y, x] = A[m, start + x] if m < M and start + x < K else zero
        b[y, x] = B[start + y, n] if start + y < K and n < N else zero
        for k in range(TILE):
            total += a[y, k] * b[k, x]
        cuda.syncthreads()
    if m < M and n < N:
        C[m, n] = total


def _tiled_second_barrier(A, B, C):
    n, m = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    (M, K), N = A.shape, B.shape[1]
    a = cuda.shared.array((TILE, TILE), A.dtype)
    b = cuda.shared.array((TILE, TILE), B.dtype)
    zero = total = C.dtype.type(0)
    for start in range(0, K, TILE):
        a[y, x] = A[m, start + x] if m < M and start + x < K else zero
        b[y, x] = B[start + y, n] if start + y < K and n < N else zero
        cuda.syncthreads()
        for k in range(TILE):
            total += a[y, k] * b[k, x]
    if m < M and n < N:
        C[m, n] = total


def _tiled_no_barrier(A, B, C):
    n, m = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    (M, K), N = A.shape, B.shape[1]
    a = cuda.shared.array((TILE, TILE), A.dtype)
    b = cuda.shared.array((TILE, TILE), B.dtype)
    zero = total = C.dtype.type(0)
    for start in range(0, K, TILE):
        a[y, x] = A[m, start + x] if m < M and start + x < K else zero
        b[y, x] = B[start + y, n] if start + y < K and n < N else zero
        for k in range(TILE):
            total += a[y, k] * b[k, x]
    if m < M and n < N:
        C[m, n] = total


def _tiled(load, tile=lambda: TILE, tiles=lambda K: range(0, K, TILE), place=lambda: cuda.grid(2), guard=True):
    """A tiled product in which `load` fills the squares, with other things changed."""

    def wrong(A, B, C):
        n, m = place()
        x, y = cuda.threadIdx.x, cuda.threadIdx.y
        M, N = C.shape
        width = tile()
        a = cuda.shared.array((width, width), A.dtype)
        b = cuda.shared.array((width, width), B.dtype)
        total = C.dtype.type(0)
        for start in tiles(A.shape[1]):
            load(A, B, C, a, b, x, y, m, n, start)
            cuda.syncthreads()
            for k in range(width):
                total += a[y, k] * b[k, x]
            cuda.syncthreads()
        if (m < M and n < N) or not guard:
            C[m, n] = total

    return wrong


def _load(A, B, C, a, b, x, y, m, n, start):
    (M, K), N, zero = A.shape, B.shape[1], C.dtype.type(0)
    a[y, x] = A[m, start + x] if m < M and start + x < K else zero
    b[y, x] = B[start + y, n] if start + y < K and n < N else zero


def _load_unguarded(A, B, C, a, b, x, y, m, n, start):
    a[y, x] = A[m, start + x]
    b[y, x] = B[start + y, n]


def _load_without_zeros(A, B, C, a, b, x, y, m, n, start):
    (M, K), N = A.shape, B.shape[1]
    if m < M and start + x < K:
        a[y, x] = A[m, start + x]
    if start + y < K and n < N:
        b[y, x] = B[start + y, n]


def _load_transposed(A, B, C, a, b, x, y, m, n, start):
    (M, K), N, zero = A.shape, B.shape[1], C.dtype.type(0)
    a[y, x] = A[m, start + x] if m < M and start + x < K else zero
    b[x, y] = B[start + y, n] if start + y < K and n < N else zero


def _load_first_tile(A, B, C, a, b, x, y, m, n, start):
    _load(A, B, C, a, b, x, y, m, n, 0)


def _swapped():
    x, y = cuda.grid(2)
    return y, x


def _tiled_leaves_early(A, B, C):
    n, m = cuda.grid(2)
    if m < C.shape[0] and n < C.shape[1]:
        x, y = cuda.threadIdx.x, cuda.threadIdx.y
        a = cuda.shared.array((TILE, TILE), A.dtype)
        b = cuda.shared.array((TILE, TILE), B.dtype)
        total = C.dtype.type(0)
        for start in range(0, A.shape[1], TILE):
            _load(A, B, C, a, b, x, y, m, n, start)
            cuda.syncthreads()
            for k in range(TILE):
                total += a[y, k] * b[k, x]
            cuda.syncthreads()
        C[m, n] = total


def _tiled_last_tile_only(A, B, C):
    n, m = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    a = cuda.shared.array((TILE, TILE), A.dtype)
    b = cuda.shared.array((TILE, TILE), B.dtype)
    for start in range(0, A.shape[1], TILE):
        total = C.dtype.type(0)
        _load(A, B, C, a, b, x, y, m, n, start)
        cuda.syncthreads()
        for k in range(TILE):
            total += a[y, k] * b[k, x]
        cuda.syncthreads()
    if m < C.shape[0] and n < C.shape[1]:
        C[m, n] = total


matmul_tiled = Exercise(
    "matmul_tiled",
    STAGE,
    truth.matmul_tiled.py_func,
    matmul_tiled_cases,
    points={"value": 2.5, "traffic": 1, "purity": 0.5},
    kind="kernel",
    hints=(
        "Two places for every thread: where it is in the grid, (m, n), and where in its block, (y, x). Ask for "
        "both first.",
        "Two squares of shared memory, TILE × TILE. In each round every thread fetches one entry of A and one "
        "of B into them; beyond the edge it puts a 0.",
        "Nobody may read before all have written, and nobody may write the next squares before all have read. "
        "So how many barriers are in a round, and where?",
        "A round: fetch, wait, add TILE products from the two squares, wait. Rounds start at 0, TILE, 2 · TILE, "
        "… below K.",
        "No thread leaves early, for all must come to each barrier. Only at the very end the guard asks whether "
        "C has this entry.",
    ),
    misconceptions=(
        Misconception(
            "no barrier before the tiles are read",
            wrong=_tiled_first_barrier,
            hint="You fill one entry of a tile yourself, and read a whole row of it. How do you know that the others have "
            "filled theirs?",
        ),
        Misconception(
            "no barrier before the tiles are filled again",
            wrong=_tiled_second_barrier,
            hint="A fast thread begins the next round. What does it overwrite while a slow one still adds up?",
        ),
        Misconception(
            "no barrier at all",
            wrong=_tiled_no_barrier,
            hint="Two moments in every round need everybody: when the tiles are complete, and when they are no longer "
            "needed. Who waits for whom?",
        ),
        Misconception(
            "reads beyond the edge",
            wrong=_tiled(_load_unguarded),
            hint="The last tile sticks out over the edge of A or B. What stands in the square where there is no number?",
        ),
        Misconception(
            "no zeros beyond the edge",
            wrong=_tiled(_load_without_zeros),
            hint="Where there is no number you leave the square as it was. What is in it from the round before, or from "
            "nobody?",
        ),
        Misconception(
            "threads beyond the edge leave before the barrier",
            wrong=_tiled_leaves_early,
            hint="A thread without an entry of C still has numbers to fetch, and barriers to come to. What exactly needs a "
            "guard: the thread, or its reads and its write?",
        ),
        Misconception(
            "last tile lost",
            wrong=_tiled(_load, tiles=lambda K: range(0, K - TILE + 1, TILE)),
            hint="With 9 columns and tiles of 4, where does your last tile start? And who adds column 8?",
        ),
        Misconception(
            "the same tile every time",
            wrong=_tiled(_load_first_tile),
            hint="Each round brings the next squares of A and B. Where does start enter when you read them?",
        ),
        Misconception(
            "only the last tile counts",
            wrong=_tiled_last_tile_only,
            hint="Every round begins with an empty sum. Where must total be set to 0, and how often?",
        ),
        Misconception(
            "tile stored transposed",
            wrong=_tiled(_load_transposed),
            hint="You fill b[x, y] and read b[k, x]. In which of the two does x run along a row?",
        ),
        Misconception(
            "rows and columns swapped",
            wrong=_tiled(_load, place=_swapped),
            hint=SWAPPED.hint,
        ),
        Misconception(
            "writes beyond the edge of C",
            wrong=_tiled(_load, guard=False),
            hint="The reads are guarded. Which entry of C does a thread beyond the edge write to?",
        ),
        Misconception(
            "no tiles at all",
            wrong=_naive(),
            hint="The product is right, but every number is fetched from far away again and again. How many threads of a "
            "block need the same number of A, and where could it wait for them?",
        ),
    ),
)
