# %% [markdown] id="title"
# # 3 · Networks
#
# **One neuron cannot do it. Can three?**
#
# In lesson 1 you proved that no neuron in the world can sort *milk or lemon*. Today you wire three of them with
# your own hands, and they can. Then you write the same thing for any number of neurons, run a network that reads
# handwriting, and count the 138 million numbers inside a famous one.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - wire a small network by hand
# - follow the shapes of the arrays through a network, and catch one that does not fit
# - compute a whole network's answer in six lines
# - say what an activation is good for, and show it
# - count parameters, from 41 to 138,357,544

# %% id="imports" role="setup"
import numpy as np

from course import check, data, demo, hint, plot, predict, quiz

# %% [markdown] id="milk-or-lemon"
# ## Milk or lemon, once more
#
# | milk | lemon | good? |
# |---|---|---|
# | 0 | 0 | 0 |
# | 0 | 1 | 1 |
# | 1 | 0 | 1 |
# | 1 | 1 | 0 |
#
# This is XOR, *exclusive or*. One neuron draws one straight line, and no line parts these four cups.
#
# So use two lines. Ask two easier questions, each of which a line can answer, and let a third neuron combine the
# answers.

# %% [markdown] id="two-questions"
# ### By hand
#
# A neuron with both weights 1 adds up to the number of things in the cup. Its bias says how many it wants.
#
# - **At least one?** Weights (1, 1), bias −1. It fires from a sum of 1 on.
# - **Both?** Weights (1, 1), bias −2. It fires only at a sum of 2.
#
# | milk | lemon | at least one? | both? | good? |
# |---|---|---|---|---|
# | 0 | 0 | 0 | 0 | 0 |
# | 0 | 1 | 1 | 0 | 1 |
# | 1 | 0 | 1 | 0 | 1 |
# | 1 | 1 | 1 | 1 | 0 |
#
# Cover the first two columns with your hand. What is left is a question about two inputs again: *at least one*, and
# *not both*. That one is easy.

# %% id="neuron-again" role="setup"
milk_or_lemon, good = data.xor()


def fires(x, w, b):
    """The neuron of lesson 1: 1 if its weighted sum plus bias reaches 0, else 0."""
    return 1 if np.sum(x * w) + b >= 0 else 0


# %% [markdown] id="wire-it-intro"
# ### Wire it yourself
#
# The third neuron reads two inputs: the answers of the first two. Which weights and which bias does it need? Put
# them in and run the cell, until all four cups are right.

# %% id="wire-it" role="demo"
third_weights = [0, 0]  # for "at least one?" and for "both?"
third_bias = 0


@demo
def wired():
    print("milk  lemon   at least one  both   says  should")
    for cup, should in zip(milk_or_lemon, good, strict=True):
        hidden = np.array([fires(cup, np.array([1, 1]), -1), fires(cup, np.array([1, 1]), -2)])
        says = fires(hidden, np.array(third_weights), third_bias)
        mark = "" if says == should else "   <- not yet"
        print(
            f"{cup[0]:4.0f}  {cup[1]:5.0f}  {hidden[0]:13}  {hidden[1]:4}  {says:5}  "
            f"{should:6}{mark}"
        )


# %% [markdown] id="wire-it-answer"
# <details><summary>Compare</summary>Weights (1, −1) and bias −1 will do: the sums are −1, 0, 0 and −1. A negative
# weight says <i>rather not</i>. Many others work just as well, (2, −3) with −1 for instance.</details>

# %% [markdown] id="hidden-view-intro"
# ### What the third neuron sees
#
# Here is why it works. The first two panels are the two lines. The third panel shows the same four cups, placed by
# the two answers instead of by milk and lemon.


# %% id="hidden-view" role="demo"
@demo
def hidden_view():
    ones = np.array([1, 1])
    hidden = np.array([[fires(cup, ones, -1), fires(cup, ones, -2)] for cup in milk_or_lemon])
    figure = plot.boundaries(
        {
            "at least one?": (milk_or_lemon, hidden[:, 0], ones, -1),
            "both?": (milk_or_lemon, hidden[:, 1], ones, -2),
            "good?": (hidden, good, np.array([1, -1]), -1),
        },
        names=("milk", "lemon"),
        kinds=("answer 0", "answer 1"),
    )
    figure.axes[2].set(xlabel="at least one?", ylabel="both?")
    plot.show(
        figure,
        alt="Three panels. First, milk across and lemon up: a falling line cuts off the empty cup, "
        "and the neuron fires at the other three. Second: a falling line further out, and it fires "
        "only at the cup with both. Third, the two answers as axes: the cups lie at three places, "
        "for milk alone and lemon alone have moved onto one point. A single line parts that point, "
        "where the neuron fires, from the two others.",
    )


# %% [markdown] id="hidden-view-lesson"
# In the third panel you see three marks, not four. Milk alone and lemon alone have come to lie on one point. Now one
# line is enough.
#
# That is the whole idea of this lesson. **The neurons in the middle do not solve the problem. They move the points
# until it is easy.**

# %% [markdown] id="names"
# ## Names for the parts


# %% id="wiring" role="demo"
@demo
def wiring():
    params = {
        "W1": np.array([[1, 1], [1, 1]]),
        "b1": np.array([-1, -2]),
        "W2": np.array([[1], [-1]]),
        "b2": np.array([-1]),
    }
    plot.show(
        plot.network(params, ("milk", "lemon"), "good?"),
        alt="A network from left to right. Two squares, milk and lemon, are the input. From each, "
        "a line of weight 1 leads to both circles of the hidden layer, with biases minus 1 and "
        "minus 2. From those, lines of weight 1 and, dashed, minus 1 lead to the one circle of the "
        "output layer, with bias minus 1.",
    )


# %% [markdown] id="layers"
# - Neurons that stand side by side and read the same inputs are a **layer**. In a network a neuron is also called a
#   **unit**.
# - The **input layer** computes nothing. It is the input, one place for each feature.
# - The **output layer** gives the answer: one unit for a number or for yes and no, C units for C classes.
# - What lies between is **hidden**. Not secret: you just never tell it what to say.
#
# Several such layers, each fully connected to the next, are a **multilayer perceptron**, **MLP** for short. The name
# stayed when smooth units replaced the steps. The units of one layer usually share one activation.

# %% [markdown] id="feed-forward"
# ### Forward, or around
#
# Here every arrow leads onward: a **feed-forward** network, whose answer depends on this input alone. In a
# **recurrent** network some arrows lead back, so that what it said at one step is an input of the next. It can
# remember. That is lesson 12.
#
# You will also read that the MLP is "a supervised network". The word belongs to the training: *supervised* means
# learning from examples with labels. The wires do not mind where their weights came from. Ours came from you.

# %% [markdown] id="from-neuron-to-layer"
# ## A layer at once
#
# Two neurons were two calls. A real layer has hundreds of units, and thousands of examples pass through it. We want
# all of that in one line.
#
# - N examples stand in the **rows** of `x`: shape (N, D).
# - M units stand in the **columns** of `w`: shape (D, M). A column is what you called `w` in lesson 1.
# - Each unit has a bias: `b` has shape (M,).
#
# Out comes `y`, one row for each example and one column for each unit: (N, M).

# %% [markdown] id="layer-by-hand"
# ### By hand
#
# Two examples, three inputs, two units:
#
# ```
#          x (2, 3)            w (3, 2)         b (2,)            y (2, 2)
#        1   0   2             2  −1           −1   1            3   8
#       −1   3   0             0   1                             ?   ?
#                              1   4
# ```
#
# Take the first row of `x` and the first column of `w`: 1 · 2 + 0 · 0 + 2 · 1 = 4. Add the bias −1: **3**. The same
# row with the second column: 1 · (−1) + 0 · 1 + 2 · 4 = 7, plus 1: **8**.
#
# The second row is yours.
#
# <details><summary>Compare</summary>−1 · 2 + 3 · 0 + 0 · 1 = −2, minus 1: <b>−3</b>.<br>
# −1 · (−1) + 3 · 1 + 0 · 4 = 4, plus 1: <b>5</b>.</details>

# %% [markdown] id="layer-formula"
# ### As a formula
#
# $$y_{nm} = \sum_d x_{nd} \, w_{dm} + b_m$$
#
# That is lesson 1's sum, for every example $n$ and every unit $m$. Row times column, for all rows and all columns, is
# the **product of two matrices**, and Python has a sign for it: `x @ w`.
#
# Read the shapes like dominoes:
#
# (N, **D**) @ (**D**, M) → (N, M)
#
# The two inner numbers must be equal, and they vanish. The outer two remain.

# %% [markdown] id="layer-worked"
# The next function is written for you. It is the most used line in deep learning. Read it with the example at hand:
#
# 1. `x @ w` has shape (N, M). Every entry is a weighted sum.
# 2. `+ b` has shape (M,). NumPy lays it under every row: the same bias for each example, another for each unit.
#
# Your graded task comes right after it.

# %% exercise="dense_forward"

# %% [markdown] id="xor-as-layers-intro"
# Here is *milk or lemon* again, written as two layers, for all four cups at once. `step` turns sums into answers.


# %% id="xor-as-layers" role="demo"
@demo
def xor_as_layers():
    def step(z):
        return (z >= 0).astype(float)

    hidden = step(dense_forward(milk_or_lemon, np.ones((2, 2)), np.array([-1, -2])))
    answer = step(dense_forward(hidden, np.array([[1], [-1]]), np.array([-1])))
    print(f"cups {milk_or_lemon.shape} -> hidden {hidden.shape} -> answer {answer.shape}")
    print("answers:", answer[:, 0], "  should be:", good)


# %% [markdown] id="test-a-layer"
# ## Now you are the examiner
#
# Here are six layers that somebody got wrong. Each is *almost* right.
#
# | what went wrong | in code |
# |---|---|
# | bias forgotten | `x @ w` |
# | ReLU applied as well | `np.maximum(x @ w + b, 0)` |
# | weights transposed | `x @ w.T + b` |
# | w times x | `w @ x + b` |
# | bias down the rows | `x @ w + b[:, None]` |
# | entry by entry | `x * w + b` |
#
# (`w.T` is `w` with rows and columns exchanged. `b[:, None]` stands `b` upright, one entry per row.)
#
# And here are five tests: a small `x`, `w`, `b` each. A wrong layer is **unmasked** if its answer differs from the
# right one.

# %% id="tests" role="setup"
tests = data.small_layers()


# %% id="show-tests" role="demo"
@demo
def show_tests():
    print(f"{'':20}{'x':11}{'w':11}b")
    for name, (x, w, b) in tests.items():
        for label, *pairs in ((name, x[0], w[0], b), ("", x[1], w[1])):
            print(f"{label:18}", *(f"{left:2.0f} {right:2.0f}    " for left, right in pairs))


# %% [markdown] id="test-a-layer-task"
# All are square, so no shape ever complains. That makes mistakes quiet: a transposed weight matrix of shape (2, 2)
# still fits.
#
# Every test is blind to something. With *all ones*, for example, `w.T` is `w`, and nobody notices.
#
# **Your turn.** Choose **two** tests that together unmask all six. Pencil and paper will do. So will an extra cell
# in which you try a wrong layer.

# %% exercise="layer_tests"

# %% [markdown] id="who-is-unmasked-intro"
# Whom do your tests unmask?


# %% id="who-is-unmasked" role="demo"
@demo
def who_is_unmasked():
    wrong = {
        "bias forgotten": lambda x, w, b: x @ w,
        "ReLU applied as well": lambda x, w, b: np.maximum(x @ w + b, 0),
        "weights transposed": lambda x, w, b: x @ w.T + b,
        "w times x": lambda x, w, b: w @ x + b,
        "bias down the rows": lambda x, w, b: x @ w + b[:, None],
        "entry by entry": lambda x, w, b: x * w + b,
    }
    chosen = layer_tests()
    print(f"{'':22}" + "".join(f"{name:>20}" for name in chosen))
    for mistake, layer in wrong.items():
        differs = [
            not np.array_equal(layer(*tests[name]), dense_forward(*tests[name])) for name in chosen
        ]
        print(f"{mistake:22}" + "".join(f"{'unmasked' if seen else '-':>20}" for seen in differs))


# %% [markdown] id="test-a-layer-lesson"
# Take this with you: test with numbers that are all different, of both signs, and with sizes that are all different.
# Ones, zeros and squares are kind to mistakes.

# %% [markdown] id="network-3441"
# ## A network of layers
#
# Time for more layers. Here is one with three inputs, two hidden layers of four units, and one output: a **3-4-4-1**.
#
# Its numbers live in a dict. `W1` and `b1` belong to the first layer, `W2` and `b2` to the second, and so on: a capital
# W for a matrix of weights, a small b for a row of biases. All of them together are the network's **parameters**,
# `params`.


# %% id="params" role="setup"
def random_network(sizes, rng):
    """Parameters of a multilayer perceptron of these sizes, drawn at random: {"W1": …, "b1": …,
    "W2": …, …}"""
    params = {}
    for l in range(1, len(sizes)):
        D, M = sizes[l - 1], sizes[l]
        params[f"W{l}"] = rng.normal(size=(D, M))
        params[f"b{l}"] = rng.normal(size=M)
    return params


def relu(z):
    """Lesson 2: negative numbers become 0, all others stay."""
    return z.clip(min=0)


net = random_network((3, 4, 4, 1), np.random.default_rng(0))
records = np.random.default_rng(1).normal(size=(1000, 3))  # 1000 records with three features each

# %% [markdown] id="tracer-intro"
# ### Follow the shapes
#
# Now 1000 records pass through it, all at once. Say the dominoes aloud: (1000, **3**) meets (**3**, 4).


# %% id="tracer" role="demo"
@demo
def tracer():
    plot.show(
        plot.network(net, ("x[0]", "x[1]", "x[2]"), "answer", rows=1000),
        alt="A network of four columns. Three input squares, two hidden layers of four circles, "
        "one output circle; every unit is connected to all of the column before it. Below the "
        "columns stand the shapes of what passes through: (1000, 3), (1000, 4), (1000, 4), (1000, "
        "1). Between them stand the shapes of the parameters: W1 (3, 4) and b1 (4,), W2 (4, 4) and "
        "b2 (4,), W3 (4, 1) and b3 (1,). Dashed lines are negative weights.",
    )
    a = records
    print(f"input            {a.shape}")
    for l in (1, 2, 3):
        W, b = net[f"W{l}"], net[f"b{l}"]
        z = dense_forward(a, W, b)
        print(f"layer {l}   {a.shape} @ {W.shape} + {b.shape}  ->  {z.shape}")
        a = relu(z)


# %% [markdown] id="tracer-lesson"
# The 1000 goes in on the left and comes out on the right. It is in no weight and in no bias. **The number of examples
# is not part of the network.** Send one record or a million.
#
# A word on counting. Some call this a network of four layers, some of three, because the input computes nothing. We
# count layers with weights: three. Two of them are hidden. A network with one hidden layer is called *shallow*, one
# with several *deep*. Nothing more is behind the "deep" in deep learning.

# %% [markdown] id="forward-task"
# ### Forward propagation
#
# Running a network from left to right is called **forward propagation**, or the *forward pass*. Call what leaves a
# layer $a$, with the input as $a_0 = X$. Then layer $l$ does two things:
#
# $$z_l = a_{l-1} W_l + b_l \qquad a_l = \max(z_l, 0)$$
#
# The sums of the last layer, the *logits*, come out as they are. No ReLU there: an answer may be negative. What they
# mean, a number, a probability, a class, is decided outside.
#
# **Your turn.** Three blanks. How many layers there are, L, the dict tells you: two arrays each. `f"W{l}"` is the text
# `"W1"` while `l` is 1. In the description, H is the number of units in the first hidden layer.

# %% exercise="mlp_forward"

# %% [markdown] id="article-forward-intro"
# ### Theirs and yours
#
# One of the articles behind this course writes forward propagation layer by layer, for exactly three of them, and
# ends with a sigmoid because it wants a probability. In our own words it goes like this. Does yours say the same?


# %% id="article-forward" role="demo"
def forward_propagation(X, weights, biases):
    """Three layers, one after the other: ReLU, ReLU, sigmoid."""
    A1 = relu(X @ weights[0] + biases[0])
    A2 = relu(A1 @ weights[1] + biases[1])
    return 1 / (1 + np.exp(-(A2 @ weights[2] + biases[2])))


@demo
def theirs_and_yours():
    theirs = forward_propagation(
        records, [net["W1"], net["W2"], net["W3"]], [net["b1"], net["b2"], net["b3"]]
    )
    yours = 1 / (1 + np.exp(-mlp_forward(records, net)))
    print(
        f"{theirs.shape} and {yours.shape}, largest difference {np.abs(theirs - yours).max():.1e}"
    )


# %% [markdown] id="article-forward-lesson"
# The same, and yours takes any number of layers. It also leaves the sigmoid to the caller. In lesson 4 you will be glad
# of that: the loss wants the sums.

# %% [markdown] id="repair-the-claim"
# ### Repair the claim
#
# Another article walks through this very 3-4-4-1. In our words, it says:
#
# > We set the batch size to one: the model updates itself after each row. We have three features and one thousand
# > records, so each iteration brings a 100 × 3 matrix. Its dot product with the 3 × 4 weights has shape 100 × 4. Then
# > ReLU is applied to every cell.
#
# The article also says that each node has a bias. The number of rows a network gets before its weights are updated is
# the **batch size**. Something is wrong with the 100, and something is missing before the ReLU.
#
# The next cell takes the claim at its word. Run it. Then repair two lines, until there are 1000 updates and no record
# comes out differently.

# %% id="repair-the-claim-code" role="demo"
rows_in_a_batch = 100  # "a 100 × 3 matrix"


def first_layer(x, w, b):
    return relu(x @ w)  # "its dot product with the weights, then ReLU"


@demo
def repair():
    batches = [
        records[start : start + rows_in_a_batch] for start in range(0, 1000, rows_in_a_batch)
    ]
    print(f"a batch has shape {batches[0].shape}, so one pass makes {len(batches)} updates")
    claimed = np.concatenate([first_layer(batch, net["W1"], net["b1"]) for batch in batches])
    right = relu(dense_forward(records, net["W1"], net["b1"]))
    differs = ~np.isclose(claimed, right).all(axis=1)
    print(f"{differs.sum()} of 1000 records come out of the first layer differently")


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary><code>rows_in_a_batch = 1</code> gives batches of shape (1, 3) and 1000 updates.
# With 100 rows there would be 10 updates; that is a fine choice too, but not a batch size of one. And the layer is
# <code>relu(x @ w + b)</code>. Without biases, a record of zeros would come out as zeros whatever the weights
# are.</details>
#
# Three numbers, three meanings. **1000** records are the data. **100** may be a batch. **1** is a batch of one. The
# network of shapes (3, 4), (4, 4), (4, 1) takes them all.

# %% [markdown] id="why-activations"
# ## What is the bend for?
#
# Lines of lines are lines, said lesson 2. Layers are no better. Put two after each other, without a ReLU between:
#
# $$(x W_1 + b_1) \, W_2 + b_2 \;=\; x \, (W_1 W_2) + (b_1 W_2 + b_2)$$
#
# On the right stands *one* layer, with weights $W_1 W_2$. A hundred would melt together just so.
#
# Here is a 2-8-8-1 with random weights. It has two inputs, so every possible input is a point of a plane. The plane is
# tinted where the network's sum is at least 0, once without any ReLU and once with.


# %% id="no-activation" role="demo"
@demo
def no_activation():
    params = random_network((2, 8, 8, 1), np.random.default_rng(38))
    W1, b1, W2, b2, W3, b3 = params.values()

    def without_relu(x):
        return dense_forward(dense_forward(dense_forward(x, W1, b1), W2, b2), W3, b3)

    plot.show(
        plot.regions(
            {
                "without ReLU": without_relu,
                "with ReLU, same weights": lambda x: mlp_forward(x, params),
            }
        ),
        alt="Two panels, each with x[0] across and x[1] up from minus 3 to 3. Without ReLU the "
        "plane is cut in two by one straight line. With ReLU and the same weights, the tinted part "
        "has a ragged border of many straight pieces, and there is a tinted island of its own.",
    )
    x = records[:, :2]
    melted = dense_forward(x, W1 @ W2 @ W3, (b1 @ W2 + b2) @ W3 + b3)
    print(
        "without ReLU, three layers and one: largest difference "
        f"{np.abs(without_relu(x) - melted).max():.0e}"
    )


# %% [markdown] id="no-activation-lesson"
# On the left, 17 units draw what a single neuron can draw. **Without activations, a deep network is one layer in
# disguise.** On the right, the same weights with a bend between them draw corners, and even an island.


# %% [markdown] id="relu-xor"
# ### What the bend does
#
# *Milk or lemon* works with ReLU units as well. Let both count what is in the cup; the second starts counting one
# later.
#
# | in the cup | first: max(count, 0) | second: max(count − 1, 0) | first − 2 · second |
# |---|---|---|---|
# | nothing | 0 | 0 | 0 |
# | one thing | 1 | 0 | 1 |
# | two things | 2 | 1 | 0 |
#
# One point for each thing, minus two for each thing too many. A bias of −0.5 at the end, and the sum is above 0 exactly
# when the cup is good.

# %% [markdown] id="fold-intro"
# ### Watch the sheet fold
#
# Imagine the four cups drawn on a sheet, blue where our network fires. The weights and biases of the hidden layer move
# and squeeze the sheet. Then ReLU bends it. Press **Play**, or use the arrow keys on the slider.

# %% id="fold" role="demo"
xor_net = {
    "W1": np.ones((2, 2)),
    "b1": np.array([0.0, -1.0]),
    "W2": np.array([[1.0], [-2.0]]),
    "b2": np.array([-0.5]),
}


def on_its_way(squeezed, bent):
    """Where the sheet's points are when this much of each has happened, from 0 to 1."""

    def move(points):
        z = dense_forward(points, xor_net["W1"], xor_net["b1"])
        points = points + squeezed * (z - points)
        return points + bent * (relu(points) - points)

    return move


def says_good(points):
    return mlp_forward(points, xor_net)[:, 0] >= 0


@demo
def fold():
    figures, captions = [], []
    for squeezed in (0, 0.2, 0.4, 0.6, 0.8, 1):
        names = "milk, on its way", "lemon, on its way"
        figures.append(plot.sheet(on_its_way(squeezed, 0), says_good, milk_or_lemon, good, names))
        captions.append(f"Weights and biases, {squeezed:.0%} of the way")
    for bent in (0.25, 0.5, 0.75, 1):
        names = "first hidden unit", "second hidden unit"
        line = (xor_net["W2"][:, 0], xor_net["b2"][0]) if bent == 1 else None
        figures.append(plot.sheet(on_its_way(1, bent), says_good, milk_or_lemon, good, names, line))
        captions.append(f"ReLU, {bent:.0%} of the way" + (". Now one line does it" if line else ""))
    plot.film(
        figures,
        captions,
        alt="A square sheet with four corners: circles, the good cups, at upper left and lower "
        "right, squares at the other two. A blue band runs from circle to circle. The sheet is "
        "squeezed along the band until it is a thin straight strip: both circles are now on one "
        "point, with a square on either side. Then the lower half of the strip turns up around "
        "that point, so that the strip has a corner. A straight line now cuts the corner off: on "
        "its one side the circles and all of the blue, on its other side both squares.",
    )
    print("sums:", mlp_forward(milk_or_lemon, xor_net)[:, 0], "  good:", good)


# %% [markdown] id="fold-lesson"
# Look at the straight strip, just before the bend. A square, the circles, a square: still no line can part them. The
# weights alone never get there. **Weights move the sheet, the activation folds it,** and after the fold one line does.
#
# A hidden layer has as many folds as units. The next layer folds the folded sheet again. You saw what 16 units in two
# layers can do to a straight line.

# %% [markdown] id="who-finds-the-weights"
# ### And who finds the weights?
#
# You did, because you knew what a good cup is. Networks like this one were known in 1943. What nobody had for a long
# time was a way to *find* the weights of hidden units: no label says what they should answer. That takes a loss and its
# slope (lesson 4), sent backward (lesson 5).

# %% [markdown] id="count"
# ## How many numbers is that?
#
# Everything training can change is a parameter: each weight, each bias. Count the 3-4-4-1 by hand.
#
# | layer | weights | biases | together |
# |---|---|---|---|
# | 1 | 3 · 4 = 12 | 4 | 16 |
# | 2 | 4 · 4 = 16 | 4 | 20 |
# | 3 | 4 · 1 = 4 | 1 | 5 |
# | all | 32 | 9 | **41** |
#
# **Your turn.** Count all entries of all arrays, whatever their names and shapes. An array knows its number of entries:
# `array.size`.

# %% exercise="count_parameters"

# %% [markdown] id="count-run-intro"
# Guess before you look: a network 784-128-10 reads images of 28 × 28 pixels. Tens of thousands? Hundreds of thousands?


# %% id="count-run" role="demo"
@demo
def count_some():
    rng = np.random.default_rng(0)
    for sizes in ((2, 2, 1), (3, 4, 4, 1), (784, 128, 10)):
        print(f"{'-'.join(map(str, sizes)):12} {count_parameters(random_network(sizes, rng)):9,}")


# %% [markdown] id="vgg"
# ## The famous one
#
# VGG16 won fame in 2014 for telling 1000 kinds of things apart in photographs. An article says it has "16 hidden
# layers" and "~140 million parameters". Let us not believe it. Let us count.
#
# It has two kinds of layers. The last three are dense, as yours. The first 13 are **convolutions**: small filters that
# slide over the picture (lesson 11). You need only one fact about them. A filter looks through a window of 3 × 3
# pixels, in each of the C channels it is given, and has one bias:
#
# parameters of F filters = F · C · 3 · 3 + F

# %% [markdown] id="vgg-prediction-intro"
# Say what you expect before you count.

# %% id="vgg-prediction" role="demo"
predict(
    "vgg-share",
    "Thirteen convolutions, three dense layers. What share of all parameters lies in the three "
    "dense ones?",
    ["about 10 percent", "about 30 percent", "about 60 percent", "about 90 percent"],
)

# %% [markdown] id="vgg-by-hand"
# ### By hand
#
# A color picture has 3 channels: red, green, blue. The first layer has 64 filters. How many parameters?
#
# <details><summary>Compare</summary>64 · 3 · 3 · 3 + 64 = 1728 + 64 = 1792 numbers. They fit on a page.</details>
#
# Thirteen layers later the picture of 224 × 224 pixels has shrunk to 7 × 7 (how: lesson 11), with 512 channels. The
# first dense layer reads all of it: 512 · 7 · 7 = 25,088 inputs. It has 4096 units. How many parameters?
#
# <details><summary>Compare</summary>25,088 · 4096 + 4096 = 102,764,544. One layer, over a hundred million.</details>


# %% id="vgg-params" role="setup"
def empty(*shape):
    """An array with a shape and no memory: 138 million real numbers would fill a gigabyte."""
    return np.broadcast_to(0.0, shape)


vgg16 = {}
channels = 3
for l, F in enumerate((64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512), start=1):
    vgg16[f"W{l}"], vgg16[f"b{l}"] = empty(F, channels, 3, 3), empty(F)
    channels = F
inputs = 512 * 7 * 7
for l, M in enumerate((4096, 4096, 1000), start=14):
    vgg16[f"W{l}"], vgg16[f"b{l}"] = empty(inputs, M), empty(M)
    inputs = M

# %% [markdown] id="vgg-count-intro"
# Now your function counts all sixteen.


# %% id="vgg-count" role="demo"
@demo(after="vgg-share")
def count_vgg16():
    counts = {}
    for l in range(1, 17):
        kind = "conv" if l <= 13 else "dense"
        counts[f"{kind} {l}"] = count_parameters({"W": vgg16[f"W{l}"], "b": vgg16[f"b{l}"]})
    total = count_parameters(vgg16)
    plot.show(
        plot.parameter_bars(counts, split=13),
        alt="A bar for each of VGG16's sixteen layers. The thirteen convolutions are slivers, from "
        "1,792 to 2,359,808 parameters. Then comes the first dense layer, a bar across the whole "
        "picture: 102,764,544. The other two dense layers have 16,781,312 and 4,097,000.",
    )
    dense = sum(counts[f"dense {l}"] for l in (14, 15, 16))
    print(f"{total:,} parameters, as 4-byte numbers {4 * total / 1e6:.0f} MB")
    print(f"{dense:,} of them in the three dense layers")
    predict.reveal("vgg-share", f"about {10 * round(10 * dense / total)} percent")


# %% [markdown] id="vgg-lesson"
# <details><summary><b>After your run, open this</b></summary>
#
# **138,357,544.** So "~140 million" is fair rounding. The "16 hidden layers" are not: 16 is the number of layers *with
# weights*, 13 convolutions and 3 dense. The last of them is the output layer, so 15 are hidden.
#
# And do not read the bars as work. A dense weight is used once for each picture; a filter's weight is used at every
# place in it. The slivers do nearly all the computing. You will measure that in lesson 9.
#
# </details>

# %% [markdown] id="borrowed"
# ## Your code, somebody else's weights
#
# `mlp_forward` does not care where its parameters come from. So let us borrow some. scikit-learn, a library for machine
# learning, trains a 64-32-10 on 1400 handwritten digits, small pictures of 8 × 8 pixels. We take its weights and
# nothing else. The other 397 pictures, which it has never seen, go through *your* function.
#
# Ten outputs, one for each digit. The largest sum is the answer. Below you see the pictures it misreads. Would you have
# read them all?


# %% id="borrowed-run" role="demo"
@demo
def read_digits():
    params, images, digits = data.digit_reader()
    untrained = random_network((64, 32, 10), np.random.default_rng(1))
    for name, weights in (("random weights", untrained), ("borrowed weights", params)):
        answers = mlp_forward(images, weights).argmax(axis=1)
        wrong = np.flatnonzero(answers != digits)
        print(
            f"{name:16} {count_parameters(weights):,} parameters, {len(digits) - len(wrong)} of "
            f"{len(digits)} read"
        )
    wrong = wrong[:10]
    captions = [f"read as {answers[n]}, is {digits[n]}" for n in wrong]
    plot.show(
        plot.gallery(images[wrong].reshape(-1, 8, 8), captions),
        alt="The handwritten digits that were misread, small gray pictures of 8 by 8 pixels, each "
        "with what the network read and what it "
        "is: " + "; ".join(captions) + ". Several are hard for people, too.",
    )


# %% [markdown] id="borrowed-lesson"
# Same code, same shapes, as many parameters. All the difference lies in *which* 2410 numbers they are. From here on this
# course is about finding such numbers.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about earlier lessons, three about this one. Answer from memory, then read why. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("03_networks")

# %% [markdown] id="take-along"
# ## What to take along
#
# - Hidden units move the points until one line is enough.
# - A layer is `x @ w + b`: (N, D) @ (D, M) + (M,) → (N, M). The inner sizes must agree.
# - N is not part of the network. The parameters are the same for one record or a thousand.
# - Without activations, many layers are one.
# - A dense layer has D · M + M parameters.
# - Test with different numbers, both signs, different sizes.
#
# **Next: lesson 4, loss and slope.** A network with random weights reads one digit in ten. How wrong is it, in one
# number, and which way is better?

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Wire *exactly one of three* by hand: fires for (1, 0, 0), (0, 1, 0), (0, 0, 1), and not for (0, 0, 0), two
# ones or three. Two hidden units are enough. Then *an odd number of three*: how many do you need?
#
# **Elsewhere.** Keras stores the weights of a dense layer as we do, inputs × units. PyTorch stores them the other way
# round, units × inputs, and computes `x @ w.T + b`. Whoever carries weights across must transpose them, and a square
# layer will not complain.
#
# **One hidden layer is enough, in a sense.** With enough hidden units it comes as close as you like to any continuous
# function on a bounded region. Any continuous activation that is not a polynomial will do (Leshno and others, 1993). How many
# units, and how to find their weights, the theorem does not say.
#
# **Read.**
# - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press (2016), section 6.1: XOR with the two ReLU units
#   of our film
# - C. Olah, "Neural networks, manifolds, and topology" (2014), colah.github.io: more sheets, folded by smooth units
# - G. Cybenko, "Approximation by superpositions of a sigmoidal function", *Mathematics of Control, Signals and
#   Systems* 2 (1989), 303–314
# - K. Hornik, M. Stinchcombe and H. White, "Multilayer feedforward networks are universal approximators", *Neural
#   Networks* 2 (1989), 359–366
# - M. Leshno, V. Y. Lin, A. Pinkus and S. Schocken, "Multilayer feedforward networks with a nonpolynomial activation
#   function can approximate any function", *Neural Networks* 6 (1993), 861–867
# - G. Montúfar, R. Pascanu, K. Cho and Y. Bengio, "On the number of linear regions of deep neural networks", *Advances in
#   Neural Information Processing Systems* 27 (2014), 2924–2932: why folding a folded sheet pays
# - K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image recognition", *International
#   Conference on Learning Representations* (2015): VGG16 is their configuration D
