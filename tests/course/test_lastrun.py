"""A cell that Python could not read leaves the older function in place; whoever checks that one is told."""

import pytest

from course.lastrun import unreadable

GOOD, BAD = "def f(x):\n    return x", "def f(x):\n    return x +"


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        ([], None),
        ([GOOD], None),
        ([BAD], 2),
        ([BAD, GOOD], None),
        ([GOOD, BAD, "check(f)"], 2),
        ([BAD.replace("f(", "fg("), "check(f)"], None),
        (["import numpy as np\n\n@njit\n" + BAD], 5),
        (["class A:\n" + BAD.replace("def", "    def").replace("return", "    return")], 3),
        (["def f(x):\nreturn x"], 2),
        (["x = 1\nreturn x\ndef f(x): ..."], 2),
        (["await g()\ndef f(x): ..."], None),
        (['def f(x):\n    return "\\d"'], None),
    ],
)
def test_the_last_cell_that_defines_it_counts(cells, line):
    fault = unreadable("f", cells)
    assert (fault and fault.lineno) == line


def test_outside_a_notebook_there_is_nothing_to_say():
    assert unreadable("f") is None
