"""The exercises of solutions/gan.py: what is tried, what it is worth, what usually goes wrong."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import gan as truth

STAGE = "15_beyond"
FAR = "1 + exp(1000) is infinite. Split z off first: what is left in the exponent of log(1 + exp(−|z|))?"
ROUNDED = "At 40 the probability rounds to exactly 1, and 1 − p to 0. Can you get the logarithm without forming p?"
TINY = "At 30 the exp is about 1e-13, and adding 1 leaves three digits of it. Which function takes x, and gives log(1 + x)?"
HELD = "A held probability never costs more than about 16. What should the expert pay who is wrong by 40?"


def batches(rng):
    """(real, fake) logits: more of the one than of the other, both ways; then logits no probability survives."""

    def column(*values):
        return np.array(values, float).reshape(-1, 1)

    return {
        "five real, three fake": (rng.normal(1, 1, (5, 1)), rng.normal(-1, 1, (3, 1))),
        "two real, four fake": (rng.normal(0, 2, (2, 1)), rng.normal(1, 1, (4, 1))),
        "one of each": (rng.normal(-1, 0.3, (1, 1)), rng.normal(0.7, 0.3, (1, 1))),
        "an expert who knows nothing": (np.zeros((3, 1)), np.zeros((2, 1))),
        "sure and right by 30": (column(30, 31), column(-30, -29, -31) + 0.1 * rng.normal()),
        "sure and wrong by 40": (column(-40, 1, 2) + rng.normal(), column(40, -1) + rng.normal()),
        "sure and wrong by 1000": (column(-1000, rng.normal()), column(1000, rng.normal(), 0)),
    }


def both(rng):
    return [case(label, *pair, stable="sure" in label) for label, pair in batches(rng).items()]


def only_fakes(rng):
    """Logits of fakes alone; the last three are sure: believed by 30, caught by 40, by 720 and by 1000."""
    ordinary = [(label, fake) for label, (_, fake) in batches(rng).items() if "sure" not in label]
    believed = np.array([[30.0], [31.0], [29.5]]) + 0.1 * rng.normal()
    caught = np.array([[-40.0], [rng.normal()]])
    return [
        *(case(f"fakes of: {label}", fake) for label, fake in ordinary),
        case("believed by 30", believed, stable=True),
        case("caught by 40", caught, stable=True),
        case("caught by 720", np.array([[-720.0], [rng.normal()], [0.0]]), stable=True),
        case("caught by 1000, believed by 1000", np.array([[-1000.0], [1000.0], [rng.normal()]]), stable=True),
    ]


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def overflowing(z):
    return np.log(1 + np.exp(z))


def plus_one(z):
    return np.maximum(z, 0) + np.log(1 + np.exp(-np.abs(z)))


def rounded(z):
    return -np.log(1 - sigmoid(z))


def held(z):
    return -np.log(1 - np.clip(sigmoid(z), 1e-7, 1 - 1e-7))


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def _expert(price=softplus, real_sign=-1, half=2, total=np.mean, yes=1, no=1):
    """The discriminator's loss with one thing wrong."""
    return lambda real, fake: float(yes * total(price(real_sign * real)) + no * total(price(-real_sign * fake))) / half


discriminator_loss = Exercise(
    "discriminator_loss",
    STAGE,
    truth.discriminator_loss,
    both,
    points={"value": 1.5, "shape": 0.25, "stability": 1, "purity": 0.25},
    hints=(
        "Two halves: for real examples the loss grows where the logit is low, for fakes where it is high. In "
        "which half does a minus stand?",
        "log(1 + exp(z)) overflows as it stands. The docstring has the safe form: a maximum with 0, plus log1p "
        "of an exp that never grows.",
        "Real logits enter as z = −real, fakes as z = fake. Each half gets its own mean, for N and M may differ.",
        "Half the sum of the two means, as a `float`.",
    ),
    misconceptions=(
        Misconception(
            "labels swapped",
            wrong=_expert(real_sign=1),
            hint="An expert who is sure and right pays a lot here. For which of the two should a large logit be cheap?",
        ),
        Misconception(
            "real examples only",
            wrong=_expert(no=0),
            hint="An expert who says yes to everything pays nothing. What makes a yes to a fake expensive?",
        ),
        Misconception(
            "fakes only",
            wrong=_expert(yes=0),
            hint="An expert who says no to everything pays nothing. What makes a no to a real example expensive?",
        ),
        Misconception(
            "not halved",
            wrong=_expert(half=1),
            hint="An expert who knows nothing pays 2 · ln 2 = 1.386. What stands before the bracket?",
        ),
        Misconception(
            "sum instead of mean",
            wrong=_expert(total=np.sum),
            hint="One of each is right, larger batches cost too much. What are 1/N and 1/M for?",
        ),
        Misconception(
            "one mean over all",
            wrong=lambda real, fake: float(np.mean(softplus(np.concatenate([-real, fake])))),
            hint="With five real examples and three fakes, the real ones count for more. How much say should each side "
            "have?",
        ),
        Misconception(
            "only the second mean halved",
            wrong=lambda real, fake: float(np.mean(softplus(-real)) + np.mean(softplus(fake)) / 2),
            hint="An expert who knows nothing pays 1.5 · ln 2. What does Python do first, + or /?",
        ),
        Misconception("exp overflows", wrong=_expert(price=overflowing), hint=FAR),
        Misconception("a tiny x lost in 1 + x", wrong=_expert(price=plus_one), hint=TINY),
        Misconception("logarithm of a finished probability", wrong=_expert(price=rounded), hint=ROUNDED),
        Misconception(
            "logarithms of p and of 1 − p",
            wrong=lambda real, fake: float(-np.mean(np.log(sigmoid(real))) - np.mean(np.log(1 - sigmoid(fake)))) / 2,
            hint=ROUNDED,
        ),
        Misconception("probabilities held", wrong=_expert(price=held), hint=HELD),
    ),
)


def _forger(price=softplus, sign=-1, total=np.mean, factor=1):
    """The generator's loss with one thing wrong."""
    return lambda fake: float(factor * total(price(sign * fake)))


generator_loss = Exercise(
    "generator_loss",
    STAGE,
    truth.generator_loss,
    only_fakes,
    points={"value": 1, "shape": 0.25, "stability": 0.5, "purity": 0.25},
    hints=(
        "The forger wants the expert to say real of its fakes: it is the real half of the expert's loss, with "
        "fakes in it.",
        "The logits enter with a minus. Use the safe form of log(1 + exp(z)) from the docstring.",
        "The mean over the M fakes, as a `float`. No ½ here.",
    ),
    misconceptions=(
        Misconception(
            "saturating",
            wrong=_forger(sign=1, factor=-1),
            hint="That is log(1 − D), and it is never above 0. Where D is sure of a fake, how steep is it?",
        ),
        Misconception(
            "saturating, and from a finished probability",
            wrong=_forger(price=rounded, sign=1, factor=-1),
            hint="That is log(1 − D). Where D is sure of a fake, how steep is it? And log(1 − p) knows no p that has "
            "rounded to 1.",
        ),
        Misconception(
            "labels swapped",
            wrong=_forger(sign=1),
            hint="This forger pays for every yes: it learns to be caught. Which answer does it want to hear?",
        ),
        Misconception(
            "halved",
            wrong=_forger(factor=0.5),
            hint="The expert halves because it looks at two batches. How many does the forger look at?",
        ),
        Misconception(
            "sum instead of mean",
            wrong=_forger(total=np.sum),
            hint="One fake is right, several cost too much. What is 1/M for?",
        ),
        Misconception(
            "the logit itself",
            wrong=lambda fake: float(np.mean(-fake)),
            hint="A fake that is believed by 40 brings you −40. How small can −log of a probability get?",
        ),
        Misconception("exp overflows", wrong=_forger(price=overflowing), hint=FAR),
        Misconception("a tiny x lost in 1 + x", wrong=_forger(price=plus_one), hint=TINY),
        Misconception(
            "logarithm of a finished probability",
            wrong=lambda fake: float(-np.mean(np.log(sigmoid(fake)))),
            hint="At −1000 the probability rounds to 0, and log(0) is −∞. Can you get the logarithm without forming p?",
        ),
        Misconception("probabilities held", wrong=_forger(price=held), hint=HELD),
    ),
)


def _expert_backward(real_label=1, half=2, slope=lambda p: 1, count=len):
    """The gradients of the discriminator's loss with one thing wrong."""

    def wrong(real, fake):
        p, q = sigmoid(real), sigmoid(fake)
        return (p - real_label) * slope(p) / (half * count(real)), (q - (1 - real_label)) * slope(q) / (
            half * count(fake)
        )

    return wrong


discriminator_loss_backward = Exercise(
    "discriminator_loss_backward",
    STAGE,
    truth.discriminator_loss_backward,
    both,
    points={},
    reveal="worked",
    misconceptions=(
        Misconception(
            "labels swapped",
            wrong=_expert_backward(real_label=0),
            hint="Descent would lower the logits of the real examples. Which way should they go?",
        ),
        Misconception(
            "not halved",
            wrong=_expert_backward(half=1),
            hint="Both gradients are twice too large. What became of the ½ of the loss?",
        ),
        Misconception(
            "slope of the sigmoid again",
            wrong=_expert_backward(slope=lambda p: p * (1 - p)),
            hint="Where the expert is sure, nothing comes back. p − y is already the slope along what?",
        ),
        Misconception(
            "1/N and 1/M missing",
            wrong=_expert_backward(count=lambda logits: 1),
            hint="One of each is right, larger batches are too steep. The loss is made of two means: over what?",
        ),
    ),
)


def _forger_backward(slope, over=len):
    return lambda fake: slope(sigmoid(fake)) / over(fake)


generator_loss_backward = Exercise(
    "generator_loss_backward",
    STAGE,
    truth.generator_loss_backward,
    only_fakes,
    points={"value": 1, "shape": 0.25, "purity": 0.25},
    reveal="fill_in",
    blanks=("(p - 1)", "len(fake)"),
    hints=(
        "The slope of log(1 + exp(−z)) is σ(z) − 1: between −1 and 0. p is σ already.",
        "The loss is a mean over M fakes, so each gets its share. By what do you divide?",
    ),
    misconceptions=(
        Misconception(
            "saturating",
            wrong=_forger_backward(lambda p: -p),
            hint="Where D is sure of a fake, p is 0, and so is your slope. Is that the loss you wrote above?",
        ),
        Misconception(
            "labels swapped",
            wrong=_forger_backward(lambda p: p),
            hint="Every slope is positive, so descent lowers the logits. What does the forger want them to do?",
        ),
        Misconception(
            "sign turned",
            wrong=_forger_backward(lambda p: 1 - p),
            hint="The size is right, the direction is not. If a logit goes up, does the forger's loss go up or down?",
        ),
        Misconception(
            "1/M missing",
            wrong=_forger_backward(lambda p: p - 1, over=lambda fake: 1),
            hint="One fake is right, several are too steep. The loss is a mean over how many?",
        ),
        Misconception(
            "halved",
            wrong=_forger_backward(lambda p: (p - 1) / 2),
            hint="The 2 belongs to the expert, who looks at two batches. Is there a ½ in the forger's loss?",
        ),
        Misconception(
            "slope of the sigmoid again",
            wrong=_forger_backward(lambda p: (p - 1) * p * (1 - p)),
            hint="Where D is sure, nothing comes back. p − 1 is already the slope along what?",
        ),
    ),
)
