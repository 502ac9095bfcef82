"""Parsons puzzles: the lines of an answer, out of order, moved by buttons until they make a function.

    puzzle("early_stop")                       # pick a line, move it up or down, in or out; then try the order
    puzzle.answer("early_stop", "4 1> 3>> 2")  # the same in plain code: the order of the lines, a > for each indent

What comes out is code to copy into the cell above: the puzzle writes nothing there by itself and is never graded.
How far somebody came stays on their disk (course.progress), so that a restart loses nothing.
"""

import html
import re

from course.attempt import attempts
from course.check import CheckFailed, load_sheet, sheet_of
from course.demo import unattended
from course.judge import judge
from course.messages import say
from course.progress import record, recorded
from course.report import INK, headline
from course.widgets import page, show, widget_bundle

STEP = "    "  # one indent
DEEPEST = 8
CODE = f"white-space:pre-wrap;font-family:var(--jp-code-font-family, monospace);{INK};margin:.3em 0"


def puzzle(function):
    """Show the puzzle of this exercise (the function or its name). CheckFailed where it has none."""
    name, lines = _lines_of(function)
    if unattended():
        print(f"(A puzzle of {len(lines)} lines: it waits until you run this cell yourself.)")
        return
    state = _recall(name, len(lines))
    if show(page(*_without_buttons(name, lines))) is not None:
        show(_Board(name, lines, state).bundle())


def answer(function, order):
    """Arrange the lines in plain code, such as "4 1> 3>> 2": print the function, and what the checks say to it.

    ValueError where a line is missing, named twice or not there.
    """
    name, lines = _lines_of(function)
    found = re.findall(r"(\d+)(>*)(?:\s+|$)", order)
    state = [(int(number) - 1, len(marks)) for number, marks in found]
    if sorted(i for i, _ in state) != list(range(len(lines))) or re.sub(r"\d+>*(\s+|$)", "", order.strip() + " "):
        raise ValueError(say("puzzle order", exercise=name, last=len(lines)))
    _remember(name, state)
    print(code_of(name, lines, state))
    print()
    print(tried(name, lines, state)[1])


puzzle.answer = answer


def code_of(name, lines, state):
    """The body of the function as the lines stand: `state` is a list of (line, indents)."""
    return "\n".join(STEP * (depth + 1) + lines[i] for i, depth in state)


def tried(name, lines, state):
    """(whether this order is right, what the checks say to it in one line)"""
    sheet = load_sheet(name)
    space = dict(_namespace())
    try:
        exec(compile(f"{sheet['puzzle']['head']}\n{code_of(name, lines, state)}\n", f"<{name}>", "exec"), space)
    except SyntaxError as fault:  # an IndentationError too
        at = (fault.lineno or 0) - len(sheet["puzzle"]["head"].splitlines())
        at = min(max(at, 1), len(lines))  # a block that never comes is missed behind the last line
        message = re.sub(r" on line \d+", "", fault.msg)  # which would count from the head on
        return False, say("puzzle syntax", line=at, code=lines[state[at - 1][0]], message=message)
    except NameError as fault:  # @njit or @cuda.jit, whose import stands in a cell that has not run
        return False, say("puzzle name", name=fault.name)
    verdict = judge(sheet, list(attempts(space[name], sheet["cases"])))
    right = verdict.status == "right"
    return right, headline(verdict) + (say("puzzle copy") if right else f". {verdict.symptom}")


def _namespace():
    """The names of the notebook: np and numba's decorators come from there."""
    import numpy as np
    from IPython import get_ipython

    shell = get_ipython()
    return {"np": np, **(shell.user_ns if shell is not None else {})}


def _lines_of(function):
    """(the name of the exercise, the lines of its puzzle)"""
    sheet = sheet_of(function, "puzzle")
    if not sheet.get("puzzle"):
        raise CheckFailed(say("no puzzle", exercise=sheet["exercise"]))
    return sheet["exercise"], sheet["puzzle"]["lines"]


def _remember(name, state):
    record("puzzle", name, [list(place) for place in state])


def _recall(name, count):
    """The order somebody left, or the order of the stub."""
    kept = recorded("puzzle").get(name)
    if isinstance(kept, list) and sorted(place[0] for place in kept if len(place) == 2) == list(range(count)):
        return [(int(i), int(depth)) for i, depth in kept]
    return [(i, 0) for i in range(count)]


def _without_buttons(name, lines):
    """(HTML, text) of the lines, numbered, for every front end."""
    code = f'puzzle.answer("{name}", "{" ".join(map(str, range(1, len(lines) + 1)))}")'
    rows = [f"{i:3}  {line}" for i, line in enumerate(lines, 1)]
    how = say("puzzle how", code=code)
    inner = f'<pre style="{CODE}">{html.escape(chr(10).join(rows))}</pre><p>{html.escape(how)}</p>'
    return f"<details><summary>{say('puzzle words')}</summary>{inner}</details>", "\n".join([*rows, how])


class _Board:
    """A button for each line, four that move the picked one, and what the lines make so far."""

    def __init__(self, name, lines, state):
        import ipywidgets as widgets

        self.name, self.lines, self.state, self.at = name, lines, state, 0
        self.rows = [widgets.Button(layout={"width": "100%"}) for _ in lines]
        for place, row in enumerate(self.rows):
            row.on_click(lambda _, place=place: self.pick(place))
            row.add_class("threshold-line")
        moves = (("up", -1, 0), ("down", 1, 0), ("out", 0, -1), ("in", 0, 1))
        self.moves = [widgets.Button(description=say(f"puzzle {to}"), layout={"width": "6.5em"}) for to, *_ in moves]
        for button, (_, by, deeper) in zip(self.moves, moves, strict=True):
            button.on_click(lambda _, by=by, deeper=deeper: self.move(by, deeper))
        self.try_it = widgets.Button(description=say("puzzle try"), layout={"width": "auto"})
        self.try_it.on_click(lambda _: self.attempt())
        self.verdict = widgets.HTML()
        self.code = widgets.HTML()
        tools = widgets.HBox([*self.moves, self.try_it], layout={"flex_flow": "row wrap"})
        top = widgets.HTML(f"{LOOK}<p style='{INK};margin:.2em 0'>{say('puzzle pick')}</p>")
        self.box = widgets.VBox([top, widgets.VBox(self.rows), tools, self.verdict, self.code])
        self.box.add_class("threshold-puzzle")
        self.draw()

    def bundle(self):
        return widget_bundle(self.box, say("puzzle how", code=f'puzzle.answer("{self.name}", "…")'))

    def pick(self, place):
        self.at = place
        self.draw()

    def move(self, by, deeper):
        """The picked line by so many places, and so many indents deeper."""
        to = self.at + by
        if not 0 <= to < len(self.state):
            return
        line, depth = self.state[self.at]
        self.state[self.at] = (line, min(max(depth + deeper, 0), DEEPEST))
        self.state[self.at], self.state[to] = self.state[to], self.state[self.at]
        self.at = to
        _remember(self.name, self.state)
        self.said("")
        self.draw()

    def attempt(self):
        """What the checks say; a right order is open for copying."""
        right, text = tried(self.name, self.lines, self.state)
        self.said(text)
        self.draw(shown=right)

    def said(self, text):
        self.verdict.value = (
            f"<p role='status' style='{INK};margin:.3em 0'><strong>{html.escape(text)}</strong></p>" * bool(text)
        )

    def draw(self, shown=False):
        for place, (row, (line, depth)) in enumerate(zip(self.rows, self.state, strict=True)):
            picked = place == self.at
            # no-break spaces: a button would drop the others
            row.description = (
                ("▶ " if picked else "   ").replace(" ", " ") + (STEP * depth).replace(" ", " ") + self.lines[line]
            )
            (row.add_class if picked else row.remove_class)("threshold-picked")
        code = html.escape(code_of(self.name, self.lines, self.state))
        self.code.value = f"<details{' open' * shown}><summary style='{INK}'>{say('puzzle code')}</summary><pre tabindex='0' style='{CODE};user-select:all'>{code}</pre></details>"


LOOK = (
    "<style>.threshold-puzzle .threshold-line{justify-content:flex-start;text-align:left;white-space:pre;height:auto;"
    "line-height:1.7;margin:1px 0;font-family:var(--jp-code-font-family,monospace);overflow-x:auto;"
    "background:var(--jp-layout-color1,transparent);border:1px solid var(--jp-border-color2,#8a8a8a)}"
    ".threshold-puzzle .threshold-picked{background:var(--jp-layout-color3,#ddd);font-weight:600}"
    ".threshold-puzzle button:focus-visible{outline:2px solid var(--jp-brand-color1,#1976d2);outline-offset:-2px}"
    ".threshold-puzzle{max-width:56em}</style>"
)
