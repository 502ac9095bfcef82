"""Every sentence a check can say, by key, so that a translation needs no code."""

MESSAGES = {
    "right": "{exercise}: right. All {total} cases agree.",
    "right once": "{exercise}: right.",
    "not written": "{exercise}: not written yet. Replace the line `raise NotImplementedError` with your code, "
    "then run the cell and this one again.",
    "missing": "{exercise}: there is no function of this name. Run the cell that defines it; if you renamed it, "
    "name it {exercise} again.",
    "no checks": "No checks for {exercise!r} beside this notebook; there are checks for: {known}. Keep the function's "
    "name, and keep the folder `checks` beside the notebook.",
    "not a function": "check() takes the function itself, as in check(perceptron); it was given {what}.",
    "unreadable checks": "The file {path} is damaged; fetch the release again and copy its `checks` folder here.",
    "raised": "raised {type}: {message}",
    "raised at": "raised {type}: {message}, at `{line}`",
    "timed out": "took longer than {seconds:g} s and was stopped",
    "died": "ended the Python process it ran in ({message})",
    "type": "returned {got}, expected {expected}",
    "length": "returned {got} values, expected {expected}",
    "keys": "returned the keys {got}, expected {expected}",
    "shape": "returned shape {got}, expected {expected}",
    "dtype": "returned dtype {got}, expected {expected}",
    "number": "returned {got}, expected {expected}",
    "entries": "got {count} of {size} entries wrong; first at {where}: {got}, expected {expected}",
    "nothing returned": "returned nothing: is there a `return`?",
    "mutated": "changed its input `{argument}`: work on a copy, the caller still needs the original",
    "warned": "warned on the way: {warning}",
    "race": "has a race: {race}",
    "fresh inputs": "The visible cases are right, fresh inputs are not. {symptom}",
    "on": "On the case “{label}”, {exercise} {symptom}.",
    "part": "(in part {path}) ",
    "ratio": "Every value is {ratio} times the expected one.",
    "transposed": "The answer is right but for its axes: it is transposed.",
    "misconception": "A known slip gives exactly this: {names}.",
    "ambiguous": "More than one known slip gives exactly this: {names}.",
    "want separates": "a neuron (w, b) that has every row on the side its label says",
    "want is_neuron": "a neuron (w, b) with one weight per input",
    "want tells_apart": "inputs on which each wrong version answers otherwise than the right one",
    "unknown": "No known slip gives this. Take the case below by hand, with pen and paper, and compare step by step.",
    "not separated": "leaves {wrong} of {total} examples on the wrong side",
    "no neuron": "did not return a neuron (w, b) with one weight per input",
    "probe outside": "tried {probe}, which is not on the list of inputs to choose from",
    "probe many": "tried {count} inputs; {most} must do",
    "probe survivors": "cannot tell these wrong versions from the right one: {names}",
}


def say(key, **values):
    """The sentence for `key`, filled in."""
    return MESSAGES[key].format(**values)
