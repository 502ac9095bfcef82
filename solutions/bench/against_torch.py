"""The same networks in PyTorch, each in the forms that are fastest somewhere; the fastest one counts."""

from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import numpy as np

from solutions import networks
from solutions.bench.measure import geometric_mean, versus
from solutions.blocked import aligned

V, D, H, T = 96, 64, 128, 64  # characters, numbers for each, states, steps of the language models


def dense_model(nn, sizes):
    layers = []
    for pair in pairwise(sizes):
        layers += [nn.Linear(*pair), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def image_model(nn, side, filters, hidden):
    layers = []
    for pair in zip((1, *filters), filters, strict=False):
        layers += [nn.Conv2d(*pair, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    D = filters[-1] * (side >> len(filters)) ** 2
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(D, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def language_model(nn, kind):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.recurrent = nn.Embedding(V, D), getattr(nn, kind)(D, H, batch_first=True)
            self.readout = nn.Linear(H, V)

        def forward(self, ids):
            return self.readout(self.recurrent(self.embedding(ids))[0]).flatten(0, 1)

    return Model()


def step_of(torch, model, X, y, **form):
    """One training step of a model, as a function without arguments."""
    optimizer = torch.optim.Adam(model.parameters(), **form)
    loss_of = torch.nn.functional.cross_entropy

    def step():
        optimizer.zero_grad()
        loss_of(model(X), y).backward()
        optimizer.step()

    return step


def forms(torch, build, X, y):
    """{name: step} of the forms of one model."""
    X, y = torch.tensor(X), torch.tensor(y).reshape(-1)
    steps = {
        "PyTorch, eager": step_of(torch, build(), X, y),
        "PyTorch, fused Adam": step_of(torch, build(), X, y, fused=True),
    }
    if X.ndim == 4:
        last = torch.channels_last
        model = build().to(memory_format=last)
        steps["PyTorch, fused Adam, channels last"] = step_of(torch, model, X.to(memory_format=last), y, fused=True)
    return steps


def contests(nn, rng):
    """(name, our network, a function that builds theirs, X, y) for the networks (a) to (e)."""

    def examples(N, *shape):
        return rng.standard_normal((N, *shape)).astype(np.float32), rng.integers(0, 10, N)

    def text():
        return rng.integers(0, V, (32, T)), rng.integers(0, V, (32, T))

    for letter, sizes, N in (
        ("a", (64, 128, 64, 10), 64),
        ("b", (784, 256, 128, 10), 64),
        ("b", (784, 256, 128, 10), 128),
    ):
        name = f"({letter}) MLP {'-'.join(map(str, sizes))}, batch {N}"
        yield name, networks.mlp(sizes, rng), partial(dense_model, nn, sizes), *examples(N, sizes[0])
    for side, hidden in ((8, 64), (28, 128)):
        network = networks.cnn((1, side, side), (16, 32), hidden, 10, rng)
        theirs = partial(image_model, nn, side, (16, 32), hidden)
        yield f"(c) CNN {side} × {side}, batch 64", network, theirs, *examples(64, 1, side, side)
    yield (
        f"(d) character LSTM, {H} states",
        networks.char_lstm(V, D, H, rng),
        partial(language_model, nn, "LSTM"),
        *text(),
    )
    yield f"(e) character RNN, {H} states", networks.char_rnn(V, D, H, rng), partial(language_model, nn, "RNN"), *text()


def train(network, X, y):
    optimizer = networks.Adam(network)
    return lambda: networks.train_step(network, optimizer, X, y)


def adam_rows(torch, rng, size=1_000_000):
    """One Adam step on a million parameters, against the fused optimizer and against the default one."""
    ours = SimpleNamespace(flat=aligned((size,), np.float32), flat_gradients=aligned((size,), np.float32))
    ours.dtype = ours.flat.dtype
    ours.flat_gradients[:] = rng.standard_normal(size)
    optimizer = networks.Adam(ours)
    for form, goal in (("fused", 1.8), ("foreach", 5)):
        weights = torch.zeros(size, requires_grad=True)
        weights.grad = torch.tensor(ours.flat_gradients)
        theirs = torch.optim.Adam([weights], **{form: True})
        yield versus("Adam, 1,000,000 parameters", optimizer.step, {f"PyTorch's {form} Adam": theirs.step}, goal)


def rows(threads):
    """Networks (a) to (e) and their geometric mean, then Adam. At one thread the goals are those of plain loops."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    each, together = (0.9, 1.5) if threads == 1 else (1.5, 2.5)
    found = [
        versus(name, train(ours, X, y), forms(torch, build, X, y), each)
        for name, ours, build, X, y in contests(torch.nn, rng)
    ]
    mean = geometric_mean("networks (a) to (e), geometric mean, against PyTorch's best", found, together)
    return [*found, mean, *adam_rows(torch, rng)]
