"""The same networks in PyTorch, each in the forms that are fastest somewhere; the fastest one counts."""

from functools import partial
from itertools import pairwise

import numpy as np

from solutions import networks
from solutions.bench.against_numpy import vector_of_parameters
from solutions.bench.measure import geometric_mean, seconds, versus
from solutions.bench.peak import peak_rows
from solutions.bench.start import start_rows
from solutions.fast.tape import in_shares, recording
from solutions.networks.network import LARGE, cross_entropy
from solutions.networks.tier import tier

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


def adam_rows(torch, rng):
    """One Adam step on a million parameters, against the fused optimizer and against the default one."""
    ours = vector_of_parameters(rng)
    optimizer = networks.Adam(ours)
    for form, goal in (("fused", 1.8), ("foreach", 5)):
        weights = torch.zeros(ours.flat.size, requires_grad=True)
        weights.grad = torch.tensor(ours.flat_gradients)
        theirs = torch.optim.Adam([weights], **{form: True})
        name = f"Adam, {ours.flat.size:,} parameters"
        row = versus(name, optimizer.step, {f"PyTorch's {form} Adam": theirs.step}, goal)
        row.why = f"memory is the limit: bytes move at {memory_share(optimizer):.1f} times the rate of NumPy's a + b"
        yield row


def memory_share(optimizer, rounds=20):
    """The bytes a second that a step of Adam moves, of those that a sum of two vectors into a third moves."""
    a, b, c = (np.ones_like(optimizer.network.flat) for _ in range(3))
    ours, plain = seconds(optimizer.step, rounds) / 7, seconds(lambda: np.add(a, b, out=c), rounds) / 3
    return plain / ours


def cross_entropy_rows(torch, rng):
    """Loss and gradient from logits, at the width of ten classes, of many, and of a language model's batch."""
    for N, C in ((64, 10), (64, 1000), (2048, 96)):
        z, y = rng.standard_normal((N, C)).astype(np.float32), rng.integers(0, C, N)
        dz, losses = np.empty_like(z), np.empty(N)
        logits, labels = torch.tensor(z, requires_grad=True), torch.tensor(y)

        with recording() as tape:
            in_shares(cross_entropy, (z, y, dz, losses), N, z.size > LARGE)

        def ours(tape=tape, losses=losses):
            tape.play()
            return np.sum(losses) / len(losses)

        def theirs(logits=logits, labels=labels):
            logits.grad = None
            torch.nn.functional.cross_entropy(logits, labels).backward()

        yield versus(f"softmax and cross-entropy, {N} × {C}", ours, {"PyTorch's": theirs}, 1)


def rows(threads):
    """Networks (a) to (e) and their geometric mean; the pieces; the share of the peak; the start of a process.

    At one thread, and in plain loops, the goals are those of plain loops.
    """
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    plain = threads == 1 or tier() == "plain"
    each, together = (0.9, 1.5) if plain else (1.5, 2.5)
    entered = list(contests(torch.nn, rng))
    found = []
    for name, ours, build, X, y in entered:
        goal = 1.7 if threads == 1 and tier() == "simd" and "28 × 28" in name else each
        found.append(versus(name, train(ours, X, y), forms(torch, build, X, y), goal))
    mean = geometric_mean("networks (a) to (e), geometric mean, against PyTorch's best", found, together)
    pieces = [*adam_rows(torch, rng), *cross_entropy_rows(torch, rng)]
    return [*found, mean, *pieces, *peak_rows(torch, entered, train), *start_rows()]
