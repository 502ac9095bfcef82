# %% [markdown] id="title"
# # 9 · Numba
#
# **Loops read like the formulas, and they crawl. Who says that a loop must be slow?**
#
# You are about to take loops that nobody has the patience for, put one line above them, and see on your own machine
# how many hundred times faster they run. Then two threads will quarrel over one number, and you will catch them at it.
# At the end you know what a network costs before anyone has run it.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - say when compiling pays, and when it does not
# - read an error of numba and find the line that it means
# - put loops in the order that memory likes
# - share a loop among threads, and get the same answer every time
# - count what a network computes, which is not what it stores

# %% id="imports" role="setup"
import dis
import math
import time

import numba
import numpy as np
from numba import njit, prange

from course import check, data, demo, hint, plot, predict, quiz
from course.compiled import race_in
from course.nests import reordered
from course.vectors import most_macs, product_in_tiles, product_in_vectors


def seconds(call, *args, runs=5):
    """How long a call takes: the fastest of `runs`, after one that does not count."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        call(*args)
        times.append(time.perf_counter() - start)
    return min(times[1:])


# %% [markdown] id="one-line"
# ## What a line costs
#
# Lesson 1 began with a weighted sum. With x = (1, 2, 3) and w = (4, 5, 6) it is
#
# 1 · 4 + 2 · 5 + 3 · 6 = **32**
#
# Three products, three additions. A product together with the addition that follows is called a **multiply-accumulate**,
# MAC for short. So this costs 3 MACs. For a MAC, a processor has a single instruction. How many of them yours can do in a
# second, you will measure before this lesson ends.
#
# As a loop, a MAC is one line: `total += x[d] * w[d]`. Here is what Python makes of it.


# %% id="errands" role="demo"
def weighted_sum(x, w):
    total = 0.0
    for d in range(len(x)):
        total += x[d] * w[d]
    return total


@demo
def errands():
    line = weighted_sum.__code__.co_firstlineno + 3
    steps = [step for step in dis.get_instructions(weighted_sum) if step.positions.lineno == line]
    for step in steps:
        print(f"{step.opname:20} {step.argrepr}")
    x, w = np.random.default_rng(0).normal(size=(2, 100_000))
    print(
        f"\n{len(steps)} errands for one MAC: {seconds(weighted_sum, x, w) / 1e5 * 1e9:.0f} "
        "billionths of a second"
    )


# %% [markdown] id="errands-lesson"
# A list of errands, and Python runs each of them as if for the first time. What kind of thing is `x`? An array: then
# fetch entry `d`, and wrap it up as an object. What kind is `w[d]`? What does `*` mean for two of that kind? Wrap up the
# product, throw away the two wrappers. And the same again for the next `d`, as if nothing had been learned.
#
# This is what an **interpreter** does: it reads a line and acts, line by line, each time.

# %% [markdown] id="compile"
# ## Read once, then run
#
# A **compiler** reads all the lines first. If it knows that `x` and `w` are arrays of floats, then all questions are
# answered before the loop begins: what is left is the MAC. What it writes is machine code, made for this function and
# these kinds of arguments.
#
# **Numba** is a compiler for a part of Python: numbers, arrays and loops. You ask for it in one line above the function,
# `@njit`. The first exercise is done for you. Run both cells.

# %% exercise="dot_njit"

# %% [markdown] id="what-check-does"
# In this lesson `check` looks at more than values. It asks whether numba has really compiled the function, and whether
# the answer stays the same, to the last bit, however often it runs and on however many threads. It never asks how
# fast it is. Speed is for you to see.

# %% [markdown] id="first-call-question"
# ### Faster at once?
#
# We compile the function afresh, and let both versions add up a thousand products. Plain Python needs a fraction of a
# millisecond for that. How long will the *first* call of the compiled version take? First say what you expect; the cell
# after the question waits for your answer.

# %% id="first-call-prediction" role="demo"
predict(
    "first-call",
    "The first call of the compiled function, compared with plain Python:",
    ["hundreds of times faster", "a few times faster", "about as long", "many times slower"],
)


# %% id="first-call" role="demo"
@demo(after="first-call")
def first_call():
    fresh = njit(dot_njit.py_func)  # py_func: the plain lines of a compiled function
    x, w = np.random.default_rng(0).normal(size=(2, 1000))
    plain = seconds(dot_njit.py_func, x, w)
    print(f"plain Python   {1e3 * plain:9.4f} ms")
    calls = []
    for name in ("first call", "second call", "third call"):
        start = time.perf_counter()
        fresh(x, w)
        calls.append(time.perf_counter() - start)
        print(f"{name:14} {1e3 * calls[-1]:9.4f} ms")
    saved = plain - seconds(fresh, x, w)
    print(f"\nCompiling pays from call {math.ceil(calls[0] / saved):,} on.")
    names = {0.01: "hundreds of times faster", 0.5: "a few times faster", 3: "about as long"}
    ratio = calls[0] / plain
    predict.reveal(
        "first-call",
        next((name for most, name in names.items() if ratio < most), "many times slower"),
    )


# %% [markdown] id="when-it-loses"
# The first call compiles, and compiling takes its time. From the second call on the machine code is there. So njit
# **loses**
#
# - where a function is called once, and briefly
# - where the time is spent inside NumPy anyway: NumPy's functions are compiled long since
# - where the work is not numbers in arrays, but text, dicts, tables of many kinds
#
# It wins where you have to loop. Whoever measures it must not count the first call, or must say so.

# %% [markdown] id="types-intro"
# ## Types
#
# "If it knows that `x` is an array of floats": what a variable is, is its **type**. Python asks for it at every step,
# a compiler wants to know beforehand. Numba looks at the arguments of the call. For other types it compiles again.


# %% id="types" role="demo"
@demo
def a_version_for_each_type():
    fresh = njit(dot_njit.py_func)
    for dtype in (np.float64, np.float32, np.int64):
        x = np.arange(1, 4).astype(dtype)
        print(
            f"{dtype.__name__:8} 1 + 4 + 9 = {fresh(x, x)!r:5} versions so far: "
            f"{len(fresh.signatures)}"
        )
    print("\nthe types of the first argument, version by version:")
    for types in fresh.signatures:
        print(" ", types[0])


# %% [markdown] id="types-lesson"
# `array(float32, 1d, C)` reads: numbers of type float32, one dimension, and C for the order in memory, to which we come.
#
# - **float64** is what Python calls a float: 8 bytes, about 16 digits.
# - **float32** takes 4 bytes and carries about 7 digits. Networks are content with that, and twice as many numbers fit
#   everywhere.
#
# Mind the **drift**. `np.zeros(M)` makes float64, whatever came in. One such line, and everything behind it is float64,
# in twice the memory, and nobody complains. `np.zeros(M, A.dtype)` keeps what came in. In all exercises below, float32
# in means float32 out.

# %% [markdown] id="nopython"
# ### No Python
#
# The n in njit stands for **nopython**: in the finished machine code there is no Python object any more, no dict, no
# class of your own, nothing to ask. If numba does not find a type for everything, it says so and gives up. That is a
# favor. The alternative, object mode, runs anything, and no faster than before.
#
# What it says is long. Let us provoke it with a line from lesson 2, the shift of a softmax.


# %% id="a-wall" role="demo"
@demo
def a_wall():
    @njit
    def shift(z):
        return z - np.max(z, axis=1, keepdims=True)

    try:
        shift(np.ones((2, 3)))
    except numba.TypingError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        print(f"{len(lines)} lines. Read these three:\n")
        print("what", next(line for line in lines if "No implementation" in line), sep="     ")
        print("called", next(line for line in lines if line.startswith(">>>")), sep="   ")
        print(
            "where",
            [line for line in lines if line.startswith("File")][-1].partition(", ")[2],
            sep="    ",
        )


# %% [markdown] id="errors"
# Skip the list of candidates. Look for *what*, *called with what*, and *where*. In a notebook, lines are counted from the
# top of the cell (JupyterLab shows their numbers: View, Show Line Numbers). Four sentences come up again and again.
#
# | numba says | it means | you do |
# |---|---|---|
# | No implementation of function … found for signature | it has no compiled version of this for these types | write the loop |
# | Cannot unify int64 and array(…) for 'total' | `total` is a number here and an array there | give it one type |
# | Untyped global name 'f' | `f` is plain Python | put @njit above `f` too |
# | non-precise type pyobject | an argument is a Python object, such as a dict | hand in its arrays |
#
# `check` says the same in one sentence, with your line.

# %% [markdown] id="product"
# ## The product of two matrices
#
# Most of what a network computes is this. Row m of A meets column n of B:
#
# $$C_{mn} = \sum_k A_{mk} \, B_{kn}$$
#
# ### By hand
#
# $$\begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \begin{pmatrix} 1 & 0 \\ 0 & 1 \\ 1 & 1 \end{pmatrix}
# = \begin{pmatrix} 4 & 5 \\ 10 & 11 \end{pmatrix}$$
#
# Check one: row (4, 5, 6) and column (1, 0, 1) give 4 + 0 + 6 = 10. Here M = 2, K = 3, N = 2. Each of the M · N entries
# takes K MACs:
#
# M · K · N = 2 · 3 · 2 = **12 MACs**
#
# A dense layer from lesson 3, N examples of D inputs to M units, is such a product: N · D · M MACs.
#
# **Your turn.** Three loops, and one MAC in the middle. Start from zeros, in A's dtype.

# %% exercise="matmul_njit"

# %% [markdown] id="your-loops-intro"
# Now your loops against themselves. `matmul_njit.py_func` is what you have written, run by the interpreter.


# %% id="your-loops" role="demo"
@demo
def your_loops():
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(2, 64, 64))
    plain, fast = seconds(matmul_njit.py_func, A, B, runs=1), seconds(matmul_njit, A, B)
    print(f"64 × 64, {64**3:,} MACs")
    print(f"  plain Python  {1e3 * plain:9.3f} ms")
    print(f"  compiled      {1e3 * fast:9.3f} ms, {plain / fast:,.0f} times faster")
    A, B = rng.normal(size=(2, 384, 384))
    print(f"384 × 384, {384**3:,} MACs")
    print(f"  compiled      {1e3 * seconds(matmul_njit, A, B):9.3f} ms")
    print(f"  NumPy's A @ B {1e3 * seconds(np.matmul, A, B):9.3f} ms")


# %% [markdown] id="your-loops-lesson"
# That is the same code. Nothing in it became cleverer; the questions are gone.
#
# And NumPy? For large matrices it is faster still, and that is no magic. `A @ B` calls a library on which people have
# worked for decades. It takes blocks that fit into the cache, a small and fast memory to which we come next. It does
# several MACs with one instruction, and uses all cores. In earnest you will call it, too. You have written a product
# to know what is inside.

# %% [markdown] id="one-row"
# ## Memory is one long row
#
# A matrix looks like a table. In memory it is a single row of numbers: first the whole first row of the table, then the
# second, and so on. That is the C in `array(float64, 2d, C)`. In a matrix with 4 columns, entry (1, 2) has this number
# in memory:
#
# 1 · 4 + 2 = **6**
#
# Nobody fetches a single number from memory. A trip brings a **cache line**: as a rule 64 bytes, that is 8 neighbors in
# float64, and they stay close at hand in the **cache** for a while. In the time of one trip the processor could have done
# a great many MACs.
#
# Below, a matrix of 8 × 8 is read twice, row after row and column after column. Tinted is what the cache holds, and this
# one is small: only four lines. Press **Play**.


# %% id="film" role="demo"
@demo
def film():
    side = range(8)
    paths = {
        "row after row": [(row, column) for row in side for column in side],
        "column after column": [(row, column) for column in side for row in side],
    }
    figures, captions = [], []
    for steps in (1, 2, 4, 8, 9, 12, 16, 24, 40, 64):
        figures.append(plot.walks(paths, steps, shape=(8, 8), line=8, cache=4))
        trips = [plot.fetches(path[:steps], (8, 8), line=8, cache=4)[0] for path in paths.values()]
        captions.append(
            f"numbers read: {steps:2}   trips by rows: {trips[0]}   trips by columns: {trips[1]}"
        )
    plot.film(
        figures,
        captions,
        alt="Two grids of 8 by 8 cells, and below each the same 64 cells in one long row, as they "
        "lie in memory. On the left the walk goes along the rows: one trip brings a whole row, and "
        "the next trip comes after eight numbers. On the right it goes down the columns: every "
        "step lands in another row and needs a trip, and when the walk comes back to a row, the "
        "small cache has lost it. After all 64 numbers: 8 trips by rows, 64 by columns.",
    )
    print("\n".join(captions))


# %% [markdown] id="film-lesson"
# 8 trips against 64, for the same 64 numbers. Your processor's cache holds thousands of lines, not four. But then, your
# matrices are larger, too.

# %% [markdown] id="orders-intro"
# ### Six orders
#
# Your product has three loops. Nothing in the formula says which of them is outside, so there are 3 · 2 · 1 = 6 ways to
# write it. They do the same MACs. Here are all six, made from your function by exchanging its loops, on matrices of
# 256 × 256.


# %% id="orders" role="demo"
@demo
def orders():
    A, B = np.random.default_rng(0).normal(size=(2, 256, 256))
    matmul_njit(A, B)
    groups = {}
    for one, two, inner in ("mkn", "kmn", "mnk", "nmk", "knm", "nkm"):
        group = groups.setdefault(f"{inner} innermost", {})
        group[f"{one} {two} {inner}"] = seconds(
            njit(reordered(matmul_njit, one + two + inner)), A, B, runs=3
        )
    times = [took for group in groups.values() for took in group.values()]
    plot.show(
        plot.bars(groups, "milliseconds", unit=1e-3),
        alt="Six bars, one for each order of the three loops, outermost first, with the time in "
        "milliseconds: "
        + "; ".join(
            f"{name}: {1e3 * took:.3g}" for group in groups.values() for name, took in group.items()
        )
        + ".",
    )
    print(f"the slowest takes {max(times) / min(times):.0f} times as long as the fastest")


# %% [markdown] id="orders-lesson"
# In the middle of the three loops, one product of A[m, k] and B[k, n] goes to C[m, n]. What moves, when the innermost
# loop goes one step?
#
# | innermost | C[m, n] | A[m, k] | B[k, n] |
# |---|---|---|---|
# | n | next door | stays | next door |
# | k | stays | next door | one row down |
# | m | one row down | one row down | stays |
#
# So the innermost loop should run along rows: **the last index of an array is the one that should move fastest.** With
# neighbors, the compiler can even do several MACs with one instruction.

# %% [markdown] id="threads"
# ## Several at a time
#
# Your processor has several cores. A program uses one of them, unless it splits its work into **threads**, each on a
# core of its own. With numba that takes two words: `@njit(parallel=True)`, and `prange` in place of `range` for the
# loop whose turns may be shared out.
#
# *May* be: that is for you to know. The turns of a prange run at the same time and in any order. Numba believes you.


# %% id="shares" role="demo"
@demo
def two_ways():
    plot.show(
        plot.shares(4, 6),
        alt="Two ways to share out row sums between two threads. Left, for m in prange(M): the "
        "upper two rows of a matrix A belong to thread 0, the lower two to thread 1, and so do "
        "their cells in s. Right, for n in prange(N): the left three columns belong to thread 0, "
        "the right three to thread 1. Now each cell of s gets numbers from both threads; all of "
        "them are crossed out.",
    )
    print(f"numba may start {numba.config.NUMBA_NUM_THREADS} threads on this machine")


# %% [markdown] id="race-by-hand"
# ### A race, by hand
#
# On the right, both threads add to the same cell. What is wrong with that? `s[0] += 1` looks like one step. It is three:
# **read** the cell, **add**, **write** it back. Let the cell hold 5.
#
# | thread 0 | thread 1 | cell |
# |---|---|---|
# | reads 5 | | 5 |
# | | reads 5 | 5 |
# | adds 1, writes 6 | | 6 |
# | | adds 1, writes 6 | **6** |
#
# Two additions, and the cell has grown by one. This is a **race**: two threads are at one cell, at least one of them
# writes, and nothing says who comes first.

# %% [markdown] id="race-intro"
# Now in earnest. How bright are the pixels of the digits? We count them, 17 shades from 0 to 16, in 200 copies of the data
# set. Ten times the same count.


# %% id="race" role="demo"
@njit(parallel=True)
def tally(pixels):
    """How many pixels there are of each brightness. There is a race in it."""
    counts = np.zeros(17, np.int64)
    for n in prange(len(pixels)):
        counts[pixels[n]] += 1
    return counts


@demo
def ten_counts():
    images, _ = data.digits()
    pixels = np.tile(images.astype(np.uint8).ravel(), 200)
    counted = np.array([tally(pixels).sum() for _ in range(10)])
    wrong = int(np.sum(counted != len(pixels)))
    plot.show(
        plot.tallies(counted / 1e6, len(pixels) / 1e6, "million pixels"),
        alt=f"Ten runs of the same count of {len(pixels):,} pixels. {wrong} of the ten counted too "
        "few: " + ", ".join(f"{count / 1e6:.1f}" for count in counted) + " million.",
    )
    print(f"{len(pixels):,} pixels; {wrong} of 10 runs are wrong")
    if numba.config.NUMBA_NUM_THREADS == 1:
        print("numba has one thread on this machine, and one thread has nobody to race with")


# %% [markdown] id="race-lesson"
# If you were lucky, some of the ten are right. That is the nasty part. On a small array, on a busy machine, on a Tuesday,
# a race gives the right answer and passes every test. **You cannot test a race away by running it.**
#
# But you can see it in the lines. Run them in plain Python, one turn after the other, and write down which turn touches
# which cell. That is what `check` does. Twenty pixels are enough, and luck has no part in it.


# %% id="race-caught" role="demo"
@demo
def caught():
    images, _ = data.digits()
    print(race_in(tally, images[0, :20].astype(np.uint8)))


# %% [markdown] id="race-cure"
# ### The cure
#
# Let every turn have cells of its own. Here each image gets a row of counters. The rows are added up at the end, when
# all threads are through.


# %% id="no-race" role="demo"
@njit(parallel=True)
def tally_by_image(images):
    """A row of counters for each image, and no race."""
    counts = np.zeros((len(images), 17), np.int64)
    for i in prange(len(images)):
        for pixel in images[i]:
            counts[i, pixel] += 1
    return counts


@demo
def cured():
    images = data.digits()[0].astype(np.uint8)
    print("race:", race_in(tally_by_image, images[:3]) or "none")
    truth = np.bincount(images.ravel())
    print(
        "right in",
        sum(np.array_equal(tally_by_image(images).sum(axis=0), truth) for _ in range(100)),
        "of 100 runs",
    )


# %% [markdown] id="row-sums"
# **Your turn.** The sum of every row, with one thread for each share of the work. There are two loops. Which of them may
# be a `prange`? Look at the picture again: who writes to `s[m]`?

# %% exercise="row_sums"

# %% [markdown] id="try-the-race"
# Try it the other way round as well: make the inner loop the `prange`, and run the check once more. It will name the
# cell. Then put it back.

# %% [markdown] id="last-digits"
# ### To the last digit
#
# Not every loop over a sum is a race. If you add to a plain variable, as in `total += x[n]`, numba gives each thread a
# total of its own, and adds these up in the end. Nobody quarrels. And yet something changes. By hand, or rather by
# Python:
#
# - (0.1 + 0.2) + 0.3 = 0.6000000000000001
# - 0.1 + (0.2 + 0.3) = 0.6
#
# Floats are rounded at every step, so the order of a sum shows in its last digit. More threads, another order.


# %% id="last-digits-run" role="demo"
@njit(parallel=True)
def split_total(x):
    total = 0.0
    for n in prange(len(x)):
        total += x[n]
    return total


@demo
def another_order():
    x = np.random.default_rng(0).normal(size=100_000)
    all_of_them = numba.get_num_threads()
    for threads in range(1, min(all_of_them, 4) + 1):
        numba.set_num_threads(threads)
        print(f"{threads} thread{'s' if threads > 1 else ' '}: {split_total(x)!r}")
    numba.set_num_threads(all_of_them)


# %% [markdown] id="last-digits-lesson"
# Neither is wrong. But a network trained on eight cores is then not the one trained on two, and a result that nobody can
# repeat is hard to trust. So **share out the rows, not the sum.** That is why `check` compares to the last bit.

# %% [markdown] id="threads-cost"
# Threads must be woken, and waited for. When is it worth it? Your `row_sums`, on one thread and on all:


# %% id="threads-cost-run" role="demo"
@demo
def when_threads_pay():
    everyone = numba.get_num_threads()
    for side in (10, 100, 3000):
        A = np.random.default_rng(0).normal(size=(side, side))
        numba.set_num_threads(1)
        alone = seconds(row_sums, A)
        numba.set_num_threads(everyone)
        together = seconds(row_sums, A)
        print(
            f"{side:4} × {side:<4}  one thread {1e6 * alone:9.1f} µs   {everyone} threads "
            f"{1e6 * together:9.1f} µs"
        )


# %% [markdown] id="fused"
# ## One visit instead of three
#
# Back to one thread, and to a formula of lesson 4: `np.mean((p - y) ** 2)`. Three operations, and NumPy does one after
# the other, each over the whole array. For N numbers:
#
# | step | reads | writes |
# |---|---|---|
# | d = p − y | 2 N | N |
# | s = d² | N | N |
# | mean of s | N | |
#
# Together 6 N numbers travel. A loop can do all of it while it has the two numbers in hand. It reads 2 N, and writes
# nothing. That is a **fused** loop.


# %% id="fused-run" role="demo"
@njit
def fused_mse(p, y):
    total = 0.0
    for n in range(len(p)):
        error = p[n] - y[n]
        total += error * error
    return total / len(p)


@demo
def fusion():
    p, y = np.random.default_rng(0).normal(size=(2, 4_000_000))
    whole, fused = seconds(lambda: np.mean((p - y) ** 2)), seconds(fused_mse, p, y)
    print(f"NumPy, step by step  {1e3 * whole:6.2f} ms")
    print(f"one fused loop       {1e3 * fused:6.2f} ms, {whole / fused:.1f} times faster")


# %% [markdown] id="softmax"
# ### A softmax in one go
#
# Softmax is five operations: the maximum, the difference, exp, the sum, the quotient. As NumPy does them, the whole table
# of scores travels eight times. Row by row it need not: one row fits into the cache, and there it can be finished.
#
# By hand, for the row (2, 1, 0): the largest is 2. Take it off: (0, −1, −2). exp of that: 1, 0.368, 0.135. Their sum is
# 1.503, and the quotients are 0.665, 0.245, 0.090.
#
# **Your turn.** All lines are there, out of order and without their indentation. `math.exp` takes one number. Three loops
# over c, one after the other, and one loop around them. Mind where `total` begins: every row needs its own.

# %% exercise="softmax_njit"

# %% [markdown] id="softmax-run-intro"
# Against NumPy, on 2000 rows of 1000 scores:


# %% id="softmax-run" role="demo"
@demo
def softmax_race():
    def in_numpy(z):
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    for dtype in (np.float64, np.float32):
        z = np.random.default_rng(0).normal(size=(2000, 1000)).astype(dtype)
        print(
            f"{dtype.__name__}: NumPy {1e3 * seconds(in_numpy, z):6.2f} ms, yours "
            f"{1e3 * seconds(softmax_njit, z):6.2f} ms"
        )


# %% [markdown] id="softmax-lesson"
# Did you win? Do not be surprised if NumPy did, above all in float32. Here the trips to memory are not what takes the
# time: it is exp. Yours takes one number after the other. NumPy has an exp that takes several at once, where the
# processor can do that. **Measure before you believe**, also what this lesson tells you.

# %% [markdown] id="costs"
# ## What a network costs
#
# Timing tells you what one machine did today. MACs tell you what there is to do, anywhere. For a dense layer you have
# them: N · D · M. Every weight meets every example once, so for one example there are as many MACs as weights.
#
# A **convolution** is different. A filter of k × k slides over the picture, and at *each* place all of its weights are
# used. Lesson 3 counted its weights: C channels make C · k · k. Now count the places.
#
# A filter of 3 on a row of 5 fits at places 0, 1 and 2: that is 5 − 3 + 1 = **3** places. Add `pad` zeros at either end,
# and take steps of `stride`:
#
# $$H_o = \left\lfloor \frac{H + 2 \cdot \text{pad} - k}{\text{stride}} \right\rfloor + 1$$
#
# The half brackets say: round down.

# %% [markdown] id="costs-by-hand"
# ### By hand
#
# The first layer of VGG16: a picture of 224 × 224 pixels and 3 channels, 64 filters of 3 × 3, pad 1, stride 1.
#
# - places along a side: 224 + 2 − 3 + 1 = 224
# - outputs: 64 · 224 · 224 = 3,211,264
# - MACs for each output: 3 · 3 · 3 = 27
# - together: 3,211,264 · 27 = **86,704,128**
#
# This layer has 1728 weights. Each of them is used 50,176 times.
#
# **Your turn.** N pictures, and sides that may differ. `//` divides and rounds down.

# %% exercise="conv2d_macs"

# %% [markdown] id="vgg-intro"
# Lesson 3 counted the parameters of VGG16: 138,357,544. Now the work, layer by layer, for one picture.

# %% id="vgg-layers" role="setup"
vgg16_conv = [  # channels in, pixels along a side, filters
    (3, 224, 64), (64, 224, 64), (64, 112, 128), (128, 112, 128),
    (128, 56, 256), (256, 56, 256), (256, 56, 256),
    (256, 28, 512), (512, 28, 512), (512, 28, 512),
    (512, 14, 512), (512, 14, 512), (512, 14, 512),
]  # fmt: skip
vgg16_dense = [(512 * 7 * 7, 4096), (4096, 4096), (4096, 1000)]  # inputs, units


# %% id="vgg" role="demo"
@demo
def two_budgets():
    parameters, macs = {}, {}
    for l, (C, side, F) in enumerate(vgg16_conv, start=1):
        parameters[f"conv {l}"] = F * C * 3 * 3 + F
        macs[f"conv {l}"] = conv2d_macs(1, C, side, side, F, k=3, stride=1, pad=1)
    for l, (D, M) in enumerate(vgg16_dense, start=14):
        parameters[f"dense {l}"] = D * M + M
        macs[f"dense {l}"] = D * M
    plot.show(
        plot.budgets(parameters, macs, split=13),
        alt="VGG16, its 16 layers from top to bottom, with the share of all parameters to the left "
        "and of all multiplications and additions to the right. Left, almost everything is in the "
        "three dense layers at the bottom, 89 percent, most of it in the first of them. Right, "
        "almost everything is in the thirteen convolutions, 99 percent, spread over all of them, "
        "and the dense layers hardly show.",
    )
    print(f"{sum(parameters.values()):,} parameters, {sum(macs.values()):,} MACs for one picture")


# %% [markdown] id="vgg-lesson"
# The two halves of the picture are nearly opposites. **Parameters say what a network stores, MACs say what it does.**
# Whoever wants it smaller must look at the dense layers, whoever wants it faster at the convolutions.

# %% [markdown] id="repair-the-claim"
# ### Repair the claim
#
# One of the articles this course grew out of explains why deep learning needs GPUs. In our words:
#
# > VGG16 has about 140 million parameters. Imagine all the multiplications it takes to pass one single input through
# > it! In the usual way the training would take years. A GPU simply performs all operations at the same time.
#
# There is a good thought in this, and there are three claims. The first: parameters tell us the multiplications. The cell
# below takes it at its word. Your figure above says 15,470,264,320 for one picture. **Repair the function** until it
# says so too.


# %% id="repair-the-claim-code" role="demo"
def multiplications_for_one_picture():
    """One for each parameter, says the claim."""
    total = 0
    for C, side, F in vgg16_conv:  # noqa: B007
        total += F * C * 3 * 3 + F
    for D, M in vgg16_dense:
        total += D * M + M
    return total


@demo
def repair():
    print(f"claimed: {multiplications_for_one_picture():14,}")
    print(f"needed:  {15_470_264_320:14,}")


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary>A weight of a convolution works at every place of the picture, so in the first loop:
# <code>total += conv2d_macs(1, C, side, side, F, 3, 1, 1)</code>. A dense weight works once, and biases are added, not
# multiplied: <code>total += D * M</code>. The work is 112 times what the claim says.<br>The second claim, the years, you
# will work out for your own machine below.<br>The third: "all at the same time" cannot be. Layer 2 needs what layer
# 1 has computed. Within a layer the outputs do not need each other, and a GPU takes thousands of them at a time, not all.
# Lesson 10 is about that. And not everything is a product of matrices: there are activations, pooling and the loss,
# too.</details>

# %% [markdown] id="conv"
# ## Seven loops
#
# NumPy has no convolution for pictures. Here the loops are yours. First by hand, one picture, one channel, one filter
# of 2 × 2:
#
# $$\begin{pmatrix} 1 & 2 & 0 \\ 0 & 1 & 3 \\ 2 & 0 & 1 \end{pmatrix} \quad \text{and} \quad
# \begin{pmatrix} 1 & 0 \\ 0 & -1 \end{pmatrix} \quad \text{give} \quad
# \begin{pmatrix} 0 & -1 \\ 0 & 0 \end{pmatrix}$$
#
# Lay the filter on the upper left corner: 1 · 1 + 2 · 0 + 0 · 0 + 1 · (−1) = 0. One place further to the right:
# 2 · 1 + 0 · 0 + 1 · 0 + 3 · (−1) = −1. And so on, row by row.
#
# $$Y_{nfhw} = b_f + \sum_c \sum_i \sum_j X_{n,c,h+i,w+j} \, K_{fcij}$$
#
# **Your turn.** Four loops for the outputs (n, f, h, w) and three for the sum (c, i, j). No padding, stride 1. Which loop
# do you share out? Any whose turns write to different cells will do.

# %% exercise="conv2d_njit"

# %% [markdown] id="hundreds-intro"
# ## Hundreds of times
#
# Time for the harvest. Below are loops from your way here: the training of lesson 1, a layer of lesson 3 and its way back
# from lesson 5, written out as their formulas say. And your own of today. Each runs as it stands, then compiled.


# %% id="old-lessons" role="setup"
def perceptron_train(X, y, epochs):
    """Lesson 1, a fixed number of epochs."""
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for n in range(len(y)):
            z = b
            for d in range(X.shape[1]):
                z += X[n, d] * w[d]
            error = y[n] - (1 if z >= 0 else 0)
            for d in range(X.shape[1]):
                w[d] += error * X[n, d]
            b += error
    return w, b


def dense_forward(x, w, b):
    """Lesson 3: z[n, m] = b[m] + Σ_d x[n, d] · w[d, m]"""
    z = np.empty((len(x), len(b)))
    for n in range(len(x)):
        for m in range(len(b)):
            z[n, m] = b[m]
        for d in range(len(w)):
            for m in range(len(b)):
                z[n, m] += x[n, d] * w[d, m]
    return z


def dense_weight_gradient(dz, x):
    """Lesson 5: dw[d, m] = Σ_n x[n, d] · dz[n, m]"""
    dw = np.zeros((x.shape[1], dz.shape[1]))
    for n in range(len(x)):
        for d in range(x.shape[1]):
            for m in range(dz.shape[1]):
                dw[d, m] += x[n, d] * dz[n, m]
    return dw


# %% id="hundreds" role="demo"
@demo
def hundreds():
    rng = np.random.default_rng(0)
    x, w, b, dz = (rng.normal(size=size) for size in ((32, 64), (64, 32), 32, (32, 32)))
    A, B = rng.normal(size=(2, 48, 48))
    pictures, filters, biases = (
        rng.normal(size=s).astype(np.float32) for s in ((4, 2, 14, 14), (4, 2, 3, 3), 4)
    )
    calls = {
        "perceptron, lesson 1": (njit(perceptron_train), *data.calorie_plans(), 10),
        "dense layer, lesson 3": (njit(dense_forward), x, w, b),
        "its way back, lesson 5": (njit(dense_weight_gradient), dz, x),
        "your matmul_njit": (matmul_njit, A, B),
        "your conv2d_njit": (conv2d_njit, pictures, filters, biases),
    }
    times = {
        name: (seconds(function.py_func, *args, runs=1), seconds(function, *args, runs=30))
        for name, (function, *args) in calls.items()
    }
    ratios = {name: plain / fast for name, (plain, fast) in times.items()}
    plot.show(
        plot.speedups(times),
        alt="Five functions, each with the time of one call in plain Python and compiled, on a "
        "scale of powers of ten. How many times shorter it "
        "got: " + "; ".join(f"{name}: {ratio:,.0f}" for name, ratio in ratios.items()) + ".",
    )
    for name, ratio in ratios.items():
        print(f"{name:24} {ratio:8,.0f} times faster")


# %% [markdown] id="hundreds-lesson"
# Not one line was changed. So when do you need loops, and when NumPy? Where NumPy has your operation, take it. Where it
# has not, **write the loops that the formula says, and compile them.** Do not bend a formula until NumPy fits.

# %% [markdown] id="years-intro"
# ### The years
#
# Now the second claim. The authors of VGG16 report how they trained it: 370,000 steps with 256 pictures each. The way
# back takes about twice the MACs of the way forward: one product for the gradient of the weights, one for that of the
# inputs. So each picture costs three times 15.47 billion MACs. How long would you be at it?


# %% id="years" role="demo"
@demo
def years():
    rng = np.random.default_rng(0)
    work = 370_000 * 256 * 3 * 15_470_264_320
    print(f"{work:.1e} MACs\n")
    pictures, filters, b = (
        rng.normal(size=s).astype(np.float32) for s in ((4, 8, 30, 30), (8, 8, 3, 3), 8)
    )
    A = rng.normal(size=(768, 768)).astype(np.float32)
    few = pictures[:1, :, :8, :8]
    rates = {
        "your seven loops, plain Python": conv2d_macs(1, 8, 8, 8, 8, 3)
        / seconds(conv2d_njit.py_func, few, filters, b, runs=1),
        "the same, compiled": conv2d_macs(4, 8, 30, 30, 8, 3)
        / seconds(conv2d_njit, pictures, filters, b),
        "as fast as NumPy's A @ B": 768**3 / seconds(np.matmul, A, A),
    }
    for name, rate in rates.items():
        print(
            f"{name:31} {rate / 1e6:9,.1f} million MACs a second: {work / rate / 3.156e7:10,.1f} "
            "years"
        )


# %% [markdown] id="years-lesson"
# So the article is right about the years, and the word "usual" hides a factor of thousands. In 2014 the authors needed
# two to three weeks, on four GPUs.

# %% [markdown] id="roofline-intro"
# ## The roof of your machine
#
# How fast could a program be, at most? Two things set the limit: how many MACs a second your processor can do, and how
# many bytes a second memory can bring. Which of the two counts for a program? That depends on its MACs *for each byte*
# of its arrays. A sum uses each number once. A product of matrices uses each number many times.
#
# We measure both limits: the one by reading a long array, the other by NumPy's product. Both are only the best that we
# see on a machine that has other things to do as well. Then we put your programs below them. All arrays are float32.


# %% id="roofline" role="demo"
@njit(parallel=True, fastmath=True)
def read_all(x):
    total = np.float32(0)
    for n in prange(len(x)):
        total += x[n]
    return total


@demo
def roof():
    sizes = (24_000_000, 4_000_000, 4_000_000, (256, 256), (256, 256), (768, 768))
    sizes += ((8, 8, 30, 30), (8, 8, 3, 3), 8)
    rng = np.random.default_rng(0)
    long, p, y, A, B, large, pictures, filters, b = (rng.random(s, np.float32) for s in sizes)
    memory = long.nbytes / seconds(read_all, long)
    arithmetic = 768**3 / seconds(np.matmul, large, large)
    calls = {
        "fused_mse": (4e6, fused_mse, p, y),
        "row_sums": (4e6, row_sums, p.reshape(2000, 2000)),
        "matmul_njit": (256**3, matmul_njit, A, B),
        "matmul, m innermost": (256**3, njit(reordered(matmul_njit, "nkm")), A, B),
        "conv2d_njit": (conv2d_macs(8, 8, 30, 30, 8, 3), conv2d_njit, pictures, filters, b),
    }
    programs = {}
    for name, (macs, function, *arrays) in calls.items():
        moved = sum(array.nbytes for array in arrays) + np.asarray(function(*arrays)).nbytes
        programs[name] = macs / moved, macs / seconds(function, *arrays)
    # the best that anybody has reached
    memory = max(memory, *(speed / work for work, speed in programs.values()))
    arithmetic = max(arithmetic, *(speed for _, speed in programs.values()))
    plot.show(
        plot.roofline(programs, memory, arithmetic),
        alt="A roof over a plane with MACs per byte across and billion MACs a second up, both in "
        f"powers of ten. It rises with {memory / 1e9:.3g} gigabytes a second, then is level at "
        f"{arithmetic / 1e9:.3g} billion MACs a second. Below it are programs, with their speed in "
        "billion MACs a second: "
        + "; ".join(f"{name}: {speed / 1e9:.2g}" for name, (_, speed) in programs.items())
        + ".",
    )
    print(f"The roof has its bend at {arithmetic / memory:.1f} MACs for each byte.")


# %% [markdown] id="roofline-lesson"
# This drawing is called a **roofline**. Left of the bend memory is the limit: there only fewer bytes help, as in a fused
# loop, or with float32 instead of float64. Right of it the processor is. Whatever is far below the roof has something
# idle above it.
#
# - `fused_mse` and the two products run on one thread, the roof was measured with all of them.
# - `matmul_njit` and the product with m innermost do the same MACs on the same bytes. Between the two points lies
#   nothing but the order of loops.
# - `conv2d_njit` adds its MACs one after the other into one number. Numba must not change the order of a sum, for you
#   would get other last digits. `@njit(fastmath=True)` lets it. Now you know what you sign there.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **1957.** John Backus and his team at IBM finish FORTRAN. Hardly anybody had believed that a compiler could write
#   machine code as good as a person's.
# - **1979.** Charles Lawson, Richard Hanson, David Kincaid and Fred Krogh publish the Basic Linear Algebra
#   Subprograms, BLAS. Products of matrices joined them in 1990, and `A @ B` calls a library of that name to this day.
# - **2003.** Chris Lattner publishes LLVM, a compiler to build compilers on. Numba, begun in 2012 by Travis Oliphant,
#   leaves the machine code to it.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about earlier ones. Answer from memory, then read why. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("09_numba")

# %% [markdown] id="take-along"
# ## What to take along
#
# - An interpreter asks at every step, a compiler asks once. The first call compiles.
# - nopython: one type for everything, and `np.zeros(M, A.dtype)` keeps it.
# - Of an error read three lines: what, called with what, where.
# - The last index should move fastest.
# - A prange is yours to vouch for: no two turns at one cell. Share out the rows, not the sum.
# - Parameters are what a network stores. MACs are what it does.
# - Measure, and do not count the first call.
#
# **Next: lesson 10, CUDA.** Two threads were enough for a quarrel. There it will be thousands.

# %% [markdown] id="how-far"
# ## How far can it go?
#
# This section is for the curious. Nothing later needs it.
#
# A product of matrices lies under the level part of the roof, far to the right. So how much of one core can loops
# get, without a library? Here is the same product in four ways, all in float32 and on one thread.
#
# - **loops** Your function, run by the interpreter, on a smaller matrix.
# - **njit** Your function, compiled. For every single MAC it fetches a number of B and one of C.
# - **tiles** A compiled loop that keeps 4 rows and 4 columns of A at hand, 16 numbers. It fetches 4 numbers of B and
#   4 of C, and does 4 · 4 = 16 MACs with them.
# - **vectors** A **register** is a place inside the processor for what it computes with. Today's registers hold several
#   numbers: 4, 8 or 16 in float32. So far the compiler filled them where it could. Here the instructions on whole
#   registers are written down one by one, and a piece of C stays in registers until its sum is done.
#
# The last bar is the most that one core can do: MACs on numbers that never leave their registers. The scale goes in
# powers of ten, or you could not see the first bar.


# %% id="how-far-run" role="demo"
@demo
def how_far():
    A, B = np.random.default_rng(0).normal(size=(2, 192, 192)).astype(np.float32)
    small = A[:48, :48].copy()
    speed = {
        "loops": 48**3 / seconds(matmul_njit.py_func, small, small, runs=1),
        "njit": 192**3 / seconds(matmul_njit, A, B),
        "tiles": 192**3 / seconds(product_in_tiles, A, B),
        "vectors": 192**3 / seconds(product_in_vectors, A, B),
        "peak": most_macs(seconds),
    }
    products = {name: found for name, found in speed.items() if name != "peak"}
    plot.show(
        plot.bars(
            {"a product": products, "MACs and nothing else": {"peak": speed["peak"]}},
            "billion MACs a second",
            unit=1e9,
            log=True,
        ),
        alt="Five bars on a scale of powers of ten, with the speed in billion MACs a second: "
        + "; ".join(f"{name}: {found / 1e9:.3g}" for name, found in speed.items())
        + ".",
    )
    for name, found in speed.items():
        print(
            f"{name:8} {found / 1e6:11,.1f} million MACs a second, "
            f"{found / speed['njit']:8.3g} times njit, "
            f"{100 * found / speed['peak']:7.3g} % of the peak"
        )


# %% [markdown] id="how-far-lesson"
# From the first bar to the last but one, each MAC is the same. What changed is what comes with it. From loops to njit,
# the interpreter's questions are gone. After that it is how often a number is fetched, and how many numbers an
# instruction takes.
#
# What is still missing to the peak? The answer has to be written, numbers of B come from a cache, and each piece takes
# time to begin and to end. Closing that gap is what the people behind `A @ B` do.
#
# The price: tiles and vectors take only matrices whose sides are multiples of 64, and vectors are hard to read. Look at
# both: `from course import vectors`, then `vectors??`.

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Write a product that works on blocks of 32 × 32, so that a block of B stays in the cache while all rows of A
# pass by. How much closer to NumPy do you get? And try `@njit(parallel=True)` with `prange` on each of the three loops of
# your product. For which does `check` name a cell?
#
# **Keep what was compiled.** `@njit(cache=True)` writes the machine code to a file, and the next start reads it.
#
# **Why not always `fastmath`?** It also lets the compiler assume that there are no infinities and no `nan`. Then a test for
# `nan`, the one you wrote to find the bug, may be compiled away.
#
# **Compiled code does not look where it steps.** In plain Python an index too far is an error. In compiled code it reads
# or writes whatever lies there, unless you say `@njit(boundscheck=True)`. `check` runs your plain lines first, for this
# very reason.
#
# **Read.**
# - S. K. Lam, A. Pitrou and S. Seibert, "Numba: a LLVM-based Python JIT compiler", *Proceedings of the Second Workshop on
#   the LLVM Compiler Infrastructure in HPC* (2015)
# - S. Williams, A. Waterman and D. Patterson, "Roofline: an insightful visual performance model for multicore
#   architectures", *Communications of the ACM* 52 (2009), 65–76
# - D. Goldberg, "What every computer scientist should know about floating-point arithmetic", *ACM Computing Surveys* 23
#   (1991), 5–48
# - H.-J. Boehm, "How to miscompile programs with 'benign' data races", *HotPar* (2011): why a race is never harmless
# - U. Drepper, "What every programmer should know about memory" (2007)
# - K. Goto and R. A. van de Geijn, "Anatomy of high-performance matrix multiplication", *ACM Transactions on Mathematical
#   Software* 34 (2008), article 12
# - C. L. Lawson, R. J. Hanson, D. R. Kincaid and F. T. Krogh, "Basic Linear Algebra Subprograms for Fortran usage", *ACM
#   Transactions on Mathematical Software* 5 (1979), 308–323
# - K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image recognition", *International
#   Conference on Learning Representations* (2015)
