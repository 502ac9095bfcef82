"""nbgrader does some things a dozen times a submission. While a whole class is graded, it does them once.

Nothing it decides is decided differently: `nbgrader autograde` and the Formgrader's button, which grade without this,
come to the same gradebook.
"""

from contextlib import contextmanager
from functools import cache
from unittest import mock

import nbgrader.api
import nbgrader.apps.api
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from sqlalchemy.engine import Engine


@contextmanager
def thrift():
    """Within this, the gradebook stays open, and a notebook is converted in one pass."""
    tables, ours = nbgrader.api.Base.metadata, mock.patch.object
    with (
        ours(nbgrader.api, "create_engine", cache(nbgrader.api.create_engine)),
        ours(nbgrader.api, "inspect", cache(nbgrader.api.inspect)),
        ours(tables, "create_all", cache(tables.create_all)),
        ours(Gradebook, "check_course", _once_a_course(Gradebook.check_course)),
        ours(Engine, "dispose", lambda engine: None),
        ours(nbgrader.apps.api, "Autograde", OnePass),
    ):
        yield


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
