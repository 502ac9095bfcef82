"""The exercises of solutions/batchnorm.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import batchnorm as truth

STAGE = "07_depth"
SCALES = np.array([0.01, 0.1, 1.0, 10.0])  # a thousand apart: an ε at the wrong place shows in the smallest


def batch(rng, N, D=4):
    """X, γ, β and the running mean and variance; nothing is 0 or 1, and the running ones are not the batch's."""
    scales = SCALES[:D]
    X = scales * (rng.normal(size=(N, D)) + rng.choice([-2.0, 2.0], D))
    gamma, beta = rng.uniform(0.5, 2, D) * rng.choice([-1, 1], D), rng.normal(size=D)
    return X, gamma, beta, scales * rng.normal(size=D), scales**2 * rng.uniform(1.5, 3, D)


def batchnorm_forward_cases(rng):
    """Both modes; scales a thousandfold apart; a square batch, where no shape complains; a feature that stands still."""
    still = batch(rng, 5, 3)
    still[0][:, 1] = 2.5
    small = tuple(array.astype(np.float32) for array in batch(rng, 5, 3))
    return [
        case("training, six examples of four features", *batch(rng, 6), True),
        case("evaluation, six examples of four features", *batch(rng, 6), False),
        case("training, a momentum of a quarter, a larger ε", *batch(rng, 7, 3), True, 0.25, 1e-2),
        case("training, as many examples as features", *batch(rng, 4), True),
        case("evaluation, a single example", *batch(rng, 1), False),
        case("float32 stays float32", *small, True),
        case("training, a feature that is the same in all examples", *still, True, stable=True),
    ]


def _forward(
    axis=0,
    ddof=0,
    eps_inside=lambda v, eps: np.sqrt(v + eps),
    scale=lambda Y, gamma, beta: gamma * Y + beta,
    batch_statistics=lambda train: train,
    moves=lambda train: train,
    new=lambda momentum: momentum,
):
    """Batch normalization with one thing wrong."""

    def wrong(X, gamma, beta, mean, var, train, momentum=0.1, eps=1e-5):
        mu, sigma2 = np.mean(X, axis=axis), np.var(X, axis=axis, ddof=ddof if len(X) > 1 else 0)
        used_mu, used_sigma2 = (mu, sigma2) if batch_statistics(train) else (mean, var)
        if moves(train):
            share = new(momentum)
            mean, var = (1 - share) * mean + share * mu, (1 - share) * var + share * sigma2
        return scale((X - used_mu) / eps_inside(used_sigma2, eps), gamma, beta), mean, var

    return wrong


def _in_place(X, gamma, beta, mean, var, train, momentum=0.1, eps=1e-5):
    Y, new_mean, new_var = truth.batchnorm_forward(X, gamma, beta, mean, var, train, momentum, eps)
    mean[:], var[:] = new_mean, new_var
    return Y, mean, var


batchnorm_forward = Exercise(
    "batchnorm_forward",
    STAGE,
    truth.batchnorm_forward,
    batchnorm_forward_cases,
    points={"value": 2, "shape": 0.25, "stability": 0.5, "purity": 0.25},
    reveal="fill_in",
    blanks=(
        "np.mean(X, axis=0), np.var(X, axis=0)",
        "(1 - momentum) * mean + momentum * mu",
        "(1 - momentum) * var + momentum * sigma2",
        "mu, sigma2 = mean, var",
        "gamma * (X - mu) / np.sqrt(sigma2 + eps) + beta",
    ),
    hints=(
        "Rows are examples, columns are features. Each feature gets a mean and a variance of its own: along "
        "which axis is that?",
        "While training, the running statistics take a small step towards the batch's: mostly old, `momentum` "
        "of new. In evaluation they stand still and do the work themselves.",
        "After the branch, mu and sigma2 hold what is to be used, whoever made them. So the line for Y is the "
        "same in both modes.",
        "In that line ε stands inside the root, beside the variance; γ multiplies the whole fraction, β is added last.",
    ),
    misconceptions=(
        Misconception(
            "one mean per example",
            wrong=_forward(axis=1),
            hint="Only the square batch gets through, and comes out wrong. Features are columns: along which axis does a "
            "column run?",
        ),
        Misconception(
            "one mean for the whole batch",
            wrong=_forward(axis=None),
            hint="A feature of scale 0.01 is lost beside one of scale 10. How many means does a batch of D features have?",
        ),
        Misconception(
            "N − 1 in the variance",
            wrong=_forward(ddof=1),
            hint="The fewer examples, the further off. By how many does the formula divide the squares?",
        ),
        Misconception(
            "batch statistics in evaluation",
            wrong=_forward(batch_statistics=lambda train: True),
            hint="Training is right, evaluation is not: a single example comes out as β. Whose mean and variance count "
            "there?",
        ),
        Misconception(
            "running statistics in training",
            wrong=_forward(batch_statistics=lambda train: False),
            hint="Evaluation is right. In training your columns do not get the mean β. Whose mean did you take off?",
        ),
        Misconception(
            "momentum the other way round",
            wrong=_forward(new=lambda momentum: 1 - momentum),
            hint="Y is right, the running statistics jump almost all the way to this batch. Of which of the two is a tenth "
            "kept, of the old or of the new?",
        ),
        Misconception(
            "running statistics stand still",
            wrong=_forward(moves=lambda train: False),
            hint="Y is right, but mean′ is the old mean. What will evaluation know about the data?",
        ),
        Misconception(
            "running statistics move in evaluation",
            wrong=_forward(moves=lambda train: True),
            hint="Looking at an example must not change the network. Which lines belong to training only?",
        ),
        Misconception(
            "ε outside the root",
            wrong=_forward(eps_inside=lambda v, eps: np.sqrt(v) + eps),
            hint="The largest error is in the feature of scale 0.01. Is ε added to the variance, or to its root?",
        ),
        Misconception(
            "ε left out",
            wrong=_forward(eps_inside=lambda v, eps: np.sqrt(v)),
            hint="A feature that is the same in all examples has variance 0. What is 0 / 0?",
        ),
        Misconception(
            "divided by the variance",
            wrong=_forward(eps_inside=lambda v, eps: v + eps),
            hint="Small features explode, large ones shrink. In which unit is a variance, and in which X − μ?",
        ),
        Misconception(
            "γ and β left out",
            wrong=_forward(scale=lambda Y, gamma, beta: Y),
            hint="Every column has mean 0 and variance 1, which is half of the way. What do γ and β make of it?",
        ),
        Misconception(
            "β forgotten",
            wrong=_forward(scale=lambda Y, gamma, beta: gamma * Y),
            hint="Every column has mean 0. Which mean should it have?",
        ),
        Misconception(
            "changes mean and var in place",
            wrong=_in_place,
            hint="The numbers are right, but the caller's running statistics have changed under its hands. How do you get "
            "new arrays?",
        ),
    ),
)


def batchnorm_backward_cases(rng):
    """The same scales; a square batch; more features than examples; an ε large enough to be seen."""

    def slopes(N, D=4):
        X, gamma, *_ = batch(rng, N, D)
        return rng.normal(size=X.shape), X, gamma

    single = tuple(array.astype(np.float32) for array in slopes(6, 3))
    return [
        case("six examples of four features", *slopes(6)),
        case("as many examples as features", *slopes(4)),
        case("more features than examples", *slopes(3)),
        case("a larger ε", *slopes(5, 2), 1e-2),
        case("float32 stays float32", *single),
    ]


def _backward(
    dX=lambda dY, X_hat, dbeta, dgamma, N: dY - dbeta / N - X_hat * dgamma / N,
    add=np.sum,
    axis=0,
    ddof=0,
    times=lambda gamma: gamma,
    along=lambda X, X_hat: X_hat,
    root=lambda root: root,
):
    """The backward pass of batch normalization with one thing wrong."""

    def wrong(dY, X, gamma, eps=1e-5):
        sigma = np.sqrt(np.var(X, axis=axis, ddof=ddof) + eps)
        X_hat = (X - np.mean(X, axis=axis)) / sigma
        dgamma, dbeta = add(dY * along(X, X_hat), axis=axis), add(dY, axis=axis)
        return times(gamma) / root(sigma) * dX(dY, X_hat, dbeta, dgamma, len(X)), dgamma, dbeta

    return wrong


def _dgamma_not_summed(dY, X, gamma, eps=1e-5):
    dX, _, dbeta = truth.batchnorm_backward(dY, X, gamma, eps)
    return dX, dY * (X - np.mean(X, axis=0)) / np.sqrt(np.var(X, axis=0) + eps), dbeta


def _swapped(dY, X, gamma, eps=1e-5):
    dX, dgamma, dbeta = truth.batchnorm_backward(dY, X, gamma, eps)
    return dX, dbeta, dgamma


batchnorm_backward = Exercise(
    "batchnorm_backward",
    STAGE,
    truth.batchnorm_backward,
    batchnorm_backward_cases,
    points={"value": 3.25, "shape": 0.5, "purity": 0.25},
    hints=(
        "Rebuild X̂ as in the forward pass while training: mean and variance over the batch, ε inside the root. "
        "Keep the root, you need it twice.",
        "dβ and dγ are sums over the examples: of dY alone, and of dY times X̂. Each has D entries.",
        "dX is dY with two things taken off, what the mean and the variance owe: dβ/N, and X̂ times dγ/N. Then "
        "it is scaled by γ over the root.",
        "Check yourself: every column of dX must add up to 0. Return dX, dγ, dβ in this order.",
    ),
    misconceptions=(
        Misconception(
            "statistics held constant",
            wrong=_backward(dX=lambda dY, X_hat, dbeta, dgamma, N: dY),
            hint="dγ and dβ are right. In dX your columns do not sum to 0. If one entry of X moves, what else moves?",
        ),
        Misconception(
            "the mean's share lost",
            wrong=_backward(dX=lambda dY, X_hat, dbeta, dgamma, N: dY - X_hat * dgamma / N),
            hint="Your columns of dX do not sum to 0, so a shift of the whole batch would change the loss. Does it?",
        ),
        Misconception(
            "the variance's share lost",
            wrong=_backward(dX=lambda dY, X_hat, dbeta, dgamma, N: dY - dbeta / N),
            hint="Your dX still points along X̂, so stretching the batch would change the loss. Which term takes that out?",
        ),
        Misconception(
            "1/N missing",
            wrong=_backward(dX=lambda dY, X_hat, dbeta, dgamma, N: dY - dbeta - X_hat * dgamma),
            hint="What comes off is N times too much. dβ is a sum over the batch: what is wanted here, a sum or a mean?",
        ),
        Misconception(
            "γ lost",
            wrong=_backward(times=lambda gamma: 1),
            hint="Your dX is the one for γ = 1. Through what does a gradient pass first on its way back from Y?",
        ),
        Misconception(
            "not divided by the root",
            wrong=_backward(root=lambda root: 1),
            hint="The feature of scale 0.01 has a gradient a hundred times too small. What was X − μ divided by?",
        ),
        Misconception(
            "dγ not summed",
            wrong=_dgamma_not_summed,
            hint="γ has one entry per feature, your dγ has one per example and feature. All examples share one γ: so?",
        ),
        Misconception(
            "dγ from X, not from X̂",
            wrong=_backward(along=lambda X, X_hat: X),
            hint="γ is not multiplied by X in the forward pass. By what?",
        ),
        Misconception(
            "means for sums",
            wrong=_backward(add=np.mean, dX=lambda dY, X_hat, dbeta, dgamma, N: dY - dbeta - X_hat * dgamma),
            hint="dγ and dβ are N times too small. The mean over the examples is in dY already: what is left to do?",
        ),
        Misconception(
            "N − 1 in the variance",
            wrong=_backward(ddof=1),
            hint="The fewer examples, the further off. Which variance did the forward pass take?",
        ),
        Misconception(
            "along the rows",
            wrong=_backward(axis=1),
            hint="Only the square batch gets through, and comes out wrong. Along which axis does a feature run?",
        ),
        Misconception(
            "dγ and dβ exchanged",
            wrong=_swapped,
            hint="dX is right, and the other two are right as well, but not where they stand. In which order are they "
            "asked for?",
        ),
    ),
)
