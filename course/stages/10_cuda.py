# %% [markdown] id="title"
# # 10 · CUDA
#
# **A thousand workers, one list of instructions. How do you keep them out of each other's way?**
#
# Deep learning runs on chips that hold thousands of small computing units. You are about to write programs for them:
# a sum, a ReLU, a matrix product, and a better matrix product. You will see which worker touches which number, and
# when. At the end your own programs read handwriting.
#
# About {minutes} minutes · {points} points · no network connection needed, and no GPU: there is a simulator
#
# **You will be able to**
# - write a kernel, and launch enough threads for it
# - let threads share numbers, and say when they have to wait for one another
# - find a race before it finds you
# - say what a GPU does at the same time, and what it does not

# %% [markdown] id="where-intro"
# ## Where it runs
#
# The next cell looks for a GPU by NVIDIA. If one answers, your programs run there. If none does, they run in **numba's
# simulator**: the same programs, played by Python on your processor. Everything in this lesson works there, with small
# arrays. The cell says which of the two it is, and why.

# %% id="imports" role="setup"
import numpy as np

from course import check, data, demo, gpu, hint, plot, predict, quiz

where = gpu.choose()  # before the next line: numba makes up its mind when it is imported

from numba import cuda

# %% [markdown] id="row-times-column"
# ## Why GPUs
#
# You know the picture from lesson 3. For one entry of the product C = A · B, take a row of A and a column of B,
# multiply pair by pair, and add up:
#
# $$\begin{pmatrix} \mathbf{1} & \mathbf{2} \\ 3 & 4 \end{pmatrix} \cdot
# \begin{pmatrix} 5 & \mathbf{6} \\ 7 & \mathbf{8} \end{pmatrix} =
# \begin{pmatrix} 19 & \mathbf{22} \\ 43 & 50 \end{pmatrix}$$
#
# The row (1, 2) meets the column (6, 8): 1 · 6 + 2 · 8 = **22**.
#
# Now look at the other entries: 19, 43, 50. Did you need 22 for any of them? No. *No entry waits for another.* Four
# people could compute the four entries, and nobody would have to talk.
#
# That is all a GPU wants: the same recipe for many entries that do not wait for each other. It was built for pictures,
# where the entries are pixels. It fits layers of neurons just as well.

# %% [markdown] id="thread-block-grid"
# ## Threads, blocks, grid
#
# Four words, and most of it is said.
#
# - A **kernel** is the recipe: a function that says what *one* worker does.
# - A **thread** is one worker. Each runs the whole kernel once.
# - Threads come in **blocks**, all of the same size. The threads of a block can help each other.
# - All blocks together are the **grid**.
#
# Nobody tells a thread what to do. But it can ask *who am I?* It knows the number of its block, `cuda.blockIdx.x`, its
# own number within the block, `cuda.threadIdx.x`, and how many threads a block has, `cuda.blockDim.x`. From these it
# works out which entry is its own.

# %% [markdown] id="who-am-i"
# ### By hand
#
# Ten entries, blocks of four threads. Count through all blocks:
#
# i = block · 4 + thread
#
# | | thread 0 | thread 1 | thread 2 | thread 3 |
# |---|---|---|---|---|
# | block 0 | 0 | 1 | 2 | 3 |
# | block 1 | 4 | 5 | 6 | 7 |
# | block 2 | 8 | 9 | **10** | **11** |
#
# Two blocks are not enough, for entries 8 and 9 would be left over. Three blocks are too many: threads 10 and 11 have no
# entry. Blocks come whole, so this is the normal case. Those two must be told to do nothing. That is the **guard**.

# %% [markdown] id="blocks-for-intro"
# ### How many blocks?
#
# The computer a GPU sits in is called the **host**. Starting a kernel is the host's work, so this is ordinary Python:
# how many blocks of `threads` threads are needed, so that no entry is left over?
#
# **Your turn.** Return a whole number. `cells` is the number of entries: a **cell** is the place of an entry in its
# array.

# %% exercise="blocks_for"

# %% [markdown] id="first-kernel"
# ## Your first kernel
#
# This one is written for you. Read it line by line.
#
# - `@cuda.jit` makes a kernel of the function below it.
# - `cuda.grid(1)` is the sum you did by hand, block · width + thread. The 1 says that the grid is a row.
# - `if i < c.size:` is the guard.
# - There is no loop, and no `return`. A kernel leaves its result in an array that it was given.

# %% exercise="vector_add"

# %% [markdown] id="launch-intro"
# ### Launch it
#
# A GPU has memory of its own. So the host takes three steps: copy the input there, **launch** the kernel, copy the result
# back. A launch looks like a call with square brackets:
#
# `kernel[blocks, threads](arguments)`
#
# Mind the order: first how many blocks, then how many threads each block has. If you forget the copy back, the result
# stays on the GPU.


# %% id="launch" role="demo"
@demo
def launch():
    a, b = np.arange(10, dtype=np.float32), np.full(10, 100, np.float32)
    on_gpu = [cuda.to_device(array) for array in (a, b)]
    c = cuda.device_array_like(a)
    vector_add[blocks_for(a.size, 4), 4](*on_gpu, c)
    print(c.copy_to_host())


# %% [markdown] id="film-intro"
# ### Who touches what, and when?
#
# Where a kernel really runs, there is nothing to see. So the course has a second way to run it: `gpu.watch` plays all
# threads one by one, in plain Python, and writes down each access to memory. Your `check` does the same. It therefore
# notices more than wrong numbers, and no slip of yours can harm a GPU.
#
# The film plays a GPU that has room for two blocks at a time. Watch the third one.


# %% id="film" role="demo"
@demo
def film():
    a, b, c = np.arange(10.0), np.full(10, 100.0), np.full(10, np.nan)
    seen = gpu.watch(vector_add, 3, 4, a, b, c)
    figures, captions = plot.touches(seen, wave=2)
    plot.film(
        figures,
        captions,
        alt="Above, twelve numbered threads in three blocks of four. Below, three arrays of ten "
        "entries: a, b and c. First threads 0 to 7, the blocks 0 and 1, read entries 0 to 7 of a, "
        "then of b, then they write entries 0 to 7 of c. Only then comes block 2: threads 8 and 9 "
        "do the same with entries 8 and 9, while threads 10 and 11 stay idle.",
    )
    print(seen)


# %% [markdown] id="film-lesson"
# Thread i touches entry i of each array and no other. Ten entries read twice and written once: 20 reads, 10 writes, and
# not one could be saved.
#
# Two more things are in this film. Block 2 had to wait, for this GPU had no room. And you could not have known in which
# order the blocks would come: a GPU promises none.

# %% [markdown] id="no-guard-intro"
# ### Without the guard
#
# What if threads 10 and 11 are not told to stay idle?


# %% id="no-guard" role="demo"
@cuda.jit
def unguarded(a, b, c):
    i = cuda.grid(1)
    c[i] = a[i] + b[i]


@demo
def without_guard():
    c = np.full(10, np.nan)
    print(gpu.watch(unguarded, 3, 4, np.arange(10.0), np.arange(10.0), c))
    print(c)


# %% [markdown] id="no-guard-lesson"
# All ten sums are right! And yet thread 10, which is number 2 of block 2, has left its array. On a GPU nobody checks
# that. It reads whatever lies behind a, and *writes* over whatever lies behind c: a neighbor's numbers, perhaps your
# weights. The damage shows up later, somewhere else.

# %% [markdown] id="stride-intro"
# ## More entries than threads
#
# One thread for each entry is simple. But a thread is no better for being fresh, and a million of them have to be
# started. A thread may as well do several entries. Which ones, so that nothing is done twice?
#
# Say there are 8 threads in all. Thread 3 takes entry 3, then jumps over everybody else, to 11, then to 19, …
#
# | thread | its entries, of 20 |
# |---|---|
# | 0 | 0, 8, 16 |
# | 3 | 3, 11, 19 |
# | 4 | 4, 12 |
# | 7 | 7, 15 |
#
# The jump is as long as the grid has threads, `cuda.gridsize(1)`. This is a **grid-stride loop**. A loop that ends where
# the array ends needs no guard, so a launch of any size is right.
#
# **Your turn.** Lesson 2's ReLU. Start at your own number, end where x ends, jump over all the others.

# %% exercise="relu_kernel"

# %% [markdown] id="stride-picture-intro"
# Here is everything that thread 3 touches.


# %% id="stride-picture" role="demo"
@demo
def stride():
    x, y = np.linspace(-2, 2, 20), np.full(20, np.nan)
    plot.show(
        plot.one_thread(gpu.watch(relu_kernel, 2, 4, x, y), block=(0, 0, 0), thread=(3, 0, 0)),
        alt="Two arrays of twenty entries, x and y. Entries 3, 11 and 19 of x are read, entries 3, "
        "11 and 19 of y written.",
    )
    relu_kernel[2, 4](x, y)
    print(np.round(y, 1))


# %% [markdown] id="two-dimensions"
# ## A matrix product
#
# The entries of a matrix lie in rows and columns, so let the threads lie like that too. A grid may have two directions.
# **x runs to the right, y runs down.** `cuda.grid(2)` gives both, x first:
#
# `n, m = cuda.grid(2)`
#
# Read it again, for it goes against a habit. We write C[m, n], the row first. The grid says x first, and x is the
# *column*. There is a reason to have it this way around; it comes as a picture soon.
#
# The plan: **one thread for each entry of C.** It walks along row m of A and down column n of B, and keeps the sum to
# itself until it is complete. To start the sum, `C.dtype.type(0)` is a zero of the same kind of number as in C.
#
# **Your turn.** All lines are there, without their order and their indentation.

# %% exercise="matmul_naive"

# %% [markdown] id="one-entry-intro"
# In the picture are the 8 · 8 entries of three matrices, and everything that a single thread touched.


# %% id="one-entry" role="demo"
@demo
def one_entry():
    A, B, C = np.ones((8, 8)), np.ones((8, 8)), np.full((8, 8), np.nan)
    seen = gpu.watch(matmul_naive, (2, 2), (4, 4), A, B, C)
    plot.show(
        plot.one_thread(seen, block=(1, 0, 0), thread=(1, 2, 0)),
        alt="Three grids of 8 times 8 entries. One thread reads the whole row 2 of A and the whole "
        "column 5 of B, and writes the one entry of C where that row and that column meet.",
    )
    print(seen)


# %% [markdown] id="one-entry-lesson"
# A row, a column, one entry: 16 reads and 1 write. 64 threads do the same, which makes 1,024 reads and 64 writes.
#
# Keep the 1,024 in mind. A and B together hold 128 numbers.

# %% [markdown] id="repair-the-claim"
# ## Repair the claim
#
# One of the articles this course grew out of explains in a sentence why deep learning uses GPUs. In our words:
#
# > A network is made of matrix products. To make them fast, simply perform all operations at the same time, instead of
# > one after the other.
#
# The cell below counts. A GPU has **lanes**: units that can multiply and add one pair of numbers in each round. A lane
# takes a thread, stays with it for its K pairs, one after the other, then takes the next. The claim says: one round for
# everything.
#
# **Repair `rounds`** until the two columns agree. You have already written half of it.

# %% id="rounds-counted" role="setup"
H100 = 132 * 128  # NVIDIA H100 (SXM): 132 multiprocessors with 128 lanes each


def counted(M, K, N, lanes):
    """The rounds until A (M, K) times B (K, N) is done, counted with a queue of threads."""
    waiting, count = M * N, 0
    while waiting > 0:
        waiting -= lanes
        count += K
    return count


# %% id="repair-the-claim-code" role="demo"
def rounds(M, K, N, lanes):
    return 1  # "all operations at the same time"


@demo
def repair():
    print("     M     K     N     lanes        claimed        counted")
    for M, K, N, lanes in (
        (2, 3, 2, 4),
        (2, 3, 2, 1),
        (5, 4, 3, 8),
        (512, 512, 512, 1),
        (512, 512, 512, H100),
    ):
        said, done = rounds(M, K, N, lanes), counted(M, K, N, lanes)
        print(f"{M:6}{K:6}{N:6}{lanes:10,}{said:15,}{done:15,}  {'agree' if said == done else ''}")


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary>There are M · N threads. They take turns on the lanes:
# <code>blocks_for(M * N, lanes)</code> turns. A turn lasts K rounds, because a sum grows one pair at a time:
# <code>return blocks_for(M * N, lanes) * K</code>.<br>For 512 × 512 that makes 134,217,728 rounds on one lane, and 8,192
# on a large GPU: 16,384 times fewer. Not one.</details>

# %% [markdown] id="not-at-once"
# ### Not at once
#
# So a GPU does a lot at the same time, and still most of it one after the other.
#
# - **Blocks queue.** A multiprocessor takes as many as it has room for. The others wait.
# - **A sum grows step by step.** In your kernel every thread has K pairs to add, and nobody helps it.
# - **Some things must come first.** Layer 2 cannot begin before layer 1 is done, and the way back not before the way
#   there.
# - **Numbers have to arrive.** In most kernels, lanes wait for memory longer than they compute.
#
# And a network is more than its products. There are biases, activations, a softmax, a loss, an optimizer. They need
# little arithmetic, but all their numbers must be fetched as well.


# %% id="waves" role="demo"
@demo
def waves():
    plot.show(
        plot.waves(blocks=10, multiprocessors=4),
        alt="Ten blocks on four multiprocessors, over time. Blocks 0 to 3 run first, one on each. "
        "Then come 4 to 7, then 8 and 9. In this third turn two multiprocessors have nothing to "
        "do.",
    )


# %% [markdown] id="waves-lesson"
# Ten blocks, four multiprocessors, three turns. The last turn is half empty. With eleven or twelve blocks it would have
# taken exactly as long.

# %% [markdown] id="memory-intro"
# ## Memory comes in pieces
#
# Why is x the column? Threads run in groups of 32, a **warp**. All 32 do the same at the same time, so all 32 ask for
# memory at the same time. And memory never sends a single number. It sends **sectors**: 32 bytes that lie side by side,
# which is 8 numbers of `float32`.
#
# A matrix lies in memory row after row. In the pictures, the 32 threads of a warp ask for their first number. On the left
# is your kernel, where x is the column, asking for B. On the right x is the *row*, and the kernel asks for A.


# %% id="memory" role="demo"
@cuda.jit
def x_is_the_row(A, out):
    row = cuda.grid(1)
    if row < A.shape[0]:
        out[row] = A[row, 0]


@demo
def memory():
    A, B, C = (
        np.ones((32, 32), np.float32),
        np.ones((32, 32), np.float32),
        np.zeros((32, 32), np.float32),
    )
    ours = gpu.watch(matmul_naive, (1, 1), (32, 1), A, B, C).first("B")
    other = gpu.watch(x_is_the_row, 1, 32, A, np.zeros(32)).first("A")
    plot.show(
        plot.coalescing({"x is the column: reads of B": ours, "x is the row: reads of A": other}),
        alt="Two grids of 32 times 32 numbers, cut into sectors of 8 numbers in a row. Left, the "
        "32 threads ask for the first row: 4 sectors, every number of which is wanted. Right, they "
        "ask for the first column: 32 sectors are fetched, and of each sector only the first of 8 "
        "numbers is wanted.",
    )


# %% [markdown] id="memory-lesson"
# The same 32 numbers: 4 sectors on the left, 32 on the right. Threads side by side should read numbers side by side. Then
# their requests melt into few, which is called **coalescing**. Both kernels are right, and `check` would be content with
# either. But for these 32 numbers, the right-hand one makes a GPU fetch eight times as much.

# %% [markdown] id="again-and-again"
# ## The same number, again and again
#
# Back to the 1,024 reads of 128 numbers. The four threads of a block that stand in one row of C all read the same row of
# A, each for itself, from **global memory**: large, shared by everybody, and far away.
#
# A block has a memory of its own: **shared memory**. It is small, near, and seen by the threads of this block alone. So
# fetch each number once *for the block*, put it there, and let everybody use it.

# %% [markdown] id="tiles-by-hand"
# ### By hand
#
# A and B with 4 rows and columns, and blocks of 2 × 2 threads. A block computes a square of C, a **tile**. For that it
# needs two rows of A and two columns of B. It takes them in two rounds, a tile of A and a tile of B at a time:
#
# | | round 1 | round 2 |
# |---|---|---|
# | each thread fetches | 1 number of A, 1 of B | 1 number of A, 1 of B |
# | then everybody adds | 2 pairs from the tiles | 2 pairs from the tiles |
#
# Without tiles a thread reads 4 + 4 = 8 numbers. With tiles it fetches 2 + 2 = **4**, and finds the rest in shared memory.
# All 16 threads: 64 trips to global memory instead of 128. A tile of 2 halves the trips, a tile of 16 saves 15 out of 16.

# %% [markdown] id="mirror-intro"
# ### Wait for each other
#
# Sharing has a catch. Here is the smallest kernel that has it: each block turns its four numbers around, by way of a
# shelf in shared memory. Every thread puts its number on the shelf, then takes the one at the other end.
#
# `cuda.shared.array(4, np.float64)` is the shelf: one for each block, not one for each thread. Its size has to be known
# before the launch, a number or a global constant.


# %% id="mirror" role="demo"
@cuda.jit
def mirror(x, out):
    shelf = cuda.shared.array(4, np.float64)
    i, t = cuda.grid(1), cuda.threadIdx.x
    shelf[t] = x[i]
    out[i] = shelf[3 - t]


@demo
def too_early():
    out = np.zeros(8)
    seen = gpu.watch(mirror, 2, 4, np.arange(8.0), out)
    print(out)
    print(seen)


# %% [markdown] id="mirror-lesson"
# Thread 0 takes from the far end before thread 3 has put anything there. This is a **race**: two threads touch the same
# entry, at least one of them writes, and nothing says who comes first. The report names the entry and both threads.
#
# (`nan` is what the course puts into memory that nobody has written to. A GPU has no such courtesy. It hands out whatever
# was left there, and often that happens to be the right number, until one day it is not.)

# %% [markdown] id="barrier"
# ### The barrier
#
# `cuda.syncthreads()` is the cure: a line that no thread crosses before *all* threads of its block have come to it. It
# is called a **barrier**. What was written before it is there for everybody after it.
#
# **Try it.** Add the line to `mirror`, between the two lines with `shelf[…]`, and run the cell again. The numbers come out
# in reverse, four by four, and the report has nothing to say.

# %% [markdown] id="uneven-intro"
# ### All of them, or none
#
# A barrier counts heads. So what happens if a part of the block takes another way?


# %% id="uneven" role="demo"
@cuda.jit
def only_two(x, out):
    t = cuda.threadIdx.x
    if t < 2:
        cuda.syncthreads()
    out[t] = x[t]


@demo
def uneven():
    print(gpu.watch(only_two, 1, 4, np.arange(4.0), np.zeros(4)))


# %% [markdown] id="uneven-lesson"
# Two threads stand at the barrier, the other two have gone home. NVIDIA's guide says that such code "is likely to hang or
# produce unintended side effects". The same may happen to a kernel whose surplus threads leave early, with a `return`
# before the barrier.
#
# Remember it like this: **guard the reads and writes, not the threads.** A thread without an entry still comes to every
# barrier.

# %% [markdown] id="tiled-task"
# ### Your turn
#
# The tiled product. Each round, a block carries a tile of A and a tile of B into shared memory, and everybody adds up
# TILE pairs from there. What to think of:
#
# - `TILE` is a global constant, and a block has TILE × TILE threads. Two shared arrays hold the tiles.
# - Round by round the tile of A moves to the right, the tile of B moves down: `for start in range(0, K, TILE)`.
# - Threads beyond an edge of A or B put a **zero** into the tile. It does no harm to a sum.
# - Two moments of each round need everybody. When must the tiles be complete? And when may they be overwritten?
# - Only threads that have an entry of C write one.

# %% id="constants" role="setup"
TILE = 16 if where == "gpu" else 8  # the side of a tile
LANES = 128 if where == "gpu" else 32  # threads of a block of reduce_sum, further below

# %% exercise="matmul_tiled"

# %% [markdown] id="tiled-film-intro"
# ### The film
#
# 8 × 8 matrices, tiles of 4, and the block at the upper right of C. Each entry shows the thread that touches it, as
# x,y. If several touch it at once, it shows how many they are.


# %% id="tiled-film" role="demo"
@demo
def tiled_film():
    A, B, C = np.ones((8, 8)), np.ones((8, 8)), np.full((8, 8), np.nan)
    seen = gpu.watch(matmul_tiled, (2, 2), (4, 4), A, B, C, TILE=4)
    figures, captions = plot.touches(seen, every=2, blocks=[(1, 0, 0)])
    plot.film(
        figures,
        captions,
        alt="Three 8 times 8 matrices A, B and C, and below them two tiles of 4 times 4 in shared "
        "memory. First the sixteen threads read the upper left quarter of A, each one number, and "
        "write it into the first tile; then the upper right quarter of B into the second. After "
        "the barrier they read from the tiles alone: a column of the first and a row of the second "
        "at a time, each number by four threads at once. After the next barrier the same with the "
        "upper right quarter of A and the lower right quarter of B. At the end each thread writes "
        "one entry of C, in the upper right quarter.",
    )


# %% [markdown] id="tiled-film-lesson"
# Watch A and B. They are asked four times in the whole film, by each thread for one number. Everything in between is near.

# %% [markdown] id="trips-intro"
# ### Counted
#
# Here are both of your kernels on 16 × 16 matrices.


# %% id="trips" role="demo"
@demo
def trips():
    A, B, C = np.ones((16, 16)), np.ones((16, 16)), np.full((16, 16), np.nan)
    counts = {"one thread an entry": gpu.watch(matmul_naive, (2, 2), (8, 8), A, B, C)}
    for side in (2, 4, 8):
        counts[f"tiles of {side}"] = gpu.watch(
            matmul_tiled, (16 // side,) * 2, (side, side), A, B, C, TILE=side
        )
    reads = {name: seen.counts()["global"]["reads"] for name, seen in counts.items()}
    plot.show(
        plot.trips(reads, least=A.size + B.size),
        alt="Bars of how many numbers are read from global memory for a product of 16 times 16 "
        "matrices. One thread an entry: 8,192. Tiles of 2: 4,096. Tiles of 4: 2,048. Tiles of 8: "
        "1,024. A dashed line marks 512, every number read once.",
    )


# %% [markdown] id="trips-lesson"
# Every doubling of the tile halves the trips. The arithmetic has not changed by a single multiplication. Only the way the
# numbers take has, and on a GPU that is usually what costs time.
#
# Why not a tile of 1,000, then? Shared memory is small, and a block has at most 1,024 threads. That makes 32 × 32.

# %% [markdown] id="lost-intro"
# ## Everybody writes to one place
#
# Add up an array: now all threads want to write to the same entry. Start simple. Four blocks of 32 threads, and each
# thread adds 1 to `total[0]`:
#
# `total[0] += 1`
#
# The 32 threads of a warp walk in step: all of them read, all of them add, all of them write. The blocks come one after
# the other. What does `total[0]` hold in the end? Say it first; the cell after the question waits for your answer.

# %% id="lost-prediction" role="demo"
predict(
    "lost-additions",
    "128 threads add 1 to the same entry, walking in step. What does it hold in the end?",
    ["128", "127", "32", "4"],
)


# %% id="lost" role="demo"
@cuda.jit
def count_me(total):
    total[0] += 1


@demo(after="lost-additions")
def lost():
    total = np.zeros(1)
    print(gpu.watch(count_me, 4, 32, total, lockstep=True))
    predict.reveal("lost-additions", f"{total[0]:.0f}")


# %% [markdown] id="lost-lesson"
# <details><summary><b>After your run, open this</b></summary>
#
# `+=` looks like one thing and is three: read, add, write. All 32 read the same old number, all add 1, and all write the
# same new number. Of 32 additions one survives, and of 128 only four.
#
# On a GPU the blocks overlap too, so not even 4 is certain. It may differ from run to run. And in numba's simulator, where
# Python rarely interrupts a thread just there, it is nearly always 128. *That a race goes well where you test it means
# nothing.* This is why `check` looks at the accesses and not only at the sum.
#
# </details>

# %% [markdown] id="atomic"
# ### Atomic
#
# `cuda.atomic.add(total, 0, 1)` does all three as one: nobody comes in between. It is called **atomic**, not to be divided.
#
# It has its price. Whoever adds to the same entry has to queue, 128 in a row. For a million numbers that is the opposite of
# parallel. So first make them few.

# %% [markdown] id="tree-by-hand"
# ### A tree
#
# Eight numbers in a block, half of the threads at work:
#
# | step | half | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
# |---|---|---|---|---|---|---|---|---|---|
# | | | 3 | 1 | 4 | 1 | 5 | 9 | 2 | 6 |
# | 1 | 4 | **8** | **10** | **6** | **7** | 5 | 9 | 2 | 6 |
# | 2 | 2 | **14** | **17** | 6 | 7 | | | | |
# | 3 | 1 | **31** | 17 | | | | | | |
#
# In a step, each thread below `half` adds the number that stands `half` places further on. 3 + 5 = 8, 1 + 9 = 10, and so
# on. Three steps instead of seven; for 1,024 numbers it is ten instead of 1,023. *Ten, not one: even this has an order.*
#
# This is a **reduction**. A block makes one number of all of its own, and only then comes one atomic addition for each
# block.

# %% [markdown] id="reduce-task"
# **Your turn.** A block has `LANES` threads, and LANES is a power of two: 2, 4, 8, 16, … (It is a constant of this
# lesson, set above, and not the number of lanes that a GPU has.) What to think of:
#
# - Each thread brings one number into shared memory. If there is none for it, it brings 0.
# - `half` begins at LANES // 2, and `half //= 2` halves it.
# - Each step reads what the step before has written. Who has to wait, and where does the barrier stand, so that *all*
#   threads come to it?
# - One thread speaks for the block.

# %% exercise="reduce_sum"

# %% [markdown] id="reduce-film-intro"
# The eight numbers of the table, and eight more: two blocks of eight threads.


# %% id="reduce-film" role="demo"
@demo
def reduce_film():
    x, total = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]), np.zeros(1)
    seen = gpu.watch(reduce_sum, 2, 8, x, total, LANES=8)
    figures, captions = plot.touches(seen, every=3)
    plot.film(
        figures,
        captions,
        alt="Sixteen threads in two blocks of eight; the arrays x, with 16 entries, total, with "
        "one, and partial, eight entries of shared memory. The eight threads of block 0 each copy "
        "an entry of x into partial. Then threads 0 to 3 add the right half of partial to its left "
        "half, then threads 0 and 1, then thread 0 alone. Thread 0 adds partial 0 to total. After "
        "that block 1 does the same with the other half of x and a partial of its own.",
    )
    print(f"total {total[0]:.0f}, NumPy says {x.sum():.0f}")


# %% [markdown] id="order-lesson"
# Which block adds first is luck. With whole numbers that makes no difference. With floats, (a + b) + c and a + (b + c)
# may differ in the last digit, so a sum on a GPU can come out a little different each time. Whoever needs the same bits
# every time has to fix the order, and pays for it.

# %% [markdown] id="reader-intro"
# ## Your kernels read handwriting
#
# Lesson 3 had a network that somebody else had trained to read digits: 64 pixels, 32 hidden units, 10 outputs. A layer
# is a product, a bias, a ReLU. You have the product. For the rest, two ways:
#
# - **Two kernels.** One adds the bias and writes. Then your `relu_kernel` reads that again, and writes once more.
# - **One kernel.** It adds the bias and cuts off at 0 *before* it writes.
#
# The second one is called **fused**.


# %% id="fused" role="setup"
@cuda.jit
def add_bias(Z, b, Y):
    column, row = cuda.grid(2)
    if row < Y.shape[0] and column < Y.shape[1]:
        Y[row, column] = Z[row, column] + b[column]


@cuda.jit
def bias_relu(Z, b, Y):
    column, row = cuda.grid(2)
    if row < Y.shape[0] and column < Y.shape[1]:
        z = Z[row, column] + b[column]
        Y[row, column] = z if z > 0 else 0


# %% id="fused-count" role="demo"
@demo
def fused():
    Z, b = np.random.default_rng(0).normal(size=(16, 32)), np.ones(32)
    between, Y = np.empty_like(Z), np.empty_like(Z)
    apart = [gpu.watch(add_bias, (4, 2), (8, 8), Z, b, between)]
    apart += [gpu.watch(relu_kernel, 4, 32, between.ravel(), Y.ravel())]
    together = [gpu.watch(bias_relu, (4, 2), (8, 8), Z, b, Y)]
    for name, launches in {"two kernels": apart, "fused": together}.items():
        seen = [launch.counts()["global"] for launch in launches]
        print(
            f"{name:>12}: {sum(n['reads'] for n in seen):5,} reads, "
            f"{sum(n['writes'] for n in seen):5,} writes"
        )


# %% [markdown] id="fused-lesson"
# A layer of 16 × 32 sums, 512 entries. The fused kernel writes each of them once. The two kernels write it, read it and
# write it once more. (They read a positive number twice, once to compare and once to copy; a compiler remembers it.) The
# arithmetic is the same. That is why deep-learning compilers look for kernels to fuse before they look for anything
# else.


# %% id="reader" role="demo"
@demo
def reader():
    net, pictures, labels = data.digit_reader()
    net = {name: array.astype(np.float32) for name, array in net.items()}
    pictures, labels = pictures[:20].astype(np.float32), labels[:20]

    def layer(X, W, b, last):
        blocks = blocks_for(W.shape[1], TILE), blocks_for(len(X), TILE)
        Z, Y = np.empty((2, len(X), W.shape[1]), np.float32)
        matmul_tiled[blocks, (TILE, TILE)](X, W, Z)
        (add_bias if last else bias_relu)[blocks, (TILE, TILE)](Z, b, Y)
        return Y

    scores = layer(
        layer(pictures, net["W1"], net["b1"], last=False), net["W2"], net["b2"], last=True
    )
    said = scores.argmax(axis=1)
    plot.show(
        plot.gallery(
            pictures.reshape(-1, 8, 8),
            [
                f"reads {p}" + ("" if p == y else f", is {y}")
                for p, y in zip(said, labels, strict=True)
            ],
        ),
        alt="Twenty small gray pictures of handwritten digits in rows, each with the digit that "
        "the network reads above it.",
    )
    H = np.maximum(pictures @ net["W1"] + net["b1"], 0)
    print(f"{np.mean(said == labels):.0%} of 20 right; largest difference from NumPy: "
          f"{np.abs(scores - (H @ net['W2'] + net['b2'])).max():.0e}")  # fmt: skip


# %% [markdown] id="reader-lesson"
# Every number behind these answers came out of a kernel that you wrote. (The two misread digits are not your fault: with
# NumPy the network misreads them too.) A large model is the same thing: products, biases, activations, thousands of
# launches in a row.

# %% [markdown] id="seats-intro"
# ## Full house
#
# Memory is slow, so a multiprocessor needs something to do meanwhile. While one warp waits for its numbers, another one
# computes. Therefore it takes in far more threads than it has lanes. On an H100 it has 128 lanes and seats for 2,048
# threads.
#
# How many of the seats are taken is the **occupancy**. Blocks come whole here too, and four things limit them: the seats,
# 32 blocks at most, the **registers** in which threads keep their own numbers, and shared memory.


# %% id="seats" role="demo"
def blocks_that_fit(threads, registers, shared_kib):
    """Blocks that fit on a multiprocessor of an H100, by a thread's registers and a block's KiB."""
    by_registers = 65_536 // (registers * threads)
    by_shared = 228 // shared_kib if shared_kib else 32
    return min(2048 // threads, 32, by_registers, by_shared)


@demo
def seats():
    kernels = {
        "32 threads": (32, 32, 0),
        "256 threads": (256, 32, 0),
        "768 threads": (768, 32, 0),
        "1,024 threads": (1024, 32, 0),
        "1,024 threads, 64 registers": (1024, 64, 0),
        "256 threads, 48 KiB shared": (256, 32, 48),
    }
    plot.show(
        plot.occupancy(
            {name: (blocks_that_fit(*kernel), kernel[0]) for name, kernel in kernels.items()},
            seats=2048,
        ),
        alt="How many of 2048 seats are taken, for six kinds of blocks. 32 threads a block: 50 "
        "percent, cut off at 32 blocks. 256 threads: 100 percent. 768 threads: two blocks, 75 "
        "percent. 1,024 threads: 100 percent. 1,024 threads with 64 registers each: one block, 50 "
        "percent. 256 threads with 48 KiB of shared memory a block: four blocks, 50 percent.",
    )


# %% [markdown] id="seats-lesson"
# Blocks of 128 or 256 threads are a good first choice: they fill the seats without a rest. More is not always better,
# though. Once there are enough warps to hide the waiting, empty seats cost nothing, and a thread with more registers may
# be worth more than two with few.

# %% [markdown] id="real-gpu-intro"
# ## On a real GPU
#
# The table below is empty unless there is a GPU in your machine. Then this cell measures your kernels on it: how many
# billion bytes a second they move, how many billion multiplications and additions they do. We print no figures of ours.
# They would be those of one GPU, on one day.
#
# The first two rows belong together. A copy is the most that memory can do, so it is the mark for `vector_add`.


# %% id="real-gpu" role="demo"
@demo
def real_gpu():
    N, S = 1 << 24, 1024  # entries of a vector, side of a matrix
    rows = (
        "copy",
        "vector_add",
        "relu_kernel",
        "reduce_sum",
        "matmul_naive",
        "matmul_tiled",
        "NumPy, on the processor",
    )
    if where != "gpu":
        print(*(f"{name:26}        –" for name in rows), sep="\n")
        print("Measured on your own GPU by this cell, when there is one.")
        return
    import time

    x, y, z = (cuda.to_device(np.ones(N, np.float32)) for _ in range(3))
    host = np.random.default_rng(0).normal(size=(S, S)).astype(np.float32)
    A, B, C, D = (cuda.to_device(host) for _ in range(4))
    total = cuda.to_device(np.zeros(1, np.float32))
    grid = (blocks_for(S, TILE),) * 2, (TILE, TILE)
    calls = {  # name: (launch, billions of bytes moved, or of multiplications and additions)
        "copy": (lambda: y.copy_to_device(x), 8 * N / 1e9),
        "vector_add": (lambda: vector_add[blocks_for(N, 256), 256](x, y, z), 12 * N / 1e9),
        "relu_kernel": (lambda: relu_kernel[2048, 256](x, y), 8 * N / 1e9),
        "reduce_sum": (lambda: reduce_sum[blocks_for(N, LANES), LANES](x, total), 4 * N / 1e9),
        "matmul_naive": (lambda: matmul_naive[grid](A, B, C), 2 * S**3 / 1e9),
        "matmul_tiled": (lambda: matmul_tiled[grid](A, B, D), 2 * S**3 / 1e9),
    }
    for name, (call, work) in calls.items():
        unit = "billion operations a second" if "matmul" in name else "GB/s"
        print(f"{name:26} {work / (gpu.milliseconds(call) / 1e3):8,.0f} {unit}")
    start = time.perf_counter()
    right = host @ host
    print(
        f"{rows[-1]:26} {2 * S**3 / 1e9 / (time.perf_counter() - start):8,.0f} billion operations "
        "a second"
    )
    for name, result in {"matmul_naive": C, "matmul_tiled": D}.items():
        print(
            f"{name} differs from NumPy by at most "
            f"{np.abs(result.copy_to_host() - right).max():.0e}"
        )


# %% [markdown] id="simulator-limits"
# ### What the simulator does not tell you
#
# - **Speed.** It is Python, one thread at a time. Fast code and slow code take about as long.
# - **Types.** For a GPU, numba compiles a kernel for the types of its arguments. Plain Python runs things that do not
#   compile, such as lists or `np.dot` inside a kernel.
# - **Races.** It rarely stumbles over one. For that there are `gpu.watch` and `check`.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **1999.** NVIDIA sells a chip under the name "graphics processing unit". It turns triangles into pixels, and can do little
#   else.
# - **2004.** Ian Buck and colleagues at Stanford publish Brook, a language that makes such chips compute anything. In 2007
#   NVIDIA releases CUDA, with threads, blocks and shared memory as you used them.
# - **2009.** Rajat Raina, Anand Madhavan and Andrew Ng train networks on GPUs, up to 70 times as fast as on a processor.
# - **2012.** Alex Krizhevsky trains a network on two graphics cards for five to six days. It wins the ImageNet contest by a
#   wide margin, and lesson 11 is about its kind.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about earlier ones. Answer from memory: the effort of recalling is what makes it
# stay. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("10_cuda")

# %% [markdown] id="take-along"
# ## What to take along
#
# - A kernel says what one thread does. A thread asks who it is, and takes the entry that is its own.
# - Blocks come whole: round up, then guard.
# - Threads side by side should read numbers side by side.
# - Fetch once, share within the block, wait at the barrier: before you read what others wrote, and before you overwrite what
#   they still read.
# - All threads of a block come to every barrier. Guard the accesses, not the threads.
# - `+=` on a shared entry is a race. Atomic, and only after a tree has made the numbers few.
# - A GPU does a lot at once, never everything. In most kernels it waits for memory longer than it computes.
#
# **Next: lesson 11, CNN.** A network that sees, and the convolution that makes most of its work.

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Fuse it all.** Your `matmul_naive` writes a sum that `bias_relu` reads again. Let it add `b[n]` and cut off at 0 before
# it writes. How many trips does `gpu.watch` still count?
#
# **Is it memory, or arithmetic?** An H100 (SXM) can do about 67 trillion operations a second in `float32`, and fetch about
# 3.35 trillion bytes. So it can afford 20 operations for each byte. `vector_add` does one operation for 12 bytes, and waits
# for memory whatever you do. A product with tiles of T does 2 operations for each pair, and for that fetches 8 / T bytes:
# T / 4 operations a byte. From which T on does memory no longer hold it back?
#
# **Early return.** On GPUs since 2017 a barrier waits only for threads of the block that have not ended yet, so a thread
# that returns early need not hang the others. But who fetches its share of the tile?
#
# **Larger still.** Fast products let each thread compute a small square of C, in registers. Count the trips to *shared*
# memory that this saves.
#
# **Read.**
# - NVIDIA, *CUDA C++ Programming Guide*, chapters "Programming model" and "Shared memory"; *CUDA C++ Best Practices Guide*,
#   "Coalesced access to global memory" and "Occupancy"
# - NVIDIA, *NVIDIA H100 Tensor Core GPU Architecture*, white paper (2022): the figures of the H100
# - M. Harris, "Optimizing parallel reduction in CUDA", NVIDIA (2007)
# - J. Nickolls, I. Buck, M. Garland and K. Skadron, "Scalable parallel programming with CUDA", *ACM Queue* 6 (2008), 40–53
# - I. Buck and others, "Brook for GPUs: stream computing on graphics hardware", *ACM Transactions on Graphics* 23 (2004),
#   777–786
# - R. Raina, A. Madhavan and A. Y. Ng, "Large-scale deep unsupervised learning using graphics processors", *ICML* (2009),
#   873–880
# - A. Krizhevsky, I. Sutskever and G. E. Hinton, "ImageNet classification with deep convolutional neural networks",
#   *NIPS* (2012), 1097–1105
# - S. Williams, A. Waterman and D. Patterson, "Roofline: an insightful visual performance model for multicore
#   architectures", *Communications of the ACM* 52 (2009), 65–76
# - W. W. Hwu, D. B. Kirk and I. El Hajj, *Programming Massively Parallel Processors*, 4th edition, Morgan Kaufmann (2022)
