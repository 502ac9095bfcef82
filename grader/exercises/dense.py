"""The exercises of solutions/dense.py: the layer, the network of layers, and its parameters counted."""

from itertools import pairwise

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import dense as truth

STAGE = "03_networks"


def dense_forward_cases(rng):
    """Oblong sizes name a transpose loudly; a square catches the silent ones; signs mix, so a ReLU shows."""

    def layer(N, D, M):
        return rng.normal(size=(N, D)), rng.normal(size=(D, M)), rng.normal(size=M)

    return [
        case("five examples, three inputs, four units", *layer(5, 3, 4)),
        case("fewer units than inputs", *layer(2, 6, 3)),
        case("a square layer, four by four", *layer(4, 4, 4)),
        case("a single example", *layer(1, 7, 2)),
        case("a single unit", *layer(6, 2, 1)),
    ]


dense_forward = Exercise(
    "dense_forward",
    STAGE,
    truth.dense_forward,
    dense_forward_cases,
    points={},
    reveal="worked",
    misconceptions=(
        Misconception(
            "bias forgotten",
            wrong=lambda x, w, b: x @ w,
            hint="Each unit has its own bias, the same for every example: where does b enter?",
        ),
        Misconception(
            "ReLU applied as well",
            wrong=lambda x, w, b: np.maximum(x @ w + b, 0),
            hint="No entry is below 0. A dense layer is sum and bias; whose job is the activation?",
        ),
        Misconception(
            "weights transposed",
            wrong=lambda x, w, b: x @ w.T + b,
            hint="w stands inputs × units, (D, M). Does each unit still get one weight from each input?",
        ),
        Misconception(
            "w times x",
            wrong=lambda x, w, b: w @ x + b,
            hint="In a product of matrices the order counts. Which of the two has the examples in its rows?",
        ),
        Misconception(
            "bias down the rows",
            wrong=lambda x, w, b: x @ w + b[:, None],
            hint="Here an example has a bias, not a unit. Rows are examples, columns are units: along which does b run?",
        ),
        Misconception(
            "entry by entry",
            wrong=lambda x, w, b: x * w + b,
            hint="`*` multiplies entries that lie at the same place. Which sign multiplies and adds up?",
        ),
        Misconception(
            "bias added once per input",
            wrong=lambda x, w, b: x @ w + x.shape[1] * b,
            hint="With one input all is well, with D inputs b counts D times. Is it added inside the sum over d?",
        ),
    ),
)


def network(rng, *sizes):
    """The parameters of a multilayer perceptron of these sizes, biases large enough to matter."""
    params = {}
    for l, (D, M) in enumerate(pairwise(sizes), start=1):
        params[f"W{l}"] = rng.normal(size=(D, M))
        params[f"b{l}"] = rng.normal(size=M)
    return params


def mlp_forward_cases(rng):
    """One to four layers, a square network in which no shape complains, a dict in another order."""

    def of_sizes(label, N, *sizes):
        return case(label, rng.normal(size=(N, sizes[0])), network(rng, *sizes))

    backwards = dict(reversed(network(rng, 3, 3, 3).items()))
    return [
        of_sizes("3-4-4-1, six examples", 6, 3, 4, 4, 1),
        of_sizes("no hidden layer", 4, 5, 3),
        of_sizes("one hidden layer", 3, 4, 7, 2),
        of_sizes("all layers of one size", 5, 3, 3, 3, 3),
        of_sizes("four layers, a single example", 1, 2, 5, 3, 4, 2),
        case("a dict in another order", rng.normal(size=(4, 3)), backwards),
    ]


def _forward(activation=lambda z: np.maximum(z, 0), bias=1, last=lambda z, a: z, name=lambda l: l, feed=lambda a, X: a):
    """A forward pass with one thing wrong."""

    def wrong(X, params):
        a = X
        for l in range(1, len(params) // 2 + 1):
            z = feed(a, X) @ params[f"W{name(l)}"] + bias * params[f"b{name(l)}"]
            a = activation(z)
        return last(z, a)

    return wrong


def _three_layers(X, params):
    a1 = np.maximum(X @ params["W1"] + params["b1"], 0)
    a2 = np.maximum(a1 @ params["W2"] + params["b2"], 0)
    return a2 @ params["W3"] + params["b3"]


def _one_layer_short(X, params):
    a = X
    for l in range(1, len(params) // 2):
        z = a @ params[f"W{l}"] + params[f"b{l}"]
        a = np.maximum(z, 0)
    return z


def _return_in_the_loop(X, params):
    return X @ params["W1"] + params["b1"]


def _in_dict_order(X, params):
    arrays = iter(params.values())
    a = X
    for w, b in zip(arrays, arrays, strict=True):
        z = a @ w + b
        a = np.maximum(z, 0)
    return z


mlp_forward = Exercise(
    "mlp_forward",
    STAGE,
    truth.mlp_forward,
    mlp_forward_cases,
    points={"value": 3, "shape": 0.5, "purity": 0.5},
    reveal="fill_in",
    blanks=('a @ params[f"W{l}"] + params[f"b{l}"]', "np.maximum(z, 0)", "return z"),
    hints=(
        "Do a network of one layer first: what comes out of it, and is there a ReLU at the end?",
        "A layer takes what the layer before gave, a, multiplies it by its own weights and adds its own biases. "
        'Their names hold the number l: an f-string such as `f"W{l}"` makes the name.',
        "Every layer gets two lines: z from a, and a from z. max(z, 0) is the `relu` that you wrote in lesson 2.",
        "The last layer's sums come out without an activation. Which of your two names still holds them after "
        "the loop?",
    ),
    misconceptions=(
        Misconception(
            "ReLU at the end as well",
            wrong=_forward(last=lambda z, a: a),
            hint="Nothing below 0 ever comes out. Which of your two names holds the last layer before its ReLU?",
        ),
        Misconception(
            "sigmoid at the end",
            wrong=_forward(last=lambda z, a: 1 / (1 + np.exp(-z))),
            hint="All outputs lie between 0 and 1. What comes out here are the sums themselves; who asked for a sigmoid?",
        ),
        Misconception(
            "no activation between the layers",
            wrong=_forward(activation=lambda z: z),
            hint="Without a bend between them, all layers together are one. What does a hidden unit do with a sum below 0?",
        ),
        Misconception(
            "biases forgotten",
            wrong=_forward(bias=0),
            hint="The weights all work, the biases never do. What does a layer add after its product?",
        ),
        Misconception(
            "the first layer again and again",
            wrong=_forward(name=lambda l: 1),
            hint="Every round uses W1 and b1. Which part of the name has to change from round to round?",
        ),
        Misconception(
            "every layer reads X",
            wrong=_forward(feed=lambda a, X: X),
            hint="Only the last layer seems to count, and it reads the input. Whose output should a layer read?",
        ),
        Misconception(
            "last layer left out",
            wrong=_one_layer_short,
            hint="One layer too few is used. Does range(1, L) reach L?",
        ),
        Misconception(
            "only the first layer",
            wrong=_return_in_the_loop,
            hint="The first layer's sums come out. When does Python reach `return`: after the loop, or in its first round?",
        ),
        Misconception(
            "always three layers",
            wrong=_three_layers,
            hint="Three layers work, any other number does not. Where does your code learn how many there are?",
        ),
        Misconception(
            "layers in the dict's order",
            wrong=_in_dict_order,
            hint="All is well until a dict lists its last layer first. By what does a layer find its own arrays?",
        ),
    ),
)


def count_parameters_cases(rng):
    """Oblong matrices, biases that are all 0, and four-dimensional filters; values that are not whole."""
    F, C = (int(n) for n in rng.integers(3, 8, size=2))
    filters = {"W1": rng.normal(size=(F, C, 3, 3)), "b1": np.zeros(F)}
    fresh = network(rng, *(int(n) for n in rng.integers(4, 9, size=3)), 2)
    return [
        case("3-4-4-1", network(rng, 3, 4, 4, 1)),
        case("a single layer", network(rng, int(rng.integers(10, 20)), int(rng.integers(3, 9)))),
        case("biases that start at 0", {k: v * (k[0] == "W") for k, v in fresh.items()}),
        case("filters of an image network", filters),
        case("other names", {"scale": rng.normal(size=int(rng.integers(5, 15))), "shift": rng.normal(size=4)}),
    ]


count_parameters = Exercise(
    "count_parameters",
    STAGE,
    truth.count_parameters,
    count_parameters_cases,
    points={"value": 1.5, "shape": 0.25, "purity": 0.25},
    hints=(
        'Take {"W1": 3 × 4, "b1": 4} and count with a pencil. How many numbers are that?',
        "A dict has names and values. Here only the values matter: `params.values()`.",
        "Each array knows how many entries it has, whatever its shape: ask for its `size`, as the text above does.",
        "Python's `sum(… for array in params.values())` adds up one number per array.",
    ),
    misconceptions=(
        Misconception(
            "biases left out",
            wrong=lambda params: sum(array.size for array in params.values() if array.ndim > 1),
            hint="Too few, by one for each unit. Does training leave the biases alone?",
        ),
        Misconception(
            "biases alone",
            wrong=lambda params: sum(array.size for array in params.values() if array.ndim == 1),
            hint="You have counted the units. Each has one bias, and how many weights?",
        ),
        Misconception(
            "arrays counted, not their entries",
            wrong=lambda params: len(params),
            hint="That is how many arrays there are. How many numbers lie in one of them?",
        ),
        Misconception(
            "rows counted",
            wrong=lambda params: sum(len(array) for array in params.values()),
            hint="len() of a matrix counts its rows. How many entries has a row?",
        ),
        Misconception(
            "sides added",
            wrong=lambda params: sum(sum(array.shape) for array in params.values()),
            hint="A matrix of 3 rows and 4 columns has more than 3 + 4 entries. How many?",
        ),
        Misconception(
            "zeros not counted",
            wrong=lambda params: sum(int(np.count_nonzero(array)) for array in params.values()),
            hint="A bias that is 0 today can be 0.3 tomorrow. Does a parameter count for its value, or for being there?",
        ),
        Misconception(
            "values added up",
            wrong=lambda params: float(sum(np.sum(array) for array in params.values())),
            hint="That is the sum of the numbers. How many numbers are there?",
        ),
    ),
)
