"""The smallest GAN there is, one turn each: whose numbers move when, and whose stay as they are.

An expert of two numbers and a forger of one (L. Mescheder, A. Geiger and S. Nowozin, "Which training methods for GANs
do actually converge?", ICML 2018, section 2). Here the two mistakes of every first GAN can be seen in single numbers.
"""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from grader.exercises.gan import sigmoid

STAGE = "15_beyond"


def take_turns(a, b, c, real, noise, lr):
    """One turn each. The expert's logit of x is a · x + b; the forger's fakes are noise + c.

    First the expert steps down its loss:     a ← a − lr · da,  b ← b − lr · db      (c stays as it is)
    then the forger, with the new expert:     c ← c − lr · dc                        (a and b stay as they are)
    a, b, c, lr numbers; real (N, 1), noise (M, 1) -> a, b, c, the new ones
    """
    fake = noise + c
    p_real = 1 / (1 + np.exp(-(a * real + b)))
    p_fake = 1 / (1 + np.exp(-(a * fake + b)))
    da = (np.mean((p_real - 1) * real) + np.mean(p_fake * fake)) / 2
    db = (np.mean(p_real - 1) + np.mean(p_fake)) / 2
    a, b = a - lr * da, b - lr * db
    p_fake = 1 / (1 + np.exp(-(a * fake + b)))
    dc = np.mean(p_fake - 1) * a
    return a, b, c - lr * dc


def take_turns_cases(rng):
    """No number is 0 or 1, and there are more real ones than fakes or fewer; but for the start worked by hand."""

    def draw(N, M):
        a, b, c = rng.uniform(0.4, 1.2), rng.uniform(-0.8, -0.3), rng.uniform(0.5, 1.5)
        return float(a), float(b), float(c), rng.normal(2, 0.5, (N, 1)), rng.normal(0, 0.5, (M, 1)), 0.5

    a, b, c, real, noise, lr = draw(3, 5)
    return [
        case("four real, two fake", *draw(4, 2)),
        case("three real, five fake", a, b, c, real, noise, lr),
        case("an expert who likes small numbers", -a, -b, c, real, noise, lr),
        case("one of each, a large step", *draw(1, 1)[:5], 2.0),
        case("an expert who knows nothing", 0.0, 0.0, c, real, noise, 1.0),
    ]


def _played(expert_label=1, detached=True, frozen=True, in_turn=True, half=2, forger=lambda p: p - 1, up=-1):
    """Both turns with one thing wrong."""

    def wrong(a, b, c, real, noise, lr):
        before, fake = (a, b), noise + c
        off_real = sigmoid(a * real + b) - expert_label
        off_fake = sigmoid(a * fake + b) - (1 - expert_label)
        da = (np.mean(off_real * real) + np.mean(off_fake * fake)) / half
        db = (np.mean(off_real) + np.mean(off_fake)) / half
        dc = 0 if detached else np.mean(off_fake) * a / half
        a, b, c = a - lr * da, b - lr * db, c - lr * dc
        fake = noise + c
        seen = (a, b) if in_turn else before
        slope = forger(sigmoid(seen[0] * fake + seen[1]))
        dc = np.mean(slope) * seen[0]
        if not frozen:
            a, b = a - lr * np.mean(slope * fake), b - lr * np.mean(slope)
        return a, b, c + up * lr * dc

    return wrong


exercise = Exercise(
    "take_turns",
    STAGE,
    take_turns,
    take_turns_cases,
    points={"value": 2, "shape": 0.25, "purity": 0.25},
    reveal="parsons",
    hints=(
        "The order of the docstring is the order of the lines: the expert's turn, then the forger's, with the "
        "new expert.",
        "Before the expert can step it needs its two gradients; they need its two probabilities; those need the fakes.",
        "The line for p_fake occurs twice. The second one stands after the expert's step, so that it uses the "
        "new a and b.",
        "Then dc, and the return. Nothing is indented.",
    ),
    misconceptions=(
        Misconception(
            "fakes not detached",
            wrong=_played(detached=False),
            hint="c has already moved in the expert's turn, down the expert's loss. Whose wish is that loss?",
        ),
        Misconception(
            "expert not frozen",
            wrong=_played(frozen=False),
            hint="In the forger's turn a and b have moved as well, toward believing fakes. Whose numbers may move then?",
        ),
        Misconception(
            "both at the same time",
            wrong=_played(in_turn=False),
            hint="The forger looked at the old expert. The line for p_fake is there twice: what has changed in between?",
        ),
        Misconception(
            "labels swapped",
            wrong=_played(expert_label=0),
            hint="The expert learns to say no to real ones. Which of its two probabilities should be near 1?",
        ),
        Misconception(
            "saturating forger",
            wrong=_played(forger=lambda p: -p),
            hint="Your forger's slope is −p: nothing, where the expert is sure. What is the slope of −log p along the "
            "logit?",
        ),
        Misconception(
            "forger climbs",
            wrong=_played(up=1),
            hint="c moves away from what the expert believes. In which direction does descent go?",
        ),
        Misconception(
            "½ forgotten",
            wrong=_played(half=1),
            hint="a and b move twice as far as they should. How many means does the expert's loss average?",
        ),
    ),
)
