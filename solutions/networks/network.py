"""A network: a list of layers over one flat buffer of parameters. What it trains on is the mean cross-entropy."""

import math

import numpy as np

from solutions.fast.arithmetic import exp, larger
from solutions.fast.tape import Recorder, in_shares
from solutions.fast.vectors import all_apart, full_vectors
from solutions.networks.flat import flat_and_views
from solutions.networks.tier import tier
from solutions.shapes import Shape
from solutions.twins import compiled

LARGE = 1 << 16  # numbers whose exponentials take long against what it takes to share them


@compiled(by_address=True)
def cross_entropy(z, y, dz, losses, lo, hi):
    """losses[n] = −log softmax(z[n])[y[n]], and into dz the gradient of their mean; −∞ for a label that is none."""
    full_vectors(), all_apart()
    N, C = z.shape
    scale, zero = z.dtype.type(1 / N), z.dtype.type(0)
    for n in range(lo, hi):
        label, largest, total = y[n], z[n, 0], zero
        if label < 0 or label >= C:
            losses[n] = -math.inf
            continue
        for c in range(C):
            largest = larger(largest, z[n, c])
        for c in range(C):
            power = exp(z[n, c] - largest)
            dz[n, c] = power
            total += power
        losses[n] = larger(math.log(total) + largest - z[n, label], zero)
        factor = scale / total
        for c in range(C):
            dz[n, c] *= factor
        dz[n, label] -= scale


class Network:
    """`params` and `gradients` are {"W1": array, "b1": array, …}, views into the vectors `flat` and `flat_gradients`.

    takes, answers: the shapes of the inputs X and the labels y, as an operation would declare them.
    rng: where the first weights come from. A network owns the arrays it computes in, so one thread uses it at a time.
    """

    def __init__(self, layers, takes, answers, rng, dtype=np.float32):
        self.layers, self.dtype = layers, np.dtype(dtype)
        self.takes, self.answers, self.recorder = Shape(takes), Shape(answers), Recorder()
        self.trained = [layer for layer in layers if layer.shapes]
        self.trained[0].first = True
        shapes, columns = {}, set()
        for number, layer in enumerate(self.trained, 1):
            shapes |= {f"{name}{number}": shape for name, shape in layer.shapes.items()}
            columns |= {f"{name}{number}" for name in layer.columns}
        self.flat, self.params = flat_and_views(shapes, dtype, columns)
        self.flat_gradients, self.gradients = flat_and_views(shapes, dtype, columns)
        for number, layer in enumerate(self.trained, 1):
            names = [f"{name}{number}" for name in layer.shapes]
            layer.bind(*([of[name] for name in names] for of in (self.params, self.gradients)))
            layer.initialize(rng)

    def logits(self, X):
        """z (N, C); a language model has a row for every step, (T · N, C). The next call overwrites it."""
        return self.recorder.run(self._forward, self._receive(X), when=tier())

    def backward(self, X, y):
        """The loss at y; its gradients are then in `gradients`."""
        x, y = self._receive(X), self.answers.accept("y", y, {}).T  # ordered as the logits: steps first
        labels = self.trained[-1].buffer("labels", y.shape, np.int64)
        np.copyto(labels, y)
        losses, C = self.recorder.run(self._backward, x, labels, when=tier())
        loss = float(np.sum(losses)) / len(losses)
        if not 0 <= loss < math.inf and (labels.min() < 0 or labels.max() >= C):
            raise ValueError(f"y has labels from {labels.min()} to {labels.max()}, expected 0 to {C - 1}")
        return loss

    def _receive(self, X):
        return self.layers[0].receive(self.takes.accept("X", X, {}), self.dtype)

    def _forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def _backward(self, x, labels):
        """The loss of every prediction, and how many classes there are."""
        z, labels = self._forward(x), labels.reshape(-1)
        if len(labels) != len(z):
            raise ValueError(f"y has shape {labels.shape}, which is not one label for each of {len(z)} predictions")
        room = self.trained[-1].buffer
        dy, losses = room("dlogits", z.shape), room("losses", (len(z),), np.float64)
        in_shares(cross_entropy, (z, labels, dy, losses), len(z), z.size > LARGE)
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
            if layer.first:
                return losses, z.shape[1]


def train_step(network, optimizer, X, y):
    """Forward, backward, and the optimizer's step, on one batch and in place -> the loss before it."""
    loss = network.backward(X, y)
    optimizer.step()
    return loss


def train_epoch(network, optimizer, X, y, rng, batch=64):
    """One step on every batch of a shuffled X, the last one shorter -> the mean loss over the examples."""
    order, total = rng.permutation(len(X)), 0.0
    for start in range(0, len(X), batch):
        rows = order[start : start + batch]
        total += len(rows) * train_step(network, optimizer, X[rows], y[rows])
    return total / len(X)


def predict(network, X, batch=256):
    """argmax_c z[n, c] -> the label of every example (N,); a language model's are (N, T)."""
    parts = [X[start : start + batch] for start in range(0, len(X), batch)]
    steps = [np.argmax(network.logits(part), axis=1).reshape(-1, len(part)).T for part in parts]
    return np.concatenate(steps).squeeze(axis=1) if steps[0].shape[1] == 1 else np.concatenate(steps)
