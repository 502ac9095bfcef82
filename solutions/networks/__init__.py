"""The networks of the course, ready to train: the operations of `solutions` at the speed a processor can give.

    rng = np.random.default_rng(1)
    network = mlp([64, 128, 64, 10], rng)
    optimizer = Adam(network)
    for _ in range(10):
        train_epoch(network, optimizer, X, y, rng)
    np.mean(predict(network, X_test) == y_test)

The files of `solutions` are written to be read, one operation at a time; the layers here do the same arithmetic in
fused loops, in arrays they use again, and with the fastest products there are (`tier.py` says which). Kernels are
compiled one by one and put together in Python, which reads like the network it is. Python runs once for each size of a
batch: what it calls is recorded and played from then on (`fast/tape.py`). `epoch.py` shows another way, a whole epoch
in one compiled function. Everything is deterministic for a seed.
"""

from itertools import pairwise

import numpy as np

from solutions.networks.convolution import ConvPool, Flatten, ImagesIn
from solutions.networks.dense import Dense, Readout
from solutions.networks.epoch import mlp_epoch
from solutions.networks.flat import SGD, Adam
from solutions.networks.network import Network, predict, train_epoch, train_step
from solutions.networks.recurrent import LSTM, RNN, EveryState, LastState

__all__ = [
    "SGD", "Adam", "char_lstm", "char_rnn", "cnn", "lstm_classifier", "mlp", "mlp_epoch", "predict", "rnn_classifier",
    "train_epoch", "train_step",
]  # fmt: skip


def mlp(sizes, rng, dtype=np.float32):
    """Dense layers with ReLU between them: sizes [D, H, …, C]. X (N, D), y (N,) labels below C."""
    D, C = sizes[0], sizes[-1]
    hidden = [Dense(*pair) for pair in pairwise(sizes[:-1])]
    return Network([*hidden, Readout(sizes[-2], C)], f"N {D}", "N:int", rng, dtype)


def cnn(image, filters, hidden, C, rng, dtype=np.float32):
    """Per number in filters a 3 × 3 convolution, ReLU and 2 × 2 pooling; then a hidden dense layer and the readout.

    image (channels, H, W). X (N, channels, H, W), y (N,) labels below C.
    """
    channels, H, W = image
    convolutions = [ConvPool(*pair) for pair in zip([channels, *filters], filters, strict=False)]
    D = filters[-1] * (H >> len(filters)) * (W >> len(filters))
    layers = [ImagesIn(), *convolutions, Flatten(), Dense(D, hidden), Readout(hidden, C)]
    return Network(layers, f"N {channels} {H} {W}", "N:int", rng, dtype)


def rnn_classifier(D, H, C, rng, dtype=np.float32):
    """A plain recurrent layer, and a readout of its last state. X (N, T, D), y (N,) labels below C."""
    return Network([RNN(D, H), LastState(), Readout(H, C)], f"N T {D}", "N:int", rng, dtype)


def lstm_classifier(D, H, C, rng, dtype=np.float32):
    """An LSTM, and a readout of its last state. X (N, T, D), y (N,) labels below C."""
    return Network([LSTM(D, H), LastState(), Readout(H, C)], f"N T {D}", "N:int", rng, dtype)


def char_rnn(V, D, H, rng, dtype=np.float32):
    """Embedding (V, D), plain recurrence, and a prediction of the next token at every step. X, y (N, T) ids below V."""
    return Network([RNN(D, H, V), EveryState(), Readout(H, V)], "N T:int", "N T:int", rng, dtype)


def char_lstm(V, D, H, rng, dtype=np.float32):
    """Embedding (V, D), an LSTM, and a prediction of the next token at every step. X, y (N, T) ids below V."""
    return Network([LSTM(D, H, V), EveryState(), Readout(H, V)], "N T:int", "N T:int", rng, dtype)
