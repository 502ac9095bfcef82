"""Stage 09 graded as a class: compiled answers, uncompiled ones, races under two threads, each with its known grade."""

import pytest

from course.attempt import attempt
from course.judge import judge
from grader.classroom import Classroom
from grader.exercises import of_stage
from tests.grader.submissions import graded_outputs, released_unproved, text_of
from tests.grader.synthetic import assert_as_known, hand_in
from tests.grader.synthetic_compiled import KINDS, LOSES, RACES, RIGHT, STAGE, UNNAMED, class_of, graded, worth
from tests.grader.typed import threshold


def test_the_class_holds_every_kind_of_student_and_the_mistakes_of_this_stage():
    students = class_of()
    assert tuple(student.kind for student in students) == KINDS
    assert class_of() == students != class_of(seed=2)
    made = {(name, answer) for student in students for name, answer in student.answers.items()}
    assert {(name, "not compiled") for name, wrongs in LOSES.items() if "not compiled" in wrongs} <= made
    assert len(made & set(RACES)) >= 3
    assert len({student.points for student in students}) > 5
    assert RIGHT.keys() == UNNAMED.keys() == LOSES.keys() == graded().keys()


def test_what_is_lost_is_told_of_mistakes_that_exist():
    for name, wrongs in LOSES.items():
        assert wrongs.keys() <= {wrong.name for wrong in of_stage(STAGE)[name].misconceptions}
    row_sums = of_stage(STAGE)["row_sums"]
    assert worth(row_sums, "not compiled") == row_sums.total - row_sums.points["compiled"]
    assert worth(row_sums, "columns shared out") == row_sums.points["shape"]
    assert worth(row_sums, "right") == row_sums.total
    assert worth(row_sums, "stub") == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LOSES))
def test_every_loss_written_down_is_one_that_the_judge_finds(name):
    """Of all mistakes in the table, without a sandbox; the class below meets some of them in one."""
    exercise = of_stage(STAGE)[name]
    sheet = exercise.sheet("losses")
    wrongs = {wrong.name: wrong.wrong for wrong in exercise.misconceptions}
    for mistake in LOSES[name]:
        verdict = judge(sheet, [attempt(wrongs[mistake], case) for case in sheet["cases"]])
        assert (verdict.points, verdict.misconceptions) == (worth(exercise, mistake), (mistake,))


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A class to which the stage is released."""
    classroom = Classroom(tmp_path_factory.mktemp("class09") / "class").create()
    released_unproved(classroom, STAGE)
    return classroom


@pytest.mark.slow
def test_every_grade_of_a_compiled_stage_is_the_one_known(classroom):
    students = class_of()
    hand_in(classroom, students, STAGE)
    code, out, _ = threshold("grade", "09", "--jobs", "2", folder=classroom.root)
    assert code == 1, "one submission is damaged"
    assert f"{len(students) - 1} of {len(students)} graded" in out
    assert_as_known(classroom, students, STAGE)
    for student in students:
        for name, answer in student.answers.items():
            said = text_of(graded_outputs(classroom, STAGE, student.name)[name])
            if answer in LOSES[name]:
                assert f"“{answer}”" in said, (student.name, name, said)
            if (name, answer) in RACES:
                assert "race" in said or "at the same time" in said, said
