"""The networks the course talks about, counted to the last parameter and the last product."""

import numpy as np
import pytest

from solutions.costs import conv2d_macs, dense_macs
from solutions.dense import count_parameters


def array(*shape):
    """An array of that shape, however large, in eight bytes."""
    return np.broadcast_to(0.0, shape)


def network(*layers):
    """Parameters of a row of layers, each given as (weights' shape, biases' shape)."""
    params = {}
    for l, (weights, biases) in enumerate(layers, start=1):
        params |= {f"W{l}": array(*weights), f"b{l}": array(*biases)}
    return params


def conv(C, F, k=3):
    return (F, C, k, k), (F,)


def dense(D, M):
    return (D, M), (M,)


# VGG16: configuration D of K. Simonyan, A. Zisserman, ICLR (2015): (side of the image, channels in, channels out)
VGG16_CONV = [
    (224, 3, 64), (224, 64, 64), (112, 64, 128), (112, 128, 128), (56, 128, 256), (56, 256, 256), (56, 256, 256),
    (28, 256, 512), (28, 512, 512), (28, 512, 512), (14, 512, 512), (14, 512, 512), (14, 512, 512),
]  # fmt: skip
VGG16_DENSE = [(512 * 7 * 7, 4096), (4096, 4096), (4096, 1000)]

NETWORKS = {
    "3-4-4-1": (41, network(dense(3, 4), dense(4, 4), dense(4, 1))),
    "MNIST CNN": (225_034, network(conv(1, 32), conv(32, 64), dense(64 * 5 * 5, 128), dense(128, 10))),
    "CIFAR-10 CNN": (
        1_250_858,
        network(conv(3, 32), conv(32, 32), conv(32, 64), conv(64, 64), dense(64 * 6 * 6, 512), dense(512, 10)),
    ),
    "LSTM classifier": (
        1_117_506,
        {"E": array(10_000, 100), "Wx": array(100, 512), "Wh": array(128, 512), "b": array(512)}
        | network(dense(128, 2)),
    ),
    "VGG16": (138_357_544, network(*(conv(C, F) for _, C, F in VGG16_CONV), *(dense(*sides) for sides in VGG16_DENSE))),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters(name):
    expected, params = NETWORKS[name]
    assert count_parameters(params) == expected


def test_vgg16_keeps_its_parameters_in_dense_layers_and_its_work_in_convolutions():
    conv_macs = sum(conv2d_macs(1, C, side, side, F, 3, pad=1) for side, C, F in VGG16_CONV)
    macs = sum(dense_macs(1, *sides) for sides in VGG16_DENSE)
    assert (conv_macs, macs) == (15_346_630_656, 123_633_664)
    assert conv_macs / (conv_macs + macs) > 0.99
    expected, params = NETWORKS["VGG16"]
    in_dense = sum(params[f"W{l}"].size + params[f"b{l}"].size for l in (14, 15, 16))
    assert round(in_dense / expected, 2) == 0.89
