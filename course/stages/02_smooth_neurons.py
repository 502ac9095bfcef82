# %% [markdown] id="title"
# # 2 · Smooth neurons
#
# **A neuron that says "I am 99 percent sure": how often is it right?**
#
# Ten neurons are about to read 797 handwritten digits. On almost every one they will be more than 99 percent sure.
# Before you run that, you will bet on how many they get right. And you will have written every line of it: the
# neuron, what makes it smooth, and what keeps it from breaking on large numbers.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - choose between step, linear, ReLU, sigmoid and tanh, and say why a network needs a bend
# - say how steep each one is, and where it is flat
# - turn a row of scores into probabilities with softmax
# - keep `exp` from overflowing, and write the test that finds out who did not

# %% id="imports" role="setup"
import warnings

import numpy as np

from course import check, data, demo, hint, plot, predict, quiz
from course.explorer import explore

# %% [markdown] id="almost"
# ## Almost
#
# Take the neuron of lesson 1 that judges weekly plans of walks, runs and swims. This time the weights are
# (1, 1.5, 2) and the bias is −14. Its weighted sum is then
#
# z = (kilocalories − 1400) / 100
#
# | plan (walks, runs, swims) | kilocalories | z | answer |
# |---|---|---|---|
# | (0, 0, 0) | 0 | −14 | 0 |
# | (2, 1, 5) | 1350 | −0.5 | 0 |
# | (0, 0, 7) | 1400 | 0 | 1 |
# | (7, 7, 7) | 3150 | 17.5 | 1 |
#
# A week on the sofa and a week that misses the goal by 50 get the same answer. The sum z knew the difference. The
# step threw it away.

# %% [markdown] id="nudge"
# ### A jump cannot be learned from
#
# There is a second price. Suppose the plan of 1350 should count as a yes. Raise the bias a little, from −14 to −13.9,
# and look again: z moves to −0.4, and the answer is still 0. Was that a step in the right direction? The answer
# cannot tell you.
#
# Whoever wants to improve in small steps needs an answer that moves by small steps. So we keep the weighted sum and
# replace what comes after it.

# %% [markdown] id="activation"
# ## What comes after the sum
#
# The function that turns z into the neuron's answer is called its **activation**. The perceptron's activation is the
# **step**: 1 if z ≥ 0, else 0.
#
# Here it is as code, written for you as a pattern for those to come. Three things to notice:
#
# - The formula comes first, then the **shapes**: "x any shape" means one number, a row or a whole table.
# - There is no `if`. NumPy decides entry by entry, so one line serves all shapes.
# - The argument is called x, as usual. Inside a neuron, z will be handed to it.
#
# `np.heaviside(x, 1)` is 0 below zero and 1 above; its second argument says what happens at exactly 0.

# %% exercise="step"

# %% [markdown] id="neuron-formula"
# ### The neuron, once and for all
#
# $$y = \text{activation}\Big(\sum_d x_d \, w_d + b\Big)$$
#
# Weighted sum, bias, activation, in this order. The answer is called $y$. (In lesson 1, `y` was the label, the answer
# that should come. Both uses are common.) Neurons are often named after the last part: perceptron for the step,
# sigmoid neuron, rectifier. You are about to write all of them.
#
# **Your turn.** The activation is handed to your function like any other argument; `activation(z)` calls it. The
# check will hand you some you have never met.

# %% exercise="neuron"

# %% [markdown] id="linear"
# ## The straight line
#
# The simplest activation does nothing: y = z. It is called **linear**. A neuron whose answer is a *quantity*, a price
# or a temperature, needs just that: an answer that may be any number.


# %% id="linear-code" role="setup"
def linear(x):
    """y = x"""
    return x


# %% id="plans" role="demo"
PLANS = np.array([[0, 0, 0], [2, 1, 5], [0, 0, 7], [1, 1, 6], [7, 7, 7]])


def table_of(activations, w, b):
    """Every plan, and what the neuron answers with each of the activations."""
    print(f"{'plan':10} {'kcal':>5}", *(f"{name:>9}" for name in activations))
    for x in PLANS:
        answers = [neuron(x, w, b, activation) for activation in activations.values()]
        print(f"{x!s:10} {x @ data.KCAL:5.0f}", *(f"{float(y):9.4f}" for y in answers))


@demo
def two_activations():
    table_of({"linear": linear, "step": step}, np.array([1, 1.5, 2]), -14)


# %% [markdown] id="why-a-bend"
# ### Why not leave it at that?
#
# Put one linear neuron behind another. The first makes 3x + 1 of its input x, the second makes 2y − 4 of that:
#
# 2 · (3x + 1) − 4 = 6x − 2
#
# One neuron with weight 6 and bias −2 does the same. So would it with three neurons in a row, or with a hundred:
# **lines of lines are lines.** A deep network of linear neurons is one neuron that costs a lot.
#
# This is the answer to an interview question that never gets old, *why does a network need activation functions?* It
# needs a **bend**. Otherwise depth buys nothing, and XOR stays out of reach.

# %% [markdown] id="relu-by-hand"
# ## ReLU: one bend
#
# The smallest bend there is: let the positive pass, stop the rest.
#
# | x | −2 | −0.1 | 0 | 0.1 | 3 |
# |---|---|---|---|---|---|
# | relu(x) | 0 | 0 | 0 | 0.1 | 3 |
#
# $$\text{relu}(x) = \max(x, 0)$$
#
# The name is short for *rectified linear unit*; a rectifier lets current pass one way only. Between the layers of
# today's networks it is the usual choice, or a cousin of it is.
#
# **Your turn.** Mind the pattern: any shape, no `if`. And the array you are given stays as it is.

# %% exercise="relu"

# %% [markdown] id="sigmoid-by-hand"
# ## Sigmoid: a soft yes
#
# ReLU has no upper end. For *yes or no, and how sure*, we want answers from 0 to 1. This does it:
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}}$$
#
# The letter $\sigma$ ("sigma") names the **sigmoid**, and $e$ is the number 2.718…; in code, $e^{x}$ is `np.exp(x)`.
#
# By hand: e⁰ is 1, so σ(0) = 1 / (1 + 1) = **0.5**. With e⁻¹ = 0.368 we get σ(1) = 1 / 1.368 = **0.731**. And with
# e¹ = 2.718, σ(−1) = 1 / 3.718 = **0.269**.
#
# The last two add up to 1. They always do: σ(−x) = 1 − σ(x). How sure of yes, how sure of no.

# %% [markdown] id="overflow-intro"
# ### The formula as it stands
#
# One of the articles this course grew out of puts that formula into NumPy as it stands, and so do many. Let us try
# it far from zero. Beside it stands a second form: multiply numerator and denominator by $e^{x}$, and it reads
# $e^{x} / (e^{x} + 1)$. On paper the two are equal.


# %% id="overflow" role="demo"
@demo
def far_from_zero():
    forms = {
        "1 / (1 + exp(−x))": lambda x: 1 / (1 + np.exp(-x)),
        "exp(x) / (exp(x) + 1)": lambda x: np.exp(x) / (np.exp(x) + 1),
    }
    for name, form in forms.items():
        for x in (-1000, -1, 1, 1000):
            with warnings.catch_warnings(record=True) as complaints:
                value = form(np.float64(x))
            print(
                f"{name:22} at {x:5}: {value:.4f}",
                *(complaint.message for complaint in complaints),
                sep="   ",
            )
        print()


# %% [markdown] id="overflow-lesson"
# e¹⁰⁰⁰ has 435 digits. The largest float is about 1.8 · 10³⁰⁸, so beyond x = 709.78 `exp` gives up and returns infinity.
# That is an **overflow**.
#
# The first form overflows on the left. It happens to land on the right value, 1 / ∞ = 0, with a warning. The second
# overflows on the right, and ∞ / ∞ is **nan**: not a number. A single nan spreads through everything it touches.
# After it, a whole network says nan.

# %% [markdown] id="stable-sigmoid"
# ### The mend
#
# Each form is safe on one side. Choose by the sign, so that the exponent is never positive:
#
# - x ≥ 0: take 1 / (1 + e⁻ˣ)
# - x < 0: take eˣ / (1 + eˣ)
#
# Look at the two exponents: −x where x is positive, x where it is negative. Both are the same number, −|x|. So one
# `e` serves both forms. And `np.where(condition, a, b)` picks entry by entry: `a` where the condition holds, else `b`.
#
# **Your turn.** Most of it stands there. Fill in what is missing.

# %% exercise="sigmoid"

# %% [markdown] id="smooth-plans-intro"
# Now the plans again. The step and your sigmoid, side by side; then with all weights and the bias halved; then with
# the bias raised by a tenth.


# %% id="smooth-plans" role="demo"
@demo
def smooth_plans():
    w, b = np.array([1, 1.5, 2]), -14
    for title, weights, bias in (
        ("as above", w, b),
        ("all halved", w / 2, b / 2),
        ("bias −13.9", w, -13.9),
    ):
        print(title)
        table_of({"step": step, "sigmoid": sigmoid}, weights, bias)
        print()


# %% [markdown] id="smooth-plans-lesson"
# **Almost has a number now.** The plan of 1350 gets 0.3775, the empty week 0.0000.
#
# **The nudge shows.** With the bias at −13.9 the step says the same as before. The sigmoid moves from 0.3775 to 0.4013.
# Now we know: that was the right direction. Lesson 4 makes a method of it.
#
# **The scale is no longer free.** In lesson 1 you could halve all weights and nothing changed. The step's column still
# does not. But the sigmoid becomes less sure: 0.3775 moves to 0.4378. *How sure* is a matter of scale. Keep that in
# mind; it comes back with a vengeance.

# %% [markdown] id="repair-the-claim"
# ## Repair the claim
#
# The same article computes one neuron, "ReLU in this case". Inputs (1.2, 0.5, −0.3), weights (0.7, −0.2, 0.4), bias 0.1.
# Beneath the code it notes what comes out: 0.67.
#
# Take a pencil: 0.84 − 0.10 − 0.12 + 0.10 = …
#
# The next cell takes the note at its word. Run it. There are two honest repairs, one for each line. Find both.

# %% id="repair-the-claim-code" role="demo"
claimed_activation = relu
claimed_answer = 0.67


@demo
def repair():
    y = neuron(np.array([1.2, 0.5, -0.3]), np.array([0.7, -0.2, 0.4]), 0.1, claimed_activation)
    fits = "the claim holds" if round(float(y), 2) == claimed_answer else "the claim does not hold"
    print(
        f"{claimed_activation.__name__}: the neuron answers {y:.3f}, claimed is {claimed_answer}: "
        f"{fits}"
    )


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary>z = 0.72, and ReLU leaves a positive number alone: the answer is 0.72. That is
# the first repair. The second keeps the 0.67 and changes the activation: sigmoid(0.72) = 0.673. Perhaps the code was
# changed once and the note was not. It happens to everybody. A number that was not computed by the code beside it is
# a rumor.</details>

# %% [markdown] id="tanh-formula"
# ## Tanh: from −1 to 1
#
# A sigmoid is never negative. Stretch it to twice its height, lower it by 1, and squeeze it to half its width:
#
# $$\tanh(x) = 2\,\sigma(2x) - 1 = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}$$
#
# This is the **hyperbolic tangent**. At 0 it is 0, and what comes in with a minus goes out with a minus. You will
# meet it inside the recurrent networks of lessons 12 and 13.
#
# **Your turn.** You know by now what the right-hand form does at 1000. Build on your safe `sigmoid`'s idea, or use
# what NumPy has.

# %% exercise="tanh"

# %% [markdown] id="range-claim"
# ### Another claim
#
# Of another article, in our words:
#
# > The sigmoid function fits a number between −1 and 1.
#
# Run the cell. Then repair one of its first two lines, again either one.

# %% id="range-claim-code" role="demo"
claimed_function = sigmoid
claimed_range = (-1, 1)


@demo
def fits_between():
    y = claimed_function(np.linspace(-1000, 1000, 20_001))
    fits = "the claim holds" if (y.min(), y.max()) == claimed_range else "the claim does not hold"
    print(
        f"{claimed_function.__name__}: from {y.min():g} to {y.max():g}, claimed is "
        f"{claimed_range}: {fits}"
    )


# %% [markdown] id="range-claim-answer"
# <details><summary>Compare</summary>A sigmoid lies between 0 and 1. Between −1 and 1 lies tanh. On paper neither
# reaches its ends. In floats both do: e⁻¹⁰⁰⁰ is too small for any float and becomes 0. And between 1 and the largest
# float below it there is nothing, so 1 − e⁻¹⁰⁰⁰ is rounded to 1. Remember that when you meet log(1 − p) in
# lesson 4.</details>

# %% [markdown] id="slope"
# ## How steep?
#
# You nudged the bias by 0.1, and the answer moved by 0.0238. Smaller nudges give a cleaner picture. The **slope** at x
# is how far the answer moves, per unit of nudge, when the nudge is tiny. By hand for the sigmoid at 0:
#
# (σ(0.1) − σ(−0.1)) / 0.2 = (0.52498 − 0.47502) / 0.2 = **0.2498**
#
# With ever smaller nudges this approaches one quarter. In books the slope is called the **derivative**, and written
# σ′ ("sigma prime"). It will be what a network learns by.

# %% [markdown] id="sigmoid-slope"
# ### The sigmoid's
#
# Nobody has to nudge. With y = σ(x),
#
# $$\sigma'(x) = y \, (1 - y)$$
#
# At 0: 0.5 · 0.5 = 0.25, as measured. Far out, y or 1 − y is almost 0, and so is the slope.
#
# **Your turn.** The function gets x, not y. You may call your own `sigmoid`: then a slip in it counts here too. Or
# compute what you need of it again, safely.
#
# <details><summary>Where the rule comes from</summary>y = 1 / (1 + e⁻ˣ). The slope of e⁻ˣ is −e⁻ˣ, and the slope of
# 1 / u is −1 / u² times the slope of u. Together: y′ = e⁻ˣ / (1 + e⁻ˣ)². Split it into 1 / (1 + e⁻ˣ), which is y, and
# e⁻ˣ / (1 + e⁻ˣ), which is 1 − y.</details>

# %% exercise="sigmoid_derivative"

# %% [markdown] id="tanh-slope"
# ### Tanh's
#
# With y = tanh(x),
#
# $$\tanh'(x) = 1 - y^2$$
#
# At 0 it is 1: four times as steep as the sigmoid.

# %% exercise="tanh_derivative"

# %% [markdown] id="relu-slope"
# ### ReLU's
#
# On the right it is a line that climbs by 1 per unit, on the left it is level. So the slope is 1 or 0. At the kink
# itself there is none: measured from the left it is 0, from the right 1. One has to decide. The field decides **0**.
#
# **Your turn.** Answer with floats: 1.0 and 0.0.

# %% exercise="relu_derivative"

# %% [markdown] id="measure-intro"
# A formula should agree with a measurement. Nudge by a hundred-thousandth to both sides and compare.


# %% id="measure" role="demo"
@demo
def measured():
    x, h = np.array([-3.0, -0.5, 0.5, 3.0]), 1e-5
    pairs = {
        "sigmoid": (sigmoid, sigmoid_derivative),
        "tanh": (tanh, tanh_derivative),
        "relu": (relu, relu_derivative),
    }
    for name, (function, slope) in pairs.items():
        nudged = (function(x + h) - function(x - h)) / (2 * h)
        print(f"{name:8} measured {nudged.round(6)}")
        print(f"{'':8} formula  {slope(x).round(6)}\n")


# %% [markdown] id="curves-intro"
# ## All in one picture


# %% id="curves" role="demo"
@demo
def curves():
    functions = {"step": step, "linear": linear, "ReLU": relu, "sigmoid": sigmoid, "tanh": tanh}
    slopes = {
        "step": np.zeros_like,
        "linear": np.ones_like,
        "ReLU": relu_derivative,
        "sigmoid": sigmoid_derivative,
        "tanh": tanh_derivative,
    }
    plot.show(
        plot.activations(functions, slopes),
        alt="Five panels from x = −4 to 4, each with an activation as a solid line and its slope "
        "as a dashed one. Step: 0, then 1 from x = 0 on; its slope is 0 on both sides. Linear: a "
        "rising diagonal, slope 1. ReLU: 0 on the left, the diagonal on the right; its slope jumps "
        "from 0 to 1. Sigmoid: a gentle rise from 0 to 1 through one half; its slope is a low hill "
        "with its top, a quarter, at x = 0. Tanh: a steeper rise from −1 to 1 through 0; its slope "
        "is a hill with its top, 1, at x = 0.",
    )


# %% [markdown] id="curves-lesson"
# Follow the dashed lines: they say where a neuron can learn.
#
# - The step's is 0 on both sides of its jump. That is the nudge that told us nothing.
# - Sigmoid and tanh are alive around 0 and flat far out. A neuron out there is called **saturated**.
# - ReLU is 1 or 0. Half of the inputs get through at full strength, the other half not at all.
#
# One forecast. Deep networks multiply such slopes, layer by layer. Ten sigmoids at their very best give
# 0.25¹⁰, less than a millionth. Ten ReLUs give 1, or 0. Lesson 7 lives on that.

# %% [markdown] id="explorer-intro"
# ### Explore
#
# One input x, one weight w, one bias b, any of your five activations. Use the mouse, or Tab, Space and the
# arrow keys. Four things to find out:
#
# 1. Sigmoid: turn w up to 4. What does it begin to look like?
# 2. Leave w there and move b. Where is the middle of the rise now?
# 3. Which w makes the sigmoid as steep at 0 as tanh is with w = 1?
# 4. ReLU: which inputs pass when w is −1 and b is 2?


# %% id="explorer" role="demo"
@demo
def explorer():
    explore({"sigmoid": sigmoid, "tanh": tanh, "relu": relu, "linear": linear, "step": step})


# %% [markdown] id="explorer-answer"
# <details><summary>Compare</summary>1. A step. The larger w, the more so: a step is a sigmoid that has lost all doubt.
# <br>2. Where w · x + b = 0, at x = −b / w. The bias moves the curve, and against its own sign.
# <br>3. w = 4: the slope in x is w · 0.25.
# <br>4. Those below 2: w = −1 turns the curve around.</details>

# %% [markdown] id="softmax-by-hand"
# ## Softmax: one of many
#
# A sigmoid answers one yes-or-no question. *Which of ten digits is this?* has ten answers that exclude each other.
# So a network that sorts things ends in ten neurons, one per digit. Each says how well the picture suits it. Such a
# number before any activation is a **score** (also: logit). Now ten scores must become ten probabilities: positive,
# and together 1.
#
# By hand, with three scores (2, 1, 0):
#
# 1. Make them positive: e², e¹, e⁰ = 7.389, 2.718, 1.
# 2. Divide by their sum, 11.107: **0.665, 0.245, 0.090**.
#
# That is **softmax**. The largest score gets the most, but not all. It is soft about the maximum, hence the name.

# %% [markdown] id="softmax-formula"
# ### As a formula
#
# $$p_{n,c} = \frac{e^{z_{n,c}}}{\sum_j e^{z_{n,j}}}$$
#
# A table `z` of N rows and C columns, (N, C): one row per picture, one column per class. The sum under the bar runs
# along the row. Row n is a matter of its own; what stands in other rows does not concern it.
#
# This activation is unlike the others: every answer depends on *all* scores of the row.

# %% [markdown] id="ten-neurons-intro"
# ### Ten neurons that read
#
# We need ten neurons. Lessons 4 and 5 train such neurons. Until then we build them: the weights of neuron c are the
# **average picture** of digit c. A picture is 8 by 8 pixels with a brightness from 0 to 16: D = 64 inputs. The first
# 1000 pictures make the averages. The other 797 are for testing.
#
# <details><summary>And the bias?</summary>We want the neuron whose average m is closest to the picture x. The squared
# distance is Σ (x − m)² = Σ x² − 2 Σ x m + Σ m². The first part is the same for all ten, so we drop it. Multiply the
# rest by −½ and <em>closest</em> becomes <em>largest</em>: Σ x m − ½ Σ m². A weighted sum with weights m and bias
# −½ Σ m².</details>


# %% id="ten-neurons" role="demo"
def ten_neurons(X, y):
    """One neuron per digit: weights W (10, 64), the average pictures, and biases b (10,)."""
    W = np.array([X[y == c].mean(axis=0) for c in range(10)])
    return W, -0.5 * np.sum(W**2, axis=1)


def tested():
    """The 797 pictures, their labels, and what the ten neurons say to each: scores (797, 10)."""
    X, y = data.digits()
    W, b = ten_neurons(X[:1000], y[:1000])
    scores = [[neuron(x, W[c], b[c], linear) for c in range(10)] for x in X[1000:]]
    return X[1000:].reshape(797, 8, 8), y[1000:], np.array(scores)


@demo
def weights():
    X, y = data.digits()
    W, _ = ten_neurons(X[:1000], y[:1000])
    plot.show(
        plot.gallery(W.reshape(10, 8, 8), range(10)),
        alt="The weights of the ten neurons as pictures: blurred digits from 0 to 9, each "
        "recognizable.",
    )


# %% [markdown] id="ten-scores-intro"
# Ten scores for the first test picture, a 1, through your `neuron`. And what becomes of all 797 rows if one takes the
# softmax formula as it stands:


# %% id="ten-scores" role="demo"
@demo
def ten_scores():
    _, y, scores = tested()
    print(f"scores of a {y[0]}:", *(f"{score:.0f}" for score in scores[0]))
    with np.errstate(all="ignore"):
        e = np.exp(scores)
        p = e / e.sum(axis=1)[:, None]  # [:, None] stands the sums upright: one for each row
    print("after the formula as it stands:", *(f"{value:.2f}" for value in p[0]))
    print(f"\n{np.isnan(p).any(axis=1).sum()} of {len(p)} rows contain nan")


# %% [markdown] id="stable-softmax"
# ### The mend
#
# Not a textbook worry, then: scores in the hundreds are what real pictures give.
#
# Add the same number to every score of a row, and nothing changes: e to the (z + k) is e to the z times e to the k, and
# the factor cancels. So choose the number well. **Take the row's own maximum off.** Then the largest score is 0, all
# others are below, and `exp` sees no positive number. The sum is at least 1, so nobody divides by 0 either.
#
# By hand: (1002, 1001, 1000) − 1002 = (0, −1, −2). e to that: 1, 0.368, 0.135. Their sum is 1.503, and the answer
# **0.665, 0.245, 0.090**. You have seen these numbers.
#
# **Your turn.** `np.max` and `np.sum` take `axis=1` to run along the rows, and `keepdims=True` to give a column
# (N, 1) that fits beside the table.

# %% exercise="softmax"

# %% [markdown] id="confidence-claim"
# ## How sure is sure?
#
# You will read that a sigmoid or a softmax gives you "a confidence or probability": *80 percent sure that this is an
# apple*. It gives a number between 0 and 1. Whether it deserves the name can be tested. Take all the pictures about
# which it is 99 percent sure. Is it right about 99 in 100 of them?
#
# Your bet, please.

# %% id="sure-prediction" role="demo"
guesses = {
    "all 789": 789,
    "about 780, 99 in 100": 780,
    "about 740, 94 in 100": 740,
    "about 705, 89 in 100": 705,
}
predict(
    "sure-and-right",
    "Softmax is more than 99 percent sure about 789 of the 797 pictures. How many of these 789 "
    "does it get right?",
    list(guesses),
)


# %% id="sure-run" role="demo"
@demo(after="sure-and-right")
def sure_and_right():
    _, y, scores = tested()
    p = softmax(scores)
    sure, right = p.max(axis=1) > 0.99, p.argmax(axis=1) == y
    print(f"right:                             {right.sum()} of {len(y)}")
    print(f"more than 99 percent sure:         {sure.sum()} of {len(y)}")
    print(f"more than 99 percent sure, right:  {(sure & right).sum()} of {sure.sum()}")
    print(f"more than 99 percent sure, wrong:  {(sure & ~right).sum()}")
    predict.reveal(
        "sure-and-right", min(guesses, key=lambda guess: abs(guesses[guess] - (sure & right).sum()))
    )


# %% [markdown] id="sure-and-wrong-intro"
# Meet some of the wrong ones.


# %% id="sure-and-wrong" role="demo"
SOME = [104, 283, 264, 38, 195]  # rows of the test pictures


@demo(after="sure-and-right")
def sure_and_wrong():
    pictures, y, scores = tested()
    plot.show(
        plot.sureness(pictures[SOME], softmax(scores)[SOME], y[SOME]),
        alt="Five handwritten digits, and below each the ten probabilities as bars. A clear 2 is "
        "called a 3, a 0 and a 1 are each called a 5, a 9 is called a 3 and an 8 a 5. In all five "
        "a single bar reaches 100 percent: the wrong one.",
    )


# %% [markdown] id="scale-again"
# ### The scale, with a vengeance
#
# Ten simple neurons, right about 89 percent of the time: not bad. But "100 percent sure" was not theirs to say.
# Where does it come from?
#
# From the scale. The scores are in the hundreds because somebody counts brightness from 0 to 16. Softmax looks at
# *differences* of scores, and a lead of 10 is already 22,000 to 1. Count brightness from 0 to 1 instead. Then every
# pixel is divided by 16, and so is every weight, for the weights are a picture too. So every score is divided by
# 16 · 16 = 256. Same pictures, same neurons, same decisions.
#
# Watch the bars while the scores are divided by ever larger numbers. (Such a divisor is called a **temperature**.)


# %% id="temperature" role="demo"
@demo(after="sure-and-right")
def temperature():
    pictures, y, scores = tested()
    figures, captions = [], []
    for divisor in (1, 10, 30, 100, 256, 1000):
        p = softmax(scores / divisor)
        figures.append(plot.sureness(pictures[SOME], p[SOME], y[SOME]))
        right = (p.argmax(axis=1) == y).sum()
        captions.append(
            f"scores divided by {divisor}: on average {p.max(axis=1).mean():.0%} sure, {right} of "
            f"{len(y)} right"
        )
    plot.film(
        figures,
        captions,
        alt="The five digits and their bars again, while all scores are divided by 1, 10, 30, 100, "
        "256 and 1000. The single long bar shrinks and others grow, until at 1000 all ten are "
        "nearly equal. The longest bar stays the longest, so the answers never change: on average "
        "100 percent sure at first, 43 percent at 256, and 710 of 797 right throughout.",
    )
    print("\n".join(captions))


# %% [markdown] id="scale-lesson"
# Stop at 100 and look at the second longest bars. In four of the five pictures they are the truth. The doubt was there
# all along; the scale had drowned it.
#
# From 100 percent to 43 percent, and not a single answer changed. **Softmax makes numbers that add up to 1. It cannot
# make them true.** Nobody ever asked these neurons to be honest about their doubts.
#
# Lesson 4 will: its loss, cross-entropy, punishes a neuron for being sure and wrong, and so the scale is learned too.
# Even then, test it, as you did here.

# %% [markdown] id="write-the-test"
# ## You write the test
#
# Six people have handed in a softmax. Every one is wrong.
#
# | name | what it does |
# |---|---|
# | down the columns | makes the columns add up to 1, not the rows |
# | one sum for the whole table | divides by the sum of all entries |
# | no shift | the formula as it stands |
# | one shift for the whole table | takes off the largest entry of the table, not of the row |
# | shift by the smallest | takes off the row's minimum |
# | winner takes all | gives 1 to the largest of the row, 0 to the rest |
#
# You have time for **two** tables. A table gives somebody away if they answer differently from the right softmax;
# nan counts as different. Here are the tables, with what your softmax makes of them.


# %% id="tables" role="demo"
@demo
def tables():
    for letter, z in data.score_tables().items():
        print(f'"{letter}"   {z.tolist()!s:42} -> {softmax(z).round(3).tolist()}')


# %% [markdown] id="write-the-test-hint"
# Where to begin: take one of the six, and one table, and do in your head what that person does. On which tables do
# they get away with it?
#
# **Your turn.** Return the letters of your two tables in a list, such as `["a", "b"]`. The check tells you who gets away.

# %% exercise="softmax_probes"

# %% [markdown] id="write-the-test-lesson"
# Mild, even, single-row examples let nearly everybody pass. The good test is **lopsided and extreme**: rows unlike
# columns, one row far from another, numbers far apart. You will use that trick again.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **1845.** Pierre-François Verhulst names the *logistic* curve. He describes populations that grow and then fill their
#   country: the sigmoid.
# - **1868.** Ludwig Boltzmann finds the formula of softmax in the physics of gases, temperature included.
# - **1969.** Kunihiko Fukushima builds a layered network whose units rectify: ReLU before it had the name.
# - **1990.** John Bridle brings softmax to neural networks and gives it its name.
# - **2010, 2011.** Vinod Nair and Geoffrey Hinton, then Xavier Glorot, Antoine Bordes and Yoshua Bengio show what ReLU
#   does for deep networks. It, or a cousin of it, has been the usual choice ever since.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about lessons 0 and 1. From memory, please. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("02_smooth_neurons")

# %% [markdown] id="take-along"
# ## What to take along
#
# - A neuron is a weighted sum, a bias, and an activation.
# - Lines of lines are lines. A network needs a bend, and ReLU is the smallest.
# - Sigmoid: 0 to 1, slope at most ¼. Tanh: −1 to 1, slope at most 1. ReLU: slope 0 or 1. Step: nothing to learn from.
# - Never give `exp` a large positive number: −|x| for the sigmoid, minus the row's maximum for softmax.
# - Numbers that add up to 1 are not yet probabilities one can trust. Test them.
#
# **Next: lesson 3, networks.** A few neurons, wired by hand, and XOR falls.

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Apply softmax to the two scores (z, 0). The first probability is σ(z). Can you show why? A sigmoid is a softmax
# whose second score is fixed at 0.
#
# **Try.** Softmax has a slope as well. Every probability moves with every score, so its slopes form a table, C by C:
# p[i] · (1 − p[i]) on the diagonal and −p[i] · p[j] elsewhere. Every row of it adds up to 0. Why must it? In lesson 5
# most of that table cancels.
#
# **Try.** Where does float32 give up? (Near 88.7. Half precision: near 11.)
#
# **Read.**
# - P.-F. Verhulst, "Recherches mathématiques sur la loi d'accroissement de la population", *Nouveaux Mémoires de
#   l'Académie Royale des Sciences et Belles-Lettres de Bruxelles* 18 (1845)
# - K. Fukushima, "Visual feature extraction by a multilayered network of analog threshold elements", *IEEE Transactions
#   on Systems Science and Cybernetics* 5 (1969), 322–333
# - J. S. Bridle, "Probabilistic interpretation of feedforward classification network outputs, with relationships to
#   statistical pattern recognition", in *Neurocomputing: Algorithms, Architectures and Applications* (1990), 227–236
# - V. Nair and G. E. Hinton, "Rectified linear units improve restricted Boltzmann machines", *ICML* (2010), 807–814
# - X. Glorot, A. Bordes and Y. Bengio, "Deep sparse rectifier neural networks", *AISTATS* (2011), 315–323
# - C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks", *ICML* (2017), 1321–1330:
#   trained networks, too, are surer than they are right, and one divisor mends much of it
# - P. Blanchard, D. J. Higham and N. J. Higham, "Accurately computing the log-sum-exp and softmax functions", *IMA Journal
#   of Numerical Analysis* 41 (2021), 2311–2330: what the shift is worth, in proofs
# - E. Alpaydin and C. Kaynak, "Cascading classifiers", *Kybernetika* 34 (1998), 369–374: the digits
