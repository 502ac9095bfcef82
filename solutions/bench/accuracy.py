"""How often the networks are right on real data: one split for good, five seeds, and the lowest of the five counts.

A seed decides the first weights and the order of the examples. How many epochs to train is chosen on examples taken
from the training part and put back afterwards; the test part is looked at once, at the end.
"""

import gzip
from functools import partial
from pathlib import Path

import numpy as np

from solutions import networks
from solutions.bench.measure import Row
from solutions.evaluation import accuracy, train_test_split
from solutions.schedules import cosine_decay

SEEDS = range(5)
IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


def trained(build, X, y, epochs, seed, lr=0.003, batch=32):
    """A network from build(rng) after that many epochs under Adam, its rate on a cosine down to 0."""
    rng = np.random.default_rng(seed)
    network = build(rng)
    optimizer = networks.Adam(network)
    for epoch in range(epochs):
        optimizer.lr = cosine_decay(epoch, lr, epochs)
        networks.train_epoch(network, optimizer, X, y, rng, batch)
    return network


def epochs_by_validation(build, X, y, candidates):
    """The number of epochs that does best on an eighth of the examples after training on the others."""
    train, held = train_test_split(len(X), 1 / 8, np.random.default_rng(0))

    def score(epochs):
        network = trained(build, X[train], y[train], epochs, seed=0)
        return accuracy(y[held], networks.predict(network, X[held]))

    return max(candidates, key=score)


def accuracy_row(name, build, X, y, held, goal, candidates):
    """Row(the lowest accuracy of the five seeds, and the range of all), trained on all examples but those held out."""
    train, test = train_test_split(len(X), held / len(X), np.random.default_rng(0))
    epochs = epochs_by_validation(build, X[train], y[train], candidates)
    found = []
    for seed in SEEDS:
        network = trained(build, X[train], y[train], epochs, seed)
        found.append(accuracy(y[test], networks.predict(network, X[test])))
    label = (
        f"accuracy of {name}, {len(train)} to train on and {len(test)} to test on, {epochs} epochs, lowest of 5 seeds"
    )
    return Row(label, min(found), min(found), max(found), goal)


def digits_mlp_row():
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    build = partial(networks.mlp, [64, 512, 256, 10])
    return accuracy_row("an MLP on digits", build, (X / 16).astype(np.float32), y, 360, 0.97, (15, 30, 60))


def digits_cnn_row():
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    build = partial(networks.cnn, (1, 8, 8), (16, 32), 64, 10)
    return accuracy_row("a CNN on digits", build, X, y, 360, 0.97, (10, 20, 40))


def idx(folder, name, header):
    """The bytes after the header of the gzipped IDX file whose name ends in `name`."""
    (path,) = Path(folder).glob(f"*{name}")
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header)


def mnist_row(folder):
    """MNIST's ten thousand test images, which are all this needs."""
    X = idx(folder, IMAGES, 16).reshape(-1, 1, 28, 28).astype(np.float32) / 255
    y = idx(folder, LABELS, 8).astype(np.int64)
    build = partial(networks.cnn, (1, 28, 28), (16, 32), 128, 10)
    return accuracy_row("a CNN on MNIST's test images", build, X, y, 2000, 0.975, (4, 8, 12))
