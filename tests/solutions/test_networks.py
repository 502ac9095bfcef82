"""The networks: gradients against PyTorch and finite differences, one answer on any machine load, digits learned."""

import gc
import tracemalloc

import numpy as np
import pytest

from solutions import networks
from solutions.bench import accuracy
from solutions.fast import simd
from solutions.fast.tape import in_shares
from solutions.fast.threads import set_threads
from solutions.networks import SGD, Adam, convolution, dense, flat, predict, recurrent, tier, train_epoch, train_step
from solutions.networks import network as network_module

N, T, V = 13, 6, 11  # odd sizes: every block of four has a rest


def small(kind, dtype, seed=1):
    """A network of this kind with biases that are not zero, and a batch (X, y) for it."""
    rng = np.random.default_rng(seed)
    build = {
        "mlp": lambda: networks.mlp([7, 9, 5, 3], rng, dtype),
        "cnn": lambda: networks.cnn((2, 9, 8), (5, 6), 11, 3, rng, dtype),
        "rnn_classifier": lambda: networks.rnn_classifier(5, 7, 3, rng, dtype),
        "lstm_classifier": lambda: networks.lstm_classifier(5, 7, 3, rng, dtype),
        "char_rnn": lambda: networks.char_rnn(V, 5, 7, rng, dtype),
        "char_lstm": lambda: networks.char_lstm(V, 5, 7, rng, dtype),
    }
    shape = {"mlp": (N, 7), "cnn": (N, 2, 9, 8)}.get(kind, (N, T, 5))
    network = build[kind]()
    for values in network.params.values():
        if values.ndim == 1:
            values[...] = rng.standard_normal(values.shape)
    if kind.startswith("char"):
        return network, rng.integers(0, V, (N, T)), rng.integers(0, V, (N, T))
    return network, rng.standard_normal(shape).astype(dtype), rng.integers(0, 3, N)


KINDS = ["mlp", "cnn", "rnn_classifier", "lstm_classifier", "char_rnn", "char_lstm"]
each_kind = pytest.mark.parametrize("kind", KINDS)


def torch_loss(torch, kind, params, X, y):
    """The same network in PyTorch's own operations."""
    F, p = torch.nn.functional, params
    X = torch.tensor(X)
    if kind == "mlp":
        z = F.relu(F.relu(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]) @ p["W3"] + p["b3"]
    elif kind == "cnn":
        for l in (1, 2):
            X = F.max_pool2d(F.relu(F.conv2d(X, p[f"K{l}"], p[f"b{l}"], padding=1)), 2)
        z = F.relu(X.flatten(1) @ p["W3"] + p["b3"]) @ p["W4"] + p["b4"]
    else:
        *embedding, Wx, Wh, b, W, b_out = p.values()
        x = embedding[0][X] if embedding else X
        h = c = torch.zeros(N, Wh.shape[0], dtype=x.dtype)
        states = []
        for t in range(T):
            z = x[:, t] @ Wx + h @ Wh + b
            if "lstm" in kind:
                i, f, g, o = z.chunk(4, 1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
            else:
                h = z.tanh()
            states.append(h)
        z = (torch.stack(states, 1) if embedding else h) @ W + b_out
    return F.cross_entropy(z.reshape(-1, z.shape[-1]), torch.tensor(y).reshape(-1))


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-4), (np.float64, 1e-9)], ids=["float32", "float64"])
@each_kind
def test_loss_and_gradients_agree_with_pytorch(kind, dtype, tolerance):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: it is the oracle here")
    network, X, y = small(kind, dtype)
    for _ in range(2):  # the second time in buffers that hold the first time's numbers
        loss = network.backward(X, y)
    params = {name: torch.tensor(np.array(values), requires_grad=True) for name, values in network.params.items()}
    expected = torch_loss(torch, kind, params, X, y)
    expected.backward()
    assert abs(loss - expected.item()) <= tolerance * abs(loss)
    for name, tensor in params.items():
        truth = tensor.grad.numpy()
        assert np.max(np.abs(network.gradients[name] - truth)) <= tolerance * np.max(np.abs(truth)), name


@each_kind
def test_gradients_agree_with_finite_differences(kind):
    network, X, y = small(kind, np.float64)
    network.backward(X, y)
    gradient, start = network.flat_gradients.copy(), network.flat.copy()
    for seed in range(3):
        direction, eps, losses = np.random.default_rng(seed).standard_normal(len(start)), 1e-5, []
        for distance in (eps, -eps):
            network.flat[:] = start + distance * direction
            losses.append(network.backward(X, y))
        size = np.linalg.norm(gradient * direction)
        assert abs((losses[0] - losses[1]) / (2 * eps) - gradient @ direction) <= 1e-7 * size


@each_kind
def test_same_seed_same_bits(kind):
    runs = []
    for _ in range(2):
        network, X, y = small(kind, np.float32)
        optimizer = Adam(network)
        losses = [train_step(network, optimizer, X, y) for _ in range(5)]
        assert losses[-1] < losses[0]
        runs.append(network.flat.tobytes())
    assert runs[0] == runs[1]


@pytest.fixture
def always_shared(monkeypatch):
    """However small the work, it is cut up and shared."""
    for module in (convolution, recurrent, tier):
        monkeypatch.setattr(module, "WORTH", 0)
    for module, least in ((flat, 64), (network_module, 0)):
        monkeypatch.setattr(module, "LARGE", least)
    before = tier.tier()
    yield
    tier.set_tier(before)
    set_threads(1)


@pytest.mark.parametrize("loops", ["plain", "simd"])
@each_kind
def test_same_bits_on_any_number_of_threads(kind, loops, always_shared, monkeypatch):
    if loops == "simd" and not simd.BYTES:
        pytest.skip("no vector instructions that the fast tier knows")
    tier.set_tier(loops)
    runs, shared = [], set()
    for module in (convolution, dense, flat, network_module, recurrent, tier):
        monkeypatch.setattr(
            module, "in_shares", lambda loops, *rest, **unit: shared.add(loops) or in_shares(loops, *rest, **unit)
        )
    for threads in (1, 2, 3):
        set_threads(threads)
        network, X, y = small(kind, np.float32)
        optimizer = Adam(network)
        for _ in range(3):
            train_step(network, optimizer, X, y)
        runs.append(network.flat.tobytes())
    assert runs[0] == runs[1] == runs[2]
    assert len(shared) >= 3


@pytest.mark.slow
def test_same_bits_on_two_threads_at_the_sizes_that_are_shared():
    runs = []
    for threads in (1, 2):
        set_threads(threads)
        rng = np.random.default_rng(0)
        network = networks.cnn((1, 28, 28), (16, 32), 128, 10, rng)
        optimizer = Adam(network)
        X, y = rng.standard_normal((61, 1, 28, 28)).astype(np.float32), rng.integers(0, 10, 61)
        losses = [train_step(network, optimizer, X, y) for _ in range(5)]
        runs.append((losses, network.flat.tobytes()))
    set_threads(1)
    assert runs[0] == runs[1]


@pytest.mark.slow
@each_kind
def test_memory_is_flat_over_epochs(kind):
    network, X, y = small(kind, np.float32)
    optimizer, rng = Adam(network), np.random.default_rng(0)
    tracemalloc.start()
    try:
        for _ in range(5):
            train_epoch(network, optimizer, X, y, rng, batch=5)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            train_epoch(network, optimizer, X, y, rng, batch=5)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 4096
    finally:
        tracemalloc.stop()


@each_kind
def test_leaves_its_batch_alone_and_takes_any_layout(kind):
    network, X, y = small(kind, np.float32)
    loss, gradient = network.backward(X, y), network.flat_gradients.copy()
    strided = np.repeat(X, 2, axis=-1)[..., ::2]
    strided.setflags(write=False)
    before = X.copy()
    assert network.backward(strided, y.astype(np.int32)) == loss
    assert np.array_equal(network.flat_gradients, gradient)
    assert np.array_equal(X, before)


def test_adam_and_sgd_step_as_the_operations_do():
    from solutions.adam import adam_step

    network, X, y = small("mlp", np.float64)
    p, state = network.flat.copy(), (np.zeros_like(network.flat), np.zeros_like(network.flat), 0)
    optimizer = Adam(network, lr=0.01)
    for _ in range(3):
        train_step(network, optimizer, X, y)
        p, state = adam_step(p, network.flat_gradients, state, lr=0.01)
    np.testing.assert_allclose(network.flat, p, rtol=1e-12, atol=1e-15)
    train_step(network, SGD(network, lr=0.5), X, y)
    np.testing.assert_allclose(network.flat, p - 0.5 * network.flat_gradients, rtol=1e-12, atol=1e-15)


def test_mlp_is_the_operation_mlp_forward():
    from solutions.dense import mlp_forward

    network, X, _ = small("mlp", np.float64)
    np.testing.assert_allclose(network.logits(X), mlp_forward(X, network.params), rtol=1e-12)


@pytest.mark.parametrize("kind", ["mlp", "cnn", "char_lstm"])
def test_predicts_in_the_order_of_the_labels(kind):
    network, X, y = small(kind, np.float32)
    p = predict(network, X, batch=4)
    assert p.shape == y.shape
    assert np.array_equal(p[5:6], predict(network, X[5:6]))


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((4, 6)), np.zeros(4, int), "X has shape"),
        (np.zeros((4, 7), int), np.zeros(4, int), "X holds int64"),
        (np.zeros((4, 7)), np.zeros(3, int), "one label for each"),
        (np.zeros((4, 7)), np.full(4, 3), "labels from 3 to 3, expected 0 to 2"),
        (np.zeros((4, 7)), np.full(4, -1), "labels from -1"),
        (np.zeros((4, 7)), np.zeros(4), "y holds float64"),
    ],
)
def test_refuses_what_would_leave_its_arrays(X, y, message):
    with pytest.raises(ValueError, match=message):
        small("mlp", np.float64)[0].backward(X, y)


def test_a_language_model_refuses_unknown_tokens():
    network, X, y = small("char_rnn", np.float32)
    for bad in (X + V, X - V):
        with pytest.raises(ValueError, match="expected 0 to 10"):
            network.backward(bad, y)


def test_kernels_have_a_middle():
    with pytest.raises(ValueError, match="4 filters of 2 × 2"):
        convolution.ConvPool(1, 4, k=2)


@pytest.mark.slow
def test_a_whole_epoch_in_one_function_trains_alike():
    runs = []
    for epoch in (train_epoch, networks.mlp_epoch):
        network, X, y = small("mlp", np.float32)
        optimizer, rng = Adam(network), np.random.default_rng(0)
        losses = [epoch(network, optimizer, X, y, rng, batch=5) for _ in range(3)]
        runs.append((losses, network.flat.copy(), optimizer.t))
    np.testing.assert_allclose(runs[0][0], runs[1][0], rtol=1e-5)
    np.testing.assert_allclose(runs[0][1], runs[1][1], rtol=1e-4, atol=1e-6)
    assert runs[0][2] == runs[1][2]


@pytest.mark.slow
@pytest.mark.parametrize("row", [accuracy.digits_mlp_row, accuracy.digits_cnn_row], ids=["mlp", "cnn"])
def test_reads_handwritten_digits(row):
    """97 %: each of five seeds, on 360 of 1797 digits that neither training nor the choice of epochs has seen."""
    assert row().met


@pytest.mark.slow
def test_recurrent_networks_learn_what_only_memory_can_tell():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((512, 8, 2)).astype(np.float32)
    y = (X[:, 0, 0] > 0).astype(int)  # said at the first of eight steps
    for build in (networks.rnn_classifier, networks.lstm_classifier):
        network = build(2, 16, 2, np.random.default_rng(1))
        optimizer = Adam(network, lr=0.01)
        for _ in range(30):
            train_epoch(network, optimizer, X, y, rng)
        assert np.mean(predict(network, X) == y) >= 0.97
