"""The exercises of solutions/perceptron.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import perceptron as truth

STAGE = "01_one_neuron"


def weighted_sum_cases(rng):
    """Lengths differ, signs mix, and the weights of one case sum to 0: a forgotten input shows."""
    return [
        case("three inputs", rng.normal(size=3), rng.normal(size=3)),
        case("five inputs of either sign", rng.normal(size=5) * 10, rng.normal(size=5)),
        case("a single input", rng.normal(size=1) + 2, rng.normal(size=1) - 2),
        case(
            "weights that add up to nothing",
            np.array([*rng.integers(2, 9, 3), 1.0]),
            np.array([1.0, -2.0, -1.0, 2.0]),
        ),
        case("whole numbers", rng.integers(1, 8, size=4), np.array([100, 150, 200, 50])),
    ]


weighted_sum = Exercise(
    "weighted_sum",
    STAGE,
    truth.weighted_sum,
    weighted_sum_cases,
    points={"value": 1.5, "shape": 0.25, "purity": 0.25},
    hints=(
        "Take three inputs and three weights on paper. What do you multiply with what, and what do you do with "
        "the products?",
        "`x * w` multiplies two arrays place by place. Print it: which numbers are these?",
        "There are D products and there is to be one number. Which function of NumPy adds an array up?",
        "Add the products up, and turn the result into Python's own number with `float(…)`.",
    ),
    misconceptions=(
        Misconception(
            "products not added up",
            wrong=lambda x, w: x * w,
            hint="You have one product per input. The neuron needs a single number: what is left to do with them?",
        ),
        Misconception(
            "mean instead of sum",
            wrong=lambda x, w: float(np.mean(x * w)),
            hint="Every value is too small, by the number of inputs. Should a third input make the first count less?",
        ),
        Misconception(
            "weights ignored",
            wrong=lambda x, w: float(np.sum(x)),
            hint="All inputs count alike here. Where do the weights enter?",
        ),
        Misconception(
            "sums multiplied",
            wrong=lambda x, w: float(np.sum(x) * np.sum(w)),
            hint="Sum first, multiply after: now every input meets every weight. Which weight belongs to which input?",
        ),
        Misconception(
            "only the first product",
            wrong=lambda x, w: float(x[0] * w[0]),
            hint="Only the first input reaches the result. Does your function return inside its loop?",
        ),
        Misconception(
            "last product lost",
            wrong=lambda x, w: float(np.sum((x * w)[:-1])),
            hint="The last input never counts. With D inputs, which index is the last one your loop visits?",
        ),
    ),
)


def perceptron_cases(rng):
    """As many firing as silent; one sum is exactly 0; whole numbers keep that sum exact."""
    x, w = rng.integers(1, 8, size=3), rng.integers(1, 9, size=3)
    z = int(x @ w)
    return [
        case("well above the threshold", x, w, -(z - int(rng.integers(3, 9)))),
        case("well below the threshold", x, w, -(z + int(rng.integers(3, 9)))),
        case("exactly on the threshold", x, w, -z),
        case("fires by its bias alone", np.zeros(2), rng.normal(size=2), abs(rng.normal()) + 0.5),
        case("silent by its bias alone", np.zeros(2), rng.normal(size=2), -abs(rng.normal()) - 0.5),
        case("negative weights", np.array([2.0, 3.0, 1.0, 2.0]), -rng.uniform(0.5, 1.5, 4), 2.0),
        case("negative weights, large bias", np.array([2.0, 3.0, 1.0, 2.0]), -rng.uniform(0.5, 1.5, 4), 15.0),
        case("just below the threshold", x, w, -z - 1),
    ]


perceptron = Exercise(
    "perceptron",
    STAGE,
    truth.perceptron,
    perceptron_cases,
    points={"value": 1.5, "shape": 0.25, "purity": 0.25},
    hints=(
        "There are two steps: first the sum z, then the decision. Write them on two lines.",
        "z is the weighted sum of before, and one thing more. What does the bias do to the sum?",
        "The decision needs a comparison. What happens at a sum of exactly 0? The formula has a sign for it.",
        "With z in hand, `1 if … else 0` is the whole decision. It gives a number, not True or False.",
    ),
    misconceptions=(
        Misconception(
            "> where ≥ is meant",
            wrong=lambda x, w, b: 1 if np.sum(x * w) + b > 0 else 0,
            hint="Only a sum of exactly 0 comes out wrong. A plan of exactly 1400 kcal reaches the goal: does yours?",
        ),
        Misconception(
            "bias with the threshold's sign",
            wrong=lambda x, w, b: 1 if np.sum(x * w) >= b else 0,
            hint="You compare the sum with b. The threshold is θ = −b: what happens to its sign when it changes sides?",
        ),
        Misconception(
            "bias forgotten",
            wrong=lambda x, w, b: 1 if np.sum(x * w) >= 0 else 0,
            hint="With all inputs 0 only the bias can decide. Where does b enter?",
        ),
        Misconception(
            "returns the sum, not the decision",
            wrong=lambda x, w, b: float(np.sum(x * w) + b),
            hint="That is z, how sure the neuron is. What does it say, yes or no?",
        ),
        Misconception(
            "returns True or False",
            wrong=lambda x, w, b: bool(np.sum(x * w) + b >= 0),
            hint="The decision is right, its type is not: the next step subtracts it from a label. Which numbers stand "
            "for yes and no?",
        ),
        Misconception(
            "labels −1 and 1",
            wrong=lambda x, w, b: 1 if np.sum(x * w) + b >= 0 else -1,
            hint="Many books call the silent state −1. What is it called here?",
        ),
    ),
)


def perceptron_update_cases(rng):
    """Right and wrong examples of both labels, a learning rate other than 1, a sum of exactly 0."""
    w, x = rng.normal(size=3), rng.normal(size=3)
    z = float(w @ x)
    whole = np.array([1.0, 2.0, -1.0])
    return [
        case("silent, should fire", w, -z - 1.0, x, 1, 1.0),
        case("fires, should be silent", w, -z + 1.0, x, 0, 1.0),
        case("already right, firing", w, -z + 1.0, x, 1, 1.0),
        case("already right, silent", w, -z - 1.0, x, 0, 1.0),
        case("a small learning rate", rng.normal(size=5), -50.0, rng.normal(size=5), 1, 0.25),
        case("exactly on the threshold", whole, -3.0, np.array([2.0, 1.0, 1.0]), 0, 0.5),
    ]


def _update(sign=1.0, bias=1.0, decide=None, move=None):
    """A perceptron rule with one thing wrong."""

    def wrong(w, b, x, y, lr=1.0):
        z = np.sum(x * w) + b
        error = sign * (y - (decide(z) if decide else 1 if z >= 0 else 0))
        return w + (move(lr, error, x) if move else lr * error * x), b + bias * lr * error

    return wrong


def _moves_always(w, b, x, y, lr=1.0):
    sign = 1 if y == 1 else -1
    return w + lr * sign * x, b + lr * sign


def _in_place(w, b, x, y, lr=1.0):
    error = y - (1 if np.sum(x * w) + b >= 0 else 0)
    w += lr * error * x
    return w, b + lr * error


perceptron_update = Exercise(
    "perceptron_update",
    STAGE,
    truth.perceptron_update,
    perceptron_update_cases,
    points={"value": 2, "shape": 0.5, "purity": 0.5},
    hints=(
        "First let the neuron answer: does it fire on x? Only then can you know whether it was wrong.",
        "error = label − answer is 0, 1 or −1. What should happen to the weights in each of the three cases?",
        "Multiply by the error and you need no `if`: where it is 0, nothing moves. w moves along x; along what "
        "does b move?",
        "Return two new values, the old ones plus a step. The step of w is learning rate times error times "
        "input; that of b has no input in it.",
    ),
    misconceptions=(
        Misconception(
            "moves the wrong way",
            wrong=_update(sign=-1.0),
            hint="A neuron that should have fired is now further from it. In which order do y and the output stand?",
        ),
        Misconception(
            "weights moved on a correct example",
            wrong=_moves_always,
            hint="Look at an example it already gets right: what should the error be there?",
        ),
        Misconception(
            "bias never moves",
            wrong=_update(bias=0.0),
            hint="The weights are right, b stays put. Think of b as the weight of an input that is always 1.",
        ),
        Misconception(
            "error from z, not from the decision",
            wrong=_update(decide=lambda z: z),
            hint="Even correct examples move a little. Is the error taken from z, or from what the neuron says, 0 or 1?",
        ),
        Misconception(
            "learning rate ignored",
            wrong=_update(move=lambda lr, error, x: error * x),
            hint="With lr = 1 all is well. What changes in your formula for w when lr is a quarter?",
        ),
        Misconception(
            "input left out of the step",
            wrong=_update(move=lambda lr, error, x: lr * error),
            hint="All weights move by the same amount. Which inputs are to blame for the error, and how much?",
        ),
        Misconception(
            "changes w in place",
            wrong=_in_place,
            hint="The numbers are right, but the caller's w changed too: `w += …` writes into the array it was given. "
            "How do you get a new one?",
        ),
    ),
)


def perceptron_train_cases(rng):
    """Rows a neuron can separate with room to spare, far from the origin so that the bias matters; then XOR."""

    def separable(N, D, shift):
        w = rng.choice([-1.0, 1.0], D) * rng.uniform(0.5, 1.5, D)
        X = rng.normal(size=(4 * N, D)) + shift
        z = (X - shift) @ w
        X, z = X[np.abs(z) > 0.3][:N], z[np.abs(z) > 0.3][:N]
        return X, (z > 0).astype(int)

    def learnable(label, X, y, *rest):
        want = {"name": "separates", "X": X, "y": y, "inputs": X.shape[1]}
        return case(label, X, y, *rest, judge=want)

    xor = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    flip = rng.permutation(4)
    return [
        learnable("logical AND", xor, np.array([0, 0, 0, 1]), 1.0, 100),
        learnable("twelve rows, three inputs", *separable(12, 3, 0.0), 1.0, 300),
        learnable("rows far from the origin", *separable(20, 2, 2.0), 1.0, 300),
        learnable("five inputs, a small learning rate", *separable(30, 5, 1.0), 0.1, 300),
        case("XOR: it must give up", xor[flip], np.array([0, 1, 1, 0])[flip], 1.0, 50,
             judge={"name": "is_neuron", "inputs": 2}),
    ]  # fmt: skip


def _train(epochs=None, bias=1.0, sign=1.0, stop_early=False):
    """Perceptron training with one thing wrong."""

    def wrong(X, y, lr=1.0, max_epochs=1000):
        w, b = np.zeros(X.shape[1]), 0.0
        for _ in range(min(epochs or max_epochs, max_epochs)):
            mistakes = 0
            for x, label in zip(X, y, strict=True):
                error = sign * (label - (1 if np.sum(x * w) + b >= 0 else 0))
                if stop_early and error == 0:
                    break
                w, b = w + lr * error * x, b + bias * lr * error
                mistakes += error != 0
            if mistakes == 0:
                break
        return w, float(b)

    return wrong


perceptron_train = Exercise(
    "perceptron_train",
    STAGE,
    truth.perceptron_train,
    perceptron_train_cases,
    points={"value": 2.5, "purity": 0.5},
    kind="behavior",
    hints=(
        "You have the rule for one row already. Here it goes over all rows, and then over all rows again. How "
        "many loops is that?",
        "Begin with w as D zeros and b = 0, once, before both loops: what the neuron has learned must last from "
        "epoch to epoch.",
        "In the inner loop, `zip(X, y)` gives a row and its label. Let the neuron answer, compute the error, "
        "move w and b where it is not 0, and count the mistakes.",
        "The count starts at 0 in every epoch. If it is still 0 at the epoch's end, all rows are right: leave "
        "the outer loop with `break`. After the loops, return w and b.",
    ),
    misconceptions=(
        Misconception(
            "learns from one epoch only",
            wrong=_train(epochs=1),
            hint="The result is what a single pass from zero gives. Does your loop end after one epoch, or does it set w "
            "and b back to zero at the start of every epoch?",
        ),
        Misconception(
            "bias never trained",
            wrong=_train(bias=0.0),
            hint="Without a bias the boundary must pass through the origin. Does b change in your loop?",
        ),
        Misconception(
            "moves the wrong way",
            wrong=_train(sign=-1.0),
            hint="The more it trains, the worse it gets. In which order do the label and the output stand?",
        ),
        Misconception(
            "stops at the first correct row",
            wrong=_train(stop_early=True),
            hint="The rest of the rows is never seen once one is right. What has to be right before training ends?",
        ),
    ),
)
