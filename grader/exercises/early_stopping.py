"""The exercise of solutions/early_stopping.py; its wrong answers are also what history_tests.py has caught."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import early_stopping as truth

STAGE = "08_generalize"


def early_stop_cases(rng):
    """A dip after a plateau, a tie, a second valley that comes too late, losses that fall to the end."""

    def noisy(*losses):
        return np.array(losses) + rng.uniform(0, 0.02) + rng.uniform(-0.004, 0.004, len(losses))

    def level(*losses):  # one shift for all, a multiple of a sixteenth: ties stay exact
        return np.array(losses) + rng.integers(1, 9) / 16

    return [
        case("it falls, then rises", noisy(0.9, 0.7, 0.5, 0.6, 0.7, 0.8, 0.9), 2),
        case("a bump before the best", noisy(0.9, 0.6, 0.7, 0.65, 0.4, 0.5, 0.45, 0.6, 0.3), 3),
        case("a tie is no progress", level(1.0, 0.5, 0.5, 0.5, 0.25, 0.125), 2),
        case("bumps on the way, never three in a row", noisy(0.9, 0.95, 0.8, 0.85, 0.7, 0.75, 0.6, 0.65, 0.62), 3),
        case("a second valley, too late", noisy(0.8, 0.4, 0.5, 0.6, 0.7, 0.3, 0.2), 3),
        case("it falls to the very end", noisy(0.9, 0.8, 0.7, 0.6, 0.5), 2),
        case("best at the start, patience 1", noisy(0.3, 0.5, 0.2), 1),
        case("a tie at the start", level(0.5, 0.5, 0.75, 0.5), 2),
        case("down in zigzags above the best", noisy(0.9, 0.4, 0.8, 0.7, 0.6, 0.5, 0.45, 0.3), 4),
    ]


def _stop(better=lambda loss, best: loss < best, over=lambda waited, patience: waited >= patience, reset=True):
    """Early stopping with a counter and one thing wrong."""

    def wrong(history, patience):
        best = waited = 0
        for epoch in range(1, len(history)):
            if better(history[epoch], history[best]):
                best, waited = epoch, 0 if reset else waited
            else:
                waited += 1
                if over(waited, patience):
                    return best, epoch
        return best, len(history) - 1

    return wrong


stops_early = _stop(over=lambda waited, patience: waited >= patience - 1)
stops_late = _stop(over=lambda waited, patience: waited > patience)
never_reset = _stop(reset=False)
ties_count = _stop(better=lambda loss, best: loss <= best)


def last_weights(history, patience):
    _, stop = truth.early_stop(history, patience)
    return stop, stop


def from_hindsight(history, patience):
    return int(np.argmin(history)), truth.early_stop(history, patience)[1]


def rises_in_a_row(history, patience):
    best = rises = 0
    for epoch in range(1, len(history)):
        best = epoch if history[epoch] < history[best] else best
        rises = rises + 1 if history[epoch] >= history[epoch - 1] else 0
        if rises >= patience:
            return best, epoch
    return best, len(history) - 1


def never_stops(history, patience):
    return int(np.argmin(history)), len(history) - 1


def loss_against_epoch(history, patience):
    best = 0
    for epoch in range(len(history)):
        if history[epoch] < best:
            best = epoch
        elif epoch - best >= patience:
            return best, epoch
    return best, len(history) - 1


def _loss_for_epoch(history, patience):
    best, stop = truth.early_stop(history, patience)
    return float(history[best]), stop


early_stop = Exercise(
    "early_stop",
    STAGE,
    truth.early_stop,
    early_stop_cases,
    points={"value": 1.75, "shape": 0.25},
    reveal="parsons",
    hints=(
        "Read history like a diary: an epoch is either a new best, or it is not. Which two branches does that give?",
        "`best` must exist before the loop compares with it. So it starts as epoch 0.",
        "A new best comes first, with `if`. Only where there is none, `elif` asks whether patience has run out, "
        "and then the function ends at once.",
        "If the loop ends by itself, patience lasted: the last `return` stands behind the loop, not in it.",
    ),
    misconceptions=(
        Misconception(
            "keeps the last weights",
            wrong=last_weights,
            hint="You return the epoch at which training stops, twice. Which epoch's weights were the best?",
        ),
        Misconception(
            "counter never reset",
            wrong=never_reset,
            hint="You stop too early after bumps on the way. From where does patience count after a new best?",
        ),
        Misconception(
            "one epoch too early",
            wrong=stops_early,
            hint="Training ends while there is still patience. How many epochs after the best is it over?",
        ),
        Misconception(
            "one epoch too late",
            wrong=stops_late,
            hint="You wait one epoch too long. Is patience used up when it is reached, or when it is exceeded?",
        ),
        Misconception(
            "a tie counts as progress",
            wrong=ties_count,
            hint="A loss that only equals the best restarts your patience. Has the network become any better?",
        ),
        Misconception(
            "compares with the epoch before",
            wrong=rises_in_a_row,
            hint="A loss that falls slowly, far above the best, keeps you going. With which earlier loss must it be "
            "compared?",
        ),
        Misconception(
            "chosen with hindsight",
            wrong=from_hindsight,
            hint="Your best epoch can lie after the stop. Training has ended by then: could anybody have its weights?",
        ),
        Misconception(
            "never stops",
            wrong=never_stops,
            hint="You look at every epoch there is. After which of them does training end, and who has seen the rest?",
        ),
        Misconception(
            "a loss compared with an epoch",
            wrong=loss_against_epoch,
            hint="Your best stays at epoch 0. `best` is the number of an epoch: how do you get from it to its loss?",
        ),
        Misconception(
            "the loss, not the epoch",
            wrong=_loss_for_epoch,
            hint="That is how low the loss was. Under which number are the weights to be found?",
        ),
        Misconception(
            "returns inside the loop",
            wrong=lambda history, patience: (0, len(history) - 1),
            hint="Your function is finished after the first epoch. How far in does the last `return` stand?",
        ),
    ),
)
