# %% [markdown] id="title"
# # 1 · One neuron
#
# **Can something that only adds and compares find out what a swim is worth?**
#
# You are about to show a neuron 512 weekly exercise plans. With each comes one word: *enough*, or *not enough*.
# Nobody mentions calories. At the end the neuron judges all 512 plans without a mistake, and you have written
# every line it runs on.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - work out what a neuron says, by hand and in code
# - turn a threshold into a bias, and get its sign right
# - train a neuron from examples
# - name a problem that no single neuron can solve, and prove it

# %% id="imports" role="setup"
import numpy as np

from course import check, data, demo, hint, plot, predict, quiz
from course.boundary import explore_line

# %% [markdown] id="vacation"
# ## Deciding by adding up
#
# Someone wonders whether to go on vacation. Three questions decide. Each answer is 1 for yes, 0 for no.
#
# | input | question |
# |---|---|
# | `x[0]` | Is the air fare low? |
# | `x[1]` | Is leave granted? |
# | `x[2]` | Is the weather nice? |
#
# The three answers together are the **input** `x`. The letter `D` counts them: here `D` = 3.

# %% [markdown] id="weights"
# The answers do not matter equally. Without leave there is no trip; the weather is a detail. So each input
# gets a number that says how much it counts: its significance, or **weight**. Let us take
#
# `w` = (2, 4, 1)
#
# for fare, leave and weather. Multiply each answer by its weight, add up, and you have the **weighted sum**.

# %% [markdown] id="weighted-sum-by-hand"
# ### By hand
#
# The fare is high, leave is granted, the weather is nice: `x` = (0, 1, 1).
#
# 0 · 2 + 1 · 4 + 1 · 1 = **5**
#
# Our traveler goes when the sum reaches 5, the **threshold**. It does. So: pack.
#
# Now you, before you read on. The fare is low, the weather is nice, and leave is refused. Pack or stay?
#
# <details><summary>Compare</summary>1 · 2 + 0 · 4 + 1 · 1 = 3. That stays below 5: stay. No fare is low enough
# to replace the leave.</details>

# %% [markdown] id="weighted-sum-formula"
# ### As a formula
#
# $$z = \sum_d x_d \, w_d$$
#
# Read it from the right: take an input $x_d$ and its weight $w_d$, multiply them, and do so for every
# position $d$. The sign $\sum$ says: add all of that up. The result is called $z$.
#
# **Your turn.** A loop over the positions will do. NumPy can be shorter: `x * w` multiplies pair by pair. In the
# description, `x (D,)` reads: `x` is an array of D numbers. You may trust the input; there is no need to check it.

# %% exercise="weighted_sum"

# %% [markdown] id="eight-sums-intro"
# Three yes-or-no questions have 2 · 2 · 2 = 8 possible answers. Here are all eight, added up by your function.
# (A function under `@demo` runs at once. It shows something and is never graded.)


# %% id="eight-sums" role="demo"
@demo
def eight_sums():
    inputs, _ = data.vacation()
    print("fare  leave  weather   sum")
    for fare, leave, weather in inputs:
        z = weighted_sum(np.array([fare, leave, weather]), np.array([2, 4, 1]))
        print(f"{fare:4.0f}  {leave:5.0f}  {weather:7.0f}  {z:4.0f}")


# %% [markdown] id="threshold-to-bias"
# ## From threshold to bias
#
# The rule so far: go if the sum is at least 5. Subtract 5 on both sides and it reads: go if
#
# sum − 5 ≥ 0.
#
# Nothing has changed, but now every neuron asks the same question: am I at zero or above? The number that is
# added, −5, is the **bias** `b`. From here on $z$ counts it in:
#
# $$z = \sum_d x_d \, w_d + b$$
#
# A neuron **fires**, that is, answers 1, if $z \ge 0$. Otherwise it answers 0.

# %% [markdown] id="bias-sign"
# **Mind the sign.** You will read that the threshold "is called" the bias. It is not: the bias is *minus* the
# threshold. With θ ("theta") for the threshold, b = −θ. A neuron that is hard to please has a high threshold and a
# very negative bias.


# %% id="neuron-drawing" role="demo"
@demo
def drawing():
    plot.show(
        plot.neuron({"fare low": 2, "leave granted": 4, "weather nice": 1}, bias=-5, output="go"),
        alt="A neuron from left to right. Three inputs, fare low, leave granted and weather nice, "
        "send arrows labeled times 2, times 4 and times 1 to a circle with a sum sign; the heavier "
        "the weight, the thicker the arrow. A bias of minus 5 enters from above. The result, z, "
        "goes into a box with a step: is z at least 0? Out comes 1, go, or 0.",
    )


# %% [markdown] id="why-at-least"
# ### Exactly zero
#
# Leave and nice weather alone: 4 + 1 − 5 = 0. Is 0 enough?
#
# Arithmetic does not say; somebody has to decide. This course decides **yes**: a neuron at exactly 0 fires.
# In code the decision is one character, `>=` and not `>`. You will meet fifteen plans that hang on it.

# %% [markdown] id="perceptron-task"
# Frank Rosenblatt called this kind of neuron a **perceptron** (1958).
#
# **Your turn.** You get the input, the weights and the bias. Answer with the number 1 or the number 0.

# %% exercise="perceptron"

# %% [markdown] id="all-rows-intro"
# Your neuron decides all eight cases. Then **play**: change the numbers and run the cell again. Can you find
# weights and a bias for someone who goes exactly when the weather is nice?

# %% id="all-rows" role="demo"
weights = [2, 4, 1]  # fare, leave, weather
bias = -5


@demo
def all_eight():
    inputs, _ = data.vacation()
    print("fare  leave  weather   answer")
    for x in inputs:
        answer = "go" if perceptron(x, np.array(weights), bias) else "stay"
        print(f"{x[0]:4.0f}  {x[1]:5.0f}  {x[2]:7.0f}   {answer}")


# %% [markdown] id="calorie-plan"
# ## A week of exercise
#
# You may read that the inputs must be 0 or 1, or lie between them. Nothing in the rule asks for that. An input may
# be any number: a count, a price, the brightness of a pixel. So let us count.
#
# One session of walking burns 100 kilocalories, running 150, swimming 200. The goal is 1400 a week. A **plan**
# says how many sessions of each you do, from 0 to 7. That makes 8 · 8 · 8 = 512 plans.
#
# `X` holds them all, one plan a row: (N, D) = (512, 3), N rows of D numbers. `y` holds the answers, called
# **labels**: 1 where the plan reaches the goal, else 0.

# %% id="calorie-data" role="setup"
X, y = data.calorie_plans(goal=1400, kcal=(100, 150, 200))


def count_wrong(w, b, X, y):
    """How many examples the neuron with weights w and bias b judges wrongly."""
    return sum(int(perceptron(X[n], w, b) != y[n]) for n in range(len(y)))


# %% [markdown] id="repair-the-claim"
# ### Repair the claim
#
# One of the articles this course grew out of explains neurons by this very plan. In our words, it says:
#
# > The inputs are the calories: 100, 150 and 200. The weights are the number of days you choose for each. The
# > neuron fires when the sum exceeds the threshold, or bias, of 1400.
#
# For one single week the sum comes out the same either way. But a neuron sees *many* weeks. What changes from
# week to week, and what stays? And what about that bias?
#
# The next cell takes the claim at its word. Run it. Then repair its first two lines, until no plan is judged
# wrongly.

# %% id="repair-the-claim-code" role="demo"
claimed_weights = [2, 4, 3]  # "the days are the weights"
claimed_bias = 1400  # "the threshold, or bias"


@demo
def repair():
    wrong = count_wrong(np.array(claimed_weights), claimed_bias, X, y)
    print(f"{wrong} of {len(X)} plans judged wrongly")


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary>The plan changes from week to week, so the sessions are the input. What a
# session burns stays the same: the weights are 100, 150, 200. And the bias is minus the threshold, −1400. With
# that, 0 of 512 plans are judged wrongly.<br>One thing is still missing: in the claim nothing is learned.
# Somebody had to know the calories. We get to that.</details>

# %% [markdown] id="exactly-1400"
# ### "Exceeds"
#
# The claim says that the sum must *exceed* 1400. What about a plan that burns 1400 exactly? Let us raise the
# threshold by half a kilocalorie and see who falls off.


# %% id="exactly-1400-plans" role="demo"
@demo
def fifteen():
    kcal = np.array([100, 150, 200])
    exact = [x for x in X if weighted_sum(x, kcal) == 1400]
    print("plans that reach 1400: ", sum(perceptron(x, kcal, -1400) for x in X))
    print("plans that exceed 1400:", sum(perceptron(x, kcal, -1400.5) for x in X))
    print(f"\n{len(exact)} plans burn exactly 1400 (walks, runs, swims):")
    print("  ".join("{:.0f} {:.0f} {:.0f}".format(*x) for x in exact))


# %% [markdown] id="exactly-1400-lesson"
# Fifteen plans keep the goal to the letter, and one missing `=` would call them failures. Neither sign is wrong by
# nature. What is wrong is to leave it open. Our data says: reaching the goal is enough.

# %% [markdown] id="line-intro"
# ### What a neuron looks like from above
#
# Where does the neuron change its mind? Where $z = 0$:
#
# 100 · walks + 150 · runs + 200 · swims − 1400 = 0
#
# Fix the swims at 4 and they add 800, like a piece of bias. What remains, 100 · walks + 150 · runs = 600, is a
# straight line. A neuron draws one line, and fires on one side of it.


# %% id="line" role="demo"
def three_slices(w, b):
    """The plans with 2, 4 and 6 swims, and where a neuron fires."""
    names, kinds = ("walks", "runs", "swims"), ("below 1400", "reaches 1400")
    return plot.slices(X, y, w, b, names, at=(2, 4, 6), kinds=kinds)


@demo
def line():
    plot.show(
        three_slices(np.array([100, 150, 200]), -1400),
        alt="Three panels, for 2, 4 and 6 swims. In each, a grid of plans with 0 to 7 walks across "
        "and 0 to 7 runs up. A straight line falls from left to right. Above and on it are filled "
        "circles, plans that reach 1400, on a shaded ground where the neuron fires; below it are "
        "open squares, plans that do not. With more swims the line moves toward the lower left "
        "corner. Some circles lie exactly on the line.",
    )


# %% [markdown] id="line-lesson"
# Find the circles that sit right on the line: those are plans of exactly 1400.
#
# With two inputs the boundary is a line, with three a plane. With a thousand inputs it is still flat, though
# nobody can draw it. Keep that word, *flat*. It comes back at the end.

# %% [markdown] id="turn-the-line-intro"
# ### Turn the line yourself
#
# Here are the 64 plans with 4 swims, and your own neuron. The 800 kilocalories of swimming sit in the bias, so two
# weights are left. Use the mouse, or Tab and the arrow keys. Four things to find out:
#
# 1. Which weights and which bias judge all 64 plans rightly? Is there more than one answer?
# 2. Move only the bias: what does the line do? And if you move only one weight?
# 3. Halve all three numbers of a line. What changes?
# 4. Turn around all three signs: −100, −150 and 600. How many plans are still judged rightly, and which?


# %% id="turn-the-line" role="demo"
@demo
def turn_the_line():
    four = X[:, 2] == 4
    explore_line(
        perceptron,
        X[four, :2],
        y[four],
        w=(100, 100),
        b=-600,
        names=("walks", "runs"),
        kinds=("below 1400", "reaches 1400"),
        weights=(200, 25),  # from -200 to 200, in steps of 25
        bias=(1000, 25),
    )


# %% [markdown] id="turn-the-line-answer"
# <details><summary>Compare</summary>1. The calories do: 100, 150 and −600. So does a bias of −575 with the same
# weights, and there are more.
# <br>2. The bias shifts the line and keeps its direction. A weight turns it.
# <br>3. Only z, which is half as large. The line and the answers stay.
# <br>4. The line is the same, but now the neuron fires on the other side of it. Three plans are still right: those on
# the line itself, where z is 0 either way.</details>

# %% [markdown] id="learning"
# ## Learning
#
# So far we told the neuron its weights. Now we keep quiet about calories. All it gets is plans and labels.
#
# It starts knowing nothing: every weight 0, bias 0. Then we show it one plan at a time.
#
# - Its answer is right? Change nothing.
# - It stayed silent and should have fired? Its sum was too small: **add** the input to the weights, and 1 to
#   the bias.
# - It fired and should have stayed silent? Its sum was too large: **subtract** them.
#
# That is all.

# %% [markdown] id="update-by-hand"
# ### By hand
#
# These are the first plans in `X`, and what the rule does with each. Check a row or two with a pencil.
#
# | plan `x` | label | weights, bias before | z | answer | weights, bias after |
# |---|---|---|---|---|---|
# | (0, 0, 0) | 0 | (0, 0, 0), 0 | 0 | **1**, wrong | (0, 0, 0), −1 |
# | (0, 0, 1) to (0, 0, 6) | 0 | (0, 0, 0), −1 | −1 | 0 | unchanged |
# | (0, 0, 7) | 1 | (0, 0, 0), −1 | −1 | **0**, wrong | (0, 0, 7), 0 |
# | (0, 1, 0) | 0 | (0, 0, 7), 0 | 0 | **1**, wrong | (0, −1, 7), −1 |
#
# Look at the third row. Seven swims were enough, so the neuron now thinks well of swimming. Look at the last
# one: it blames the run, although a single run is merely too little. It will think again.

# %% [markdown] id="update-formula"
# ### As a formula
#
# All three cases fit into one line. Take the label minus the answer and call it the **error**: 0 if right, 1 if
# the neuron should have fired, −1 if it should not have.
#
# $$w' = w + \eta \cdot \text{error} \cdot x \qquad b' = b + \eta \cdot \text{error}$$
#
# The dash marks the new values. The letter $\eta$ ("eta") is the **learning rate**, `lr` in the code: the
# length of a step. We take 1.
#
# **Your turn.** Return the new weights and the new bias. Leave the old weights as they are: make a new array. You may
# call your own `perceptron`: then a slip in it counts here too.

# %% exercise="perceptron_update"

# %% [markdown] id="update-replay-intro"
# The same first steps, taken by your function. Compare them with the table.


# %% id="update-replay" role="demo"
def in_words(w, b):
    """A neuron as text."""
    return f"weights ({', '.join(f'{weight:g}' for weight in w)}), bias {b:g}"


@demo
def replay():
    w, b = np.zeros(3), 0.0
    for n in range(9):
        w, b = perceptron_update(w, b, X[n], y[n])
        print(f"plan {X[n]}  label {y[n]}  ->  {in_words(w, b)}")


# %% [markdown] id="epochs"
# ### Again, and again
#
# One correction can spoil an earlier one, so one pass is not enough. A pass through all examples is an
# **epoch**. After an epoch with mistakes comes another. After an epoch without a mistake we stop: nothing would
# change any more. To be safe we also stop after `max_epochs`.
#
# **Your turn.** Start from zeros. Go through the rows in their order, and let every correction count from the
# next row on.

# %% exercise="perceptron_train"

# %% [markdown] id="train-vacation-intro"
# First the small case. Your function sees the eight vacation answers, and no weights.


# %% id="train-vacation" role="demo"
@demo
def learn_vacation():
    inputs, labels = data.vacation()
    w, b = perceptron_train(inputs, labels)
    print(f"{in_words(w, b)}: {count_wrong(w, b, inputs, labels)} of 8 answers wrong")


# %% [markdown] id="train-vacation-lesson"
# These are not the weights we had in mind, (2, 4, 1) and −5. Go through the eight rows and they say the same.
# Examples pin down what a neuron *does*. They leave some room in how it does it.

# %% [markdown] id="train-calories-intro"
# Now all 512 plans. The neuron has never heard of 100, 150, 200 or 1400.


# %% id="train-calories" role="demo"
@demo
def learn_calories():
    w, b = perceptron_train(X, y)
    print(f"{in_words(w, b)}: {count_wrong(w, b, X, y)} of 512 plans wrong\n")
    scale = 100 / w[0]
    print("             learned   if a walk is 100   truth")
    for name, learned, truth in (
        ("walk", w[0], 100),
        ("run", w[1], 150),
        ("swim", w[2], 200),
        ("goal", -b, 1400),
    ):
        print(f"{name:10} {learned:9.0f} {scale * learned:18.0f} {truth:7}")


# %% [markdown] id="scale-is-free"
# It found out what a swim is worth: twice a walk. Two remarks.
#
# **The scale is free.** Double all weights and the bias, and $z$ doubles. Its sign stays, and only the sign
# decides. So we may stretch the result until a walk is 100, and then compare.
#
# **The rest has some play.** A run of 147 and a goal of 1379 are not the truth, and no plan can tell. Plans come in
# steps of 50 kilocalories. None lies between 1350 and 1400, and the neuron only needs to cut somewhere in that gap.

# %% [markdown] id="sums-intro"
# For each plan, here is the sum your neuron computes, drawn over the kilocalories it was never told.


# %% id="sums" role="demo"
@demo
def never_told():
    w, b = perceptron_train(X, y)
    z = np.array([weighted_sum(x, w) + b for x in X])
    plot.show(
        plot.sums(
            X @ np.array([100, 150, 200]),
            z,
            y,
            xlabel="kilocalories of the plan (the neuron never sees them)",
            ylabel="the neuron's sum z",
            kinds=("below 1400", "reaches 1400"),
        ),
        alt="All 512 plans, kilocalories across and the neuron's sum z up. They lie almost on one "
        "rising straight line, from z = −262 at 0 kilocalories to about 330 at 3150. It crosses z "
        "= 0 between 1350 and 1400: open squares, plans below 1400, are all under zero, and filled "
        "circles, plans that reach it, all above.",
    )


# %% [markdown] id="film-intro"
# ### Watch it learn
#
# Press **Play**, or move the slider with the arrow keys. A cross marks a plan that is judged wrongly. At epoch
# 0 all sums are 0, so the neuron fires at everything.


# %% id="film" role="demo"
@demo
def film():
    figures, captions = [], []
    for epochs in (*range(0, 49, 8), 64, 79):
        w, b = perceptron_train(X, y, max_epochs=epochs)
        figures.append(three_slices(w, b))
        captions.append(
            f"after {epochs} epochs: {in_words(w, b)}, {count_wrong(w, b, X, y)} of 512 wrong"
        )
    plot.film(
        figures,
        captions,
        alt="The three panels of 2, 4 and 6 swims again, while the neuron learns. At first "
        "everything is shaded and every plan below 1400 is crossed out. A line appears, steep and "
        "misplaced, then turns and moves toward the border between squares and circles; the "
        "crosses become fewer, though not at every step. After 79 epochs no cross is left.",
    )
    print("\n".join(captions))


# %% [markdown] id="film-lesson"
# The count of mistakes goes down, up, and down again. Every correction serves one plan and forgets all others.
# It still arrives, and not by luck. Albert Novikoff proved in 1962: **if any flat boundary separates the two
# kinds, this rule finds one after a finite number of corrections.**
#
# An honest result starts with *if*. Let us look behind this one.

# %% [markdown] id="xor"
# ## Milk or lemon
#
# Tea comes with milk or with lemon. Not with both, and plain tea was not asked for. This is *exclusive or*,
# **XOR** for short: one or the other, not both.
#
# | milk | lemon | good? |
# |---|---|---|
# | 0 | 0 | 0 |
# | 0 | 1 | 1 |
# | 1 | 0 | 1 |
# | 1 | 1 | 0 |
#
# Four rows, two inputs. Your neuron has just mastered 512 rows with three. First say what you expect; the cell
# after the question waits for your answer.

# %% id="xor-prediction" role="demo"
predict(
    "xor-rows",
    "After 1000 epochs on these rows: how many of the four does the neuron get right?",
    ["4", "3", "2", "1 or none"],
)


# %% id="xor-run" role="demo"
@demo(after="xor-rows")
def exclusive_or():
    inputs, labels = data.xor()
    for epochs in (1, 2, 3, 10, 100, 1000):
        w, b = perceptron_train(inputs, labels, max_epochs=epochs)
        print(
            f"after {epochs:4} epochs: {in_words(w, b)}, {count_wrong(w, b, inputs, labels)} of 4 "
            "wrong"
        )
    right = 4 - count_wrong(w, b, inputs, labels)
    predict.reveal("xor-rows", f"{right}" if right > 1 else "1 or none")


# %% [markdown] id="xor-circle"
# ### In a circle
#
# Look at the weights after epoch 2 and after epoch 3. They are the same. The same start and the same rows lead to
# the same end, so from here on nothing new can happen.
#
# Here are both kinds of learning in one picture.


# %% id="mistakes" role="demo"
@demo(after="xor-rows")
def mistakes():
    curves = {}
    epochs = (*range(0, 49, 8), 64, 79)
    for name, (inputs, labels) in {"calorie plans": (X, y), "XOR": data.xor()}.items():
        neurons = [perceptron_train(inputs, labels, max_epochs=n) for n in epochs]
        curves[name] = epochs, [count_wrong(w, b, inputs, labels) / len(labels) for w, b in neurons]
    plot.show(
        plot.mistakes(curves),
        alt="The share of examples judged wrongly over 79 epochs. The calorie plans fall from 38 "
        "percent to 0, with bumps on the way. XOR is a level dashed line at 50 percent from "
        "beginning to end.",
    )


# %% [markdown] id="xor-proof"
# ### Why: four wishes that contradict
#
# Is our rule just bad at this, and do better weights exist? Write down what they would have to do.
#
# | row | wish |
# |---|---|
# | (0, 0), silent | b < 0 |
# | (0, 1), fires | w[1] + b ≥ 0 |
# | (1, 0), fires | w[0] + b ≥ 0 |
# | (1, 1), silent | w[0] + w[1] + b < 0 |
#
# Add the two middle wishes: w[0] + w[1] + 2b ≥ 0. Move one b across: w[0] + w[1] + b ≥ −b. By the first wish,
# −b is above zero. So w[0] + w[1] + b is above zero too. The last wish wants it below. **No weights can do it.**

# %% [markdown] id="xor-picture-intro"
# The same in a picture. AND asks for both inputs, OR for at least one; a line does either. For XOR, hold a pencil
# to the screen and try.


# %% id="xor-picture" role="demo"
@demo(after="xor-rows")
def gates():
    corners, exclusive = data.xor()
    tasks = {
        "AND: both": np.array([0, 0, 0, 1]),
        "OR: at least one": np.array([0, 1, 1, 1]),
        "XOR: just one": exclusive,
    }
    panels = {}
    for name, labels in tasks.items():
        w, b = perceptron_train(corners, labels)
        panels[name] = corners, labels, w, b
    plot.show(
        plot.boundaries(panels),
        alt="Three squares of four corners each. AND: a line cuts off the one filled circle, upper "
        "right. OR: a line cuts off the one open square, lower left. XOR: the circles sit in "
        "opposite corners, upper left and lower right; the line found leaves a circle and a square "
        "on the wrong side, marked by crosses.",
    )


# %% [markdown] id="xor-lesson"
# A line *can* get three of the four right. OR is such a line. Our rule does not settle there: it reacts to each
# mistake and never counts them. Lesson 4 counts.
#
# All four are out of reach. One neuron is flat, and XOR is not. But two neurons draw two lines, and a third can
# combine their answers. You will wire that by hand in lesson 3.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **1943.** Warren McCulloch and Walter Pitts describe neurons as units that add and compare.
# - **1958.** Frank Rosenblatt lets them learn: the perceptron.
# - **1962.** Albert Novikoff proves that the rule arrives, if there is anywhere to arrive.
# - **1969.** Marvin Minsky and Seymour Papert publish *Perceptrons*: what such machines cannot compute. XOR is
#   the famous example, though the book holds deeper ones.
#
# So when you read that neural networks came up in the 1980s, go back another forty years. What the 1980s made
# popular is a way to train several layers of them: lesson 5.

# %% [markdown] id="biology"
# ### And the brain?
#
# The artificial neuron was inspired by nerve cells. It is not a model of one. A real cell has a shape, works in
# time, and sends pulses. Recordings from human brain tissue, published in 2020, suggest that the branches of a
# single cell can sort out XOR by themselves. Take the word *neuron* as a thank-you, not as an explanation.
#
# One number travels without its source: that each visual area of the brain holds around 140 million neurons. It is
# an estimate for the first area, V1, in one half of the brain. No single number fits all the areas.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about lesson 0. Answer from memory: the effort of recalling is what makes it
# stay. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("01_one_neuron")

# %% [markdown] id="take-along"
# ## What to take along
#
# - A neuron adds weighted inputs and a bias, and fires if the sum is at least 0.
# - The bias is minus the threshold.
# - The perceptron rule corrects mistakes and nothing else: w + lr · error · x.
# - Only the sign of z matters, so the scale of the weights is free.
# - One neuron draws one flat boundary. If that can do the job, the rule finds it. If not, no training helps.
#
# **Next: lesson 2, smooth neurons.** A step knows only yes and no. What if a neuron could say "almost"?

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Train on the plans with `lr=0.5`. From a zero start, every weight comes out half as large and every
# decision is the same. Can you see why? Shuffle the rows: other weights, other number of epochs, still 0 wrong.
#
# **How many corrections?** Novikoff's bound is (R / γ)². R is the length of the longest input, with a 1 appended
# for the bias. γ is the gap that some boundary leaves, measured with its weights and bias scaled to length 1. The
# weights (2, 3, 4) with bias −27.5 separate our plans and give about 465,000. The training run above needed 3,260.
#
# **Read.**
# - W. S. McCulloch and W. Pitts, "A logical calculus of the ideas immanent in nervous activity", *Bulletin of
#   Mathematical Biophysics* 5 (1943), 115–133
# - F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the brain",
#   *Psychological Review* 65 (1958), 386–408
# - A. B. J. Novikoff, "On convergence proofs on perceptrons", *Proceedings of the Symposium on the Mathematical
#   Theory of Automata*, Polytechnic Institute of Brooklyn (1962), 615–622
# - M. Minsky and S. Papert, *Perceptrons: An Introduction to Computational Geometry*, MIT Press (1969)
# - Y. Freund and R. E. Schapire, "Large margin classification using the perceptron algorithm", *Machine Learning*
#   37 (1999), 277–296: the rule as a tool of today, with a short proof of the bound
# - M. Olazaran, "A sociological study of the official history of the perceptrons controversy", *Social Studies of
#   Science* 26 (1996), 611–659: what the book of 1969 did, and what it is only said to have done
# - A. Gidon et al., "Dendritic action potentials and computation in human layer 2/3 cortical neurons", *Science*
#   367 (2020), 83–87
# - G. Leuba and R. Kraftsik, "Changes in volume, surface estimate, three-dimensional shape and total number of
#   neurons of the human primary visual cortex from midgestation until old age", *Anatomy and Embryology* 190
#   (1994), 351–366
