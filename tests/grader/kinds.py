"""One small exercise of every kind of case, to try the whole seam: spec, bake, check, wire, sandbox, verdict."""

import numpy as np
from numba import cuda, njit, prange

from course.wire import Named, Scratch, Seeded
from grader.exercise import Exercise, Misconception, case

STAGE = "00_kinds"


def scale(x, factor):
    """y = factor · x"""
    return {"scaled": x * factor, "largest": float(np.max(x * factor))}


value = Exercise(
    "scale",
    STAGE,
    scale,
    lambda rng: [
        case("a matrix", rng.normal(size=(3, 2)), 2.5),
        case("float32 stays float32", rng.normal(size=4).astype(np.float32), 3),
        case("huge numbers", np.array([1e300, -1e300]), 2.0, stable=True),
    ],
    points={"value": 1, "shape": 0.5, "stability": 0.25, "purity": 0.25},
    misconceptions=(
        Misconception(
            "adds", lambda x, factor: {"scaled": x + factor, "largest": float(np.max(x + factor))}, "× or +?"
        ),
        Misconception(
            "float64 always",
            lambda x, factor: {"scaled": x.astype(float) * factor, "largest": float(np.max(x * factor))},
            "Which dtype came in?",
        ),
    ),
)


def slope(f, x):
    """(f(x + ε) − f(x − ε)) / 2ε for each entry"""
    g = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = 1e-5
        g[i] = (f(x + step) - f(x - step)) / 2e-5
    return g


def forward_slope(f, x):
    g = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = 1e-5
        g[i] = (f(x + step) - f(x)) / 1e-5
    return g


callable_ = Exercise(
    "slope",
    STAGE,
    slope,
    lambda rng: [
        case("a cube", Named("cube"), rng.normal(size=3)),
        case("a wave over a matrix", Named("wave"), rng.normal(size=(2, 3))),
    ],
    points={"value": 2},
    kind="callable",
    tolerance=1e-7,
    misconceptions=(Misconception("forward difference", forward_slope, "Which two points straddle x?"),),
)


def shuffled(n, rng):
    """0 … n−1 in the generator's order"""
    return rng.permutation(n)


rng_ = Exercise(
    "shuffled",
    STAGE,
    shuffled,
    lambda rng: [case("ten", 10, Seeded(int(rng.integers(1 << 30)))), case("seven", 7, Seeded(3))],
    points={"value": 1},
    kind="rng",
    misconceptions=(
        Misconception("own seed", lambda n, rng: np.random.default_rng(0).permutation(n), "Whose rng?"),
        Misconception("not shuffled", lambda n, rng: np.arange(n), "Is the order still the old one?"),
    ),
)


def keep(path, params):
    """np.savez(path, **params)"""
    np.savez(path, **params)


file_ = Exercise(
    "keep",
    STAGE,
    keep,
    lambda rng: [case("two arrays", Scratch("net.npz"), {"w": rng.normal(size=(2, 3)), "b": rng.normal(size=3)})],
    points={"value": 1},
    kind="file",
    misconceptions=(
        Misconception("names lost", lambda path, params: np.savez(path, *params.values()), "Under which names?"),
        Misconception("another file", lambda path, params: np.savez(path + ".bak.npz", **params), "Which path?"),
    ),
)


def double(x, out):
    """out[i] = 2 · x[i]"""
    i = cuda.grid(1)
    if i < x.size:
        out[i] = 2 * x[i]


def unguarded(x, out):
    i = cuda.grid(1)
    out[i] = 2 * x[i]


def racing(x, out):
    i = cuda.grid(1)
    if i < x.size:
        out[0] += 2 * x[i]
        out[i] = 2 * x[i]


kernel = Exercise(
    "double",
    STAGE,
    double,
    lambda rng: [
        case("ten cells, twelve threads", rng.normal(size=10), np.zeros(12), launch={"blocks": 3, "threads": 4})
    ],
    points={"value": 2},
    kind="kernel",
    misconceptions=(
        Misconception("no guard", unguarded, "Which threads have no cell?"),
        Misconception("all write one cell", racing, "Who else writes out[0]?"),
    ),
)


def fit(X, y):
    """any neuron that separates the rows"""
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(1000):
        for x, label in zip(X, y, strict=True):
            error = label - (1 if x @ w + b >= 0 else 0)
            w, b = w + error * x, b + error
    return w, float(b)


def behavior_cases(rng):
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]) + rng.normal(size=2)
    y = np.array([0, 1, 1, 1])
    return [case("logical OR, moved", X, y, judge={"name": "separates", "X": X, "y": y, "inputs": 2})]


behavior = Exercise(
    "fit",
    STAGE,
    fit,
    behavior_cases,
    points={"value": 3},
    kind="behavior",
    misconceptions=(Misconception("untrained", lambda X, y: (np.zeros(X.shape[1]), 0.0), "Who moves w?"),),
)


def absolute_probes():
    """inputs on which |x| differs from each wrong version"""
    return [-2.0, 2.0]


GRID = [-2.0, -1.0, 0.0, 1.0, 2.0]


def probe_cases(rng):
    wrong = {"forgets the sign": lambda x: x, "always negative": lambda x: -abs(x)}
    want = {
        "name": "tells_apart",
        "grid": GRID,
        "right": [abs(x) for x in GRID],
        "wrong": {name: [f(x) for x in GRID] for name, f in wrong.items()},
        "most": 2,
    }
    return [case("two inputs that unmask both wrong versions", judge=want)]


probe = Exercise(
    "absolute_probes",
    STAGE,
    absolute_probes,
    probe_cases,
    points={"value": 1},
    kind="probe",
    misconceptions=(
        Misconception("positive inputs only", lambda: [1.0, 2.0], "What does the identity do to a positive number?"),
        Misconception("zero tells nothing", lambda: [0.0], "Which functions agree at 0?"),
    ),
)


@njit(parallel=True)
def row_totals(A):
    """s[m] = Σ_n A[m, n]"""
    s = np.zeros(len(A), A.dtype)
    for m in prange(len(A)):
        for n in range(A.shape[1]):
            s[m] += A[m, n]
    return s


@njit(parallel=True)
def racing_totals(A):
    s = np.zeros(len(A), A.dtype)
    for n in prange(A.shape[1]):
        for m in range(len(A)):
            s[m] += A[m, n]
    return s


@njit(parallel=True)
def split_totals(A):
    s = np.zeros(len(A), A.dtype)
    for m in range(len(A)):
        total = A.dtype.type(0)
        for n in prange(A.shape[1]):
            total += A[m, n]
        s[m] = total
    return s


@njit
def unset_totals(A):
    s = np.empty(len(A), A.dtype)
    for m in range(len(A)):
        for n in range(A.shape[1]):
            s[m] += A[m, n]
    return s


@njit
def float64_totals(A):
    s = np.zeros(len(A))
    for m in range(len(A)):
        for n in range(A.shape[1]):
            s[m] += A[m, n]
    return s


@njit
def far_totals(A):
    s = np.zeros(len(A), A.dtype)
    for m in range(len(A)):
        for n in range(A.shape[1] + 1):
            s[m] += A[m, n]
    return s


compiled = Exercise(
    "row_totals",
    STAGE,
    row_totals,
    lambda rng: [
        case("three rows of forty", rng.normal(size=(3, 40))),
        case("float32 stays float32", rng.normal(size=(5, 30)).astype(np.float32)),
    ],
    points={"value": 2, "shape": 0.5, "compiled": 1.5},
    kind="compiled",
    misconceptions=(
        Misconception("not compiled", row_totals.py_func, "What stands above def?"),
        Misconception("threads share a sum", racing_totals, "Who else adds to s[m]?"),
        Misconception("a sum split among threads", split_totals, "In which order are the parts added?"),
        Misconception("sums on no ground", unset_totals, "What is in s before the first addition?"),
        Misconception("float64 always", float64_totals, "Which dtype came in?"),
        Misconception("one column too many", far_totals, "Which is the last column?"),
    ),
)

KINDS = {e.name: e for e in (value, callable_, rng_, file_, kernel, behavior, probe, compiled)}
