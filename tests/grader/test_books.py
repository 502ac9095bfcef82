"""What surrounds a verdict: when a submission arrived, what lateness costs, and what is exported."""

import csv
import os
from datetime import UTC, datetime, timedelta

import pytest
from nbgrader.api import Gradebook

from grader.collect import STAMP, arrival
from grader.export import harmless
from grader.grading import grade_stage, unchanged
from grader.late import LatePolicy
from tests.grader.submissions import solved, submit

STAGE = "01_one_neuron"
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
    """A class with an exchange in which five students have submitted, one way or another."""
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
    submit(classroom, STAGE, solved(STAGE), "stamped", **{"timestamp.txt": "the day after tomorrow\x00"})
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        gradebook.find_assignment(STAGE).duedate = now - timedelta(days=1.5)
        gradebook.update_or_create_student("=absent()", first_name="Never", last_name="Here")
        gradebook.db.commit()
    results = {result.student: result for result in grade_stage(classroom, STAGE, jobs=2)}
    return classroom, results


def hand_in(classroom, inbound, student, when):
    stamp = when if isinstance(when, str) else when.strftime(STAMP)
    folder = submit(classroom, STAGE, solved(STAGE), student, **{"timestamp.txt": stamp})
    target = inbound / f"{student}+{STAGE}+{stamp}"
    os.rename(folder, target)
    folder.parent.rmdir()
    return target


@pytest.mark.slow
def test_every_submission_is_collected_and_has_its_status(books):
    _, results = books
    found = {student: result.status for student, result in results.items()}
    sound = dict.fromkeys(("ada", "backdated", "garbled", "piped", "stamped"), "graded")
    assert found == sound | {"linked": "not graded", "whole": "not graded"}


@pytest.mark.slow
def test_what_lateness_took_is_in_every_result(books):
    classroom, results = books
    late = ("ada", "backdated", "garbled")
    assert {student: results[student].penalty for student in late} == dict.fromkeys(late, 2.0)  # two days begun
    assert results["linked"].penalty == 0
    assert unchanged(classroom, classroom.api(), STAGE, "ada") == results["ada"]


@pytest.mark.slow
def test_the_time_that_counts_is_the_arrival(books):
    classroom, _ = books
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
    classroom, _ = books
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
