"""How much of what this machine can do the networks get: their multiplications against a plain product's."""

from contextlib import ExitStack
from unittest import mock

import numpy as np

from solutions.bench.measure import seconds, versus
from solutions.networks import convolution, tier
from solutions.networks.convolution import ConvPool
from solutions.networks.dense import Dense, Readout
from solutions.networks.flat import Adam
from solutions.networks.recurrent import EveryState, Recurrent
from solutions.networks.tier import loops
from solutions.twins import compiled

SIDE = 384  # three square matrices of it fit into a second-level cache
STEPS = 30  # that are looked into


def step_macs(network, X):
    """Multiply-accumulates of the products in a training step: forward, the weights' gradients, and the inputs'."""
    shape, total = X.shape, 0
    for layer in network.trained:
        passes = 2 if layer.first else 3
        if isinstance(layer, ConvPool):
            K = layer.params[0]
            N, _, H, W = shape
            total += passes * K.size * N * H * W
            shape = N, len(K), H // 2, W // 2
        elif isinstance(layer, Recurrent):
            E, (Wx, Wh) = (layer.params[0] if layer.V else None), layer.params[-3:-1]
            N, T = shape[:2]
            rows = (3 * len(E)) if layer.V else (passes * N * T)
            total += rows * Wx.size + 3 * N * (T - 1) * Wh.size
            shape = (N * T if EveryState in map(type, network.layers) else N), layer.H
        elif isinstance(layer, Dense | Readout):
            W = layer.params[0]
            total += passes * shape[0] * W.size
            shape = shape[0], W.shape[1]
    return total


@compiled(by_address=True)
def no_product(out, A, down, across, B, starts, width, fresh, left, right, lo, hi):
    """What `add_product` takes, and nothing done with it."""


@compiled(by_address=True)
def no_dots(out, A, D, B, starts, width, lo, hi):
    """The same for `add_dots`."""


def where_time_goes(network, optimizer, X, y, peak):
    """In words: what a training step spends on products, how fast these are, and what the optimizer takes.

    peak: multiply-accumulates a second, of all threads together. Products take what a step takes less without them.
    """
    nothing = {"add_product": no_product, "add_dots": no_dots}
    whole = seconds(lambda: network.backward(X, y), STEPS)
    with ExitStack() as stack:
        for module in (tier, convolution):
            stack.enter_context(mock.patch.object(module, "loops", lambda name: nothing.get(name) or loops(name)))
        network.recorder.tapes.clear()
        network.backward(X, y)  # compiles
        rest = seconds(lambda: network.backward(X, y), STEPS)
    network.recorder.tapes.clear()
    update = seconds(optimizer.step, STEPS)
    return (
        f"products take {(whole - rest) / (whole + update):.0%} of the step, at "
        f"{step_macs(network, X) / (whole - rest) / peak:.0%} of the peak; the optimizer takes "
        f"{update / (whole + update):.0%}"
    )


def peak_rows(torch, contests, train):
    """One row a network: the time its products take at the highest rate measured, of the time its step takes."""
    A, B = (np.random.default_rng(0).standard_normal((SIDE, SIDE)).astype(np.float32) for _ in range(2))
    out, (tA, tB) = np.zeros_like(A), (torch.tensor(A), torch.tensor(B))
    tout = torch.zeros_like(tA)
    products = {
        f"a product of {SIDE} × {SIDE} by ours": lambda: tier.product(out, A, B, fresh=True),
        f"a product of {SIDE} × {SIDE} by PyTorch": lambda: torch.mm(tA, tB, out=tout),
    }
    for name, network, _, X, y in contests:
        share, goal = step_macs(network, X) / SIDE**3, 0.55 if name.startswith("(a)") else 0.7
        row = versus(f"{name}, share of the peak", train(network, X, y), products, goal, scale=share)
        peak = SIDE**3 / min(seconds(product, STEPS) for product in products.values())
        row.why = where_time_goes(network, Adam(network), X, y, peak)
        yield row
