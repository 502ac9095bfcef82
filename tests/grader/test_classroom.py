"""A class folder: one secret for all who ask at once. And how many submissions are graded at a time, unless it is said."""

import inspect
import os
import secrets
import stat

import grader
from grader.classroom import Classroom
from grader.commands.grade import grade


def test_whoever_asks_while_the_secret_is_made_gets_the_same(tmp_path, monkeypatch):
    classroom = Classroom(tmp_path)
    classroom.state.mkdir()
    token, found = secrets.token_hex, []

    def meanwhile(size):
        monkeypatch.setattr(secrets, "token_hex", token)
        found.append(classroom.secret())  # as another process may, between the file and its content
        return token(size)

    monkeypatch.setattr(secrets, "token_hex", meanwhile)
    found.append(classroom.secret())
    assert found[0] == found[1] == classroom.secret() and len(found[0]) == 64
    assert stat.S_IMODE((classroom.state / "secret").stat().st_mode) == 0o600
    assert [path.name for path in classroom.state.iterdir()] == ["secret"]


def test_as_many_are_graded_at_a_time_as_there_are_cores_for_this_process(monkeypatch):
    assert inspect.signature(grade).parameters["jobs"].default == grader.cores()
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {5}, raising=False)
    assert grader.cores() == 1
