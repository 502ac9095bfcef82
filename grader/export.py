"""The grades as CSV, with a column nbgrader's own export lacks: how each submission stands, and why.

`nbgrader export` writes it (the class's configuration names this plugin); `nbgrader export --exporter
grader.export.CanvasExport` (or MoodleExport) and `threshold report --csv FILE --columns canvas` write what a learning
platform imports. There, only what is graded has a score: an empty cell leaves the platform's own as it is.
"""

import csv
import io
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins.export import ExportPlugin

from course.files import put
from grader import records
from grader.classroom import Classroom

COLUMNS = (
    "assignment", "student_id", "last_name", "first_name", "email", "status", "why", "score", "max_score",
    "raw_score", "late_submission_penalty", "timestamp", "duedate", "isolation",
)  # fmt: skip


class CsvExport(ExportPlugin):
    """One row for each student and assignment, whether submitted or not."""

    def export(self, gradebook):
        """Write the rows to `self.to`, grades.csv by default, whole or not at all."""
        path = Path(self.to or "grades.csv")
        classroom = Classroom(self.parent.coursedir.root)
        chosen = [a.name for a in gradebook.assignments if not self.assignment or a.name in self.assignment]
        text = self.text(gradebook, classroom, chosen, set(map(str, self.student)))
        put(path, text.encode())
        self.log.info("Grades are in %s", path)

    @classmethod
    def text(cls, gradebook, classroom, chosen, only=()):
        """The whole file. chosen: names of assignments. only: students' ids; all, where it is empty."""
        stream = io.StringIO()
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        for assignment in (gradebook.find_assignment(name) for name in chosen):
            for student in by_name(gradebook.students):
                if not only or student.id in only:
                    entry = row(gradebook, classroom, assignment, student)
                    writer.writerow({name: harmless(value) for name, value in entry.items()})
        return stream.getvalue()


class CanvasExport(CsvExport):
    """One row for each student, in the columns Canvas looks for; a second heading says what there is to reach.

    Source: how Canvas reads them, lib/gradebook_importer.rb of github.com/instructure/canvas-lms: "Student", "ID", both
    SIS columns, "Section", then a column for each assignment under its title there; a row "Points Possible".
    """

    names = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")

    @classmethod
    def text(cls, gradebook, classroom, chosen, only=()):
        """As above."""
        assignments = [gradebook.find_assignment(name) for name in chosen]
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([*cls.names, *(cls.title(assignment) for assignment in assignments)])
        writer.writerows(cls.heading(assignments))
        for student in by_name(gradebook.students):
            if not only or student.id in only:
                scores = [settled(row(gradebook, classroom, assignment, student)) for assignment in assignments]
                writer.writerow([*map(harmless, cls.person(student)), *scores])
        return stream.getvalue()

    @staticmethod
    def title(assignment):
        return assignment.name

    @classmethod
    def heading(cls, assignments):
        possible = [f"{assignment.max_score:g}" for assignment in assignments]
        return [["    Points Possible", *[""] * (len(cls.names) - 1), *possible]]

    @staticmethod
    def person(student):
        """Canvas goes by its own ID where the gradebook holds one (`lms_user_id`), else by the login, else the name."""
        name = ", ".join(filter(None, (student.last_name, student.first_name)))
        return name or student.id, student.lms_user_id or "", "", student.id, ""


class MoodleExport(CanvasExport):
    """One row for each student, in the columns of Moodle's own export; on import, map one of the first five to a user.

    Source: docs.moodle.org/en/Grade_import (the form is that of the export); the headings, grade/export/lib.php and
    grade/import/csv/tests/load_data_test.php of github.com/moodle/moodle.
    """

    names = ("First name", "Last name", "ID number", "Username", "Email address")

    @staticmethod
    def title(assignment):
        return f"Assignment: {assignment.name}"

    @classmethod
    def heading(cls, assignments):
        return []

    @staticmethod
    def person(student):
        return (
            student.first_name or "",
            student.last_name or "",
            student.lms_user_id or "",
            student.id,
            student.email or "",
        )


PLATFORMS = {"canvas": CanvasExport, "moodle": MoodleExport}


def by_name(students):
    """Students in the order of a class list; nbgrader leaves open who of two without a name comes first."""
    return sorted(students, key=lambda student: (student.last_name or "", student.first_name or "", student.id))


def for_platform(classroom, stages, platform):
    """The scores of some stages as text, in the columns of a learning platform: "canvas" or "moodle"."""
    api = classroom.api()
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        return PLATFORMS[platform].text(gradebook, classroom, stages)


def settled(entry):
    """The score of what is graded, to hundredths; "" while it is not, or waits for a person: never a zero in disguise."""
    return f"{entry['score']:.2f}" if entry["status"] == records.GRADED else ""


def row(gradebook, classroom, assignment, student):
    """What is known of one student's submission of one assignment."""
    entry = {
        "assignment": assignment.name, "student_id": student.id, "last_name": student.last_name,
        "first_name": student.first_name, "email": student.email, "max_score": assignment.max_score,
        "duedate": assignment.duedate, "status": "not submitted", "score": 0.0,
    }  # fmt: skip
    record = records.load(classroom, assignment.name, student.id)
    if record is not None:
        entry |= {"status": record.status, "why": record.why, "isolation": record.isolation}
    elif classroom.folder("submitted", assignment.name, student.id).is_dir():
        entry |= {"status": records.NOT_GRADED, "why": "grading has not looked at it yet"}
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return entry
    penalty = submission.late_submission_penalty or 0.0
    if entry["status"] == records.GRADED and submission.needs_manual_grade:
        entry |= {"status": records.PERSON, "why": "to be scored by hand"}
    elif entry["status"] == records.PERSON and not submission.needs_manual_grade:
        entry |= {"status": records.GRADED, "why": ""}  # somebody has
    return entry | {
        "timestamp": submission.timestamp, "raw_score": submission.score, "late_submission_penalty": penalty,
        "score": max(0.0, submission.score - penalty),
    }  # fmt: skip


def harmless(value):
    """A value that no spreadsheet takes for a formula, and no terminal for a command."""
    if not isinstance(value, str):
        return value
    text = "".join(c for c in value if c.isprintable())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
