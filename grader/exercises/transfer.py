"""The exercises of solutions/transfer.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from grader.exercises.dense import network
from solutions import transfer as truth

STAGE = "14_transfer"


def freeze_cases(rng):
    """Bases of one and two layers, none, all; eleven layers, where W1 begins like W10; batch statistics in the base."""
    two, three = network(rng, 3, 4, 2), network(rng, 4, 5, 3, 2)
    eleven = network(rng, *[2, 3] * 6)
    widths = {"gamma1": 1, "beta1": 1, "mean1": 1, "var1": 1}
    normalized = network(rng, 3, 5, 2) | {name: rng.normal(size=5 * n) for name, n in widths.items()}
    return [
        case("a base of one layer", two, ["W1", "b1"]),
        case("a base of two layers", three, ["W1", "b1", "W2", "b2"]),
        case("the last layer frozen, the first not", two, ["b2", "W2"]),
        case("a single bias", three, ["b2"]),
        case("nothing frozen", two, []),
        case("everything frozen", two, list(two)),
        case("eleven layers, the first one frozen", eleven, ("W1", "b1")),
        case("a base with batch normalization", normalized, ["W1", "b1", *widths]),
    ]


def _freeze(stays=lambda name, names: name in names, answer=lambda frozen, trainable, params: (frozen, trainable)):
    """freeze with one thing wrong."""

    def wrong(params, names):
        frozen = {name: array for name, array in params.items() if stays(name, names)}
        trainable = {name: array for name, array in params.items() if name not in frozen}
        return answer(frozen, trainable, params)

    return wrong


def _takes_out(params, names):
    return {name: params.pop(name) for name in list(names)}, params


freeze = Exercise(
    "freeze",
    STAGE,
    truth.freeze,
    freeze_cases,
    points={"value": 2, "purity": 0.5},
    hints=(
        "Two new dicts: every parameter goes into exactly one of them. What decides which?",
        "Loop over `params.items()`, names and arrays, and ask whether the name is in `names`.",
        "A dict comprehension with an `if` makes each of the two; the second asks `not in`. Params itself stays "
        "as it is.",
    ),
    misconceptions=(
        Misconception(
            "head frozen too",
            wrong=_freeze(answer=lambda frozen, trainable, params: (dict(params), {})),
            hint="Nothing is left to train, whatever `names` says. Who is to learn the new task?",
        ),
        Misconception(
            "the optimizer gets them all",
            wrong=_freeze(answer=lambda frozen, trainable, params: (frozen, dict(params))),
            hint="The frozen parameters are in both dicts. What does weight decay do to a parameter that the optimizer "
            "can see, even where its gradient is zero?",
        ),
        Misconception(
            "the other way round",
            wrong=_freeze(answer=lambda frozen, trainable, params: (trainable, frozen)),
            hint="What should stay learns, and what should learn stays. Which of the two dicts comes first?",
        ),
        Misconception(
            "batch statistics go on moving",
            wrong=_freeze(stays=lambda name, names: name in names and not name.startswith(("mean", "var"))),
            hint="A mean and a variance were named, and they are among those that change. Do statistics need a gradient "
            "to drift away?",
        ),
        Misconception(
            "weights frozen, biases not",
            wrong=_freeze(stays=lambda name, names: name in names and not name.startswith("b")),
            hint="All the biases are trainable, the named ones too. If a bias of the base moves, does the base still say "
            "the same?",
        ),
        Misconception(
            "names that begin alike",
            wrong=_freeze(stays=lambda name, names: any(name.startswith(each) for each in names)),
            hint='With eleven layers you freeze too many. Is W10 the parameter that "W1" means?',
        ),
        Misconception(
            "frozen ones thrown away",
            wrong=_freeze(answer=lambda frozen, trainable, params: ({}, trainable)),
            hint="The frozen parameters have vanished. Who computes the features in the forward pass?",
        ),
        Misconception(
            "frozen means zero",
            wrong=_freeze(
                answer=lambda frozen, trainable, params: ({k: np.zeros_like(v) for k, v in frozen.items()}, trainable)
            ),
            hint="The right names, but all their numbers are 0. What was it that you wanted to keep?",
        ),
        Misconception(
            "taken out of params",
            wrong=_takes_out,
            hint="The answer is right, and the caller's network has lost its base. How do you sort without removing?",
        ),
    ),
)


def features_cases(rng):
    """N, D and H all different; no layer up to three; sums on either side of 0, also behind the last layer."""

    def base(*sizes):
        params = network(rng, *sizes)
        for l in range(1, len(sizes)):
            params[f"b{l}"][:2] = rng.permutation([0.5, -0.5])
        return params

    backwards = dict(reversed(base(3, 4, 2).items()))
    small = {name: array.astype(np.float32) for name, array in base(4, 3, 5).items()}
    return [
        case("two layers, 3-4-2, five examples", rng.normal(size=(5, 3)), base(3, 4, 2)),
        case("one layer", rng.normal(size=(6, 4)), base(4, 3)),
        case("three layers", rng.normal(size=(7, 2)), base(2, 5, 4, 3)),
        case("all layers of one size", rng.normal(size=(3, 3)), base(3, 3, 3)),
        case("a single example", rng.normal(size=(1, 5)), base(5, 4, 2)),
        case("a dict in another order", rng.normal(size=(4, 3)), backwards),
        case("float32 stays float32", rng.normal(size=(6, 4)).astype(np.float32), small),
        case("a base of no layers", rng.normal(size=(4, 3)), {}),
    ]


def _features(step=lambda a, W, b, last: np.maximum(a @ W + b, 0), layers=lambda L: range(1, L + 1), of=None):
    """features with one thing wrong."""

    def wrong(X, params):
        pairs = of(params) if of else {l: (params[f"W{l}"], params[f"b{l}"]) for l in range(1, len(params) // 2 + 1)}
        a, L = X, len(pairs)
        for l in layers(L):
            a = step(a, *pairs[l], l == L)
        return a

    return wrong


def _in_order_of_dict(params):
    arrays = list(params.values())
    return {l: (arrays[2 * l - 2], arrays[2 * l - 1]) for l in range(1, len(arrays) // 2 + 1)}


def _written_over(X, params):
    wrong = _features()(X.copy(), params)
    X[:] = np.maximum(X, 0)
    return wrong


features = Exercise(
    "features",
    STAGE,
    truth.features,
    features_cases,
    points={"value": 2.5, "shape": 0.5, "purity": 0.25},
    hints=(
        "It is the forward pass of lesson 3 with one difference. Look at the formula: which layer has no ReLU here?",
        "None: every layer has one. So each round makes z and bends it at once, and hands it on.",
        "How many layers are there? Half as many as arrays. The names carry the number, from 1 on.",
    ),
    misconceptions=(
        Misconception(
            "frozen layers skipped",
            wrong=lambda X, params: X.copy(),
            hint="The features are the pixels. Frozen means that a layer does not learn: does it still compute?",
        ),
        Misconception(
            "last layer without ReLU",
            wrong=_features(lambda a, W, b, last: a @ W + b if last else np.maximum(a @ W + b, 0)),
            hint="Some features are negative. In a whole network the last layer has no ReLU. Is the last layer of a base "
            "the last of the network?",
        ),
        Misconception(
            "no ReLU at all",
            wrong=_features(lambda a, W, b, last: a @ W + b),
            hint="Without anything in between, layers collapse into one (lesson 3). What follows every layer of a base?",
        ),
        Misconception(
            "bias forgotten",
            wrong=_features(lambda a, W, b, last: np.maximum(a @ W, 0)),
            hint="The weights are at work. What else has each layer learned?",
        ),
        Misconception(
            "ReLU before the bias",
            wrong=_features(lambda a, W, b, last: np.maximum(a @ W, 0) + b),
            hint="Negative features again, and only where a bias is. Does the bias belong to the sum, or to what ReLU "
            "leaves of it?",
        ),
        Misconception(
            "first layer only",
            wrong=_features(layers=lambda L: range(1, 2)),
            hint="With a single layer all is well. How many has the base, and how do you find out?",
        ),
        Misconception(
            "one layer too few",
            wrong=_features(layers=lambda L: range(1, L)),
            hint="You stop before the last layer. `params` is the base alone, its head is gone already: which layer is "
            "the last to be used?",
        ),
        Misconception(
            "layers in the order of the dict",
            wrong=_features(of=_in_order_of_dict),
            hint="Only the dict in another order fails. What tells you which layer is first: its place, or its name?",
        ),
        Misconception(
            "writes into X",
            wrong=_written_over,
            hint="The features are right, but the caller's pictures have changed. How do you leave X as it was?",
        ),
    ),
)


def train_head_cases(rng):
    """N, H and C all different; heads from zeros and trained ones; no step, one, many; features in the thousands."""

    def task(N, H, C, *how, start=1.0, scale=1.0, dtype=float):
        A = np.abs(rng.normal(size=(N, H))) * scale
        y = rng.permutation(np.arange(N) % C)
        W, b = start * rng.normal(size=(H, C)), start * rng.normal(size=C)
        return A.astype(dtype), y, W.astype(dtype), b.astype(dtype), *how

    return [
        case("one step from zeros", *task(5, 4, 3, 0.5, 1, start=0)),
        case("one step from a trained head", *task(7, 3, 2, 0.5, 1)),
        case("twelve steps", *task(6, 4, 3, 0.3, 12)),
        case("the default rate and number of steps", *task(4, 3, 2)),
        case("no step at all", *task(5, 2, 3, 0.1, 0)),
        case("four classes, four features", *task(9, 4, 4, 0.2, 3)),
        case("a single example", *task(1, 3, 2, 0.5, 4)),
        case("float32 stays float32", *task(6, 3, 2, 0.25, 5, dtype=np.float32)),
        case("features in the thousands", *task(5, 3, 2, 0.01, 2, scale=3000.0), stable=True),
    ]


def _softmax(z, axis=1, shift=True):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True)) if shift else np.exp(z)
    return e / np.sum(e, axis=axis, keepdims=True)


def _slope(A, y, W, b, p=_softmax):
    return (p(A @ W + b) - np.eye(len(b), dtype=W.dtype)[y]) / len(y)


def _train_head(
    slope=_slope,
    bias=lambda db: db,
    sign=-1,
    count=lambda steps: steps,
    start=lambda W, b: (W, b),
    once=False,
    answer=lambda W, b: (W, b),
):
    """train_head with one thing wrong."""

    def wrong(A, y, W, b, lr=0.1, steps=100):
        W, b = start(W, b)
        dz = slope(A, y, W, b)
        for _ in range(count(steps)):
            dz = dz if once else slope(A, y, W, b)
            W, b = W + sign * lr * (A.T @ dz), b + sign * lr * bias(np.sum(dz, axis=0))
        return answer(W, b)

    return wrong


def _in_place(A, y, W, b, lr=0.1, steps=100):
    for _ in range(steps):
        dz = _slope(A, y, W, b)
        W -= lr * (A.T @ dz)
        b -= lr * np.sum(dz, axis=0)
    return W, b


def _squared(A, y, W, b):
    return (A @ W + b - np.eye(len(b), dtype=W.dtype)[y]) / len(y)


train_head = Exercise(
    "train_head",
    STAGE,
    truth.train_head,
    train_head_cases,
    points={"value": 3.5, "shape": 0.5, "stability": 0.5, "purity": 0.5},
    hints=(
        "One round is: scores, probabilities, gradient, step. You have written every one of them; here they "
        "stand in a loop of `steps` rounds.",
        "The gradient of the scores is softmax minus onehot, divided by N, once. Each round computes it from "
        "the newest W and b.",
        "W's gradient is Aᵀ times that, b's is its sum over the examples. Then both take their step downhill.",
        "Write `W = W - …`, not `W -= …`: the caller keeps the old head. Return both.",
    ),
    misconceptions=(
        Misconception(
            "begins at zero again",
            wrong=_train_head(start=lambda W, b: (np.zeros_like(W), np.zeros_like(b))),
            hint="The head you are given has no effect. Where should somebody begin who has trained for a while already?",
        ),
        Misconception(
            "gradient computed once",
            wrong=_train_head(once=True),
            hint="The first step is right. The features stay the same at every step: do the head's answers?",
        ),
        Misconception(
            "1/N forgotten",
            wrong=_train_head(slope=lambda A, y, W, b: _slope(A, y, W, b) * len(y)),
            hint="With a single example you are right, otherwise the steps are too long. Is the loss a sum or a mean?",
        ),
        Misconception(
            "bias left out",
            wrong=_train_head(bias=lambda db: 0 * db),
            hint="b comes back as it went in. What is its gradient?",
        ),
        Misconception(
            "bias gradient averaged",
            wrong=_train_head(bias=lambda db: db / db.dtype.type(len(db))),
            hint="The weights' first step is right, that of the bias is too short. Its slope is a sum over n. Over what "
            "do you take a mean?",
        ),
        Misconception(
            "climbs",
            wrong=_train_head(sign=1),
            hint="The loss grows with every step. Which way does the gradient point?",
        ),
        Misconception(
            "a single step",
            wrong=_train_head(count=lambda steps: min(steps, 1)),
            hint="After one step you are right, after twelve you are still there. What is `steps` for?",
        ),
        Misconception(
            "one step too many",
            wrong=_train_head(count=lambda steps: steps + 1),
            hint="Even if no step is asked for, the head moves. How often does your loop run?",
        ),
        Misconception(
            "softmax over the examples",
            wrong=_train_head(slope=lambda A, y, W, b: _slope(A, y, W, b, lambda z: _softmax(z, axis=0))),
            hint="What adds up to 1 in your p: a row or a column? One row is one example.",
        ),
        Misconception(
            "scores taken for probabilities",
            wrong=_train_head(slope=_squared),
            hint="You subtract the labels from z itself. What turns scores into probabilities first?",
        ),
        Misconception(
            "exp without a shift",
            wrong=_train_head(slope=lambda A, y, W, b: _slope(A, y, W, b, lambda z: _softmax(z, shift=False))),
            hint="Only the features in the thousands break it. What may be subtracted from a row of scores without "
            "changing the probabilities (lesson 2)?",
        ),
        Misconception(
            "only the weights returned",
            wrong=_train_head(answer=lambda W, b: W),
            hint="The weights come back alone. Which two things make up a head?",
        ),
        Misconception(
            "changes the head in place",
            wrong=_in_place,
            hint="The numbers are right, but `W -= …` writes into the caller's array. How do you get a new one?",
        ),
    ),
)
