# %% [markdown] id="title"
# # 5 · Backprop
#
# **A network has read a 4 as a 7. Which of its 2,410 numbers is to blame, and how much?**
#
# Lesson 4 could find out, by nudging every number up and down: 4,820 questions for a single step. Today you get all
# 2,410 answers in one trip back through the network, for the price of about two questions. You write that trip
# yourself, you prove it right with the nudges of lesson 4, and at the end a network of your own reads handwriting.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - send a slope backward through a chain of steps, with a pencil
# - write the way back of a ReLU, a sigmoid, a softmax and a dense layer
# - put them together into backpropagation, for any number of layers
# - check a gradient, and read from the check where the mistake is
# - build and train a network from nothing but NumPy

# %% id="imports" role="setup"
import time

import numpy as np

from course import check, data, demo, hint, library, plot, predict, quiz
from course.bar import bar

# %% [markdown] id="kiosk"
# ## Who is to blame?
#
# A kiosk sells ice cream. From the hours of sunshine, a very small network predicts how many dozens it will sell.
# It has one hidden unit and four parameters.
#
# | | | |
# |---|---|---|
# | sunshine | x | 2 hours |
# | hidden unit | z = w1 · x + b1 | 1.5 · 2 − 1 = **2** |
# | after ReLU | a = max(z, 0) | **2** |
# | prediction | p = w2 · a + b2 | 3 · 2 + 1 = **7** |
# | sold | y | 5 |
# | loss | (p − y)² | **4** |
#
# Two dozen too many. Which of the four is to blame: w1 = 1.5, b1 = −1, w2 = 3 or b2 = 1?
#
# To blame means: *if this number had been a little smaller, how much smaller would the loss be?* That is a slope. It
# is the gradient of lesson 4. But this time we do not nudge. We think.

# %% [markdown] id="one-link"
# ### Backward, link by link
#
# Start at the end, where it is easy, and go one link at a time.
#
# - **Loss and p.** The loss is (p − y)². Its slope along p is 2 · (p − y) = 2 · 2 = **4**.
# - **p and a.** p is 3 · a + 1. A nudge of a arrives at p three times as large, and there it counts four times. So the
#   slope of the loss along a is 4 · 3 = **12**.
# - **a and z.** z is above 0, so ReLU passes it on as it is: 12 · 1 = **12**.
#
# Do you see the rule? It is like gears. If the second wheel turns three times as fast as the first, and the third four
# times as fast as the second, then the third turns twelve times as fast as the first. **Along a chain, slopes
# multiply.** In books this is the *chain rule*.

# %% [markdown] id="four-blames"
# ### The four answers
#
# Each parameter sits at a link we have just passed. What does a nudge of it do there?
#
# | parameter | where it acts | a nudge of it moves that by | slope of the loss |
# |---|---|---|---|
# | w2 | p = w2 · a + b2 | a = 2 | 4 · 2 = **8** |
# | b2 | p = w2 · a + b2 | 1 | 4 · 1 = **4** |
# | w1 | z = w1 · x + b1 | x = 2 | 12 · 2 = **24** |
# | b1 | z = w1 · x + b1 | 1 | 12 · 1 = **12** |
#
# So w1 is most to blame, six times as much as b2. And notice what you did *not* do: you computed the 12 once and used
# it twice. That is the whole trick of today.

# %% id="nudge-again" role="setup"
kiosk = {"w1": 1.5, "b1": -1.0, "w2": 3.0, "b2": 1.0}  # change them and run the cells below again
sun, sold = 2.0, 5.0


def ice_cream(w1, b1, w2, b2):
    """The kiosk's network: its z, a, p and loss."""
    z = w1 * sun + b1
    a = max(z, 0.0)
    p = w2 * a + b2
    return z, a, p, (p - sold) ** 2


@library.yours(lesson=4)
def numeric_gradient(f, x, eps=1e-5):
    """Lesson 4, in short: nudge every entry of x up and down."""
    x = np.array(x, dtype=float)
    slopes = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        nudge = np.zeros(x.shape)
        nudge[i] = eps
        slopes[i] = (f(x + nudge) - f(x - nudge)) / (2 * eps)
    return slopes


# %% [markdown] id="kiosk-check-intro"
# Does it agree with nudging? And does it help to follow it? One step of descent, with a learning rate of 0.01:
#
# (From here on lessons run on what you have written before. `@library.yours(lesson=4)` above a function says: if
# `my_library.py` has mine, take mine, else this one. The first line below tells which it was.)


# %% id="kiosk-check" role="demo"
@demo
def nudged():
    library.whose("numeric_gradient")
    numbers = np.array(list(kiosk.values()))
    slopes = numeric_gradient(lambda numbers: ice_cream(*numbers)[-1], numbers)
    for name, slope in zip(kiosk, slopes, strict=True):
        print(f"slope along {name}, by nudging: {slope:6.3f}")
    after = ice_cream(*(numbers - 0.01 * slopes))
    print(f"\nloss before: {ice_cream(*numbers)[-1]:.4f}, after one step: {after[-1]:.4f}")


# %% [markdown] id="chain-intro"
# ### There and back
#
# Here is the same as a film. Blue boxes fill from left to right: the **forward pass**. Then the slopes come back from
# right to left, in orange: the **backward pass**. Press **Play**, or move the slider with the arrow keys.
#
# From here on we write the slope of the loss along anything with a d in front of its name: `da` is the slope along
# `a`. Books write $\frac{\partial\, \text{loss}}{\partial a}$ and mean the same.


# %% id="chain" role="demo"
@demo
def there_and_back():
    w1, b1, w2, b2 = kiosk.values()
    z, a, p, loss = ice_cream(**kiosk)
    dp = 2 * (p - sold)
    da = dp * w2
    dz = da if z > 0 else 0.0
    links = [
        plot.Link("x", sun, dz * w1, "· w1 + b1", {"w1": (w1, dz * sun), "b1": (b1, dz)}),
        plot.Link("z", z, dz, "ReLU"),
        plot.Link("a", a, da, "· w2 + b2", {"w2": (w2, dp * a), "b2": (b2, dp)}),
        plot.Link("p", p, dp, "(p − y)²", {"y": (sold, None)}),
        plot.Link("loss", loss, 1.0),
    ]
    forward = [
        "The hours of sunshine",
        f"z = w1 · x + b1 = {z:g}",
        f"a = max(z, 0) = {a:g}",
        f"p = w2 · a + b2 = {p:g}",
    ]
    forward.append(f"loss = (p − y)² = {loss:g}. Now back")
    backward = ["The slope of the loss along itself is 1", f"dp = 2 · (p − y) = {dp:g}"]
    backward.append(
        f"da = dp · w2 = {da:g}, and on the way dw2 = dp · a = {dp * a:g}, db2 = dp = {dp:g}"
    )
    backward.append(f"dz = {dz:g}: ReLU's gate was {'open' if z > 0 else 'shut'}")
    backward.append(
        f"dx = dz · w1 = {dz * w1:g}, and on the way dw1 = dz · x = {dz * sun:g}, db1 = dz = {dz:g}"
    )
    figures = [plot.chain(links, count, 0) for count in range(1, 6)]
    figures += [plot.chain(links, 5, count) for count in range(1, 6)]
    plot.film(
        figures,
        forward + backward,
        alt="Five boxes in a row: x, z, a, p and loss, joined by arrows to the right, with the "
        "parameters of each step below it. First the boxes fill from left to right: 2, 2, 2, 7, 4. "
        "Then, from right to left, dashed orange arrows appear, with a slope below each box: 1 "
        "below loss, 4 below p, 12 below a, 12 below z, 18 below x. As an arrow passes, the "
        "parameters of its step get theirs: 8 for w2 and 4 for b2, then 24 for w1 and 12 for b1.",
    )
    print("\n".join(forward + backward))


# %% [markdown] id="silent-unit"
# **Play.** Set b1 to −4 in the cell above that begins with `kiosk`, and run it and the two after it. Now z = −1, ReLU
# stops it, and p is 1, as if the hidden unit were not there. What are dw1 and db1? A unit that was silent has no part
# in the answer, so no part in the blame.

# %% [markdown] id="three-sentences"
# ### Three sentences to unlearn
#
# You will read these. With the film before your eyes, you can mend them.
#
# - *"At each node, the error is the difference between the output we expected and the output we got."* There is an
#   expected output at one place only: the end. Nobody knows what the hidden unit should have said. What it gets
#   is not a difference but a slope: da = 12.
# - *"Backpropagation corrects the error at each neuron."* It corrects nothing. It tells which way is up. All four
#   numbers are still what they were.
# - *"Backpropagation is how the weights are updated."* These are two phases. First **propagation**: forward to the
#   loss, back to the slopes. Then the **update**, which is descent: minus the learning rate times the slope. The
#   second has a lesson of its own, the next.

# %% [markdown] id="two-things"
# ## One rule for every step
#
# A network is a long chain of few kinds of steps. So write the way back of each kind once, and reuse it. Every step
# gets `dy`, what came back to it from the side of the loss, and makes of it what goes on to the side of the input. (The
# y in `dy` is what the step gave out, not a label.) It needs two things:
#
# what goes on = **what came back** · **its own slope**
#
# It need not know the loss, nor how many layers there are, nor its place among them. That is what makes this work for
# three layers as for a hundred.

# %% [markdown] id="gate"
# ### ReLU: a gate
#
# Forward, ReLU lets z pass or stops it. Its own slope is therefore 1 or 0, and on the way back it is a gate: what was
# let through forward is let through backward, what was stopped is stopped.
#
# | came back, dy | z on the way forward | goes on, dz |
# |---|---|---|
# | 1.5 | 2 | 1.5 |
# | −2 | 3 | −2 |
# | 2.5 | −1 | 0 |
# | 4 | 0 | 0 |
#
# Look at the second row. A gradient may well be negative. **z decides, not dy.** And at exactly 0 the slope is 0, as
# agreed in lesson 2.
#
# This one is written for you. `np.where(condition, a, b)` takes `a` where the condition holds and `b` elsewhere.

# %% exercise="relu_backward"

# %% [markdown] id="write-the-test"
# ### You write the test
#
# Six people wrote that line too, each with a slip.
#
# | name | what goes on |
# |---|---|
# | asks the gradient, not z | dy where dy > 0, else 0 |
# | asks both, z and the gradient | dy where both are above 0, else 0 |
# | open at exactly 0 | dy where z ≥ 0, else 0 |
# | gate forgotten | dy, always |
# | slope alone | 1 where z > 0, else 0 |
# | times the output | dy · max(z, 0) |
#
# You may send **two** gradients through two gates. Here is what you can choose from, with the right answers. A pair
# gives somebody away if their answer is another.


# %% id="gates" role="demo"
@demo
def gates():
    for dy, z in data.gates():
        dz = relu_backward(np.array([dy]), np.array([z]))[0]
        print(f"dy = {dy:2.0f} meets z = {z:2.0f}:  {dz:2.0f} goes on")


# %% [markdown] id="write-the-test-task"
# Where to begin: take one of the six, and look for a pair at which they err. There are slips that only one kind of
# pair can show.
#
# **Your turn.** Return your two pairs in a list, such as `[(1, 1), (2, 3)]`: first dy, then z. The check tells you who
# gets away.

# %% exercise="relu_probes"

# %% [markdown] id="write-the-test-lesson"
# Random numbers are of either sign, so with enough of them you would have caught five of the six by luck. But they
# hardly ever hit an edge. **Where the answer changes its mind, put a test exactly there.**

# %% [markdown] id="sigmoid-back"
# ### Sigmoid: a dimmer
#
# Its slope is y · (1 − y), where y is what it *gave out*. You found that in lesson 2. Handy: the forward pass has
# computed y anyway, so the way back needs no `exp` at all.
#
# By hand: what came back is dy = 2, and the sigmoid said y = 0.9. Then 2 · 0.9 · 0.1 = **0.18** goes on. At y = 0.5,
# where a sigmoid is steepest, 2 · 0.25 = **0.5** would. A sigmoid never passes on more than a quarter of what it
# gets. Remember that for lesson 7.
#
# **Your turn.** One blank. Mind what `y` is: input or output?

# %% exercise="sigmoid_backward"

# %% [markdown] id="top"
# ## Where the way back begins
#
# For classes, the end of the chain is softmax and cross-entropy, lesson 4. Two complicated steps. Their way back,
# taken together, is one of the most pleasant surprises in this field.
#
# Take the three scores 2, 1, 0 of lesson 4, where the first class is right. Softmax says 0.665, 0.245, 0.090. Then
#
# | class | p | 1 for the right one | dz = p − that |
# |---|---|---|---|
# | 0, right | 0.665 | 1 | **−0.335** |
# | 1 | 0.245 | 0 | **0.245** |
# | 2 | 0.090 | 0 | **0.090** |
#
# The right score should rise: its slope is negative, and descent goes against the slope. The others should fall, each
# by as much as it took. And the three add up to 0: what one class gains, the others lose.
#
# <details><summary>Where it comes from</summary>The loss of this row is −log p of the right class, so −z of the right
# class + log Σ exp(z). The slope of the first part is −1 along the right score, and 0 along the others. The slope of
# log u is 1/u times the slope of u, so the second part has slope exp(z) / Σ exp(z) along each score. That is
# p.</details>

# %% [markdown] id="top-task"
# ### As a formula
#
# $$dz_{nc} = \frac{p_{nc} - [c = y_n]}{N}$$
#
# The bracket is 1 where the condition in it holds, else 0. A row with a single 1 at the right class is called
# **one-hot**. And the N? The loss is a *mean* over N examples, so each example has one N-th of a say. **This is the
# only place in the whole backward pass where N is divided by.** Everything further on just receives it.
#
# **Your turn.** All lines are there, out of order. Softmax is in there too, with the shift that keeps `exp` from
# overflowing. Ask yourself what the line with `-=` is about.

# %% exercise="softmax_cross_entropy_backward"

# %% [markdown] id="p-minus-y-intro"
# ### p − y is not a law of nature
#
# It comes out so simple because *this* last step and *this* loss fit together. Here are four pairs: one example, one
# output, z = 1.5, right is y = 1. The slope along z is measured by nudging.


# %% id="p-minus-y" role="demo"
@demo
def p_minus_y():
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    pairs = {
        "sigmoid, binary cross-entropy": (sigmoid, lambda p: -np.log(p)),
        "no activation, ½ squared error": (lambda z: z, lambda p: (p - 1) ** 2 / 2),
        "no activation, squared error": (lambda z: z, lambda p: (p - 1) ** 2),
        "sigmoid, squared error": (sigmoid, lambda p: (p - 1) ** 2),
    }
    for name, (last_step, loss) in pairs.items():
        slope = numeric_gradient(
            lambda z, last=last_step, loss=loss: loss(last(z))[0], np.array([1.5])
        )[0]
        print(f"{name:31} p − y = {last_step(1.5) - 1:6.3f}   slope along z = {slope:6.3f}")


# %% [markdown] id="p-minus-y-lesson"
# Two agree, two do not. Whoever starts the way back with p − y has made a choice of loss, whether they know it or
# not. One of the articles writes `dZ3 = A3 - Y` and calls it *the* output error. With its loss, binary cross-entropy
# after a sigmoid, it is right. Change the loss to squared error and keep that line, and you train on slopes of a loss
# that you are not measuring.

# %% [markdown] id="dense"
# ## The dense layer
#
# Now the step with the weights in it. Take the layer you did by hand in lesson 3, without its biases. Something has
# come back, `dy`: one slope for each of the four outputs.
#
# ```
#          x (2, 3)            w (3, 2)         dy (2, 2)
#        1   0   2             2  −1             1   0
#       −1   3   0             0   1            −1   2
#                              1   4
# ```
#
# **The weight w[0, 0]** takes input 0 to unit 0. It did so in both examples.
#
# - In example 0 it was multiplied by x[0, 0] = 1, and 1 came back there: 1 · 1 = 1.
# - In example 1 it was multiplied by x[1, 0] = −1, and −1 came back: (−1) · (−1) = 1.
#
# One weight, two examples. Its slopes **add up**: dw[0, 0] = 1 + 1 = **2**.

# %% [markdown] id="dense-by-hand"
# ### By hand
#
# **The input x[0, 0]** of example 0 feeds both units. Unit 0 multiplied it by 2, and 1 came back there. Unit 1
# multiplied it by −1, and 0 came back. dx[0, 0] = 1 · 2 + 0 · (−1) = **2**. Again: one number, several uses, the
# slopes add up.
#
# **The bias b[0]** was added in both examples: db[0] = 1 + (−1) = **0**.
#
# Now you: dw[1, 1], dx[1, 2] and db[1].
#
# <details><summary>Compare</summary>dw[1, 1] = 0 · 0 + 3 · 2 = <b>6</b>. dx[1, 2] = (−1) · 1 + 2 · 4 = <b>7</b>.
# db[1] = 0 + 2 = <b>2</b>.</details>

# %% [markdown] id="dense-formula"
# ### As a formula
#
# $$dw_{dm} = \sum_n x_{nd} \, dy_{nm} \qquad dx_{nd} = \sum_m dy_{nm} \, w_{dm} \qquad db_m = \sum_n dy_{nm}$$
#
# The first two are products of matrices, if you lay one factor on its side. Two rules help:
#
# 1. **A gradient has the shape of the thing itself.** dw is (D, M) like w, dx is (N, D) like x, db is (M,) like b.
# 2. **Play dominoes.** From x (N, D) and dy (N, M) you need (D, M). Which of them must be turned so that the N's meet
#    and vanish? `x.T` is x with rows and columns exchanged.
#
# The dominoes are a helper, not a judge. When N = D = M, everything fits, the wrong way round too.
#
# **Your turn.** Three gradients, returned in the order dx, dw, db. No 1/N: it is in dy already.

# %% exercise="dense_backward"

# %% [markdown] id="dense-check-intro"
# Never trust a gradient you have not checked. The measuring stick is lesson 4: nudge, and compare. To have one number
# that can be nudged, we say that the loss is each output times what came back, added up; then dy is its slope by
# definition.
#
# How far are two slopes g and n apart? Not by their difference: 0.001 is much if both are 0.002, and nothing if both
# are 500. So divide by the larger one:
#
# $$\text{relative error} = \frac{|g - n|}{\max(|g|, |n|)}$$
#
# Below one in a million: fine, that is rounding. Above one in ten thousand: there is a mistake. In between, look again:
# a nudge may have crossed the bend of a ReLU.


# %% id="relative-error" role="setup"
def relative_error(g, n):
    """How far apart two gradients are, entry by entry: 0 is equal, 1 or more is hopeless. Two zeros
    are equal."""
    return np.abs(g - n) / np.maximum(np.maximum(np.abs(g), np.abs(n)), 1e-8)


# %% id="dense-check" role="demo"
@demo
def check_dense():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(5, 3)), rng.normal(size=(3, 4))
    b, dy = rng.normal(size=4), rng.normal(size=(5, 4))
    nudged = {
        "dx": numeric_gradient(lambda x: np.sum((x @ w + b) * dy), x),
        "dw": numeric_gradient(lambda w: np.sum((x @ w + b) * dy), w),
        "db": numeric_gradient(lambda b: np.sum((x @ w + b) * dy), b),
    }
    for yours, (name, measured) in zip(dense_backward(dy, x, w), nudged.items(), strict=True):
        print(
            f"{name} {yours.shape!s:7} largest relative error "
            f"{relative_error(yours, measured).max():.0e}"
        )


# %% [markdown] id="all-together"
# ## All together: backpropagation
#
# You have every piece. A network of L layers, forward:
#
# $$a_0 = X \qquad z_l = a_{l-1} W_l + b_l \qquad a_l = \max(z_l, 0) \qquad \text{loss of } z_L \text{ and } y$$
#
# And backward, from the last layer to the first. Start with dz of the last layer, which you know. Then, layer by
# layer:
#
# | you have | you get | how |
# |---|---|---|
# | dz of layer l, and its input a | dW, db of layer l | as in a dense layer |
# | dz of layer l, and W of layer l | da of the layer before | as in a dense layer |
# | da of the layer before, and whether its gate was open | dz of the layer before | as in a ReLU |
#
# Then the layer before is "layer l", and so on.

# %% [markdown] id="plan"
# ### A plan
#
# 1. **Forward**, as in lesson 3. But keep what every layer *saw*, in a list: the way back will ask for it.
# 2. **The loss**, as in lesson 4, from the sums of the last layer.
# 3. **dz of the last layer**: probabilities, minus 1 at the right class, over N.
# 4. **Back** from l = L to 1. `range(L, 0, -1)` counts down. At each layer: write down dW and db, then take dz to the
#    layer before.
#
# Whether a gate was open, a tells you as well as z: it is above 0 exactly where z is. And leave the weights alone.
# They are needed on the way back as they were on the way forward; changing them is somebody else's job.
#
# **Your turn.** This is the longest function of the course so far, and the one that everything after it stands on.
# Write the few lines again instead of calling your other functions: a slip in one of them would count here too. Take
# your time; the check knows fifteen ways to get it wrong.

# %% exercise="backprop"

# %% [markdown] id="it-works"
# If the check is content, pause for a moment. These lines train a network of any depth. What follows is seeing them
# at work.


# %% id="network" role="setup"
def random_network(sizes, rng):
    """Parameters of a multilayer perceptron of these sizes, drawn at random. (Why this spread:
    lesson 7.)"""
    params = {}
    for l in range(1, len(sizes)):
        params[f"W{l}"] = rng.normal(size=(sizes[l - 1], sizes[l])) * np.sqrt(2 / sizes[l - 1])
        params[f"b{l}"] = np.zeros(sizes[l])
    return params


def logits(X, params):
    """Lesson 3, in short: a network's sums, (N, C)."""
    for l in range(1, len(params) // 2 + 1):
        z = X @ params[f"W{l}"] + params[f"b{l}"]
        X = z.clip(min=0)
    return z


def loss_of(X, y, params):
    """Lesson 4, in short: the mean cross-entropy. One question, as when you nudge."""
    z = logits(X, params)
    top = z.max(axis=1)
    return np.mean(top + np.log(np.exp(z - top[:, None]).sum(axis=1)) - z[np.arange(len(y)), y])


def by_nudging(X, y, params):
    """The gradient by two questions for every parameter: {name: slopes}"""
    return {
        name: numeric_gradient(
            lambda part, name=name: loss_of(X, y, params | {name: part}), params[name]
        )
        for name in params
    }


def descend(params, X, y, lr, steps):
    """Descent with your backprop -> the parameters after `steps` steps, and the loss before
    each."""
    losses = []
    for _ in range(steps):
        loss, gradients = backprop(X, y, params)
        params = {name: params[name] - lr * gradients[name] for name in params}
        losses.append(loss)
    return params, losses


# %% [markdown] id="map-intro"
# ## A map of your gradient
#
# A network 5-4-4-3 with 59 parameters, nine examples. Every parameter is nudged, and compared with what your
# `backprop` says of it. The map has a square for each one: pale is right, orange with a cross is wrong. A column of W
# is a unit, a row one of its inputs.


# %% id="map-network" role="setup"
def small_network():
    """A 5-4-4-3, nine examples, and the gradient by nudging: X, y, params, {name: slopes}"""
    # With 898 every hidden unit is awake for some of the nine and silent for others.
    rng = np.random.default_rng(898)
    params = random_network((5, 4, 4, 3), rng)
    for l in (1, 2, 3):
        params[f"b{l}"] = 0.3 * rng.normal(size=len(params[f"b{l}"]))
    X, y = rng.normal(size=(9, 5)), rng.integers(3, size=9)
    return X, y, params, by_nudging(X, y, params)


# %% id="map" role="demo"
@demo
def gradient_map():
    X, y, params, nudged = small_network()
    _, gradients = backprop(X, y, params)
    errors = {name: relative_error(gradients[name], nudged[name]) for name in params}
    plot.show(
        plot.gradient_maps({"your backprop against nudging": errors}),
        alt="Six tables of squares in a row: W1 with 5 by 4 squares, b1 with 4, W2 with 4 by 4, b2 "
        "with 4, W3 with 4 by 3, b3 with 3. All are pale, near one billionth on the color scale, "
        "and none is crossed out.",
    )
    print(f"{sum(e.size for e in errors.values())} parameters, largest relative error "
          f"{max(e.max() for e in errors.values()):.0e}")  # fmt: skip


# %% [markdown] id="bug-intro"
# ### Now put a bug in
#
# Below, the way back is walked with your layer functions, one at a time, so that there is a place for a mistake.
# Somebody forgets **the gate of the second hidden layer**: what comes back through W3 goes on to layer 2 without
# `relu_backward`. Everything else is right, and so is the loss.
#
# Which squares will be crossed out? Say so before you look.

# %% id="bug-prediction" role="demo"
predict(
    "forgotten-gate",
    "The gate of hidden layer 2 is forgotten on the way back. Whose gradients come out wrong?",
    ["W2 and b2 only", "W1, b1, W2 and b2", "W2, b2, W3 and b3", "all of them"],
)


# %% id="bug-code" role="setup"
def with_bug(bug, X, y, params):
    """The gradients of a network of three layers, walked with your layer functions; `bug` goes
    wrong on the way."""
    saw, sums, found = [X], [], {}
    for l in (1, 2, 3):
        sums.append(saw[-1] @ params[f"W{l}"] + params[f"b{l}"])
        saw.append(sums[-1].clip(min=0))
    dz = softmax_cross_entropy_backward(sums[2], y)
    if bug == "1/N forgotten":
        dz = dz * len(y)
    for l in (3, 2, 1):
        W = params[f"W{l}"].T if bug == "W2 not transposed" and l == 2 else params[f"W{l}"]
        da, found[f"W{l}"], found[f"b{l}"] = dense_backward(dz, saw[l - 1], W)
        if bug == "b2 averaged, not added up" and l == 2:
            found["b2"] = found["b2"] / len(y)
        if l > 1:
            forgotten = bug == "gate of layer 2 forgotten" and l == 3
            dz = da if forgotten else relu_backward(da, sums[l - 2])
    return found


def errors_of(bug):
    """The relative errors that this bug leaves in the gradients of the small network."""
    X, y, params, nudged = small_network()
    found = with_bug(bug, X, y, params)
    return {name: relative_error(found[name], nudged[name]) for name in params}


# %% id="bug" role="demo"
@demo(after="forgotten-gate")
def forgotten_gate():
    errors = errors_of("gate of layer 2 forgotten")
    plot.show(
        plot.gradient_maps({"gate of layer 2 forgotten": errors}),
        alt="The six tables again. All squares of W1, b1, W2 and b2 are orange and crossed out. W3 "
        "and b3 are pale.",
    )
    wrong = {name for name, error in errors.items() if error.max() > 1e-4}
    outcomes = {
        "W2 and b2 only": {"W2", "b2"},
        "W1, b1, W2 and b2": {"W1", "b1", "W2", "b2"},
        "W2, b2, W3 and b3": {"W2", "b2", "W3", "b3"},
        "all of them": set(errors),
    }
    predict.reveal(
        "forgotten-gate", next(name for name, these in outcomes.items() if these == wrong)
    )


# %% [markdown] id="bug-lesson"
# The slopes travel from the loss to the input. A mistake spoils everything it passes on to, and nothing it came from.
# So W3 and b3, nearer to the loss, are clean. **The first spoiled layer, seen from the loss, is where to look.**
#
# Three more bugs. Cover the titles and try to name each from its crosses alone.


# %% id="bugs" role="demo"
@demo(after="forgotten-gate")
def three_more():
    bugs = ("b2 averaged, not added up", "W2 not transposed", "1/N forgotten")
    maps = {f"{letter}: {bug}": errors_of(bug) for letter, bug in zip("ABC", bugs, strict=True)}
    plot.show(
        plot.gradient_maps(maps),
        alt="Three maps, one below the other. A, b2 averaged and not added up: only the four "
        "squares of b2 are crossed out. B, W2 not transposed: W1 and b1 are crossed out, all else "
        "is pale. C, 1/N forgotten: every square is crossed out.",
    )


# %% [markdown] id="bugs-lesson"
# What the crosses say:
#
# | what is crossed out | where to look |
# |---|---|
# | one array alone | the line that computes this array; what it passes on is right |
# | a layer and all before it | what is handed to that layer: through the next layer's weights, then through its own gate |
# | everything | the start: the slope of the loss |
#
# In B, W2 itself is clean. Its own gradient does not need W2; only what goes on to layer 1 does. And W2 is square
# here, so no shape complained.
#
# Keep this check. **Every backward pass in this course, and every one you will ever write, deserves it once**, on a
# small network. Then switch it off: it is slow.

# %% [markdown] id="repair-the-claim"
# ## Repair the claim
#
# One of the articles has a function called `backpropagation`. Below it is in our words, with one hidden layer instead
# of two. Its slopes are right: it ends in a sigmoid and uses binary cross-entropy. Everything around them is not.
#
# As printed there it would not even run. It uses `biases`, which is none of its arguments and is defined nowhere. We
# have put some there. Now it runs, on *milk or lemon* of lesson 3, with four hidden units: 1000 steps. Look at what it
# prints. **Repair the function, and the line that calls it, until all four lines are as they should be.**

# %% id="repair-the-claim-code" role="demo"
cups, good = data.xor()
should = good.reshape(-1, 1)  # (4, 1), like the predictions: lesson 4
passes = 0  # how often `forward` has run
biases = [np.zeros(4), np.zeros(1)]  # the article leaves it open where they come from


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(X, weights, biases):
    global passes
    passes += 1
    Z1 = X @ weights[0] + biases[0]
    A1 = Z1.clip(min=0)
    Z2 = A1 @ weights[1] + biases[1]
    return sigmoid(Z2), {"Z1": Z1, "A1": A1, "Z2": Z2}


def backpropagation(X, Y, cache, weights, learning_rate):
    m, slopes = len(X), {}
    A2 = forward(X, weights, biases)[0]
    dZ2 = A2 - Y
    slopes["W2"] = cache["A1"].T @ dZ2 / m
    slopes["b2"] = np.sum(dZ2, axis=0) / m
    dZ1 = (dZ2 @ weights[1].T) * (cache["Z1"] > 0)
    slopes["W1"] = X.T @ dZ1 / m
    slopes["b1"] = np.sum(dZ1, axis=0) / m
    weights[0] -= learning_rate * slopes["W1"]
    weights[1] -= learning_rate * slopes["W2"]
    return weights


@demo
def repair():
    global passes, biases
    rng = np.random.default_rng(1)
    weights, biases = [rng.normal(size=(2, 4)), rng.normal(size=(4, 1))], [np.zeros(4), np.zeros(1)]
    start, copies, passes = weights, [w.copy() for w in weights], 0
    for _ in range(1000):
        says, cache = forward(cups, weights, biases)
        weights = backpropagation(cups, should, cache, weights, learning_rate=1.0)
    untouched = all(np.array_equal(w, copy) for w, copy in zip(start, copies, strict=True))
    print("forward passes per step:     ", passes / 1000, "  (should be 1.0)")
    print("start weights kept as drawn: ", untouched, "  (should be True)")
    print(
        "biases now:                  ",
        biases[0].round(2),
        biases[1].round(2),
        "  (should not be 0)",
    )
    print("says", says.ravel().round(2), "  should say", good)


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary>
# <b>Biases.</b> Their slopes are computed and thrown away. Without biases, a cup with nothing in it gives 0 in every
# sum, and sigmoid(0) = 0.5 for ever. Take <code>biases</code> as an argument and update them like the weights.<br>
# <b>Start weights.</b> <code>-=</code> writes into the caller's arrays <i>and</i> the function returns them: two ways
# to hand over one result. Whoever kept the old weights, to go back to them or to compare, has lost them. Make a new
# list of new arrays: <code>[weights[0] - learning_rate * slopes["W1"], …]</code>.<br>
# <b>Passes.</b> The cache is handed over, and then the forward pass is done again. The answer is in it:
# <code>A2 = sigmoid(cache["Z2"])</code>.<br>
# Return <code>new_weights, new_biases</code>, and let the calling line take both. Better still, return the
# <i>slopes</i>, as yours does, and leave the step to the caller: then the same function serves every optimizer of
# lesson 6.</details>

# %% [markdown] id="repair-the-claim-lesson"
# Three cups were right, and one stood at 0.5 whatever happened. No error, no warning, a loss that falls: that is how
# bugs look in this field. Not even a gradient check would have found this one, because the slopes were right and
# simply not used. What finds it is to ask for a single answer that you know.
#
# With the repair, *milk or lemon* falls to training. In lesson 1 it could not be learned, in lesson 3 you had to
# wire it by hand, and now nobody has told the hidden units anything.

# %% [markdown] id="spirals"
# ## Three arms
#
# Three kinds of points, each along an arm that winds once around the others. No straight line is of any use here. A
# network 2-32-32-3 starts with random weights and takes steps with your `backprop`, learning rate 0.5, all 300 points
# before each step. So each step is an epoch, a word from lesson 1: one pass through all examples.
#
# Press **Play**. The ground shows which arm the network would call each place.


# %% id="spiral-film" role="demo"
@demo
def spiral_film():
    X, y = data.spirals(100, np.random.default_rng(0))
    fresh, labels = data.spirals(100, np.random.default_rng(1))
    params, done = random_network((2, 32, 32, 3), np.random.default_rng(0)), 0
    figures, captions = [], []
    for steps in (0, 10, 30, 60, 100, 150, 200, 300, 500, 1000):
        params, _ = descend(params, X, y, lr=0.5, steps=steps - done)
        done = steps
        figures.append(
            plot.territories(
                X, y, lambda points, params=params: logits(points, params).argmax(axis=1)
            )
        )
        loss = backprop(X, y, params)[0]
        right, new = (
            np.mean(logits(P, params).argmax(axis=1) == t) for P, t in ((X, y), (fresh, labels))
        )
        captions.append(
            f"after {steps} steps: loss {loss:.2f}, right {right:.0%}, on fresh points {new:.0%}"
        )
    plot.film(
        figures,
        captions,
        alt="Three arms of points, circles, squares and triangles, wind around one another from "
        "the middle outward. The ground is tinted by the class the network gives it. At first "
        "straight borders meet in the middle and cut across the arms. Then the borders bend, "
        "follow the arms further and further inward, and after some 300 steps the ground is three "
        "bands that wind with the arms, with every point on its own.",
    )
    print("\n".join(captions))


# %% [markdown] id="spiral-lesson"
# Nobody told it about spirals. All it ever got was 1,251 slopes, a thousand times. The borders are made of straight
# pieces, for each of the 64 hidden units folds the plane once, as in lesson 3, but now they have found by themselves
# where to fold.
#
# The fresh points are drawn from the same arms and were never trained on. They come out nearly as well, which is good
# news, and cheap: same arms, same noise. Handwriting is harder.

# %% [markdown] id="digits"
# ## A network from nothing but NumPy
#
# An exercise of one of the articles: *implement a simple neural network from scratch, using only NumPy*. You have.
# Let it read handwriting: a 64-32-10, as large as the one whose weights we borrowed in lesson 3, and drawn at random.
#
# An honest split first. Of the 1797 digits, **1200** are for training. **200** are for validation: with them you may
# choose as often as you like. **397** are for the test, the same as in lesson 3. They are looked at *once*, at the
# end.
#
# One thing is to be chosen: the learning rate. So here are four, 300 steps each, judged on the validation digits.


# %% id="digits-data" role="setup"
def split_digits():
    """The digits as in lesson 3, brightness from 0 to 1: for training, for validation, for the
    test."""
    X, y = data.digits()
    order = np.random.default_rng(0).permutation(len(y))
    X, y = X[order] / 16, y[order]
    return [(X[part], y[part]) for part in (slice(1200), slice(1200, 1400), slice(1400, None))]


def train_reader(seed, lr, steps=300):
    """A 64-32-10 from a random start -> its parameters after `steps` steps, and the validation loss
    before each.

    Interrupt the kernel (■) and the training ends there, with the parameters as they are.
    """
    (X, y), validation, _ = split_digits()
    params, watched = random_network((64, 32, 10), np.random.default_rng(seed)), []
    with bar(steps) as rounds:
        for _ in rounds:
            watched.append(loss_of(*validation, params))
            params, _ = descend(params, X, y, lr, steps=1)
    return params, [*watched, loss_of(*validation, params)]


# %% id="digits-rates" role="demo"
@demo
def four_rates():
    curves = {f"lr = {lr}": train_reader(0, lr)[1] for lr in (0.1, 0.3, 1.0, 3.0)}
    plot.show(
        plot.training(curves, "validation loss"),
        alt="Four curves of the validation loss over 300 steps; all begin near 2.3. At 0.1 it "
        "falls smoothly to a quarter, at 0.3 faster and lower, at 1.0 it jumps about in the first "
        "fifty steps, then is the lowest of all, near 0.1. At 3.0 it jumps about too, comes to "
        "rest at 2.3, the price of knowing nothing, and is level from there on.",
    )
    for name, watched in curves.items():
        print(f"{name}: before the first step {watched[0]:.2f}, after 300 steps {watched[-1]:.3f}")


# %% [markdown] id="digits-rates-lesson"
# Before the first step each costs about 2.3, as a network for ten classes should that knows nothing. Then **1.0**
# wins. And 3.0? It lands on 2.30 again, and stays. A step that was far too long has pushed the hidden units so low
# that every gate is shut, for every digit. Nothing comes through, so nothing comes back. ReLUs can die.
#
# The rate is chosen. Now, once, the test.


# %% id="digits-test" role="demo"
@demo
def read_digits():
    (_, known), _, (images, digits) = split_digits()
    answers = [logits(images, train_reader(seed, lr=1.0)[0]).argmax(axis=1) for seed in range(5)]
    right = [int(np.sum(given == digits)) for given in answers]
    print(f"right, of {len(digits)}, from five random starts: {', '.join(map(str, right))}")
    print(f"between {min(right) / len(digits):.1%} and {max(right) / len(digits):.1%}")
    print(
        "baseline, always the commonest training digit: "
        f"{np.mean(digits == np.bincount(known).argmax()):.1%}"
    )
    wrong = np.flatnonzero(answers[0] != digits)[:10]
    captions = [f"read as {answers[0][n]}, is {digits[n]}" for n in wrong]
    plot.show(
        plot.gallery(images[wrong].reshape(-1, 8, 8), captions),
        alt="Misread handwritten digits, small gray pictures, each with what the network read and "
        "what it is: "
        + "; ".join(captions) + ".",
    )  # fmt: skip


# %% [markdown] id="digits-lesson"
# **98 percent of digits that nobody has shown it**, with functions you wrote yourself. The weights we borrowed in
# lesson 3 did no better, and a library of professionals had trained them. The pictures are those that the first start
# misread. In lesson 3 the mistakes were borrowed. These are your own.
#
# Why five starts? Of 397 digits, one is a quarter of a percent. Whoever reports a single run reports a bit of luck as
# well. None of the five was picked for its score: that would have used the test set up.

# %% [markdown] id="price"
# ## What it costs
#
# Lesson 4 ended with a bill: two passes for every parameter. Time to pay it, on one gradient of your reader.


# %% id="race" role="demo"
@demo
def race():
    (X, y), _, _ = split_digits()
    X, y, params = X[:100], y[:100], random_network((64, 32, 10), np.random.default_rng(0))
    start = time.perf_counter()
    nudged = by_nudging(X, y, params)
    middle = time.perf_counter()
    for _ in range(100):
        _, gradients = backprop(X, y, params)
    slow, fast = middle - start, (time.perf_counter() - middle) / 100
    count = sum(part.size for part in params.values())
    print(f"nudging:  {2 * count:,} questions, {1000 * slow:.0f} ms")
    print(
        f"backprop: all {count:,} slopes at once, {1000 * fast:.2f} ms, {slow / fast:,.0f} times "
        "faster"
    )
    print(
        "largest difference: "
        f"{max(np.abs(gradients[name] - nudged[name]).max() for name in params):.0e}"
    )


# %% [markdown] id="price-lesson"
# About a thousand times faster, and the larger the network, the more so.
#
# Count products to see why. Forward, a dense layer multiplies once: x with w. Backward it multiplies twice: for dw
# and for dx. So forward and back together cost **three** times what forward costs, *however many parameters there
# are*. The first layer is spared one, because nobody asks for the slope along the picture. Your reader needs 2,368
# products an example forward and 2,688 back. Together that is little more than two questions, as promised.
#
# The rest of the price is memory. What every layer saw has to be kept until the way back comes for it. That, and not
# the weights, is what fills a graphics card.

# %% [markdown] id="is-it-all"
# ### Is that all there is?
#
# An article quotes a well-known line: AI today is deep learning, and deep learning is backprop. It is half of the
# truth. Backprop knows the slope where you stand. How long a step is, whether a deep network passes the slopes on at
# all, whether the result works on new data: about that it says nothing. Those are the next three lessons.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **1960, 1961.** Henry Kelley and Arthur Bryson send slopes backward along a flight path, to find the best one.
# - **1970.** Seppo Linnainmaa, in a master's thesis in Helsinki, gives the method for any program that computes with
#   numbers. He wants to know how rounding errors add up.
# - **1974, 1982.** Paul Werbos describes it in a doctoral thesis, and later proposes it for neural networks.
# - **1983.** Walter Baur and Volker Strassen prove that all slopes of a formula together cost at most a small fixed
#   multiple of the formula itself.
# - **1986.** David Rumelhart, Geoffrey Hinton and Ronald Williams show that hidden units trained this way find useful
#   features by themselves. Now the field takes notice.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about earlier lessons, three about this one. Answer from memory, then read why. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("05_backprop")

# %% [markdown] id="take-along"
# ## What to take along
#
# - Along a chain slopes multiply; where one number is used several times, they add up.
# - Each step needs two things: what came back, and its own slope.
# - ReLU is a gate, and z holds the key. A sigmoid passes on a quarter at most.
# - Softmax with cross-entropy starts the way back with (p − one-hot) / N. No other 1/N.
# - dw = xᵀ · dy, dx = dy · wᵀ, db adds up over the examples. A gradient has the shape of the thing itself.
# - Backprop finds slopes. It changes nothing; the step is another's job.
# - Check every backward pass once, by nudging. The first spoiled layer, seen from the loss, is where to look.
#
# **Next: lesson 6, optimizers.** You know which way is down. How does one get there in fewer steps?

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Start the spiral network with all weights and biases at 0. The loss stays at log 3 = 1.0986. Which
# gradients are 0, and why can no step ever change that? (Lesson 7 draws first weights with care.)
#
# **Try.** Give `with_bug` a bug of your own and let a friend find it from the map.
#
# **Why backward?** One can also send slopes forward: nudge one input and follow the nudge through the chain. That
# gives the slopes of *all outputs* along *one input* in a pass. Backward gives the slopes of *one output* along *all
# inputs*. A loss is one output; a network has millions of inputs to it, its parameters.
#
# **Elsewhere.** Libraries write the way back for you. They record every step of the forward pass and then walk the
# record backward, with rules like the four of today. In PyTorch:
#
# ```python
# loss = torch.nn.functional.cross_entropy(model(X), y)
# loss.backward()               # every parameter now has its slope in .grad
# ```
#
# Whoever writes a new kind of step there also writes its way back, and checks it by nudging:
# `torch.autograd.gradcheck`.
#
# **And the brain?** The way back uses the very weights of the way forward, turned around. No nerve is known to do that.
# With fixed random weights on the way back, networks learn small tasks about as well (Lillicrap and others, 2016),
# large ones not (Bartunov and others, 2018).
#
# **Read.**
# - D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations by back-propagating errors", *Nature*
#   323 (1986), 533–536
# - S. Linnainmaa, "Taylor expansion of the accumulated rounding error", *BIT* 16 (1976), 146–160
# - P. J. Werbos, "Applications of advances in nonlinear sensitivity analysis", in *System Modeling and Optimization*,
#   Springer (1982), 762–770
# - W. Baur and V. Strassen, "The complexity of partial derivatives", *Theoretical Computer Science* 22 (1983), 317–330
# - A. Griewank, "Who invented the reverse mode of differentiation?", *Documenta Mathematica*, Extra Volume ISMP
#   (2012), 389–400
# - A. G. Baydin, B. A. Pearlmutter, A. A. Radul and J. M. Siskind, "Automatic differentiation in machine learning: a
#   survey", *Journal of Machine Learning Research* 18 (2018), 1–43
# - T. P. Lillicrap, D. Cownden, D. B. Tweed and C. J. Akerman, "Random synaptic feedback weights support error
#   backpropagation for deep learning", *Nature Communications* 7 (2016), 13276
# - S. Bartunov, A. Santoro, B. A. Richards, L. Marris, G. E. Hinton and T. P. Lillicrap, "Assessing the scalability of
#   biologically-motivated deep learning algorithms and architectures", *Advances in Neural Information Processing
#   Systems* 31 (2018)
# - T. Parr and J. Howard, "The matrix calculus you need for deep learning", arXiv:1802.01528 (2018)
# - M. Nielsen, *Neural Networks and Deep Learning*, Determination Press (2015), chapter 2
# - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press (2016), section 6.5
