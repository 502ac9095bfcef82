"""The exercise of solutions/momentum.py: what is tried, what it is worth, what usually goes wrong."""

from grader.exercise import Exercise, Misconception
from grader.exercises.velocities import changes_in_place, velocity_cases
from solutions import momentum as truth

STAGE = "06_optimizers"


def momentum_cases(rng):
    return velocity_cases(rng, truth.momentum_step)


def _momentum(velocity=lambda v, g, lr, beta: beta * v + g, move=lambda p, v, g, lr, old: p - lr * v):
    """Momentum with one thing wrong."""

    def wrong(p, g, v, lr=0.01, beta=0.9):
        new = velocity(v, g, lr, beta)
        return move(p, new, g, lr, v), new

    return wrong


momentum_step = Exercise(
    "momentum_step",
    STAGE,
    truth.momentum_step,
    momentum_cases,
    points={"value": 1, "shape": 0.25, "purity": 0.25},
    reveal="fill_in",
    blanks=("beta * v + g", "p - lr * v"),
    hints=(
        "The velocity comes first: keep the share β of the old one, and add the gradient as it is.",
        "Then the place moves against the velocity, the new one, by the learning rate. Where does lr enter: in "
        "one line or in both?",
        "Write `v = …` from the first formula: the old v on the right, the new one on the left. No `+=`, which "
        "would write into the caller's array.",
    ),
    misconceptions=(
        Misconception(
            "velocity forgotten",
            wrong=_momentum(velocity=lambda v, g, lr, beta: g.copy()),
            hint="The first step is right, the later ones know nothing of the steps before. What becomes of the v that "
            "comes in?",
        ),
        Misconception(
            "1 − β on the gradient",
            wrong=_momentum(velocity=lambda v, g, lr, beta: beta * v + (1 - beta) * g),
            hint="That is an average, and at β = 0.9 the first step is ten times too short. What does the formula put in "
            "front of g?",
        ),
        Misconception(
            "learning rate applied twice",
            wrong=_momentum(velocity=lambda v, g, lr, beta: beta * v + lr * g),
            hint="Even the first step is too short, by a factor of lr. How often does lr occur in the two formulas?",
        ),
        Misconception(
            "learning rate inside the velocity",
            wrong=_momentum(velocity=lambda v, g, lr, beta: beta * v - lr * g, move=lambda p, v, g, lr, old: p + v),
            hint="That is the other convention: there v is a step, here it is a sum of slopes. Which of the two formulas "
            "has lr in it?",
        ),
        Misconception(
            "climbs",
            wrong=_momentum(move=lambda p, v, g, lr, old: p + lr * v),
            hint="The velocity is made of gradients, and they point uphill. Which sign takes you down?",
        ),
        Misconception(
            "learning rate ignored",
            wrong=_momentum(move=lambda p, v, g, lr, old: p - v),
            hint="The velocity is right and the step is as long as the velocity. Where does lr enter?",
        ),
        Misconception(
            "moves with the old velocity",
            wrong=_momentum(move=lambda p, v, g, lr, old: p - lr * old),
            hint="From a standing start you do not move at all. Which v does the second formula name, with or without "
            "the dash?",
        ),
        Misconception(
            "old velocity returned",
            wrong=lambda p, g, v, lr=0.01, beta=0.9: (p - lr * (beta * v + g), v),
            hint="p is right, but the next step would get the same v again. Which velocity has to come back?",
        ),
        Misconception(
            "β and 1 − β the wrong way round",
            wrong=_momentum(velocity=lambda v, g, lr, beta: (1 - beta) * v + g),
            hint="At β = 0.9 you keep a tenth of the velocity. How much should stay?",
        ),
        Misconception(
            "changes v in place",
            wrong=changes_in_place(lambda g, v, beta: v),
            hint="The numbers are right, but `v *= …` writes into the caller's array. How do you get a new one?",
        ),
    ),
)
