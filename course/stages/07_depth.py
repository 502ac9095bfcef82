# %% [markdown] id="title"
# # 7 · Depth
#
# **A network of fifteen layers can do everything that one of two layers can. Why does it learn nothing?**
#
# You are about to stack fifteen layers that read handwritten digits no better than a blind guess. You will find the
# place where their gradients get lost, work out with a pencil why they must, and write three remedies. In the end
# the same fifteen layers read more than nine digits in ten, and you see in one picture what has changed.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - say why gradients vanish or explode, and show it on paper
# - choose first weights that keep a signal its size
# - write batch normalization, forward and backward, with both of its modes
# - limit a step that is too long, without turning it aside

# %% id="imports" role="setup"
from collections import namedtuple
from functools import cache, partial

import numpy as np

from course import check, data, demo, hint, plot, predict, quiz
from course.bar import bar

# %% [markdown] id="tower"
# ## Higher is not better
#
# *Deep* learning is named after its layers. So let us have many: fifteen, one on top of the other, a tower. The first
# reads the 64 pixels of a digit, each has 32 units, and the last has ten, one for each digit.
#
# The digits are those of lesson 3: 1400 to learn from, 397 to be tested on. They are standardized, as in lesson 4:
# minus the mean, divided by the standard deviation.

# %% id="digits" role="setup"
pixels, y = data.digits()
order = np.random.default_rng(0).permutation(len(y))
known, new = order[:1400], order[1400:]
X = (pixels - pixels[known].mean()) / pixels[known].std()

# %% [markdown] id="machinery"
# ### The machinery
#
# The next cell is the longest of the lesson, and an old friend: forward pass, backprop and training with batches, as
# in lessons 3, 5 and 6. Three things are new.
#
# - The activation can be chosen. So its slope is looked up, told by the answer `a`.
# - The first weights come from a function `init`. You will write better and better ones.
# - There is a door for batch normalization, still closed: `if f"gamma{l}" in params`.
#
# Skim it, run it, and come back when you need it. The network's parameters are the usual dict, `W1`, `b1`, `W2`, …

# %% id="network" role="setup"
ACTIVATIONS = {  # name: (the answer a, told by z; its slope, told by a)
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a**2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda a: a > 0),
}


def tower(init, layers=15, normalized=False, seed=0):
    """Fresh parameters: 64 pixels, layers of 32 units, the last of 10. init: shape and generator to
    first values."""
    rng = np.random.default_rng(seed)
    sizes = [64, *[32] * (layers - 1), 10]
    params = {}
    for l in range(1, layers + 1):
        params[f"W{l}"] = init((sizes[l - 1], sizes[l]), rng)
        params[f"b{l}"] = init((sizes[l],), rng)
        if normalized and l < layers:
            # gamma and beta are learned, like weights and biases; mean and var are only kept.
            params |= {f"gamma{l}": np.ones(32), f"beta{l}": np.zeros(32)}
            params |= {f"mean{l}": np.zeros(32), f"var{l}": np.ones(32)}
    return params


def forward(X, params, activation, train=False):
    """-> what each layer reads, a[0] = X, and each layer's sums, z[1] … z[L]: the last are the
    logits."""
    L = sum(name[0] == "W" for name in params)
    a, z = [X], [None]
    for l in range(1, L + 1):
        z.append(a[-1] @ params[f"W{l}"] + params[f"b{l}"])
        if l == L:
            return a, z
        Y = z[-1]
        if f"gamma{l}" in params:
            learned = params[f"gamma{l}"], params[f"beta{l}"]
            kept = params[f"mean{l}"], params[f"var{l}"]
            Y, params[f"mean{l}"], params[f"var{l}"] = batchnorm_forward(Y, *learned, *kept, train)
        a.append(ACTIVATIONS[activation][0](Y))


def backprop(X, y, params, activation):
    """-> the loss, and its gradients: a dict with the names of what is learned."""
    a, z = forward(X, params, activation, train=True)
    L, N = len(a), len(y)
    logits = z[L] - z[L].max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    dz = np.exp(log_p)
    dz[np.arange(N), y] -= 1
    dz, gradients = dz / N, {}
    for l in range(L, 0, -1):
        if l < L:
            dz = dz * ACTIVATIONS[activation][1](a[l])
            if f"gamma{l}" in params:
                dz, gradients[f"gamma{l}"], gradients[f"beta{l}"] = batchnorm_backward(
                    dz, z[l], params[f"gamma{l}"]
                )
        gradients[f"W{l}"], gradients[f"b{l}"] = a[l - 1].T @ dz, dz.sum(axis=0)
        dz = dz @ params[f"W{l}"].T
    return float(-log_p[np.arange(N), y].mean()), gradients


def size(array):
    """The root of the mean square: how large the entries are, whatever their signs."""
    return float(np.sqrt(np.mean(array**2)))


def layer_sizes(params, activation, rows=known):
    """The size of the gradient of W1, W2, …, over these pictures."""
    gradients = backprop(X[rows], y[rows], dict(params), activation)[1]
    return [size(gradients[f"W{l}"]) for l in range(1, sum(name[0] == "W" for name in params) + 1)]


def share_right(params, activation):
    """The share of the 397 new digits that are read rightly."""
    _, z = forward(X[new], dict(params), activation)
    return float(np.mean(z[-1].argmax(axis=1) == y[new]))


# Run: of gradients and right, a row, a number for every epoch, from 0.
Run = namedtuple("Run", "params loss gradients right")


def train(params, activation, lr, epochs=20, change=lambda gradients: gradients):
    """Plain SGD in batches of 50. change: what is done to the gradients before a step."""
    params, rng, gradients, right = dict(params), np.random.default_rng(1), [], []
    with np.errstate(all="ignore"):
        for epoch in range(epochs + 1):
            gradients.append(layer_sizes(params, activation, known[:400]))
            right.append(share_right(params, activation))
            for rows in np.split(rng.permutation(known), 28) if epoch < epochs else []:
                _, steps = backprop(X[rows], y[rows], params, activation)
                for name, g in change(steps).items():
                    params[name] = params[name] - lr * g
        return Run(
            params,
            backprop(X[known], y[known], dict(params), activation)[0],
            np.array(gradients),
            right,
        )


# %% [markdown] id="first-try-intro"
# The first weights are random and small, of size 0.1: that is what one does if nobody says otherwise. Sigmoid neurons,
# twenty epochs. Two layers first, then more.


# %% id="small-init" role="setup"
def small_init(shape, rng, scale=0.1):
    """Small random weights, whatever the shape; biases 0."""
    return np.zeros(shape) if len(shape) == 1 else scale * rng.standard_normal(shape)


# %% id="first-try" role="demo"
@demo
def first_try():
    for layers in (2, 3, 4, 15):
        run = train(tower(small_init, layers), "sigmoid", lr=0.3)
        print(
            f"{layers:2} layers: loss {run.loss:.2f}, {run.right[-1]:.0%} of the new digits right"
        )


# %% [markdown] id="first-try-lesson"
# Two layers read the digits. With three it gets harder, and with four it is over. Remember 2.303 from lesson 4: log 10,
# the loss of a network that finds all ten digits equally likely. Fifteen layers, twenty epochs, 560 steps, and a shrug.
#
# Nothing is wrong with the code. Every gradient in it is correct. You are looking at the trouble that kept networks
# shallow for twenty years.

# %% [markdown] id="chain-by-hand"
# ## Where the gradient goes
#
# ### By hand
#
# Take a tower with a single neuron in each layer, and leave out the activations. Then each layer multiplies its input
# by one weight, and nothing else. Fifteen layers with the same weight multiply fifteen times:
#
# | weight | after 15 layers |
# |---|---|
# | 0.25 | 0.0000000009 |
# | 0.5 | 0.00003 |
# | 0.9 | 0.2 |
# | 1 | 1 |
# | 1.1 | 4.2 |
# | 1.5 | 438 |
# | 2 | 32,768 |
#
# A little below 1, and almost nothing arrives. A little above, and it is far too much. With two layers nobody would
# notice: 0.25 · 0.25 is still 0.06.

# %% [markdown] id="vanish-explode"
# ### Vanish and explode
#
# The gradient makes the same journey, downward. You know the step from lesson 5:
#
# $$dz_{l-1} = \left( dz_l \cdot W_l^{\top} \right) \cdot \text{slope}(z_{l-1})$$
#
# At each layer it meets two factors: the **weights** and the **slope of the activation**. Fifteen layers, and these
# factors are multiplied. If they are below 1 on the whole, the gradient **vanishes**. If they are above, it
# **explodes**. Both are one and the same: nothing but 1 can be multiplied with itself for long.
#
# And the sigmoid? Lesson 2: its slope is ¼ where it is steepest. Between layer 15 and layer 1 lie fourteen sigmoids.
# Even with perfect weights they leave at most
#
# 0.25 · 0.25 · … · 0.25 (fourteen times) = **0.000000004**

# %% [markdown] id="by-layer-intro"
# So much for paper. Here is the fresh tower of fifteen layers: for each layer, the size of the gradient of its weights.
# *Size* means here: square the entries, take the mean, take the root.


# %% id="by-layer" role="demo"
@demo
def by_layer():
    sizes = layer_sizes(tower(small_init), "sigmoid")
    plot.show(
        plot.by_layer({"sigmoid, small weights": sizes}, "size of the gradient"),
        alt="The size of the gradient in layers 1 to 15, in powers of ten. The points lie almost "
        "on a straight line, from about ten to the minus 14 in layer 1 up to nearly ten to the "
        "minus 2 in layer 15.",
    )
    for l in (15, 10, 5, 1):
        print(f"layer {l:2}: {sizes[l - 1]:.1e}")


# %% [markdown] id="by-layer-lesson"
# A line, nearly straight, on a scale of powers of ten: on its way down, the gradient shrinks by about the same factor at
# every layer, to a seventh or so. (`2.0e-14` is 2.0 with the point moved 14 places to the left.)
#
# How long would layer 1 need to change its weights by a hundredth? They are of size 0.1, so by 0.001. A step moves
# them by 0.3 · 0.00000000000002. That makes 170 billion steps. At a thousand steps a second: more than five years.

# %% [markdown] id="upward-intro"
# So the lower layers stand still. But why do the upper ones learn nothing? Their gradients are fine. Look at what
# they get to read. How much does a unit differ from one picture to another?


# %% id="upward" role="demo"
@demo
def upward():
    a, _ = forward(X[known], tower(small_init), "sigmoid")
    print("how much the pictures differ (standard deviation over 1400 pictures)")
    for l in (0, 1, 2, 3, 5, 10, 14):
        print(
            f"{'the pixels' if l == 0 else f'after layer {l}':>14}: {np.mean(a[l].std(axis=0)):.1e}"
        )


# %% [markdown] id="upward-lesson"
# Upward it is the same story: a seventh at every layer. At the top, the answers to a 0 and to a 7 agree in the first
# twelve decimal places. The last layer has nothing to tell them apart by. All it can learn is how often each digit
# occurs, and that is what it does.
#
# So the tower is blind in both directions. What *can* one change? The two factors: the slopes, and the weights.

# %% [markdown] id="sizes-by-hand"
# ## Keep the size
#
# The slope first: tanh has slope 1 at 0, and ReLU has slope 1 wherever it lets something through. That is better
# than ¼. Now the weights. How large must they be, so that a layer's answers are as large as its inputs?
#
# ### By hand
#
# A neuron has four inputs, each either 1 or −1, and all four weights are ½. There are 16 possible inputs:
#
# | inputs | how many | z | z² |
# |---|---|---|---|
# | all four 1 | 1 | 2 | 4 |
# | three 1, one −1 | 4 | 1 | 1 |
# | two of each | 6 | 0 | 0 |
# | one 1, three −1 | 4 | −1 | 1 |
# | all four −1 | 1 | −2 | 4 |
#
# The mean of z² is (4 + 4 + 0 + 4 + 4) / 16 = **1**. The inputs have size 1, the sum has size 1.
#
# Why ½? Four products are added, each ½ or −½, and their signs have nothing to do with each other. Then the means of
# their squares add up: 4 · ½² = 1. Their sizes do not: that would be 4 · ½ = 2. **A sum of D such terms grows like √D,
# not like D.**

# %% [markdown] id="fan-in"
# ### As a formula
#
# Call the number of products that a unit adds up its **fan-in**. The **variance** of numbers with mean 0 is the mean of
# their squares. If the weights have mean 0 and the variance Var(w), then
#
# $$\text{mean of } z^2 = \text{fan-in} \cdot \text{Var}(w) \cdot \text{mean of } x^2$$
#
# So the size stays if Var(w) = 1 / fan-in. And the way back? There each input collects one product from every unit it
# feeds, its **fan-out**. So for the gradient, Var(w) should be 1 / fan-out. In a dense layer with weights (D, M), fan-in
# is D and fan-out is M. Both wishes at once can only be granted if D = M.
#
# Xavier Glorot and Yoshua Bengio proposed to meet in the middle (2010):
#
# $$\text{Var}(w) = \frac{2}{\text{fan-in} + \text{fan-out}}$$

# %% [markdown] id="xavier-task"
# Glorot draws the weights evenly from a range −r … r. Such numbers have the variance r² / 3. Set this equal, and
#
# $$r = \sqrt{\frac{6}{\text{fan-in} + \text{fan-out}}}$$
#
# This one is written for you: read it, run it. Two things deserve a look. Biases start at 0, since the weights
# already make the units different. And the function knows a second shape, (F, C, k, k): those are the filters of lesson
# 11, F of them, each reading C · k · k numbers. The rule is the same. Only the counting differs.

# %% exercise="xavier_init"

# %% [markdown] id="film-intro"
# ### Turn the knob
#
# A fresh tower with tanh. In the film the size of its weights grows, from 0.02 to 1. On the left, each column is a
# layer, and dark is where its signals are. On the right is the gradient. Where would *you* like to start training?


# %% id="film" role="demo"
@demo
def film():
    figures, captions = [], []
    some = known[:200]
    for scale in (0.02, 0.05, 0.1, 0.14, "Xavier", 0.25, 0.4, 0.7, 1.0):
        params = tower(xavier_init if scale == "Xavier" else partial(small_init, scale=scale))
        a, _ = forward(X[some], params, "tanh")
        sizes = layer_sizes(params, "tanh", some)
        figures.append(plot.signals(a[1:], sizes, (1e-16, 1e3)))
        captions.append(
            f"weights of size {size(params['W2']):.2f}{' (Xavier)' if scale == 'Xavier' else ''}: "
            f"gradient {sizes[0]:.0e} in layer 1, {sizes[-1]:.0e} in layer 15"
        )
    plot.film(
        figures,
        captions,
        alt="Left, the signals of the layers 1 to 14 between −1 and 1; right, the size of the "
        "gradient in the layers 1 to 15. With weights of 0.02 all signals but the first layer's "
        "lie on the zero line, and the gradient is tiny everywhere. As the weights grow, the "
        "signals reach higher layers. At Xavier's 0.18 they spread through all of them, narrowing "
        "gently, and the gradient is level near one hundredth. Beyond it the signals split into "
        "two dark bands at −1 and 1, and the gradient tilts: with weights of 1 it rises from right "
        "to left, from a few hundredths in layer 15 to tens in layer 1.",
    )
    print("\n".join(captions))


# %% [markdown] id="film-lesson"
# Too small, and all signals sink to 0. Too large, and they stick to the two ends, where tanh is flat: the units are
# **saturated**, and the gradient explodes downward through the large weights. In between is a narrow
# pass, and Xavier's rule knows where: for layers of 32 units at 0.18. The bare rule needs no trying out.

# %% [markdown] id="relu-by-hand"
# ## ReLU takes a half
#
# Look at the 16 inputs again, now with a ReLU behind the sum. The sums −1 and −2 become 0. The mean of the squares is
# now (4 + 4) / 16 = **½**. Half of it is lost, in every layer: after fourteen layers 1/16,384 of the squares, and
# 1/128 of the size.
#
# So each layer has to put in twice as much. Kaiming He and colleagues (2015):
#
# $$\text{Var}(w) = \frac{2}{\text{fan-in}} \qquad s = \sqrt{\frac{2}{\text{fan-in}}}$$
#
# They draw from the normal distribution: `rng.standard_normal(shape)` has variance 1, and times s it has the right one.
#
# **Your turn.** All three shapes, as in `xavier_init` above. Draw once from the generator you are given; that is how
# a run can be repeated.

# %% exercise="he_init"

# %% [markdown] id="relu-sizes-intro"
# A fresh tower with ReLU. How large are the signals on their way up, with either rule?


# %% id="relu-sizes" role="demo"
@demo
def relu_sizes():
    curves = {}
    for name, init in {"He": he_init, "Xavier": xavier_init, "small, 0.1": small_init}.items():
        a, _ = forward(X[known], tower(init), "ReLU")
        curves[name] = [size(signal) for signal in a[1:]]
        print(
            f"{name:>10}: {curves[name][0]:.2f} after layer 1, {curves[name][-1]:.1e} after layer "
            "14"
        )
    plot.show(
        plot.by_layer(curves, "size of the signals"),
        alt="The size of the signals after layers 1 to 14, in powers of ten. With He's rule the "
        "line stays near 1. With Xavier's it falls to about a hundredth, with weights of size 0.1 "
        "to below a millionth.",
    )


# %% [markdown] id="relu-sizes-lesson"
# With He's rule about half of the size arrives, with Xavier's a hundredth. (The pencil said 1/128.) The factor of 2 looks
# like a trifle. Multiplied by itself fourteen times, it is not.

# %% [markdown] id="repair-the-claim"
# ## Repair the claim
#
# One of the articles this course grew out of writes a whole network in NumPy, forward and back: two hidden layers with
# ReLU, a sigmoid at the end, gradient descent. Every function is handed `weights`. **Nowhere does it say what they are
# at first.**
#
# Let us take it at its word, with the plainest guess. The task is small: even or odd? Run the cell, then try a
# constant, 0.1 for all. Then **repair the first line**, with what you have just written, until at least 95 in 100 new
# digits are right.

# %% id="article-network" role="setup"
SHAPES = (64, 32), (32, 16), (16, 1)


def even_or_odd(weights, steps=200, lr=0.5):
    """The article's network (its gradients mended, lesson 5) -> loss, share of new digits right,
    weights it ends with."""
    w, b = [np.array(weight) for weight in weights], [np.zeros(32), np.zeros(16), np.zeros(1)]
    even = (y % 2 == 0).astype(float).reshape(-1, 1)

    def answers(rows):
        a1 = np.maximum(X[rows] @ w[0] + b[0], 0)
        a2 = np.maximum(a1 @ w[1] + b[1], 0)
        return X[rows], a1, a2, 1 / (1 + np.exp(-(a2 @ w[2] + b[2])))

    for _ in range(steps):
        *reads, p = answers(known)
        dz = (p - even[known]) / len(known)
        for l in (2, 1, 0):
            dw, db, dx = reads[l].T @ dz, dz.sum(axis=0), dz @ w[l].T
            w[l], b[l], dz = w[l] - lr * dw, b[l] - lr * db, dx * (reads[l] > 0)
    p = np.clip(answers(known)[-1], 1e-7, 1 - 1e-7)
    loss = -np.mean(even[known] * np.log(p) + (1 - even[known]) * np.log(1 - p))
    return loss, np.mean((answers(new)[-1] > 0.5) == even[new]), w


# %% id="repair-the-claim-code" role="demo"
rng = np.random.default_rng(0)
first_weights = [np.zeros(shape) for shape in SHAPES]  # nobody says what they are


@demo
def repair():
    with np.errstate(all="ignore"):
        loss, right, w = even_or_odd(first_weights)
    different = len(np.unique(w[0].round(6), axis=1).T)
    print(f"loss {loss:.3f}, {right:.0%} of the new digits right")
    print(f"different units in the first hidden layer: {different} of 32")


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary><code>first_weights = [he_init(shape, rng) for shape in SHAPES]</code>: 98 in
# 100.<br>With zeros every hidden answer is 0. The gradient of the last weights is those answers times something: 0. What
# goes down is multiplied by the last weights: 0. Nothing but the last bias ever moves, and the loss stays at
# log 2.<br>With a constant, something is learned, but all 32 units of a layer get the same gradient, so they stay the
# same for ever: one unit, 32 times. Random numbers are there to make units <b>different</b>. The scale is there to
# keep the <b>size</b>.</details>

# %% [markdown] id="random-value"
# Another article has an answer: the weights and biases "are set to a random value". That is half of it. All the
# starts in the film were random, too. Which random value decides whether a tower learns.

# %% [markdown] id="library-default-intro"
# ### Who chooses when you do not?
#
# A library has to begin somewhere. PyTorch's `nn.Linear`, the dense layer, draws weights and biases evenly between
# −1/√fan-in and 1/√fan-in. That is a variance of 1 / (3 · fan-in): a **sixth** of He's. Here is this rule with ReLU, in a
# network of three layers and in our tower.


# %% id="library-default" role="demo"
def library_default(layers):
    """First parameters as PyTorch's dense layer draws them."""
    rng, params = np.random.default_rng(0), tower(small_init, layers)
    for l in range(1, layers + 1):
        fan_in = len(params[f"W{l}"])
        for name in (f"W{l}", f"b{l}"):
            params[name] = rng.uniform(-1, 1, params[name].shape) / np.sqrt(fan_in)
    return params


@demo
def who_chooses():
    for layers in (3, 15):
        run = train(library_default(layers), "ReLU", lr=0.05)
        print(f"{layers:2} layers, a library's default: {run.right[-1]:.0%} right")


# %% [markdown] id="library-default-lesson"
# For a few layers it does, and most networks that people begin with have a few. The tower does not learn with it. The
# default is kept so that old programs give old results; to ask for He's rule takes one line (a table below has it).

# %% [markdown] id="batchnorm"
# ## Measure instead of hoping
#
# Xavier and He set the size *before* the first step. Then the weights change, and nobody watches any more.
#
# Sergey Ioffe and Christian Szegedy had a bolder idea (2015). If size matters so much, why not **measure** it, in every
# layer and at every step, and divide by it? This is **batch normalization**. It is a layer of its own. We put it
# between the weighted sum and the activation.

# %% [markdown] id="batchnorm-by-hand"
# ### By hand
#
# One unit, a batch of five examples. Its sums are **6, 6, 1, 6, 6**.
#
# - The mean is 25 / 5 = 5. Take it off: 1, 1, −4, 1, 1.
# - The squares of these are 1, 1, 16, 1, 1. Their mean, the **variance**, is 20 / 5 = 4. Its root is 2.
# - Divide by it: **0.5, 0.5, −2, 0.5, 0.5**.
#
# Mean 0, variance 1, whatever the sums were. Each unit of the layer does so for itself, down its own column of `X`.
#
# But perhaps the layer needs another size? So it may choose: multiply by γ ("gamma"), add β ("beta"). Both are
# learned, like a weight and a bias. With γ = 2 and β = 1 we get 2, 2, −3, 2, 2.

# %% [markdown] id="two-modes"
# ### Two modes
#
# Training is over, and *one* picture comes along. What is the mean of a single number? Itself. Minus its mean it is 0,
# for any picture.
#
# So while it trains, the layer takes notes: a **running mean** and a **running variance**, a mixture of all the
# batches so far. With a momentum of 0.1, a tenth is new and nine tenths are old. They start at 0 and 1. After our batch:
#
# - mean: 0.9 · 0 + 0.1 · 5 = **0.5**
# - variance: 0.9 · 1 + 0.1 · 4 = **1.3**
#
# In **evaluation** the layer uses its notes, and changes nothing. Then an answer does not depend on who else is in
# the batch.
#
# (Beware of the word. In this course and in PyTorch, momentum is the share of the *new*. In the paper and in Keras it is
# the share of the *old*: 0.9 there is 0.1 here.)

# %% [markdown] id="batchnorm-task"
# ### As a formula
#
# $$\mu_d = \frac{1}{N} \sum_n X_{nd} \qquad \sigma_d^2 = \frac{1}{N} \sum_n (X_{nd} - \mu_d)^2 \qquad
# Y_{nd} = \gamma_d \, \frac{X_{nd} - \mu_d}{\sqrt{\sigma_d^2 + \varepsilon}} + \beta_d$$
#
# ε is a tiny number, 0.00001. It is there for a unit that gives the same for all: without it, 0 / 0.
#
# **Your turn.** Fill in the gaps. Return Y and both running statistics, the new ones. Make new arrays, and leave the
# caller's as they are.

# %% exercise="batchnorm_forward"

# %% [markdown] id="doubled-intro"
# ### Twice as large
#
# A fresh ReLU tower with He's weights. Now somebody doubles all the weights of the fourteen hidden layers. ReLU passes
# that on: each layer's signals are doubled, on top of those below. How large are they after layer 14?


# %% id="doubled" role="demo"
def growth(normalized):
    """How much larger the last hidden signals are if all hidden weights are doubled."""
    params = tower(he_init, normalized=normalized)
    doubled = {name: 2 * array if name[0] == "W" else array for name, array in params.items()}
    before, after = (
        size(forward(X[known], p, "ReLU", train=True)[0][-1]) for p in (params, doubled)
    )
    return after / before


@demo
def doubled():
    print(f"signals after layer 14: {growth(normalized=False):,.0f} times as large")


# %% [markdown] id="doubled-question"
# That is 2 multiplied by itself fourteen times. Now the same with your batch normalization in every hidden layer.


# %% id="doubled-prediction" role="demo"
predict(
    "doubled-weights",
    "All hidden weights doubled, with batch normalization: how large are the signals after layer "
    "14?",
    ["16,384 times as large", "28 times as large", "twice as large", "as large as before"],
)


# %% id="doubled-run" role="demo"
@demo(after="doubled-weights")
def doubled_and_normalized():
    ratio = growth(normalized=True)
    print(f"signals after layer 14: {ratio:,.4f} times as large")
    outcomes = {1.5: "as large as before", 14: "twice as large", 1000: "28 times as large"}
    found = next((name for most, name in outcomes.items() if ratio < most), "16,384 times as large")
    predict.reveal("doubled-weights", found)


# %% [markdown] id="doubled-lesson"
# Doubled sums have a doubled mean and a doubled standard deviation. Take off the one, divide by the other, and the 2 is
# gone, in every layer. (Not to the last digit: ε was not doubled.)
#
# So the size of the weights no longer decides whether a signal survives. That is why a tower with batch normalization
# forgives a careless start.

# %% [markdown] id="test-a-batchnorm"
# ## Who tests the tester?
#
# Batch normalization is easy to get *almost* right. Here are six versions that others have written. Each is wrong.
#
# | wrong version | what it does |
# |---|---|
# | one mean per example | goes along the rows |
# | N − 1 in the variance | divides the squares by N − 1 |
# | ε outside the root | divides by √σ² + ε |
# | momentum the other way round | keeps `momentum` of the old |
# | batch statistics in evaluation | uses μ and σ² of the batch, always |
# | running statistics move in evaluation | takes notes, always |
#
# And here are six tests. In all of them γ = (2, 1), β = (0, 1), and a wrong version is **unmasked** if any of its three
# answers, Y, mean′ or var′, differs from the right one.

# %% id="tests" role="setup"
tests = data.small_batches()


# %% id="show-tests" role="demo"
@demo
def show_tests():
    print("    X           mean     var      train  momentum  eps")
    for letter, (batch, _, _, mean, var, training, momentum, eps) in tests.items():
        rows = " | ".join(" ".join(f"{value:g}" for value in row) for row in batch)
        kept = "".join(f"{' '.join(f'{value:g}' for value in pair):9}" for pair in (mean, var))
        print(f"{letter}   {rows:12}{kept}{training!s:7}{momentum:<10g}{eps:g}")


# %% [markdown] id="test-a-batchnorm-task"
# (`1 2 | 3 6` is a batch of two examples, (1, 2) and (3, 6). All are square, so no shape ever complains.)
#
# Every test is blind to something. With a momentum of 0.5, for example, old and new weigh the same, and nobody notices
# that they are exchanged.
#
# **Your turn.** Choose **two** tests that together unmask all six.

# %% exercise="batch_tests"

# %% [markdown] id="backward-idea"
# ## Backward through a batch
#
# Until now, every example went its own way through the network. Here they meet. Move one entry of a column, and its
# mean and its variance move too, and with them the Y of *all* the others. A backward pass that forgets this is wrong.
# What does it have to add?
#
# Think of what **cannot** matter. The normalized column is called X̂ ("X hat").
#
# - **Shift** the whole column by the same amount: the mean takes it off again, Y stays. So the gradient must not point
#   along a shift. Its entries must add up to 0.
# - **Stretch** the column away from its mean: the standard deviation takes it off again, Y stays. So the gradient must
#   not point along X̂ either.
#
# The recipe: take the gradient as if μ and σ were fixed, and take out these two directions. Nothing else.

# %% [markdown] id="backward-formula"
# ### As a formula
#
# γ and β are easy: β is added to every example, γ multiplies X̂. All examples share them, so their shares are summed:
#
# $$d\beta_d = \sum_n dY_{nd} \qquad d\gamma_d = \sum_n dY_{nd} \, \hat{X}_{nd}$$
#
# The two terms to take out are their means, the one spread evenly, the other along X̂:
#
# $$dX_{nd} = \frac{\gamma_d}{\sqrt{\sigma_d^2 + \varepsilon}} \left( dY_{nd} - \frac{d\beta_d}{N} -
# \hat{X}_{nd} \, \frac{d\gamma_d}{N} \right)$$

# %% [markdown] id="backward-by-hand"
# ### By hand
#
# Our five: X̂ = (0.5, 0.5, −2, 0.5, 0.5), the root is 2, and γ = 1. Say the loss cares about the first example only:
# dY = (1, 0, 0, 0, 0).
#
# - dβ = 1 and dγ = 1 · 0.5 = 0.5. The means: 0.2 and 0.1.
# - In the brackets: 1 − 0.2 − 0.05 = 0.75 for the first. 0 − 0.2 − 0.05 = −0.25 for those like it.
# - For the third: 0 − 0.2 + 2 · 0.1 = 0.
# - Divided by 2: dX = **(0.375, −0.125, 0, −0.125, −0.125)**.
#
# They add up to 0, as they must. And the loss cares about one example, but four have a gradient: whoever wants the first
# to stand out may also lower the others.
#
# **Your turn.** `X` is what went into the forward pass, so the statistics can be computed again. The mean over the
# examples is in `dY` already, as in lesson 5. Return dX, dγ and dβ, in this order.

# %% exercise="batchnorm_backward"

# %% [markdown] id="map-intro"
# ## Before and after
#
# Everything is in place. Four towers of fifteen layers, the same digits, the same 560 steps with the same learning rate:
#
# 1. sigmoid, small weights: the tower from the beginning
# 2. tanh, with Xavier's weights
# 3. ReLU, with He's weights
# 4. the first one again: sigmoid and small weights, and your batch normalization
#
# It takes a few seconds. For each tower you see fifteen layers from bottom to top and twenty epochs from left to right;
# dark is a large gradient (over 400 of the known digits). The numbers are powers of ten: −2 stands for hundredths.

# %% id="towers" role="setup"
TOWERS = {
    "sigmoid, small weights": (small_init, "sigmoid", False),
    "tanh, Xavier": (lambda shape, rng: xavier_init(shape, rng), "tanh", False),
    "ReLU, He": (lambda shape, rng: he_init(shape, rng), "ReLU", False),
    "sigmoid, batch norm": (small_init, "sigmoid", True),
}


@cache
def trained(name):
    """Train one of the towers, once."""
    init, activation, normalized = TOWERS[name]
    return train(tower(init, normalized=normalized), activation, lr=0.03)


# %% id="map" role="demo"
@demo
def before_and_after():
    runs = {}
    with bar(len(TOWERS), "towers") as rounds:
        for _, name in zip(rounds, TOWERS, strict=False):
            runs[name] = trained(name)
    if rounds.stopped:
        return
    plot.show(
        plot.depth_map(
            {f"{name}: {run.right[-1]:.0%} right": run.gradients for name, run in runs.items()}
        ),
        alt="Four maps of the size of the gradient, layers 1 to 15 from bottom to top, epochs 0 to "
        "20 from left to right. Sigmoid with small weights: dark only in the top layers, fading "
        "downward from hundredths to ten to the minus 14, and nothing changes over time; 8 percent "
        "right. The three others are dark from top to bottom, from tenths to thousandths, all of "
        "the time. All three end with more than 90 percent right.",
    )
    for name, run in runs.items():
        print(
            f"{name:>22}: {run.right[0]:4.0%} right at first, {run.right[5]:4.0%} after 5 epochs, "
            f"{run.right[-1]:4.0%} after 20"
        )


# %% [markdown] id="map-lesson"
# One tower is pale at the bottom and stays pale: its lower layers never hear of their mistakes. The other three are
# dark from top to bottom, and all three read more than nine in ten.
#
# Compare the first with the last. The activation is the same, the first weights are the same. The old sigmoid is not
# to blame by itself; nobody had kept its inputs where it is steep.
#
# ReLU is last to arrive here, and its path is bumpy. That has to do with the length of its steps. We come to it.

# %% [markdown] id="why-it-works"
# ### Why does it work so well?
#
# The authors said: because each layer no longer has to chase inputs that move while the layers below learn. In 2018
# four researchers tested that. They added noise *behind* the normalization, so that the inputs moved more than ever,
# and it trained as well as before. What they found instead: the loss becomes smoother, its slope more reliable, so
# that longer steps succeed. The recipe has stood for years; its explanation is younger, and not the last word.

# %% [markdown] id="company-intro"
# ## In good company?
#
# You have a trained tower with batch normalization. What happens if somebody forgets to switch from training to
# evaluation? The same 397 new digits, the same weights. Only the batches differ.


# %% id="company" role="demo"
@demo
def company():
    params = trained("sigmoid, batch norm").params

    def right(batches, training):
        answers = [
            forward(X[rows], dict(params), "sigmoid", training)[1][-1].argmax(axis=1)
            for rows in batches
        ]
        return np.mean(np.concatenate(answers) == y[np.concatenate(batches)])

    sorted_by_digit = [new[y[new] == digit] for digit in range(10)]
    one_by_one = [new[n : n + 1] for n in range(len(new))]
    print(f"evaluation, one by one:                {right(one_by_one, False):.0%} right")
    print(f"left in training, all 397 at once:     {right([new], True):.0%} right")
    print(f"left in training, all 0s, then all 1s: {right(sorted_by_digit, True):.0%} right")
    print(f"left in training, one by one:          {right(one_by_one, True):.0%} right")


# %% [markdown] id="company-lesson"
# In a mixed crowd nothing seems amiss, so the mistake hides in every quick test. Among its own kind, a digit loses what
# makes it special: the mean takes off just that. Alone, every picture becomes β, and all get the same answer.
#
# This is the commonest accident with batch normalization. **Say which mode you are in.** Dropout, in lesson 8, has the
# same two modes and the same accident.

# %% [markdown] id="cliff"
# ## Too steep
#
# Back to the chain of single neurons, fifteen layers that share one weight w. The input is 1, and the output should be 1.
# The squared error is
#
# $$f(w) = \left( w^{15} - 1 \right)^2$$
#
# At w = 1 it is 0. Its slope is 2 · (w¹⁵ − 1) · 15 · w¹⁴. With a pencil, or with the table from the beginning:
#
# - at w = 0.5: 2 · (−1) · 15 · 0.00006 = **−0.002**. Nearly flat.
# - at w = 1.1: 2 · 3.2 · 15 · 3.8 = **362**. A cliff.
#
# With a learning rate of 0.003, what does one step do on the cliff? 1.1 − 0.003 · 362 = **0.01**. It is hurled across the
# valley and lands in the desert beyond, where the slope is 0.000…, 24 zeros behind the point.
# There it stays.

# %% [markdown] id="clipping"
# ### Shorten the step
#
# The slope on a cliff says rightly *where to*, but is no measure of *how far*. So limit its length. **Clipping** leaves a
# gradient alone that is short enough. One that is too long is shortened to the limit c:
#
# $$g' = g \cdot \min\left(1, \frac{c}{\lVert g \rVert}\right) \qquad
# \lVert g \rVert = \sqrt{\sum g^2}$$
#
# The bars mean the length, or **norm**. The sum goes over *all* gradients of the network.
#
# ### By hand
#
# A weight with gradient 3, a bias with gradient 4, and c = 1. The norm is √(9 + 16) = 5, so both are divided by 5:
# **0.6 and 0.8**. The length is 1, and the ratio is still 3 : 4.
#
# Shorten each by itself, and you get 1 and 1. The step would have turned aside.
#
# **Your turn.** One norm for all arrays, one factor for all. Return a new dict, with new arrays in it.

# %% exercise="clip_gradients"

# %% [markdown] id="cliff-walk-intro"
# The same cliff, the same learning rate, without your limit and with it.


# %% id="cliff-walk" role="demo"
@demo
def cliff_walk():
    def loss(w):
        return (w**15 - 1) ** 2

    walks = {}
    for title, c in {"no limit": np.inf, "norm at most 1": 1.0}.items():
        steps = [1.1]
        for _ in range(60):
            slope = {"w": np.array([30 * (steps[-1] ** 15 - 1) * steps[-1] ** 14])}
            steps.append(
                steps[-1] - 0.003 * (slope if c == np.inf else clip_gradients(slope, c))["w"][0]
            )
        walks[title] = np.array(steps), loss(np.array(steps))
        print(
            f"{title}: w = {steps[0]}, {steps[1]:.3f}, {steps[2]:.3f}, …, {steps[-1]:.3f} after 60 "
            "steps"
        )
    line = np.linspace(-0.1, 1.11, 200)
    plot.show(
        plot.cliff(line, loss(line), walks),
        alt="Twice the same curve of the loss over the weight: a flat floor at 1 from w = −0.1 to "
        "about 0.8, a dip to 0 at w = 1, and then almost a wall, up to 10 at w = 1.1. Without a "
        "limit one long leap leads from the top of the wall to w = 0.01 on the flat floor, where "
        "the walk ends. With the limit, many small steps lead down the wall to the bottom of the "
        "dip.",
    )


# %% [markdown] id="cliff-digits-intro"
# One picture, both troubles: right of the dip the gradient explodes, left of it it vanishes. And the tower? This is
# ReLU with He's weights, and a learning rate of 0.3, ten times as large as before.


# %% id="cliff-digits" role="demo"
@demo
def steep_digits():
    curves = {}
    for name, change in {
        "no limit": dict,
        "norm at most 1": lambda g: clip_gradients(g, 1.0),
    }.items():
        run = train(tower(he_init), "ReLU", lr=0.3, change=change)
        curves[name] = range(21), 1 - np.array(run.right)
        print(f"{name}: {run.right[-1]:.0%} right")
    plot.show(
        plot.mistakes(curves),
        alt="The share of new digits judged wrongly over 20 epochs, learning rate 0.3. Without a "
        "limit it stays between 60 and 100 percent. With the norm limited to 1 it falls, with "
        "bumps, to a few percent.",
    )


# %% [markdown] id="cliff-digits-lesson"
# A single step that is too long can ruin a tower for good: it kills ReLU units, or blows up weights, and no later step
# brings them back. One line prevents it. Recurrent networks, in lesson 12, are chains with a shared weight, just like
# ours on paper. For them clipping is not a luxury.

# %% [markdown] id="interview"
# ## The interview question
#
# "What is the vanishing gradient problem, and how do we overcome it?" Two of our articles ask it. One answers: gradients
# can become extremely small on their way back through many layers, so the first layers stop learning; the remedies
# are architectures like the LSTM, and techniques like batch normalization.
#
# True, and not the whole truth. You can now add
#
# - **the cause**: a product of slopes and weights, one factor a layer
# - **the twin**: the same product can explode
# - **the first remedy**, which the answer leaves out: an activation with slope 1, and first weights of the right
#   size. Two of your towers learned without any normalization
# - **the scope**: LSTM is a remedy for depth in *time* (lesson 13). It does nothing for a tower like ours

# %% [markdown] id="in-libraries"
# ## The same in the libraries
#
# | you wrote | PyTorch | Keras |
# |---|---|---|
# | `he_init` | `nn.init.kaiming_normal_(w, nonlinearity="relu")` | `kernel_initializer="he_normal"` |
# | `xavier_init` | `nn.init.xavier_uniform_(w)` | `"glorot_uniform"`, the default |
# | batch normalization | `nn.BatchNorm1d(D)` | `BatchNormalization()` |
# | momentum 0.1 | `momentum=0.1` | `momentum=0.9` (its default is 0.99) |
# | `train` | `model.train()`, `model.eval()` | `model(x, training=True)`, `False` |
# | `clip_gradients` | `nn.utils.clip_grad_norm_(model.parameters(), 1.0)` | `SGD(global_clipnorm=1.0)` |
#
# Small print that has cost people days: Keras's plain `clipnorm` clips each array by itself. Its `he_normal` draws again
# whatever lies beyond two standard deviations. PyTorch's running variance divides by N − 1, ours by N.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **1991.** Sepp Hochreiter, in his diploma thesis, works out why gradients vanish and explode in deep and recurrent
#   networks.
# - **1994.** Yoshua Bengio, Patrice Simard and Paolo Frasconi show the same, on their own, for recurrent ones.
# - **1998.** Yann LeCun and colleagues write down the tricks of the trade: standardized inputs, weights of size 1/√fan-in.
# - **2010.** Xavier Glorot and Yoshua Bengio: keep the variance, forward and backward.
# - **2013.** Razvan Pascanu, Tomas Mikolov and Yoshua Bengio draw the cliff, and clip.
# - **2015.** He's rule, batch normalization, and, in December, one more remedy: connections that *add* a layer's input
#   to its output, so that a gradient has a way around. Networks of 152 layers learn.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about earlier ones. Answer from memory: the effort of recalling is what makes it
# stay. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("07_depth")

# %% [markdown] id="take-along"
# ## What to take along
#
# - Through many layers, signals and gradients are multiplied. Below 1 they vanish, above 1 they explode.
# - The factors are slopes and weights. Take an activation with slope 1, and weights that keep the size.
# - ReLU: He, variance 2 / fan-in. tanh: Xavier, 2 / (fan-in + fan-out). Biases 0. Never zeros for weights.
# - Batch normalization measures the size and divides by it. It has two modes: say which.
# - Clipping limits the length of a step and keeps its direction: one norm for all.
# - If a deep network shrugs, look at its gradients layer by layer before you change anything else.
#
# **Next: lesson 8, generalize.** Now that a network can learn anything, it will: by heart.

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Give the tower of the beginning Adam, from lesson 6, which divides each gradient by its own size. It takes long
# steps now, in all layers, and still ends at a guess. Look again at what the pictures have in common at the top, and say
# why.
#
# **Add the way around.** In `forward`, let each hidden layer add its input: `a.append(a[-1] + …)`, from layer 2 on. What
# must `backprop` add? Then try `small_init` again, and ReLU.
#
# **The 2 by calculus.** If z is as often positive as negative, in the same way, then half of its square lies on
# either side. ReLU keeps one side. That is all there is to He's 2.
#
# **Read.**
# - S. Hochreiter, *Untersuchungen zu dynamischen neuronalen Netzen*, diploma thesis, Technische Universität München
#   (1991)
# - Y. Bengio, P. Simard and P. Frasconi, "Learning long-term dependencies with gradient descent is difficult", *IEEE
#   Transactions on Neural Networks* 5 (1994), 157–166
# - Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient BackProp", in *Neural Networks: Tricks of the Trade*,
#   Springer (1998), 9–50
# - X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", *AISTATS*
#   (2010), 249–256
# - R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", *ICML* (2013),
#   1310–1318
# - K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers: surpassing human-level performance on
#   ImageNet classification", *ICCV* (2015), 1026–1034
# - S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
#   shift", *ICML* (2015), 448–456
# - K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", *CVPR* (2016), 770–778
# - S. Santurkar, D. Tsipras, A. Ilyas and A. Madry, "How does batch normalization help optimization?", *NeurIPS* (2018)
# - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press (2016), sections 8.2, 8.4 and 8.7.1
