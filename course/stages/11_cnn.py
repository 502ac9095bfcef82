# %% [markdown] id="title"
# # 11 · CNN
#
# **Move a digit by two pixels, and your network can no longer read it. How would you build one that can?**
#
# You are about to teach a computer to look. One small idea does it: a window that slides over the picture. With it you
# find every edge in a photograph, build a network that reads digits better than any of yours so far, and look
# inside to see what it looks for. Then you move the digits, and there is a surprise for everybody who has read that
# such networks do not mind.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - slide a filter over a picture, forward and backward, with padding and strides
# - pool, and say what pooling is good for
# - count what a convolutional network computes and stores, layer by layer, before anyone has run it
# - test what people say about such networks: edges, then parts, then wholes

# %% id="imports" role="setup"
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from course import check, data, demo, hint, library, plot, predict, quiz
from course.bar import bar

one_core = threadpool_limits(1)  # sums this small are done before a second core has started

# %% [markdown] id="unrelated"
# ## 64 columns of a table
#
# What does a network know about a picture before it has learned anything? So far, nothing. To a dense layer the 64
# pixels of a digit are 64 columns of a table. That two of them are neighbors, it is never told.
#
# You have met the price in lesson 8. Digits were moved by a single pixel, and a network that had read three of four
# could read one of three. Every pixel has weights of its own, and the moved strokes fall on others, which have learned
# nothing of strokes.
#
# So let us build in two things that everybody knows about pictures:
#
# - What belongs together lies **close together**. An edge, a corner, the end of a stroke fit into a small window.
# - What is worth finding in one place is worth finding **everywhere**. So the same weights should look everywhere.

# %% [markdown] id="slide-by-hand"
# ## A window that slides
#
# ### By hand, in one dimension
#
# Six pixels in a row, dark, dark, bright, bright, bright, dark:
#
# 0 0 5 5 5 0
#
# And a tiny **filter** of two weights: −1 and 1. Lay it on the first two pixels, multiply what lies on top of each
# other, and add up: −1 · 0 + 1 · 0 = 0. Move on by one pixel, and do it again.
#
# | the filter lies on | sum | output |
# |---|---|---|
# | **0 0** 5 5 5 0 | −0 + 0 | 0 |
# | 0 **0 5** 5 5 0 | −0 + 5 | **5** |
# | 0 0 **5 5** 5 0 | −5 + 5 | 0 |
# | 0 0 5 **5 5** 0 | −5 + 5 | 0 |
# | 0 0 5 5 **5 0** | −5 + 0 | **−5** |
#
# The output has found two things: where it gets brighter, 5, and where it gets darker, −5. Where nothing changes, it
# is 0. Two weights do that, for a row of any length.
#
# It is the weighted sum of lesson 1, once for each place.

# %% [markdown] id="film-intro"
# ### In two dimensions
#
# A filter of 3 × 3 on a picture of 5 × 5. Its left column is −1, its right column 1: it asks how much brighter it
# is on the right. Press **Play**, or move the slider with the arrow keys. Work out one number before you see it.


# %% id="film" role="demo"
small_picture = np.array(
    [[0, 0, 5, 5, 5], [0, 0, 5, 5, 5], [0, 0, 5, 5, 0], [0, 5, 5, 0, 0], [0, 5, 5, 0, 0]]
)
brighter_right = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])


@demo
def film():
    output, figures, captions = np.full((3, 3), np.nan), [], []
    for h in range(3):
        for w in range(3):
            window = small_picture[h : h + 3, w : w + 3]
            output[h, w] = np.sum(window * brighter_right)
            figures.append(plot.sliding(small_picture, brighter_right, output, (h, w)))
            right, left = (" + ".join(map(str, window[:, side])) for side in (2, 0))
            captions.append(
                f"row {h}, column {w}: {right} − ({left}) = {output[h, w]:.0f}".replace("-", "−")
            )
    plot.film(
        figures,
        captions,
        alt="Three grids of numbers. Left the picture of 5 by 5 pixels, dark on the left with a "
        "bright shape on the right. In the middle the filter of 3 by 3: minus ones, zeros, ones. "
        "Right the output of 3 by 3, empty at first. A frame moves over the picture from place to "
        "place, row by row, and each time one number of the output appears. At the end the output "
        "reads 15, 15, minus 5; then 15, 5, minus 10; then 15, minus 5, minus 15.",
    )
    print("\n".join(captions))


# %% [markdown] id="film-lesson"
# 15 where a whole edge passes upright through the window, something smaller where only a part of it does, and below
# zero where it gets darker. The output is called a **feature map**: for every place it says how much of the feature is
# there.
#
# The weights of a filter, its **kernel**, are not invented by anybody. They are parameters. Training finds them, like
# all others.

# %% [markdown] id="size-by-hand"
# ## How often does it fit?
#
# Five pixels, a filter of three: it fits at three places. The output is smaller than the picture. Two numbers change
# that.
#
# **Padding**: `pad` zeros are added at both ends of every row and every column. With `pad` = 1 the five pixels become
# seven, and the filter fits five times: the output is as large as the picture.
#
# **Stride**: the filter moves on by `stride` pixels. With a stride of 2 every second place is skipped, and the output
# is half as large.
#
# ### By hand
#
# | pixels | filter | pad | stride | it begins at | places |
# |---|---|---|---|---|---|
# | 5 | 3 | 0 | 1 | 0, 1, 2 | **3** |
# | 5 | 3 | 1 | 1 | 0, 1, 2, 3, 4 of 7 | **5** |
# | 7 | 3 | 0 | 2 | 0, 2, 4 | **3** |
# | 8 | 3 | 0 | 2 | 0, 2, 4 | **3** |
#
# In the last row one pixel is left over. At 6 the filter would reach for a ninth pixel, and there is none. So the rest
# is dropped.

# %% [markdown] id="size-task"
# ### As a formula
#
# $$\text{out} = \left\lfloor \frac{\text{size} + 2 \cdot \text{pad} - k}{\text{stride}} \right\rfloor + 1$$
#
# k is the filter's side. The brackets ⌊ ⌋ say: round down. Read it from the left: so many pixels are there; k of them
# are used up by the first place; how many steps fit into the rest; and one, for the first place itself.
#
# **Your turn.** In Python, `//` divides and rounds down.

# %% exercise="conv_out_size"

# %% [markdown] id="size-use-intro"
# Nearly every error message in this field is about a size. So here is your function on layers you will meet today,
# and on two that have made history.


# %% id="size-use" role="demo"
@demo
def some_sizes():
    for what, size, k, stride, pad in (
        ("3 × 3 on 28 pixels", 28, 3, 1, 0),
        ("the same with padding", 28, 3, 1, 1),
        ("windows of 2 × 2 on 11, stride 2", 11, 2, 2, 0),
        ("LeNet, 1998: 5 × 5 on 32", 32, 5, 1, 0),
        ("AlexNet, 2012: 11 × 11, stride 4", 227, 11, 4, 0),
    ):
        print(f"{what:34} {size:3} pixels -> {conv_out_size(size, k, stride, pad):3}")


# %% [markdown] id="channels"
# ## Channels and filters
#
# A photograph has three **channels**: red, green, blue. So each pixel is three numbers, and a filter needs weights for
# all of them. A filter of 3 × 3 on a photograph has 3 · 3 · 3 = 27 weights. It is still *one* weighted sum per place,
# now over 27 numbers, plus one bias.
#
# And one filter is not enough. F filters give F feature maps, and these are the channels of the next layer. So
# everything has four axes:
#
# | | shape | |
# |---|---|---|
# | pictures `X` | (N, C, H, W) | N pictures, C channels, H rows, W columns |
# | filters `K` | (F, C, k, k) | F filters, each C channels deep |
# | biases `b` | (F,) | one per filter |
# | output `Y` | (N, F, Ho, Wo) | F channels |
#
# $$Y_{n f h w} = b_f + \sum_c \sum_i \sum_j P_{n,\, c,\, h s + i,\, w s + j} \; K_{f c i j}$$
#
# P is X with its padding, and s the stride. Read it from the right: entry (i, j) of the filter meets the pixel that
# lies i rows below and j columns right of the place where the window begins.

# %% [markdown] id="taps"
# ### Turn the loops inside out
#
# As it stands the formula is seven loops: over n, f, h, w, and inside over c, i, j. Python would need minutes for what
# we have in mind. But look at it from the filter's side. Its entry (i, j) is called a **tap**. At every place it meets
# one pixel. All the pixels it ever meets, taken together, are *the picture itself, moved* by i rows and j columns.
#
# The row of six again, and its filter −1, 1:
#
# | | | |
# |---|---|---|
# | tap 0 | −1 · (0 0 5 5 5) | 0 0 −5 −5 −5 |
# | tap 1 | 1 · (0 5 5 5 0) | 0 5 5 5 0 |
# | | sum | **0 5 0 0 −5** |
#
# The same output. So two loops are enough, over i and j. For each tap: cut out what it sees, multiply by its weight,
# add to Y.
#
# With a stride s the tap sees every s-th pixel. The slice `i : i + s * Ho : s` begins at i, moves on by s, and takes
# Ho of them.

# %% [markdown] id="einsum"
# ### A product that says what it does
#
# One thing is left: the sum over the channels. `np.einsum` multiplies arrays and takes its orders in letters, one for
# each axis.
#
# - `np.einsum("d,d->", x, w)`: both have an axis d, the result has none. So multiply along d and add up. It is the
#   weighted sum.
# - `np.einsum("nd,dm->nm", x, w)`: d has gone, so it is summed over. n and m stay. It is a dense layer.
#
# What stands on the left and not on the right is summed over. That is all.
#
# For one tap: `seen` has the axes n, c, h, w. The tap's weights `K[:, :, i, j]` have f and c. What comes out has n, f,
# h, w.

# %% [markdown] id="conv-task"
# **Your turn.** Two blanks: what the tap sees, cut out of the four axes of `P`, and what goes into the product.
# `b[:, None, None]` gives the biases two more axes of length 1, so that each spreads over its whole map.

# %% exercise="conv2d_forward"

# %% [markdown] id="photographs-intro"
# ## Edges
#
# Now let it loose on photographs: a temple and a flower. Three filters, and these ones people have invented:
#
# - one of 1 × 1 with three channels: 0.299 red + 0.587 green + 0.114 blue. That is how bright a color looks to people.
#   A 1 × 1 filter sees no neighbors, it only mixes channels
# - on the gray picture, one of 3 × 3 that asks how much brighter it is on the *right*, as in the film, with the middle
#   row counted twice
# - the same, turned: how much brighter is it *below*?


# %% id="photographs" role="demo"
GRAY = np.array([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)
RIGHT = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
TWO_EDGES = np.stack([RIGHT, RIGHT.T])[:, None]  # (2, 1, 3, 3)


@demo
def edges():
    rows = []
    for name, photograph in data.photographs().items():
        gray = conv2d_forward(photograph[None], GRAY, np.zeros(1), 1, 0)
        right, below = conv2d_forward(gray, TWO_EDGES, np.zeros(2), 1, 1)[0]
        strength = np.sqrt(right**2 + below**2)
        rows.append(
            [
                (name, photograph, "color"),
                ("brighter on the right", right, "signed"),
                ("brighter below", below, "signed"),
                ("how strong an edge", strength, "drawing"),
            ]
        )
    plot.show(
        plot.views(rows),
        alt="Two rows of four pictures. Above, a Chinese temple with curved roofs before a sky; "
        "below, a large flower. Beside each photograph, what two filters find. The first shows "
        "upright edges: columns, the sides of petals, blue where it gets brighter to the right, "
        "orange where it gets darker. The second shows level edges: the rims of the roofs. The "
        "last combines both and looks like a drawing in pencil.",
    )


# %% [markdown] id="photographs-lesson"
# Twice nine weights, and a photograph becomes a drawing. The roofs are made of level edges, the columns of upright
# ones. And in a plain sky nothing is found, because the weights of an edge filter add up to 0.
#
# **A word on names.** What you have written is called *convolution* everywhere in deep learning. Mathematicians have
# another name for it, *cross-correlation*. Their convolution turns the filter around first, by half a turn. For a
# network that is all the same: it would learn the turned weights. But if you compare with `scipy.signal.convolve`, you
# will be off, and now you know why.

# %% [markdown] id="shared"
# ### What sharing saves
#
# Eight feature maps of a page of 12 × 12 pixels. A dense layer that gives as many outputs has 144 inputs and 8 · 144
# = 1152 units:
#
# 144 · 1152 + 1152 = **167,040** parameters
#
# The convolution has 8 filters of 3 · 3 weights, and 8 biases:
#
# 8 · 9 + 8 = **80** parameters
#
# And there is something that no saving could buy. Move the picture, and the feature maps move along. Look.

# %% id="digits" role="setup"
pictures, digits = data.digits()
# One split for everybody, the one of lesson 6.
order = np.random.default_rng(0).permutation(len(digits))
pictures, digits = (pictures[order] / 16).astype(np.float32).reshape(-1, 1, 8, 8), digits[order]
learn, look, test = slice(0, 1100), slice(1100, 1400), slice(1400, None)


def page(rows, down=0, right=0):
    """Digits on a page of 12 × 12, in the middle or moved by up to two pixels -> X (N, 1, 12, 12),
    labels (N,)"""
    X = np.zeros((len(digits[rows]), 1, 12, 12), np.float32)
    X[:, :, 2 + down : 10 + down, 2 + right : 10 + right] = pictures[rows]
    return X, digits[rows]


# %% id="moves-along" role="demo"
@demo
def moves_along():
    kernels = np.random.default_rng(0).normal(size=(8, 1, 3, 3)).astype(np.float32)
    bias = np.zeros(8, np.float32)
    first = conv2d_forward(page(look)[0], kernels, bias, 1, 1)
    moved = conv2d_forward(page(look, down=1, right=1)[0], kernels, bias, 1, 1)
    print(
        "moved before the convolution, or after it: the same?",
        np.allclose(first[..., :-1, :-1], moved[..., 1:, 1:]),
    )


# %% [markdown] id="moves-along-lesson"
# The same. Whoever likes long words says that a convolution is **equivariant** to shifts: what goes in
# moved comes out moved. It is *not* invariant. That would mean: comes out the same. Keep the difference in mind. A
# surprise is waiting there.

# %% [markdown] id="pool"
# ## Pooling
#
# "What is pooling? How does it work?" is on an article's list of interview questions. Here is the answer.
#
# A feature map says precisely where an edge lies. For reading a digit, roughly will do. So divide the map into windows
# of 2 × 2, and of each keep only the largest entry. The next layer gets a quarter of the numbers, and a stroke that
# moves by a pixel often stays in its window. This is **max pooling**. It has no parameters: nothing is learned here.
#
# ### By hand
#
# | | | | |
# |---|---|---|---|
# | 1 | **3** | 0 | 0 |
# | 2 | 0 | 0 | **4** |
# | **5** | 1 | −1 | −2 |
# | 0 | 2 | **0** | −3 |
#
# Windows of 2 × 2, stride 2: the output is 3, 4 in the first row and 5, 0 in the second.
#
# $$Y_{n c h w} = \max_{0 \le i, j < k} X_{n,\, c,\, h s + i,\, w s + j}$$
#
# Windows need not lie side by side. With k = 3 and stride 2 they overlap. And what does not fill a whole window is
# dropped, as above.

# %% [markdown] id="pool-task"
# **Your turn.** Any way will do. Two loops over the places h and w, for example, or over the k · k taps: the largest of
# k · k moved pictures. `np.max(a, axis=(2, 3))` takes the largest along two axes at once, `np.maximum(a, b)` entry by
# entry. Mind that a whole window may be below zero.

# %% exercise="maxpool_forward"

# %% [markdown] id="means-task"
# ### All the way
#
# One can go further and pool the *whole* map into one number. Usually the mean is taken: **global average pooling**.
#
# $$Y_{n c} = \frac{1}{H W} \sum_h \sum_w X_{n c h w}$$
#
# From (N, C, H, W) to (N, C), whatever H and W are. It says of each feature how much of it is in the picture, and not
# where. Later today this small line does something that convolutions alone cannot.
#
# **Your turn.** One line.

# %% exercise="global_average_pool"

# %% [markdown] id="back-by-hand"
# ## The way back
#
# To train filters you need their gradients. Two rules of lesson 5 are all it takes: along a chain slopes multiply, and
# *where one number is used several times, they add up*. A filter is used at every place. And a pixel is used by every
# window that covers it.
#
# ### By hand
#
# Three pixels 2, 1, 3. A filter of two weights, 4 and 5, no bias. Two places:
#
# - y₀ = 2 · 4 + 1 · 5 = 13
# - y₁ = 1 · 4 + 3 · 5 = 19
#
# Say the loss has the slopes dy₀ = 1 and dy₁ = 10. Who had a part in what?
#
# | | used in | slope |
# |---|---|---|
# | weight 4 | y₀ with pixel 2, y₁ with pixel 1 | 1 · 2 + 10 · 1 = **12** |
# | weight 5 | y₀ with pixel 1, y₁ with pixel 3 | 1 · 1 + 10 · 3 = **31** |
# | bias | y₀ and y₁ | 1 + 10 = **11** |
# | pixel 2 | y₀ with weight 4 | 1 · 4 = **4** |
# | pixel 1 | y₀ with weight 5, y₁ with weight 4 | 1 · 5 + 10 · 4 = **45** |
# | pixel 3 | y₁ with weight 5 | 10 · 5 = **50** |
#
# The pixel in the middle is what this is about: two windows have seen it, and each sends something back.

# %% [markdown] id="back-formula"
# ### As a formula
#
# For each tap (i, j), with `seen` the pixels that it met on the way forward:
#
# $$dK_{f c i j} = \sum_n \sum_h \sum_w dY_{n f h w} \; \text{seen}_{n c h w} \qquad\qquad
# d\,\text{seen}_{n c h w} \mathrel{+}= \sum_f dY_{n f h w} \; K_{f c i j}$$
#
# and $db_f = \sum_n \sum_h \sum_w dY_{n f h w}$.
#
# So the way back walks over the same taps and cuts the same slices. On the left it reads them, on the right it *adds*
# to them.

# %% [markdown] id="back-task"
# **Your turn.** No blanks this time, but your forward function is a good start. The steps:
#
# 1. Pad X to P as before. Make dP, zeros like P, and dK, zeros like K.
# 2. For each tap take the same slice. `dK[:, :, i, j]` is a product of dY and `P[slice]`: which letters disappear?
# 3. Into `dP[slice]`, *add* a product of dY and `K[:, :, i, j]`.
# 4. Nobody asked for the gradient of the padding. Cut it off dP.
# 5. Return dX, dK, db.
#
# A slice can have a name: `np.s_[:, :, 0:4]` is the thing between the brackets.

# %% exercise="conv2d_backward"

# %% [markdown] id="nudge-intro"
# Every backward pass deserves one check by nudging: that was the advice of lesson 5. Take random pictures and a random
# dY, and let the "loss" be the sum of dY · Y. Nudge all pixels, all weights or all biases along a random direction, by
# a millionth, and compare.


# %% id="nudge" role="demo"
@demo
def nudged():
    rng = np.random.default_rng(0)
    X, K, b = rng.normal(size=(4, 3, 7, 8)), rng.normal(size=(2, 3, 3, 3)), rng.normal(size=2)
    for stride, pad in ((1, 0), (1, 1), (2, 1)):
        dY = rng.normal(size=conv2d_forward(X, K, b, stride, pad).shape)
        slopes = conv2d_backward(dY, X, K, stride, pad)
        errors = []
        for which, slope in enumerate(slopes):
            way, losses = rng.normal(size=slope.shape), []
            for step in (1e-6, -1e-6):
                args = [X, K, b]
                args[which] = args[which] + step * way
                losses.append(np.sum(dY * conv2d_forward(*args, stride, pad)))
            found, expected = (losses[0] - losses[1]) / 2e-6, np.sum(slope * way)
            errors.append(abs(found - expected) / abs(expected))
        print(
            f"stride {stride}, pad {pad}: relative errors of dX, dK, db:",
            ", ".join(f"{e:.0e}" for e in errors),
        )


# %% [markdown] id="pool-back"
# ### Back through a maximum
#
# Nudge an entry that is not the largest of its window, and the output does not move: its slope is 0. Nudge the largest,
# and the output moves just as much: its slope is 1. So all of the gradient goes to the winner, and nobody else gets
# anything.
#
# The example from above, with slopes 10, 20, 30 and 40 coming back:
#
# | | | | |
# |---|---|---|---|
# | 0 | **10** | 0 | 0 |
# | 0 | 0 | 0 | **20** |
# | **30** | 0 | 0 | 0 |
# | 0 | 0 | **40** | 0 |
#
# Two rules for the special cases. If several entries are equally large, the *first* of them gets it, reading row by
# row. And if windows overlap, one entry may win several of them: then its prizes add up.

# %% [markdown] id="pool-back-task"
# **Your turn.** The lines are all there, out of order. What they do:
#
# - `window` is laid out as rows of k · k entries, and `argmax` names the first of the largest.
# - `np.divmod(m, k)` turns its number m into a row and a column of the window.
# - `np.ogrid` counts through all pictures and channels, so that one line with `dX[n, c, …, …]` serves all of them.

# %% exercise="maxpool_backward"

# %% [markdown] id="four-ways-intro"
# ## Four ways to compute the same
#
# Your function is one way to convolve. Here are three others.
#
# **Seven loops.** The formula, word for word.
#
# **Seven loops, compiled.** The same lines with `numba.njit`. Lesson 9 is about that; here you need not know more than:
# it translates loops into machine code.
#
# **im2col.** "Image to columns". Copy the window at every place into a row of its own, k · k · C numbers long. The
# filters become the columns of a matrix. Then all weighted sums are *one matrix product*, and for that computers have
# been tuned for decades. The row of six, again:
#
# | windows | | filter | | output |
# |---|---|---|---|---|
# | 0 0 | | | | 0 |
# | 0 5 | | −1 | | 5 |
# | 5 5 | · | 1 | = | 0 |
# | 5 5 | | | | 0 |
# | 5 0 | | | | −5 |
#
# The price is memory: with 3 × 3 filters every pixel is written down nine times.

# %% [markdown] id="four-ways-run-intro"
# The race: 32 pages of 14 × 14, 8 channels, 16 filters of 3 × 3. That makes 5.3 million multiplications. To keep the
# others short, they do without bias, stride and padding. The loops in plain Python run on one page only, and their time
# is taken 32 times.


# %% id="four-ways" role="demo"
def seven_loops(X, K):
    (N, C, H, W), (F, _, k, _) = X.shape, K.shape
    Y = np.zeros((N, F, H - k + 1, W - k + 1), X.dtype)
    for n in range(N):
        for f in range(F):
            for h in range(H - k + 1):
                for w in range(W - k + 1):
                    for c in range(C):
                        for down in range(k):
                            for right in range(k):
                                Y[n, f, h, w] += X[n, c, h + down, w + right] * K[f, c, down, right]
    return Y


def im2col(X, K):
    # (N, C, Ho, Wo, k, k)
    windows = np.lib.stride_tricks.sliding_window_view(X, K.shape[2:], axis=(2, 3))
    N, _, Ho, Wo, _, _ = windows.shape
    rows = windows.transpose(0, 2, 3, 1, 4, 5).reshape(N * Ho * Wo, K[0].size)
    return (rows @ K.reshape(len(K), -1).T).reshape(N, Ho, Wo, len(K)).transpose(0, 3, 1, 2)


def fastest(function, *args, runs=5):
    """Seconds that a call takes, the fastest of several, and what it returns."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        result = function(*args)
        times.append(time.perf_counter() - start)
    return min(times), result


@demo
def four_ways():
    import numba

    rng = np.random.default_rng(0)
    X, K = (rng.normal(size=shape).astype(np.float32) for shape in [(32, 8, 14, 14), (16, 8, 3, 3)])
    compiled = numba.njit(seven_loops)
    compiled(X[:1], K)  # the first call compiles
    slow, expected = fastest(seven_loops, X[:1], K, runs=1)
    results = {
        "seven loops": (32 * slow, expected),
        "your conv2d_forward": fastest(conv2d_forward, X, K, np.zeros(16, np.float32), 1, 0),
        "im2col": fastest(im2col, X, K),
        "seven loops, compiled": fastest(compiled, X, K),
    }
    for name, (seconds, Y) in results.items():
        print(
            f"{name:22} {1000 * seconds:9.2f} ms, {32 * slow / seconds:7,.0f} times as fast",
            end=", ",
        )
        print(f"largest difference {np.abs(Y[:1] - expected).max():.0e}")


# %% [markdown] id="four-ways-lesson"
# Same numbers, up to rounding, and hundreds of times apart. (All of them on one core.)
#
# Are you surprised that the compiled loops are not the fastest? NumPy's products of whole arrays are compiled too, and
# they work on several numbers with every instruction. Lesson 9 is about such things, and you can take it at any time.
#
# Should your own function be slow, then it walks over places and not over taps. It is right, but the networks below
# would take hours with it.

# %% [markdown] id="library"
# ## Your library
#
# Time to put the pieces together. A **layer** is three functions and a name:
#
# - `shape`: from the shape that comes in to the shape that goes out, and which parameters it takes
# - `forward`: from what comes in to what goes out, and what to keep for the way back
# - `backward`: from the slope at the output to the slope at the input, and the slopes of its parameters
#
# A network is a list of layers. Read two or three of them; all do what you wrote in this or an earlier lesson. And for a
# dense layer they take just that: yours, where `my_library.py` has it.


# %% id="layers" role="setup"
class Layer(NamedTuple):
    """shape(*sizes) -> (sizes, shapes of the parameters)
    forward(X, params, rng) -> (Y, kept)   rng is None in use, and a generator while training
    backward(dY, kept, params) -> (dX, slopes of the parameters)
    """

    name: str
    shape: Callable
    forward: Callable
    backward: Callable


def conv(F, k, pad=0):
    """F filters of k × k."""

    def shape(C, H, W):
        return (F, conv_out_size(H, k, 1, pad), conv_out_size(W, k, 1, pad)), [(F, C, k, k), (F,)]

    def forward(X, params, rng):
        return conv2d_forward(X, *params, 1, pad), X

    def backward(dY, X, params):
        dX, *slopes = conv2d_backward(dY, X, params[0], 1, pad)
        return dX, slopes

    return Layer(f"conv {k} × {k}", shape, forward, backward)


def pool(k):
    """The largest of each window of k × k, side by side."""
    return Layer(
        f"pool {k} × {k}",
        lambda C, H, W: ((C, conv_out_size(H, k, k), conv_out_size(W, k, k)), []),
        lambda X, params, rng: (maxpool_forward(X, k, k), X),
        lambda dY, X, params: (maxpool_backward(dY, X, k, k), []),
    )


def means_backward(dY, X, params):
    """Every pixel gets an equal share."""
    return np.broadcast_to(dY[:, :, None, None] / X[0, 0].size, X.shape).astype(X.dtype), []


means = Layer(
    "global means",
    lambda C, H, W: ((C,), []),
    lambda X, params, rng: (global_average_pool(X), X),
    means_backward,
)
relu = Layer(  # lesson 2, and its gate of lesson 5
    "ReLU",
    lambda *sizes: (sizes, []),
    lambda X, params, rng: (np.maximum(X, 0), X),
    lambda dY, X, params: (dY * (X > 0), []),
)
flatten = Layer(  # one long row for each picture
    "flatten",
    lambda *sizes: ((int(np.prod(sizes)),), []),
    lambda X, params, rng: (X.reshape(len(X), -1), X.shape),
    lambda dY, shape, params: (dY.reshape(shape), []),
)


@library.yours(lesson=3)
def dense_forward(x, w, b):
    return x @ w + b


@library.yours(lesson=5)
def dense_backward(dy, x, w):
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)


def dense(M):
    """M units, each connected to all."""

    def backward(dY, X, params):
        dX, *slopes = dense_backward(dY, X, params[0])
        return dX, slopes

    return Layer(
        f"dense {M}",
        lambda D: ((M,), [(D, M), (M,)]),
        lambda X, params, rng: (dense_forward(X, *params), X),
        backward,
    )


def dropout(p):
    """While training, silence a share p of what comes in (lesson 8)."""

    def forward(X, params, rng):
        mask = (
            1 if rng is None else (rng.random(X.shape) >= p).astype(X.dtype) / X.dtype.type(1 - p)
        )
        return X * mask, mask

    return Layer(
        f"dropout {p}",
        lambda *sizes: (sizes, []),
        forward,
        lambda dY, mask, params: (dY * mask, []),
    )


# %% [markdown] id="network-intro"
# And here is what turns a list of layers into a network that learns: first weights by He's rule (lesson 7), the way
# forward and back (lesson 5), Adam with a rate that falls along half a cosine (lesson 6). It computes in float32:
# precise enough, and half of the memory.


# %% id="network" role="setup"
def begin(plan, sizes, rng):
    """First parameters, a list for each layer."""
    params = []
    for layer in plan:
        sizes, shapes = layer.shape(*sizes)
        # Fan-in (lesson 7): C · k · k for filters (F, C, k, k), D for dense weights (D, M).
        fan_in = (
            np.prod(shapes[0]) / (shapes[0][0] if len(shapes[0]) == 4 else shapes[0][1])
            if shapes
            else 1
        )
        params.append(
            [
                rng.normal(0, np.sqrt(2 / fan_in) * (len(s) > 1), s).astype(np.float32)
                for s in shapes
            ]
        )
    return params


def run(plan, params, X, rng=None):
    """-> what comes out after each layer, the pictures themselves first; and what each layer
    keeps"""
    outputs, kept = [X], []
    for layer, mine in zip(plan, params, strict=True):
        Y, keep = layer.forward(outputs[-1], mine, rng)
        outputs.append(Y)
        kept.append(keep)
    return outputs, kept


def log_shares(Z):
    """The logarithm of the softmax of each row."""
    Z = Z - Z.max(axis=1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


def slopes(plan, params, X, y, rng):
    """-> the loss, the share that is right, and the slopes: a list for each layer"""
    outputs, kept = run(plan, params, X, rng)
    log_p, rows = log_shares(outputs[-1]), np.arange(len(y))
    loss, right = -log_p[rows, y].mean(), np.mean(log_p.argmax(axis=1) == y)
    dY, found = np.exp(log_p), []
    dY[rows, y] -= 1
    dY /= len(y)
    for layer, keep, mine in zip(plan[::-1], kept[::-1], params[::-1], strict=True):
        dY, these = layer.backward(dY, keep, mine)
        found.append(these)
    return loss, right, found[::-1]


def judged(plan, params, part):
    """The loss and the share that is right, in use."""
    log_p = np.concatenate(
        [
            log_shares(run(plan, params, part[0][i : i + 200])[0][-1])
            for i in range(0, len(part[1]), 200)
        ]
    )
    return -log_p[np.arange(len(part[1])), part[1]].mean(), np.mean(log_p.argmax(axis=1) == part[1])


def train(
    plan,
    known,
    watched,
    epochs=10,
    lr=0.01,
    seed=0,
    batch_size=32,
    change=lambda X, rng: X,
    limit=600,
):
    """Adam -> parameters, and after each epoch {"loss" and "right": {"training" and "validation": a
    list}}.

    The training figures are means over the epoch, taken while it ran. change: what is done to a
    batch beforehand. Interrupt the kernel (■) and the training ends there, with the parameters as
    they are. TimeoutError after the first batch, if all of them would take longer than `limit`
    seconds.
    """
    (X, y), rng, start = known, np.random.default_rng(seed), time.perf_counter()
    params, t = begin(plan, X.shape[1:], rng), 0
    m, v = ([[np.zeros_like(p) for p in mine] for mine in params] for _ in range(2))
    total = epochs * -(-len(y) // batch_size)
    history = {what: {"training": [], "validation": []} for what in ("loss", "right")}
    with bar(epochs, "epochs") as rounds:
        for _ in rounds:
            turn, seen = rng.permutation(len(y)), []
            for batch in (turn[i : i + batch_size] for i in range(0, len(y), batch_size)):
                loss, right, found = slopes(plan, params, change(X[batch], rng), y[batch], rng)
                seen.append((loss, right))
                t += 1
                needed = total * (time.perf_counter() - start)
                if t == 1 and needed > limit:
                    minutes = f"{needed / 60:.0f} minutes"
                    raise TimeoutError(
                        f"This would take {minutes}. Does your convolution walk over taps?"
                    )
                rate = lr * (1 + np.cos(np.pi * t / total)) / 2
                for mine, g, first, second in zip(params, found, m, v, strict=True):
                    for k in range(len(mine)):
                        first[k] += 0.1 * (g[k] - first[k])
                        second[k] += 0.001 * (g[k] ** 2 - second[k])
                        step = (
                            first[k] / (1 - 0.9**t) / (np.sqrt(second[k] / (1 - 0.999**t)) + 1e-8)
                        )
                        mine[k] = (mine[k] - rate * step).astype(np.float32)
            for what, during, after in zip(
                history, np.mean(seen, axis=0), judged(plan, params, watched), strict=True
            ):
                history[what]["training"].append(float(during))
                history[what]["validation"].append(float(after))
            rounds.say(f"{history['right']['validation'][-1]:.1%} of validation right")
    return params, history


def summary(plan, sizes):
    """Print what comes out of each layer, and its parameters."""
    total = 0
    for layer in plan:
        sizes, shapes = layer.shape(*sizes)
        count = sum(int(np.prod(shape)) for shape in shapes)
        total += count
        print(f"{layer.name:14} {' × '.join(map(str, sizes)):>14} {count:12,}")
    print(f"{'together':14} {total:27,}")


# %% [markdown] id="curves-intro"
# ## A complete program, and its curves
#
# One of the articles has a complete program: build a network for small photographs, train it, draw two curves, report
# the accuracy. Below it is in your library, for digits, line by line. Convolution, pooling, dropout and dense layers as
# there, only fewer of them.

# %% [markdown] id="repair-the-claim"
# ### Repair the claim
#
# The program runs. But two of its lines are not what they seem.
#
# - It prints a summary of the model, and then the word `None`. (This line is from the article's other program.)
# - It reports a "test accuracy". But it has watched the very same digits after every epoch. The last two lines count
#   that.
#
# **Repair it** until nothing says `None` and both counts are 0. There are 1797 digits: 1100 to learn from, 300 to watch
# and 397 to report on would be a fair share.


# %% id="repair-the-claim-code" role="demo"
small_net = [conv(8, 3, pad=1), relu, pool(2), conv(16, 3, pad=1), relu, pool(2)]
small_net += [flatten, dense(64), relu, dropout(0.5), dense(10)]
to_learn, to_watch, to_report = slice(0, 1400), slice(1400, None), slice(1400, None)


@demo
def the_program():
    library.whose("dense_forward", "dense_backward")
    print(summary(small_net, (1, 12, 12)))
    params, history = train(small_net, page(to_learn), page(to_watch))
    plot.show(
        plot.epochs(
            {
                "accuracy": {
                    part: 100 * np.array(values) for part, values in history["right"].items()
                },
                "loss": history["loss"],
            },
            ["right (%)", "cross-entropy"],
        ),
        alt="Two panels over ten epochs, counted from 0. Left, what is right: the training curve "
        "rises from about 40 percent to above 90; the validation curve lies above it all the time, "
        "from just below 90 to 97. Right, the loss: both curves fall, steeply at first, and the "
        "validation curve is below the training curve all the time.",
    )
    print("the finished network, in use:", end=" ")
    for part, rows in (("training", to_learn), ("validation", to_watch)):
        print(f"{judged(small_net, params, page(rows))[1]:.1%} of {part} right", end="  ")
    print()
    print(f"test accuracy: {judged(small_net, params, page(to_report))[1]:.1%}")
    rows = np.arange(1797)
    print(
        "digits learned from and watched: ",
        len(np.intersect1d(rows[to_learn], rows[to_watch])),
        " (should be 0)",
    )
    print(
        "digits watched and reported on:  ",
        len(np.intersect1d(rows[to_watch], rows[to_report])),
        " (should be 0)",
    )


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary><code>summary</code> prints its table itself and returns nothing, in Keras as here. So
# <code>print(summary(…))</code> prints the nothing as well: <code>None</code>. Take the <code>print</code> away.<br>The
# article passes <code>validation_data=(X_test, y_test)</code>. Cut three parts instead: <code>slice(0, 1100)</code>,
# <code>slice(1100, 1400)</code> and <code>slice(1400, None)</code>. The accuracy hardly changes, because nothing was
# chosen yet. But whoever now looks at the curve and takes another number of epochs, or of filters, has chosen by the
# test. Lesson 8 has measured what that costs.<br>In Keras one can write <code>validation_split=0.2</code>. Mind that it
# takes the <i>last</i> fifth of the rows, without shuffling.</details>

# %% [markdown] id="curves-lesson"
# Look at the curves once more. Validation is *better* than training, on both sides. Is this network really better on
# digits that it has never seen?
#
# No. They are measured differently. The training curve is a mean over the epoch, *while* the network still learned, and
# with dropout on: half of the dense units were silent. The validation curve is measured after the epoch, with everybody
# at work. Asked in the same way, the finished network is better on what it has learned from; the line below the picture
# says so. Keras measures like this too, so the question comes up a lot.

# %% [markdown] id="moved-intro"
# ## Moved
#
# Now to the question at the top. Four networks learn from 1100 digits in the middle of the page. None of them ever
# sees a moved one.
#
# | network | what comes after the last feature maps |
# |---|---|
# | dense layers only (others say: an MLP) | there are none |
# | convolutions, then dense | flatten: each place of each map has weights of its own |
# | one more pooling, then dense | the same, on coarser maps |
# | convolutions, then means | global average pooling: one number per map, wherever it was |
#
# The three with convolutions share everything up to the last maps: 8, 16 and 32 filters of 3 × 3, with one pooling in
# between.

# %% id="contestants" role="setup"
maps = [conv(8, 3, pad=1), relu, conv(16, 3, pad=1), relu, pool(2), conv(32, 3, pad=1), relu]
networks = {
    "dense layers only": [flatten, dense(256), relu, dense(10)],
    "convolutions, then dense": [*maps, flatten, dense(10)],
    "one more pooling, then dense": [*maps, pool(2), flatten, dense(10)],
    "convolutions, then means": [*maps, means, dense(10)],
}
settings = {  # how long each learns, and at which rate: until it reads well what is in the middle
    "dense layers only": {"epochs": 60, "lr": 0.003},
    "convolutions, then dense": {"epochs": 6},
    "one more pooling, then dense": {"epochs": 6},
    "convolutions, then means": {"epochs": 10},
}
trained = {}  # name: the parameters of its networks, one for each seed


def shares_right(plan, params, part):
    """The share right by how far the digits are moved: 0, 1 or 2 pixels, a mean over eight
    directions."""
    found = [judged(plan, params, page(part))[1]]
    for far in (1, 2):
        ways = [
            (down, right) for down in (-far, 0, far) for right in (-far, 0, far) if down or right
        ]
        found.append(np.mean([judged(plan, params, page(part, *way))[1] for way in ways]))
    return [float(share) for share in found]


# %% id="moved-train" role="demo"
@demo
def train_all():
    for name, plan in networks.items():
        start = time.perf_counter()
        runs = [
            train(plan, page(learn), page(look), seed=seed, **settings[name]) for seed in (0, 1)
        ]
        trained[name] = [params for params, _ in runs]
        count = sum(p.size for mine in runs[0][0] for p in mine)
        right = ", ".join(f"{history['right']['validation'][-1]:.1%}" for _, history in runs)
        print(
            f"{name:29} {count:6,} parameters, {time.perf_counter() - start:4.1f} s, in the middle "
            f"right: {right}"
        )


# %% [markdown] id="moved-question"
# In the middle, all read well. Now the 397 test digits are moved: by one pixel or by two, in eight directions. None of
# these four networks has been chosen by them.
#
# Every filter finds its pattern wherever it lies; you have seen that. What do you expect?

# %% id="moved-prediction" role="demo"
predict(
    "moved",
    "Digits moved by two pixels: of 100, how many does “convolutions, then dense” read?",
    [
        "more than 90: a filter finds a pattern wherever it lies",
        "60 to 90",
        "30 to 60",
        "fewer than 30",
    ],
)


# %% id="moved-run" role="demo"
@demo(after="moved")
def moved():
    if not trained:
        print("Run the cell that trains them first.")
        return
    curves = {}
    print("right on test digits moved by    0       1       2 pixels")
    with bar(len(trained), "kinds of network") as rounds:
        for _, (name, runs) in zip(rounds, trained.items(), strict=False):
            found = np.mean([shares_right(networks[name], params, test) for params in runs], axis=0)
            curves[name] = range(3), 1 - found
            print(f"{name:29} {found[0]:7.1%} {found[1]:7.1%} {found[2]:7.1%}")
            if name == "convolutions, then dense":
                outcome = found[2]
    if rounds.stopped:
        return
    plot.show(
        plot.mistakes(curves, "pixels moved"),
        alt="The share judged wrongly over how far the digits are moved, 0, 1 or 2 pixels. All "
        "four curves begin below 5 percent. Dense layers only climbs to about 68 and 90 percent. "
        "Convolutions, then dense, climbs to about 51 and 87; with one more pooling to about 42 "
        "and 74. Convolutions, then means, climbs to 18 percent and no further.",
    )
    names = {
        0.3: "fewer than 30",
        0.6: "30 to 60",
        0.9: "60 to 90",
        2: "more than 90: a filter finds a pattern wherever it lies",
    }
    predict.reveal("moved", next(name for most, name in names.items() if outcome < most))


# %% [markdown] id="moved-lesson"
# <details><summary><b>After your run, open this</b></summary>
#
# There is the surprise. **Convolutions alone do not make a network indifferent to shifts.** The feature maps do move
# along, faithfully. But then comes `flatten`, and a dense layer with weights for every place of every map. To it, a
# moved map is as strange as a moved picture.
#
# - **Pooling** helps a little: on a coarser map a small shift is smaller still.
# - **Global means** help a lot. They ask what is there, and never where.
#
# Look at the last line once more: two pixels are no harder than one. That is the pooling in steps of two. A shift by
# two moves whole windows, and a shift by one deals the pixels into other ones. (Why, then, do two cost anything at all?
# Because a digit moved by two touches the rim of the page: what the filters would find beyond it is lost.) That even
# large networks stumble over a single pixel became widely known only in 2018.
#
# And the means have a price. In the middle of the page, where "where" is worth knowing, they read a little worse.
#
# </details>

# %% [markdown] id="shown-intro"
# ### Built in, or shown?
#
# There is another way, and you know it from lesson 8: **augmentation**. Do not build it in. Show it. Here are the two
# networks with a dense end again, but every batch is moved at random. And a fair question on the other side: what if
# neighborhood means nothing? We shuffle the 144 pixels of the page, in the same way for all digits.


# %% id="shown" role="demo"
def moved_at_random(X, rng):
    """Each page of a batch, moved by up to two pixels."""
    new = np.zeros_like(X)
    for n, (down, right) in enumerate(rng.integers(-2, 3, (len(X), 2))):
        new[n, :, 2 + down : 10 + down, 2 + right : 10 + right] = X[n, :, 2:10, 2:10]
    return new


@demo(after="moved")
def built_in_or_shown():
    jumble = np.random.default_rng(0).permutation(144)

    def jumbled(part):
        X, y = page(part)
        return X.reshape(-1, 144)[:, jumble].reshape(-1, 1, 12, 12), y

    for name, longer in (("dense layers only", 100), ("one more pooling, then dense", 8)):
        plan, how = networks[name], settings[name]
        params, _ = train(
            plan, page(learn), page(look), change=moved_at_random, **how | {"epochs": longer}
        )
        found = shares_right(plan, params, look)
        _, history = train(plan, jumbled(learn), jumbled(look), **how)
        print(
            f"{name:29} shown moved digits: {found[0]:.1%}, {found[1]:.1%}, {found[2]:.1%}",
            end=";  ",
        )
        print(f"pixels shuffled: {history['right']['validation'][-1]:.1%}")


# %% [markdown] id="shown-lesson"
# (On the 300 validation digits, one network each. One digit is a third of a percent.)
#
# **Shown beats built in, here.** Whoever has seen moved digits reads them, with convolutions or without. There are only
# 25 places on our page. On a photograph there are tens of thousands, and a dense layer would have to see everything in
# all of them.
#
# **With shuffled pixels the convolutions lose their lead.** The dense layers do not even notice: to them pixels are
# columns, and the order of columns means nothing. The convolutions have bet on neighbors. "For pictures take a CNN", an
# article advises. It is good advice *because* neighbors in pictures belong together. In a table of blood values they do
# not.

# %% [markdown] id="inside"
# ## What does it look for?
#
# Let us look into the network with the means. First its eight filters of the first layer, nine weights each: blue
# speaks for, orange against.


# %% id="filters" role="demo"
@demo
def first_filters():
    if not trained:
        print("Run the cell that trains them first.")
        return
    # Of the first run, the first layer's filters; each has a single channel.
    kernels = trained["convolutions, then means"][0][0][0][:, 0]
    plot.show(
        plot.templates(kernels, [f"filter {f}" for f in range(8)]),
        alt="Eight small squares of 3 by 3 weights, blue with a plus or orange with a minus. "
        "Several have blue on one side and orange on the opposite side, upright, level or "
        "slanting, like the edge filters above. Others are harder to name.",
    )


# %% [markdown] id="maps-intro"
# Nobody told them about edges. (A filter that is orange all over can hardly fire: pixels are never below zero, so its
# sum is never above its bias. ReLUs can die, as in lesson 5.) Now one digit on its way: what each of the three layers
# makes of it. Dark is where a unit fires.


# %% id="maps" role="demo"
@demo
def maps_of_a_digit():
    if not trained:
        print("Run the cell that trains them first.")
        return
    X, labels = page(look)
    which = np.flatnonzero(labels == 4)[:1]
    outputs, _ = run(
        networks["convolutions, then means"], trained["convolutions, then means"][0], X[which]
    )
    plot.show(
        plot.feature_maps(
            {
                "the page": X[which][0],
                "layer 1: 8 maps of 12 × 12": outputs[2][0],
                "layer 2: 16 maps of 12 × 12": outputs[4][0],
                "layer 3: 32 maps of 6 × 6": outputs[7][0],
            }
        ),
        alt="A handwritten 4 on a page, and below it the feature maps of three layers. The eight "
        "maps of layer 1 are versions of the 4, thick or thin, dark at its strokes or along their "
        "borders. The sixteen maps of layer 2 hold pieces of it: its left stroke, its slanting "
        "end, its middle. The 32 maps of layer 3 are coarse, with a few dark squares each, and "
        "many are nearly empty.",
    )


# %% [markdown] id="sees-by-hand"
# ### Edges, parts, wholes?
#
# Four of our articles say it, three of them with a face as the example: the first layers find edges, the next ones
# parts such as eyes and noses, the last ones whole faces. We have no faces here. But digits have edges, parts and
# wholes, too. Is it true of them?
#
# Part of it is mere geometry. A unit of layer 1 sees 3 × 3 pixels. A unit of layer 2 sees 3 × 3 *units of layer 1*, and
# those together see 5 × 5 pixels. What a unit sees is its **receptive field**. Each layer adds (k − 1) times the
# distance, in pixels, between the neighbors it reads. Those are units of the layer before: the last column, one row up.
#
# | layer | sees pixels | from unit to unit |
# |---|---|---|
# | conv 3 × 3 | **3** | 1 |
# | conv 3 × 3 | 3 + 2 · 1 = **5** | 1 |
# | pool 2 × 2 | 5 + 1 · 1 = 6 | 2 |
# | conv 3 × 3 | 6 + 2 · 2 = **10** | 2 |
#
# A digit is 8 pixels large. So 3 pixels can hold an edge, 5 a part, and 10 the whole. *Can*. What do they really
# respond to? Let us ask each unit for its favorites: the places, among the 300 validation digits, where it fires most.


# %% id="favorites" role="demo"
# title: (output number, pixels a unit sees, pixels between neighbors, where the first field begins)
LAYERS = {
    "layer 1, 3 × 3 pixels": (2, 3, 1, -1),
    "layer 2, 5 × 5 pixels": (4, 5, 1, -2),
    "layer 3, 10 × 10 pixels": (7, 10, 2, -4),
}


def favorite_patches(Y, pages, unit, field, count):
    """The patches at which a unit fires most, at most one a digit, and the digits' numbers."""
    _, size, step, first = field
    strongest = Y[:, unit].reshape(len(Y), -1)
    best = np.argsort(-strongest.max(axis=1), kind="stable")[:count]
    wide = np.pad(pages[:, 0], ((0, 0), (6, 6), (6, 6)))
    patches = []
    for n in best:
        top, left = (
            6 + first + step * place for place in np.divmod(strongest[n].argmax(), Y.shape[3])
        )
        patches.append(wide[n, top : top + size, left : left + size])
    return np.array(patches), best


@demo
def favorites():
    if not trained:
        print("Run the cell that trains them first.")
        return
    pages, _ = page(look)
    outputs, _ = run(
        networks["convolutions, then means"], trained["convolutions, then means"][0], pages
    )
    rows = {}
    for title, field in LAYERS.items():
        Y = outputs[field[0]]
        lively = np.argsort(-Y.max(axis=(2, 3)).mean(axis=0), kind="stable")[:4]
        rows[title] = np.array([favorite_patches(Y, pages, unit, field, 5)[0] for unit in lively])
    plot.show(
        plot.favorites(rows),
        alt="Three rows, four units each, and of each unit the five patches at which it fires "
        "most. In layer 1 the patches of a unit are 3 by 3 pixels and much alike: dark with a "
        "light corner, dark above light. In layer 2 they are 5 by 5 pixels and show the same bend, "
        "corner or bar. In layer 3 they are 10 by 10 pixels with a large part of a digit in them: "
        "its foot, its upper arch, or all of a 7.",
    )


# %% [markdown] id="selective-intro"
# Pretty. But pictures chosen by a machine persuade too easily. So let us count. For each unit take the 30 digits at
# which it fires most. How many of them belong to the *same class*? An edge is in every digit, so an edge unit should
# find all classes. A unit for a whole digit should find one.
#
# And a control, for seeing more pixels alone could explain it: the same network with random weights, never
# trained.


# %% id="selective" role="demo"
def selectivity(params, top=30):
    """The share of the commonest class in what a unit likes best: for each layer, a mean."""
    pages, labels = page(look)
    outputs, _ = run(networks["convolutions, then means"], params, pages)
    found = []
    for field in LAYERS.values():
        Y = outputs[field[0]]
        best = [
            favorite_patches(Y, pages, unit, field, top)[1]
            for unit in range(Y.shape[1])
            if Y[:, unit].max() > 0
        ]
        found.append(float(np.mean([np.bincount(labels[rows]).max() / top for rows in best])))
    return found


@demo
def count_classes():
    if not trained:
        print("Run the cell that trains them first.")
        return
    _, labels = page(look)
    rng = np.random.default_rng(0)
    chance = np.mean(
        [np.bincount(labels[rng.permutation(300)[:30]]).max() / 30 for _ in range(1000)]
    )
    print(f"30 digits at random: {chance:.0%} of one class")
    plan = networks["convolutions, then means"]
    for name, each in (
        (
            "random weights",
            [begin(plan, (1, 12, 12), np.random.default_rng(seed)) for seed in range(10)],
        ),
        ("trained", trained["convolutions, then means"]),
    ):
        shares = np.mean([selectivity(params) for params in each], axis=0)
        print(
            f"{name:15}", ", ".join(f"layer {l}: {share:.0%}" for l, share in enumerate(shares, 1))
        )


# %% [markdown] id="selective-lesson"
# So the claim holds, as a tendency. The deeper a unit, the more choosy, and more so than seeing more pixels would
# explain.
#
# But "the unit for the 4" is not there. Even in layer 3 about half of a unit's favorites come from other classes. A
# digit is recognized by *many* units together, of which each says a little. In large networks for photographs, parts
# and wholes have been found by the same method, wheels and dogs' heads among them, and also many units that nobody can
# name.

# %% [markdown] id="article-nets"
# ## Two networks of an article
#
# Now you can read the two networks that one of our articles builds in Keras. The first is for MNIST: 60,000 handwritten
# digits of 28 × 28 pixels to learn from, the "hello world" of the field. Beside it is the same in your library.
#
# | Keras | your library |
# |---|---|
# | `Conv2D(32, (3, 3), activation='relu')` | `conv(32, 3), relu` |
# | `MaxPooling2D((2, 2))` | `pool(2)` |
# | `Conv2D(64, (3, 3), activation='relu')` | `conv(64, 3), relu` |
# | `MaxPooling2D((2, 2))` | `pool(2)` |
# | `Flatten()` | `flatten` |
# | `Dense(128, activation='relu')` | `dense(128), relu` |
# | `Dropout(0.5)` | `dropout(0.5)` |
# | `Dense(10, activation='softmax')` | `dense(10)`: the softmax is in our loss |

# %% id="article-plans" role="setup"
mnist_net = [conv(32, 3), relu, pool(2), conv(64, 3), relu, pool(2)]
mnist_net += [flatten, dense(128), relu, dropout(0.5), dense(10)]

cifar_net = [conv(32, 3, pad=1), relu, conv(32, 3), relu, pool(2), dropout(0.25)]
cifar_net += [conv(64, 3, pad=1), relu, conv(64, 3), relu, pool(2), dropout(0.25)]
cifar_net += [flatten, dense(512), relu, dropout(0.5), dense(10)]

# %% [markdown] id="count-intro"
# ### Count it
#
# How many parameters does it have? You have all that it takes: the formula for sizes, F · C · k · k + F for a
# convolution and D · M + M for a dense layer. The first row is done: 28 pixels become 26, and 32 · 1 · 9 + 32 = 320.
#
# **Put in your numbers** for the zeros, with pencil and paper first: how large are the maps when they are flattened?


# %% id="count" role="demo"
mine = {"conv 1": 320, "conv 2": 0, "dense 128": 0, "dense 10": 0}


@demo
def compare_counts():
    sizes, counted = (1, 28, 28), []
    for layer in mnist_net:
        sizes, shapes = layer.shape(*sizes)
        counted += [sum(int(np.prod(shape)) for shape in shapes)] if shapes else []
    for (name, count), true in zip(mine.items(), counted, strict=True):
        print(f"{name:10} {count:9,}  {'right' if count == true else 'not yet'}")
    print(
        f"{'together':10} {sum(mine.values()):9,}  "
        f"{'right' if sum(mine.values()) == sum(counted) else 'not yet'}"
    )


# %% [markdown] id="count-answer"
# <details><summary>Compare</summary>
# 28 → 26 → pool 13 → 11 → pool 5. One row and one column of the 11 are dropped. Flattened: 64 · 5 · 5 = 1600.<br>
# conv 2: 64 · 32 · 9 + 64 = <b>18,496</b><br>
# dense 128: 1600 · 128 + 128 = <b>204,928</b><br>
# dense 10: 128 · 10 + 10 = <b>1,290</b><br>
# Together <b>225,034</b>. Nine of ten parameters sit in one dense layer, as in VGG16.
# </details>

# %% [markdown] id="cifar-intro"
# The second network is for CIFAR-10: 60,000 small color photographs of 32 × 32 pixels, ten kinds of things. It is the
# program with the two curves.
#
# | Keras | your library |
# |---|---|
# | `Conv2D(32, (3, 3), padding='same', activation='relu')` | `conv(32, 3, pad=1), relu` |
# | `Conv2D(32, (3, 3), activation='relu')` | `conv(32, 3), relu` |
# | `MaxPooling2D((2, 2)), Dropout(0.25)` | `pool(2), dropout(0.25)` |
# | the same three lines with 64 filters | the same with 64 |
# | `Flatten(), Dense(512, activation='relu')` | `flatten, dense(512), relu` |
# | `Dropout(0.5), Dense(10, activation='softmax')` | `dropout(0.5), dense(10)` |
#
# `padding='same'` says: as large as before. For 3 × 3 filters that is our `pad=1`. Say before you look: does this
# network have more parameters than the first, and where? Here are both summaries.


# %% id="summaries" role="demo"
@demo
def both():
    summary(mnist_net, (1, 28, 28))
    print()
    summary(cifar_net, (3, 32, 32))


# %% [markdown] id="in-the-wild"
# ### The same in PyTorch and Keras
#
# Shown, not run. The MNIST network once more, as it would be written today.
#
# ```python
# model = keras.Sequential([
#     keras.Input((28, 28, 1)),                                  # channels last!
#     layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2),
#     layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2),
#     layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.5), layers.Dense(10),
# ])
# model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
# model.summary()                                                # no print around it
# model.fit(X_train, y_train, batch_size=64, epochs=10, validation_data=(X_validation, y_validation))
# model.evaluate(X_test, y_test)                                 # once
# ```
#
# ```python
# model = nn.Sequential(
#     nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),           # channels first, as here
#     nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
#     nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10),
# )
# ```
#
# Keras stores pictures as (N, H, W, C), PyTorch as (N, C, H, W), like you. Each flattens in the order in which it
# stores. So whoever carries the weights of the first dense layer across must reorder its 1600 rows, and no shape will
# complain. In PyTorch one has to know the 1600 beforehand. You do.
#
# The article turns each label into a row of zeros and a one beforehand, with `to_categorical`. A *sparse* cross-entropy
# takes labels as they are, as yours does.

# %% [markdown] id="real-intro"
# ### On the real data
#
# One of the article's exercises asks for a CNN that learns MNIST, and for trials with other architectures. You have
# built it. (Another article recommends the same data to every beginner.) They do not come with this course. If you have
# them, name the folder; if you have a network connection, set `download = True` once. Without them, the cell says what
# is missing, and the lesson goes on.
#
# It begins with few pictures, so that an answer comes within minutes. Change what you like.


# %% id="real" role="demo"
folder, download = None, False  # a folder with the files, or None: where THRESHOLD_DATA points


def on_real_data(plan, load, how_many, epochs):
    """Learn from the first pictures, watch the last 1000 of them, and ask the test part once."""
    try:
        (X, y), (X_test, y_test) = load(folder, download)
    except FileNotFoundError as missing:
        print(missing)
        return
    known, watched, tested = (
        (pixels.astype(np.float32) / 255, labels)
        for pixels, labels in (
            (X[:how_many], y[:how_many]),
            (X[-1000:], y[-1000:]),
            (X_test, y_test),
        )
    )
    start = time.perf_counter()
    params, history = train(plan, known, watched, epochs, lr=0.002, batch_size=64)
    print(f"{epochs} epochs of {how_many:,} pictures: {time.perf_counter() - start:.0f} s")
    print(
        "right on 1000 to watch:",
        ", ".join(f"{share:.1%}" for share in history["right"]["validation"]),
    )
    print(f"right on {len(y_test):,} test pictures: {judged(plan, params, tested)[1]:.1%}")


@demo
def on_mnist():
    on_real_data(mnist_net, data.mnist, how_many=2000, epochs=3)


# %% id="real-cifar" role="demo"
@demo
def on_cifar():
    on_real_data(cifar_net, data.cifar10, how_many=1000, epochs=2)


# %% [markdown] id="history"
# ## Where this comes from
#
# - **1959, 1962.** David Hubel and Torsten Wiesel find cells in the visual cortex of cats that respond to edges at one
#   place and in one direction, and others that mind the place less.
# - **1968.** Irwin Sobel and Gary Feldman present the edge filter that you used on the temple.
# - **1980.** Kunihiko Fukushima builds the *neocognitron*: layers that find features, and layers that tolerate shifts.
#   It is not trained by backprop.
# - **1989, 1998.** Yann LeCun and others train convolutions by backprop, to read postal codes and later checks. MNIST
#   comes from there.
# - **2012.** Alex Krizhevsky, Ilya Sutskever and Geoffrey Hinton win the ImageNet contest with five convolutions and
#   three dense layers, on two graphics cards. From then on nearly everybody in the field uses them.
# - **2013.** Min Lin, Qiang Chen and Shuicheng Yan replace the dense end by global average pooling.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about earlier ones. Answer from memory: the effort of recalling is what makes it
# stay. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("11_cnn")

# %% [markdown] id="take-along"
# ## What to take along
#
# - A convolution is one small weighted sum, at every place, with the same weights. It finds a pattern wherever it lies.
# - out = ⌊(size + 2 · pad − k) / stride⌋ + 1. Most errors are errors of size.
# - Think in taps: k · k moved pictures. Backward walks over the same taps, and *adds*.
# - Pooling keeps the largest. Its gradient goes to the winner.
# - Moved in, moved out. Only means over the whole map, or moved examples, make a network indifferent.
# - Deeper units see more and are more choosy. The rest is in the numbers.
# - Training curves are measured with dropout on, while learning. Three parts of the data, and the test once.
#
# **Next: lesson 12, RNN.** Pictures lie still. Text has a before and an after, and a network that reads needs a memory.

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Take the pooling out of `maps`, so that nothing moves in steps of two, and end with the means. Does a shift
# of one pixel still matter? It takes longer: the third convolution now has four times the places.
#
# **Try.** Give the moved digits a harder test: learn from digits moved *up* only, ask with digits moved *down*. Who has
# built it in, and who had merely been shown?
#
# **Why does the way back turn the filter?** Textbooks say that dX is a convolution of dY with the filter turned around.
# It is the same sum as yours, asked from the other end: which outputs has this pixel entered, and through which tap? If
# output h reads pixel h + i through tap i, pixel r went into output r − i. The sign of i has turned, and so the filter
# does.
#
# **Faster still.** For 3 × 3 filters there is a trick by Shmuel Winograd that needs fewer than half of the
# multiplications. For large ones, the Fourier transform turns a convolution into a plain product.
#
# **Are convolutions the last word?** Networks that cut a picture into patches and let these attend to one another do as
# well, given enough pictures to learn from. They build in less, and need to be shown more. Lesson 15 has the attention
# they are made of.
#
# **Read.**
# - D. H. Hubel and T. N. Wiesel, "Receptive fields, binocular interaction and functional architecture in the cat's
#   visual cortex", *Journal of Physiology* 160 (1962), 106–154
# - K. Fukushima, "Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition
#   unaffected by shift in position", *Biological Cybernetics* 36 (1980), 193–202
# - Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition",
#   *Proceedings of the IEEE* 86 (1998), 2278–2324
# - A. Krizhevsky, I. Sutskever and G. E. Hinton, "ImageNet classification with deep convolutional neural networks",
#   *NIPS* (2012), 1097–1105
# - M. Lin, Q. Chen and S. Yan, "Network in network", *ICLR* (2014)
# - M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", *ECCV* (2014), 818–833: edges,
#   parts and wholes, in photographs
# - D. Bau, B. Zhou, A. Khosla, A. Oliva and A. Torralba, "Network dissection: quantifying interpretability of deep
#   visual representations", *CVPR* (2017), 6541–6549: counting instead of admiring
# - A. Azulay and Y. Weiss, "Why do deep convolutional networks generalize so poorly to small image transformations?",
#   *Journal of Machine Learning Research* 20 (2019), 1–25
# - R. Zhang, "Making convolutional networks shift-invariant again", *ICML* (2019), 7324–7334
# - V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285 (2016): every
#   size, drawn
# - K. Chellapilla, S. Puri and P. Simard, "High performance convolutional neural networks for document processing",
#   *International Workshop on Frontiers in Handwriting Recognition* (2006): im2col
# - A. Lavin and S. Gray, "Fast algorithms for convolutional neural networks", *CVPR* (2016), 4013–4021: Winograd's
#   trick
# - A. Dosovitskiy et al., "An image is worth 16 × 16 words: transformers for image recognition at scale", *ICLR* (2021)
