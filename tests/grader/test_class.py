"""A class as a whole: several at a time, interrupted and gone on with, nothing twice, nothing lost."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course.errors import BadInput
from grader import ahead, challenge, records, verdicts
from grader.exercises import EXERCISES
from grader.grading import alone, grade_stage, look_up, unchanged
from tests.grader.submissions import graded_outputs, solved, submit, text_of

pytestmark = pytest.mark.slow

STAGE = "01_one_neuron"
CLONE = Path(__file__).parent.parent.parent
GREATER = "def perceptron(x, w, b):\n    return 1 if x @ w + b > 0 else 0"
STUDENTS = {
    "ada": {},
    "ben": {"perceptron": GREATER},
    "cleo": {"weighted_sum": None},
    "dan": {"perceptron_train": None},
}


def hand_in(classroom):
    for student, sources in STUDENTS.items():
        submit(classroom, STAGE, solved(STAGE, own=[f"# {student}"], **sources), student)
    return classroom


@pytest.fixture(scope="module")
def graded(class_of_stage_01, copy_of):
    """A class of four, graded two at a time; tests that change it take care of one student each."""
    classroom = hand_in(copy_of(class_of_stage_01))
    return classroom, grade_stage(classroom, STAGE, jobs=2)


def test_several_at_a_time_say_what_one_after_the_other_says(graded, class_of_stage_01, copy_of):
    classroom = hand_in(copy_of(class_of_stage_01))
    assert grade_stage(classroom, STAGE, jobs=1) == graded[1]
    assert [result.points for result in graded[1]] == [10, 8.5, 8, 7]


def test_nbgrader_reads_the_stored_verdicts_and_grades_nothing_itself(graded, monkeypatch):
    classroom, results = graded
    monkeypatch.setattr(challenge, "grade", lambda *_: pytest.fail("graded a second time"))
    api = classroom.api()
    assert api.autograde(STAGE, "ada", force=True)["success"]
    assert look_up(api, STAGE, "ada").points == results[0].points


def test_thrift_decides_nothing_differently(graded):
    """nbgrader's own autograde, step by step, writes the same notebooks and the same gradebook."""
    classroom, _ = graded
    api = classroom.api()

    def written():
        books = [classroom.folder("autograded", STAGE, student) / f"{STAGE}.ipynb" for student in STUDENTS]
        return [book.read_bytes() for book in books], [look_up(api, STAGE, student) for student in STUDENTS]

    before = written()
    assert all(api.autograde(STAGE, student, force=True)["success"] for student in STUDENTS)
    assert written() == before
    grade_stage(classroom, STAGE)  # writes the feedback, which nbgrader leaves to a command of its own


def test_what_has_not_changed_is_not_touched(graded):
    classroom, results = graded
    path = classroom.folder("autograded", STAGE, "ben") / f"{STAGE}.ipynb"
    before = path.stat().st_mtime_ns
    assert grade_stage(classroom, STAGE, jobs=2) == results
    assert path.stat().st_mtime_ns == before
    assert unchanged(classroom, classroom.api(), STAGE, "ben") == results[1]


def test_a_new_submission_is_graded_anew(graded):
    classroom, results = graded
    submit(classroom, STAGE, solved(STAGE, own=["# second try"]), "dan")
    again = grade_stage(classroom, STAGE, jobs=2)
    assert again[3].points == 10
    assert again[:3] == results[:3]
    submit(classroom, STAGE, solved(STAGE, own=["# dan"], **STUDENTS["dan"]), "dan")
    assert grade_stage(classroom, STAGE) == results


def test_a_release_that_cannot_be_read_is_one_sentence_and_nobody_is_graded(graded, copy_of):
    classroom = hand_in(copy_of(graded[0]))
    path = classroom.folder("release", STAGE) / f"{STAGE}.ipynb"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(BadInput, match=f"{STAGE}.ipynb cannot be read .*run `threshold release {STAGE}` again"):
        grade_stage(classroom, STAGE)
    assert not (classroom.root / "autograded").exists()


def test_a_damaged_store_costs_time_and_nothing_else(graded):
    classroom, results = graded
    for path in (classroom.state / "verdicts" / STAGE).glob("*.json"):
        path.write_bytes(path.read_bytes()[:100])
    assert grade_stage(classroom, STAGE, jobs=2, again=True) == results


@pytest.mark.parametrize("kept", ["{", "[]", '{"notes": []}'], ids=["cut off", "no record", "no hash"])
def test_a_damaged_note_costs_its_own_submission_and_says_what_to_delete(graded, copy_of, kept):
    classroom = hand_in(copy_of(graded[0]))
    notes = classroom.state / "notes" / STAGE / "ben.json"
    notes.write_text(kept)
    found = {result.student: result for result in grade_stage(classroom, STAGE, jobs=2)}
    assert [found[student].status for student in STUDENTS] == ["graded", "not graded", "graded", "graded"]
    assert f"{notes} is damaged: delete it" in found["ben"].why


def test_whatever_a_verdict_is_computed_with_is_in_its_key():
    """But for where verdicts are kept."""
    program = (
        "import sys, grader.verdicts as v\nfrom pathlib import Path\n"
        "used = {Path(m.__file__).resolve() for m in list(sys.modules.values()) if getattr(m, '__file__', None)}\n"
        "ours = {path for room in ('course', 'grader', 'solutions') for path in (v.CLONE / room).rglob('*.py')}\n"
        "print(*sorted(path.name for path in used & ours - {p for g in v.JUDGES for p in v.CLONE.glob(g)}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=CLONE, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["verdicts.py"]


def test_another_judge_or_other_points_mean_other_verdicts(monkeypatch):
    cells, names = ["a = 1"], ["perceptron"]
    key = verdicts.key_of(b"secret", cells, names, "bubblewrap")
    others = [
        (b"another", cells, names, "bubblewrap"),
        (b"secret", ["a = 2"], names, "bubblewrap"),
        (b"secret", ["a = 1", ""], names, "bubblewrap"),
        (b"secret", cells, ["weighted_sum"], "bubblewrap"),
        (b"secret", cells, names, "landlock"),
    ]
    assert len({key, *(verdicts.key_of(*other) for other in others)}) == 6
    monkeypatch.setitem(EXERCISES, "perceptron", replace(EXERCISES["perceptron"], points={"value": 3.0}))
    assert verdicts.key_of(b"secret", cells, names, "bubblewrap") != key


def test_two_runs_at_once_are_refused_in_words(graded):
    classroom, _ = graded
    with alone(classroom), pytest.raises(BadInput, match=f"graded already \\(process {os.getpid()}\\)"):
        grade_stage(classroom, STAGE)


def test_a_run_that_was_killed_is_gone_on_with(class_of_stage_01, copy_of, graded):
    classroom = hand_in(copy_of(class_of_stage_01))
    command = [sys.executable, "-m", "course.cli", "grade", "01", "--jobs", "2", "--class", str(classroom.root)]
    run = subprocess.Popen(command, cwd=CLONE, start_new_session=True, stderr=subprocess.DEVNULL)
    wait_for(lambda: list((classroom.state / "records" / STAGE).glob("*.json")))
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    wait_for(lambda: not processes_of(run.pid))
    assert grade_stage(classroom, STAGE, jobs=2) == graded[1]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def processes_of(session):
    """What still runs of a session: workers, their server, sandboxes."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def dies_on_ben(root, stage, student, level, again):
    if student == "ben":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.2)
    return ahead.Ahead(student)


def test_a_worker_that_dies_costs_its_own_submission_alone(monkeypatch):
    monkeypatch.setattr(ahead, "look_at", dies_on_ben)
    found = {one.student: one.fault for one in ahead.grade_ahead(ClassAt("x"), STAGE, list(STUDENTS), "none", jobs=2)}
    assert set(found) == set(STUDENTS)
    assert {student for student, fault in found.items() if fault} == {"ben"}


class ClassAt:
    def __init__(self, root):
        self.root = root


# A person's scores


def score_by_hand(classroom, student, name, points, comment):
    api = classroom.api()
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        grade = gradebook.find_grade(f"check-{name}", STAGE, STAGE, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.find_comment(name, STAGE, STAGE, student).manual_comment = comment
        gradebook.db.commit()


def test_a_persons_score_stays_while_its_answer_does_and_falls_with_it(graded):
    classroom, _ = graded
    score_by_hand(classroom, "cleo", "weighted_sum", 1.5, "On paper it was right.")
    kept = grade_stage(classroom, STAGE, again=True)[2]
    assert (kept.status, kept.points) == ("graded", 9.5)
    submit(classroom, STAGE, solved(STAGE, weighted_sum="def weighted_sum(x, w):\n    return 0.0"), "cleo")
    fallen = grade_stage(classroom, STAGE)[2]
    assert (fallen.status, fallen.points) == ("needs a person", 8)
    assert fallen.why == "to be scored by hand: check-weighted_sum (changed since a person scored it)"
    feedback = (classroom.folder("feedback", STAGE, "cleo") / f"{STAGE}.html").read_text()
    assert "An earlier answer had 1.5 points: On paper it was right." in feedback


def test_a_comment_written_later_reaches_the_feedback(graded):
    classroom, _ = graded
    score_by_hand(classroom, "ben", "perceptron", 2.0, "Fine with me.")
    grade_stage(classroom, STAGE)
    assert "Fine with me." in (classroom.folder("feedback", STAGE, "ben") / f"{STAGE}.html").read_text()
    assert records.load(classroom, STAGE, "ben").status == "graded"


def test_the_words_in_feedback_are_the_words_of_the_check(graded):
    classroom, _ = graded
    said = text_of(graded_outputs(classroom, STAGE, "ben")["perceptron"])
    page = (classroom.folder("feedback", STAGE, "ben") / f"{STAGE}.html").read_text()
    assert "“&gt; where ≥ is meant”" in page
    assert "“> where ≥ is meant”" in said
