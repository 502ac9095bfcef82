"""The two losses of a generative adversarial network: the forger and the expert, each learning from the other.

The discriminator says yes (1) to real examples and no (0) to fakes; the generator wants a yes for its fakes. That is
binary cross-entropy twice, from logits, with labels nobody had to write. The generator's loss is the non-saturating
one, −log D: log(1 − D) has no slope left where the discriminator is sure, and that is where a beginner starts.
An expert who knows nothing, logit 0 for everything, costs either side ln 2.

Source: I. Goodfellow et al., "Generative adversarial nets", NIPS (2014), section 3.
"""

import numpy as np

from solutions.bce import bce_with_logits, bce_with_logits_backward
from solutions.twins import operation


@operation(real="N 1", fake="M 1")
def discriminator_loss(real, fake):
    """loss = ½ · ( 1/N · Σ_n log(1 + exp(−real[n])) + 1/M · Σ_m log(1 + exp(fake[m])) )

    real (N, 1) the discriminator's logits for real examples, fake (M, 1) those for the generator's -> loss, a float.
    log(1 + exp(z)) = max(z, 0) + log(1 + exp(−|z|)), without a warning for every z. np.log1p(x) is log(1 + x), right
    for a tiny x too. ln 2 where all are 0.
    """
    missed = np.maximum(-real, 0) + np.log1p(np.exp(-np.abs(real)))
    fooled = np.maximum(fake, 0) + np.log1p(np.exp(-np.abs(fake)))
    return float(np.mean(missed) + np.mean(fooled)) / 2


@operation(real="N 1", fake="M 1")
def discriminator_loss_backward(real, fake):
    """dreal[n] = (σ(real[n]) − 1) / 2N     dfake[m] = σ(fake[m]) / 2M     σ(z) = 1 / (1 + exp(−z))

    real (N, 1), fake (M, 1) as in discriminator_loss -> (dreal (N, 1), dfake (M, 1)), the loss's gradients.
    In the discriminator's step they end at its weights: the generator's stay as they are.
    """
    e_real, e_fake = np.exp(-np.abs(real)), np.exp(-np.abs(fake))
    p_real = np.where(real >= 0, 1, e_real) / (1 + e_real)
    p_fake = np.where(fake >= 0, 1, e_fake) / (1 + e_fake)
    return (p_real - 1) / (2 * len(real)), p_fake / (2 * len(fake))


@operation(fake="M 1")
def generator_loss(fake):
    """loss = 1/M · Σ_m log(1 + exp(−fake[m]))                               (non-saturating: −log of D's probability)

    fake (M, 1) the discriminator's logits for the generator's examples -> loss, a float.
    log(1 + exp(z)) = max(z, 0) + log(1 + exp(−|z|)), without a warning for every z. np.log1p(x) is log(1 + x), right
    for a tiny x too. ln 2 where all are 0.
    """
    return float(np.mean(np.maximum(-fake, 0) + np.log1p(np.exp(-np.abs(fake)))))


@operation(fake="M 1")
def generator_loss_backward(fake):
    """dfake[m] = (σ(fake[m]) − 1) / M     σ(z) = 1 / (1 + exp(−z))                     (close to −1/M where D says no)

    fake (M, 1) as in generator_loss -> dfake (M, 1), the loss's gradient. In the generator's step it passes through the
    discriminator, whose weights stay as they are.
    """
    e = np.exp(-np.abs(fake))
    p = np.where(fake >= 0, 1, e) / (1 + e)
    return (p - 1) / len(fake)


def twins_on(backend):
    """All four from the binary cross-entropy of one backend, label 1 for yes and 0 for no."""
    bce, bce_backward = bce_with_logits.on(backend), bce_with_logits_backward.on(backend)

    def discriminator_loss_twin(real, fake):
        return (bce(real, np.ones_like(real)) + bce(fake, np.zeros_like(fake))) / 2

    def discriminator_loss_backward_twin(real, fake):
        return bce_backward(real, np.ones_like(real)) / 2, bce_backward(fake, np.zeros_like(fake)) / 2

    def generator_loss_twin(fake):
        return bce(fake, np.ones_like(fake))

    def generator_loss_backward_twin(fake):
        return bce_backward(fake, np.ones_like(fake))

    discriminator_loss.twin(backend)(discriminator_loss_twin)
    discriminator_loss_backward.twin(backend)(discriminator_loss_backward_twin)
    generator_loss.twin(backend)(generator_loss_twin)
    generator_loss_backward.twin(backend)(generator_loss_backward_twin)


twins_on("numba")
twins_on("cuda")
