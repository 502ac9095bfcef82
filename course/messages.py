"""What checks, hints and puzzles say, by key, so that a translation needs no code.

What belongs to an exercise (its cases, slips and hints) is written with it. A few words outside stay English.
"""

import json
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from string import Formatter

TRANSLATION = Path(__file__).with_name("translation.json")  # not there as a rule
MESSAGES = {
    "right": "{exercise}: right. All {total} cases agree.",
    "right once": "{exercise}: right.",
    "see above": "✗ {exercise} is not right yet: see above.",
    "cases right": "{passed} of {total} cases right",
    "right but": "all values right, but {faults}",
    "but shape": "of another type, shape or dtype",
    "but purity": "its inputs are changed",
    "but traffic": "memory is asked more often than needed",
    "but compiled": "not compiled as it should be",
    "not written": "{exercise}: not written yet. Replace the line `raise NotImplementedError` with your code, "
    "then run the cell and this one again.",
    "not run": "{exercise}: its cell did not run, so there is nothing new to check. Python stopped reading in line "
    "{line}{code}: {message}. Mend that, run the cell, then this one.",
    "stopped": "{exercise}: stopped by you, after {time}, on the case “{label}”. If it should have been done by then, look "
    "for a loop that never ends.",
    "still at work": "{exercise} has been at work for {seconds} s. Is there a loop that never ends? The button ■ above "
    "the notebook stops it.",
    "not defined": "{exercise} is not defined yet: run the cell that defines it (Shift+Enter), then this one. If you renamed "
    "it, name it {exercise} again.",
    "missing": "{exercise}: there is no function of this name. Run the cell that defines it; if you renamed it, "
    "name it {exercise} again.",
    "no exercise": "no exercise",
    "no checks": "No checks for {exercise!r} beside this notebook; there are checks for: {known}. Keep the function's "
    "name, and keep the folder `checks` beside the notebook.",
    "not a function": "check() takes the function itself, as in check(perceptron); it was given {what}.",
    "unreadable checks": "The file {path} is damaged; fetch the release again and copy its `checks` folder here.",
    "raised": "raised {type}: {message}",
    "raised at": "raised {type}: {message}, at `{line}`",
    "does not compile": "is not compiled by numba: {message}",
    "does not compile at": "is not compiled by numba: {message}, in `{line}`",
    "numba name": "nobody has defined `{name}`",
    "numba unset": "`{name}` is used before it has a value",
    "numba plain function": "`{name}` is plain Python, and compiled code calls only compiled code: put @njit above "
    "{name} too",
    "numba global": "it has no type for `{name}`, a {kind} from outside the function (hand in what you need of it)",
    "numba unsupported": "it does not know {name} (it does know loops)",
    "numba argument": "it has no type for an argument, a {what}",
    "numba objects": "it has no type for an argument that holds Python objects",
    "numba no name": "a value",
    "numba two types": "{name} is {one} in one place and {other} in another, and a compiled variable has one type",
    "numba two returns": "it returns {one} in one place and {other} in another, and a compiled function returns one type",
    "numba keyword": "its {name} has no argument `{keyword}` (write the loop yourself)",
    "numba outside": "an array from outside the function is a constant to it (hand in what you write to)",
    "numba index": "it cannot index {what} with {index}",
    "numba store": "it cannot put {what} into one cell of {where}",
    "numba operator": "it has no `{sign}` for {one} and {other}",
    "numba no version": "it has no {name} for ({types})",
    "numba number": "the number {number}",
    "numba attribute": "it knows no `.{name}` of {type}",
    "numpy product": "the two sides of a `@` do not fit: rows of {left} on its left, columns of {right} on its right",
    "timed out": "took longer than {seconds:.3g} s and was stopped: is there a loop that never ends?",
    "died": "ended the Python process it ran in ({message})",
    "array": "array of shape {shape}",
    "kind nothing": "nothing",
    "kind bool": "a truth value ({number})",
    "kind int": "a whole number ({number})",
    "kind float": "a number ({number})",
    "kind array": "an array of shape {shape}",
    "kind tuple": "a {type} of {count}",
    "kind other": "a {kind}",
    "kind opaque": "something of type {type}",
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
    "racing": "has a race: {cell}: {one}, {other}, and nothing orders the two; {hazard}",
    "race early": "the reader may come too early",
    "race late": "the reader may come too late, and find the next value",
    "race twice": "one of the two values may be lost",
    "race apart": "blocks cannot wait for each other",
    "thread": "thread {thread} of block {block}",
    "thread reads": "{who} reads",
    "thread writes": "{who} writes",
    "beyond": "reaches beyond an array: {who} {cell}, but {array} has {size}{others}",
    "beyond size": "{size} entries",
    "beyond shape": "shape {shape}",
    "beyond one": ". One other access misses too",
    "beyond many": ". {count} others miss too",
    "barrier missed": "misses a barrier: {one} waits at a barrier to which {other} never comes, for it has ended. All "
    "threads of a block must come to every barrier, or a GPU may hang",
    "barriers differ": "splits at a barrier: {one} waits at one and {other} at another. All threads of a block must come "
    "to the same one, or a GPU may hang",
    "kernel returns": "returns something. A kernel returns nothing: its results go into an array that it is given",
    "kernel writes nothing": "writes nothing: an array it was given is all a kernel leaves behind",
    "kernel endless": "the kernel does not end: is there a loop that goes on for ever?",
    "kernel whole": "inside a kernel a thread works with single entries, not with whole arrays: index it, as in x[i]",
    "kernel shared size": "the size of shared memory must be known before the launch, a number or a global such as TILE; "
    "`{size}` is known only during it",
    "kernel cuda": "the kernel's `cuda` must be the one of `from numba import cuda`",
    "kernel accesses": "more than {most} memory accesses: launch fewer threads, or end a loop",
    "first entry": "first wrong entry of {array}",
    "right arrays": "the right numbers",
    "right arrays wanted": "the same, without the fault named above",
    "traffic": "gets there, but asks global memory {got:,} times where {least:,} will do",
    "iterations race": "lets two threads into one cell: {race}",
    "iterations": "iteration {one} of the prange {does} {cell}, iteration {other} {also} it, and the two may run at the same time",
    "iteration reads": "reads",
    "iteration writes": "writes",
    "unset": "reads cells of np.empty that it has not filled: what lies there is luck",
    "unchecked": "(compiled code does not check: it would take whatever lies there)",
    "mode python": "is plain Python: put @njit above it",
    "mode object": "is compiled in object mode, which is Python in disguise: use @njit, and it says what is in the way",
    "differs threads": "returned {one} on one thread and {other} on two",
    "differs plain": "returned {one} compiled and {other} in plain Python",
    "rounds threads": "adds up in another order on two threads than on one: the last digits differ",
    "one thread": "(This machine gave numba one thread only, so nobody has tried it on two.)",
    "fresh inputs": "The visible cases are right, fresh inputs are not. {symptom}",
    "on": "On the case “{label}”, {exercise} {symptom}.",
    "part": "(in {path}) ",
    "ratio": "Every value is {ratio} times the expected one.",
    "transposed": "The answer is right but for its axes: it is transposed.",
    "or": ", or ",
    "misconception": "A known slip gives exactly this: {names}.",
    "ambiguous": "More than one known slip gives exactly this: {names}.",
    "want separates": "a neuron (w, b) that has every row on the side its label says",
    "want is_neuron": "a neuron (w, b) with one weight per input",
    "want a list": "a list of inputs",
    "want tells_apart": "inputs on which each wrong version answers otherwise than the right one",
    "advise return": "A function hands back what stands behind `return`; without one, the caller gets None.",
    "advise loop": "Which condition ends the loop, and which line in it brings that nearer?",
    "advise compile": "That is the first thing numba cannot take. Mend it, run the cell, then this one.",
    "advise first line": "The check hands in other arguments than your first line takes. Let it be `def "
    "{exercise}({arguments}):`, as it was.",
    "advise order": "The arguments of {exercise} are ({given}); the exercise asks for ({wanted}), and they are handed in by "
    "their place, not by their name.",
    "advise names": "The arguments of {exercise} are ({given}); the exercise asks for ({wanted}), in this order. If each of "
    "yours means what stands in its place, take the case by hand and compare step by step.",
    "advise name": "Python knows no such name there. Is it spelled as it is elsewhere, and is it an argument, or given a "
    "value further up?",
    "advise blank": "There is still a ____ in that line: put your code in its place.",
    "advise braces": 'The key has its braces still in it. Is the f missing, as in f"W{{l}}"?',
    "advise text": "There is a text where you expect an array. A `for` over a dict gives its names, `.values()` what they "
    "stand for.",
    "advise truth": "`if`, `max`, `min`, `and` and `or` take one number at a time, and here stands a whole array. "
    "`np.maximum`, `np.where` and their like go through it entry by entry.",
    "advise shapes": "Two arrays do not fit each other in that line. Print the `.shape` of each, and compare with the "
    "shapes in the docstring.",
    "advise line": "Python stopped in that line. Print what its names hold just before it, and run this again.",
    "unknown": "No known slip gives this. Take the case by hand, with pen and paper, and compare step by step.",
    "map key": "{name}got − expected, entry by entry: blue − too small, orange + too large, purple ? no number, · right.",
    "map blocks": " Each square stands for {size} × {size} entries and shows the worst of them.",
    "map text": "  {name}got − expected, entry by entry: − too small, + too large, ? no number, · right.{how}",
    "map answer": "the answer",
    "map size": "Where {name}, {rows} × {columns}, differs: {wrong} of {size} entries are wrong",
    "map above": "{count} too large",
    "map below": "{count} too small",
    "map none": "{count} no finite number",
    "map worst": "the largest difference is {delta}, at ({row}, {column})",
    "map all": "every entry is wrong",
    "map rows": "whole rows are wrong ({which}) and nothing else",
    "map columns": "whole columns are wrong ({which}) and nothing else",
    "map off diagonal": "only the diagonal is right",
    "property value": "right values",
    "property shape": "type, shape and dtype",
    "property stability": "stable on extreme inputs",
    "property purity": "leaves its inputs alone",
    "property compiled": "compiled, the same on any number of threads",
    "property traffic": "asks memory sparingly",
    "point": "{points} of {maximum} point",
    "points": "{points} of {maximum} points",
    "waits": "{points}, until most values are right",
    "looked at": "What was looked at",
    "way out": "A question that leads out of it",
    "row tried": "tried",
    "row got": "got",
    "row expected": "expected",
    "whole case": "The whole case: what was tried, got and expected",
    "offer": "Stuck? hint({exercise}) gives one step at a time.",
    "took": "{time} for {cases} cases",
    "took one": "{time}",
    "not a name": "{caller}() takes a function or its name, as in {caller}(perceptron) or "
    '{caller}("perceptron"); it was given {what}.',
    "hint step": "{exercise} has hints 1 to {last}; there is no hint {step}.",
    "hint button": "Next hint",
    "hint count": "{exercise}, hint {step} of {last}",
    "hint next": "For the next one: hint({exercise})",
    "hint end": "That was the last one. Write a line, see what check({exercise}) says, write the next; and tell somebody what you have "
    "so far: often the telling shows it.",
    "hint try": "Your last check found a known slip, “{name}”. {hint}",
    "hint formula": "Begin with the formula: {formula} What does each letter stand for, and which shape has it?",
    "hint slip": "A slip that others made here: “{name}”. {hint}",
    "hint case": "Take one case by hand: {call} must give {expected}. Write down every number on the way there, then print "
    "the same numbers in your function.",
    "hint case judged": "Take one case by hand, “{label}”: {call}. Write down every number on the way, then print the same "
    "numbers in your function.",
    "hint worked": "This one is written for you: the whole function stands in its cell. Read it beside its formula, change "
    "one sign in it, and see what check({exercise}) says.",
    "hint scaffold": "The comment in the cell gives most of it away: every line is there.",
    "no puzzle": "{exercise} has no puzzle: there is one where the stub shows its lines out of order.",
    "puzzle order": "The order of {exercise} names every line from 1 to {last} once, with a > for each indent, as in "
    '"2 1> 3>>".',
    "puzzle syntax": "Line {line}, `{code}`: {message}.",
    "puzzle name": "Run the cell that imports {name} first.",
    "puzzle copy": " Now copy the code into the cell above.",
    "puzzle how": "In code: {code} takes the lines in your order, with a > behind a number for each indent.",
    "puzzle words": "The lines as text, and the puzzle in code",
    "puzzle up": "↑ up",
    "puzzle down": "↓ down",
    "puzzle out": "← out",
    "puzzle in": "→ in",
    "puzzle try": "Try this order",
    "puzzle pick": "Pick a line, then move it. All the lines belong to the function’s body.",
    "puzzle code": "The code, to copy into the cell above",
    "not separated": "leaves {wrong} of {total} examples on the wrong side",
    "no neuron": "did not return a neuron (w, b) with one weight per input",
    "probe outside": "tried {probe}, which is not on the list to choose from: {grid}",
    "probe many": "tried {count} inputs; {most} must do",
    "probe survivors": "cannot tell these wrong versions from the right one: {names}",
    "library first": "`{exercise}` is in your library now: `my_library.py`, with 1 function of yours.",
    "library new": "`{exercise}` is in your library now: `my_library.py`, with {count} functions of yours.",
    "library again": "`my_library.py` has this version of `{exercise}` now.",
    "library edited": "You have changed `{exercise}` in `my_library.py`, so that one stays. To put this one in its place, "
    "delete the lines from `# >>> {exercise}` to `# <<< {exercise}` there and check again.",
    "library own": "`my_library.py` holds a `{exercise}` of your own, so that one stays. To put this one in its place, "
    "delete yours there and check again.",
    "library broken": "`{exercise}` is not in your library yet: Python cannot read line {line} of `my_library.py`. Mend it "
    "there and check again.",
    "library clash": "`{exercise}` is not in your library: it uses `{name}`, and `my_library.py` has another `{name}`. "
    "Give one of the two another name and check again.",
    "library leans": "`{exercise}` is not in your library: it uses `{name}` from outside. Hand that in as an argument, and "
    "it works anywhere.",
    "library unwritable": "`{exercise}` is not in your library: `my_library.py` cannot be written ({fault}).",
    "library stumbles": "`my_library.py` cannot be imported ({fault}), so the course's functions stand in for yours.",
}


def say(key, **values):
    """The sentence for `key`, filled in; from `translation.json` beside this file where that has it."""
    return (translation().get(key) or MESSAGES[key]).format(**values)


@cache
def translation(path=TRANSLATION):
    """A course's own sentences, {key: sentence}; {} where there are none. ValueError for a file that is no such thing."""
    if not path.is_file():
        return {}
    own = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(own, dict) or not all(isinstance(text, str) for text in own.values()):
        raise ValueError(f"{path} is not of the form {{key: sentence}}")
    return own


def faults_of(own):
    """What is wrong with a translation, a line each: keys that are none, blanks {…} that are not the original's."""
    for key, text in sorted(own.items()):
        if key not in MESSAGES:
            near = "".join(f"; did you mean {known!r}?" for known in get_close_matches(key, MESSAGES, n=1))
            yield f"there is no message {key!r}{near or '; the keys stand in course/messages.py'}"
            continue
        try:
            wanted, there = _blanks(MESSAGES[key]), _blanks(text)
        except ValueError as fault:
            yield f"{key!r}: {fault}"
            continue
        for name in sorted(there - wanted):
            yield f"{key!r}: there is nothing to put into {{{name}}}"
        for name in sorted(wanted - there):
            yield f"{key!r}: {{{name}}} is left out"


def _blanks(text):
    """The names in a sentence's braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
