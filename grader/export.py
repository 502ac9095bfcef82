"""The grades as CSV, with a column nbgrader's own export lacks: how each submission stands, and why.

`nbgrader export` writes it (the class's configuration names this plugin).
"""

import csv
import os
from pathlib import Path

from nbgrader.api import MissingEntry
from nbgrader.plugins.export import ExportPlugin

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
        aside = path.with_name(f".{path.name}.part")
        with open(aside, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            for assignment in gradebook.assignments:
                if self.assignment and assignment.name not in self.assignment:
                    continue
                for student in gradebook.students:
                    if not self.student or student.id in map(str, self.student):
                        entry = row(gradebook, classroom, assignment, student)
                        writer.writerow({name: harmless(value) for name, value in entry.items()})
        os.replace(aside, path)
        self.log.info("Grades are in %s", path)


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
