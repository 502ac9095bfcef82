# %% [markdown] id="title"
# # 12 · RNN
#
# **What does a network write that has read half a million characters of Python?**
#
# You will let it read 28 modules of Python's own standard library, one character at a time. Nobody tells it what a
# bracket is, or a word. All it ever hears is: this character was next. It runs on functions that you write, it is
# trained in about a minute, and then you watch it write.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - write a network that reads one step at a time and remembers, with one set of weights for all steps
# - send its gradients back through time, and keep them from exploding
# - turn characters into rows of learned numbers, and scores into characters
# - say honestly how good such a network is, and what else reads sequences

# %% id="imports" role="setup"
from types import SimpleNamespace

import numpy as np
from threadpoolctl import threadpool_limits

from course import check, corpus, data, demo, hint, library, plot, predict, quiz
from course.bar import bar
from course.markov import Markov

one_core = threadpool_limits(1)  # products this small are done before a second core has started

# %% [markdown] id="order"
# ## What a fixed row cannot hold
#
# *Dog bites man. Man bites dog.* The same three words, and only one of the two is news.
#
# Every network so far took a row of D inputs. A picture of 64 pixels always has 64. But a text may have any length, and
# what a word means depends on what came before it. The same goes for music, for prices, for heartbeats. All these are
# **sequences**: steps in an order.
#
# You read such a thing step by step, and you keep something in mind. A network can do that as well. It reads one step,
# and hands itself a note. At the next step it reads the input *and* the note, and rewrites the note. The note is called
# the **state**, h. It is simply a row of H numbers.

# %% [markdown] id="loop"
# ### A network with a loop
#
# Until now everything went one way, from the inputs to the answer: **feed-forward**. Here the answer comes back in as an
# input. That is a loop, and a network with a loop is **recurrent**: a recurrent neural network, **RNN**.
#
# The loop is less mysterious than it sounds. Write down what happens at step 1, at step 2, at step 3, and there is no
# loop left. There is a chain, and the same weights in every link.


# %% id="loop-picture" role="demo"
@demo
def loop():
    plot.show(
        plot.unrolled(["x1", "x2", "x3"], ["h1", "h2", "h3"], start="h0"),
        alt="Left, a box h with an arrow from x below, labeled Wx, and an arrow that leaves the "
        "box and comes back to it, labeled Wh. An equals sign. Right, the same laid out: h0 leads "
        "to a box h1, that to h2, that to h3, by arrows labeled Wh. Into each box comes an arrow "
        "from below, from x1, x2 and x3, each labeled Wx.",
    )


# %% [markdown] id="step-by-hand"
# ### By hand
#
# One input and one unit. The input counts once, the old state half, and tanh keeps the result between −1 and 1:
#
# new state = tanh(1 · input + 0.5 · old state)
#
# The inputs are 0.69, 0.80 and −0.40, and the state begins at 0. You may use tanh 0.69 = 0.6 and tanh 1.10 = 0.8.
#
# | step | input | old state | sum | new state |
# |---|---|---|---|---|
# | 1 | 0.69 | 0 | 0.69 | **0.6** |
# | 2 | 0.80 | 0.6 | 0.80 + 0.30 = 1.10 | **0.8** |
# | 3 | −0.40 | 0.8 | −0.40 + 0.40 = 0 | **0** |
#
# The third input alone would give tanh(−0.40) = −0.38. It gave 0, because of what had come before. That is memory.

# %% [markdown] id="step-formula"
# ### As a formula
#
# $$h' = \tanh(x \, W_x + h \, W_h + b)$$
#
# x is this step's input, a row of D numbers. h is the old state, a row of H, and h′ the new one. So Wx is (D, H), Wh is
# (H, H), and b holds one bias per unit. It is the dense layer of lesson 3 twice over: one for what comes in, one for
# what is remembered. And as in lesson 3 there are N rows: N sequences that are read side by side, and know nothing of one
# another.
#
# This function is written for you. It is the pattern for the cells of lesson 13.

# %% exercise="rnn_step"

# %% [markdown] id="step-replay-intro"
# The table again, from the function.


# %% id="step-replay" role="demo"
@demo
def replay():
    h = np.zeros((1, 1))
    for step, x in enumerate((0.69, 0.80, -0.40), start=1):
        h = rnn_step(np.array([[x]]), h, np.array([[1.0]]), np.array([[0.5]]), np.zeros(1))
        print(f"step {step}: input {x:5.2f}, new state {h[0, 0]:.2f}")


# %% [markdown] id="sharing"
# ### One set of weights
#
# Step 1 and step 1000 use the same Wx, Wh and b. That is **weight sharing**, and it buys two things.
#
# *It is small.* Our reader will take D = 32 numbers a character and have H = 192 units:
#
# 32 · 192 + 192 · 192 + 192 = **43,200** parameters, whether the text has ten characters or ten million. A dense layer of
# 192 units that reads 100 characters at once needs 100 · 32 · 192 + 192 = 614,592, and is at a loss with the 101st.
#
# *It carries over.* What it learns about a bracket at step 3 holds at step 300. A dense layer would have to learn it
# anew for every place.

# %% [markdown] id="forward-task"
# ### A whole sequence
#
# Take the steps one after the other, and keep every state: the way back will ask for them. `X` is (N, T, D): N
# sequences, T steps, D inputs. So `X[:, t]` is step t of all sequences, (N, D). The states go into `hs`, (N, T, H).
#
# **Your turn.** Three blanks.

# %% exercise="rnn_forward"

# %% [markdown] id="text"
# ## A text to read
#
# Your Python came with its own source code. That is what our network will read. We make it a little easier:
#
# - Comments and docstrings are left out, for they are English. Long strings become `'text'`.
# - **Indentation is collapsed.** In an editor, a new line begins below the last one. You press Tab to go further in and
#   Backspace to go back out. We write down these two keys, shown here as → and ←, instead of counting spaces.
#
# Two modules, `tempfile` and `threading`, are **held out**: never trained on, so that we can tell reading from learning
# by heart.

# %% id="text-data" role="setup"
text, held_out_text = data.standard_library()
letters = sorted(set(text + held_out_text))
V = len(letters)
id_of = {letter: i for i, letter in enumerate(letters)}
ids = np.array([id_of[letter] for letter in text])
held_out = np.array([id_of[letter] for letter in held_out_text])


# %% id="text-look" role="demo"
@demo
def look():
    start = text.index("def ", 1000)
    some = text[start - 1 : start + 220]
    print(some.replace("\t", "→").replace("\b", "←"))
    print(f"\n{len(corpus.LEARN)} modules, {len(text):,} characters; held out: {len(held_out):,}")
    print(f"V = {V} different characters, log V = {np.log(V):.2f}")
    print("ids of 'def':", [id_of[letter] for letter in "def"])


# %% [markdown] id="text-note"
# (Your numbers may differ a little from a neighbor's: another version of Python has other modules.)
#
# Each character has become a whole number, its **id**, from 0 to V − 1. An id is only a name. Character 70 is not twice
# character 35, so ids must not go into a product.

# %% [markdown] id="embedding-by-hand"
# ## Embedding
#
# Instead, every character gets a row of D numbers of its own, in a table E of shape (V, D). To read a character is to
# look up its row. At first the rows are random. But they are parameters, and training moves them to wherever they are
# useful. Such a table is an **embedding**.
#
# ### By hand
#
# Three characters, two numbers each:
#
# | id | row of E |
# |---|---|
# | 0 | (5, 1) |
# | 1 | (0, 2) |
# | 2 | (3, 3) |
#
# The ids 2, 0, 2 become (3, 3), (5, 1), (3, 3).
#
# Some books write a *one-hot* row for each id, (0, 0, 1) for id 2, and multiply it with E. The result is the same. But it
# takes V · D products with 0 and 1 to do what one look does.
#
# **Your turn.** `ids` may have any shape, and every id in it becomes a row. NumPy can look up a whole array of ids at
# once, and then it is a single line.

# %% exercise="embedding_forward"

# %% [markdown] id="embedding-backward"
# ### And back
#
# The loss sends a gradient to each of the rows that were read. In the example, let these be
#
# | place | id | gradient |
# |---|---|---|
# | 1 | 2 | (1, 0) |
# | 2 | 0 | (0, 4) |
# | 3 | 2 | (1, 1) |
#
# Row 2 was read twice, so nudging it changes the loss in two places. It collects both: (1, 0) + (1, 1) = **(2, 1)**. Row 0
# gets (0, 4). Row 1 was read by nobody, and gets (0, 0).
#
# **Your turn.** How many rows the table has, comes as `V`. Beware of `dE[ids] += …`: where an id repeats, NumPy adds only
# once. A loop is right. `np.add.at(array, ids, rows)` is right and short.

# %% exercise="embedding_backward"

# %% [markdown] id="bptt-two-sources"
# ## Back through time
#
# Which way does the blame go? At each step the network guesses the next character, so each step has a loss of its own.
# And each state has a hand in two things: in this step's guess, and in the next state, and through it in all
# guesses to come. So two gradients arrive at a state:
#
# - one from the loss **at this step**
# - one from **the step after it**
#
# They add up. Nothing comes from after the last step, so there we begin, and go backward. It is the backprop of lesson 5,
# along the chain. Its name is **backpropagation through time**, BPTT.

# %% [markdown] id="bptt-by-hand"
# ### By hand
#
# The three steps from before: states 0.6, 0.8 and 0, with Wx = 1 and Wh = 0.5. Let the losses at the three steps say:
# 0, 0.5 and 1. That is how much each would rise if its own state rose by 1.
#
# tanh has the slope 1 − h². For our states: 1 − 0.36 = 0.64, then 1 − 0.64 = 0.36, then 1.
#
# | step | own loss | + from later | · slope | = dz | on to the step before: dz · Wh |
# |---|---|---|---|---|---|
# | 3 | 1 | 0 | 1 | **1** | 0.5 |
# | 2 | 0.5 | 0.5 | 0.36 | **0.36** | 0.18 |
# | 1 | 0 | 0.18 | 0.64 | **0.115** | 0.058 |
#
# dz is the gradient at the sum, before tanh. Now the weights. Wh met the old state at *every* step, so its gradient is a
# sum over the steps, old state · dz:
#
# dWh = 0 · 0.115 + 0.6 · 0.36 + 0.8 · 1 = **1.016**
#
# In the same way Wx met the inputs: dWx = 0.69 · 0.115 + 0.80 · 0.36 − 0.40 · 1 = **−0.03**. And b met the number 1:
# db = 0.115 + 0.36 + 1 = **1.475**.
#
# Look at the last row. Step 1 has no loss of its own. All it hears of what happens at steps 2 and 3 is 0.18.


# %% id="bptt-picture" role="demo"
@demo
def back_through_time():
    plot.show(
        plot.unrolled(
            ["0.69", "0.80", "−0.40"],
            ["0.6", "0.8", "0"],
            slopes=["dz = 0.115", "dz = 0.36", "dz = 1"],
            own=["0", "0.5", "1"],
            handed_back=["0.18", "0.5"],
        ),
        alt="The chain of three steps with its numbers. Inputs 0.69, 0.80 and minus 0.40 come in "
        "from below, the boxes hold the states 0.6, 0.8 and 0. Dashed arrows run back: from above, "
        "each state's own loss, 0, 0.5 and 1; from right to left, 0.5 from step 3 to step 2 and "
        "0.18 from step 2 to step 1. Below the boxes stands dz: 0.115, 0.36 and 1.",
    )


# %% [markdown] id="bptt-formula"
# ### As a formula
#
# $$dz_t = \left( dh_t + dz_{t+1} W_h^{\top} \right) \odot (1 - h_t^2) \qquad dz_T = 0$$
#
# $$dX_t = dz_t W_x^{\top} \qquad dW_x = \sum_t X_t^{\top} dz_t \qquad dW_h = \sum_t h_{t-1}^{\top} dz_t
# \qquad db = \sum_t \sum_n dz_t$$
#
# Steps count from 0, as in Python, to T − 1. So $h_{-1}$ is the start, the array `h0`; its own gradient, the second of
# the five answers, is $dz_0 W_h^{\top}$. The ⊙ multiplies entry by entry. $dh_t$ is what the loss at step t says; all
# of them come in as `dhs`. Compare with the table: it is all there.
#
# **Your turn.** The lines are out of order and have lost their indentation. Where does the loop begin, and what
# comes after it? `dh` is what one step hands to the step before it.

# %% exercise="bptt"

# %% [markdown] id="bptt-check-intro"
# Your gradients against the nudging of lesson 4, on a network of three units that reads five steps. The loss here is
# just a sum of all states, each with a weight of its own.


# %% id="bptt-check" role="demo"
@library.yours(lesson=4)
def numeric_gradient(f, x, eps=1e-5):
    """Nudge every entry of x up and down."""
    nudges = [eps * (np.arange(x.size) == i).reshape(x.shape) for i in range(x.size)]
    return np.reshape([(f(x + nudge) - f(x - nudge)) / (2 * eps) for nudge in nudges], x.shape)


@demo
def gradient_check():
    library.whose("numeric_gradient")
    rng = np.random.default_rng(0)
    parts = {"X": (2, 5, 4), "h0": (2, 3), "Wx": (4, 3), "Wh": (3, 3), "b": (3,)}
    parts = {name: rng.standard_normal(shape) for name, shape in parts.items()}
    dhs = rng.standard_normal((2, 5, 3))

    def loss(name, array):
        return np.sum(dhs * rnn_forward(*(parts | {name: array}).values()))

    hs = rnn_forward(*parts.values())
    answers = bptt(dhs, parts["X"], parts["h0"], hs, parts["Wx"], parts["Wh"])
    for (name, array), answer in zip(parts.items(), answers, strict=True):
        numeric = numeric_gradient(lambda nudged, name=name: loss(name, nudged), array)
        print(f"d{name:2}: largest difference {np.abs(answer - numeric).max():.0e}")


# %% [markdown] id="explode-intro"
# ## How far back does it reach?
#
# On its way back, the gradient meets Wh and a slope of tanh at every step. Always the same Wh. You know this chain from
# lesson 7: fifteen layers that share one weight. Here it may be a hundred.
#
# So let us take a fresh network of 64 units, 40 steps, and a loss at the last step alone. How much does each input
# matter to it? Three networks that differ in one thing: how large Wh is.


# %% id="explode" role="demo"
@demo
def through_time():
    curves = {}
    for size in (0.5, 1, 3):
        rng, N, T, D, H = np.random.default_rng(0), 20, 40, 8, 64
        X, Wx = rng.standard_normal((N, T, D)), 0.1 * rng.standard_normal((D, H)) / np.sqrt(D)
        Wh = size * rng.standard_normal((H, H)) / np.sqrt(H)
        hs = rnn_forward(X, np.zeros((N, H)), Wx, Wh, np.zeros(H))
        dhs = np.zeros_like(hs)
        dhs[:, -1] = rng.standard_normal((N, H))
        dX, *_ = bptt(dhs, X, np.zeros((N, H)), hs, Wx, Wh)
        sizes = np.linalg.norm(dX, axis=(0, 2))[::-1]  # the last step first
        curves[f"Wh times {size}"] = sizes
        print(
            f"Wh times {size:3}: after 39 steps back, {sizes[-1] / sizes[0]:.0e} of the gradient "
            "at the last step"
        )
    plot.show(
        plot.through_time(curves),
        alt="The size of the gradient at each input, in powers of ten, over the steps back from "
        "the loss; the loss is at the right end. With Wh times 0.5 the curve falls to the left "
        "along a straight line, by more than ten powers of ten. With 1 it sinks gently. With 3 it "
        "rises to the left, by several powers of ten.",
    )


# %% [markdown] id="explode-lesson"
# **Vanishing**: what happened 39 steps ago has no say in what is learned. The network *could* remember it, but nobody
# teaches it to. Lesson 13 is about that.
#
# **Exploding**: one unlucky text, and a single step throws the weights across the valley. Against that you have a
# remedy from lesson 7: `clip_gradients`. Limit the norm of all gradients together, and keep their direction.

# %% [markdown] id="reader"
# ## The reader
#
# Now put it together. From the bottom up:
#
# 1. ids → rows of E (`embedding_forward`)
# 2. rows → states (`rnn_forward`)
# 3. states → V scores, by a dense layer: weights `Wy`, biases `by`
# 4. scores → loss: softmax and cross-entropy, as in lesson 4
#
# And what is the right answer at each step? The text itself, moved by one:
#
# | read | p | r | i | n |
# |---|---|---|---|---|
# | next | r | i | n | t |
#
# Nobody had to label anything. Every text is full of answers. That is why such networks can be trained on whole
# libraries.

# %% id="network" role="setup"
D, H = 32, 192


def fresh(H=H, seed=0):
    """First parameters of a reader with H units (lesson 7: variance 1 / fan-in), in 32-bit floats:
    half the work."""
    rng = np.random.default_rng(seed)

    def draw(fan_in, fan_out, size=1.0):
        return (size * rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_in)).astype(np.float32)

    weights = {"E": draw(V, D, np.sqrt(V)), "Wx": draw(D, H), "Wh": draw(H, H), "Wy": draw(H, V)}
    return weights | {"b": np.zeros(H, np.float32), "by": np.zeros(V, np.float32)}


def log_softmax(z):
    """Lesson 4: the logarithms of the probabilities, along the last axis."""
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def read(params, ids, h0):
    """What the network makes of ids (N, T) -> inputs (N, T, D), states (N, T, H), log-probabilities
    (N, T, V)"""
    X = embedding_forward(ids, params["E"])
    hs = rnn_forward(X, h0, params["Wx"], params["Wh"], params["b"])
    return X, hs, log_softmax(hs @ params["Wy"] + params["by"])


def slopes(params, ids, following, h0):
    """-> the loss, its gradients, and the states after the last step. ids, following (N, T): what
    is read, what is next"""
    X, hs, log_p = read(params, ids, h0)
    n, t = np.indices(ids.shape)
    dZ = np.exp(log_p)
    dZ[n, t, following] -= 1
    dZ /= ids.size
    gradients = {"Wy": np.tensordot(hs, dZ, ((0, 1), (0, 1))), "by": dZ.sum(axis=(0, 1))}
    dX, _, *back = bptt(dZ @ params["Wy"].T, X, h0, hs, params["Wx"], params["Wh"])
    gradients |= dict(zip(("Wx", "Wh", "b"), back, strict=True))
    gradients["E"] = embedding_backward(dX, ids, V)
    return -float(log_p[n, t, following].mean()), gradients, hs[:, -1]


# %% id="training" role="setup"
N, T = 32, 32  # texts side by side, characters at a time


def norm_of(gradients):
    """The length of all gradients together."""
    return float(np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in gradients.values())))


def clip_gradients(gradients, limit):
    """Lesson 7: the same direction, and no longer than the limit."""
    factor = np.float32(min(1.0, limit / max(norm_of(gradients), 1e-12)))
    return {name: factor * g for name, g in gradients.items()}


def portion(step, N=N, T=T):
    """The `step`-th piece of the text for N readers -> ids, what is next (N, T), and whether they
    begin all over."""
    length = (len(ids) - 1) // N
    place = step % (length // T) * T
    rows = np.arange(N)[:, None] * length + place + np.arange(T)
    return ids[rows], ids[rows + 1], place == 0


def held_out_loss(params, T=1000):
    """The mean loss on the programs that were held out, read in pieces of T characters."""
    pieces = held_out[: (len(held_out) - 1) // T * T + 1]
    here, following = pieces[:-1].reshape(-1, T), pieces[1:].reshape(-1, T)
    _, _, log_p = read(params, here, np.zeros((len(here), params["Wh"].shape[0]), np.float32))
    n, t = np.indices(here.shape)
    return -float(log_p[n, t, following].mean())


# %% [markdown] id="truncated"
# Two remarks on `portion`.
#
# **Side by side.** The text is cut into N = 32 long pieces, which are read in parallel: 32 sequences, as rows. That is a
# batch.
#
# **Truncated.** Nobody can go back through 20,000 steps, or would want to keep all their states. So we read T = 32
# characters, go back through these, take a step, and read on. The *state* is handed on from portion to portion. The
# *gradient* stops at the edge. This is called **truncated** BPTT.

# %% [markdown] id="clip-intro"
# ### Too steep
#
# First the trouble. A small reader, with a Wh that is twice as large as it should be, walks with plain SGD in long
# steps. Once without a limit, once with the norm limited to 0.5.


# %% id="clip" role="demo"
@demo
def too_steep():
    losses, norms = {}, {}
    for name, limit in {"no limit": np.inf, "norm at most 0.5": 0.5}.items():
        params, state = fresh(H=64), np.zeros((16, 64), np.float32)
        params["Wh"] = 2 * params["Wh"]
        losses[name], norms[name] = [], []
        with np.errstate(all="ignore"):
            for step in range(300):
                here, following, _ = portion(step, N=16)
                loss, gradients, state = slopes(params, here, following, state)
                losses[name].append(loss)
                norms[name].append(norm_of(gradients))
                gradients = gradients if limit == np.inf else clip_gradients(gradients, limit)
                params = {key: params[key] - np.float32(6) * gradients[key] for key in params}
        print(
            f"{name:>16}: loss {np.mean(losses[name][-50:]):.2f}, longest gradient "
            f"{max(norms[name]):.0f}"
        )
    plot.show(
        plot.steep(losses, norms, limit=0.5, chance=np.log(V)),
        alt="Two panels over 300 steps. Left, the loss. Without a limit it jumps far above the "
        "line of a reader that knows nothing, and stays there. With the limit it falls quickly and "
        "calmly to a little above 2. Right, the norm of the gradient before clipping, in powers of "
        "ten: without a limit it leaps up again and again; with it, it stays near the limit.",
    )


# %% [markdown] id="clip-lesson"
# A reader that knows nothing has the loss log V. Without the limit, ours becomes *worse* than that: sure of itself, and
# wrong. With the limit it learns, from the same start, with the same learning rate.
#
# A smaller learning rate would have saved it here as well. But that shortens every step because of a few. And clipping does
# not work wonders: with a Wh five times too large, it too gets nowhere. First weights come first (lesson 7).

# %% [markdown] id="sampling-by-hand"
# ## From scores to a character
#
# The network gives V scores, one for each character. To write, we must choose one. Always the highest? Then it
# always writes the same. So we draw lots: a character with probability 0.3 shall come up three times in ten. Drawing by
# given probabilities is called **sampling**.
#
# And there is a knob. Divide all scores by a number, the **temperature**, *before* the softmax.
#
# ### By hand
#
# Three characters, with scores chosen so that exp gives 4, 2 and 1:
#
# | temperature | odds | probabilities |
# |---|---|---|
# | 1 | 4 : 2 : 1 | 57 %, 29 %, 14 % |
# | 0.5 | 16 : 4 : 1 | 76 %, 19 %, 5 % |
# | 2 | 2 : 1.41 : 1 | 45 %, 32 %, 23 % |
#
# At ½ the odds are squared: the favorite gets nearly all. At 2 they become their roots: everybody gets a chance. Cold is
# careful, hot is bold. Near 0 the favorite always wins, and far up all are alike.
#
# Now draw. At temperature 1 the sums so far are 0.57, 0.86 and 1. A random number between 0 and 1 says 0.6: that is the
# second character.

# %% [markdown] id="sampling-task"
# ### As a formula
#
# $$p_v = \frac{\exp(z_v / T)}{\sum_u \exp(z_u / T)}$$
#
# Here T is the temperature. (Elsewhere in this lesson it is the number of steps.) The sum runs over all V characters.
#
# **Your turn.** Take off the largest score first, as in lesson 2. `rng.choice(len(z), p=p)` draws one id; it comes as
# a NumPy number, and `int(…)` makes a plain one of it.

# %% exercise="sample"

# %% [markdown] id="write-intro"
# With `sample`, the reader becomes a writer: it reads what it has just written. Start it with the end of a line, and see
# what the *untrained* network has to say.


# %% id="write" role="setup"
def write(params, length, temperature, seed=0):
    """A text of so many characters, each drawn from what the network thinks comes next."""
    rng, id, written = np.random.default_rng(seed), id_of["\n"], []
    h = np.zeros((1, len(params["b"])), np.float32)
    for _ in range(length):
        h = rnn_step(
            embedding_forward(np.array([id]), params["E"]),
            h,
            params["Wx"],
            params["Wh"],
            params["b"],
        )
        id = sample((h @ params["Wy"] + params["by"])[0], temperature, rng)
        written.append(letters[id])
    return "".join(written)


# %% id="write-fresh" role="demo"
@demo
def first_words():
    print(repr(write(fresh(), 80, temperature=1.0)))
    print(
        f"loss on held-out programs: {held_out_loss(fresh()):.2f}; of a guess that knows nothing: "
        f"{np.log(V):.2f}"
    )


# %% [markdown] id="train-intro"
# ## Let it read
#
# 6000 portions, about six million characters: the whole text nine times. Adam from lesson 6, clipping, and a learning
# rate that rises briefly and then sinks. It takes about a minute, and we do it in two parts.
#
# You may stop it at any time with the ■ above. The step that is under way counts or it does not, and nothing is
# lost: run the cell again and it goes on where it was.

# %% id="train" role="setup"
PORTIONS = 6000
MOMENTS = (20, 60, 150, 400, 1000, 2500, PORTIONS)  # when to keep a copy, for the film


def new_reader():
    """A reader before its first step: parameters, Adam's two averages, the states, and what it has
    been through."""
    params = fresh()
    nothing = {name: np.zeros_like(p) for name, p in params.items()}
    state = np.zeros((N, H), np.float32)
    return SimpleNamespace(
        params=params, m=nothing, v=nothing, state=state, step=0, losses=[], kept={0: params}
    )


def one_step(reader, lr=0.004):
    """Read a portion and learn from it."""
    here, following, begins = portion(reader.step)
    loss, gradients, state = slopes(
        reader.params, here, following, 0 * reader.state if begins else reader.state
    )
    gradients, t = clip_gradients(gradients, 1.0), reader.step + 1
    rate = lr * min(1, t / 50) * (1 - reader.step / PORTIONS)
    rate, seen, tiny = np.float32(rate / (1 - 0.9**t)), np.float32(1 - 0.99**t), np.float32(1e-8)
    params, m, v = {}, {}, {}
    for name, g in gradients.items():
        m[name] = np.float32(0.9) * reader.m[name] + np.float32(0.1) * g
        v[name] = np.float32(0.99) * reader.v[name] + np.float32(0.01) * g**2
        params[name] = reader.params[name] - rate * m[name] / (np.sqrt(v[name] / seen) + tiny)
    reader.losses.append(loss)
    # All at once: whoever stops the training finds the reader before this step or after it, never
    # in between.
    reader.params, reader.m, reader.v, reader.state, reader.step = params, m, v, state, t


def train(reader, until):
    """Go on until so many portions are read, or until you stop it."""
    with bar(max(0, until - reader.step), "portions") as rounds:
        for _ in rounds:
            one_step(reader)
            if reader.step in MOMENTS:
                reader.kept[reader.step] = reader.params
            rounds.say(f"loss {np.mean(reader.losses[-50:]):.2f}")


reader = new_reader()


# %% id="train-run" role="demo"
@demo
def let_it_read():
    train(reader, until=2500)
    print(
        f"after {reader.step} portions: loss on held-out programs "
        f"{held_out_loss(reader.params):.2f}"
    )


# %% [markdown] id="train-on"
# Far better than knowing nothing. Now the rest. The steps get shorter and shorter, and that is when the details fall into
# place.


# %% id="train-on-run" role="demo"
@demo
def read_on():
    train(reader, until=PORTIONS)
    print(
        f"after {reader.step} portions: loss on held-out programs "
        f"{held_out_loss(reader.params):.2f}"
    )


# %% [markdown] id="judge-intro"
# ### How to judge it
#
# Does it look like Python? Let Python say. We ask its own parser about every line that the network has written. Very short
# lines are right by luck, so only those of ten characters and more count. Of these we take four shares:
#
# - **closed**: every bracket and every quote that opens in the line closes there too
# - **Python**: the parser accepts the line, at the place where it belongs
# - **Python and new**: and it occurs nowhere in what was read
# - **different**: how many are not repetitions

# %% id="judge" role="setup"
known = set(corpus.lines_of(text))


def judge_text(written, shortest=10):
    """Shares of the lines of a written text: closed, Python, Python and new, different from each
    other."""
    lines = [line for line in corpus.lines_of(written)[:-1] if len(line) >= shortest]
    python = [line for line in lines if corpus.is_python(line)]
    new = [line for line in python if line not in known]
    closed = sum(map(corpus.is_closed, lines))
    return np.array([closed, len(python), len(new), len(set(lines))]) / max(len(lines), 1)


# %% [markdown] id="film-intro"
# ### Watch it learn to write
#
# The same network at eight moments. Each time it begins with the end of a line and writes at temperature 0.5. A ✓ marks
# the lines that are Python; the share below comes from ten times as much text. Press **Play**, or move the slider with
# the arrow keys.


# %% id="film" role="demo"
@demo
def film():
    if not reader.losses:
        return print("First let it read, above.")
    figures, captions = [], []
    for step, params in (reader.kept | {reader.step: reader.params}).items():
        written = write(params, 8000, temperature=0.5, seed=3)
        lines = corpus.typeset(written[:800], indent="  ").split("\n")[:-1]
        right = [corpus.is_python(line.strip()) for line in lines]
        figures.append(plot.typescript(lines, right, reader.losses, step))
        captions.append(
            f"after {step:4} portions: {judge_text(written)[1]:3.0%} of the lines are Python"
        )
    plot.film(
        figures,
        captions,
        alt="Text that the network writes, and its loss beside it. Before training: random signs. "
        "After 20 portions: the commonest letters. After a few hundred: self, return and words "
        "that almost are. In the end: lines such as an if with isinstance, def with self in "
        "brackets, return with a call; several of them carry a check mark. The loss falls from "
        "nearly 5 to a little above 1.",
    )
    print("\n".join(captions))


# %% [markdown] id="film-lesson"
# It learns from the outside in. First, which characters are common. Then short words, because they pay most: `self`,
# `return`. Then that a bracket that opens wants to close, that `def` ends in a colon, that a colon is followed by →.
#
# Nobody told it a single rule. It only wanted to be less surprised by the next character.

# %% [markdown] id="temperature-question"
# ## Three temperatures
#
# Turn the knob. At a temperature of 0.1 the network takes almost no risks: nearly always its favorite. Let it write
# 20,000 characters that way, and look at the lines of ten characters and more.

# %% id="temperature-prediction" role="demo"
predict(
    "temperature",
    "Of 100 such lines, written at temperature 0.1, how many are different from each other?",
    [
        "more than 90: it has read half a million characters",
        "50 to 90",
        "fewer than 50: it repeats itself",
    ],
)


# %% id="temperature-run" role="demo"
@demo(after="temperature")
def temperatures():
    for temperature in (0.1, 0.5, 1.0):
        print(
            "temperature "
            f"{temperature}\n{corpus.typeset(write(reader.params, 330, temperature, seed=5))}\n"
        )
    print("lines of 10 characters and more")
    print("temperature   closed   Python   Python and new   different")
    for temperature in (0.1, 0.5, 1.0, 2.0):
        shares = judge_text(write(reader.params, 20_000, temperature, seed=0))
        print(
            f"{temperature:11}   {shares[0]:6.0%}   {shares[1]:6.0%}   {shares[2]:14.0%}   "
            f"{shares[3]:9.0%}"
        )
        if temperature == 0.1:
            different = shares[3]
    outcomes = {
        0.5: "fewer than 50: it repeats itself",
        0.9: "50 to 90",
        1.1: "more than 90: it has read half a million characters",
    }
    predict.reveal("temperature", next(name for most, name in outcomes.items() if different < most))


# %% [markdown] id="temperature-lesson"
# Cold, it says the same few things over and over: each line is the likeliest after the one before, and soon it goes in
# circles. Whether *those* few lines are Python is luck. Hot, it has ideas, and most of them are wrong. In between it is
# most worth reading. There is no right temperature; it depends on what you need. And whoever counts only how much is
# correct may end up praising the dullest writer.

# %% [markdown] id="next-letter-intro"
# Here is the knob from inside. The network has read a new line and `raise `. What now? Most often a `TypeError` or a
# `ValueError`, it has learned.


# %% id="next-letter" role="demo"
@demo
def next_letter():
    beginning = np.array([[id_of[letter] for letter in "\nraise "]])
    _, _, log_p = read(reader.params, beginning, np.zeros((1, H), np.float32))
    z = log_p[0, -1].astype(float)
    likeliest = np.argsort(-z)[:8]
    chances = [np.exp(log_softmax(z / temperature))[likeliest] for temperature in (0.5, 1, 2)]
    names = [f"temperature {temperature}" for temperature in (0.5, 1, 2)]
    plot.show(
        plot.temperatures([letters[i] for i in likeliest], chances, names),
        alt="Three bar charts of the chances of the eight likeliest next characters; T and V lead. "
        "At temperature 0.5 these two share nearly everything. At 1 others have a share. At 2 the "
        "bars are much more even.",
    )


# %% [markdown] id="baseline-intro"
# ## Is that any good?
#
# An impressive sample proves little. What would a simple method write? Claude Shannon described one in 1948. Make a
# table: how often has each character followed these two? Then draw by it. (He himself opened a book at random, read on
# to the two letters, and took the one behind them. That is the same draw.) Three, four, eight characters of memory, and
# the table grows, but the method stays: count and draw. It is called a **Markov** chain. Counting takes a fraction of a
# second, where your network needs a minute.
#
# Two tests. First: what do they write, all at temperature 1? Second: how surprised are they by programs
# that were held out? (For that the tables are blended: what has been seen often counts more, what is new falls back to
# shorter memories.)


# %% id="baseline" role="demo"
@demo
def baseline():
    print("                   closed   Python   Python and new   loss on held-out programs")
    for k in (2, 4, 8):
        table = Markov(ids, V, k)
        drawn = table.write(20_000, np.random.default_rng(0), [id_of["\n"]])
        shares = judge_text("".join(letters[id] for id in drawn))
        print(
            f"table, {k} characters   {shares[0]:4.0%}   {shares[1]:6.0%}   {shares[2]:14.0%}   "
            f"{table.loss(held_out):25.2f}"
        )
    shares, loss = judge_text(write(reader.params, 20_000, 1.0)), held_out_loss(reader.params)
    print(
        f"your network          {shares[0]:4.0%}   {shares[1]:6.0%}   {shares[2]:14.0%}   "
        f"{loss:25.2f}"
    )


# %% [markdown] id="baseline-lesson"
# Read it twice. By the first test, a table with eight characters of memory writes more Python than your network. But
# look at the column beside it: almost half of that Python is copied, line by line. It has the text in its pocket.
#
# By the second test it does worse than the table with four. On programs it has not seen, eight characters are often new to
# it. Here your network is best. And it is small: about 65,000 numbers, where the table with four has more than 50,000
# different contexts, each with a list of what followed, and that with eight has more than 200,000.
#
# Lesson 8 in a new dress: to repeat is not to have understood. And an honest word about the margin: it is small. Counting
# four characters is a strong opponent.

# %% [markdown] id="reach-intro"
# ## How much does it remember?
#
# Its memory can be measured. Clear the state k characters before each guess, so that the network cannot know what was
# before, and look at the loss.


# %% id="memory" role="setup"
def loss_with_memory(params, k):
    """The held-out loss where the network has read only the last k characters, 64 at most, before
    each guess."""
    # All k are asked about the same places.
    windows = np.lib.stride_tricks.sliding_window_view(held_out, 65)[::8]
    h = np.zeros((len(windows), len(params["b"])), np.float32)
    for place in range(64 - k, 64):
        x = embedding_forward(windows[:, place], params["E"])
        h = rnn_step(x, h, params["Wx"], params["Wh"], params["b"])
    log_p = log_softmax(h @ params["Wy"] + params["by"])
    return -float(log_p[np.arange(len(windows)), windows[:, 64]].mean())


# %% id="reach" role="demo"
@demo
def reach():
    spans = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64)
    network = {k: loss_with_memory(reader.params, k) for k in spans}
    tables = {k: Markov(ids, V, k).loss(held_out) for k in range(9)}
    whole = held_out_loss(reader.params)
    plot.show(
        plot.reach(tables, network, whole),
        alt="Loss on held-out programs over how many characters back one may look, from 0 to 64. "
        "The tables fall from 3.5 to a lowest point at 4 characters, and then rise again. The "
        "network starts high, falls past the tables' lowest point at about 8 characters, and "
        "hardly changes beyond 16. A dotted line shows it with its whole memory.",
    )
    for k in (4, 8, 16, 32, 64):
        print(f"{k:2} characters back: {network[k]:.2f}")


# %% [markdown] id="reach-lesson"
# A table gets worse with more memory, for it sees each context less often. The network gets better and better, and then
# levels off. (With only a character or two it is worse than the table: it was never trained to begin in the middle of a
# word.) About sixteen characters back, a few words, that is all it makes use of. What stood two lines further up is
# lost. You have seen why: on the way back, the gradient fades.

# %% [markdown] id="unit-intro"
# ## What is in the state?
#
# 192 numbers, and nobody has said what they are for. Let us ask which of them knows whether we are inside brackets. For
# every character of the held-out programs we can tell: brackets opened minus brackets closed. Then we look for the
# unit that goes with it most closely, and draw it above a piece of text: up where it is positive, down where it is
# negative. (⏎ is the end of a line.)


# %% id="unit" role="demo"
@demo
def unit():
    here = held_out[:6000]
    _, hs, _ = read(reader.params, here[None], np.zeros((1, H), np.float32))
    signs = np.array(
        [{"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(letters[i], 0) for i in here]
    )
    inside = np.cumsum(signs) > 0
    together = np.array([np.corrcoef(hs[0, :, j], inside)[0, 1] for j in range(H)])
    best = int(np.argmax(np.abs(together)))
    values = hs[0, :, best] * np.sign(together[best])
    start = held_out_text.index("\n", 1500) + 1
    some = slice(start, start + 256)
    plot.show(
        plot.reading(held_out_text[some], values[some]),
        alt="Four rows of program text with a bar above each character, up where the unit is "
        "positive, down where it is negative. Between an opening bracket and the closing one the "
        "bars mostly point up, elsewhere mostly down.",
    )
    print(f"unit {best}: correlation with being inside brackets {abs(together[best]):.2f}")
    print(
        f"its sign is right for {np.mean((values > 0) == inside):.0%} of the characters; inside "
        f"are {inside.mean():.0%}"
    )


# %% [markdown] id="unit-lesson"
# It found out about brackets on its own, because whoever knows that one is open is less surprised later. (Other units know
# about it as well, and this one knows other things. Meanings are rarely tidy.)

# %% [markdown] id="repair-the-claim"
# ### Repair the claim
#
# Three of the articles this course grew out of speak of recurrent networks wherever data comes as a sequence. One puts
# it most clearly. In our words:
#
# > Feed-forward is the usual case, and takes fixed vectors. For input that is a sequence, recurrent networks are the
# > dominant model.
#
# Is a network without a loop really lost? The cell below takes one: the embedding, a hidden layer of 192 tanh units,
# V scores. No loop, no state. It is trained for 2000 steps on 512 places of the text each, a million characters in all.
# Beside it stands your reader after as many characters: its copy from portion 1000.
#
# As the claim stands, the fixed vector is *the character that was just read*. Run it: the claim looks right. But who said
# that a fixed vector holds one character? **Repair the comparison.** Try 2, 4 and 8.


# %% id="window" role="setup"
def train_window(window, steps=2000, batch=512, lr=0.004, seed=0):
    """A network without a loop that reads the last `window` characters at once -> its loss on
    held-out programs."""
    rng = np.random.default_rng(seed)
    params = {"E": (V, D, V), "W1": (window * D, H, 1), "W2": (H, V, 1)}
    params = {
        name: rng.standard_normal((a, b)) * np.sqrt(s / a) for name, (a, b, s) in params.items()
    }
    params = {
        name: p.astype(np.float32)
        for name, p in (params | {"b1": np.zeros(H), "b2": np.zeros(V)}).items()
    }
    m, v = ({name: np.zeros_like(p) for name, p in params.items()} for _ in range(2))

    def forward(places):
        X = embedding_forward(places, params["E"])
        hidden = np.tanh(X.reshape(len(X), -1) @ params["W1"] + params["b1"])
        return X, hidden, log_softmax(hidden @ params["W2"] + params["b2"])

    views = np.lib.stride_tricks.sliding_window_view(ids, window + 1)
    for t in range(1, steps + 1):
        here = views[rng.integers(len(views), size=batch)]
        X, hidden, log_p = forward(here[:, :-1])
        dz = np.exp(log_p)
        dz[np.arange(batch), here[:, -1]] -= 1
        dz /= batch
        back = dz @ params["W2"].T * (1 - hidden**2)
        dX = (back @ params["W1"].T).reshape(X.shape)
        gradients = {"W2": hidden.T @ dz, "b2": dz.sum(axis=0), "W1": X.reshape(batch, -1).T @ back}
        gradients |= {"b1": back.sum(axis=0), "E": embedding_backward(dX, here[:, :-1], V)}
        for name, g in gradients.items():
            m[name] = np.float32(0.9) * m[name] + np.float32(0.1) * g
            v[name] = np.float32(0.99) * v[name] + np.float32(0.01) * g**2
            rate = np.float32(lr * (1 - t / steps) / (1 - 0.9**t))
            params[name] = params[name] - rate * m[name] / (
                np.sqrt(v[name] / np.float32(1 - 0.99**t)) + np.float32(1e-8)
            )
    views = np.lib.stride_tricks.sliding_window_view(held_out, window + 1)
    return -float(forward(views[:, :-1])[2][np.arange(len(views)), views[:, -1]].mean())


# %% id="repair-the-claim-code" role="demo"
window = 1  # how many characters the network without a loop gets to see


@demo
def repair():
    loss = train_window(window)
    print(f"without a loop, {window} characters at once: {loss:.2f}")
    if 1000 in reader.kept:
        print(f"your reader, after as many characters:  {held_out_loss(reader.kept[1000]):.2f}")
    print(f"your reader, after all of them:         {held_out_loss(reader.params):.2f}")


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary>With <code>window = 4</code> or <code>8</code> the network without a loop gets to
# about 1.64, and is <i>ahead</i> of your reader after as many characters (1.71). In the long run your reader overtakes it:
# it ends at 1.49, where a window of 8, trained as long, ends at 1.60. So the loop is a good way to read a sequence.
# It is not the only one.<br>Tables of counts (1948), convolutions over time (1989), windows like this one (2003) and
# attention (2017, lesson 15) all read sequences without a loop, and the large language models of today are built on
# attention. What speaks for the loop: it has no window, and each further step costs the same work and no more memory. What
# speaks against it: it must go step by step, and what is far back fades.</details>

# %% [markdown] id="interview"
# ## The interview question
#
# "Compare CNNs and RNNs", one article asks, and answers: CNNs are for grids, such as images, and find patterns in
# space; RNNs are for sequences, and keep a memory of earlier inputs. Another asks for the difference between feed-forward and
# recurrent networks, and gives no answer. Yours can now be better than both.
#
# | | dense | CNN (lesson 11) | RNN |
# |---|---|---|---|
# | shares weights | not at all | across places | across steps |
# | length of the input | fixed | any; each output sees a fixed window | any; in principle sees everything before |
# | steps that must wait for each other | none | none | T |
# | depth that the gradient must pass | layers | layers | layers, and steps of time |
#
# And the remark that shows you have tried it: a mere window over a text works well too. "Image, so CNN; text, so RNN" is a
# habit, not a law.

# %% [markdown] id="in-libraries"
# ## The same in the libraries
#
# | you wrote | PyTorch | Keras |
# |---|---|---|
# | `embedding_forward` | `nn.Embedding(V, 32)` | `Embedding(V, 32)` |
# | `rnn_forward` | `nn.RNN(32, 192, batch_first=True)` | `SimpleRNN(192, return_sequences=True)` |
# | scores at every step | `nn.Linear(192, V)` | `Dense(V)` |
# | `clip_gradients` | `nn.utils.clip_grad_norm_(…, 1.0)` | `Adam(global_clipnorm=1.0)` |
# | state handed on, gradient cut | `h = h.detach()` | `stateful=True` |
# | `sample` | `torch.multinomial(p, 1)` | `keras.random.categorical` |
#
# Count the parameters of the recurrent layer: yours and Keras's have 43,200. PyTorch's has **192 more**. It keeps two
# biases, one for the input and one for the state, although they are only ever added. And without `batch_first` PyTorch
# wants time as the first axis: no error, other sequences.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **1913.** Andrey Markov counts 20,000 letters of *Eugene Onegin* by hand: what follows a vowel, what a consonant.
# - **1948.** Claude Shannon draws English letter by letter, each by what follows the two before it.
# - **1986, 1990.** Michael Jordan and Jeffrey Elman feed a network its own output, and its own state. Elman's network finds
#   words in a stream of letters without spaces. Paul Werbos writes down backpropagation through time.
# - **1994.** Yoshua Bengio, Patrice Simard and Paolo Frasconi show why long memories are hard to learn.
# - **2011.** Ilya Sutskever, James Martens and Geoffrey Hinton let recurrent networks write, character by character.
# - **2015.** Andrej Karpathy lets them read Shakespeare, LaTeX and the source of Linux, and finds the unit that
#   knows about quotes.
# - **2017.** Attention: sequences without a loop.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about earlier ones. Answer from memory: the effort of recalling is what makes it
# stay. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("12_rnn")

# %% [markdown] id="take-along"
# ## What to take along
#
# - A state is a note to oneself. The same weights at every step: small, and for any length.
# - Two gradients arrive at a state, from its own loss and from the next step. The weights collect over all steps.
# - Through many steps gradients vanish or explode. Clip the one; the other needs another cell.
# - An embedding is a table that learns. A row that was read twice collects twice.
# - Temperature divides the scores, before the softmax. Cold repeats itself, hot babbles.
# - A table that copies writes fine lines. Held-out text tells who has understood something.
# - The RNN is *a* model for sequences, not *the* model.
#
# **Next: lesson 13, LSTM.** A memory with valves, for what was said two lines ago.

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Give the network other things to read: any text of some 100,000 characters and more will do. Replace `text` and
# `held_out_text`, and run everything below again. Or let it start with something of yours: feed `write` a first line
# before it writes.
#
# **Bits.** A loss divided by log 2 counts bits: 1.5 is 2.2 bits a character, where a character of your text takes 8 on
# the disk. Whoever predicts well can compress well. It is the same skill.
#
# **How large may Wh be?** Scale Wh so that its largest singular value, the most by which it can lengthen a row, is
# below 1. Then no gradient can explode, whatever the text: a slope of tanh is never above 1. Can such a network still
# remember?
#
# **Read.**
# - A. A. Markov, "An example of statistical investigation of the text *Eugene Onegin* concerning the connection of samples
#   in chains" (1913), in English in *Science in Context* 19 (2006), 591–600
# - C. E. Shannon, "A mathematical theory of communication", *Bell System Technical Journal* 27 (1948), 379–423, section 3
# - J. L. Elman, "Finding structure in time", *Cognitive Science* 14 (1990), 179–211
# - A. Waibel, T. Hanazawa, G. Hinton, K. Shikano and K. J. Lang, "Phoneme recognition using time-delay neural
#   networks", *IEEE Transactions on Acoustics, Speech, and Signal Processing* 37 (1989), 328–339: convolutions over
#   time
# - P. J. Werbos, "Backpropagation through time: what it does and how to do it", *Proceedings of the IEEE* 78 (1990), 1550–1560
# - Y. Bengio, P. Simard and P. Frasconi, "Learning long-term dependencies with gradient descent is difficult", *IEEE
#   Transactions on Neural Networks* 5 (1994), 157–166
# - Y. Bengio, R. Ducharme, P. Vincent and C. Jauvin, "A neural probabilistic language model", *Journal of Machine Learning
#   Research* 3 (2003), 1137–1155: a window, and embeddings
# - I. Sutskever, J. Martens and G. Hinton, "Generating text with recurrent neural networks", *ICML* (2011), 1017–1024
# - R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", *ICML* (2013),
#   1310–1318
# - A. Karpathy, J. Johnson and L. Fei-Fei, "Visualizing and understanding recurrent networks", *ICLR* workshop (2016)
# - S. Bai, J. Z. Kolter and V. Koltun, "An empirical evaluation of generic convolutional and recurrent networks for sequence
#   modeling" (2018), arXiv:1803.01271
# - A. Vaswani et al., "Attention is all you need", *NIPS* (2017)
