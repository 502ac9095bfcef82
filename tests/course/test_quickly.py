"""Jupyter's longest wait is left out, and nothing else."""

import json
import os
import subprocess
import sys

import pytest

from course import quickly

PROBE = """
import json, sys
import nbformat
nbformat.validate(nbformat.v4.new_notebook())
print(json.dumps([__name__, sys.argv[1:], sorted({"lark", "jsonschema"} & set(sys.modules))]))
"""


def run(*command, **environment):
    done = subprocess.run(
        [sys.executable, "-P", *command], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_a_program_runs_as_it_would_alone_and_its_notebooks_are_still_checked(tmp_path):
    (tmp_path / "probe.py").write_text(PROBE)
    found = run(quickly.__file__, "probe", "--an-option", PYTHONPATH=str(tmp_path))
    assert found == ["__main__", ["--an-option"], ["jsonschema"]]


@pytest.mark.parametrize("first", ["course.cli", "grader"])
def test_our_own_commands_do_without_it_too(first):
    assert run("-c", f"import {first}\n{PROBE}") == ["__main__", [], ["jsonschema"]]
