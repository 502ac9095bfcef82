# %% [markdown] id="title"
# # 15 · GAN, attention, capstone
#
# **Nobody has ever written these digits. So who taught the machine what a 5 looks like?**
#
# A second machine, which was learning too. The two of them open this lesson. Then comes the one idea that stands behind
# today's language models, small enough to work out with a pencil, and big enough to learn to sort. And then it is your
# turn: a project of your own, on a library of your own.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - set two networks against each other, and say who may move when
# - see mode collapse, name it, and mend it
# - write attention, mask included, and read its map
# - carry a project from a question to a report that others can trust
# - answer fourteen interview questions in your own words

# %% id="imports" role="setup"
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from course import check, data, demo, hint, library, plot, predict, quiz
from course.bar import bar

one_core = threadpool_limits(1)  # sums this small are done before a second core has started

# %% [markdown] id="forger"
# ## A forger and an expert
#
# All networks so far have *judged*: this is a 4, this review is kind. Now one shall *make* something. How do you grade
# that? There is no right answer to compare with. A new 5 need not equal any 5 there is. It has to look as if it could
# be one.
#
# So let a second network do the grading.
#
# - The **generator** is a forger. It gets random numbers, **noise**, and makes a fake of them.
# - The **discriminator** is an expert. It gets real examples and fakes, and says of each how much it looks real.
#
# The expert learns to tell them apart. The forger learns to be taken for real. Each is the other's teacher, and no
# label has been written by hand. That is a **generative adversarial network**, a **GAN**.

# %% [markdown] id="by-hand"
# ### The smallest one there is
#
# Real coins weigh 2 grams. The forger has one number, c: the weight of its coins. The expert has two, a and b. To a coin
# of weight x it gives a logit, as in lesson 4: **a · x + b**. Above 0 says real, below 0 says fake. All three numbers
# start at 0, and the learning rate is 1.
#
# **The expert's turn.** It knows nothing yet: both logits are 0, so both probabilities are ½. Slopes along logits are
# p − y, as always: ½ − 1 = −½ for the real coin, ½ − 0 = ½ for the fake. Its loss is the mean of two halves:
#
# - along a: (−½ · 2 + ½ · 0) / 2 = **−0.5**, so a becomes **0.5**
# - along b: (−½ + ½) / 2 = **0**, so b stays
#
# Now heavy coins look real to it. **The forger's turn.** Its coin of 0 grams still gets 0.5 · 0 = 0, so p = ½. It wants
# to hear 1: the slope along the logit is ½ − 1 = −½. And along c, a link further, −½ · a = **−0.25**. So c becomes
# **0.25**. The coin got heavier, and nobody has told the forger what a real one weighs. It asked the expert.

# %% [markdown] id="expert-loss"
# ## Two prices
#
# **The expert** pays what everybody pays for yes-or-no answers: binary cross-entropy. Its labels come for free: 1 for
# what was taken from the data, 0 for what the forger made.
#
# $$\text{loss}_D = \tfrac12 \Big( \frac1N \sum_n \log(1 + e^{-r_n}) + \frac1M \sum_m \log(1 + e^{f_m}) \Big)$$
#
# r are the logits of N real examples, f those of M fakes. Why log(1 + exp(−r))? Because p = 1 / (1 + exp(−r)), and
# −log p is just that.
#
# By hand: with logits 0 everywhere, every term is log 2 = **0.693**. So an expert who knows nothing pays **ln 2**.
# Remember that number. At r = 2 a term costs 0.127, at r = −2 it costs 2.127. (Do you see why they differ by 2?)
#
# **Your turn.** Two means, then the mean of the two. And logits may be huge: at 1000 a plain `exp` overflows. The
# description below has a form that does not. In NumPy, `np.log1p(x)` is log(1 + x).

# %% exercise="discriminator_loss"

# %% [markdown] id="forger-loss"
# **The forger** wants to hear yes. There are two ways to write that down. Let p be what the expert believes of a fake.
#
# | | the forger pays | slope along the logit |
# |---|---|---|
# | first idea: lower the expert's gain | log(1 − p) | −p |
# | other idea: raise the yes | −log p | p − 1 |
#
# Both want p to rise. But look at a beginner, whose fakes are bad. The expert is sure: the logit is −4, and p is 0.018.
#
# - first idea: the slope is **−0.018**. Almost nothing. The forger cannot learn where it has most to learn.
# - other idea: the slope is **−0.982**. A clear message.
#
# The first loss is called **saturating**, the second **non-saturating**. We take the second. It is cross-entropy again,
# with the label 1 for fakes.
#
# **Your turn.**

# %% exercise="generator_loss"

# %% [markdown] id="slopes"
# ### And their slopes
#
# Descent never looks at a loss, only at its slope. The expert's is written for you: p − y on either side, divided by what
# the means and the ½ divide by.

# %% exercise="discriminator_loss_backward"

# %% [markdown] id="slopes-task"
# **Your turn** for the forger's. Two blanks.

# %% exercise="generator_loss_backward"

# %% [markdown] id="turns"
# ## Whose numbers may move?
#
# One expert, one forger, one chain from c to the verdict. Whoever sends slopes back along that chain gets slopes for
# *everybody's* numbers. So in each turn you have to say who moves.
#
# - **In the expert's turn the forger stays.** Otherwise the forger would go down the expert's loss, and help it to catch
#   its own fakes. Libraries call it **detaching** the fakes: here they are mere numbers, and nothing goes back to c.
# - **In the forger's turn the expert stays.** Otherwise the expert would learn to believe fakes. It passes the slope
#   on, as a window passes light, and is not changed by it. In libraries it is **frozen** for that turn.
#
# Both slips run without an error. They are the two commonest of a first GAN.
#
# **Your turn.** The coins from above, one turn each. All lines are there, out of order. One of them is there twice, and is
# needed twice. Why?

# %% exercise="take_turns"

# %% [markdown] id="chase-intro"
# Now let them play: 150 turns, learning rate 0.5. Will c settle at 2?


# %% id="chase" role="demo"
@demo
def chase():
    tracks, real, still = {}, np.array([[2.0]]), np.array([[0.0]])
    for name, pull in (("as they are", 0.0), ("the expert calmed a little", 0.1)):
        a = b = c = 0.0
        expert, forger = [a], [c]
        for _ in range(150):
            a, b, c = take_turns(a * (1 - pull), b * (1 - pull), c, real, still, 0.5)
            expert.append(a)
            forger.append(c)
        tracks[name] = np.array(expert), np.array(forger)
        late = np.array(forger[-50:])
        print(
            f"{name:27} c reaches {max(forger):.2f}, falls back to {min(forger[33:]):.2f}", end="; "
        )
        print(f"in the last 50 turns between {late.min():.2f} and {late.max():.2f}")
    plot.show(
        plot.chase(tracks, (0, 2), ("the expert's a", "the forger's c")),
        alt="Left, the path of the game in the plane of a and c. A solid blue line winds in a wide "
        "spiral around the cross at a = 0, c = 2; a dashed orange one goes almost straight to it. "
        "Right, c over 150 turns: the blue line swings above and below 2, less each time; the "
        "orange one passes 2 by a little and comes to rest.",
    )


# %% [markdown] id="chase-lesson"
# It swings past the goal to 3, back to 1.6, and past it again. When the coins are too light the expert likes heavy ones;
# the forger makes them heavier, and overshoots; only then does the expert turn around. They chase each other in a spiral.
# **This is no descent into a valley. It is a game**, and games may go in circles. So a GAN's losses need not fall either.
#
# The dashed run has one change: before each turn, the expert's numbers shrink by a tenth. You know that: it is the weight
# decay of lesson 8. A calm expert makes for a calm game.

# %% [markdown] id="machine"
# ## With networks in both chairs
#
# The same with networks. `Network` is what you have built since lesson 3: dense layers, ReLUs, their way back, and
# Adam. One thing is new: the expert's ReLUs **leak**. Below 0 they let a fifth through instead of nothing, so none of
# them shuts the slope out on its way to the forger. (`"f4"` is short for `np.float32`.) `play` is one turn each. Read
# it. Where is the forger detached? Where is the expert frozen?


# %% id="network" role="setup"
class Network:
    """Dense layers with leaky ReLUs between them (lessons 3, 5), He's first weights (7) and Adam
    (6)."""

    def __init__(self, sizes, rng, leak=0.0):
        self.leak, self.t = leak, 0
        self.w = [
            (rng.standard_normal((n, m)) * np.sqrt(2 / n)).astype("f4") for n, m in pairwise(sizes)
        ]
        self.b = [np.zeros(m, "f4") for m in sizes[1:]]
        self.averages = [[0.0, 0.0] for _ in self.w + self.b]

    def forward(self, x):
        self.inputs = []
        for l, (w, b) in enumerate(zip(self.w, self.b, strict=True)):
            x = np.where(x > 0, x, self.leak * x) if l else x
            self.inputs.append(x)
            x = x @ w + b
        return x

    def backward(self, dy):
        """Keep the gradients; send on what belongs to the input."""
        dw, db = [], []
        for l in reversed(range(len(self.w))):
            x = self.inputs[l]
            dw.insert(0, x.T @ dy)
            db.insert(0, dy.sum(axis=0))
            dy = dy @ self.w[l].T
            dy = np.where(x > 0, dy, self.leak * dy) if l else dy
        self.gradients = dw + db
        return dy

    def step(self, lr, momentum=0.5):
        self.t += 1
        for p, g, average in zip(self.w + self.b, self.gradients, self.averages, strict=True):
            average[0] = momentum * average[0] + (1 - momentum) * g
            average[1] = 0.999 * average[1] + 0.001 * g**2
            m, v = average[0] / (1 - momentum**self.t), average[1] / (1 - 0.999**self.t)
            p -= (lr * m / (np.sqrt(v) + 1e-8)).astype("f4")


# %% id="play" role="setup"
def noise(n, forger, rng):
    return rng.standard_normal((n, len(forger.w[0]))).astype("f4")


def play(forger, expert, real, rng, lr, momentum=0.5, hurry=1):
    """One turn each -> the expert's loss and the forger's. real (N, D); hurry: times the rate, for
    the forger"""
    N = len(real)
    fakes = forger.forward(noise(N, forger, rng))
    z = expert.forward(np.concatenate([real, fakes]))
    expert.backward(np.concatenate(discriminator_loss_backward(z[:N], z[N:])))
    expert.step(lr, momentum)  # nobody calls forger.backward: the fakes are detached
    loss = discriminator_loss(z[:N], z[N:])

    fakes = forger.forward(noise(N, forger, rng))
    z = expert.forward(fakes)
    forger.backward(expert.backward(generator_loss_backward(z)))
    forger.step(hurry * lr, momentum)  # nobody calls expert.step: the expert is frozen
    return loss, generator_loss(z)


def believed(expert, x):
    """The expert's probability that x is real."""
    return 1 / (1 + np.exp(-expert.forward(x.astype("f4"))))


# %% [markdown] id="film-intro"
# ### A film: a mint of one's own
#
# Real coins now weigh 4 grams, give or take half a gram. The forger gets one number of noise and has 16 hidden units.
# Watch the dashes move below the blue hill. The curve below is the expert's opinion of every weight. What does it look
# like when the forger has won? Press **Play**, or move the slider with the arrow keys.


# %% id="film" role="demo"
def mint(n, rng):
    return (4 + 0.5 * rng.standard_normal((n, 1))).astype("f4")


@demo
def a_mint_of_ones_own():
    rng = np.random.default_rng(0)
    forger, expert = Network([1, 16, 1], rng), Network([1, 16, 16, 1], rng, leak=0.2)
    real, weights = mint(4000, np.random.default_rng(1)), np.linspace(-1, 9, 201)
    figures, captions, losses = [], [], [(np.nan, np.nan)]
    for turn in range(3001):
        if turn in (0, 25, 50, 100, 200, 300, 450, 600, 800, 1000, 1500, 2000, 3000):
            fakes = forger.forward(noise(4000, forger, np.random.default_rng(2)))
            belief = believed(expert, weights[:, None])[:, 0]
            figures.append(plot.density(real, fakes, weights, belief, "weight (grams)"))
            captions.append(
                f"after {turn} turns: fakes weigh {fakes.mean():.2f} ± {fakes.std():.2f} grams"
            )
        losses.append(play(forger, expert, mint(64, rng), rng, 0.002))
    plot.film(
        figures,
        captions,
        alt="Above, a blue hill of real coins around 4 grams and a dashed outline of the fakes. At "
        "first the fakes lie around 0, apart from the hill. They jump to the right, beyond it, "
        "spread out, come back, and in the end cover it. Below, the expert's belief: at first a "
        "step between the two, at the end a line near one half wherever there are coins.",
    )
    print("\n".join(captions))
    late = np.mean(losses[-500:], axis=0)
    print(
        f"\nlosses over the last 500 turns: the expert {late[0]:.3f}, the forger {late[1]:.3f}; ln "
        f"2 is {np.log(2):.3f}"
    )


# %% [markdown] id="film-lesson"
# The forger has bent one heap of noise into the shape of another. It has never seen a coin: all it ever got was the
# expert's slope.
#
# And the expert? Where there are coins its belief is near one half: it can only guess. Its loss is close to **ln 2**, the
# price of knowing nothing. For a GAN, that is what success looks like.

# %% [markdown] id="collapse"
# ## Mode collapse
#
# Now a harder customer. The real points lie in eight little clouds on a ring. A heap in the data is called a **mode**, so
# there are eight modes. And the forger is in a hurry: its learning rate is twice the expert's. Two runs with the same
# first weights. They differ in one number: the momentum in Adam, 0.9 as usual or 0.5.


# %% id="ring" role="setup"
ANGLES = 2 * np.pi * np.arange(8) / 8
CENTERS = 2 * np.column_stack([np.cos(ANGLES), np.sin(ANGLES)])


def ring(n, rng):
    """Points of eight little clouds -> (n, 2)"""
    return (CENTERS[rng.integers(8, size=n)] + 0.05 * rng.standard_normal((n, 2))).astype("f4")


def modes(points):
    """How many of the points lie in each of the eight clouds -> (8,) counts"""
    far = np.linalg.norm(points[:, None] - CENTERS, axis=2)
    return np.bincount(far.argmin(axis=1)[far.min(axis=1) < 0.4], minlength=8)


def on_the_ring(draw, seed, turns, momentum=0.5, look=()):
    """Play on the ring -> {turn: 2000 fakes} at the turns in `look`, and at the end"""
    rng = np.random.default_rng(seed)
    forger, expert, seen = Network([2, 64, 64, 2], rng), Network([2, 64, 64, 1], rng, leak=0.2), {}
    for turn in range(turns + 1):
        if turn in look or turn == turns:
            seen[turn] = forger.forward(noise(2000, forger, np.random.default_rng(9)))
        play(forger, expert, draw(64, rng), rng, 0.002, momentum, hurry=2)
    return seen


# %% id="collapse-film" role="demo"
@demo
def collapse():
    look = (0, 100, 200, 300, 400, 500, 600, 700, 800, 1000, 1200, 1500, 2000)
    runs = {momentum: on_the_ring(ring, 0, 2000, momentum, look) for momentum in (0.9, 0.5)}
    real, figures, captions = ring(400, np.random.default_rng(1)), [], []
    for turn in look:
        figures.append(
            plot.clouds(
                real, {f"momentum {momentum}": runs[momentum][turn][:400] for momentum in runs}
            )
        )
        covered = {momentum: np.sum(modes(runs[momentum][turn]) > 20) for momentum in runs}
        captions.append(
            f"after {turn:4} turns: modes served, {covered[0.9]} with 0.9 and {covered[0.5]} with "
            "0.5"
        )
    plot.film(
        figures,
        captions,
        alt="Two panels, each with eight blue clouds on a ring and the fakes as orange crosses. "
        "Left, with momentum 0.9, the fakes stay together in one clump or thread, which moves from "
        "one cloud to the next. Right, with momentum 0.5, they start the same way, then spread, "
        "and at the end there are crosses at nearly all eight clouds, and a few between them.",
    )
    print("\n".join(captions))


# %% [markdown] id="collapse-lesson"
# Left, all the forger brings lies in one small patch. It heads for one cloud, as one is enough to fool the expert for a while.
# The expert learns to distrust that place, and the whole clump moves on to the next. This is **mode collapse**: there are
# fakes in plenty, and most of the world is missing. A single fake never shows it. So count what is *missing*.
#
# The right one serves seven or eight, not evenly and not sharply, but it knows that there is a ring.
#
# Why does momentum make it worse? It goes on in the direction of the last steps. In a valley that helps. But here the
# valley moves: the expert has just changed its mind, and momentum still follows yesterday's. With 0.5 the forger listens
# to today's expert. One number, and the picture is another. (0.5 is a habit from 2015, and no law.)

# %% [markdown] id="repair-the-claim"
# ### Repair the claim
#
# One of the articles this course grew out of speaks of *bias*: a model repeats what is lopsided in its data. And it
# expects this to pass: sooner or later, training will get rid of the bias.
#
# Let us see whether training does. One of the eight clouds is now rare: 2 points of 100. Nothing in the training is
# told so, as in life. Run it. What share do the fakes give the rare cloud? Then **repair** `a_batch`: let the training
# see all eight equally often. `kind` says to which cloud each row belongs. You know the cure from lesson 8.


# %% id="repair-the-claim-code" role="demo"
def lopsided(rng):
    """4000 points, of which about 2 in 100 lie in cloud 0 -> points (4000, 2), kind (4000,)"""
    kind = rng.choice(8, 4000, p=[0.02] + [0.14] * 7)
    return (CENTERS[kind] + 0.05 * rng.standard_normal((4000, 2))).astype("f4"), kind


points, kind = lopsided(np.random.default_rng(3))


def a_batch(n, rng):
    return points[rng.choice(len(points), n)]


@demo
def bias():
    print(f"share of the rare cloud in the data: {np.mean(kind == 0):.1%}")
    shares = []
    for seed in (0, 1, 2):
        counts = modes(on_the_ring(a_batch, seed, 2500)[2500])
        shares.append(counts[0] / counts.sum())
        print(f"run {seed}: its share among the fakes {shares[-1]:.1%}")
    print(f"on average {np.mean(shares):.1%}")


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary>Training does not eliminate it. It adds to it: the data give the rare cloud 2.1 % of
# the points, the fakes 0.2 %, and in two runs of three nothing at all. A forger that leaves out what is rare is hardly ever
# caught.<br>Repaired, every row is drawn with a weight of one over the size of its cloud:
# <code>points[rng.choice(len(points), n, p=(1 / np.bincount(kind)[kind]) / 8)]</code>. Then it gets 7.0 % on average, where
# 12.5 would be even: 10.6, 0.1 and 10.2 %. So the data are mended, and in the second run the game loses the cloud all the
# same. Bias does not go away by itself. Somebody has to name the group, count it, and count again afterward.</details>

# %% [markdown] id="digits"
# ## Digits nobody has written
#
# And now pictures: the last of the five exercises that one of our articles sets. The forger turns 16 numbers of noise
# into 64 pixels, the expert looks at 64 pixels. The data are the 1797 handwritten digits. Labels are not used at all.
#
# Above each fake stands what a third network reads in it: a digit reader that somebody has trained on real digits.


# %% id="digits-film" role="demo"
handwritten = (data.digits()[0] / 8 - 1).astype("f4")  # from −1, paper, to 1, ink


class Painter(Network):
    """A network whose pixels end in tanh (lesson 2): from −1 to 1."""

    def forward(self, x):
        self.pixels = np.tanh(super().forward(x))
        return self.pixels

    def backward(self, dy):
        return super().backward(dy * (1 - self.pixels**2))


def read(reader, pixels):
    """The reader's probabilities for pictures of −1 … 1 -> (N, 10)"""
    z = np.maximum((pixels + 1) / 2 @ reader["W1"] + reader["b1"], 0) @ reader["W2"] + reader["b2"]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


painter = Painter([16, 128, 128, 64], np.random.default_rng(0))


@demo
def digits():
    rng, reader = np.random.default_rng(4), data.digit_reader()[0]
    expert = Network([64, 128, 128, 1], rng, leak=0.2)
    figures, captions = [], []
    with bar(4001, "turns") as turns:
        for turn in turns:
            if turn in (0, 100, 250, 500, 1000, 2000, 4000):
                fakes = painter.forward(noise(1000, painter, np.random.default_rng(5)))
                p = read(reader, fakes)
                sure = f"{np.mean(p.max(axis=1) > 0.9):.0%}"
                seen = [f"read as {digit}" for digit in p[:10].argmax(axis=1)]
                figures.append(plot.gallery((fakes[:10].reshape(-1, 8, 8) + 1) / 2, seen))
                captions.append(f"after {turn} turns the reader is sure (over 90 %) of {sure}")
            rows = rng.integers(len(handwritten), size=64)
            play(painter, expert, handwritten[rows], rng, 0.001)
    plot.film(
        figures,
        captions,
        alt="Ten pictures of 8 by 8 gray squares. At first they are gray noise. After a few "
        "hundred turns there are dark strokes in the middle, then curves, and at the end most of "
        "them look like handwritten digits, above each what the reader reads in it.",
    )
    print("\n".join(captions))
    counts = np.bincount(p.argmax(axis=1), minlength=10)
    print("read as 0 … 9, of 1000:", *counts)


# %% [markdown] id="copies-intro"
# Are these new digits, or has it learned the old ones by heart? Ask for each picture how far the nearest real one is.
# The yardstick is how far a real digit is from the nearest *other* real one.


# %% id="copies" role="demo"
@demo
def copies():
    def nearest(pictures, others):
        far = ((pictures[:, None] - others) ** 2).sum(axis=2)
        return np.sqrt(np.sort(far, axis=1))

    fakes = painter.forward(noise(200, painter, np.random.default_rng(6)))
    print(
        "from a fake to the nearest real digit:        "
        f"{nearest(fakes, handwritten)[:, 0].mean():.2f} on average,"
    )
    print(
        "                                              "
        f"{nearest(fakes, handwritten)[:, 0].min():.2f} at least"
    )
    real = handwritten[::9]
    print(
        "from a real digit to the nearest other:       "
        f"{nearest(real, handwritten)[:, 1].mean():.2f} on average"
    )


# %% [markdown] id="puzzle-intro"
# ### One for your friends
#
# Five of these ten were written by people. Which?


# %% id="puzzle" role="demo"
def mixed():
    """Ten pictures (10, 8, 8), and for each whether a hand has written it."""
    rng = np.random.default_rng(7)
    fakes = painter.forward(noise(5, painter, rng))
    real = handwritten[rng.choice(len(handwritten), 5, replace=False)]
    order = rng.permutation(10)
    return (np.concatenate([real, fakes])[order].reshape(-1, 8, 8) + 1) / 2, order < 5


@demo
def which_are_real():
    plot.show(
        plot.gallery(mixed()[0], list("abcdefghij")),
        alt="Ten digits of 8 by 8 gray squares, named a to j. Five were written by hand and five "
        "come from the GAN; it is hard to tell which.",
    )


# %% id="puzzle-answer" role="demo"
def by_hand():
    """Call it when you have made up your mind."""
    return [name for name, real in zip("abcdefghij", mixed()[1], strict=True) if real]


# by_hand()

# %% [markdown] id="gan-lesson"
# What to think of it?
#
# - It works: digits that nobody has written, from no label at all.
# - **How good are they?** Here a reader could judge, because somebody had labeled digits before. In general there is no
#   such judge, and the losses say nothing. So count modes, measure distances, and look.
# - **Who is harmed?** What draws digits can draw faces, signatures and bank notes. A fake of a person who did not consent
#   is no technical question. Say what is generated, and keep out of it what you may not use.
#
# GANs drew the best pictures until about 2021. Diffusion models do now: they learn to take noise away, step by step, and
# have no opponent to circle around.

# %% [markdown] id="looking"
# ## Attention
#
# A new question. You are sorting a list by hand: **8 3 5 1 9 2**. So far you have written 1 2 3. What comes next?
#
# You look at your last number, 3. Then you look at the list, for the smallest number above it. You do *not* read the list
# from left to right and keep it in mind, as a recurrent network would. You look where it matters. **To look, and to
# choose where, is attention.**
#
# Think of a library with labels on the drawers. You come with a **query**. Every drawer has a **key** on it, and a
# **value** in it. You compare your query with all keys, and take from each drawer the more, the better its key
# fits.

# %% [markdown] id="attention-by-hand"
# ### By hand
#
# Three drawers. Queries and keys have d = 4 numbers each; how well they match is their weighted sum, as in lesson 1. The
# query is (2, 2, 0, 0).
#
# | key | match | divided by √d = 2 | softmax | value | share |
# |---|---|---|---|---|---|
# | (1, 1, 0, 0) | 4 | 2 | 0.665 | 10 | 6.65 |
# | (1, 0, 0, 1) | 2 | 1 | 0.245 | 20 | 4.89 |
# | (0, 0, 1, 1) | 0 | 0 | 0.090 | 30 | 2.70 |
# | | | | **1** | | **14.25** |
#
# You know these softmax numbers by now, from lessons 4 and 5. What comes out is 14.25, added up before rounding: mostly
# the first value, with a little of the others. It is soft, so it has a slope, so it can be learned.
#
# **With a mask.** Suppose the third drawer is locked. Then its share is 0, and the *other two* share what there is: the
# softmax of 2 and 1 is 0.731 and 0.269. Out comes 7.31 + 5.38 = **12.69**. Mask first, then softmax: the other way around
# the shares would not add up to 1.

# %% [markdown] id="attention-formula"
# ### As a formula
#
# $$A = \text{softmax}\Big(\frac{Q K^\top}{\sqrt d}\Big), \qquad Y = A\,V$$
#
# Each row of Q is a query, each row of K a key, each row of V a value. A has a row for every query and a column for every
# key; its rows add up to 1. In the exercise there are N such examples at once, so the arrays have three axes.
#
# A locked drawer gets the score −∞, because exp(−∞) = 0. And a query that finds *all* drawers locked? Then every score is
# −∞. It should get zeros, and not 0 / 0.
#
# **Your turn.** The mask is True where a query *may* look. Return both Y and A: the map is the best picture you will ever
# get of what a network does.

# %% exercise="attention"

# %% [markdown] id="root-intro"
# ### Why √d?
#
# A sum of d random products grows with d. Here are random queries and keys, 8 keys for each query. How large are the
# scores, and how much does the best key get?


# %% id="root" role="demo"
@demo
def why_the_root():
    rng, allowed = np.random.default_rng(0), np.ones((1, 2000, 8), bool)
    for d in (4, 64, 1024):
        Q, K = rng.standard_normal((1, 2000, d)), rng.standard_normal((1, 8, d))
        with_root = attention(Q, K, K, allowed)[1].max(axis=2).mean()
        without = attention(Q * np.sqrt(d), K, K, allowed)[1].max(axis=2).mean()
        print(f"d = {d:4}: scores of about ±{np.std(Q @ K.transpose(0, 2, 1)):5.1f};", end="  ")
        print(f"the best key gets {without:.2f} without the root, {with_root:.2f} with it")


# %% [markdown] id="root-lesson"
# Without the root, one key takes it all before anything has been learned. There a softmax is flat: next to no slope,
# next to no learning. It is the saturated unit of lesson 7 once more.
#
# And why the root of d, not d itself? Each product has variance 1. Variances add up, so a score has variance d, and its
# typical size is √d: 2, 8 and 32 above. Dividing by √d keeps scores near ±1 at any size.

# %% [markdown] id="way-back"
# ### The way back
#
# Three products and a softmax: you know the way back of each. It is written for you. The middle line is the softmax: a
# weight can grow only if the others of its row shrink, so their mean is taken off.

# %% exercise="attention_backward"

# %% [markdown] id="block"
# ## A transformer that sorts
#
# From attention to a **transformer** it is not far. Ours has a single block. Its numbers are tokens, 0 to 9; token 10 is
# a bar that says: *now sort*. It reads the list, the bar and what it has written so far, and says what comes next.
#
# | 8 3 5 1 9 2 | bar | 1 2 3 | → 5 |
# |---|---|---|---|
# | the list | | written so far | next |
#
# 1. **Embed** each token: 32 numbers (lesson 12).
# 2. **Attention.** From them three dense layers make queries, keys and values. The mask is **causal**: nobody may look
#    ahead. Otherwise it could copy the answer.
# 3. Add the result to the embedding. This is a **residual connection**: a way around, by which slopes get back
#    undamped (lesson 7).
# 4. A small dense network with a ReLU, added in the same way.
# 5. Scores for the eleven tokens, softmax, cross-entropy (lesson 5).
#
# Language models stack dozens of such blocks, with several attentions side by side in each. They also normalize between
# the parts. The idea is this.
#
# The next cell has it in code: `lists` makes the tasks, `block` is the way forward, `block_slopes` the way back.


# %% id="block-code" role="setup"
BAR = 10


def lists(n, k, rng):
    """n lists of k different digits -> tokens (n, 2k): list, bar, sorted but for the last; sorted
    (n, k)"""
    drawn = rng.permuted(np.tile(np.arange(10), (n, 1)), axis=1)[:, :k]
    done = np.sort(drawn, axis=1)
    return np.column_stack([drawn, np.full(n, BAR), done[:, :-1]]), done


def first_block(rng, d=32, hidden=64):
    shapes = {
        "E": (11, d),
        "Wq": (d, d),
        "Wk": (d, d),
        "Wv": (d, d),
        "W1": (d, hidden),
        "W2": (hidden, d),
        "U": (d, 11),
    }
    params = {
        name: (rng.standard_normal(s) / np.sqrt(s[0])).astype("f4") for name, s in shapes.items()
    }
    params["E"] *= 3
    return params | {"b1": np.zeros(hidden, "f4")}


def block(params, tokens):
    """Scores for the next token, and all that was computed on the way. tokens (N, T) -> (N, T, 11),
    …"""
    N, T = tokens.shape
    x = params["E"][tokens]
    Q, K, V = (x @ params[name] for name in ("Wq", "Wk", "Wv"))
    causal = np.broadcast_to(np.tril(np.ones((T, T), bool)), (N, T, T))
    looked, A = attention(Q, K, V, causal)
    mixed_in = x + looked
    hidden = np.maximum(mixed_in @ params["W1"] + params["b1"], 0)
    out = mixed_in + hidden @ params["W2"]
    return out @ params["U"], (x, Q, K, V, A, mixed_in, hidden, out)


def off(z, done):
    """(p − 1 at the right token) / count at the last k steps, 0 before: where the way back begins
    (lesson 5)"""
    k, e = done.shape[1], np.exp(z - z.max(axis=2, keepdims=True))
    dz = e / e.sum(axis=2, keepdims=True)
    dz[:, -k:] -= np.eye(11, dtype="f4")[done]
    dz[:, :-k] = 0
    return dz / done.size


def times(x, dy):
    """The gradient of a weight that maps x (N, T, D) to y (N, T, M)."""
    return x.reshape(-1, x.shape[2]).T @ dy.reshape(-1, dy.shape[2])


def block_slopes(params, tokens, done):
    z, (x, Q, K, V, A, mixed_in, hidden, out) = block(params, tokens)
    dz = off(z, done)
    d_out = dz @ params["U"].T
    d_hidden = (d_out @ params["W2"].T) * (hidden > 0)
    d_mixed = d_out + d_hidden @ params["W1"].T
    dx, slopes = d_mixed.copy(), {}
    for name, d in zip(("Wq", "Wk", "Wv"), attention_backward(d_mixed, Q, K, V, A), strict=True):
        slopes[name] = times(x, d)
        dx += d @ params[name].T
    slopes |= {"U": times(out, dz), "W2": times(hidden, d_out), "W1": times(mixed_in, d_hidden)}
    slopes |= {"b1": d_hidden.sum(axis=(0, 1)), "E": np.zeros_like(params["E"])}
    np.add.at(slopes["E"], tokens, dx)
    return slopes


# %% id="sorting-code" role="setup"
def learn_to_sort(params, slopes_of, rng, steps=1000, k=6, look=(), lr=0.003):
    """Adam (lesson 6) on 64 fresh lists a step -> {step: params} at the steps in `look`, and at the
    end"""
    m, v, seen = dict.fromkeys(params, 0.0), dict.fromkeys(params, 0.0), {}
    for t in range(1, steps + 1):
        if t - 1 in look:
            seen[t - 1] = params
        slopes, params = slopes_of(params, *lists(64, k, rng)), dict(params)
        for name, g in slopes.items():
            m[name], v[name] = 0.9 * m[name] + 0.1 * g, 0.999 * v[name] + 0.001 * g**2
            step = lr * m[name] / (1 - 0.9**t) / (np.sqrt(v[name] / (1 - 0.999**t)) + 1e-8)
            params[name] = params[name] - step.astype("f4")
    return seen | {steps: params}


def sort_with(scores_of, params, drawn):
    """Let a network write: list and bar, then its own words one by one. drawn (N, k) -> (N, k)"""
    tokens = np.column_stack([drawn, np.full(len(drawn), BAR)])
    for _ in range(drawn.shape[1]):
        tokens = np.column_stack([tokens, scores_of(params, tokens)[0][:, -1].argmax(axis=1)])
    return tokens[:, drawn.shape[1] + 1 :]


def sorted_right(scores_of, params, k, n=1000):
    """How many of n fresh lists of k digits it sorts without a single mistake."""
    tokens, done = lists(n, k, np.random.default_rng(99))
    return int(np.sum((sort_with(scores_of, params, tokens[:, :k]) == done).all(axis=1)))


# %% [markdown] id="sort-film-intro"
# Below is its map of attention while it learns. A row for each moment at which it has to say a number, and what it says
# at the arrow. (In the film it is always given the right beginning.) Can you find the step from which it *looks* right?


# %% id="sort-film" role="demo"
EXAMPLE = np.array([[8, 3, 5, 1, 9, 2]])


def a_map(params, drawn):
    """The map of attention for one list, with the right beginning given -> figure"""
    k, done = drawn.shape[1], np.sort(drawn, axis=1)
    tokens = np.column_stack([drawn, [[BAR]], done[:, :-1]])
    z, (_, _, _, _, A, *_) = block(params, tokens)
    names = [str(token).replace(str(BAR), "bar") for token in tokens[0]]
    says = [str(token).replace(str(BAR), "bar") for token in z[0, k:].argmax(axis=1)]
    ahead = ~np.tril(np.ones((2 * k, 2 * k), bool))[k:]
    return plot.attention_map(A[0, k:], names[k:], names, ahead, says)


@demo
def it_learns_where_to_look():
    look = (0, 25, 50, 100, 150, 200, 300, 500)
    seen = learn_to_sort(
        first_block(np.random.default_rng(0)), block_slopes, np.random.default_rng(0), look=look
    )
    counts = {step: sorted_right(block, params, 6) for step, params in seen.items()}
    captions = [
        f"after {step:4} steps it sorts {count:4} of 1000 new lists"
        for step, count in counts.items()
    ]
    plot.film(
        [a_map(params, EXAMPLE) for params in seen.values()],
        captions,
        alt="A map of attention with six rows, bar 1 2 3 5 8, and twelve columns, 8 3 5 1 9 2 bar "
        "1 2 3 5 8. Dots mark what lies ahead. At first each row spreads its weight over many "
        "columns. In the end each row is dark in the columns of the list that hold the next number "
        "or the one after it: the bar looks at 1, 1 at 2 and 3, 3 at 5, 5 at 8 and 9, 8 at 9. The "
        "answers at the right are 1 2 3 5 8 9.",
    )
    print("\n".join(captions))
    print(f"{sum(p.size for p in seen[1000].values()):,} parameters")


# %% [markdown] id="sort-lesson"
# Read the last map row by row. Nobody has told it how to sort. It has invented what you do: *from my last number, look for
# the next larger one in the list.* Sometimes it looks at two candidates at once, and the layer behind it chooses.
#
# One thing is strange, though. Nowhere did we tell it the *order* of the list. Attention compares, it does not count
# places: shuffle the list, and the same weights go to the same numbers. (So it is with one block. From a second one on,
# places can be told apart a little, for the mask lets each of them see a different number of tokens.)
#
# For sorting that is just right. For a sentence it is not, "dog bites man". So language models add to each embedding a
# code of its place.

# %% [markdown] id="longer"
# ### Longer lists than it has ever seen
#
# It was trained on lists of **six**, nothing else. So was a recurrent network as in lesson 12, with about as many
# parameters, on as many lists. At six, both do well. Now they get lists of **eight**.

# %% id="longer-prediction" role="demo"
predict(
    "longer-lists",
    "Of 1000 lists of eight, how many do they sort without a mistake?",
    [
        "both nearly all",
        "both nearly none",
        "attention nearly all, the RNN nearly none",
        "the RNN nearly all, attention nearly none",
    ],
)


# %% id="longer-run" role="demo"
def first_rnn(rng, d=32, hidden=64):
    shapes = {"E": (11, d), "Wx": (d, hidden), "Wh": (hidden, hidden), "U": (hidden, 11)}
    params = {
        name: (rng.standard_normal(s) / np.sqrt(s[0])).astype("f4") for name, s in shapes.items()
    }
    params["E"] *= 3
    return params | {"b": np.zeros(hidden, "f4")}


def recurrent(params, tokens):
    """Lesson 12: tokens (N, T) -> scores for the next (N, T, 11), all states (N, T + 1, H)"""
    hs = np.zeros((len(tokens), tokens.shape[1] + 1, len(params["Wh"])), "f4")
    for t in range(tokens.shape[1]):
        hs[:, t + 1] = np.tanh(
            params["E"][tokens[:, t]] @ params["Wx"] + hs[:, t] @ params["Wh"] + params["b"]
        )
    return hs[:, 1:] @ params["U"], hs


def recurrent_slopes(params, tokens, done):
    """Lesson 12: backpropagation through time, clipped at 5."""
    z, hs = recurrent(params, tokens)
    dz = off(z, done)
    slopes = {name: np.zeros_like(p) for name, p in params.items()}
    slopes["U"], dh = times(hs[:, 1:], dz), 0
    for t in reversed(range(tokens.shape[1])):
        ds = (dz[:, t] @ params["U"].T + dh) * (1 - hs[:, t + 1] ** 2)
        slopes["Wx"] += params["E"][tokens[:, t]].T @ ds
        slopes["Wh"] += hs[:, t].T @ ds
        slopes["b"] += ds.sum(axis=0)
        np.add.at(slopes["E"], tokens[:, t], ds @ params["Wx"].T)
        dh = ds @ params["Wh"].T
    size = np.sqrt(sum(np.sum(g**2) for g in slopes.values()))
    return {name: g * min(1, 5 / size) for name, g in slopes.items()}


@demo(after="longer-lists")
def longer():
    contestants = {
        "attention": (first_block, block_slopes, block),
        "RNN": (first_rnn, recurrent_slopes, recurrent),
    }
    print("sorted without a mistake, of 1000 lists of …")
    right = {}
    for name, (first, slopes_of, scores_of) in contestants.items():
        params = learn_to_sort(
            first(np.random.default_rng(0)), slopes_of, np.random.default_rng(0)
        )[1000]
        right[name] = {k: sorted_right(scores_of, params, k) for k in (4, 5, 6, 7, 8, 9)}
        size = sum(p.size for p in params.values())
        print(
            f"{name:9} ({size:,} parameters): "
            + ", ".join(f"{k}: {count}" for k, count in right[name].items())
        )
    good = [count[8] > 500 for count in right.values()]
    names = {(True, True): "both nearly all", (False, False): "both nearly none"}
    names |= {(True, False): "attention nearly all, the RNN nearly none"}
    names |= {(False, True): "the RNN nearly all, attention nearly none"}
    predict.reveal("longer-lists", names[tuple(good)])


# %% [markdown] id="longer-lesson"
# Almost as different as can be. At six the RNN is nearly as good. At seven it is lost. It has learned to carry six
# numbers in its head, and to write down six. Attention has learned *a rule*, "look for the next larger one", and the rule
# does not care how long the list is.
#
# One of our articles says that recurrent networks suit the generation of sequences. They can do it. But for this task, and
# for most of today's language models, looking beats remembering. And be fair to the facts: on lists of *four*, shorter than
# any it has seen, attention errs too, in 82 of 1000. A rule that was learned from examples holds where examples were, and
# somewhat beyond.

# %% [markdown] id="price"
# ### The price
#
# Everybody looks at everybody: for T tokens, T · T scores. Twelve tokens have 144. A book of 100,000 words has ten
# billion, for each attention of each block. A recurrent network takes T steps. But those have to wait for one another,
# while all of attention is a few large products, done at once. That is what lessons 9 and 10 were good for.
#
# | | steps from the first word to the last | work for T words | can be done at once |
# |---|---|---|---|
# | RNN | T | grows like T | within a step |
# | attention | 1 | grows like T² | everything |

# %% [markdown] id="attention-libraries"
# ### In the libraries
#
# | yours | PyTorch | Keras | mind |
# |---|---|---|---|
# | `attention(Q, K, V, mask)` | `F.scaled_dot_product_attention` with `attn_mask=mask` | `layers.Attention` with `use_scale`, `MultiHeadAttention` | in PyTorch a True in `attn_mask` *allows* here, and *forbids* in `nn.MultiheadAttention`; Keras's plain `Attention` does not divide by √d |
# | `block` | `nn.TransformerEncoderLayer` | `MultiHeadAttention` + `Dense` | several heads, normalization, dropout |
# | the losses | `BCEWithLogitsLoss` | `BinaryCrossentropy` with `from_logits=True` | from logits, never from probabilities |
# | fakes detached | `fake.detach()` | only the variables handed to `tape.gradient` move | forget it, and nothing complains |

# %% [markdown] id="capstone"
# ## The capstone
#
# Now it is your turn: a question of your own, answered with a library of your own, in a report that somebody else can
# trust. A person reads it, not a program.
#
# ### Your library
#
# You have written everything it takes. The file `my_library.py`, in the folder that holds your lessons, has the functions
# you have written and that have passed their checks. `import my_library` finds it from here. Open it, read it, change it,
# add to it: it is yours, and what you write into it stays. Whatever you miss below comes in when its check passes.


# %% id="library" role="demo"
SHELVES = {
    "measure": ["train_test_split", "accuracy", "cross_entropy", "numeric_gradient"],
    "layers": ["dense_forward", "relu", "softmax", "conv2d_forward", "lstm_step", "attention"],
    "the way back": ["dense_backward", "relu_backward", "softmax_cross_entropy_backward"],
    "training": ["minibatches", "adam_step", "he_init", "clip_gradients"],
    "generalizing": ["l2_penalty", "dropout_forward", "early_stop", "save_checkpoint"],
}


@demo
def my_shelves():
    mine = library.load()
    if mine is None:
        print("There is no my_library.py yet. What could go in:")
    for shelf, names in SHELVES.items():
        marks = [f"{'✓' if hasattr(mine, name) else '·'} {name}" for name in names]
        print(f"{shelf + ':':14}", "  ".join(marks))


# %% [markdown] id="briefs"
# ### Choose a project
#
# Take one of these, or a question of your own. Small and finished beats large and half done.
#
# | project | question | data | start from |
# |---|---|---|---|
# | **Identify the Digits** | Which digit is it? How good is good? | MNIST, or the 1797 digits offline | lessons 6, 11 |
# | **Young, middle or old** | What does a face tell about its age, and for whom does it fail? | a folder of faces that you may use, labeled with three ages | lessons 8, 11, 14 |
# | **Nothing but NumPy** | How far does a dense network get on a table? | wine, breast cancer, diabetes | lessons 3 to 8 |
# | **Another CNN** | Which change of the architecture pays, and which only costs? | MNIST or the 1797 digits | lesson 11 |
# | **Fine-tune** | From how many labels on does transfer stop helping? | two related tasks of yours | lesson 14 |
# | **What do they think of the film?** | How much does word order matter? | film reviews | lesson 13 |
# | **New pictures** | Can you see, count and mend a mode collapse? | the 1797 digits, one class or all | this lesson |
#
# The first two are projects that one of our articles sends its readers to. The five others are the exercises of another.
#
# **On faces.** The age contest the article names used pictures of film actors. Before you take any faces: do the
# people in them know? Who is missing among them? Three ages are also three borders that somebody drew. Report errors for
# each group, not only the mean: that is part of this project.

# %% [markdown] id="plan"
# ### Six steps, in this order
#
# 1. **Ask.** One sentence with a question mark, and the number that will answer it.
# 2. **Split** into training, validation and test. Seal the test (lesson 8).
# 3. **Beat a baseline.** The most frequent class, the mean, a single neuron. Write its number down first.
# 4. **Check.** Gradients against nudges (lesson 5). Then let the network learn ten examples by heart: if it cannot,
#    something is broken.
# 5. **Compare.** One change at a time, several seeds each. A difference smaller than their scatter is no difference.
# 6. **Open the test once.** Whatever it says goes into the report.
#
# Below is a start on wine: steps 2 and 3. Softmax and accuracy come from your library already, where it has them. The rest
# is restated from the lessons: replace it, piece by piece.


# %% id="starter" role="demo"
@library.yours(lesson=0)
def accuracy(y, p):
    return np.mean(y == p)


@library.yours(lesson=2)
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def split(X, y, rng, parts=(0.6, 0.2)):
    """Lesson 0, in three: training, validation, test; scaled by the training part (lesson 8)."""
    rows = rng.permutation(len(y))
    first, second = int(parts[0] * len(y)), int((parts[0] + parts[1]) * len(y))
    mean, spread = X[rows[:first]].mean(axis=0), X[rows[:first]].std(axis=0) + 1e-12
    Z = ((X - mean) / spread).astype("f4")
    return [(Z[part], y[part]) for part in (rows[:first], rows[first:second], rows[second:])]


def fit(training, validation, rng, hidden=16, turns=300, lr=0.003):
    """A dense network and cross-entropy (lessons 3 to 6) -> the share right on both parts"""
    (X, y), network = training, Network([training[0].shape[1], hidden, training[1].max() + 1], rng)
    for _ in range(turns):
        rows = rng.integers(len(y), size=32)
        p = softmax(network.forward(X[rows]))
        p[np.arange(32), y[rows]] -= 1
        network.backward(p / 32)
        network.step(lr, momentum=0.9)
    return [accuracy(t, network.forward(A).argmax(axis=1)) for A, t in (training, validation)]


@demo
def a_start():
    library.whose("accuracy", "softmax")
    X, y = data.wine()
    training, validation, _sealed = split(X, y, np.random.default_rng(0))
    usual = np.bincount(training[1]).argmax()
    print(
        "baseline, always the most frequent grape: "
        f"{accuracy(validation[1], 0 * validation[1] + usual):.0%} right on validation"
    )
    for seed in range(3):
        seen, unseen = fit(training, validation, np.random.default_rng(seed))
        print(f"network, seed {seed}: {seen:.0%} right on training, {unseen:.0%} on validation")


# %% [markdown] id="rubric"
# ### How it is graded
#
# Five questions, 0 to 4 points each. A clear "it did not work, and here is why" can have them all.
#
# | | 0 | 2 | 4 |
# |---|---|---|---|
# | **Question** | none | a topic | one question, and the number that answers it |
# | **Honest numbers** | training part only | validation, one run | baseline, several seeds, sealed test opened once |
# | **Your own tools** | nothing of one's own | runs, unchecked | own functions, gradients and a tiny set checked |
# | **Explanation** | a list of what was run | what happened | why it happened, and one idea tested that turned out wrong |
# | **Limits** | none named | a general remark | for whom or when it fails, with a number; who could be harmed |
#
# **Your report** comes into the next cell. The headings are there. Write below each, as much as it needs and no more; one to
# two pages are plenty. Figures stay in your own cells: name the cell, and give every figure its words.

# %% [markdown] manual="report" points=20
# ## My report
#
# **Title, and the question in one sentence**
#
# **Data**: what a row is, what the label means, where it comes from, may I use it; how many rows in training, validation and test
#
# **Baseline**: which, and its number on validation
#
# **Method**: the network, the loss, the training; which functions are mine; how I checked them
#
# **Results**: a table or figure; mean and scatter over seeds; the test, opened once
#
# **What I expected and did not find**
#
# **Limits**: for whom or when it fails, with a number; who could be harmed
#
# **How to run it again**: which cells, which seeds, how long
#
# ### BEGIN SOLUTION
# **Notes for whoever grades this.** Score the five rows of the rubric, 0 to 4 each, and write one sentence for each row
# into the comment: what was good, or what is missing for the next point.
#
# - *Question*: could the number have come out the other way? If not, it is no question.
# - *Honest numbers*: look for a test score that was used to choose something. That caps this row at 2.
# - *Your own tools*: run the cells they name. A library call in place of an own function is fine if it is said.
# - *Explanation*: a plausible story without an experiment is worth 2.
# - *Limits*: "more data would help" is a general remark.
#
# A negative result, well shown, earns full points. A high score without a baseline does not.
#
# **A model answer.** It earns 20 of 20, with a hypothesis that failed. There are many other ways to earn them: score what
# you read, not how much it resembles this. What each row is paid for:
#
# - *Question*: one sentence, one number, and it could have come out either way.
# - *Honest numbers*: a baseline first; 20 splits, the same ones for both; a test that was opened once and is reported
#   although it disappoints.
# - *Your own tools*: says what is its own; gradients and ten rows checked, in a cell that anyone can run.
# - *Explanation*: an idea, an experiment, and the idea was wrong; then a second look, with numbers.
# - *Limits*: a number for the harm, whom it hits, and who is not in the data.
#
# #### Does a hidden layer find more malignant tumors than a single neuron?
#
# The number that answers it: the share of malignant tumors found on validation, with a layer of 16 units, less the share
# found without one.
#
# **Data.** A row is a breast tumor, its cells measured under the microscope in 30 ways. The label says malignant or
# benign. W. N. Street, W. H. Wolberg and O. L. Mangasarian published it in 1993, for anyone to use. It names nobody
# and comes with the course (`data.breast_cancer`). I sealed 114 of the 569 rows as the test. The other 455, among them
# 165 malignant ones, were shuffled 20 times into 341 for training and 114 for validation.
#
# **Baseline.** Always saying "benign" is right for 63.7 % of the open rows, and finds no malignant tumor. So accuracy is
# the wrong number here. The baseline to beat is a single neuron: it finds 96.4 % on validation.
#
# **Method.** Dense layers and ReLU, softmax and cross-entropy, 1000 steps of Adam on batches of 32, everything alike but
# for the hidden layer. Mine are `accuracy` and `softmax` (lessons 0 and 2) and what stands in cell 1; `Network` is this
# lesson's. I checked the whole in cell 2: gradients and nudges agree to a millionth, and ten tumors are learned by heart,
# 100 %.
#
# **Results**, mean ± scatter over 20 splits:
#
# | | malignant found | false alarms | found in training |
# |---|---|---|---|
# | one neuron | 96.4 ± 3.0 % | 1.2 % | 97.9 % |
# | 16 hidden units | 96.6 ± 2.8 % | 1.8 % | 100.0 % |
# | 16, with weight decay | 96.3 ± 3.1 % | 1.6 % | 99.6 % |
#
# On the same splits the layer is +0.2 ± 2.3 points ahead: better in 7, worse in 5 of 20. That is no difference. So the test
# was opened with the smaller model, the neuron, trained on all 455. It found **42 of 47** malignant tumors, with 1 false
# alarm among 67 benign ones.
#
# **What I expected and did not find.** The layer learns its training part by heart, 100.0 %. So I thought: it
# overfits, and weight decay (lesson 8) will bring out what it can do. It did not: −0.3 ± 1.9 points against none, better in
# 1, worse in 4 of 20.
#
# Why, then, does a layer not help? The neuron missed 31 times, the layer 29 times, and 19 of these were the same tumor
# in the same split. The neuron's 31 are only 13 different tumors, again and again. And they look harmless: their worst
# radius is 16.6 on average, that of all malignant ones 21.3, of benign ones 13.4. Most of what is missed is missed by both.
# A curved border does not help much with a tumor that lies among the others; another measurement might.
#
# **Limits.** On the test, 5 of 47 patients would have been sent home with a malignant tumor. That is 10.6 %, where
# validation had promised 3.6 %. Two things make the promise a weak one: 47 are few, and the 20 splits share their rows,
# so their scatter is too small. Whoever says "malignant" from 10 % on finds 99.3 % on validation, and pays with 8.3 %
# false alarms: people who are frightened, and operated on for nothing. Where to draw that line is not for me to say,
# and not for the network. And the table tells nobody's age or origin. So for whom it fails most I cannot say, and it
# should not decide about anyone.
#
# **How to run it again.** Run the lesson's cells down to the start on wine, then the four below. All of it takes less than a
# minute. Seeds: 0 for what is sealed, for the checks and for the test; 0 to 19 for the splits and first weights.
#
# ```python
# # cell 1: my tools
# X, y, names = data.breast_cancer()
# open_rows, sealed = np.split(np.random.default_rng(0).permutation(len(y)), [455])
#
#
# def scaled(rows, by):
#     """Inputs and labels of some rows, every column scaled by the rows `by` (lesson 8)."""
#     return (X[rows] - X[by].mean(axis=0)) / X[by].std(axis=0), y[rows]
#
#
# def slopes(z, t):
#     """The slope along the logits of softmax and cross-entropy (lesson 4)."""
#     p = softmax(z)
#     p[np.arange(len(t)), t] -= 1
#     return p / len(t)
#
#
# def learn(A, t, hidden, seed, decay=0.0, turns=1000, lr=0.003):
#     """hidden: () for no layer between, (16,) for one of 16 units."""
#     rng = np.random.default_rng(seed)
#     network = Network([A.shape[1], *hidden, 2], rng)
#     for _ in range(turns):
#         rows = rng.integers(len(t), size=32)
#         network.backward(slopes(network.forward(A[rows]), t[rows]))
#         network.step(lr, momentum=0.9)
#         for w in network.w:
#             w -= lr * decay * w
#     return network
#
#
# def found(network, A, t, line=0.5):
#     """Which malignant tumors are found, and which benign ones give a false alarm: two arrays of 0 and 1."""
#     said = softmax(network.forward(A))[:, 1] > line
#     return said[t == 1], said[t == 0]
#
#
# # cell 2: my checks
# @demo
# def my_checks():
#     A, t = scaled(open_rows, open_rows)
#     network, worst = Network([30, 16, 2], np.random.default_rng(0)), 0.0
#     network.w = [w.astype(float) for w in network.w]  # a nudge drowns in float32
#     network.backward(slopes(network.forward(A), t))
#     for w, slope in zip(network.w, list(network.gradients), strict=False):
#         for place in ((0, 0), (7, 1), (15, 0)):
#             loss, kept = [], w[place]
#             for w[place] in (kept + 1e-6, kept - 1e-6):
#                 loss.append(-np.log(softmax(network.forward(A))[np.arange(len(t)), t]).mean())
#             w[place] = kept
#             worst = max(worst, abs((loss[0] - loss[1]) / 2e-6 / slope[place] - 1))
#     print("gradients and nudges agree to a millionth:", worst < 1e-6)
#     ten = scaled(open_rows[:10], open_rows[:10])
#     print(f"ten tumors by heart: {accuracy(ten[1], learn(*ten, (16,), 0).forward(ten[0]).argmax(axis=1)):.0%}")
#     print(f"open {len(t)}, malignant {t.sum()}; always benign is right for {np.mean(t == 0):.1%}")
#
#
# # cell 3: my comparison
# @demo
# def my_comparison():
#     plans = {"one neuron": ((), 0), "16 hidden units": ((16,), 0), "16, with weight decay": ((16,), 0.3)}
#     shares, missed = {name: [] for name in plans}, {name: set() for name in plans}
#     for seed in range(20):
#         rows = np.random.default_rng(seed).permutation(open_rows)
#         seen, unseen = rows[:341], rows[341:]
#         (A, t), (B, u) = scaled(seen, seen), scaled(unseen, seen)
#         for name, (hidden, decay) in plans.items():
#             network = learn(A, t, hidden, seed, decay)
#             (hits, alarms), early = found(network, B, u), found(network, B, u, line=0.1)
#             parts = hits, alarms, found(network, A, t)[0], *early
#             shares[name].append([100 * part.mean() for part in parts])
#             missed[name] |= {(seed, row) for row in unseen[u == 1][~hits]}
#     shares = {name: np.array(rows) for name, rows in shares.items()}
#     for name, (hit, alarm, trained, *_) in ((name, rows.mean(axis=0)) for name, rows in shares.items()):
#         scatter = shares[name][:, 0].std()
#         print(f"| {name} | {hit:.1f} ± {scatter:.1f} % | {alarm:.1f} % | {trained:.1f} % |")
#     neuron, layer, calm = (rows[:, 0] for rows in shares.values())
#     for name, more in (("the layer's lead", layer - neuron), ("what decay adds", calm - layer)):
#         better, worse = np.sum(more > 0), np.sum(more < 0)
#         print(
#             f"{name}: {more.mean():+.1f} ± {more.std():.1f} points; better in {better}, worse in {worse} of {len(more)}"
#         )
#     ours, theirs, _ = missed.values()
#     tumors = sorted({row for _, row in ours})
#     print(
#         f"missed: {len(ours)} and {len(theirs)}, both: {len(ours & theirs)}; the neuron's are {len(tumors)} tumors"
#     )
#     radius = X[:, names.index("worst radius")]
#     kinds = {
#         "missed": tumors,
#         "malignant": open_rows[y[open_rows] == 1],
#         "benign": open_rows[y[open_rows] == 0],
#     }
#     print("worst radius:", ", ".join(f"{name} {radius[rows].mean():.1f}" for name, rows in kinds.items()))
#     early = shares["one neuron"].mean(axis=0)
#     print(
#         f"the neuron misses {100 - early[0]:.1f} %; from 10 % on: {early[3]:.1f} % found, {early[4]:.1f} % false alarms"
#     )
#
#
# # cell 4: my test, to be run once
# @demo
# def my_test():
#     (A, t), (B, u) = scaled(open_rows, open_rows), scaled(sealed, open_rows)
#     hits, alarms = found(learn(A, t, (), 0), B, u)
#     print(f"found {hits.sum()} of {len(hits)}, missed {np.sum(~hits)}, which is {np.mean(~hits):.1%}")
#     print(f"false alarms {alarms.sum()} of {len(alarms)}")
# ```
# ### END SOLUTION

# %% [markdown] id="panel"
# ## The interview panel
#
# Fourteen questions that two of our articles collect for job interviews. **Say your answer aloud, in two or three
# sentences, before you open ours.** Explaining it to yourself is what makes it stay; reading a good answer only feels like
# that. Then compare: what did you have that we do not?
#
# ### Five with an answer to compare

# %% [markdown] id="panel-five"
# **1. What is the difference between a shallow and a deep network?**
# <details><summary>Compare</summary>The article: a shallow one has a single hidden layer, a deep one several, and so
# can learn a hierarchy.<br>Add: one wide layer could in principle do it too (lesson 3). Depth is cheaper, because later
# layers reuse what earlier ones found: edges, parts, wholes (lesson 11). And depth has a price, which is question
# 4.</details>
#
# **2. Why do we need activation functions?**
# <details><summary>Compare</summary>The article: without them a network can only learn linear relationships.<br>Add the
# reason: a dense layer of a dense layer is a dense layer; the products collapse into one matrix (lesson 3). XOR is the
# smallest thing that is then out of reach. And the choice matters for slopes: a sigmoid passes on at most a quarter
# (lesson 5), a ReLU all or nothing.</details>
#
# **3. Compare CNNs and RNNs.**
# <details><summary>Compare</summary>The article: CNNs find patterns in grids with their filters, RNNs read sequences and
# keep a memory.<br>Add what they share: both use the same weights again and again, one along space, the other along time.
# And say that neither owns its field: convolutions read text, and attention reads both (lesson 12 and this
# one).</details>
#
# **4. What is the vanishing gradient problem?**
# <details><summary>Compare</summary>The article: on the way back through many layers gradients become so small that early
# layers hardly learn; LSTMs and batch normalization help.<br>Add the cause: slopes multiply, and factors below 1 shrink (lesson
# 7). Then sort the remedies: ReLU and He's first weights against it at the root, normalization on the way, residual
# connections around it, and gates along time (lesson 13). Exploding is the same with factors above 1; there one
# clips.</details>
#
# **5. Explain overfitting, and how to prevent it.**
# <details><summary>Compare</summary>The article: the model learns noise in place of patterns; regularization, dropout,
# early stopping and augmentation prevent it.<br>Add how you would <i>see</i> it: the validation loss turns while the
# training loss falls (lesson 8). And more or better data, where there are any, beats every remedy.</details>

# %% [markdown] id="panel-nine"
# ### Nine open ones
#
# The article that lists these gives no answers. Ours are short on purpose: they name what must not be missing.
#
# **6. How do deep learning models learn?**
# <details><summary>Compare</summary>Forward to a loss, back to its slope along every weight, a small step against the slope;
# again for the next batch (lessons 4 to 6). What must not be missing: the loss says <i>what</i> is learned, the data say
# <i>from what</i>, and validation says whether it was worth it.</details>
#
# **7. What are some limitations of a deep learning model?**
# <details><summary>Compare</summary>It needs many examples, or a relative that had them (lesson 14). It repeats what is
# lopsided in its data, or makes it worse, as you have measured above. It is sure of itself where it knows nothing (lesson 2). Its
# reasons are hard to read (lesson 8). And it costs energy. On small tables a forest may do as well (lesson 0).</details>
#
# **8. What is the difference between feed-forward and recurrent networks?**
# <details><summary>Compare</summary>In a feed-forward network values go one way, from input to output, once. A recurrent
# one feeds its state back in at the next step, with the same weights, so it takes sequences of any length (lesson 12). Its
# way back goes through time, which makes long chains of factors.</details>
#
# **9. What are activation functions, and why are they required?**
# <details><summary>Compare</summary>See question 2. This one also asks <i>what</i>: a function applied to each sum, such
# as ReLU, tanh or sigmoid in hidden layers; and at the end one that fits the loss: none for a number, sigmoid for yes or
# no, softmax for one of several (lessons 2 and 4).</details>
#
# **10. What is a CNN, and what are its applications?**
# <details><summary>Compare</summary>A network whose layers slide small filters over their input, so that a pattern is found
# wherever it is, with few weights (lesson 11). Pictures above all: reading, medicine, driving. Also sound, text and the
# board of a game. Not for tables: there neighbors mean nothing.</details>
#
# **11. What is pooling? How does it work?**
# <details><summary>Compare</summary>Each small window is replaced by its maximum, or its mean. The map gets smaller and a
# little indifferent to shifts; nothing is learned in it. On the way back, the slope goes to where the maximum was (lesson 11). A
# stride in the convolution can take its place.</details>
#
# **12. What is a dropout layer, and why is it used?**
# <details><summary>Compare</summary>In training it silences each unit with probability p and divides the others by 1 − p; in
# use it does nothing (lesson 8). So no unit can rely on a particular other one. Name the trap: keep and drop are two names for p
# and 1 − p.</details>
#
# **13. What is the vanishing gradient problem, and how do we overcome it?**
# <details><summary>Compare</summary>See question 4. If you are asked twice, give an example: fifteen sigmoid layers
# pass on at most a quarter each, and 0.25¹⁵ is about 10⁻⁹.</details>
#
# **14. What are optimization functions? Name a few.**
# <details><summary>Compare</summary>Rules that turn slopes into steps: SGD, momentum, Nesterov, RMSProp, Adam (lesson 6). Say
# what each adds: a memory of direction, a size for each parameter. And that there is no best one: you have just seen a
# task where the usual momentum did harm.</details>

# %% [markdown] id="prepare"
# ## Before an interview
#
# One of the articles tells how its author prepared. Its list, with where you stand:
#
# | topic | in this course | what is left to you |
# |---|---|---|
# | basic mathematics | slopes, sums, probabilities as needed | linear algebra and statistics, once through |
# | asking the right questions | predictions, baselines, repaired claims | take an unknown table; write ten questions before the first plot |
# | applied machine learning | from a business question to a number: the capstone | other methods: trees, clusters |
# | whiteboard coding | your functions, from memory | algorithms and data structures |
# | the right tools | Python, NumPy, Numba, notebooks | R, or whatever the team uses; Keras or PyTorch |
# | wrangling data | splits, scaling, text to tokens | dates, gaps, duplicates |
# | databases | | SQL: select, join, group |
# | pictures of data | every lesson | one figure that a stranger understands |
# | the role | | business or product? Read the notice, ask who decides with the result |
#
# Roles differ: one kind of data scientist helps people to decide, and needs stories; the other builds models into
# products, and needs statistics and code. Ask which is meant.
#
# **Goals that are SMART**: specific, measurable, achievable, relevant, and with a time. Not *"get better at RNNs"*, but
# *"by Sunday I write `lstm_step` from memory, and it passes its check"*. Write down two or three. Set aside an hour a day.
# Look at them once a week. And go to interviews: each one shows you a weak link.

# %% [markdown] id="next"
# ## What comes next
#
# - **One of the large libraries.** You know what is inside. Take the network of your capstone, and write it again in PyTorch
#   or Keras. Compare the losses step by step: now you can find out who is wrong.
# - **Read a paper, then rebuild it.** Begin with one whose figure you can make in an afternoon. *Attention is all you
#   need* is within your reach.
# - **The field.** One of our articles expects a time when deep learning is a skill of every data scientist, self-driving cars,
#   and models that explain themselves. Which of the three has come true by the time you read this? Predictions
#   are claims too: write yours down, with a date.
# - **Somebody else.** Explain one lesson to a friend. If you get stuck, you know where to read again.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **2014.** Ian Goodfellow and others let two networks play against each other, and suggest the non-saturating loss. In
#   the same year Dzmitry Bahdanau, Kyunghyun Cho and Yoshua Bengio let a translator look back at the sentence: attention.
# - **2015.** Alec Radford, Luke Metz and Soumith Chintala find settings with which GANs of convolutions train, momentum
#   0.5 among them.
# - **2016, 2017.** Luke Metz and others draw eight clouds on a ring to show mode collapse, and look ahead against it.
#   Martin Arjovsky and others change the loss.
# - **2017.** Ashish Vaswani and seven others leave the recurrence out altogether: the transformer.
# - **2018.** Lars Mescheder and others show with a game of two numbers why GANs go in circles.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about earlier ones. Answer from memory: the effort of recalling is what makes it
# stay. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("15_beyond")

# %% [markdown] id="take-along"
# ## What to take along
#
# - A GAN is a game of two: an expert that tells real from fake, a forger that wants a yes.
# - Say who moves: fakes detached in the expert's turn, the expert frozen in the forger's.
# - The forger pays −log p. Where it is bad, log(1 − p) has no slope.
# - An expert at ln 2 can only guess. Losses do not fall; count modes.
# - Attention: compare queries with keys, divide by √d, mask, softmax, mix the values.
# - It reaches everything in one step, and pays T² for it. It knows no order by itself.
# - A report is worth what its baseline, its seal and its limits are worth.
#
# You have built a neural network from nothing, and everything around it. **Well done.**

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Give the expert of the ring two turns for each turn of the forger. Or show it *pairs* of points instead of
# single ones: a clump gives itself away at once. Or let the block sort downward; which columns does it look at now?
#
# **Where does ½ come from?** For fixed fakes the best expert says p = real / (real + fake), the shares of both at that
# place. Where they agree that is ½, and its loss is ln 2.
#
# **Read.**
# - I. Goodfellow et al., "Generative adversarial nets", *NIPS* (2014), 2672–2680
# - A. Radford, L. Metz and S. Chintala, "Unsupervised representation learning with deep convolutional generative
#   adversarial networks", *ICLR* (2016)
# - L. Metz, B. Poole, D. Pfau and J. Sohl-Dickstein, "Unrolled generative adversarial networks", *ICLR* (2017): the ring
# - Z. Lin, A. Khetan, G. Fanti and S. Oh, "PacGAN: the power of two samples in generative adversarial networks",
#   *NeurIPS* (2018): pairs
# - M. Arjovsky, S. Chintala and L. Bottou, "Wasserstein generative adversarial networks", *ICML* (2017), 214–223
# - L. Mescheder, A. Geiger and S. Nowozin, "Which training methods for GANs do actually converge?", *ICML* (2018),
#   3481–3490
# - D. Bahdanau, K. Cho and Y. Bengio, "Neural machine translation by jointly learning to align and translate", *ICLR*
#   (2015)
# - A. Vaswani et al., "Attention is all you need", *NIPS* (2017), 5998–6008
# - S. Jain and B. C. Wallace, "Attention is not explanation", *NAACL* (2019), 3543–3556; and the reply, S. Wiegreffe and
#   Y. Pinter, "Attention is not not explanation", *EMNLP* (2019), 11–20
# - J. Ho, A. Jain and P. Abbeel, "Denoising diffusion probabilistic models", *NeurIPS* (2020), 6840–6851
