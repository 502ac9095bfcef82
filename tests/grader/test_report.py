"""The class of thirty, by the commands a person types: graded as the generator knows, and reported as it is."""

import csv
import io
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp

from course.errors import BadInput
from grader import insight, verdicts
from grader.classroom import Classroom
from grader.commands.report import report as report_command
from grader.exercises import of_stage
from grader.export import CanvasExport, for_platform
from grader.insight import mistakes, page, tables, words
from grader.insight.similarity import PUBLISHED
from tests.grader.synthetic import STAGE, assert_as_known, class_of, hand_in
from tests.grader.test_insight import ALLOWED, read
from tests.grader.typed import threshold

JOBS = 2


@pytest.fixture(scope="module")
def thirty(class_of_stage_01, copy_of):
    """(the class, its thirty students, what the command printed and showed), graded once for all tests of a session."""
    classroom, students = copy_of(class_of_stage_01), class_of(30)
    hand_in(classroom, students)
    return classroom, students, threshold("grade", "01", "--jobs", str(JOBS), folder=classroom.root)


@pytest.mark.slow
def test_every_score_and_status_is_the_one_the_generator_knows(thirty):
    classroom, students, _ = thirty
    assert_as_known(classroom, students)


@pytest.mark.slow
def test_the_command_counts_as_it_goes_and_says_how_everybody_stands(thirty):
    _, students, (code, out, shown) = thirty
    assert code == 1  # somebody is not graded
    assert f"{len(students)}/{len(students)}" in shown
    assert "Traceback" not in shown + out
    for student in students:
        line = next(line for line in out.splitlines() if line.startswith(f"{student.name} "))
        assert student.status in line
        assert student.status != "graded" or f"{student.points:g} of 10" in line
        assert (f"graded, late: {student.penalty:g} points less" in line) == (student.penalty > 0)
        assert ("late:" in line) == (student.penalty > 0)
    graded = sum(student.status == "graded" for student in students)
    assert f"{graded} of {len(students)} graded" in out


# The class of thirty, whose answers are known


@pytest.fixture(scope="module")
def report(thirty, tmp_path_factory):
    """(the students, the JSON document, the page, the folder of the files, the printed text)."""
    classroom, students, _ = thirty
    folder = tmp_path_factory.mktemp("report")
    code, out, shown = threshold(
        "report", "01", "--html", str(folder / "r.html"), "--csv", str(folder / "r.csv"), folder=classroom.root
    )
    assert (code, "Traceback" in shown) == (0, False), shown
    code, document, _ = threshold("report", "01", "--json", folder=classroom.root)
    assert code == 0
    return students, json.loads(document)["stages"][0], (folder / "r.html").read_text(), folder, out


def judged(students):
    return [student for student in students if student.status == "graded"]


@pytest.mark.slow
@pytest.mark.parametrize("exercise", of_stage(STAGE))
def test_it_counts_each_mistake_as_often_as_it_was_made(report, exercise):
    students, document, *_ = report
    known = Counter(answer_known(student, exercise) for student in judged(students))
    found = {entry["answer"]: entry["students"] for entry in document["exercises"][exercise]["answers"]}
    assert found == known
    shares = [entry["share"] for entry in document["exercises"][exercise]["answers"]]
    assert sum(shares) == pytest.approx(1, abs=1e-3)


def answer_known(student, exercise):
    answer = student.answers.get(exercise, "unnamed: hostile ones return None")
    return {"stub": mistakes.STUB}.get(answer, mistakes.UNNAMED if answer.startswith("unnamed") else answer)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", of_stage(STAGE))
def test_mistakes_without_a_name_are_put_together_where_they_do_the_same(report, exercise):
    students, document, *_ = report
    known = {}
    for student in judged(students):
        if answer_known(student, exercise) == mistakes.UNNAMED:
            known.setdefault(student.answers.get(exercise, "hostile"), set()).add(student.name)
    found = [set(cluster["students"]) for cluster in document["exercises"][exercise]["unnamed"]]
    assert sorted(map(sorted, found)) == sorted(map(sorted, known.values()))
    assert [len(group) for group in found] == sorted(map(len, found), reverse=True)
    for cluster in document["exercises"][exercise]["unnamed"]:
        assert f"def {exercise}" in cluster["example"]


@pytest.mark.slow
def test_it_names_who_needs_a_person_and_why(report):
    students, document, html, *_ = report
    waiting = {entry["student"]: entry["why"] for entry in document["needs_a_person"]}
    assert set(waiting) == {student.name for student in students if student.status != "graded"}
    assert all(waiting.values())
    assert all(student in html for student in waiting)


@pytest.mark.slow
def test_points_are_those_of_the_gradebook_less_lateness(report):
    students, document, *_ = report
    found = {entry["student"]: entry["points"] for entry in document["students"]}
    assert found == {s.name: s.points - s.penalty if s.status == "graded" else None for s in students}
    assert sum(entry["students"] for entry in document["points"]) == document["graded"] == len(judged(students))


@pytest.mark.slow
def test_the_pair_that_copied_comes_first_and_so_does_the_published_solution(report):
    students, document, html, _, out = report
    copied = sorted(student.name for student in students if student.kind == "copied")
    published = [student.name for student in students if student.kind == "published"]
    first = document["similar"][0]
    assert [first["one"], first["other"]] == copied
    assert first["share"] > 0.95
    assert [(p["one"], p["other"]) for p in document["similar_to_published"]] == [(published[0], PUBLISHED)]
    assert words.NO_PROOF in html
    assert "not a verdict" in out


@pytest.mark.slow
def test_the_terminal_says_what_the_page_says(report):
    _, document, html, _, out = report
    for name, exercise in document["exercises"].items():
        assert name in out
        assert f"<code>{name}</code>" in html
        for entry in exercise["answers"]:
            assert any(
                entry["answer"] in line and f" {entry['students']} " in line and words.percent(entry["share"]) in line
                for line in out.splitlines()
            ), entry


@pytest.mark.slow
def test_the_table_has_a_row_for_each_answer(report):
    students, _, _, folder, _ = report
    rows = list(csv.DictReader(io.StringIO((folder / "r.csv").read_text())))
    assert tuple(rows[0]) == tables.COLUMNS
    assert len(rows) == sum(4 if student.status == "graded" else 1 for student in students)
    for student in judged(students):
        mine = {row["exercise"]: row for row in rows if row["student_id"] == student.name}
        assert sum(float(row["exercise_score"]) for row in mine.values()) == student.points
        assert {name: row["answer"] for name, row in mine.items()} == {
            name: answer_known(student, name) for name in of_stage(STAGE)
        }


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["canvas", "moodle"])
def test_learning_platforms_find_their_columns_and_no_zero_in_disguise(thirty, tmp_path, platform):
    classroom, students, _ = thirty
    path = tmp_path / "grades.csv"
    report_command(["01"], folder=classroom.root, csv=path, columns=platform)
    header, *rows = csv.reader(io.StringIO(path.read_text()))
    assert {len(row) for row in rows} == {len(header)}
    if platform == "canvas":  # what its importer asks of the headings: names, ids, then Section, then assignments
        assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", STAGE]
        assert rows[0] == ["    Points Possible", "", "", "", "", "10"]
        rows = rows[1:]
    else:
        assert header == ["First name", "Last name", "ID number", "Username", "Email address", f"Assignment: {STAGE}"]
    found = {row[3]: row[5] for row in rows}
    expected = {s.name: f"{s.points - s.penalty:.2f}" if s.status == "graded" else "" for s in students}
    assert found == expected


@pytest.mark.slow
def test_nbgrader_exports_for_a_platform_through_its_own_interface(thirty, tmp_path):
    classroom, students, _ = thirty
    api = classroom.api()
    app = ExportApp(config=api.config)
    app.coursedir = api.coursedir
    plugin = CanvasExport(parent=app)
    plugin.to, plugin.student, plugin.assignment = str(tmp_path / "g.csv"), [students[0].name], [STAGE]
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        plugin.export(gradebook)
    rows = list(csv.reader(io.StringIO((tmp_path / "g.csv").read_text())))
    assert [row[3] for row in rows] == ["SIS Login ID", "", students[0].name]


@pytest.mark.slow
def test_an_answer_that_waits_for_a_person_is_named_and_has_no_score_yet(thirty, tmp_path):
    classroom, students, _ = thirty
    waiting = next(student.name for student in students if student.kind == "right")
    shutil.copytree(classroom.root, tmp_path / "class", symlinks=True)
    copy = Classroom(tmp_path / "class")
    api = copy.api()
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        gradebook.find_grade("check-perceptron", STAGE, STAGE, waiting).needs_manual_grade = True
        gradebook.db.commit()
    seen = insight.of_stage(copy, STAGE)
    assert (waiting, "to be scored by hand") in seen.waiting
    rows = list(csv.reader(io.StringIO(for_platform(copy, [STAGE], "canvas"))))
    assert [row[5] for row in rows if row[3] == waiting] == [""]


@pytest.mark.slow
def test_what_changed_after_grading_is_not_counted_and_is_named(thirty, monkeypatch):
    classroom, *_ = thirty
    monkeypatch.setattr(verdicts, "code", lambda: "another judge")
    seen = insight.of_stage(classroom, STAGE)
    assert all("threshold grade" in why for _, why in seen.waiting if "cannot" not in why and "no notebook" not in why)
    assert {tally.total for tally in seen.mistakes.values()} == {0}
    assert "Nobody has been judged yet." in page.page([seen])


@pytest.mark.slow
def test_the_page_is_one_file_without_script_and_says_its_drawing_in_words(report):
    _, document, html, *_ = report
    reader = read(html)
    assert set(reader.tags) <= ALLOWED
    assert "http" not in html.replace("http-equiv", "")
    assert "url(" not in html
    assert ("meta", "content", page.POLICY) in reader.attributes
    drawings = [value for tag, name, value in reader.attributes if tag == "svg" and name == "aria-label"]
    for entry in document["points"]:
        said = f"{entry['from']:g} to {entry['to']:g} points: {entry['students']}"
        assert (said in drawings[0]) == (entry["students"] > 0)
    assert "prefers-color-scheme: dark" in html
    assert len(html.encode()) < 300_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "options", "said"),
    [
        (["99"], {}, "99"),
        (["01"], {"columns": "excel"}, "--columns takes"),
        (["01"], {"columns": "canvas"}, "--csv"),
        (["01"], {"html": Path("/no/such/folder/r.html")}, "no file can be written there"),
        (["01"], {}, "no submissions yet"),
        (["02"], {}, "never released"),
        (["all"], {}, "no submissions yet"),
    ],
)
def test_bad_input_is_said_in_a_sentence(words, options, said, class_of_stage_01, copy_of):
    with pytest.raises(BadInput, match=said):
        report_command(words, folder=copy_of(class_of_stage_01).root, **options)
