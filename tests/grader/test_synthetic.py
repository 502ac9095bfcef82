"""A class whose grades are known beforehand: what the generator knows, and what three hundred of its students cost."""

import os
import time

import pytest

from grader import insight
from grader.exercises import of_stage
from tests.grader.phrasings import UNNAMED
from tests.grader.synthetic import STAGE, assert_as_known, class_of, hand_in, lost_by, total_of, worth
from tests.grader.typed import Memory, group_or_skip, threshold

JOBS = 2
MEGABYTE = 1 << 20


def test_the_class_holds_every_kind_of_student_and_every_named_mistake():
    students = class_of(30)
    assert {student.kind for student in students} == {
        "mixed", "right", "published", "copied", "stub", "late", "twice", "broken", "hostile",
    }  # fmt: skip
    made = {(name, answer) for student in students for name, answer in student.answers.items()}
    registered = {(name, wrong.name) for name, exercise in of_stage(STAGE).items() for wrong in exercise.misconceptions}
    assert registered <= made
    assert len({student.points for student in students if student.kind == "mixed"}) > 6
    assert class_of(30) == students != class_of(30, seed=2)


def test_what_a_mistake_costs_follows_from_the_points_declared():
    perceptron, update = of_stage(STAGE)["perceptron"], of_stage(STAGE)["perceptron_update"]
    wrong = {m.name: m.wrong for m in (*perceptron.misconceptions, *update.misconceptions)}
    assert lost_by(perceptron, wrong["returns True or False"]) == {"shape"}
    assert lost_by(perceptron, wrong["> where ≥ is meant"]) == {"value"}
    assert lost_by(update, wrong["changes w in place"]) == {"purity"}
    assert worth(update, "changes w in place") == update.total - update.points["purity"]
    assert total_of(dict.fromkeys(of_stage(STAGE), "right")) == 10
    assert all(worth(of_stage(STAGE)[name], f"unnamed: {each}") == 0 for name in UNNAMED for each in UNNAMED[name])


@pytest.mark.full
@pytest.mark.slow
def test_three_hundred_cost_no_more_than_twelve_times_thirty_in_bounded_memory(class_of_stage_01, copy_of, capsys):
    """CPU time, which other work on the machine leaves alone. Memory: the sum over the whole tree of processes."""
    costs = {}
    for n in (30, 300):
        classroom, students = copy_of(class_of_stage_01), class_of(n)
        hand_in(classroom, students)
        memory = Memory(os.getpid())
        with group_or_skip() as group, memory:
            threshold("grade", "01", "--jobs", str(JOBS), folder=classroom.root, group=group)
            spent = group.seconds()
        assert_as_known(classroom, students)
        begin = time.process_time()
        insight.of_stage(classroom, STAGE)
        costs[n] = spent, memory.peak / MEGABYTE, time.process_time() - begin
    with capsys.disabled():
        for n, (spent, peak, report) in costs.items():
            print(f"\n{n} students: {spent:.0f} CPU s, {spent / n:.2f} each; peak of all processes {peak:.0f} MB")
            print(f"their report: {report:.1f} CPU s")
    assert costs[300][0] <= 12 * costs[30][0]
    assert costs[300][1] <= 1.5 * costs[30][1]
    assert costs[300][1] <= 2048
    assert costs[300][2] <= 30
