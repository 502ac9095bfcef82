# %% [markdown] id="title"
# # 14 · Transfer
#
# **You have ten labeled pictures. Can a network learn anything from ten?**
#
# Alone, hardly. But somebody else may have had thousands, and their network lies on the internet, free to take. Today
# you take off its head, keep the rest, and put a head of your own on top. That can be worth more than twice the
# labels. It can also do harm, and you will see a case where it does, every single time.
#
# About {minutes} minutes · {points} points · no network connection needed
#
# **You will be able to**
# - reuse a network: freeze its base, compute its features once, train a new head
# - say what the borrowed base is worth, with two honest controls
# - recognize a transfer that hurts, and find the reason
# - prove that what should be frozen *is* frozen
# - fine-tune without making the network forget

# %% id="imports" role="setup"
import numpy as np
from threadpoolctl import threadpool_limits

from course import check, data, demo, hint, library, plot, predict, quiz
from course.bar import bar

one_core = threadpool_limits(1)  # sums this small are done before a second core has started

# %% [markdown] id="cats"
# ## A thousand cats and dogs
#
# One of the articles this course grew out of has this example. You have 1000 photographs, cats labeled 1 and dogs
# labeled 0, and 500 more to be told apart. VGG16 from lesson 3 would do it. It has 138,357,544 parameters.
#
# Divide. That is 138,000 parameters for every photograph. In lesson 8 a hundred digits met 9,610 parameters, 96 for
# each, and that was enough to learn every mistake by heart.
#
# The article also lists what three well-known networks were trained with. The last row is our division.
#
# | | Google's translator | VGG | DeepVideo |
# |---|---|---|---|
# | task | translation | kinds of pictures | kinds of videos |
# | examples | 6 M pairs of sentences | 1.2 M pictures | 1.1 M videos |
# | parameters | 380 M | 140 M | about 100 M |
# | parameters for every example | 63 | 117 | 91 |
#
# So even the giants have about a hundred parameters for each example. You with your cats have a thousand times more.
# You would be short of a million photographs.

# %% [markdown] id="table-checked"
# ### May we trust the table?
#
# A number in a table is a claim. These can be looked up in the papers, which are listed at the end.
#
# - **VGG** holds: about 1.3 million pictures, 138 million parameters.
# - **DeepVideo** holds in part: its collection lists 1,133,158 videos. For its parameters we found no source.
# - **The translator** does not. Its paper trains English to French on *36* million pairs of sentences, not 6. And 380
#   million parameters is close to the 384 million of an earlier translator, by Ilya Sutskever and others, from 2014.
#
# With 36 million pairs, 380 million parameters are 11 for each. The point of the table stands all the more: networks
# of this size were trained on millions of examples.

# %% [markdown] id="idea"
# ## The idea
#
# Lesson 11 opened a network that sees. First layers find edges, later ones parts, the last one names the whole. Cats
# and dogs have edges and parts as well. Why learn edges a second time?
#
# So cut a trained network in two.
#
# - The **base**: all layers but the last. It turns a picture into **features**, numbers that say what is in it.
# - The **head**: the last layer. It turns features into answers, to the *old* question.
#
# Throw the old head away. Put a new one there, for your own question. Keep the base **frozen**: it computes, but it
# does not learn. This is **transfer learning**. Of VGG16's 138 million parameters only the new head is left to train:
# 4096 · 2 + 2 = 8,194 for cats and dogs.

# %% [markdown] id="by-hand"
# ### By hand
#
# A tiny base with two inputs and two units, and two examples, of class 0 and class 1.
#
# | | base | example 0: (2, 1) | example 1: (1, 3) |
# |---|---|---|---|
# | unit 0 | x0 − x1 + 1 | 2 | −1, after ReLU **0** |
# | unit 1 | x1 − 1 | 0 | 2 |
#
# The features are (2, 0) and (0, 2). These numbers never change again: the base is frozen. *Compute them once, use
# them at every step.*
#
# Now the head, two classes, all zeros at first. Every probability is ½. For one step with a rate of 1:
#
# | | class 0 | class 1 |
# |---|---|---|
# | dz of example 0 (class 0): (½ − 1)/2, ½/2 | −0.25 | 0.25 |
# | dz of example 1 (class 1) | 0.25 | −0.25 |
# | dW from feature 0: 2 · (dz of example 0) | −0.5 | 0.5 |
# | dW from feature 1: 2 · (dz of example 1) | 0.5 | −0.5 |
# | db: the sum of a column | 0 | 0 |
#
# So W becomes (0.5, −0.5) and (−0.5, 0.5). Example 0 now scores 2 · 0.5 = 1 for class 0 and −1 for class 1. What is
# the probability of its own class?
#
# <details><summary>Compare</summary>e / (e + 1/e) = 1 / (1 + e<sup>−2</sup>) = <b>0.881</b>. It was 0.5.</details>

# %% [markdown] id="freeze-task"
# ## Three functions
#
# ### Freeze
#
# You could freeze a parameter by setting its gradient to zero. Further down you will see why that is not enough. Do it
# properly: sort the parameters into two dicts. Only one of them is ever shown to the optimizer.
#
# **Your turn.** `names` lists what is to be frozen. Everything else can train. Return two dicts, the frozen one first.
# Leave `params` as it is.

# %% exercise="freeze"

# %% [markdown] id="features-task"
# ### Features
#
# The base is a network *without its last layer*. So every layer of it was a hidden one, and a ReLU follows each:
#
# $$a_0 = X \qquad a_l = \max(a_{l-1} W_l + b_l,\ 0)$$
#
# **Your turn.** A dict with W1, b1, W2, b2 has two layers. An empty one has none: then the features are X itself.
# Go by the names, not by the order in which the dict holds them.

# %% exercise="features"

# %% [markdown] id="head-task"
# ### Train the head
#
# You have all the parts: softmax (lesson 2), its way back p − y (lesson 5), a step of descent. The features `A` are
# given, so there is no base in this function at all. That is why it is fast.
#
# $$dz = \frac{\text{softmax}(AW + b) - \text{onehot}(y)}{N} \qquad W \leftarrow W - \text{lr} \cdot A^\top dz
# \qquad b \leftarrow b - \text{lr} \sum_n dz_n$$
#
# **Your turn.** Begin with the head you are given: it may be zeros, or one that has trained before. Take care that
# large features do not overflow. Return W, then b.

# %% exercise="train_head"

# %% [markdown] id="reader"
# ## A network to borrow
#
# Downloading a large network such as ResNet50 takes a connection, and using it takes patience. So we play both parts.
# *Somebody else* has 1400 digits with labels, and trains a network of 64-64-32-10 to read them. *You* get that network,
# and 397 digits that it has never seen. Your question is another one: **is the digit even or odd?**
#
# Below is what training takes. You have written all of it before: initial weights (lesson 7), gradients (lesson 5),
# Adam (lesson 6; yours, where `my_library.py` has it).


# %% id="machine" role="setup"
def fresh(rng, *sizes):
    """A network nobody has trained, such as 64-64-32-10 (lesson 7): {"W1": …, "b1": …, …}"""
    params = {}
    for l in range(1, len(sizes)):
        fan_in, fan_out = sizes[l - 1], sizes[l]
        params[f"W{l}"] = rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)
        params[f"b{l}"] = np.zeros(fan_out)
    return params


def forward(params, X):
    """What every layer says, X first; the last one has no ReLU (lesson 3)."""
    said, last = [X], len(params) // 2
    for l in range(1, last + 1):
        z = said[-1] @ params[f"W{l}"] + params[f"b{l}"]
        said.append(z if l == last else np.maximum(z, 0))
    return said


def right(params, X, y):
    """The share of X that a whole network gets right."""
    return np.mean(forward(params, X)[-1].argmax(axis=1) == y)


def slopes(params, X, y):
    """Gradients of the cross-entropy (lesson 5)."""
    said, gradients = forward(params, X), {}
    dz = np.exp(said[-1] - said[-1].max(axis=1, keepdims=True))
    dz = (dz / dz.sum(axis=1, keepdims=True) - np.eye(dz.shape[1])[y]) / len(y)
    for l in range(len(params) // 2, 0, -1):
        gradients[f"W{l}"], gradients[f"b{l}"] = said[l - 1].T @ dz, dz.sum(axis=0)
        dz = (dz @ params[f"W{l}"].T) * (said[l - 1] > 0)
    return gradients


@library.yours(lesson=6)
def adam_step(p, g, state, lr):
    m, v, t = 0.9 * state[0] + 0.1 * g, 0.999 * state[1] + 0.001 * g**2, state[2] + 1
    return p - lr * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), (m, v, t)


def adam(params, X, y, rng, epochs=20, lr=0.003):
    """Train with Adam, 50 examples a batch -> params"""
    params, state = dict(params), {name: (0 * p, 0 * p, 0) for name, p in params.items()}
    for _ in range(epochs):
        turn = rng.permutation(len(y))
        for batch in (turn[i : i + 50] for i in range(0, len(y), 50)):
            for name, g in slopes(params, X[batch], y[batch]).items():
                params[name], state[name] = adam_step(params[name], g, state[name], lr)
    return params


def descend(params, X, y, rates, times):
    """Plain descent over all examples at once, with a learning rate for each layer, from the bottom
    up -> params"""
    params = dict(params)
    for _ in range(times):
        for name, g in slopes(params, X, y).items():
            params[name] = params[name] - rates[int(name[1:]) - 1] * g
    return params


# %% id="lenders" role="setup"
X, digit = data.digits()
order = np.random.default_rng(14).permutation(len(digit))
X, digit = X[order] / 16, digit[order]
lent, yours = slice(1400), slice(1400, None)  # rows of the lender, and 397 rows of yours
BASE = ["W1", "b1", "W2", "b2"]


def lender(seed, X, y):
    """Somebody's network of 64-64-32-C, trained on X and y."""
    rng = np.random.default_rng(seed)
    return adam(fresh(rng, 64, 64, 32, y.max() + 1), X, y, rng)


readers = [lender(seed, X[lent], digit[lent]) for seed in range(5)]
reader = readers[0]


def some_of_each(kinds, count, rng):
    """Rows of `count` random examples of each kind, and all other rows."""
    turn = rng.permutation(len(kinds))
    chosen = np.concatenate([turn[kinds[turn] == kind][:count] for kind in np.unique(kinds)])
    return chosen, np.setdiff1d(turn, chosen)


def with_head(base, X, y, classes):
    """Your functions at work: a new head on a frozen base -> the whole network"""
    seen = features(X, base)
    W, b = train_head(seen, y, np.zeros((seen.shape[1], classes)), np.zeros(classes), 0.1, 500)
    top = len(base) // 2 + 1
    return {**base, f"W{top}": W, f"b{top}": b}


# %% [markdown] id="first-try-intro"
# Your ten labels: **one picture of each digit**, marked even or odd. Five lenders have each trained a network, so that
# we do not depend on a single one. Here is the first, with your new head.


# %% id="first-try" role="demo"
@demo
def first_try():
    library.whose("adam_step")
    base, old_head = freeze(reader, BASE)
    pictures, odd = X[yours], digit[yours] % 2
    rows, others = some_of_each(digit[yours], 1, np.random.default_rng(0))
    network = with_head(base, pictures[rows], odd[rows], 2)
    says = forward(network, pictures[others])[-1].argmax(axis=1)
    some = others[:10]
    plot.show(
        plot.gallery(pictures[some].reshape(-1, 8, 8), [("even", "odd")[s] for s in says[:10]]),
        alt="Ten handwritten digits of 8 by 8 gray squares, each with the network's answer above "
        "it: even or odd. Most answers are right.",
    )
    print(
        f"the lender's network, on its own question: {right(reader, pictures, digit[yours]):.1%} "
        "right"
    )
    print(
        f"parameters: {sum(p.size for p in base.values()):,} frozen, "
        f"{sum(p.size for p in old_head.values())} in the old head"
    )
    print(
        f"new head, ten labels: {np.mean(says == odd[others]):.1%} of {len(others)} others are "
        "right"
    )


# %% [markdown] id="controls"
# ## Was that the base?
#
# Maybe ten labels are simply enough? A result alone says nothing. It needs **controls**: the same, but without what
# you want to praise.
#
# | | base | head |
# |---|---|---|
# | **borrowed, frozen** | trained by a lender | yours |
# | **from scratch** | all 64-64-32-2 layers trained on your labels alone | |
# | **random, frozen** | the same layers, never trained | yours |
# | **pixels** | none: the head sees the 64 pixels | yours |
#
# The third is easily forgotten. It tells whether the lender's *training* matters, or only that there are more numbers.
# Five lenders, three draws of your labels each; tested on all your other digits.


# %% id="win" role="demo"
def even_or_odd(counts, draws=3):
    """{(name, labels): shares right, one a round}"""
    pictures, kinds = X[yours], digit[yours]
    results = {}
    with bar(len(readers) * draws, "rounds") as rounds:
        for seed, draw in (divmod(number, draws) for number in rounds):
            rng = np.random.default_rng([seed, draw])
            base, _ = freeze(readers[seed], BASE)
            untrained = fresh(rng, 64, 64, 32, 2)
            for count in counts:
                rows, others = some_of_each(kinds, count, rng)
                known, rest = (
                    (pictures[rows], kinds[rows] % 2),
                    (pictures[others], kinds[others] % 2),
                )
                networks = {
                    "borrowed, frozen": with_head(base, *known, 2),
                    "from scratch": descend(untrained, *known, [0.1] * 3, 500),
                    "random, frozen": with_head(freeze(untrained, BASE)[0], *known, 2),
                    "pixels": with_head({}, *known, 2),
                }
                for name, network in networks.items():
                    results.setdefault((name, 10 * count), []).append(right(network, *rest))
    return results


@demo
def what_a_base_is_worth():
    results = even_or_odd((1, 2, 5, 10, 20))
    if not results:
        return  # stopped in the first round
    plot.show(
        plot.learning_curves(results, close_up=50),
        alt="Accuracy over the number of labels, from 10 to 200, a line for each of four ways. The "
        "borrowed base is on top up to 100 labels. From scratch and pixels run together below it, "
        "and from scratch has caught up at 200. The random frozen base is lowest everywhere.",
    )
    for name in dict.fromkeys(name for name, _ in results):
        print(
            f"{name:17}",
            *(f"{n} labels {np.mean(results[name, n]):.1%}  " for n in (10, 20, 50, 100, 200)),
        )
    better = np.sum(np.array(results["borrowed, frozen", 10]) > results["from scratch", 10])
    print(
        f"with ten labels the borrowed base beats training from scratch in {better} of "
        f"{len(results['pixels', 10])} rounds"
    )


# %% [markdown] id="win-lesson"
# With ten labels: 86 percent with the borrowed base, 78 from scratch, and better in every one of the fifteen rounds.
# Alone you would have needed between 20 and 50 labels to get there. Four things to notice.
#
# - **The random base is last.** So it is not the layers that help, it is what the lender's training put into them.
# - **From scratch and pixels start level.** With ten labels, hidden layers of your own are worth nothing.
# - **It fades.** With 200 labels, training from scratch has caught up. What is borrowed is a head start, not a gift for
#   life.
# - **It was not free.** Somebody paid for 1400 labels. And this is the friendliest case there is: whoever knows which
#   digit it is knows whether it is even.

# %% [markdown] id="hurt-intro"
# ## When it hurts
#
# New lenders. Theirs were trained on the digits **0 to 4** only, and they read those very well. Your question: which
# digit is it, of **5 to 9**? Same pen, same paper, same size, and somebody who already knows half of all digits. What
# could be closer?
#
# You have ten labels of each, 50 in all. Your network from scratch gets about 93 percent. Say first what the borrowed
# base will do.

# %% id="hurt-prediction" role="demo"
predict(
    "zero-to-four",
    "The base knows 0 to 4 and is frozen; a new head learns 5 to 9. Compared with training from "
    "scratch, it is …",
    ["better, by 3 points or more", "about the same", "worse, by 3 points or more"],
)

# %% id="hurt-setup" role="setup"
low = digit < 5
specialists = [lender(seed, X[low], digit[low]) for seed in range(5)]


def five_to_nine(count, draws=3):
    """{name: shares right, one a round}"""
    pictures, kinds, results = X[~low], digit[~low] - 5, {}
    for seed, draw in np.ndindex(len(specialists), draws):
        rng = np.random.default_rng([seed, draw])
        rows, others = some_of_each(kinds, count, rng)
        known, rest = (pictures[rows], kinds[rows]), (pictures[others], kinds[others])
        untrained = fresh(rng, 64, 64, 32, 5)
        borrowed = with_head(freeze(specialists[seed], BASE)[0], *known, 5)
        networks = {
            "from scratch": descend(untrained, *known, [0.1] * 3, 500),
            "pixels": with_head({}, *known, 5),
            "borrowed, frozen": borrowed,
            "borrowed, first layer only": with_head(
                freeze(specialists[seed], ["W1", "b1"])[0], *known, 5
            ),
            "random, frozen": with_head(freeze(untrained, BASE)[0], *known, 5),
            "borrowed, then fine-tuned": descend(borrowed, *known, [0.1] * 3, 500),
        }
        for name, network in networks.items():
            results.setdefault(name, []).append(right(network, *rest))
    return results


# %% id="hurt" role="demo"
@demo(after="zero-to-four")
def a_base_that_hurts():
    old = np.mean([right(lent, X[low], digit[low]) for lent in specialists])
    print(f"on 0 to 4, which they have learned, the lenders are right in {old:.1%}")
    results = five_to_nine(10)
    plot.show(
        plot.remedies(results, "right on other digits from 5 to 9 (%); a bar at the mean"),
        alt="Six rows of fifteen dots each. From scratch and pixels lie around 93 percent. The "
        "borrowed frozen base lies around 82, all its dots far left of the line at the mean from "
        "scratch, level with the random frozen base. Its first layer alone, and fine-tuning it, "
        "both reach 90 to 91.",
    )
    scratch = np.array(results["from scratch"])
    for name, shares in results.items():
        gap = np.array(shares) - scratch
        print(
            f"{name:26} {np.mean(shares):.1%}   better than from scratch in {np.sum(gap > 0):2} of "
            f"{len(gap)} rounds"
        )
    gap = 100 * np.mean(np.array(results["borrowed, frozen"]) - scratch)
    verdict = (
        "better, by 3 points or more"
        if gap >= 3
        else "worse, by 3 points or more"
        if gap <= -3
        else "about the same"
    )
    predict.reveal("zero-to-four", verdict)


# %% [markdown] id="hurt-lesson"
# <details><summary><b>After your run, open this</b></summary>
#
# Eleven points lost, in all fifteen rounds. The base of somebody who reads 0 to 4 without a mistake is worth about as
# much to you as one that *nobody* has trained. Your bare pixels, with no base at all, do much better. This is
# **negative transfer**.
#
# And nothing warns you. Training runs smoothly, the head's loss falls, and 82 percent may even look fine, as long as
# you do not run the controls.
#
# - **An earlier cut does less harm.** The first layer alone gives 91. First layers are more general than last ones. But
#   even this is less than the pixels give: it does not help either.
# - **Fine-tuning** (below) brings most of it back, and does not quite reach what you would have had without borrowing.
#
# Why? Ask the lenders what they take a 5 to be. They have never seen one, and must say something from 0 to 4.
#
# </details>


# %% id="why" role="demo"
@demo(after="zero-to-four")
def what_they_make_of_five_to_nine():
    shares = np.zeros((5, 5))
    for specialist in specialists:
        says = forward(specialist, X)[-1].argmax(axis=1)
        for kind in range(5, 10):
            shares[kind - 5] += (
                np.bincount(says[digit == kind], minlength=5)
                / np.sum(digit == kind)
                / len(specialists)
            )
    plot.show(
        plot.taken_for(shares, range(5, 10), range(5)),
        alt="A table of percentages: what the lenders of 0 to 4 say when shown 5 to 9. The column "
        "of the 3 is darkest: most of the nines and fives are taken for a 3, and many of the "
        "eights.",
    )
    print(
        "taken for a 3:",
        ", ".join(f"{kind} in {100 * shares[kind - 5, 3]:.0f}%" for kind in range(5, 10)),
    )


# %% [markdown] id="why-tested-intro"
# That suggests an explanation. To these lenders a 5, an 8 and a 9 are mostly a 3. So your head can hardly tell them
# apart, and its mistakes should pile up among those three.
#
# Sounds good. So test it. And test a second one: that what matters is *the question the lender was asked*. Networks of
# the very same layers, whose lenders were asked for all ten digits, should then do better. Both get the same 50 labels.


# %% id="why-tested" role="demo"
@demo(after="zero-to-four")
def explanations_tested():
    rows = np.arange(len(digit)) >= 1400  # pictures that no lender has seen
    pictures, kinds = X[rows & ~low], digit[rows & ~low] - 5
    mistakes, shares = {}, {}
    for seed, draw in np.ndindex(5, 3):
        chosen, others = some_of_each(kinds, 10, np.random.default_rng([seed, draw]))
        bases = {"lenders of 0 to 4": specialists[seed], "lenders of all ten": readers[seed]}
        bases = {name: freeze(lent_out, BASE)[0] for name, lent_out in bases.items()} | {
            "pixels": {}
        }
        for name, base in bases.items():
            network = with_head(base, pictures[chosen], kinds[chosen], 5)
            says = forward(network, pictures[others])[-1].argmax(axis=1)
            shares.setdefault(name, []).append(np.mean(says == kinds[others]))
            mixed_up = mistakes.setdefault(name, np.zeros((5, 5)))
            np.add.at(mixed_up, (kinds[others], says), says != kinds[others])
    for name, mixed_up in mistakes.items():
        among = mixed_up[np.ix_([0, 3, 4], [0, 3, 4])].sum() / mixed_up.sum()
        print(
            f"{name:19} {np.mean(shares[name]):.1%} right; of {mixed_up.sum():.0f} mistakes "
            f"{among:.0%} are among 5, 8 and 9"
        )


# %% [markdown] id="why-lesson"
# The second explanation holds, and clearly. The very same layers, asked for all ten: 96 percent instead of 83, more
# than the pixels' 95. The first one is half a truth at best: 60 percent of the mistakes are among the three, but with
# pixels it is 45 percent. They are hard for everybody, and mistakes have grown everywhere else too.
#
# **A network learns to forget.** To tell 0 to 4 apart, it keeps what differs between *them*, and lets everything else
# go: that is what it was rewarded for. What distinguishes a 5 from a 9 never earned it anything. By the last layer
# it is mostly gone, and no head can bring it back.
#
# So do not ask whether the pictures are alike. Ask whether **the lender's question needed what your question needs**.
# The thousand kinds of things that ResNet50 and VGG16 were asked for need nearly everything, which is why they are
# lent so much.

# %% [markdown] id="really-frozen"
# ## Is it really frozen?
#
# "Frozen" is easily said. Here are four ways in which a base that was called frozen moves all the same, or something
# else stands still.
#
# **The optimizer sees it.** Somebody sets the gradient of the base to zero and hands *all* parameters to an optimizer
# with weight decay. Decay needs no gradient: at every step it takes away lr · decay of each weight. With a rate of 0.1
# and a decay of 0.01 that is a thousandth, and after 500 steps 0.999<sup>500</sup> = 0.606 of it are left. Momentum
# does something of the kind: a velocity from earlier training rolls on with no gradient at all, for another
# 0.9 + 0.81 + … = 9 times its length.
#
# **Statistics.** A base with batch normalization (lesson 7) keeps a running mean and variance. They follow the data in
# training mode, without any gradient. Say a running mean of 4, a momentum of 0.1, and your pictures have a mean of 8.
# After one batch it is 0.9 · 4 + 0.1 · 8 = 4.4, after 20 batches 8 − 4 · 0.9<sup>20</sup> = 7.5.
#
# **The head is frozen too.** Then nothing learns, and the loss stands still.
#
# **The frozen layer is skipped.** Frozen means "does not learn". It still computes.


# %% id="decayed" role="demo"
@demo
def called_frozen():
    base, _ = freeze(reader, BASE)
    before = {name: array.tobytes() for name, array in base.items()}
    lr, decay = 0.1, 0.01
    # Handed over to the optimizer, with gradients of zero.
    handed_over = {name: array.copy() for name, array in base.items()}
    for _ in range(500):
        for name in handed_over:
            handed_over[name] = handed_over[name] - lr * (0 + decay * handed_over[name])
    for title, now in (
        ("gradient zeroed, decay left on", handed_over),
        ("kept from the optimizer", base),
    ):
        same = all(now[name].tobytes() == before[name] for name in before)
        left = np.linalg.norm(now["W1"]) / np.linalg.norm(reader["W1"])
        seen = np.mean(features(X[yours], now)) / np.mean(features(X[yours], base))
        print(
            f"{title:31} same bytes: {same!s:5}  length of W1: {left:.1%}  size of the features: "
            f"{seen:.1%}"
        )


# %% [markdown] id="decayed-lesson"
# The head that you trained on the old features now hears about a third of what it was trained on, or goes on
# chasing a base that fades. Nothing crashes. So do not trust a flag. **Compare bytes, before and after.**

# %% [markdown] id="tests-intro"
# ### You write the test
#
# Five colleagues froze a base, each with one mistake:
#
# - *head frozen too*: nothing trains
# - *frozen layer skipped*: the head reads the input, not the features
# - *gradient zeroed, decay left on*: the optimizer sees the base
# - *running mean goes on*: the base follows the statistics of your data (but computes with the old ones in this step)
# - *base trains along*: it was never frozen
#
# They let a small network do one step, and you may look at **three** facts. Which three unmask all five?
#
# | | the step starts with | weight decay | you look at |
# |---|---|---|---|
# | a | a head of zeros | none | the loss before the step |
# | b | a head of zeros | none | W1 of the base, after it |
# | c | a trained head | none | W1 of the base, after it |
# | d | a trained head | 0.1 | W1 of the base, after it |
# | e | a trained head | none | the running mean of the base, after it |
# | f | a head of zeros | none | b2 of the head, after it |
# | g | a trained head | none | W2 of the head, after it |
#
# A hint: what does a head of zeros send back to the base? And what does it make of features, right or wrong?

# %% exercise="freeze_tests"

# %% [markdown] id="tune"
# ## Fine-tuning
#
# A frozen base cannot adapt. So let it learn as well: **fine-tuning**. But gently. It knows something, and a large step
# in the first minute could throw it away. Two rules have proved their worth.
#
# 1. **First the head, then the base.** A new head knows nothing, and its slopes are wild. Train it on the frozen base,
#    and only then let go.
# 2. **A learning rate for every layer**, small at the bottom, large on top: **discriminative learning rates**. Frozen
#    is the special case of a rate of 0.
#
# By hand: rates of 0.01 for the base and 0.5 for the head. A slope of 0.2 moves a weight of the base by 0.002 and one
# of the head by 0.1.
#
# ### What gets lost
#
# Even or odd again, with 50 labels. We watch two questions: yours, and the lender's old one, ten digits, with the old
# head put back on. The pictures in the film are ten that neither of you has trained on; the percentages are of all such
# pictures. In the code, a list of rates goes through the layers from the bottom up: the last rate is the head's.


# %% id="film" role="demo"
def tuned(draw, rates, steps):
    """Head first, then all, on 5 labels of each digit -> your question, the old one, the network"""
    pictures, kinds = X[yours], digit[yours]
    rows, others = some_of_each(kinds, 5, np.random.default_rng([draw, 7]))
    base, old_head = freeze(reader, BASE)
    network = with_head(base, pictures[rows], kinds[rows] % 2, 2)
    network = descend(network, pictures[rows], kinds[rows] % 2, rates, steps)
    base, _ = freeze(network, BASE)
    old = {**base, **old_head}
    return (
        right(network, pictures[others], kinds[others] % 2),
        right(old, pictures[others], kinds[others]),
        old,
        others,
    )


@demo
def forgetting():
    recipes = {"0.5 for every layer": [0.5] * 3, "0.01, head 0.5": [0.01, 0.01, 0.5]}
    figures, captions = [], []
    for steps in (0, 5, 10, 20, 50, 100, 200, 500):
        rows, words = {}, []
        for name, rates in recipes.items():
            new, old, network, others = tuned(0, rates, steps)
            some = np.array([others[digit[yours][others] == kind][0] for kind in range(10)])
            rows[name] = forward(network, X[yours][some])[-1].argmax(axis=1)
            words.append(f"{name}: even or odd {new:.1%}, ten digits {old:.1%}")
        figures.append(plot.remembered(X[yours][some].reshape(-1, 8, 8), range(10), rows))
        captions.append(f"after {steps:3} steps   " + "   |   ".join(words))
    plot.film(
        figures,
        captions,
        alt="Ten handwritten digits, 0 to 9, in two rows. Below each stands what the old head "
        "says. In the upper row, with one large rate for every layer, most frames turn to orange "
        "dashes and crosses within five steps, and several never turn back. In the lower row, with "
        "a small rate for the base, all ten stay right.",
    )
    print("\n".join(captions))


# %% [markdown] id="film-lesson"
# Look at the numbers after five steps. With 0.5 for every layer, the lender's 97 percent have fallen to 17, and your
# own question to a coin toss. Yours recovers. The old one never does: after 500 steps it is at 50. This is called
# **catastrophic forgetting**. In the lower row the same head learns as fast, and the base keeps what it knew.
#
# That was one draw. Here are six, and five choices of rates.


# %% id="rates" role="demo"
@demo
def rates_compared():
    for name, rates in {
        "base frozen, head 0.1": [0, 0, 0.1],
        "base 0.001, head 0.1": [0.001, 0.001, 0.1],
        "base 0.01, head 0.5": [0.01, 0.01, 0.5],
        "0.1 for every layer": [0.1] * 3,
        "0.5 for every layer": [0.5] * 3,
    }.items():
        scores = np.array([tuned(draw, rates, 500)[:2] for draw in range(6)])
        new, old = scores.mean(axis=0)
        print(
            f"{name:22} even or odd {new:.1%} (worst draw {scores[:, 0].min():.1%})   ten digits "
            f"{old:.1%}"
        )


# %% [markdown] id="rates-lesson"
# - **Gentle fine-tuning helps a little**: about a point more than the frozen base. With six draws that is no more than
#   a hint.
# - **One large rate harms you too**: 85 percent, five points less than if you had left the base alone. And the old
#   question is down to 20.
# - **A small rate for the base costs nothing**: 91 percent for you, and the old 97 as well.
#
# If nobody needs the old question any more, forgetting it is no loss in itself. But it is a sign: what the base knew
# is being overwritten by 50 labels.

# %% [markdown] id="repair-the-claim"
# ## Repair the claim
#
# One of the articles has a function that borrows ResNet50, freezes it and puts a new head on it. The function is fine.
# But then it is used like any other network: pictures go in as they come. Nowhere does the article ask *how the lender
# prepared theirs*.
#
# Below, pictures come as a scanner delivers them: 0 to 255, and paper is white, so 255. The lender's pictures were from
# 0 to 1, and ink was 1. Run it, then **repair** `prepare`. Nothing else.


# %% id="repair-the-claim-code" role="demo"
def prepare(scans):
    return scans


@demo
def pictures_from_a_scanner():
    scans, kinds = np.round(255 * (1 - X[yours])), digit[yours]
    base, _ = freeze(reader, BASE)
    print(
        f"the lender's own network on the scans: {right(reader, prepare(scans), kinds):.1%} of the "
        "digits right"
    )
    shares = []
    for draw in range(10):
        rows, others = some_of_each(kinds, 1, np.random.default_rng(draw))
        network = with_head(base, prepare(scans[rows]), kinds[rows] % 2, 2)
        shares.append(right(network, prepare(scans[others]), kinds[others] % 2))
    print(f"your new head, ten labels, ten draws: {np.mean(shares):.1%} right, even or odd")


# %% [markdown] id="repair-the-claim-answer"
# <details><summary>Compare</summary>As they come, the lender's own network reads 0.3 percent of the scans: far worse
# than guessing. And your head gets 78.1 percent, which looks so harmless that you might never ask. Repaired:
# <code>return 1 - scans / 255</code>. Now the lender's network reads 97.0 percent, and your head gets 84.9.<br>The
# lender's preparation belongs to the base like its weights. For ResNet50 in Keras it is
# <code>keras.applications.resnet50.preprocess_input</code>: blue, green, red instead of red, green, blue, and from
# each a mean is taken away (103.939, 116.779 and 123.68). The article's code needs that line, and does not have
# it.<br>A test that finds this in a minute: let the borrowed network answer <i>its own</i> question on your pictures,
# before you take off its head.</details>

# %% [markdown] id="resnet"
# ## The real thing: ResNet50
#
# Now the article's network, without a download, in exact numbers. ResNet50 has 49 convolutions in a row and 4 more on
# its shortcuts (in lesson 7: ways around). Its base turns a picture of 224 × 224 into 2048 channels of 7 × 7.
# The article puts on top of it:
#
# 1. a **global average pool** (lesson 11): one number a channel, so 2048 features
# 2. a dense layer of 256 with ReLU
# 3. a dense layer of 10 with softmax
#
# ### By hand
#
# How many parameters have 2 and 3? And how many would 2 have *without* the average, if all 7 · 7 · 2048 numbers went
# in?
#
# <details><summary>Compare</summary>2048 · 256 + 256 = <b>524,544</b>, and 256 · 10 + 10 = <b>2,570</b>. Together
# <b>527,114</b>.<br>Without the average: 100,352 · 256 + 256 = <b>25,690,368</b>. One layer, larger than all of
# ResNet50.</details>
#
# And the base? Each convolution has k · k · channels in · channels out weights and, in Keras, a bias for every channel
# out. Behind it comes a batch normalization with four numbers a channel: γ, β, and the running mean and variance.


# %% id="resnet-count" role="demo"
@demo
def count_resnet50():
    convolutions, channels = [(7, 3, 64)], 64  # (k, channels in, channels out)
    for width, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for block in range(blocks):
            convolutions += [(1, channels, width), (3, width, width), (1, width, 4 * width)]
            if block == 0:  # the shortcut needs as many channels as the block gives out
                convolutions.append((1, channels, 4 * width))
            channels = 4 * width
    weights = sum(k * k * ins * outs for k, ins, outs in convolutions)
    outs = sum(outs for _, _, outs in convolutions)
    base, head, flat = (
        weights + outs + 4 * outs,
        2048 * 256 + 256 + 2570,
        7 * 7 * 2048 * 256 + 256 + 2570,
    )
    plot.show(
        plot.frozen_or_not({"ResNet50": base}, {"head, averaged": head, "head, all 7 × 7": flat}),
        alt="Three bars. ResNet50: 23,587,712 parameters. The article's head behind an average: "
        "527,114, a sliver. The same head without the average: 25,692,938, longer than ResNet50 "
        "itself.",
    )
    print(f"{len(convolutions)} convolutions, {weights:,} weights, {outs:,} channels out in all")
    print(
        f"base {base:,}; of these no optimizer ever trains {2 * outs:,}: the running means and "
        "variances"
    )
    print(f"head {head:,}, which is {head / (base + head):.1%} of {base + head:,}")


# %% [markdown] id="resnet-lesson"
# So the head that trains is 2.2 percent of the network. For 1000 cats and dogs that is still 527 parameters for every
# photograph. A single dense layer behind the average would do with 2048 · 2 + 2 = 4,098, four for each. Start there.
#
# Two remarks on the article.
#
# - **53,120 numbers that follow no gradient.** That is how many statistics could drift. In today's Keras, `trainable
#   = False` stops a batch normalization's statistics as well. In early versions, and in PyTorch, it does not.
# - **Its exercise says "fine-tune".** Its code freezes everything. That is the first of the two steps.
#
# And the 500 photographs to be classified? If you know their labels, you can say how well you do: with 475 right you
# have 95 percent, and a standard error of √(0.95 · 0.05 / 500) = 1 percent. Between 93 and 97, then.

# %% [markdown] id="libraries"
# ## In the libraries
#
# The same moves. Not run here; they want to download the weights.
#
# ```python
# # Keras
# base = keras.applications.ResNet50(weights="imagenet", include_top=False, pooling="avg")
# base.trainable = False
# inputs = keras.Input((224, 224, 3))
# features = base(keras.applications.resnet50.preprocess_input(inputs), training=False)
# model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(features))
# # later, to fine-tune: base.trainable = True, and compile again with a rate of 1e-5
#
# # PyTorch
# weights = torchvision.models.ResNet50_Weights.DEFAULT
# model = torchvision.models.resnet50(weights=weights)           # weights.transforms() prepares pictures
# model.requires_grad_(False)
# model.fc = torch.nn.Linear(2048, 10)                           # new, and so trainable
# optimizer = torch.optim.SGD(model.fc.parameters(), lr=0.1)     # shown the head alone
# model.eval()                                                   # or the statistics move
# # later: AdamW([{"params": model.layer4.parameters(), "lr": 1e-5}, {"params": model.fc.parameters(), "lr": 1e-3}])
# ```
#
# Find in both: the freezing, the new head, the statistics, the preparation, and the rates. `training=False` stays,
# also while fine-tuning.

# %% [markdown] id="deepvideo"
# ## What others measured
#
# DeepVideo, from the table at the beginning, was lent as well. Its makers took a base trained on a million videos of
# sports and asked it for another collection, of 101 kinds of actions. Their four results:
#
# | | right |
# |---|---|
# | from scratch | 41.3 % |
# | only the top layer new, the rest frozen | 64.1 % |
# | the top three layers fine-tuned | **65.4 %** |
# | all layers fine-tuned | 62.2 % |
#
# Everything you saw today is in there. Borrowing is worth a lot. Letting some layers learn gives a little more. Letting
# all of them learn, on too few examples, takes some of it away again.

# %% [markdown] id="history"
# ## Where this comes from
#
# - **1976.** Stevo Bozinovski and Ante Fulgosi write down how what a perceptron has learned helps, or hinders, what it
#   learns next.
# - **1989.** Michael McCloskey and Neal Cohen teach a network one kind of sums, then another. It forgets the first:
#   *catastrophic interference*.
# - **1993.** Lorien Pratt shows when borrowed weights speed up training and when they stand in the way.
# - **2014.** Jason Yosinski and others cut networks at every layer. The first layers are general, the last ones
#   special. That is why your borrowed *first* layer did less harm.
# - **2018.** Jeremy Howard and Sebastian Ruder carry fine-tuning to texts, and give every layer a learning rate of its
#   own: *discriminative fine-tuning*.

# %% [markdown] id="quiz-intro"
# ## Six questions
#
# Three about this lesson, three about earlier ones. Answer from memory: the effort of recalling is what makes it
# stay. Nothing here is graded.

# %% id="quiz" role="demo"
quiz("14_transfer")

# %% [markdown] id="take-along"
# ## What to take along
#
# - Base and head: freeze the one, compute its features once, train the other.
# - A borrowed base is worth a lot with few labels, and less and less with more.
# - Always run the controls: from scratch, a random base, the bare input.
# - A network forgets what its own question does not ask for. A near neighbor may be a bad lender.
# - Frozen is what has the same bytes afterwards. Decay, momentum and statistics need no gradient.
# - First the head, then the base, with a small rate at the bottom.
# - Prepare pictures as the lender did.
#
# **Next: lesson 15.** Networks that draw, networks that attend, and a library of your own.

# %% [markdown] id="go-deeper"
# ## Go deeper
#
# **Try.** Lend from a network that learned even or odd, and ask it for the ten digits. (Train one with `lender(0,
# X[lent], digit[lent] % 2)`.) What will be missing? Or train the specialists of 0 to 4 for 2 epochs instead of 20:
# less of a specialist, a better lender?
#
# **Why does a base forget?** Training pulls pictures of one class together and classes apart, and only as many
# directions are needed as there are classes, less one. In long training the last features of a class shrink almost to
# a point: *neural collapse*.
#
# **Read.**
# - J. Yosinski, J. Clune, Y. Bengio and H. Lipson, "How transferable are features in deep neural networks?", *NIPS*
#   (2014), 3320–3328
# - A. Sharif Razavian and others, "CNN features off-the-shelf: an astounding baseline for recognition", *CVPR Workshops*
#   (2014), 512–519
# - S. Kornblith, J. Shlens and Q. V. Le, "Do better ImageNet models transfer better?", *CVPR* (2019), 2661–2671
# - J. Howard and S. Ruder, "Universal language model fine-tuning for text classification", *ACL* (2018), 328–339
# - A. Kumar and others, "Fine-tuning can distort pretrained features and underperform out-of-distribution", *ICLR*
#   (2022): first the head, then the base
# - V. Papyan, X. Y. Han and D. L. Donoho, "Prevalence of neural collapse during the terminal phase of deep learning
#   training", *PNAS* 117 (2020), 24652–24663
# - K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", *CVPR* (2016), 770–778: ResNet50
# - K. He, R. Girshick and P. Dollár, "Rethinking ImageNet pre-training", *ICCV* (2019), 4918–4927: with enough data,
#   from scratch is as good
# - S. Bozinovski and A. Fulgosi, "The influence of pattern similarity and transfer learning upon training of a base
#   perceptron B2", *Symposium Informatica*, Bled (1976)
# - L. Y. Pratt, "Discriminability-based transfer between neural networks", *NIPS* 5 (1993), 204–211
# - M. McCloskey and N. J. Cohen, "Catastrophic interference in connectionist networks: the sequential learning
#   problem", *Psychology of Learning and Motivation* 24 (1989), 109–165
# - The table's networks: Y. Wu and others, "Google's neural machine translation system", arXiv:1609.08144 (2016);
#   I. Sutskever, O. Vinyals and Q. V. Le, "Sequence to sequence learning with neural networks", *NIPS* (2014),
#   3104–3112; K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image recognition",
#   *ICLR* (2015); A. Karpathy and others, "Large-scale video classification with convolutional neural networks", *CVPR*
#   (2014), 1725–1732
