"""nbgrader does some things a dozen times a submission. While a whole class is graded, it does them once.

Nothing it decides is decided differently: `nbgrader autograde` and the Formgrader's button, which grade without this,
come to the same gradebook.
"""

from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from unittest import mock

import nbconvert.exporters.exporter
import nbformat.v4.nbjson
import nbformat.validator
import nbgrader.api
import nbgrader.apps.api
import nbgrader.preprocessors.saveautogrades
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from sqlalchemy.engine import Engine

from grader.records import names_of


@contextmanager
def thrift():
    """Within this, the gradebook stays open, a notebook is converted in one pass, and its scores are saved together."""
    tables, ours = nbgrader.api.Base.metadata, mock.patch.object
    with (
        ours(nbgrader.api, "create_engine", cache(nbgrader.api.create_engine)),
        ours(nbgrader.api, "inspect", cache(nbgrader.api.inspect)),
        ours(nbgrader.api, "sessionmaker", cache(nbgrader.api.sessionmaker)),
        ours(tables, "create_all", cache(tables.create_all)),
        ours(Gradebook, "check_course", _once_a_course(Gradebook.check_course)),
        ours(Engine, "dispose", lambda engine: None),
        ours(nbgrader.apps.api, "Autograde", OnePass),
        ours(nbgrader.preprocessors.saveautogrades, "Gradebook", OneSubmission),
        # What is converted was read for that, and is not looked at once it is written: no copies of it are needed.
        ours(nbconvert.exporters.exporter, "copy", SimpleNamespace(deepcopy=_itself)),
        ours(nbformat.validator, "deepcopy", _itself),
        ours(nbformat.v4.nbjson, "copy", SimpleNamespace(deepcopy=_itself)),
    ):
        yield


def _itself(notebook):
    return notebook


def _once_a_course(check):
    seen = set()

    def once(gradebook, course_id):
        if (gradebook.engine, course_id) not in seen:
            check(gradebook, course_id)
            seen.add((gradebook.engine, course_id))

    return once


class OnePass(Autograde):
    """nbgrader writes what it has sanitized and reads it again, for a kernel to run. Nothing runs it here."""

    def _init_preprocessors(self):
        self.exporter._preprocessors = []
        for step in self.sanitize_preprocessors + self.autograde_preprocessors:
            self.exporter.register_preprocessor(step)

    def convert_single_notebook(self, notebook_filename):
        self._init_preprocessors()
        BaseConverter.convert_single_notebook(self, notebook_filename)


class OneSubmission(Gradebook):
    """The gradebook for who saves the scores of one notebook, cell after cell: it looks for them, and commits, once."""

    def __enter__(self):
        self.found, self.commit = {}, self.db.commit
        self.db.commit = lambda: None
        return self

    def __exit__(self, kind, *more):
        if kind is None:
            self.commit()
        self.close()

    def find_grade(self, grade_cell, *whose):
        return self._named("grades", *whose).get(grade_cell) or super().find_grade(grade_cell, *whose)

    def find_comment(self, solution_cell, *whose):
        return self._named("comments", *whose).get(solution_cell) or super().find_comment(solution_cell, *whose)

    def _named(self, kind, *whose):
        if kind not in self.found:
            submission = self.find_submission_notebook(*whose)
            names = names_of(self, submission)
            self.found[kind] = {names[entry.cell_id]: entry for entry in getattr(submission, kind)}
        return self.found[kind]
