"""What surrounds a verdict: when a submission arrived, what lateness costs, and what is exported."""

import csv
import os
import pwd
from datetime import UTC, datetime, timedelta

import pytest
from nbgrader.api import Gradebook

from course.errors import BadInput
from grader.collect import STAMP, arrival
from grader.export import harmless
from grader.grading import grade_stage, unchanged
from grader.late import LatePolicy
from tests.grader.submissions import solved, submit

STAGE = "01_one_neuron"
SOMEBODY = "daemon"  # a user of every system, who is not us
ROOT = os.getuid() == 0  # nothing is closed to it, and it may give files away
HOUR, DAY = 3600.0, 24 * 3600.0


@pytest.mark.parametrize(
    ("late", "options", "penalty"),
    [
        (5 * DAY, {}, None),
        (10 * 60, {"grace_minutes": 30, "penalty_per_day": 0.1}, None),
        (HOUR, {"grace_minutes": 30, "penalty_per_day": 0.1}, 0.8),
        (DAY + HOUR, {"penalty_per_day": 0.1}, 1.6),
        (9 * DAY, {"penalty_per_day": 0.1, "most": 0.5}, 4.0),
        (30 * DAY, {"penalty_per_day": 0.1}, 8.0),
    ],
    ids=["free by default", "within grace", "first day", "second day begun", "no more than half", "no more than all"],
)
def test_what_lateness_costs(late, options, penalty):
    assert LatePolicy(**options).late_submission_penalty("ada", 8.0, late) == penalty


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0"])
def test_no_cell_of_the_export_is_a_formula(value):
    assert harmless(value) == f"'{value}"


def test_no_cell_of_the_export_commands_a_terminal():
    assert harmless("a\x1b]0;b\x07\nc") == "a]0;bc"


@pytest.fixture(scope="module")
def books(class_of_stage_01, copy_of):
    """A class with an exchange in which students have submitted, one way or another: Results, and what was said."""
    classroom = copy_of(class_of_stage_01)
    config = classroom.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.LatePolicy.penalty_per_day = 0.1\n")
    api = classroom.api()
    inbound = classroom.root / "exchange" / api.coursedir.course_id / "inbound"
    inbound.mkdir(parents=True)
    now = datetime.now(UTC).replace(tzinfo=None)
    hand_in(classroom, inbound, "ada", now)
    hand_in(classroom, inbound, "backdated", now - timedelta(days=9))
    hand_in(classroom, inbound, "garbled", "yesterday")
    linked = hand_in(classroom, inbound, "linked", now)
    (linked / f"{STAGE}.ipynb").unlink()
    (linked / f"{STAGE}.ipynb").symlink_to(classroom.root / "gradebook.db")
    (inbound / f"whole+{STAGE}+{now.strftime(STAMP)}").symlink_to(inbound / f"ada+{STAGE}+{now.strftime(STAMP)}")
    piped = hand_in(classroom, inbound, "piped", now)
    os.mkfifo(piped / "endless")
    stamped = f"{STAGE}+{now.strftime(STAMP)}"
    (inbound / f"dangling+{stamped}").symlink_to(inbound / "nothing")
    (inbound / f"filed+{stamped}").write_text("no folder")
    hand_in(classroom, inbound, "closed", now).chmod(0)
    hand_in(classroom, inbound, "undecodable", now).rename(
        os.fsdecode(os.fsencode(inbound) + b"/\xff+" + stamped.encode())
    )
    own = hand_in(classroom, inbound, SOMEBODY, now - timedelta(minutes=2))
    if ROOT:
        os.chown(own, pwd.getpwnam(SOMEBODY).pw_uid, -1)
    hand_in(classroom, inbound, SOMEBODY, now, perceptron=None)
    submit(classroom, STAGE, solved(STAGE), "stamped", **{"timestamp.txt": "the day after tomorrow\x00"})
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        gradebook.find_assignment(STAGE).duedate = now - timedelta(days=1.5)
        gradebook.update_or_create_student("=absent()", first_name="Never", last_name="Here")
        gradebook.db.commit()
    said = []
    results = {result.student: result for result in grade_stage(classroom, STAGE, jobs=2, say=said.append)}
    return classroom, results, said


def hand_in(classroom, inbound, student, when, **sources):
    stamp = when if isinstance(when, str) else when.strftime(STAMP)
    folder = submit(classroom, STAGE, solved(STAGE, **sources), student, **{"timestamp.txt": stamp})
    target = inbound / f"{student}+{STAGE}+{stamp}"
    os.rename(folder, target)
    folder.parent.rmdir()
    return target


@pytest.mark.slow
def test_every_submission_is_collected_and_has_its_status(books):
    _, results, _ = books
    found = {student: result.status for student, result in results.items()}
    empty = {"dangling", "filed", "linked", "whole"} | (set() if ROOT else {"closed"})
    sound = {"ada", "backdated", "garbled", "piped", "stamped"} | ({"closed", SOMEBODY} if ROOT else set())
    assert found == dict.fromkeys(sound, "graded") | dict.fromkeys(empty, "not graded")


@pytest.mark.slow
def test_a_submission_in_somebody_elses_name_replaces_nothing_and_is_named(books):
    _, results, said = books
    (about,) = [line for line in said if f"/{SOMEBODY}+" in line]
    assert f"is left out: {SOMEBODY} is a user here, and it belongs to another, {os.getuid()}" in about
    assert results[SOMEBODY].points == 10 if ROOT else SOMEBODY not in results


@pytest.mark.slow
def test_what_cannot_be_collected_is_named(books):
    why = {"?": "is left out", "dangling": "cannot be read", "filed": "cannot be read", "whole": "cannot be read"}
    for entry, words in (why if ROOT else why | {"closed": "cannot be read"}).items():
        (line,) = [line for line in books[2] if f"/{entry}+{STAGE}+" in line]
        assert words in line and line.encode()


@pytest.mark.slow
def test_an_exchange_that_cannot_be_collected_is_a_refusal_and_old_files_are_not_graded(class_of_stage_01, copy_of):
    classroom = copy_of(class_of_stage_01)
    config = classroom.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.Exchange.root = '/nowhere/exchange'\n")
    submit(classroom, STAGE, solved(STAGE), "ada")
    with pytest.raises(BadInput, match=r"Nothing is graded, for the exchange cannot be collected: .*/nowhere/exchange"):
        grade_stage(classroom, STAGE)
    assert not (classroom.root / "autograded").exists()


@pytest.mark.slow
def test_what_lateness_took_is_in_every_result(books):
    classroom, results, _ = books
    late = ("ada", "backdated", "garbled")
    assert {student: results[student].penalty for student in late} == dict.fromkeys(late, 2.0)  # two days begun
    assert results["linked"].penalty == 0
    assert unchanged(classroom, classroom.api(), STAGE, "ada") == results["ada"]


@pytest.mark.slow
def test_the_time_that_counts_is_the_arrival(books):
    classroom, *_ = books
    for student in ("ada", "backdated", "garbled"):
        stamp = (classroom.folder("submitted", STAGE, student) / "timestamp.txt").read_text()
        claimed = datetime.strptime(stamp, STAMP)
        assert abs(claimed - datetime.now(UTC).replace(tzinfo=None)) < timedelta(hours=1), student


@pytest.mark.slow
def test_a_file_cannot_be_older_than_its_inode(tmp_path):
    path = tmp_path / "notebook"
    path.write_text("x")
    os.utime(path, (0, 0))
    assert abs(arrival(tmp_path) - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)


@pytest.mark.slow
def test_the_export_says_of_everyone_how_they_stand(books, tmp_path):
    classroom, *_ = books
    api = classroom.api()
    rows = exported(classroom, api, tmp_path / "grades.csv")
    assert {name: row["status"] for name, row in rows.items() if name != "'=absent()"} == {
        student: result.status for student, result in books[1].items()
    }
    assert rows["'=absent()"]["status"] == "not submitted"
    assert (float(rows["ada"]["raw_score"]), float(rows["ada"]["score"])) == (10, 8)  # two days begun
    assert "was a link" in rows["linked"]["why"] or "nothing to grade" in rows["linked"]["why"]


def exported(classroom, api, path):
    from nbgrader.apps import ExportApp

    app = ExportApp(config=api.config)
    app.coursedir = api.coursedir
    plugin = app.plugin_class(parent=app)
    plugin.to = str(path)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        plugin.export(gradebook)
    with open(path, newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}
