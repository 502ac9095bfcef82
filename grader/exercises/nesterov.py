"""The exercise of solutions/nesterov.py: what is tried, what it is worth, what usually goes wrong."""

from grader.exercise import Exercise, Misconception
from grader.exercises.velocities import changes_in_place, velocity_cases
from solutions import nesterov as truth

STAGE = "06_optimizers"


def nesterov_cases(rng):
    return velocity_cases(rng, truth.nesterov_step)


def _nesterov(ahead, velocity=lambda v, g, beta: beta * v + g, sign=-1.0):
    """Nesterov's step with one thing wrong."""

    def wrong(p, g, v, lr=0.01, beta=0.9):
        v = velocity(v, g, beta)
        return p + sign * lr * ahead(g, v, beta), v

    return wrong


def _ahead(g, v, beta):
    return g + beta * v


def _keeps_the_look_ahead(p, g, v, lr=0.01, beta=0.9):
    ahead = g + beta * (beta * v + g)
    return p - lr * ahead, ahead


def _rate_on_the_gradient_only(p, g, v, lr=0.01, beta=0.9):
    v = beta * v + g
    return p - (lr * g + beta * v), v


def _old_velocity_back(p, g, v, lr=0.01, beta=0.9):
    return p - lr * (g + beta * (beta * v + g)), v


nesterov_step = Exercise(
    "nesterov_step",
    STAGE,
    truth.nesterov_step,
    nesterov_cases,
    points={"value": 1, "shape": 0.25, "purity": 0.25},
    reveal="parsons",
    hints=(
        "There are four lines. Which of them needs nothing that the others make? It must be first.",
        "The new velocity is made of the old one and the gradient. The step looks ahead from that new velocity, "
        "not from the old one.",
        "`ahead` uses v, so it stands behind the line that makes v; and the last line uses `ahead`.",
    ),
    misconceptions=(
        Misconception(
            "plain momentum",
            wrong=_nesterov(lambda g, v, beta: v),
            hint="These are the steps of momentum, to the last digit: g + β · v with the *old* v is just v′. Which v must "
            "be there before you look ahead?",
        ),
        Misconception(
            "looks ahead from the momentum step",
            wrong=_nesterov(lambda g, v, beta: v + beta * v),
            hint="You go a whole step of momentum and then β · v′ more. In the formula only one v′ is left: what stands "
            "beside it?",
        ),
        Misconception(
            "looks back",
            wrong=_nesterov(lambda g, v, beta: g - beta * v),
            hint="The velocity pulls the wrong way. On which side of p lies the point to look ahead to?",
        ),
        Misconception(
            "climbs",
            wrong=_nesterov(_ahead, sign=1.0),
            hint="Gradient and velocity point uphill. Which sign takes you down?",
        ),
        Misconception(
            "velocity forgotten",
            wrong=_nesterov(_ahead, velocity=lambda v, g, beta: g.copy()),
            hint="The first step is right, the later ones know nothing of the steps before. What becomes of the v that "
            "comes in?",
        ),
        Misconception(
            "the look-ahead kept as the velocity",
            wrong=_keeps_the_look_ahead,
            hint="p is right, the velocity that comes back is not. Two things are computed here: which of them is v′?",
        ),
        Misconception(
            "learning rate on the gradient only",
            wrong=_rate_on_the_gradient_only,
            hint="The velocity is a sum of slopes, too. How much of the bracket does lr multiply?",
        ),
        Misconception(
            "old velocity returned",
            wrong=_old_velocity_back,
            hint="p is right, but the next step would get the same v again. Which velocity has to come back?",
        ),
        Misconception(
            "changes v in place",
            wrong=changes_in_place(_ahead),
            hint="The numbers are right, but the caller's v has changed too: `*=` and `+=` write into the array they were "
            "given. How do you get a new one?",
        ),
    ),
)
