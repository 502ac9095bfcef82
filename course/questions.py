"""The questions of a quiz, in `course/quizzes/<stage>.md`, where the notebook does not give their answers away.

## 01 · Which bias makes a neuron fire at a sum of 5 or more?      (01: the lesson it looks back to)
- [ ] 5
  That is the threshold itself …                                  (every choice is explained)
- [x] −5
  Sum ≥ 5 says the same as …                                      (exactly one is right)
"""

import re
from dataclasses import dataclass
from pathlib import Path

from course.widgets import LETTERS, plain, prose

FOLDER = Path(__file__).with_name("quizzes")


@dataclass(frozen=True)
class Choice:
    letter: str
    text: str
    why: str
    right: bool


@dataclass(frozen=True)
class Question:
    lesson: str  # two digits
    text: str
    choices: tuple

    @property
    def right(self):
        """The letter of the right choice."""
        return next(choice.letter for choice in self.choices if choice.right)


def load(stage, folder=FOLDER):
    """The questions of a stage. ValueError says which question of which file is not as it must be."""
    path = folder / f"{stage}.md"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.md")))
        raise ValueError(f"There is no quiz {stage!r}; there are: {known}.")
    blocks = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [_parse(block, f"{path.name}, question {number}") for number, block in enumerate(blocks, 1)]


def as_html(question, chosen=None):
    """The question and its choices; once one is chosen, which is right and why each is or is not."""
    rows = []
    for choice in question.choices:
        answered = f" <b>{_mark(choice, chosen)}</b><br>{prose(choice.why)}" if chosen else ""
        row = f"{choice.letter}) {prose(choice.text)}{answered}"
        rows.append(f'<p style="margin:.5em 0 .5em 1em">{row}</p>')
    return f"<p><b>{prose(question.text)}</b></p>{''.join(rows)}"


def as_text(question, number, chosen=None):
    """The same as plain text, numbered."""
    lines = [f"{number}. {plain(question.text)}"]
    for choice in question.choices:
        lines.append(f"   {choice.letter}) {plain(choice.text)}")
        if chosen:
            lines[-1] = f"{lines[-1]} {_mark(choice, chosen)}".rstrip()
            lines.append(f"      {plain(choice.why)}")
    return "\n".join(lines)


def _mark(choice, chosen):
    if choice.right:
        return "✓ right, and your answer" if choice.letter == chosen else "✓ right"
    return "✗ your answer" if choice.letter == chosen else ""


def _parse(block, where):
    heading, *body = re.split(r"^- \[([ x])\] ", block, flags=re.MULTILINE)
    lesson, _, text = heading.strip().partition(" · ")
    choices = []
    for letter, mark, lines in zip(LETTERS, body[::2], body[1::2], strict=False):
        choice, _, why = lines.strip().partition("\n")
        choices.append(Choice(letter, choice.strip(), " ".join(why.split()), mark == "x"))
    if not re.fullmatch(r"\d\d", lesson) or not text:
        raise ValueError(f"{where}: the heading must read `## 01 · text`; it reads {heading.strip()!r}.")
    if sum(choice.right for choice in choices) != 1:
        raise ValueError(f"{where}: exactly one choice must be marked [x].")
    if not all(choice.why for choice in choices):
        raise ValueError(f"{where}: every choice needs an explanation on the lines below it.")
    return Question(lesson, text, tuple(choices))
