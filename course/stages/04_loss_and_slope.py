# %% [markdown] id="title"
# # 4 · Loss and slope
#
# **All a network is ever told is one number: how wrong it is. How does it find out what to change?**
#
# By feeling its way. You will start with a bad guess about twenty real people, ask how wrong it is, nudge it a
# little, ask again, and walk downhill until it fits. You write every step of that walk. Then you watch it as a film.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - say how wrong a prediction is, with the loss that suits it
# - measure the slope of any function, without calculus
# - walk down a loss, with a learning rate that arrives
# - tell a low training loss from a good model

# %% id="imports" role="setup"
import numpy as np

from course import check, data, demo, hint, plot, predict, quiz
from course.steering import steer

# %% [markdown] id="four-men"
# ## One number for "wrong"
#
# The perceptron of lesson 1 reacted to every mistake and never counted them. Now we count.
#
# Here are four men of a fitness club, and how many chin-ups each of them did. Somebody guesses 8 for everyone.
#
# | chin-ups `y` | guess `p` | error `p − y` | squared |
# |---|---|---|---|
# | 5 | 8 | 3 | 9 |
# | 2 | 8 | 6 | 36 |
# | 12 | 8 | −4 | 16 |
# | 12 | 8 | −4 | 16 |
#
# Add up the errors: 3 + 6 − 4 − 4 = 1. On average that is a quarter of a chin-up. What a guess! And yet it came
# no closer than 3 to anyone. The guesses that are too high pay for those that are too low.

# %% [markdown] id="squares"
# ### Square first
#
# A square is never negative, so no error can pay for another. Add the squares, divide by their number:
#
# (9 + 36 + 16 + 16) / 4 = 77 / 4 = **19.25**
#
# This is the **mean squared error**, MSE. A number that says how wrong a prediction is, the lower the better, is
# called a **loss**, or a cost.
#
# Squares have a temper. An error of 6 costs not twice as much as an error of 3, but four times: 36 against 9.
# Whoever lowers an MSE takes care of the worst errors first.

# %% [markdown] id="rmse"
# ### Back to chin-ups
#
# 19.25 what? Squared chin-ups, which nobody has ever done. For a figure that people can picture, take the root:
#
# √19.25 ≈ **4.4 chin-ups**
#
# That is the **root mean squared error**, RMSE. The smaller the one, the smaller the other, so you may *train*
# on the MSE and *report* the RMSE.

# %% [markdown] id="mse-formula"
# ### As a formula
#
# $$\text{loss} = \frac{1}{N \cdot M} \sum_n \sum_m \left(p_{nm} - y_{nm}\right)^2$$
#
# N examples are the rows, M outputs the columns, as in lesson 3. Our four men make N = 4 and M = 1.
#
# **Your turn.** You may trust the input: `p` and `y` have the same shape.

# %% exercise="mse"

# %% [markdown] id="baseline-intro"
# Now real numbers, 442 of them: how far diabetes has progressed in a patient within a year. We know nothing about
# the patients yet. Which single number is the best guess for all?


# %% id="baseline" role="demo"
@demo
def one_guess_for_all():
    _, y = data.diabetes()
    for name, guess in {
        "100": 100,
        "the median": np.median(y),
        "the mean": np.mean(y),
        "200": 200,
    }.items():
        loss = mse(np.full_like(y, guess), y)
        print(f"{name:>10} = {guess:6.1f}   MSE {loss:6.0f}   RMSE {loss**0.5:.1f}")


# %% [markdown] id="baseline-lesson"
# By squared error no single guess beats the mean. Its RMSE, 77.0, has a name of its own: the standard deviation.
# So this is the baseline. A model that looks at patients has to get below 77.

# %% [markdown] id="three-names"
# ### Three names, one valley
#
# You will meet this loss under several names, and they are not the same.
#
# - **MSE**: the mean of the squares. No ½. That is ours, and also PyTorch's and scikit-learn's.
# - **Quadratic cost**: $C = \frac{1}{2N} \sum_n \lVert y_n - p_n \rVert^2$. The bars mean the length of a vector, so
#   this *adds* the squares over the M outputs. Then it halves them, because the ½ cancels a 2 in the slope. One
#   article writes this formula and says it is "also known as MSE". With one output it is *half* the MSE.
# - **RMSE**: the root of the MSE. Elsewhere you find "MRSE". Read the letters from the back, in the order of the
#   work: take the **e**rror, **s**quare it, take the **m**ean, take the **r**oot.
#
# All three are smallest at the same place. But half as high means half as steep. Whoever changes the formula
# changes how far a step goes.

# %% [markdown] id="forecast"
# ## Yes or no
#
# A sigmoid neuron from lesson 2 answers with a probability. Say it forecasts rain.
#
# | day | says `p` | it rains: `y` | probability it gave to what happened | cost: −log of that |
# |---|---|---|---|---|
# | 1 | 0.9 | 1 | 0.9 | 0.105 |
# | 2 | 0.2 | 0 | 1 − 0.2 = 0.8 | 0.223 |
# | 3 | 0.8 | 1 | 0.8 | 0.223 |
# | 4 | 0.1 | 0 | 1 − 0.1 = 0.9 | 0.105 |
#
# The more probable you called what then happened, the less you pay. The price is the natural logarithm with a
# minus: −log 1 = 0, so a sure and right forecast is free. The mean of the four prices, **0.164**, is the **binary
# cross-entropy**, BCE.

# %% [markdown] id="certain-and-wrong"
# ### Certain and wrong
#
# | you gave what happened | you pay |
# |---|---|
# | 0.5 | 0.69 |
# | 0.1 | 2.30 |
# | 0.01 | 4.61 |
# | 0.0000001 | 16.1 |
# | 0 | ∞ |
#
# Say "never", see it happen once, and no number of good days makes up for it. That is harsh, and fair: *never* is a
# strong word. But a computer must not stumble over ∞. So we hold every probability between a tiny ε ("epsilon") and
# 1 − ε. With ε = 0.0000001, written `1e-7`, the highest price is 16.1.

# %% [markdown] id="bce-formula"
# ### As a formula
#
# $$\text{loss} = -\frac{1}{N} \sum_n \Big( y_n \log p_n + (1 - y_n) \log (1 - p_n) \Big)$$
#
# The label works as a switch. If $y_n$ is 1, the second term is 0 and only $\log p_n$ counts. If $y_n$ is 0, only
# $\log(1 - p_n)$ does.
#
# **Your turn.** First hold `p` within [ε, 1 − ε], in a new array. NumPy has a function for that. Then the formula.

# %% exercise="bce"

# %% [markdown] id="repair-the-claim"
# ### Repair the claim
#
# One of the articles this course grew out of has this loss in a function `compute_cost`. The formula in it is right.
# The cell below takes it at its word, on our four days. It makes two mistakes all the same.
#
# 1. The first line it prints should be 0.164, and the second too: the same four days, ten times over.
# 2. The third should be next to nothing: it is a perfect forecast.
#
# Run it, print the shapes on the way if you like, and **repair `compute_cost`** until all three lines are right.

# %% id="repair-the-claim-code" role="demo"
said = np.array([[0.9], [0.2], [0.8], [0.1]])  # a network's output: one row a day, one column
rain = np.array([1.0, 0.0, 1.0, 0.0])  # labels as they often come: flat


def compute_cost(y_pred, y_true):
    m = y_true.shape[0]
    prices = y_true * np.log(y_pred) + (1 - y_true) * np.log(1 - y_pred)
    return -1 / m * np.sum(prices)


@demo
def repair():
    with np.errstate(all="ignore"):
        print(f"four days:             {compute_cost(said, rain):.3f}")
        print(
            f"ten times over:        {compute_cost(np.tile(said, (10, 1)), np.tile(rain, 10)):.3f}"
        )
        print(f"a perfect forecast:    {compute_cost(rain.reshape(-1, 1), rain):.3f}")


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary>The predictions have shape (4, 1), the labels (4,). NumPy stretches both to
# (4, 4): every label meets every forecast, and the loss is 4.24. With forty days it is 42.4. Nothing complains,
# and it even goes down in training. Give the labels the shape of the predictions:
# <code>y_true.reshape(y_pred.shape)</code>.<br>The perfect forecast is not a number, <code>nan</code>, because log 0
# is −∞, and 0 · ∞ has no value. Hold the predictions within ε first, as you did above.</details>

# %% [markdown] id="classes"
# ## One of many
#
# Is this picture a 0, a 1, … or a 9? Now there are C classes, and the network gives each of them a score z, a
# **logit**. Lesson 2 turns scores into probabilities: softmax. The price is the one you know, −log of the probability
# that the *right* class got.
#
# Three classes, scores 2, 1 and 0, and the right one is the first:
#
# $e^2 + e^1 + e^0$ = 7.39 + 2.72 + 1 = 11.11  →  p = 7.39 / 11.11 = 0.665  →  −log 0.665 = **0.408**
#
# Averaged over N examples this is the **cross-entropy**. What the other classes got does not matter, except that it
# is missing from the right one.

# %% [markdown] id="from-logits"
# ### Stay with the logarithms
#
# What if a score is −1000? Its probability rounds to exactly 0, and log 0 is −∞. There is a way around: never form
# the probability. The logarithm of a fraction is a difference, and log undoes exp:
#
# $$\log p_{nc} = \log \frac{e^{z_{nc}}}{\sum_j e^{z_{nj}}} = z_{nc} - \log \sum_j e^{z_{nj}}$$
#
# By hand: 2 − log 11.11 = 2 − 2.408 = −0.408. The same, and no small number was ever made.
#
# Large scores remain, because $e^{1000}$ is too much for any float. You know the cure: first subtract each row's
# maximum. That changes no probability.
#
# **Your turn.** `y` holds the right class of each row, a whole number. With two arrays of indices, `a[rows, columns]`
# picks one entry per row.

# %% exercise="cross_entropy"

# %% [markdown] id="before-training-intro"
# A network that knows nothing gives every class the same score. What does that cost?


# %% id="before-training" role="demo"
@demo
def knows_nothing():
    for C in (2, 3, 10, 1000):
        print(f"{C:4} classes, all alike: {cross_entropy(np.zeros((5, C)), np.zeros(5, int)):.3f}")


# %% [markdown] id="before-training-lesson"
# It is log C. Remember **2.303** for ten classes: with it you can check a network before training has begun. A fresh
# one that starts at 9 is not clueless but wrongly sure, and something is amiss. And log 2 = 0.693 is the price of
# a shrug at a yes-or-no question.

# %% [markdown] id="nudge"
# ## Which way is down?
#
# A loss says how wrong you are. It does not say what to change. You stand on a hillside in fog and cannot see the
# valley. But you can feel how the ground tilts under your feet: move one foot a little, and compare.
#
# ### By hand
#
# Take f(x) = x · x · x at x = 2. There, f is 8. A step of 0.1 forward: f(2.1) = 9.261.
#
# (9.261 − 8) / 0.1 = **12.61**
#
# So f rises about 12.6 times as fast as x. This is the **slope**, or derivative. Calculus knows it exactly: 12. Now
# look in both directions. With f(1.9) = 6.859, the two points are 0.2 apart:
#
# (9.261 − 6.859) / 0.2 = **12.01**
#
# Sixty times closer, for one more question. A forward look is tilted to one side; a look both ways is centered.

# %% [markdown] id="gradient-formula"
# ### Many numbers
#
# A loss depends on many numbers. Nudge them one at a time, the others stay:
#
# $$g_i = \frac{f(x + \varepsilon e_i) - f(x - \varepsilon e_i)}{2 \varepsilon}$$
#
# $e_i$ is 1 at position i and 0 elsewhere, so only entry i moves. All slopes together, in an array of the shape of x,
# are the **gradient**. In books the slope along one entry is written $\frac{\partial f}{\partial x_i}$, with a
# rounded d.
#
# **Your turn.** All lines are there, out of order and without their indentation. `np.ndindex(x.shape)` goes
# through all positions of an array of any shape. One question decides most: when entry 1 is nudged, where must entry
# 0 be?

# %% exercise="numeric_gradient"

# %% [markdown] id="how-small-intro"
# How small should a nudge be? The smaller, the better, one would think. Let your function try, on a slope we know:
# that of sin at 1, which is cos 1.


# %% id="how-small" role="demo"
@demo
def how_small():
    widths = 10.0 ** -np.arange(1, 15)
    here, wave = np.array([1.0]), lambda x: float(np.sin(x[0]))
    both = [abs(numeric_gradient(wave, here, eps)[0] - np.cos(1)) for eps in widths]
    forward = [abs((wave(here + eps) - wave(here)) / eps - np.cos(1)) for eps in widths]
    plot.show(
        plot.nudges(widths, {"forward only": forward, "both ways (yours)": both}),
        alt="The error of the slope against the nudge, from 0.1 on the left to 0.00000000000001 on "
        "the right, both in powers of ten. Both lines first fall and then rise again, like a V. "
        "Looking both ways falls twice as steeply, to an error of about ten to the minus 11 at a "
        "nudge of 0.00001. Looking forward only reaches about three billionths, at 0.00000001. "
        "From there on both climb together.",
    )


# %% [markdown] id="how-small-lesson"
# Too wide, and you measure the bend of the road. Too narrow, and you measure rounding: a float carries 16 digits,
# and two nearly equal numbers agree in almost all of them. What their difference leaves is noise. Between the two
# lies `1e-5`, and that is why it is the default.

# %% [markdown] id="downhill"
# ## Walking down
#
# The gradient points to where f rises fastest. So turn around:
#
# $$x' = x - \eta \cdot \text{gradient}(x)$$
#
# The dash marks the new point, and $\eta$ ("eta") is the **learning rate**, `lr`: how much of the slope becomes a
# step.
#
# One article says that every weight is updated "by the derivative" of the loss. It is updated by *minus the learning
# rate times* the derivative. With a plus you climb. Without the rate, the units of your data decide how far you go.

# %% [markdown] id="downhill-by-hand"
# ### By hand
#
# f(x) = x², a bowl. Its slope at x is 2x. Start at 3, with a learning rate of 0.1:
#
# - slope 6, so x = 3 − 0.1 · 6 = **2.4**
# - slope 4.8, so x = 2.4 − 0.1 · 4.8 = **1.92**
# - slope 3.84, so x = **1.536**
#
# Each step leaves 80 percent. The steps shrink by themselves, because the ground becomes flatter. The bottom, 0, is
# never quite reached, but you come as close as you like.
#
# **Your turn.** `gradient` is a function: give it a point, and it returns the slope there. Return the whole path as
# one array, start included. `np.stack` puts a list of arrays into one.

# %% exercise="gradient_descent"

# %% [markdown] id="club"
# ### Twenty men
#
# Back to the fitness club. For each of the 20 men we know the waist, and ask for the chin-ups. Our guess is a line:
#
# chin-ups ≈ w · inches + b
#
# We count the inches above 35. So b is the guess for a man with 35 inches, and w says how many chin-ups an inch more
# adds. Both are unknown. Every pair (w, b) is one guess about everybody, and has one loss. Your `mse`
# tells it, your `numeric_gradient` tells its slope, and nobody needs calculus.

# %% id="club-loss" role="setup"
waist, chins = data.fitness_club()
inches = waist - 35
start = np.array([2.0, 0.0])  # a bad guess: w = 2, b = 0


def club_loss(line):
    """How wrong the line (w, b) is about the twenty men."""
    w, b = line
    return mse(w * inches + b, chins)


def club_slope(line):
    """The slope of that loss along w and along b."""
    return numeric_gradient(club_loss, line)


# %% id="one-step" role="demo"
@demo
def one_step():
    slope = club_slope(start)
    after = start - 0.03 * slope
    print(f"w = {start[0]:.2f}, b = {start[1]:.2f}: loss {club_loss(start):.1f}")
    print(f"slope along w: {slope[0]:.1f}, along b: {slope[1]:.1f}")
    print(f"w = {after[0]:.2f}, b = {after[1]:.2f}: loss {club_loss(after):.1f}")


# %% [markdown] id="film-intro"
# Along w the ground rises, so w has to come down. Along b it falls, so b has to go up. One step has taken the loss
# from 176 to 114.
#
# ### Watch it find the way
#
# Press **Play**, or move the slider with the arrow keys. On the left is the landscape, seen from above: every point
# is a line, dark is a high loss, and the rings join equal losses. The square is the start. On the right is the
# same moment among the men: the line, and each man's error as a bar.


# %% id="film" role="demo"
@demo
def film():
    ground = plot.landscape(club_loss, (-4, 3), (-2, 20))
    path = gradient_descent(club_slope, start, lr=0.03, steps=100)
    figures, captions = [], []
    for steps in (0, 1, 2, 3, 5, 8, 12, 20, 30, 50, 100):
        w, b = path[steps]
        figures.append(
            plot.descent(
                ground, path[: steps + 1], inches, chins, "waist, inches above 35", "chin-ups"
            )
        )
        captions.append(
            f"after {steps} steps: w = {w:.2f}, b = {b:.2f}, loss {club_loss(path[steps]):.1f}"
        )
    plot.film(
        figures,
        captions,
        alt="Left, the loss over w and b from above: rings around a bright bottom near w = −0.9, b "
        "= 9.8. A path starts at w = 2, b = 0, first runs quickly to the left, bends, and then "
        "creeps upward to the bottom in ever smaller steps. Right, the twenty men as points, waist "
        "across and chin-ups up, with a line and a bar from each point to it. The line first rises "
        "far too steeply, tips over, and then moves up until it falls gently through the middle of "
        "the points and the bars are short.",
    )
    print("\n".join(captions))


# %% [markdown] id="film-lesson"
# First across, then along: w is found within a few steps, b takes a hundred. Changing w tilts the line at every waist
# and costs much, so the ground is steep that way; along b it is nearly flat, and flat ground makes for small steps.
# Lesson 6 is about such valleys.
#
# What has it found? In this group, an inch more goes with 0.9 chin-ups fewer. The RMSE is 4.3, and the mean as guess
# for all would have 5.2. Not much better: a waist says a little, not a lot. One man, at 46 inches, is far from the
# others and pulls the line by himself. And nothing here says what *causes* what.

# %% [markdown] id="rates"
# ## The learning rate
#
# How long should a step be? Three rates, twenty steps each, from the same start:


# %% id="rates-run" role="demo"
@demo
def three_rates():
    for lr in (0.01, 0.05, 0.09):
        losses = [club_loss(line) for line in gradient_descent(club_slope, start, lr, steps=20)]
        print(
            f"lr = {lr}:  start {losses[0]:.1f}   after 5 steps {losses[5]:6.1f}   after 20 steps "
            f"{losses[20]:6.1f}"
        )


# %% [markdown] id="rates-question"
# The larger the rate, the lower we get. The bottom is at 18.45. So let us go on, from 0.09 to 0.11. First say what
# you expect; the cell after the question waits for your answer.

# %% id="rate-prediction" role="demo"
predict(
    "larger-rate",
    "lr = 0.11: what is the loss after 20 steps?",
    [
        "18.45: it is at the bottom",
        "between 18.5 and 62",
        "between 62 and 176",
        "more than at the start, 176",
    ],
)


# %% id="rate-run" role="demo"
@demo(after="larger-rate")
def larger_rate():
    losses = [club_loss(line) for line in gradient_descent(club_slope, start, lr=0.11, steps=40)]
    for steps in (0, 1, 2, 5, 10, 20, 40):
        print(f"after {steps:2} steps: {losses[steps]:14,.1f}")
    outcomes = {
        18.5: "18.45: it is at the bottom",
        62: "between 18.5 and 62",
        176: "between 62 and 176",
    }
    found = next(
        (name for most, name in outcomes.items() if losses[20] < most),
        "more than at the start, 176",
    )
    predict.reveal("larger-rate", found)


# %% [markdown] id="four-rates-intro"
# One step looks fine, the loss even falls. Then it flies off, faster and faster. Look at the four walks side by side.


# %% id="four-rates" role="demo"
@demo(after="larger-rate")
def four_rates():
    ground = plot.landscape(club_loss, (-6, 5), (-4, 22))
    steps = {0.01: 40, 0.05: 40, 0.09: 40, 0.11: 12}
    paths = {f"lr = {lr}": gradient_descent(club_slope, start, lr, steps[lr]) for lr in steps}
    plot.show(
        plot.descents(ground, paths),
        alt="The same valley four times, with four walks from the same start. At 0.01 the path is "
        "a smooth curve that stops halfway after 40 steps. At 0.05 it leaps to the valley floor "
        "and runs along it to the bottom. At 0.09 it zigzags from wall to wall, a little less each "
        "time, and arrives. At 0.11 each zigzag is wider than the one before, until the path "
        "leaves the picture on both sides.",
    )


# %% [markdown] id="four-rates-lesson"
# A step can be too long for its valley: it lands on the far wall, higher than it left. There the slope is steeper, so
# the next step is longer still. There is an edge, and here it lies at 0.101. Just below, a walk zigzags for long and
# arrives; just above, it never does.
#
# So if a loss rises and rises, or becomes `nan`: **first lower the learning rate**, by a factor of three or ten.

# %% [markdown] id="steer-intro"
# ### Take the wheel
#
# The same valley, and now you walk. Choose a learning rate, press a button, and read what became of the loss. The
# lower two sliders move the start. Use the mouse, or Tab, Space and the arrow keys. Three things to find out:
#
# 1. Keep one rate for all steps. How few of them bring the loss below 19?
# 2. Take twenty steps at 0.11, and look where you are. Is this walk lost? Go on with 0.05.
# 3. Change the rate on the way. Two steps are enough to come below 19. Which two?


# %% id="steer" role="demo"
@demo(after="larger-rate")
def take_the_wheel():
    ground = plot.landscape(club_loss, (-6, 5), (-4, 22))
    men = inches, chins, "waist, inches above 35", "chin-ups"
    steer(club_loss, club_slope, gradient_descent, start, ground, *men)


# %% [markdown] id="steer-answer"
# <details><summary>Compare</summary>1. Fourteen, at 0.09. Just beside it, 0.08 takes 16 steps and 0.1 takes 143.
# <br>2. The loss is beyond 48,000, and nothing is lost: two steps at 0.05 bring it down to 18.46. It was only the rate.
# <br>3. 0.05, then 0.5: the loss is 97.3, then 18.8. The first step settles the steep direction. On the flat ground that
# is left, 0.5 is a good rate, although it lies five times beyond the edge. No single rate suits both directions.</details>

# %% [markdown] id="round-valley-intro"
# Why not leave the valley as it is and take steps that suit it? Because it is easier to change the valley. Let us
# measure waists from their mean, and in units of their spread instead of inches.


# %% id="round-valley" role="demo"
@demo
def round_valley():
    spread = (waist - waist.mean()) / waist.std()

    def loss(line):
        return mse(line[0] * spread + line[1], chins)

    path = gradient_descent(lambda line: numeric_gradient(loss, line), start, lr=0.5, steps=3)
    for steps, line in enumerate(path):
        print(f"after {steps} steps: loss {loss(line):.2f}")


# %% [markdown] id="round-valley-lesson"
# One single step, and there we are. In these units the rings are circles, every slope points straight at the bottom,
# and 0.5 is exactly the right rate. That is why inputs are **standardized** before training: minus the mean, divided by
# the standard deviation. With many inputs, or a deep network, no valley gets quite as round, but it still helps.

# %% [markdown] id="two-knobs"
# ### Two knobs
#
# One article lets the learning rate decide how many inputs are shown before the weights change. Those are two knobs.
#
# - The **batch size** says *how many examples* speak before a step. Ours was always all of them.
# - The **learning rate** says *how long* the step is.
#
# Either can be changed without the other. Lesson 6 turns both.

# %% [markdown] id="sigmoid-intro"
# ## The loss must fit the output
#
# A sigmoid neuron says p = sigmoid(z). Why not train it on the squared error too? One article does: a sigmoid at the
# end, and RMSE as the loss. Let the label be 1, and look at what a nudge of z does to either loss. Both curves on
# the right come from your `numeric_gradient`.


# %% id="sigmoid" role="setup"
def sigmoid(z):
    """Lesson 2, in short."""
    return 1 / (1 + np.exp(-z))


def squared(z):
    """Squared error of a sigmoid neuron with sum z, where 1 is right. z (1,)"""
    return mse(sigmoid(z).reshape(1, 1), np.ones((1, 1)))


def cross(z):
    """Binary cross-entropy of the same neuron."""
    return bce(sigmoid(z).reshape(1, 1), np.ones((1, 1)))


def descend(loss, z):
    """Where 100 steps down a loss lead to from z."""
    path = gradient_descent(lambda z: numeric_gradient(loss, z), np.array([z]), lr=1.0, steps=100)
    return path[-1, 0]


# %% id="flat-when-wrong" role="demo"
@demo
def flat_when_wrong():
    z = np.linspace(-8, 8, 97)
    kinds = {"squared error": squared, "cross-entropy": cross}
    plot.show(
        plot.loss_and_slope(
            z,
            {name: [loss(np.array([a])) for a in z] for name, loss in kinds.items()},
            {
                name: [numeric_gradient(loss, np.array([a]))[0] for a in z]
                for name, loss in kinds.items()
            },
            xlabel="z of the neuron (right is 1)",
        ),
        alt="Two panels over z from −8, certain and wrong, to 8, certain and right. Left, the "
        "losses: cross-entropy falls in a straight line from 8 and bends to 0 near z = 0; the "
        "squared error is a flat plateau at 1, a drop around 0, and a plateau at 0. Right, their "
        "slopes: cross-entropy is near −1 wherever the neuron is wrong and goes to 0 where it is "
        "right; the squared error has a slope only around 0, and almost none at −8.",
    )
    print("100 steps from z = −6 with lr = 1:")
    for name, loss in kinds.items():
        slope = numeric_gradient(loss, np.array([-6.0]))[0]
        print(
            f"{name:>14}: slope at the start {slope:7.4f}, p at the end "
            f"{sigmoid(descend(loss, -6.0)):.3f}"
        )


# %% [markdown] id="flat-when-wrong-lesson"
# Certain and wrong: that is when a neuron has most to learn, and where the squared error is flat. It stands on a plain
# and does not know where to go. The logarithm undoes the flatness of the sigmoid, and the slope of BCE along z comes
# out as simple as can be: p − y. (With the root it is no better: RMSE of one example is flat there too.)
#
# | you predict | last step of the network | loss |
# |---|---|---|
# | a quantity | none | MSE, reported as RMSE |
# | yes or no | sigmoid | BCE |
# | one of C classes | softmax | cross-entropy, from logits |

# %% [markdown] id="desired"
# ## "Until the desired accuracy"
#
# One article lets training run "until the model gives the desired accuracy". On which examples? Let us follow that
# advice with diabetes: ten measurements a patient, a weight for each, a bias, and your descent on the MSE. But only
# **15 patients** to learn from. A second curve watches 142 others, which are never trained on: the **validation** set.
#
# One split could be luck, so the curves are means over ten.

# %% id="patients" role="setup"
patients, progress = data.diabetes()


def train(seed, count, steps=150):
    """Learn from `count` patients -> RMSE after every step: on them, on 142 others, and of the mean
    as guess."""
    order = np.random.default_rng(seed).permutation(len(patients))
    known, others = order[:count], order[300:]
    mean, spread = patients[known].mean(axis=0), patients[known].std(axis=0)
    inputs = np.column_stack([(patients - mean) / spread, np.ones(len(patients))])

    def loss(w, rows=known):
        return mse(inputs[rows] @ w.reshape(-1, 1), progress[rows])

    path = gradient_descent(lambda w: numeric_gradient(loss, w), np.zeros(11), 0.1, steps)
    baseline = mse(np.full((142, 1), progress[known].mean()), progress[others]) ** 0.5
    return [loss(w) ** 0.5 for w in path], [loss(w, others) ** 0.5 for w in path], baseline


# %% id="validation" role="demo"
@demo
def validation():
    runs = [train(seed, count=15) for seed in range(10)]
    learned, others, baseline = (np.mean([run[k] for run in runs], axis=0) for k in range(3))
    plot.show(
        plot.training(
            {"the 15 it learns from": learned, "142 others": others},
            "RMSE",
            baseline,
            "the mean as guess for all",
        ),
        alt="RMSE over 150 steps of descent. On the 15 patients it falls all the time, from 168 to "
        "29. On the 142 others it falls with it at first, to 72 after 11 steps, then turns and "
        "climbs to 98. It crosses a dotted line at 80, the mean as guess for all, on the way down "
        "and again on the way up.",
    )
    best = int(np.argmin(others))
    print(
        f"after {best:3} steps: {learned[best]:5.1f} on the 15, {others[best]:5.1f} on the others"
    )
    print(
        f"after 150 steps: {learned[-1]:5.1f} on the 15, {others[-1]:5.1f} on the others, baseline "
        f"{baseline:.1f}"
    )


# %% [markdown] id="validation-lesson"
# Whatever you desire, 15 patients will give it to you: 60, 40, 30. Step by step the weights learn these fifteen by
# heart, accidents included. About everyone else the model ends up *worse than a guess that looks at nobody*.
#
# So a low training loss says that descent works. Whether the model is any good, only examples can tell that it has
# not learned from. When to stop, and what else helps, is lesson 8. The best cure you can try at once: more patients.


# %% id="more-patients" role="demo"
@demo
def more_patients():
    runs = [train(seed, count=300) for seed in range(5)]
    learned, others, baseline = (np.mean([run[k] for run in runs], axis=0) for k in range(3))
    print(
        f"300 patients: {learned[-1]:.1f} on them, {others[-1]:.1f} on the others, baseline "
        f"{baseline:.1f}"
    )


# %% [markdown] id="price"
# ## What it costs
#
# You now own a machine that can train *anything* that has a loss. It has one flaw. Every step asks for the loss
# twice per parameter. A line has 2 of them: 4 questions. VGG16, from lesson 3, has 138,357,544. One single step would
# take 276,715,088 passes through the network.
#
# Lesson 5 gets the same gradient, all of it, for the price of about three passes. And it will use the machine you have
# just written, to check that it is right.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **1805.** Adrien-Marie Legendre publishes least squares, to compute the orbits of comets. Carl Friedrich Gauss
#   says in 1809 that he has used them since 1795, and they quarrel.
# - **1847.** Augustin-Louis Cauchy goes down a slope in steps. He, too, wants to compute orbits, and needs three pages.
# - **1952.** Irving John Good proposes to pay forecasters by the logarithm of the probability they gave. Under this
#   price it never pays to say anything but what you believe.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about earlier ones. Answer from memory: the effort of recalling is what makes it
# stay. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("04_loss_and_slope")

# %% [markdown] id="take-along"
# ## What to take along
#
# - A loss is one number for "wrong". Quantities: MSE. Yes or no: BCE. Classes: cross-entropy, from logits.
# - A network that knows nothing pays log C.
# - Slope: nudge both ways, divide by 2ε. All slopes together are the gradient.
# - Descent: minus the learning rate times the gradient, again and again. Too small crawls, too large flies off.
# - A low training loss says that training works. Only other examples say that the model does.
# - Look at shapes: (N, 1) against (N,) is (N, N), and nothing complains.
#
# **Next: lesson 5, backprop.** All slopes at once, backward through the network.

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Train the line on the mean of the absolute errors instead of the squares. The man at 46 inches pulls less.
# And which single guess for all makes that loss smallest? With squares it was the mean.
#
# **Where is the edge?** Along a direction in which the slope changes by h per unit, a step multiplies the distance to
# the bottom by 1 − lr · h. It shrinks as long as lr < 2 / h. For the club the largest h is 19.84, and 2 / 19.84 = 0.101.
# In our bowl, f(x) = x², h is 2: try `lr=1` and `lr=1.1`.
#
# **Why the logarithm?** Multiply the probabilities that your model gave to all that happened: that is the likelihood
# of the data. The logarithm turns the product into a sum, the minus turns the best into the lowest. So whoever lowers
# a cross-entropy looks for the model under which the data are most probable.
#
# **Read.**
# - A.-M. Legendre, *Nouvelles méthodes pour la détermination des orbites des comètes*, Paris (1805); its appendix is
#   the method of least squares
# - A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", *Comptes rendus de
#   l'Académie des Sciences* 25 (1847), 536–538
# - C. Lemaréchal, "Cauchy and the gradient method", *Documenta Mathematica*, Extra Volume ISMP (2012), 251–254
# - I. J. Good, "Rational decisions", *Journal of the Royal Statistical Society B* 14 (1952), 107–114
# - P. Golik, P. Doetsch and H. Ney, "Cross-entropy vs. squared error training: a theoretical and experimental
#   comparison", *Interspeech* (2013), 1756–1760
# - B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, "Least angle regression", *Annals of Statistics* 32 (2004),
#   407–499: the diabetes data
# - M. Tenenhaus, *La régression PLS: théorie et pratique*, Technip (1998): the fitness club
# - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press (2016), chapters 4.3 and 6.2
