"""What a learner reads in a code cell fits into the cell: stubs, and the other code of the stages."""

import ast

import jupytext
import pytest

from course.catalog import STAGES
from grader.columns import WIDTH, fit
from grader.exercises import EXERCISES
from grader.notebook import model_source, scaffold
from grader.stages import source_of

WIDE = '''\
def rule(w, x):
    """error = y − fires(x);   w' = w + lr · error · x;                              (the rule)

    w (D,) the weights of a neuron that has not yet learned anything, x (3, 4) an example -> w' (D,) a new array.
    -> nothing else
    """'''


def test_words_are_filled_and_formulas_broken_at_their_gaps():
    assert fit(WIDE, 60) == (
        "def rule(w, x):\n"
        '    """error = y − fires(x);   w\' = w + lr · error · x;\n'
        "       (the rule)\n\n"
        "    w (D,) the weights of a neuron that has not yet learned\n"
        "    anything, x (3, 4) an example -> w' (D,) a new array.\n"
        "    -> nothing else\n"
        '    """'
    )


def test_what_fits_stays_as_it_is():
    assert fit(WIDE, 120) == WIDE
    assert fit("def f(x):\n    return 1", 10) == "def f(x):\n    return 1"


@pytest.mark.parametrize("name", EXERCISES)
def test_no_docstring_is_too_wide_and_none_loses_a_word(name):
    head = model_source(EXERCISES[name].model, solution=False)[0]
    assert max(map(len, head.splitlines())) <= WIDTH
    before = EXERCISES[name].model
    words = (getattr(before, "py_func", before).__doc__ or "").partition("Raises ")[0].split()
    said = ast.get_docstring(ast.parse(f"{head}\n    pass").body[0]).split()
    assert said == words


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_no_cell_of_a_stage_is_scrolled_sideways(stage):
    """Every code cell of the source; the stubs that are put between them are narrowed above."""
    cells = jupytext.reads(source_of(stage), fmt="py:percent").cells
    seen = [cell.source for cell in cells if cell.cell_type == "code" and "exercise" not in cell.metadata]
    wide = [line for source in seen for line in source.splitlines() if len(line) > WIDTH]
    assert len(seen) > 5 and not wide


@pytest.mark.parametrize("name", EXERCISES)
def test_no_line_that_a_stub_shows_is_too_wide(name):
    body = model_source(EXERCISES[name].model, solution=True)[1].strip("\n")
    assert [line for line in scaffold(EXERCISES[name], body) if len(line) > WIDTH] == []
