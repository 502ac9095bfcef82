# %% [markdown] id="title"
# # 13 · LSTM, GRU, sentiment
#
# **"The plot was not, as everybody had promised me, gripping." Who still hears the *not*?**
#
# The network of lesson 12 rewrites its whole memory at every step. Let a step be a word: five words later, what was
# important is often gone. Today you build a memory with valves: a cell that keeps, a gate that lets in, one that lets
# go, one that shows. At the end it reads film reviews in which a single *not* decides, and whoever only counts words is
# right exactly as often as a coin.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - write one step of an LSTM and of a GRU, and say what each gate does
# - send gradients back through a memory cell, and say when they vanish all the same
# - test what a network can remember, and compare two networks fairly
# - build a classifier of film reviews, with an honest baseline beside it
# - count the parameters of a published LSTM, to the last one

# %% id="imports" role="setup"
import numpy as np

from course import check, data, demo, hint, plot, predict, quiz
from course.bar import bar

# %% [markdown] id="telephone"
# ## Whispering down the line
#
# In lesson 12 each step did this: new state = tanh(input · Wx + old state · Wh + b). The old state never gets through
# as it is. It is mixed by a matrix and squeezed by tanh, at every word.
#
# Take the simplest case, one unit and no squeezing. Then a step multiplies the state by one number w. After 20 steps it
# has been multiplied by w²⁰:
#
# | w | w²⁰ | |
# |---|---|---|
# | 0.9 | 0.12 | mostly gone |
# | 1.1 | 6.7 | far too loud |
# | 1 | 1 | kept |
#
# Only w = 1 keeps. But a unit that keeps everything never takes in anything new. So it should keep *at some words* and
# change *at others*. The factor must depend on what is being read.

# %% [markdown] id="cell"
# ## A cell with three valves
#
# The **LSTM**, long short-term memory, puts a second memory beside the state h: the **cell** c. It is not shown to
# anybody directly. Three **gates** sit around it, numbers between 0 (shut) and 1 (open):
#
# - the **forget gate** f: which share of the old cell stays
# - the **input gate** i: how much of what is new gets in
# - the **output gate** o: how much of the cell is shown
#
# What is new is the **candidate** g, between −1 and 1. Then
#
# $$c' = f \cdot c + i \cdot g \qquad\qquad h' = o \cdot \tanh(c')$$
#
# A badly named gate: f = 1 means *forget nothing*.

# %% [markdown] id="cell-by-hand"
# ### By hand
#
# The cell holds c = 2. What do the valves make of it?
#
# | f | i | g | c′ = f · c + i · g | in words |
# |---|---|---|---|---|
# | 1 | 0 | 0.5 | 2 | keep |
# | 0 | 1 | 0.5 | 0.5 | replace |
# | 1 | 1 | 0.5 | 2.5 | count up |
# | 1 | 1 | −1 | 1 | count down |
# | 0 | 0 | 0.5 | 0 | wipe |
# | 0.5 | 1 | −0.5 | 0.5 | something in between |
#
# In the last line, with the output gate open, o = 1, the cell shows h′ = tanh(0.5) = 0.46. With o = 0 it shows nothing,
# and still holds its 0.5.

# %% [markdown] id="four-sums"
# ### Who turns the valves?
#
# The network itself, by what it reads. Each gate is a neuron of lesson 2: a weighted sum of the input x and of the
# state h, and a sigmoid. The candidate has a tanh instead, because it must be able to take away.
#
# With H cells that makes four layers of H neurons. They read the same, so all four go into one product: their weights
# lie side by side in the columns, first all i, then all f, then all g, then all o.
#
# $$z = x\,W_x + h\,W_h + b \qquad\text{cut into}\qquad z_i, z_f, z_g, z_o$$
#
# | | shape |
# |---|---|
# | x | (N, D) |
# | h and c | (N, H) |
# | Wx | (D, 4H) |
# | Wh | (H, 4H) |
# | b | (4H,) |
#
# Other books have other orders. This one, i f g o, is PyTorch's, and Keras has it too.
#
# Every cell has gates of its own. So products of gates and cells go entry by entry. In the descriptions such a product
# is written ⊙, in NumPy `*`.

# %% [markdown] id="step-task"
# **Your turn.** `np.split(z, 4, axis=1)` cuts the columns into four. For the gates you need a sigmoid that does not
# overflow at ±1000. Yours of lesson 2 will do, copied in here. Or this one-liner, exactly the same curve:
#
# $$\sigma(z) = \tfrac12 + \tfrac12 \tanh(\tfrac{z}{2})$$

# %% exercise="lstm_step"

# %% [markdown] id="replay-intro"
# The table again, from your function. All weights are 0 here, so the biases alone turn the valves: 20 opens one, −20
# shuts it, and 0.55 gives the candidate tanh 0.55 = 0.5.


# %% id="replay" role="demo"
@demo
def replay():
    nothing, none = np.zeros((1, 1)), np.zeros((1, 4))
    for words, b in (
        ("keep", [-20, 20, 0.55, 20]),
        ("replace", [20, -20, 0.55, 20]),
        ("count up", [20, 20, 0.55, 20]),
        ("count down", [20, 20, -20, 20]),
        ("wipe", [-20, -20, 0.55, 20]),
        ("in between", [20, 0, -0.55, 20]),
        ("in between, hidden", [20, 0, -0.55, -20]),
    ):
        before = np.full((1, 1), 2.0)
        h, c = lstm_step(nothing, nothing, before, none, none, np.array(b, float))
        print(f"{words:>18}: c = 2 becomes {c[0, 0]:5.2f}, and shows {h[0, 0]:5.2f}")


# %% [markdown] id="forward-task"
# ## A whole sequence
#
# Now step after step: T words, and each step takes the h and the c that the one before has left. The weights are the
# same at every step, as in lesson 12.
#
# The way back will need every state, every cell and every gate again. So this time nothing is thrown away: `hs` and
# `cs` hold what was there *after* each step, `gates` the four of each step, side by side.
#
# **Your turn.** Four blanks.

# %% exercise="lstm_forward"

# %% [markdown] id="film-intro"
# ### A cell that remembers "not"
#
# Before anything is trained, let us set the weights of one cell by hand. It is to hear *not*, keep it for as long as
# need be, report it at the next judgment, and drop it at the comma or the period. Four kinds of words:
#
# | word | i | f | g | o |
# |---|---|---|---|---|
# | *at rest: the biases* | −6, shut | 6, open | 0 | −6, shut |
# | not | +12 | | +6 | |
# | gripping, dull | | | | +12 |
# | comma, period | | −12 | | |
#
# Press **Play**, or move the slider with the arrow keys.


# %% id="film" role="demo"
@demo
def film():
    sentence = "the plot was not from first to last gripping , it was dull ."
    words = sentence.split()
    kinds = {"not": 1, "gripping": 2, "dull": 2, ",": 3, ".": 3}
    # (1, T, 4): a 1 in the column of the word's kind
    X = np.eye(4)[[[kinds.get(word, 0) for word in words]]]
    Wx = np.array([[0, 0, 0, 0], [12, 0, 6, 0], [0, 0, 0, 12], [0, -12, 0, 0]], float)
    start, b = np.zeros((1, 1)), np.array([-6.0, 6, 0, -6])
    hs, cs, gates = lstm_forward(X, start, start, Wx, np.zeros((1, 4)), b)
    i, f, _, o = gates[0].T
    rows = {
        "input gate i": i,
        "forget gate f": f,
        "cell c": cs[0, :, 0],
        "output gate o": o,
        "shown: h": hs[0, :, 0],
    }
    figures = [plot.gates(words, rows, now) for now in range(len(words))]
    captions = [
        f"“{word}”: the cell holds {c:.2f} and shows {h:.2f}"
        for word, c, h in zip(words, cs[0, :, 0], hs[0, :, 0], strict=True)
    ]
    plot.film(
        figures,
        captions,
        alt="Five rows of bars over a sentence of fourteen words and signs: the plot was not from "
        "first to last gripping, it was dull. The input gate is open at the word not only. The "
        "forget gate is open everywhere but at the comma and the period. The cell is 0 up to was, "
        "jumps to 1 at not, stays at 1 through gripping, and falls to 0 at the comma. The output "
        "gate opens at gripping and at dull. What is shown is 0.75 at gripping and 0 everywhere "
        "else.",
    )


# %% [markdown] id="film-lesson"
# At *gripping* the cell shows 0.75: *careful, this is negated*. At *dull*, which nobody has taken back, it shows 0.
# Four words stood between *not* and *gripping*, and it could have been forty.
#
# Nobody will set the weights of real cells by hand. So we need their slopes.

# %% [markdown] id="back"
# ## The way back
#
# The step is short: a product, a sum, a tanh. Lesson 5 has a rule for each. The one for products: **each factor's
# slope is the other factor.**
#
# Take the last line of the table: c = 2, f = 0.5, i = 1, g = −0.5. Say the loss grows by 1 when c′ grows by 1:
# dc′ = 1.
#
# | how c′ came about | its slope |
# |---|---|
# | f · **c** | dc = f = 0.5 |
# | **f** · c | df = c = 2 |
# | **i** · g | di = g = −0.5 |
# | i · **g** | dg = i = 1 |
#
# Then on through the sigmoids and the tanh: f(1 − f) = 0.25, so dz_f = 2 · 0.25 = 0.5. The candidate has 1 − g² =
# 0.75, so dz_g = 0.75. The input gate is wide open, i(1 − i) = 0: pushing it changes nothing.
#
# The output gate has no part in c′. It stands in h′ = o · tanh c′, so do = dh · tanh c′. Here tanh 0.5 = 0.46. Say the
# gate is half open, o = 0.5, and dh = 1. Then do = 0.46, and with o(1 − o) = 0.25 we get dz_o = 0.12.

# %% [markdown] id="back-two-ways"
# ### Two ways into the loss, twice
#
# In lesson 12 a state h[t] had two listeners: the loss at its own step, and the next step. Both slopes were added. Now
# the cell has two listeners as well:
#
# - the state shown at this step: dh · o · (1 − tanh² c)
# - **the next cell**: dc[t+1] · f[t+1]
#
# The second one is what the LSTM was made for. No matrix and no tanh stand in its way, only the forget gate.

# %% [markdown] id="back-task"
# **Your turn**, and nothing is given away any more. From the last step to the first:
#
# 1. dh: what the loss says of this state, and what the next step sends back
# 2. dc: what the next cell sends back, and what comes in through dh
# 3. the slopes of the four sums, dz_i, dz_f, dz_g, dz_o, side by side in one array dz (N, 4H)
# 4. from dz the slopes of the weights, *added up* over the steps, as in lesson 12
# 5. what goes on to the step before: dh = dz Whᵀ and dc = dc · f
#
# At t = 0 the state and the cell before are h0 and c0.

# %% exercise="lstm_backward"

# %% [markdown] id="gradient-check-intro"
# Never believe a gradient that you have not checked. Here the loss is the sum of all states, each with a random
# weight. For each group of numbers, we go a tiny way in a random direction, and compare the change of the loss with
# what your slopes say.


# %% id="gradient-check" role="demo"
@demo
def gradient_check():
    rng = np.random.default_rng(0)
    N, T, D, H = 3, 5, 2, 4
    shapes = {
        "X": (N, T, D),
        "h0": (N, H),
        "c0": (N, H),
        "Wx": (D, 4 * H),
        "Wh": (H, 4 * H),
        "b": (4 * H,),
    }
    given = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    weight = rng.normal(size=(N, T, H))

    def loss(name, nudge):
        hs, _, _ = lstm_forward(*(given | {name: given[name] + nudge}).values())
        return np.sum(weight * hs)

    hs, cs, gates = lstm_forward(*given.values())
    X, h0, c0, Wx, Wh, _ = given.values()
    slopes = lstm_backward(weight, X, h0, c0, hs, cs, gates, Wx, Wh)
    for name, slope in zip(given, slopes, strict=True):
        way = rng.normal(size=shapes[name])
        numeric = (loss(name, 1e-5 * way) - loss(name, -1e-5 * way)) / 2e-5
        yours = np.sum(slope * way)
        print(
            f"{name:>2}: numeric {numeric:9.5f}, yours {yours:9.5f}, off by "
            f"{abs(numeric - yours):.0e}"
        )


# %% [markdown] id="repair-the-claim"
# ### Repair the claim
#
# One of the articles answers an interview question about vanishing gradients. In our words:
#
# > On their way back through many layers slopes become so small that the first layers hardly learn. **Architectures
# > such as the LSTM solve that.**
#
# The cell below takes this at its word: after any number of steps, the whole slope arrives, a share of 1. Your
# `lstm_backward` measures what arrives. The cell is as simple as can be: all weights are 0, and the forget gate stands
# still at σ(bias). **Repair the function** until every line says *agrees*. One line agrees already.


# %% id="repair-the-claim-code" role="demo"
def share_that_arrives(lag, bias):
    return 1.0


@demo
def repair():
    print("steps back  bias of f   claimed    measured")
    for lag, bias in ((20, 0), (20, 1), (100, 1), (20, 5), (100, 5), (100, 20)):
        X, start, Wx = np.zeros((1, lag, 1)), np.zeros((1, 1)), np.zeros((1, 4))
        hs, cs, gates = lstm_forward(X, start, start, Wx, Wx, np.array([0.0, bias, 0, 20]))
        last = np.zeros((1, lag, 1))
        last[0, -1] = 1  # the loss looks at the last state only, through an open output gate
        measured = lstm_backward(last, X, start, start, hs, cs, gates, Wx, Wx)[2][0, 0]
        claimed = share_that_arrives(lag, bias)
        words = "agrees" if np.isclose(claimed, measured, rtol=1e-3) else "no"
        print(f"{lag:10}  {bias:9}  {claimed:8.3g}  {measured:10.3g}   {words}")


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary>Each step back multiplies by the forget gate:
# <code>(1 / (1 + np.exp(-bias))) ** lag</code>. With a bias of 0 the gate stands at a half, and after 20 steps a
# millionth is left. With a bias of 5, 87 % arrive after 20 steps, 51 % after 100. The line that agreed has a gate that
# never forgets at all.<br>So the architecture does not solve it. It makes it <i>solvable</i>: whether slopes vanish is
# now a matter of one gate per cell, which is learned, and which you can start where you like.</details>

# %% [markdown] id="lag-intro"
# ## How long can it remember?
#
# A game. The first word is one of four. Then follows noise: many words of four other kinds. At the end comes the
# question: *which was the first?* How many words of noise there are we call the **lag**. Guessing is right 25 times
# of 100.
#
# Three contestants:
#
# - a plain **RNN**, as in lesson 12
# - an **LSTM whose biases begin at 0**
# - an **LSTM that begins with open memory**: forget gates biased to 5, input gates to −2. *Keep what you have, and
#   let little in, until you have learned better.*
#
# To be fair, all have about the same number of parameters, and the RNN is given the few more: 28 units against 12
# cells.

# %% [markdown] id="network-intro"
# The next cell holds the whole network: an embedding as in lesson 12, a layer that reads, and scores for the classes.
# With it come Adam (lesson 6) and clipping (lesson 7), in short. `learn` changes the arrays of `params` in place.
# That is what lets you interrupt a training and keep what has been learned.


# %% id="network" role="setup"
def reader(rng, words, classes, D, H, parts, write=0.0, keep=0.0):
    """A network that reads: embedding, H units, scores. parts=4: an LSTM with biases for i and f;
    parts=1: an RNN."""
    params = {"E": rng.normal(0, 0.5, (words, D)), "b": np.zeros(parts * H), "a": np.zeros(classes)}
    for name, shape in {"Wx": (D, parts * H), "Wh": (H, parts * H), "V": (H, classes)}.items():
        params[name] = rng.normal(0, shape[0] ** -0.5, shape)
    if parts == 4:
        params["b"][:H], params["b"][H : 2 * H] = write, keep
    return params


def count(params):
    """How many numbers a network learns."""
    return sum(array.size for array in params.values())


def read(params, ids):
    """ids (N, T) -> scores (N, C), and for the way back: embedded words, a start of zeros, the
    layer's memories."""
    X, start = params["E"][ids], np.zeros((len(ids), len(params["Wh"])))
    weights = params["Wx"], params["Wh"], params["b"]
    lstm = params["b"].size == 4 * start.shape[1]
    memories = (
        lstm_forward(X, start, start, *weights) if lstm else (rnn_states(X, start, *weights),)
    )
    return memories[0][:, -1] @ params["V"] + params["a"], (X, start, memories)


def rnn_states(X, h, Wx, Wh, b):
    """Lesson 12 in short: every state of a plain RNN, (N, T, H)."""
    found = []
    for x in np.moveaxis(X, 1, 0):
        h = np.tanh(x @ Wx + h @ Wh + b)
        found.append(h)
    return np.stack(found, axis=1)


def rnn_slopes(dhs, X, hs, Wx, Wh):
    """Lesson 12 in short: back through time. The slopes of the sums first, all others from them at
    once."""
    slope_of_sums, later = np.zeros_like(hs), 0
    for t in range(hs.shape[1] - 1, -1, -1):
        slope_of_sums[:, t] = (dhs[:, t] + later) * (1 - hs[:, t] ** 2)
        later = slope_of_sums[:, t] @ Wh.T
    read_by_Wh = np.concatenate([np.zeros_like(hs[:, :1]), hs[:, :-1]], axis=1)
    over_all = [np.tensordot(read, slope_of_sums, ((0, 1), (0, 1))) for read in (X, read_by_Wh)]
    return slope_of_sums @ Wx.T, *over_all, slope_of_sums.sum(axis=(0, 1))


def slopes(params, ids, y):
    """The slope of the cross-entropy along every parameter, and the share that is right already."""
    scores, (X, start, memories) = read(params, ids)
    right = np.mean(np.argmax(scores, axis=1) == y)
    wrong = np.exp(scores - scores.max(axis=1, keepdims=True))
    wrong /= wrong.sum(axis=1, keepdims=True)
    wrong[np.arange(len(y)), y] -= 1
    wrong /= len(y)
    dhs = np.zeros_like(memories[0])
    dhs[:, -1] = wrong @ params["V"].T  # the scores look at the last state only
    found = {
        "V": memories[0][:, -1].T @ wrong,
        "a": wrong.sum(axis=0),
        "E": np.zeros_like(params["E"]),
    }
    if len(memories) == 3:
        dX, _, _, *of_weights = lstm_backward(
            dhs, X, start, start, *memories, params["Wx"], params["Wh"]
        )
    else:
        dX, *of_weights = rnn_slopes(dhs, X, *memories, params["Wx"], params["Wh"])
    found["Wx"], found["Wh"], found["b"] = of_weights
    np.add.at(found["E"], ids, dX)
    return found, right


def learn(params, state, ids, y, lr):
    """One step of Adam on one batch, the gradient clipped to a norm of 1. Changes params and state.
    -> share right"""
    found, right = slopes(params, ids, y)
    norm = np.sqrt(sum(np.sum(g**2) for g in found.values()))
    t = state["t"] = state.get("t", 0) + 1
    for name, g in found.items():
        g = g * min(1, 1 / (norm + 1e-12))
        m, v = state.get(name, (0, 0))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        params[name] -= lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        state[name] = m, v
    return right


# %% id="lag-setup" role="setup"
def remember_this(n, lag, rng):
    """n rounds of the game: ids (n, 1 + lag), of which the first is 0 to 3 and the noise 4 to 7; y
    (n,): the first."""
    ids = rng.integers(4, 8, (n, 1 + lag))
    ids[:, 0] = rng.integers(0, 4, n)
    return ids, ids[:, 0].copy()


CONTESTANTS = {
    "RNN": {"H": 28, "parts": 1},
    "LSTM, biases 0": {"H": 12, "parts": 4},
    "LSTM, open memory": {"H": 12, "parts": 4, "write": -2.0, "keep": 5.0},
}


def play(kind, lag, seed, lr=0.01, steps=300):
    """Train on fresh rounds until ten batches in a row are all right -> share right on 500 others,
    steps taken."""
    rng = np.random.default_rng(seed)
    params, state, streak = reader(rng, words=8, classes=4, D=8, **CONTESTANTS[kind]), {}, 0
    while state.get("t", 0) < steps and streak < 10:
        right = learn(params, state, *remember_this(32, lag, rng), lr)
        streak = streak + 1 if right == 1 else 0
    ids, y = remember_this(500, lag, np.random.default_rng(1000 + seed))
    return np.mean(np.argmax(read(params, ids)[0], axis=1) == y), state["t"]


# %% id="lag" role="demo"
@demo
def lag_task():
    results, games = {}, [(kind, lag) for lag in (10, 30, 60, 100) for kind in CONTESTANTS]
    with bar(len(games), "games") as rounds:
        for number in rounds:
            kind, lag = games[number]
            played = [play(kind, lag, seed) for seed in range(3)]
            results.setdefault(kind, {})[lag] = [right for right, _ in played]
            rounds.say(f"lag {lag}, {kind}")
    for kind, found in results.items():
        parameters = count(
            reader(np.random.default_rng(0), words=8, classes=4, D=8, **CONTESTANTS[kind])
        )
        shares = "   ".join(f"lag {lag}: {np.mean(right):4.0%}" for lag, right in found.items())
        print(f"{kind:>17} ({parameters} parameters)  {shares}")
    plot.show(
        plot.lags(results, chance=0.25),
        alt="How often the first word is still known, for lags of 10, 30, 60 and 100, three runs "
        "each. The LSTM with open memory is at 100 percent everywhere. The RNN knows it in most "
        "runs at a lag of 10; beyond that its runs are scattered, most near guessing or half "
        "right, a lucky one at 100. The LSTM with biases of 0 is good at 10 and on the line of "
        "guessing, 25 percent, from 30 on.",
    )


# %% [markdown] id="lag-lesson"
# Same architecture, same number of parameters, same rate, same data: **one LSTM remembers a hundred words, the other
# not even thirty.** With biases of 0 its forget gates stand near a half, and after 30 steps a billionth of a slope is
# left. It cannot learn to keep, because it never hears that keeping would have paid.
#
# So do not say that LSTMs remember and RNNs do not. What can be said:
#
# - **The plain RNN is a matter of luck.** Now and then a run hits on weights that neither shrink nor stretch. Run the
#   game with other seeds, and it will be other runs.
# - **We tried the RNN at 0.003 and 0.03 as well**, and it did no better. The LSTM with open memory likes 0.01; at
#   0.03 it fails in some runs, too.
# - **Three hundred steps are few.** Some of the failures would find out in the end.
# - **An LSTM costs more time.** With as many parameters its products are about as large. But a cell has five curves to
#   work out at every step, where a unit of the RNN has one.

# %% [markdown] id="gru"
# ## The GRU: two gates, one memory
#
# In 2014 somebody asked what can be left out. The **GRU**, gated recurrent unit, has no separate cell: the state h is
# the memory. And one gate does the work of two: what is to come in must push out as much of the old.
#
# - the **update gate** z: which share of the old state stays
# - the **reset gate** r: how much of the old state the candidate g may see
#
# $$h' = (1 - z) \cdot g + z \cdot h$$
#
# | z | g | h | h′ | in words |
# |---|---|---|---|---|
# | 1 | −1 | 1 | 1 | keep |
# | 0 | −1 | 1 | −1 | replace |
# | 0.75 | −1 | 1 | 0.5 | move a quarter of the way |
#
# Counting up, as the cell of the LSTM can, is not in the table: the state stays between −1 and 1.

# %% [markdown] id="gru-two-conventions"
# ### Reset before or after?
#
# The candidate looks at the input and at the reset state. Now there are two GRUs in the world. The difference is where
# the r stands:
#
# $$\text{before: } g = \tanh(x W + (r \cdot h)\, W_h + b) \qquad
# \text{after: } g = \tanh(x W + b_x + r \cdot (h\,W_h + b_h))$$
#
# One unit, by hand: h = 1, its weight 2, its bias 1, r = 0.5, and nothing comes in.
#
# - before: (0.5 · 1) · 2 + 1 = **2**, and tanh 2 = 0.96
# - after: 0.5 · (1 · 2 + 1) = **1.5**, and tanh 1.5 = 0.91
#
# Weights trained for one are wrong for the other, and no shape complains. We take *after*, as PyTorch does. It needs
# two biases: bh is reset together with h Wh, bx is not. And it is faster, because all of h Wh is one product.

# %% [markdown] id="gru-task"
# **Your turn.** The columns hold r, z, g, in this order. Cut x Wx + bx into three, and h Wh + bh into three.

# %% exercise="gru_step"

# %% [markdown] id="gru-replay-intro"
# The numbers above from your function, and then a test of memory: no input, weights 0, an update gate with a bias of
# 5. What is left of h = 1 after 100 steps? You have met this number today.


# %% id="gru-replay" role="demo"
@demo
def gru_replay():
    one, none, biases = np.ones((1, 1)), np.zeros((1, 3)), np.zeros(3)
    for z in (20.0, -20.0, np.log(3)):  # σ(log 3) = 0.75
        h = gru_step(one, one, none, none, np.array([0, z, -20]), biases)
        print(f"update gate {1 / (1 + np.exp(-z)):4.2f}: h = 1 becomes {h[0, 0]:5.2f}")
    g = gru_step(
        0 * one, one, none, np.array([[0, 0, 2.0]]), np.array([0, -20.0, 0]), np.array([0, 0, 1.0])
    )
    print(f"the candidate, reset after the product: {g[0, 0]:.2f}")
    h = one
    for _ in range(100):
        h = gru_step(0 * one, h, none, none, np.array([0, 5.0, 0]), biases)
    print(f"left of h = 1 after 100 steps: {h[0, 0]:.2f}")


# %% [markdown] id="gru-or-lstm"
# Three blocks of weights instead of four: a GRU costs three quarters of an LSTM with as many units. Which one is
# better? Large comparisons have not found a winner. The difference between tasks, and between learning rates, is
# larger than the one between the two. Try both, tune both alike.

# %% [markdown] id="reviews-intro"
# ## Film reviews
#
# Does the writer like the film? To answer this is called **sentiment analysis**, and it is an exercise in one of our
# articles: *an LSTM for the sentiment of film reviews.*
#
# We begin with reviews that are made up, by a small program you can read in `course/reviews.py`. They come in pairs.
# The second of a pair holds exactly the words of the first, with each *not* in the other place. Here are two pairs.

# %% id="reviews-setup" role="setup"
made_up = np.random.default_rng(13)
learn_texts, learn_y = data.reviews(2000, made_up)
validate_texts, validate_y = data.reviews(500, made_up)
test_texts, test_y = data.reviews(1000, made_up)


def count_and_judge(longest, texts, y, other_texts, other_y):
    """Count words, and runs of up to `longest` neighbors; logistic regression -> share of the
    others right, columns."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    bag = CountVectorizer(ngram_range=(1, longest), token_pattern=r"\S+")
    neuron = LogisticRegression(max_iter=1000).fit(bag.fit_transform(texts), y)
    return neuron.score(bag.transform(other_texts), other_y), len(bag.vocabulary_)


# %% id="reviews" role="demo"
@demo
def two_pairs():
    short = [k for k in range(0, 200, 2) if len(learn_texts[k].split()) < 20][:2]
    for k in short:
        for text, y in zip(learn_texts[k : k + 2], learn_y[k : k + 2], strict=True):
            print(("likes it:    " if y else "dislikes it: ") + text)
        print()
    lengths = [len(text.split()) for text in learn_texts]
    print(
        f"{len(lengths)} reviews to learn from, {len({w for t in learn_texts for w in t.split()})} "
        "different words,"
    )
    print(
        f"{np.mean(lengths):.0f} words and signs in a review on average, {max(lengths)} in the "
        "longest"
    )


# %% [markdown] id="bag-intro"
# ### First the baseline
#
# Before you build something clever, find out how far the simplest thing gets (lesson 0). For texts that is the **bag
# of words**: count how often each word occurs, forget their order, and hand the counts to logistic regression, which
# is one sigmoid neuron of lesson 2. On real film reviews this is a strong baseline. Words such as *dull* tell a lot.

# %% id="bag-prediction" role="demo"
predict(
    "bag",
    "It has counted the words of 2000 made-up reviews. How many of 1000 others does a bag of words "
    "get right?",
    [
        "more than 900: it knows every word there is",
        "700 to 900: mostly, but each “not” costs it something",
        "550 to 700: a little better than guessing",
        "about 500: no better than a coin",
    ],
)


# %% id="bag" role="demo"
@demo(after="bag")
def bag():
    for longest, name in ((1, "single words"), (2, "and pairs of neighbors"), (3, "and triples")):
        right, columns = count_and_judge(longest, learn_texts, learn_y, test_texts, test_y)
        print(f"{name:>22}: {columns:4} columns, {1000 * right:.0f} of 1000 right")
        found = right if longest == 1 else found
    outcomes = {
        0.55: "about 500: no better than a coin",
        0.7: "550 to 700: a little better than guessing",
        0.9: "700 to 900: mostly, but each “not” costs it something",
        1.1: "more than 900: it knows every word there is",
    }
    predict.reveal("bag", next(name for most, name in outcomes.items() if found < most))


# %% [markdown] id="bag-lesson"
# <details><summary><b>After your run, open this</b></summary>
#
# Exactly 500, and no better bag will ever change that. Both of a pair have the same counts, so they get the same
# verdict, and one of the two is wrong. **What is not in the input, no amount of data and no training can find.**
#
# Pairs of neighbors catch *not dull*. They do not catch *not from first to last dull*. Triples reach a little further
# and cost hundreds of columns more. To get all, you would have to know in advance how far apart two words may be.
#
# </details>

# %% [markdown] id="encode-intro"
# ### Then the network
#
# It gets numbers for words, as in lesson 12 for characters. Reviews differ in length, and a batch must be a rectangle.
# So short ones are filled up, with number 0, which stands for no word. Fill up **in front**: then the last step reads
# the last word. Behind, the network would have to carry its verdict across all the nothing.


# %% id="encode" role="setup"
def vocabulary(texts, least=1):
    """Every word that occurs at least so often, with a number from 1 on; 0 stands for no word."""
    words, counts = np.unique([word for text in texts for word in text.split()], return_counts=True)
    return {str(word): number for number, word in enumerate(words[counts >= least], start=1)}


def encode(texts, numbers, length):
    """Texts -> ids (N, length): the last `length` words of each that have a number, filled up with
    0 in front."""
    ids = np.zeros((len(texts), length), int)
    for row, text in zip(ids, texts, strict=True):
        known = [numbers[word] for word in text.split() if word in numbers][-length:]
        row[length - len(known) :] = known
    return ids


def judge(params, ids):
    """The probability that each review (N, T) is praise."""
    scores, _ = read(params, ids)
    return 1 / (1 + np.exp(scores[:, 0] - scores[:, 1]))


def study(params, ids, y, validate_ids, validate_y, epochs=12, lr=0.01, seed=0):
    """Train in batches of 50 -> the share of validation reviews that was right before, and after
    each epoch."""
    rng, state = np.random.default_rng(seed), {}
    history = [np.mean((judge(params, validate_ids) > 0.5) == validate_y)]
    with bar(epochs, "epochs") as rounds:
        for _ in rounds:
            order = rng.permutation(len(y))
            for batch in np.array_split(order, -(-len(y) // 50)):
                learn(params, state, ids[batch], y[batch], lr)
            history.append(np.mean((judge(params, validate_ids) > 0.5) == validate_y))
            rounds.say(f"{history[-1]:.1%} of the validation reviews right")
    return history


numbers = vocabulary(learn_texts)
longest = max(len(text.split()) for text in learn_texts + validate_texts + test_texts)
learn_ids, validate_ids, test_ids = (
    encode(texts, numbers, longest) for texts in (learn_texts, validate_texts, test_texts)
)
my_rnn = reader(np.random.default_rng(0), words=len(numbers) + 1, classes=2, D=12, H=37, parts=1)
my_lstm = reader(
    np.random.default_rng(0), words=len(numbers) + 1, classes=2, D=12, H=16, parts=4, keep=1.0
)

# %% [markdown] id="sentiment-intro"
# Your LSTM with 16 cells, and for comparison an RNN of the same size, 37 units. Each has the best of the learning rates
# we tried on the validation reviews. The RNN gets twice the epochs, because its epochs take half the time. The bar
# shows how far it is. **You may stop it**, with the ■ above, or with Esc and then `i` twice: the network keeps what it
# has learned, and running the cell again goes on from there. To begin anew, run the cell above as well.


# %% id="sentiment" role="demo"
@demo(after="bag")
def sentiment():
    curves = {}
    for name, params, epochs, lr in (("RNN", my_rnn, 24, 0.003), ("LSTM", my_lstm, 12, 0.01)):
        curves[name] = 100 * np.array(
            study(params, learn_ids, learn_y, validate_ids, validate_y, epochs, lr)
        )
    plot.show(
        plot.epochs({"validation reviews right": curves}, "right (%)"),
        alt="The share of validation reviews that is judged rightly, epoch by epoch. Both begin at "
        "50 percent. The LSTM stays there for one or two epochs, then shoots up and is close to "
        "100 percent from the sixth epoch on. The RNN climbs slowly over 24 epochs and stays well "
        "below.",
    )
    for name, params in (("RNN", my_rnn), ("LSTM", my_lstm)):
        right = np.sum((judge(params, test_ids) > 0.5) == test_y)
        print(f"{name:>4} ({count(params)} parameters): {right} of 1000 test reviews right")


# %% [markdown] id="sentiment-lesson"
# The LSTM is right on nearly every review, and it has found out by itself what *not* does and how far it reaches. The
# plain RNN is no fool: it is far better than the bag. Where it ends, between 80 and 97 of 100, depends on its first
# weights.
#
# Take care what you conclude. We wrote these reviews so that a *not* decides and has to be kept for a few words. That
# is just the task the LSTM is made for. Its forget gates began with a bias of 1, which is usual; here 0 does as well,
# the way is short. And there are no surprises: every word of the test has been seen in training. (Four of the 1000
# test reviews are even there word for word; they are short.)

# %% [markdown] id="watch-intro"
# ### Watch it read
#
# The verdict of your LSTM after every word, and below it that one of its 16 cells whose final value goes along best
# with the verdict. You trained it: nobody told it what a *not* is.


# %% id="watch" role="demo"
@demo(after="bag")
def watch():
    _, (_, _, (_, cells, _)) = read(my_lstm, validate_ids)
    best = np.argmax([abs(np.corrcoef(cell, validate_y)[0, 1]) for cell in cells[:, -1].T])
    for text in (
        "the plot was not as everybody had promised me gripping , it was very dull .",
        "the plot was as everybody had promised me gripping , it was not very dull .",
    ):
        words = text.split()
        ids = encode([" ".join(words[: n + 1]) for n in range(len(words))], numbers, longest)
        _, (_, _, (_, cells, gates)) = read(my_lstm, ids[-1:])
        i, f, _, _ = np.split(gates[0, -len(words) :], 4, axis=1)
        rows = {
            "praise?": judge(my_lstm, ids),
            f"cell {best}": cells[0, -len(words) :, best],
            "its gate i": i[:, best],
            "its gate f": f[:, best],
        }
        plot.show(
            plot.gates(words, rows),
            alt=f"Four rows of bars over the words of: {text} The first row is the probability of "
            f"praise after each word; it ends at {rows['praise?'][-1]:.2f}. Below it, the cell "
            "that goes along best with the verdict, and its input and forget gates.",
        )


# %% [markdown] id="watch-lesson"
# Before the first judgment the verdict is only a mood. At *gripping* it is made: with a *not*, five words away, it
# falls, without one it rises. So something has carried the *not* across.
#
# Do not look for that in one cell, though. The cell above is not nearly as tidy as the one you saw in the film. In
# trained networks the work is spread over many cells, and each has its part in several things.

# %% [markdown] id="yours-intro"
# ### Your own review
#
# The network knows the words of our little program and no others. Write with them, and try to fool it: two *not*s,
# none, or an order of your own.

# %% id="yours" role="demo"
my_reviews = [
    "the music was not dull , it was gripping .",
    "the music was not gripping , it was dull .",
    "the music was dull .",
    "the music was not dull , it was not gripping .",
]


@demo(after="bag")
def yours():
    print("it knows:", ", ".join(word for word in numbers if len(word) > 2))
    for text, praise in zip(
        my_reviews, judge(my_lstm, encode(my_reviews, numbers, longest)), strict=True
    ):
        unknown = [word for word in text.split() if word not in numbers]
        print(
            f"praise {praise:6.1%}: {text}"
            + (f"   (without {', '.join(unknown)})" if unknown else "")
        )


# %% [markdown] id="yours-lesson"
# The first two are of the kind it knows. The last two are not: it has never seen a review without a *not*, nor a
# sentence with two. What it says of them may sound sure, but it is not knowledge. Train again from other first
# weights (a 1 in place of the 0 in `default_rng(0)`, where `my_lstm` is made). You get networks that all judge nearly
# every test review rightly, **and contradict each other on these**.
#
# It has learned our program, not English. That is no fault of the LSTM: every network is at home only where it has
# been.

# %% [markdown] id="real-intro"
# ## Real reviews
#
# Real people do not take back one judgment in every sentence. Two collections are in wide use:
#
# - 10,662 **sentences** from reviews, half of them praise: `rt-polarity.pos` and `rt-polarity.neg` (Bo Pang and
#   Lillian Lee, 2005, *sentence polarity dataset*)
# - 50,000 **reviews** of the film site IMDB: the folder `aclImdb` (Andrew Maas and others, 2011, *large movie review
#   dataset*)
#
# Download either of them where their authors offer it, put it into a folder `data` beside this notebook, or name
# another folder in `THRESHOLD_DATA`. Then the next cell trains on it. It says so if nothing is there, and nothing
# later needs it.


# %% id="real" role="demo"
@demo
def real_reviews(most=12000, length=40, epochs=4):
    try:
        texts, y = data.film_reviews()
    except FileNotFoundError as missing:
        print(missing)
        return
    rng = np.random.default_rng(0)
    order = rng.permutation(len(y))[:most]
    texts, y = [texts[k] for k in order], y[order]
    eight, nine = len(y) * 8 // 10, len(y) * 9 // 10
    parts = slice(0, eight), slice(eight, nine), slice(nine, None)
    known = vocabulary(texts[parts[0]], least=2)
    ids = encode(texts, known, length)
    network = reader(rng, words=len(known) + 1, classes=2, D=24, H=24, parts=4, keep=1.0)
    print(
        f"{len(y)} texts, {len(known)} words that occur at least twice, {count(network)} parameters"
    )
    study(network, ids[parts[0]], y[parts[0]], ids[parts[1]], y[parts[1]], epochs, lr=0.003)
    right, _ = count_and_judge(1, texts[parts[0]], y[parts[0]], texts[parts[2]], y[parts[2]])
    print(f"bag of words: {right:.1%} of {len(y) - nine} test texts right")
    print(f"your LSTM:    {np.mean((judge(network, ids[parts[2]]) > 0.5) == y[parts[2]]):.1%}")


# %% [markdown] id="real-lesson"
# If you have run it, do not be disappointed. On real sentences the bag of words is hard to beat, and a small LSTM
# trained on a few thousand of them from nothing mostly does not. Two reasons. Real reviews say the same thing several
# times over, so single words suffice for most of them. And most of the network's numbers are embeddings of rare
# words, each seen a handful of times: it has learned them by heart, not understood them.
#
# What helps is not a cleverer cell but more text: embeddings, or whole networks, that somebody has trained on
# billions of words before. That is **transfer**, lesson 14.
#
# So which result is the true one, ours on made-up reviews or the one on real ones? Both. Made-up data shows what a
# network *can* represent and learn. Only real data shows whether that is what is needed.

# %% [markdown] id="article-model"
# ## The article's LSTM, to the last number
#
# One article builds a classifier of texts: 10,000 words, embeddings of 100 numbers, an LSTM with 128 cells, and two
# scores. How many numbers does it learn? Count on paper, with the shapes of `lstm_step`, before you run the cell.


# %% id="article-model-count" role="demo"
@demo
def article_model():
    model = reader(
        np.random.default_rng(0), words=10_000, classes=2, D=100, H=128, parts=4, keep=1.0
    )
    for names, part in ((("E",), "embedding"), (("Wx", "Wh", "b"), "LSTM"), (("V", "a"), "scores")):
        print(f"{part:>10}: {' + '.join(f'{model[name].size:,}' for name in names)}")
    print(f"{'together':>10}: {count(model):,}")
    gru = 3 * (100 * 128 + 128 * 128 + 2 * 128)
    print(
        f"a GRU in place of the LSTM: {gru:,} instead of "
        f"{sum(model[name].size for name in ('Wx', 'Wh', 'b')):,}"
    )


# %% [markdown] id="article-model-lesson"
# 1,117,506, and it is your own `reader`: the same call with larger numbers. 89 % of it is the table of embeddings.
#
# Before you train it as the article has it, mend four things:
#
# - `input_length` is deprecated in Keras. Leave it out: the length shows in the data.
# - Nothing tells the LSTM which steps are filling. Ask for a mask (`mask_zero=True`), or fill up in front.
# - `categorical_crossentropy` wants one-hot labels. For classes as numbers it is `sparse_categorical_crossentropy`.
# - `recurrent_dropout` keeps Keras from using the fast kernels of a GPU.
#
# Shown, not run:
#
# ```python
# model = keras.Sequential([
#     keras.layers.Embedding(10_000, 100, mask_zero=True),
#     keras.layers.LSTM(128, dropout=0.2),         # its forget gates start with a bias of 1
#     keras.layers.Dense(2, activation="softmax"),
# ])
# model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
# model.fit(ids, y, batch_size=64, epochs=3, validation_split=0.1)
# ```
#
# ```python
# class Reader(torch.nn.Module):
#     def __init__(self):
#         super().__init__()
#         self.E = torch.nn.Embedding(10_000, 100)
#         self.lstm = torch.nn.LSTM(100, 128, batch_first=True)
#         self.V = torch.nn.Linear(128, 2)
#
#     def forward(self, ids):
#         hs, _ = self.lstm(self.E(ids))
#         return self.V(hs[:, -1])
# ```
#
# PyTorch counts 512 more: its LSTM has two biases, like its GRU. The GRU needs both. Here one would do.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **1991.** Sepp Hochreiter shows in his diploma thesis why slopes vanish in recurrent networks.
# - **1997.** With Jürgen Schmidhuber he publishes the LSTM. It has no forget gate yet: its cell can only add.
# - **2000.** Felix Gers, Schmidhuber and Fred Cummins add the forget gate.
# - **2014.** Kyunghyun Cho and others present the GRU, in a translator. Two versions of that paper, two places for
#   the reset.
# - **2017.** Attention takes over most of language, lesson 15. Gates did not go away: networks that carry a state
#   with a learned share of forgetting are an active field again.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about earlier ones. Answer from memory: the effort of recalling is what makes it
# stay. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("13_lstm")

# %% [markdown] id="take-along"
# ## What to take along
#
# - A cell keeps (f), takes in (i · g) and shows (o). The gates are sigmoid neurons that read x and h.
# - Back along the cells each step multiplies by f, and by nothing else. Open gates keep slopes alive, half-open ones
#   kill them.
# - So where the biases *begin* decides what can be learned. The name of the architecture does not.
# - A GRU has two gates and one memory. Ask whether its reset comes before or after the product.
# - State the baseline first. If word order does not matter, counting words is hard to beat; if it decides, counting
#   is a coin.
#
# **Next: lesson 14, transfer.** Begin with what another network has learned already.

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Give the RNN of the game a better start: a Wh that is orthogonal, from `np.linalg.qr`, so that it neither
# shrinks nor stretches. Then play at lags of 30 and 60. Or take `write=0, keep=5`, and find out what the −2 was good
# for.
#
# **Try.** The article's exercise: a real corpus, your LSTM, and a serious attempt to beat the bag of words. What
# about dropout (lesson 8), a larger batch, the mean over all states in place of the last one?
#
# **Why 5 and −2?** A gate at σ(5) = 0.993 keeps half of a memory for about 100 steps. If you know how long the memory
# must be, about T steps, log T is a good bias to begin with, and its negative for the input gate.
# (log 100 is 4.6. Our −2 is milder than that rule.)
#
# **Read.**
# - S. Hochreiter and J. Schmidhuber, "Long short-term memory", *Neural Computation* 9 (1997), 1735–1780
# - F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to forget: continual prediction with LSTM", *Neural
#   Computation* 12 (2000), 2451–2471
# - Y. Bengio, P. Simard and P. Frasconi, "Learning long-term dependencies with gradient descent is difficult", *IEEE
#   Transactions on Neural Networks* 5 (1994), 157–166
# - K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
#   *EMNLP* (2014), 1724–1734
# - R. Jozefowicz, W. Zaremba and I. Sutskever, "An empirical exploration of recurrent network architectures", *ICML*
#   (2015), 2342–2350: the forget bias, and thousands of other cells
# - K. Greff et al., "LSTM: a search space odyssey", *IEEE Transactions on Neural Networks and Learning Systems* 28
#   (2017), 2222–2232
# - C. Tallec and Y. Ollivier, "Can recurrent neural networks warp time?", *ICLR* (2018): where log T comes from
# - B. Pang and L. Lee, "Seeing stars: exploiting class relationships for sentiment categorization with respect to
#   rating scales", *ACL* (2005), 115–124
# - A. L. Maas et al., "Learning word vectors for sentiment analysis", *ACL* (2011), 142–150
# - S. Wang and C. Manning, "Baselines and bigrams: simple, good sentiment and topic classification", *ACL* (2012), 90–94
# - C. Olah, "Understanding LSTM networks" (2015), on his blog: the pictures everybody remembers
