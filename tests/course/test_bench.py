"""The bench measures what it names, says when it cannot, and the waits in the kernel keep their promises."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import course
from course.bench import __main__ as bench
from course.bench import kernel, page
from course.bench.row import Row, row


def test_a_row_is_the_median_of_its_rounds_and_knows_its_goal():
    found = row("x (s)", [0.3, 0.1, 0.2], 0.25)
    assert (found.ratio, found.low, found.high, found.met) == (0.2, 0.1, 0.3, True)
    assert not Row("x", 0.3, 0.3, 0.3, 0.25).met


def test_one_json_document_and_exit_code_1_where_a_goal_is_missed(monkeypatch, capsys):
    monkeypatch.setattr(kernel, "rows", lambda rounds: [row("slow (s)", [2.0] * rounds, 1.0)])
    monkeypatch.setattr(page, "missing", lambda: "JupyterLab was not measured: it takes Chromium.")
    assert bench.main(["--json", "--rounds", "2"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["rows"][0] == {
        "name": "slow (s)",
        "ratio": 2.0,
        "low": 2.0,
        "high": 2.0,
        "goal": 1.0,
        "better": "lower",
    }
    assert "Chromium" in told["skipped"]
    monkeypatch.setattr(kernel, "rows", lambda rounds: [row("quick (s)", [0.5], 1.0)])
    assert bench.main([]) == 0
    out = capsys.readouterr().out
    assert "✓" in out and "quick (s)" in out and "was not measured" in out


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(page, "CHROMIUM", None)
    monkeypatch.setattr(page, "find_spec", lambda name: None)
    assert page.missing() == "JupyterLab was not measured: it takes playwright and Chromium."


def test_the_import_needs_no_numba_and_no_figures():
    code = "import sys; from course import check; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"numba", "matplotlib", "ipywidgets", "nbformat", "IPython", "scipy"} & set(eval(loaded))


def test_every_explorer_is_timed():
    sources = {path.stem: path.read_text(encoding="utf-8") for path in Path(course.__file__).parent.glob("*.py")}
    offer = [name for name, source in sources.items() if re.search(r"^    offered\(", source, re.MULTILINE)]
    assert sorted(offer) == ["boundary", "explorer", "steering"] and len(kernel.EXPLORERS) == len(offer)


@pytest.mark.slow
def test_the_kernel_keeps_its_promises_with_room_for_a_busy_machine():
    """The quickest of three rounds: other people's load only ever adds."""
    for each in kernel.rows(3):
        assert 0 < each.low <= each.goal, each
