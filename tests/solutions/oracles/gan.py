"""The two losses of a GAN against PyTorch's, which takes the labels written out; logits of 0, ±30 and ±1000."""

import numpy as np

from solutions.gan import discriminator_loss, generator_loss
from tests.solutions.oracle import Oracle, by_torch
from tests.solutions.oracles.conv2d import pull_back


def logits(rng, dtype):
    real, fake = rng.standard_normal((5, 1)).astype(dtype), rng.standard_normal((3, 1)).astype(dtype)
    steep = np.array([[30], [-30], [1000], [-1000], [0.5]], dtype)
    return [(2 * real, fake), (0 * real, 0 * fake), (steep, -steep[:3]), (steep, fake), (steep, steep)]


def fakes(rng, dtype):
    return [(fake,) for _, fake in logits(rng, dtype)]


def cost(torch, z, label):
    return torch.nn.functional.binary_cross_entropy_with_logits(z, torch.full_like(z, label))


def experts(torch, real, fake):
    return (cost(torch, real, 1) + cost(torch, fake, 0)) / 2


def forgers(torch, fake):
    return cost(torch, fake, 1)


def gradients(loss):
    def of(torch, *logits):
        found = pull_back(
            torch, lambda *logits: loss(torch, *logits), torch.tensor(1.0, dtype=logits[0].dtype), *logits
        )
        return found if len(found) > 1 else found[0]

    return by_torch(of)


ORACLES = {
    "discriminator_loss": Oracle(logits, expected=by_torch(experts)),
    "discriminator_loss_backward": Oracle(
        logits,
        expected=gradients(experts),
        gradient_of=lambda real, fake: (discriminator_loss, (real, fake)),
    ),
    "generator_loss": Oracle(fakes, expected=by_torch(forgers)),
    "generator_loss_backward": Oracle(
        fakes, expected=gradients(forgers), gradient_of=lambda fake: (generator_loss, (fake,))
    ),
}
