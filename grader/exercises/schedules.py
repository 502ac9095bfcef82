"""The exercise of solutions/schedules.py: what is tried, what it is worth, what usually goes wrong."""

import math

from grader.exercise import Exercise, Misconception, case
from solutions import schedules as truth

STAGE = "06_optimizers"


def schedule_cases(rng):
    """Start, climb, top, a point on either side of the middle, the last step, the end and beyond; none of a warm-up."""
    lr, floor = float(rng.uniform(0.2, 0.9)), float(rng.uniform(0.01, 0.1))
    warm, total = int(rng.integers(4, 9)), int(rng.integers(30, 60))
    settings = lr, warm, total, floor
    return [
        case("t = 0, the climb begins", 0, *settings),
        case("t = 1", 1, *settings),
        case("the last step of the climb", warm - 1, *settings),
        case("the top", warm, *settings),
        case("one step past the top", warm + 1, *settings),
        case("well before the middle", warm + (total - warm) // 5, *settings),
        case("well past the middle", warm + 4 * (total - warm) // 5, *settings),
        case("the last step", total - 1, *settings),
        case("the end", total, *settings),
        case("long after the end", total + int(rng.integers(5, 15)), *settings),
        case("no climb: t = 0 is the top", 0, lr, 0, total, floor),
        case("no floor, on the way down", 2 * warm, lr, warm, total),
        case("everything by default", int(rng.integers(20, 90))),
    ]


def _schedule(climb=lambda t, warm: t / warm, start=lambda warm: warm, half=0.5, ends=True, add=False, shape=None):
    """Warm-up and cosine with one thing wrong."""

    def wrong(t, lr=0.1, warm=5, total=100, floor=0.0):
        if t < warm:
            return lr * climb(t, warm)
        if ends and t >= total:
            return floor
        share = (t - start(warm)) / (total - start(warm))
        fall = shape(share) if shape else half * (1 + math.cos(math.pi * share))
        return floor + (lr if add else lr - floor) * fall

    return wrong


def _divides_first(t, lr=0.1, warm=5, total=100, floor=0.0):
    climb = lr * t / warm
    return _schedule()(t, lr, warm, total, floor) if t >= warm else climb


def _from_the_floor(t, lr=0.1, warm=5, total=100, floor=0.0):
    return floor + (lr - floor) * t / warm if t < warm else _schedule()(t, lr, warm, total, floor)


schedule = Exercise(
    "schedule",
    STAGE,
    truth.schedule,
    schedule_cases,
    points={"value": 1.75, "shape": 0.25},
    hints=(
        "Draw the curve: a straight climb, half a wave down, then flat. Three pieces, so three returns.",
        "Ask for the first piece with t < warm: with warm = 0 nobody ever gets there, and nothing is divided by "
        "0. Then ask for the last.",
        "On the way down, how far are you? (t − warm) out of (total − warm): 0 at the top, 1 at the end. cos(π "
        "· that) runs from 1 to −1.",
        "1 plus the cosine, halved, runs from 1 to 0. Stretch it by lr − floor, lift it by floor, and return a "
        "`float`.",
    ),
    misconceptions=(
        Misconception(
            "the climb is a step ahead",
            wrong=_schedule(climb=lambda t, warm: (t + 1) / warm),
            hint="At t = 0 your rate is not 0. Put t = 0 into the first line of the formula: what comes out?",
        ),
        Misconception(
            "cosine from t = 0 on",
            wrong=_schedule(start=lambda warm: 0),
            hint="At the top your rate has fallen already. When the climb ends, how much of the way down is behind you?",
        ),
        Misconception(
            "the way down takes total steps",
            wrong=lambda t, lr=0.1, warm=5, total=100, floor=0.0: (
                _schedule()(t, lr, warm, total, floor)
                if t < warm or t >= total
                else floor + (lr - floor) * (1 + math.cos(math.pi * (t - warm) / total)) / 2
            ),
            hint="Just before the end your rate is still above the floor. `warm` of the `total` steps went into the climb: "
            "how many are left for the way down?",
        ),
        Misconception(
            "no climb",
            wrong=_schedule(climb=lambda t, warm: 1.0),
            hint="Your rate starts at the top. What does the first line of the formula do while t is below `warm`?",
        ),
        Misconception(
            "divides by a climb of nothing",
            wrong=_divides_first,
            hint="With warm = 0 you divide by 0. Is there any t for which the first line applies then?",
        ),
        Misconception(
            "rises again after the end",
            wrong=_schedule(ends=False),
            hint="After the end your rate goes up again, as a cosine does. What is the rate from `total` on?",
        ),
        Misconception(
            "half forgotten",
            wrong=_schedule(half=1.0),
            hint="At the top your rate is nearly twice lr. 1 + cos runs from 2 to 0: what brings that to 1?",
        ),
        Misconception(
            "floor added on top",
            wrong=_schedule(add=True),
            hint="At the top your rate is lr + floor. How far is it from lr down to the floor?",
        ),
        Misconception(
            "a straight line down",
            wrong=_schedule(shape=lambda share: 1 - share),
            hint="Halfway down you are right, before it too low and after it too high. Which curve leaves the top and "
            "reaches the floor gently?",
        ),
        Misconception(
            "climbs from the floor",
            wrong=_from_the_floor,
            hint="At t = 0 your rate is the floor. Which of the three lines of the formula know the floor at all?",
        ),
    ),
)
