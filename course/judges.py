"""How to look at an answer that need not equal the reference's: by what it does.

A case names its judge: {"judge": {"name": "separates", …}}. A judge takes the answer and that dict and returns None,
or the fault in words. It runs on values alone, never on student code.
"""

import numpy as np

from course.compare import differences, shown
from course.messages import say


def separates(answer, want):
    """A trained neuron (w, b) puts every row of X on the side its label says."""
    fault = is_neuron(answer, want)
    if fault:
        return fault
    w, b = answer
    fires = want["X"] @ np.asarray(w, float) + float(b) >= 0
    wrong = int(np.sum(fires != (want["y"] > 0.5)))
    return say("not separated", wrong=wrong, total=len(want["y"])) if wrong else None


def is_neuron(answer, want):
    """The answer is a pair (w, b) of finite numbers with one weight for each of `inputs`."""
    try:
        w, b = answer
        w, b = np.asarray(w, float), float(b)
    except (TypeError, ValueError, OverflowError):  # of an int beyond the floats
        return say("no neuron")
    if w.shape != (want["inputs"],) or not (np.isfinite(w).all() and np.isfinite(b)):
        return say("no neuron")
    return None


def tells_apart(answer, want):
    """Probes the learner chose from a grid tell the right function from every wrong one.

    want: {"grid": inputs, "right": its answers, "wrong": {name: answers}, "most": how many probes are allowed}
    """
    if answer is None:
        return say("nothing returned")
    if not isinstance(answer, (list, tuple)):
        return say("type", got=shown(answer), expected=say("want a list"))
    if len(answer) > want["most"]:
        return say("probe many", count=len(answer), most=want["most"])
    chosen = []
    for probe in answer:
        places = [i for i, point in enumerate(want["grid"]) if not differences(probe, point)]
        if not places:
            return say("probe outside", probe=shown(probe), grid=shown(want["grid"]))
        chosen.append(places[0])
    survivors = [
        name
        for name, answers in want["wrong"].items()
        if not any(differences(answers[i], want["right"][i]) for i in chosen)
    ]
    return say("probe survivors", names=", ".join(survivors)) if survivors else None


JUDGES = {judge.__name__: judge for judge in (separates, is_neuron, tells_apart)}
