"""The benchmark: its baselines compute what ours compute, its arithmetic is right, and its output is what it says."""

import gzip
import json
import struct

import numpy as np
import pytest

from solutions import networks
from solutions.bench import __main__ as command
from solutions.bench import accuracy, against_numpy, baselines, im2col, measure, on_gpu, peak, start
from solutions.bench.measure import Row
from solutions.networks import tier
from solutions.networks.dense import Dense


def arrays(rng, *shapes):
    return [rng.standard_normal(shape) for shape in shapes]


@pytest.mark.slow
@pytest.mark.parametrize("way", [im2col.Indices, im2col.Loops], ids=["indices", "loops"])
def test_im2col_trains_the_network_it_is_measured_against(way):
    rng = np.random.default_rng(0)
    ours = networks.cnn((1, 8, 12), (4, 8), 5, 3, rng, np.float64)
    X, y = rng.standard_normal((6, 1, 8, 12)), rng.integers(0, 3, 6)
    theirs, optimizer = im2col.Im2colNetwork(ours.params, way), networks.Adam(ours)
    for _ in range(3):
        loss, slopes = theirs.backward(X, y)
        assert abs(loss - ours.backward(X, y)) < 1e-12
        for name, expected in ours.gradients.items():
            np.testing.assert_allclose(slopes[name], expected, atol=1e-12)
        theirs.step(X, y)
        optimizer.step()
    for name, expected in ours.params.items():
        np.testing.assert_allclose(theirs.params[name], expected, atol=1e-9)


def test_im2col_stays_in_float32():
    rng = np.random.default_rng(0)
    theirs = im2col.Im2colNetwork(networks.cnn((1, 8, 8), (4, 8), 5, 3, rng).params, im2col.Indices)
    _, slopes = theirs.backward(rng.standard_normal((2, 1, 8, 8)).astype(np.float32), np.array([0, 1]))
    assert {array.dtype for array in slopes.values()} == {np.dtype(np.float32)}


def test_strided_tensors_compute_the_layer_they_are_measured_against():
    rng = np.random.default_rng(0)
    layer = against_numpy.bound(Dense(4, 3), rng, np.float64)
    x, dy = arrays(rng, (5, 4), (5, 3))
    y, dx, dW = baselines.strided_dense_step(x, layer.params[0], dy)
    np.testing.assert_allclose(y, x @ layer.params[0])
    np.testing.assert_allclose(dx, dy @ layer.params[0].T)
    np.testing.assert_allclose(dW, x.T @ dy)


def test_numpy_adam_is_adam():
    from solutions.adam import adam_step

    p, g, m, v = arrays(np.random.default_rng(0), *[(7,)] * 4)
    expected, _ = adam_step(p, g, (m, v**2, 4))
    v **= 2
    baselines.numpy_adam_step(p, g, m, v, 5)
    np.testing.assert_allclose(p, expected)


def test_a_ratio_above_one_means_ours_is_faster(monkeypatch):
    took = {"ours": 1.0, "slow": 9.0, "fast": 3.0}
    monkeypatch.setattr(measure, "seconds", lambda function, calls: took[function()])
    row = measure.versus("work", lambda: "ours", {"slow": lambda: "slow", "fast": lambda: "fast"}, goal=4)
    assert row == Row("work, against fast", 3.0, 3.0, 3.0, 4)
    assert not row.met
    assert str(row).endswith("MISSED")
    row.why = "too much to carry"
    assert str(row).endswith("MISSED\n    too much to carry")
    row.goal = 2
    assert str(row).endswith("met")
    assert Row("less is more", 0.5, 0.4, 0.6, 0.6, "lower").met


def test_geometric_mean():
    rows = [Row("a", 2, 1, 4, 1), Row("b", 8, 4, 16, 1)]
    mean = measure.geometric_mean("both", rows, 3)
    assert (mean.ratio, mean.low, mean.high) == pytest.approx((4, 2, 8))


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(against_numpy, "rows", lambda: [Row("work, against play", 2.0, 1.0, 3.0, 1.5)])


def test_json_is_one_document_and_nothing_else(quick, capsys):
    assert command.main(["--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"machine", "rows"}
    (row,) = document["rows"]
    assert row == {
        "name": "work, against play", "ratio": 2.0, "low": 1.0, "high": 3.0, "goal": 1.5, "better": "higher", "why": "",
    }  # fmt: skip


def test_exits_with_1_where_a_goal_is_missed(monkeypatch, capsys):
    monkeypatch.setattr(against_numpy, "rows", lambda: [Row("work, against play", 1.0, 1.0, 1.0, 1.5)])
    assert command.main([]) == 1
    assert "MISSED" in capsys.readouterr().out


@pytest.mark.parametrize("argv", [["--threads", "0"], ["--threads", "999"], ["--data", "nowhere"], ["--vs", "luck"]])
def test_refuses_bad_input_with_one_sentence(argv, capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(argv)
    assert stopped.value.code == 2
    assert argv[0] in capsys.readouterr().err


def test_reads_idx_files_whatever_stands_before_their_name(tmp_path):
    images = np.arange(2 * 28 * 28, dtype=np.uint8)
    header = struct.pack(">4i", 2051, 2, 28, 28)
    (tmp_path / f"mnist-{accuracy.IMAGES}").write_bytes(gzip.compress(header + images.tobytes()))
    np.testing.assert_array_equal(accuracy.idx(tmp_path, accuracy.IMAGES, 16), images)


def test_a_ratio_of_unequal_work_is_scaled(monkeypatch):
    took = {"ours": 4.0, "theirs": 2.0}
    monkeypatch.setattr(measure, "seconds", lambda function, calls: took[function()])
    assert measure.versus("work", lambda: "ours", {"x": lambda: "theirs"}, 0.5, scale=1.5).ratio == 0.75


def small_networks(rng):
    """kind -> (network, X, y, the name of weights whose gradient is a product and nothing else)."""
    ids, images, rows = np.zeros((4, 6), int), *(np.ones(shape, np.float32) for shape in ((4, 1, 4, 4), (4, 6)))
    return {
        "mlp": (networks.mlp([6, 8, 3], rng), rows, ids[:, 0], "W2"),
        "cnn": (networks.cnn((1, 4, 4), (2, 3), 5, 3, rng), images, ids[:, 0], "W3"),
        "char_lstm": (networks.char_lstm(3, 4, 5, rng), ids, ids, "Wh1"),
    }


@pytest.mark.parametrize("kind", ["mlp", "cnn", "char_lstm"])
def test_where_the_time_of_a_step_goes_is_said_in_shares_of_it(kind, monkeypatch):
    """A step of ten seconds, four of them without its products, and two for the update."""
    network, X, y, weights = small_networks(np.random.default_rng(0))[kind]
    took, multiplied, before = [10, 4, 2], [], tier.loops

    def seconds(function, calls):
        network.gradients[weights].fill(77)
        function()
        multiplied.append(77 not in network.gradients[weights])
        return took.pop(0)

    monkeypatch.setattr(peak, "seconds", seconds)
    said = peak.where_time_goes(network, networks.Adam(network), X, y, peak.step_macs(network, X) / 3)
    assert said == "products take 50% of the step, at 50% of the peak; the optimizer takes 17%"
    assert multiplied == [True, False, False] and tier.loops is before


def test_multiplications_of_a_step_by_hand():
    rng = np.random.default_rng(0)
    mlp = networks.mlp([5, 4, 3], rng)
    assert peak.step_macs(mlp, np.zeros((2, 5))) == 2 * (2 * 5 * 4 + 3 * 4 * 3)
    cnn = networks.cnn((2, 8, 6), (3,), 5, 4, rng)
    assert peak.step_macs(cnn, np.zeros((2, 2, 8, 6))) == 2 * (2 * 3 * 2 * 9 * 48 + 3 * (3 * 4 * 3) * 5 + 3 * 5 * 4)
    lstm = networks.lstm_classifier(5, 4, 3, rng)
    # the readout of the last state alone: its rows are the sequences, not all their steps
    assert peak.step_macs(lstm, np.zeros((2, 6, 5))) == 2 * 2 * 6 * 5 * 16 + 3 * 2 * 5 * 4 * 16 + 3 * 2 * 4 * 3
    text = networks.char_rnn(7, 5, 4, rng)
    assert peak.step_macs(text, np.zeros((2, 6), int)) == 3 * 7 * 5 * 4 + 3 * 2 * 5 * 4 * 4 + 3 * 12 * 4 * 7


def test_a_process_that_fails_is_no_measurement(tmp_path):
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        start.wait_for("1 / 0", [], str(tmp_path))
    assert start.wait_for("import time; time.sleep(0.05)", [], str(tmp_path)) > 0.05


def test_the_plain_tier_is_chosen_by_name(quick, capsys):
    before = tier.tier()
    try:
        assert command.main(["--json", "--tier", "plain"]) == 0
    finally:
        tier.set_tier(before)
    assert json.loads(capsys.readouterr().out)["machine"]["tier"] == "plain"


@pytest.mark.full
def test_is_faster_than_numpy_by_a_wide_margin():
    rng = np.random.default_rng(0)
    assert against_numpy.convolution_row(rng, im2col.Indices, "NumPy").ratio >= 3
    assert against_numpy.adam_row(rng).ratio >= 1.5
    assert against_numpy.dense_row(rng).ratio >= 20


@pytest.mark.slow
@pytest.mark.torch
def test_the_networks_are_the_same_size_in_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: it is what is measured against")
    from solutions.bench import against_torch

    for name, ours, build, X, y in against_torch.contests(torch.nn, np.random.default_rng(0)):
        theirs = sum(parameter.numel() for parameter in build().parameters())
        recurrent_biases = theirs - sum(values.size for values in ours.params.values())
        assert recurrent_biases in ({512} if "LSTM" in name else {128} if "RNN" in name else {0})  # theirs has two
        assert np.isfinite(ours.backward(X, y))


TINY = {"side": 20, "entries": 300, "parameters": 300, "logits": (3, 50)}


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed: it is what is measured against")


@pytest.fixture
def hasty(monkeypatch):
    """A measurement of one round, which says nothing of speed."""
    monkeypatch.setattr(measure, "MINIMUM", 1e-6)
    monkeypatch.setattr(on_gpu, "versus", lambda *words: measure.versus(*words, rounds=1))


@pytest.mark.slow
@pytest.mark.torch
def test_kernels_and_their_contestants_do_the_same(torch, hasty):
    """In the simulator, against PyTorch on the processor: all of the command is run."""
    rows = list(on_gpu.rows("cpu", TINY))
    assert [row.name.partition(",")[0] for row in rows] == ["tiled product", "ReLU", "a step of Adam", "softmax"]
    assert [row.goal for row in rows] == [0.2, 1, 1, 0.8]
    assert all(row.ratio > 0 for row in rows)


@pytest.mark.slow
@pytest.mark.torch
def test_a_kernel_that_computes_something_else_is_not_measured(torch, hasty, monkeypatch):
    monkeypatch.setattr(on_gpu, "relu_kernel", on_gpu.cuda.jit(lambda x, y: None))
    with pytest.raises(ArithmeticError, match="ReLU, 300 entries: ours and PyTorch's differ"):
        list(on_gpu.rows("cpu", TINY))


def test_a_sample_ends_when_all_that_was_started_has_finished():
    done = []

    def start():
        done.append("started")

    measure.seconds(on_gpu.finished_by(lambda: done.append("waited"), start), 2)
    assert done == ["waited", "started", "started", "waited"]


@pytest.mark.torch
def test_without_a_gpu_nothing_is_measured(torch, capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(["--cuda"])
    assert stopped.value.code == 2
    assert "--cuda: kernels run in numba's simulator here" in capsys.readouterr().err


@pytest.mark.torch
def test_the_card_and_the_day_stand_beside_its_figures(torch, monkeypatch, capsys):
    monkeypatch.setattr(on_gpu, "missing", lambda: "")
    monkeypatch.setattr(on_gpu, "card", lambda: "a card")
    monkeypatch.setattr(on_gpu, "rows", lambda device: [Row("work, against play", 2.0, 1.0, 3.0, 1.5)])
    assert command.main(["--cuda", "--json"]) == 0
    machine = json.loads(capsys.readouterr().out)["machine"]
    assert machine["gpu"] == "a card" and len(machine["date"]) == len("2030-01-31")
