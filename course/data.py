"""The course's data sets. Small ones are built here; each function says what a row is and what its label means.

X holds one example a row, y its labels. Nothing here needs a network, and heavy libraries load only when asked for.
"""

from itertools import product

import numpy as np

from course.corpus import standard_library  # noqa: F401 — data.standard_library
from course.images import cifar10, fashion_mnist, mnist, photographs  # noqa: F401 — data.mnist, and so on
from course.reviews import film_reviews, mirrored, reviews  # noqa: F401 — data.reviews, and so on

KCAL = (100, 150, 200)  # burned by one session of walking, running, swimming


def calorie_plans(goal=1400, kcal=KCAL, most=7):
    """Every weekly plan of 0 … `most` sessions each of walking, running and swimming.

    -> X (512, 3) sessions, in counting order (0,0,0), (0,0,1), …; y (512,): 1 if the plan burns at least `goal`
    kilocalories, else 0.
    """
    X = _count(most + 1, len(kcal))
    return X, (X @ np.asarray(kcal) >= goal).astype(int)


def vacation():
    """Every answer to: is the fare low? is leave granted? is the weather nice?   (1 yes, 0 no)

    -> X (8, 3) in counting order; y (8,): 1 where our traveler goes, which takes leave and one good reason more.
    """
    X = _count(2, 3)
    fare, leave, weather = X.T
    return X, ((leave == 1) & (fare + weather >= 1)).astype(int)


def xor():
    """Exclusive or: one or the other, not both.          -> X (4, 2) in counting order; y (4,): 0, 1, 1, 0"""
    X = _count(2, 2)
    return X, (X.sum(axis=1) == 1).astype(int)


def digits():
    """Handwritten digits from scikit-learn, 8 × 8 pixels each (E. Alpaydin, C. Kaynak, 1998).

    -> X (1797, 64) brightness 0 … 16, row after row of the picture; y (1797,): the digit, 0 … 9
    """
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True)


def score_tables():
    """Small tables of scores, N rows of C each, to try a softmax on.              -> {letter: z (N, C)}"""
    tables = {
        "a": [[0, 0], [0, 0]],
        "b": [[1, 2], [2, 1]],
        "c": [[1, 2, 3], [4, 5, 6]],
        "d": [[1000, 1001]],
        "e": [[0, 1000]],
        "f": [[-1000, -1001]],
        "g": [[1001, 1000], [-1000, -1001]],
        "h": [[3, 0], [0, 3], [1, 1]],
    }
    return {letter: np.array(rows, float) for letter, rows in tables.items()}


def loss_histories():
    """Six short histories of a validation loss, to test an early stopping with.            -> {letter: losses (T,)}"""
    histories = {
        "a": [0.9, 0.8, 0.6, 0.5, 0.4],
        "b": [0.9, 0.6, 0.5, 0.6, 0.7, 0.8],
        "c": [0.8, 0.9, 0.5, 0.6, 0.7],
        "d": [0.9, 0.5, 0.5, 0.5, 0.3],
        "e": [0.5, 0.5, 0.5],
        "f": [0.9, 0.4, 0.5, 0.6, 0.3],
    }
    return {letter: np.array(losses) for letter, losses in histories.items()}


def small_layers():
    """Five small dense layers to test a function with: {name: (x (2, 2), w (2, 2), b (2,))}.

    All are square, so no shape ever complains, and each is blind to some mistake.
    """
    layers = {
        "all ones": ([[1, 1], [1, 1]], [[1, 1], [1, 1]], [1, 1]),
        "identity weights": ([[1, -2], [3, 4]], [[1, 0], [0, 1]], [1, -3]),
        "no bias": ([[1, -2], [3, 1]], [[2, -1], [0, 3]], [0, 0]),
        "zero input": ([[0, 0], [0, 0]], [[2, -1], [0, 3]], [1, 2]),
        "symmetric weights": ([[1, 2], [0, 3]], [[2, 1], [1, 2]], [1, 2]),
    }
    return {name: tuple(np.array(part, float) for part in layer) for name, layer in layers.items()}


def gates():
    """Pairs (dy, z) to try a ReLU's way back on: a gradient that comes back, and the sum it meets there."""
    return [(float(dy), float(z)) for dy in (-1, 1, 2) for z in (-2, 0, 1, 3)]


def spirals(n, rng):
    """Three arms that wind once around one another, each with a little noise from the generator `rng`.

    -> X (3n, 2) points no further than 1 from the middle; y (3n,): the arm, 0, 1 or 2, n points each
    """
    y = np.repeat(np.arange(3), n)
    radius = np.tile(np.linspace(0.05, 1, n), 3)
    angle = 2 * np.pi * (y / 3 + radius) + 0.2 * rng.normal(size=3 * n)
    return radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), y


def small_batches():
    """Six small batches to try a batch normalization on: {letter: (X (2, 2), γ, β, mean, var (2,), train, momentum, ε)}.

    All are square, so no shape ever complains, and each is blind to some mistake.
    """
    X, symmetric = [[1, 2], [3, 6]], [[1, 2], [2, 6]]
    running = [0, 1], [1, 2]
    alike = np.mean(X, axis=0), np.var(X, axis=0)
    batches = {
        "a": (X, *running, True, 0.5, 0.1),
        "b": (X, *running, True, 0.25, 0.0),
        "c": (symmetric, *running, True, 0.25, 0.1),
        "d": (X, *running, True, 0.25, 0.1),
        "e": (X, *alike, False, 0.25, 0.0),
        "f": (X, *running, False, 0.25, 0.0),
    }
    gamma, beta = [2, 1], [0, 1]
    return {
        letter: (*(np.array(part, float) for part in (X, gamma, beta, mean, var)), train, momentum, eps)
        for letter, (X, mean, var, train, momentum, eps) in batches.items()
    }


def digit_reader():
    """A network that somebody else has trained to read handwritten digits, and digits it has never seen.

    -> params {"W1": (64, 32), "b1": (32,), "W2": (32, 10), "b2": (10,)}, ReLU between the layers; X (397, 64) images
    of 8 × 8 gray values from 0 to 1, y (397,) their digits. Trained on the spot by scikit-learn on its 1400 others.
    """
    from sklearn.neural_network import MLPClassifier

    X, y = digits()
    order = np.random.default_rng(0).permutation(len(y))
    X, y = X[order] / 16, y[order]
    seen, unseen = slice(1400), slice(1400, None)
    reader = MLPClassifier((32,), learning_rate_init=0.01, tol=2e-3, n_iter_no_change=3, random_state=0)
    reader.fit(X[seen], y[seen])
    params = {}
    for l, (w, b) in enumerate(zip(reader.coefs_, reader.intercepts_, strict=True), start=1):
        params[f"W{l}"], params[f"b{l}"] = w, b
    return params, X[unseen], y[unseen]


def fitness_club():
    """Twenty middle-aged men of a fitness club, measured by A. C. Linnerud.

    -> waist (20, 1) in inches, 31 … 46; chins (20, 1): how many chin-ups each man did, 1 … 17
    """
    from sklearn.datasets import load_linnerud

    club = load_linnerud()
    return club.target[:, 1:2], club.data[:, :1]


def diabetes():
    """442 diabetes patients (B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, 2004).

    -> X (442, 10): age, sex, body mass index, blood pressure, six blood values, each in its own unit;
    y (442, 1): how far the disease has progressed one year later, 25 … 346
    """
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True, scaled=False)
    return X, y.reshape(-1, 1)


def breast_cancer():
    """Cells of 569 breast tumors, measured under the microscope (W. N. Street, W. H. Wolberg, O. L. Mangasarian, 1993).

    -> X (569, 30): ten measurements of the cell nuclei, of each the mean, its standard error and the mean of the three
    largest ("worst"); y (569,): 1 if the tumor is malignant, else 0; names, a list of the 30 measurements
    """
    from sklearn.datasets import load_breast_cancer

    cells = load_breast_cancer()
    return cells.data, 1 - cells.target, [str(name) for name in cells.feature_names]


def wine():
    """178 wines of one region, analyzed in the laboratory (M. Forina and others, 1988).

    -> X (178, 13): alcohol, acids, color and others, each in its own unit; y (178,): which of three grapes, 0 … 2
    """
    from sklearn.datasets import load_wine

    return load_wine(return_X_y=True)


def _count(base, digits):
    return np.array(list(product(range(base), repeat=digits)), dtype=float)
