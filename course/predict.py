"""Predict, then run: the learner commits to an answer before the cell that knows it.

    predict("xor-rows", "How many of the four rows does it get right?", ["4", "3", "2", "1 or none"])

    @demo(after="xor-rows")                     # the next cell waits for the prediction
    def xor():
        ...
        predict.reveal("xor-rows", "2")         # computed there, so that nobody reads it first

Predictions stay on the learner's disk (course.progress) and are never graded; a wrong one is the useful kind.
"""

from course.demo import unattended
from course.progress import record, recorded
from course.widgets import ask, lettered, page, prose, show, widget_bundle

_offered = {}  # name -> the choices this notebook offered, by letter


def predict(name, question, choices):
    """Ask for a prediction and store it under `name`. Without buttons: predict.answer("xor-rows", "c").

    ValueError where there are more choices than letters.
    """
    _offered[name] = dict(lettered(choices))
    if unattended():
        print("(A prediction: it waits until you run this cell yourself.)")
        return

    def store(i):
        record("prediction", name, choices[i])
        text.update(_page(name, question), raw=True)
        card.update(page("", ""), raw=True)

    text = show(_page(name, question))
    if text is not None:
        card = show(widget_bundle(ask("", choices, store), f"Store it with {_code(name)}"))


def answer(name, letter):
    """Store the prediction `letter` in plain code. ValueError if the question was not asked in this notebook."""
    choices = _offered.get(name)
    if choices is None:
        raise ValueError(f"Nobody has asked for a prediction {name!r} here: run the cell that asks first.")
    if letter not in tuple(choices):
        raise ValueError(f"The prediction {name!r} is one of {', '.join(choices)}; it was given {letter!r}.")
    record("prediction", name, choices[letter])
    print(f"Stored. You predict: {choices[letter]}")


def reveal(name, outcome):
    """Show what happened beside what was predicted."""
    mine = recorded("prediction").get(name, "nothing")
    verdict = "Just as you said." if mine == outcome else "Not what you said: the best moment to learn something."
    inner = f"<p>You predicted: <b>{prose(mine)}</b><br>What happened: <b>{prose(outcome)}</b></p><p>{verdict}</p>"
    show(page(inner, f"You predicted: {mine}\nWhat happened: {outcome}\n{verdict}"))


predict.answer = answer
predict.reveal = reveal


def _page(name, question):
    mine = recorded("prediction").get(name)
    if mine is not None:
        inner = f"<p>Stored. You predict: <b>{prose(mine)}</b></p><p>Now read on, and run the cells below.</p>"
        text = f"Stored. You predict: {mine}"
    else:
        rows = [f"{letter}) {choice}" for letter, choice in _offered[name].items()]
        inner = f"<details><summary>No buttons?</summary><p>{'<br>'.join(map(prose, rows))}</p>"
        inner += f"<p>Answer in code: <code>{_code(name)}</code></p></details>"
        text = "\n".join([*rows, f"Answer with {_code(name)}"])
    return page(f"<p><b>{prose(question)}</b></p>{inner}", f"{question}\n{text}")


def _code(name):
    return f'predict.answer("{name}", "a")'
