"""Retrieval quizzes: six questions a lesson, three about it and three about earlier ones (course.questions).

One question at a time, by mouse or by keys, and every choice explained once one is chosen. Above the question a
page keeps everything as text, also in the saved notebook. Answers stay on the learner's disk and are never graded.
"""

from course.demo import unattended
from course.progress import record, recorded
from course.questions import as_html, as_text, load
from course.widgets import ask, page, prose, show, widget_bundle


def quiz(stage):
    """Ask the questions of a stage, from the first one that is open; all over again when none is.

    Without buttons: quiz.answer("01_one_neuron", 3, "b").  ValueError names the quizzes there are.
    """
    questions = load(stage)
    if unattended():
        print(f"(A quiz of {len(questions)} questions: it waits until you run this cell yourself.)")
    else:
        _Round(stage, questions)


def answer(stage, number, letter):
    """Answer question `number` (from 1) in plain code: the explanations are printed. ValueError if there is none."""
    questions = load(stage)
    if number not in range(1, len(questions) + 1):
        raise ValueError(f"The quiz {stage} has questions 1 to {len(questions)}; there is no question {number}.")
    question = questions[number - 1]
    letters = [choice.letter for choice in question.choices]
    if letter not in letters:
        raise ValueError(f"Question {number} takes one of {', '.join(letters)}; it was given {letter!r}.")
    _remember(stage, number, question, letter)
    print(as_text(question, number, letter))


quiz.answer = answer


class _Round:
    """The page of all questions, and below it the card that asks the next one."""

    def __init__(self, stage, questions):
        self.stage, self.questions = stage, dict(enumerate(questions, 1))
        self.answers = {number: letter for number, letter in _recall(stage).items() if number in self.questions}
        if len(self.answers) == len(questions):
            self.answers = {}  # another round: recalling again is the point
        self.page = show(self._page())
        if self.page is not None:
            self.card = show(self._card())

    def _card(self):
        number = next((number for number in self.questions if number not in self.answers), None)
        if number is None:
            return self._end()
        question = self.questions[number]
        heading = f"<p>Question {number} of {len(self.questions)}, from lesson {int(question.lesson)}</p>"
        heading += f"<p><b>{prose(question.text)}</b></p>"
        texts = [choice.text for choice in question.choices]
        box = ask(heading, texts, lambda i: self._take(number, question.choices[i].letter, box))
        return widget_bundle(box, as_text(question, number))

    def _take(self, number, letter, box):
        import ipywidgets as widgets

        question = self.questions[number]
        _remember(self.stage, number, question, letter)
        self.answers[number] = letter
        self.page.update(self._page(), raw=True)
        last = len(self.answers) == len(self.questions)
        onward = widgets.Button(description="Finish" if last else "Next question")
        onward.on_click(lambda _: self.card.update(self._card(), raw=True))
        box.children = [widgets.HTML(page(as_html(question, letter), "")["text/html"]), onward]
        onward.focus()  # else the keyboard would be back at the top of the page

    def _page(self):
        code = f'quiz.answer("{self.stage}", 1, "a")'
        questions, answers = self.questions.items(), self.answers
        items = "".join(f"<li>{as_html(question, answers.get(number))}</li>" for number, question in questions)
        summary = f"All questions as text ({len(answers)} of {len(questions)} answered)"
        hint = f"<p>No buttons? Answer in code: <code>{code}</code></p>"
        texts = [as_text(question, number, answers.get(number)) for number, question in questions]
        return page(
            f"<details><summary>{summary}</summary><ol>{items}</ol>{hint}</details>",
            "\n".join([*texts, f"Answer with {code}"]),
        )

    def _end(self):
        right = sum(question.right == self.answers[number] for number, question in self.questions.items())
        text = f"{right} of {len(self.questions)} right. Run this cell again, best tomorrow, for another round."
        return page(f"<p><b>{text}</b></p>", text)


def _remember(stage, number, question, letter):
    record("quiz", f"{stage}/{number}", {"chose": letter, "right": letter == question.right})


def _recall(stage):
    """{question number: letter chosen} of a stage."""
    keys = {key: value["chose"] for key, value in recorded("quiz").items() if key.startswith(f"{stage}/")}
    return {int(key.rpartition("/")[2]): letter for key, letter in keys.items()}
