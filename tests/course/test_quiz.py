"""Quizzes ask, explain every choice, remember on the learner's disk, and are well made."""

import pytest

from course.progress import recorded
from course.questions import FOLDER, load
from course.quiz import quiz
from tests.course.conftest import choose

pytestmark = pytest.mark.usefixtures("notebook_folder")
STAGES = sorted(path.stem for path in FOLDER.glob("*.md"))
STAGE = "01_one_neuron"


@pytest.mark.parametrize("stage", STAGES)
def test_six_questions_half_of_them_old(stage):
    questions = load(stage)
    own = [question for question in questions if question.lesson == stage[:2]]
    assert len(questions) == 6
    assert len(own) == (6 if stage.startswith("00") else 3)
    assert all(question.lesson <= stage[:2] for question in questions)
    assert all(len(question.choices) >= 3 for question in questions)
    assert len({question.right for question in questions}) > 1, "the right answer must not always be the same letter"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("## 01 · Q?\n- [ ] a\n  no\n- [ ] b\n  no\n", "question 1: exactly one choice must be marked"),
        ("## 01 · Q?\n- [x] a\n  no\n- [x] b\n  no\n", "question 1: exactly one choice must be marked"),
        ("## 01 · Q?\n- [x] a\n  yes\n- [ ] b\n", "question 1: every choice needs an explanation"),
        ("## 01 · Q?\n- [x] a\n  yes\n\n## Q?\n- [x] a\n  yes\n", "question 2: the heading must read"),
    ],
)
def test_a_quiz_that_is_not_well_made_says_where(tmp_path, text, complaint):
    (tmp_path / "odd.md").write_text(text)
    with pytest.raises(ValueError, match=rf"odd\.md, {complaint}"):
        load("odd", tmp_path)


def test_an_unknown_quiz_names_those_there_are():
    with pytest.raises(ValueError, match=r"There is no quiz '1'; there are: .*01_one_neuron"):
        quiz("1")


def test_answering_in_plain_code_explains_every_choice(capfd):
    quiz.answer(STAGE, 4, "a")
    out, err = capfd.readouterr()
    question = load(STAGE)[3]
    assert all(choice.why[:30] in out for choice in question.choices)
    assert "5 ✗ your answer" in out and "−5 ✓ right" in out and err == ""
    assert recorded("quiz") == {f"{STAGE}/4": {"chose": "a", "right": False}}


@pytest.mark.parametrize(("number", "letter"), [(0, "a"), (7, "a"), ("1", "a"), (1, "z"), (1, "ab"), (1, "")])
def test_an_answer_that_fits_no_question_is_refused_in_a_sentence(number, letter):
    with pytest.raises(ValueError, match=r"quiz 01_one_neuron has questions 1 to 6|takes one of a, b, c"):
        quiz.answer(STAGE, number, letter)
    assert recorded("quiz") == {}


def test_a_round_from_the_first_question_to_the_last(page, cards):
    quiz(STAGE)
    text, card = page
    questions = load(STAGE)
    assert questions[0].choices[0].why not in text.html, "no explanation before an answer"
    for number, question in enumerate(questions, 1):
        assert card.text.startswith(f"{number}. ")
        choose(cards[-1], "abc".index(question.right))
        assert f"({number} of 6 answered)" in text.html
        assert "✓ right, and your answer" in text.text
        explained, onward = cards[-1].children
        assert "✓ right, and your answer" in explained.value
        onward.click()
    assert card.text.startswith("6 of 6 right")
    assert "widget" not in " ".join(card.bundle), "a saved notebook keeps no dead widget"
    assert all(value["right"] for value in recorded("quiz").values())


def test_it_resumes_where_the_learner_left_off_and_starts_over_when_all_is_answered(page, cards):
    quiz.answer(STAGE, 1, "a")
    quiz(STAGE)
    assert page[-1].text.startswith("2. ")
    for number in range(1, 7):
        quiz.answer(STAGE, number, "a")
    quiz(STAGE)
    assert page[-1].text.startswith("1. ")
    assert "✓" not in page[-2].html, "another round hides the last one's answers"


def test_the_page_holds_every_question_where_widgets_do_not_render(page, cards):
    quiz(STAGE)
    for question in load(STAGE):
        assert question.text.split("`")[0] in page[0].text
        assert all(f"{choice.letter}) " in page[0].text for choice in question.choices)
    assert f'quiz.answer("{STAGE}", 1, "a")' in page[0].html


def test_outside_a_notebook_it_is_text_and_asks_with_no_buttons(cards, capfd):
    quiz(STAGE)
    out, err = capfd.readouterr()
    assert out.count(load(STAGE)[0].text.split("`")[0]) == 1 and out.endswith(
        f'Answer with quiz.answer("{STAGE}", 1, "a")\n'
    )
    assert (err, cards) == ("", [])


def test_it_stays_quiet_while_nbgrader_runs_the_notebook(monkeypatch, page, capfd):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    quiz(STAGE)
    out, err = capfd.readouterr()
    assert (out.count("\n"), err, page) == (1, "", [])
