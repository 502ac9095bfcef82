"""What passes its check is kept in `my_library.py`, stands alone there, and never costs the learner a line."""

import ast
import importlib
import json
import linecache
import subprocess
import sys

import pytest

from course import library, shelf
from course.catalog import STAGES
from course.excerpt import NotAlone, excerpt

STAGE = "03_networks"


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A workspace whose stage 03 we are in; nothing imported from another one."""
    (tmp_path / ".threshold").mkdir()
    for stage in STAGES:
        (tmp_path / stage.name).mkdir()
    monkeypatch.chdir(tmp_path / STAGE)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(library, "_lent", {})
    monkeypatch.setattr(library, "_seen", None)
    monkeypatch.delitem(sys.modules, "my_library", raising=False)
    yield tmp_path
    sys.modules.pop("my_library", None)


@pytest.fixture
def notebook():
    """Runs cells as a kernel does: one namespace, each source known to linecache under a name of its own."""
    space, files = {"__name__": "__main__"}, []

    def cell(source):
        files.append(f"/tmp/ipykernel_0/{len(files)}.py")
        linecache.cache[files[-1]] = (len(source), None, source.splitlines(True), files[-1])
        exec(compile(source, files[-1], "exec"), space)
        return space

    yield cell
    for file in files:
        del linecache.cache[file]


def sheet(name, stage=STAGE, kind="value"):
    return {"exercise": name, "stage": stage, "kind": kind}


def keep(notebook, source, name, stage=STAGE):
    """Run a cell and collect its function -> the library's text."""
    library.collect(notebook(source)[name], sheet(name, stage))
    path = library.home() / library.FILE
    return path.read_text() if path.is_file() else ""


def run(room, code):
    """A fresh Python imports the library alone -> what it prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=room, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_function_comes_with_its_imports_constants_and_helpers_and_works_alone(room, notebook, capsys):
    notebook("import numpy as np, math as m\nfrom course import check, data")
    notebook("from functools import lru_cache\nEPS = 1e-12\nSIZES = (2, 3)\nscratch = np.zeros(3)")
    notebook("def shifted(z):\n    return z - z.max() + EPS")
    notebook("class Box:\n    def __init__(self, z):\n        self.z = shifted(z)")
    keep(
        notebook,
        "@lru_cache\ndef _depth(n):\n    return n\n\n\ndef odd(z):\n    # mine\n    e = np.exp(Box(z).z) * m.pi ** 0\n"
        "    return e / e.sum() * SIZES[0] * _depth(1) * len([x for x in e]) / 6",
        "odd",
    )
    assert "odd is in your library now: my_library.py, with 1 function of yours." in capsys.readouterr().out
    assert (
        run(room, "import my_library as m, numpy as np; print(m.odd(np.array([0., 0., 0.])).sum().round(6))") == "1.0"
    )
    text = (room / "my_library.py").read_text()
    assert "# mine" in text and "scratch" not in text and "course" not in text.split('"""')[2]
    assert run(room, "import my_library, sys; print('numba' in sys.modules)") == "False"


def test_what_is_compiled_stays_compiled_and_only_then_needs_numba(room, notebook):
    notebook("import numpy as np\nfrom numba import njit, prange")
    keep(
        notebook,
        "@njit(parallel=True)\ndef total(x):\n    s = 0.0\n    for i in prange(len(x)):\n        s += x[i]\n    return s",
        "total",
        "09_numba",
    )
    code = "import my_library as m, numpy as np; print(type(m.total).__name__, m.total(np.ones(4)))"
    assert run(room, code) == "CPUDispatcher 4.0"


def test_a_kernel_is_kept_with_its_decorator_and_its_tile(room, notebook):
    notebook("from numba import cuda, float32\nTILE = 4")
    text = keep(
        notebook, "@cuda.jit\ndef copy(x, y):\n    i = cuda.grid(1)\n    if i < TILE:\n        y[i] = x[i]", "copy"
    )
    assert "from numba import cuda\n" in text and "TILE = 4\n" in text and "@cuda.jit\ndef copy" in text
    assert "float32" not in text


def test_what_leans_on_data_of_the_notebook_is_told_why_it_is_not_kept(room, notebook, capsys):
    notebook("import numpy as np\npictures = np.zeros((3, 4))")
    assert keep(notebook, "def mean():\n    return pictures.mean()", "mean") == ""
    assert "it uses pictures from outside. Hand that in as an argument" in capsys.readouterr().out
    space = notebook(
        "def make():\n    k = 2\n    def twice(x):\n        return k * x\n    return twice\ntwice = make()"
    )
    with pytest.raises(NotAlone, match="uses `k`"):
        excerpt(space["twice"])


def test_functions_stand_in_the_order_of_the_course_whatever_the_order_of_passing(room, notebook):
    cells = [{"source": [f"check({name})"]} for name in ("one", "two", "three")]
    (room / STAGE / f"{STAGE}.ipynb").write_text(json.dumps({"cells": cells}))
    for name, stage in (
        ("three", STAGE),
        ("late", "15_beyond"),
        ("one", STAGE),
        ("early", "00_claims"),
        ("two", STAGE),
    ):
        text = keep(notebook, f"def {name}(x):\n    return x", name, stage)
    assert [node.name for node in ast.parse(text).body[1:]] == ["early", "one", "two", "three", "late"]
    headings = [line for line in text.splitlines() if line.startswith("# ── ")]
    assert headings == ["# ── 00 Test the claims ──", "# ── 03 Networks ──", "# ── 15 GAN, attention, capstone ──"]
    assert library.held(room) == {"00_claims": ["early"], STAGE: ["one", "two", "three"], "15_beyond": ["late"]}


def test_passing_again_replaces_that_function_and_the_same_again_says_nothing(room, notebook, capsys):
    keep(notebook, "def f(x):\n    return x", "f")
    keep(notebook, "def g(x):\n    return x", "g")
    capsys.readouterr()
    before = (room / "my_library.py").stat().st_mtime_ns
    keep(notebook, "def f(x):\n    return x", "f")
    assert capsys.readouterr().out == "" and (room / "my_library.py").stat().st_mtime_ns == before
    text = keep(notebook, "def f(x):\n    return +x", "f")
    assert capsys.readouterr().out == "my_library.py has this version of f now.\n"
    assert text.count("def f(") == text.count("def g(") == 1 and "return +x" in text


OWN = '''"""Mine."""

from __future__ import annotations

import math as m  # noqa


def area(r):  # my own \x0c kept
    return m.pi * r**2


if __name__ == "__main__":
    print(area(1))
'''


def test_every_line_the_learner_wrote_is_still_there(room, notebook):
    (room / "my_library.py").write_text(OWN)
    notebook("import numpy as np")
    text = keep(notebook, "def f(x):\n    return np.abs(x)", "f")
    keep(notebook, "def g(x):\n    return x", "g", "01_one_neuron")
    text = keep(notebook, "def f(x):\n    return np.abs(x) + 0", "f")
    kept = iter(text.splitlines())
    assert all(line in kept for line in OWN.splitlines()), "all of them, in their order"
    assert run(room, "import my_library as m; print(m.area(0), m.f(-2), m.g(1))") == "0.0 2 1"


def test_a_function_changed_by_hand_stays_and_the_learner_is_told_how_to_replace_it(room, notebook, capsys):
    path = room / "my_library.py"
    mine = keep(notebook, "def f(x):\n    return x", "f").replace("return x", "return x  # faster one day")
    path.write_text(mine)
    assert keep(notebook, "def f(x):\n    return -x", "f") == mine
    assert "delete the lines from # >>> f to # <<< f there and check again" in capsys.readouterr().out
    lines = mine.splitlines()
    cut = lines[: lines.index(next(x for x in lines if x.startswith("# >>> f")))] + lines[lines.index("# <<< f") + 1 :]
    path.write_text("\n".join(cut))
    assert "return -x" in keep(notebook, "def f(x):\n    return -x", "f")


def test_the_same_change_here_and_there_is_no_quarrel(room, notebook, capsys):
    path = room / "my_library.py"
    path.write_text(keep(notebook, "def f(x):\n    return x", "f").replace("return x", "return 1 * x"))
    keep(notebook, "def f(x):\n    return 1 * x", "f")
    text = keep(notebook, "def f(x):\n    return 2 * x", "f")
    assert "return 2 * x" in text and "stays" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "there, told",
    {
        "def f(x):\n    return 7\n": "holds a f of your own, so that one stays",
        "f = None\n": "holds a f of your own",
        "import math as np\n": "it uses np, and my_library.py has another np",
        "def helper(x):\n    return 8\n": "it uses helper, and my_library.py has another helper",
        "def broken(:\n": "Python cannot read line 1 of my_library.py",
    }.items(),
)
def test_what_the_learner_has_there_is_never_overruled(room, notebook, capsys, there, told):
    (room / "my_library.py").write_text(there)
    notebook("import numpy as np\n\ndef helper(x):\n    return np.abs(x)")
    assert keep(notebook, "def f(x):\n    return helper(x)", "f") == there
    assert told in capsys.readouterr().out


def test_a_block_whose_end_is_gone_belongs_to_the_learner(room, notebook, capsys):
    path = room / "my_library.py"
    mine = keep(notebook, "def f(x):\n    return x", "f").replace("# <<< f\n", "")
    path.write_text(mine)
    assert keep(notebook, "def f(x):\n    return -x", "f") == mine and "of your own" in capsys.readouterr().out


def test_line_ends_and_a_mark_at_the_start_of_the_file_are_no_obstacle(room, notebook):
    (room / "my_library.py").write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    keep(notebook, "def f(x):\n    return x", "f")
    data = (room / "my_library.py").read_bytes()
    assert b"def f(x):\r\n" in data and data.count(b"\n") == data.count(b"\r\n")


@pytest.mark.parametrize("reason", ["validate", "autograde"])
def test_nothing_is_written_while_nbgrader_runs(room, notebook, monkeypatch, capsys, reason):
    monkeypatch.setenv("NBGRADER_EXECUTION", reason)
    assert keep(notebook, "def f(x):\n    return x", "f") == "" and capsys.readouterr().out == ""


def test_open_is_pythons_own_although_ipython_wraps_it(room, notebook):
    notebook("import functools\nopen = functools.wraps(open)(lambda *args: None)")
    library.collect(notebook("def save(path):\n    return open(path)")["save"], sheet("save"))
    assert "def save(path):\n    return open(path)" in (room / "my_library.py").read_text()
    library.collect(notebook("open = 3\n\ndef kept():\n    return open")["kept"], sheet("kept"))
    assert "open = 3" in (room / "my_library.py").read_text()


def test_a_probe_is_no_function_to_keep(room, notebook):
    library.collect(notebook("def tests():\n    return [1]")["tests"], sheet("tests", kind="probe"))
    assert not (room / "my_library.py").exists()


@pytest.mark.parametrize("thing", [len, type("Odd", (), {"__name__": "odd", "__call__": lambda self: 1})()])
def test_what_has_no_source_costs_one_sentence_and_no_traceback(room, capsys, thing):
    library.collect(thing, sheet("odd"))
    assert "is not in your library" in capsys.readouterr().out and not (room / "my_library.py").exists()


def test_a_disk_that_takes_nothing_costs_one_sentence(room, notebook, capsys):
    (room / "my_library.py").mkdir()
    keep(notebook, "def f(x):\n    return x", "f")
    assert "my_library.py cannot be written" in capsys.readouterr().out


def test_stages_fetched_through_nbgrader_share_what_holds_them(tmp_path, monkeypatch):
    (tmp_path / STAGE / ".threshold").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / STAGE)
    assert library.home() == tmp_path


def test_it_is_imported_from_any_stage_and_follows_what_passes_later(room, notebook, monkeypatch):
    keep(notebook, "def f(x):\n    return x", "f")
    monkeypatch.chdir(room / "15_beyond")
    import my_library

    assert my_library.f(3) == 3 and not (room / "__pycache__").exists()
    keep(notebook, "def f(x):\n    return 2 * x", "f")
    assert my_library.f(3) == 6
    assert str(room) not in sys.path
    importlib.invalidate_caches()  # asks every finder there is


def test_a_later_lesson_runs_on_the_learners_function_and_says_whose_it_is(room, notebook, capsys):
    def course(name):
        ours = ast.parse(f"def {name}(x):\n    return 'the course'")
        space = {}
        exec(compile(ours, "course", "exec"), space)
        return library.yours(lesson=3)(space[name])

    assert course("f")(1) == "the course"
    library.whose("f")
    assert capsys.readouterr().out == "Runs on the course's f (lesson 3), until yours is in my_library.py.\n"
    keep(notebook, "def f(x):\n    return 'mine'", "f")
    capsys.readouterr()
    assert course("f")(1) == "mine" and course("g")(1) == "the course" and course("h")(1) == "the course"
    library.whose("f", "g", "h")
    assert capsys.readouterr().out.splitlines() == [
        "Runs on your own f (lesson 3).",
        "Runs on the course's g (lesson 3) and h (lesson 3), until yours are in my_library.py.",
    ]


def test_a_library_that_stumbles_is_told_once_and_the_course_stands_in(room, capsys):
    (room / "my_library.py").write_text("def f(x):\n    return 1\n\n1 / 0\n")
    ours = library.yours(lesson=1)(lambda x: 2)
    again = library.yours(lesson=1)(lambda x: 3)
    assert (ours(0), again(0)) == (2, 3)
    assert capsys.readouterr().out.count("cannot be imported (ZeroDivisionError: division by zero)") == 1


def test_nbgrader_meets_the_courses_functions_only(room, monkeypatch):
    (room / "my_library.py").write_text("def f(x):\n    return 'mine'\n")
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")

    def f(x):
        return "the course"

    assert library.yours(lesson=1)(f) is f


def test_two_kernels_at_once_lose_nothing(room):
    code = """
import linecache, sys
from course import library
who = sys.argv[1]
for i in range(8):
    source = f"def f_{who}_{i}(x):\\n    return x\\n"
    linecache.cache[f"/tmp/ipykernel_1/{i}"] = (1, None, source.splitlines(True), "")
    space = {}
    exec(compile(source, f"/tmp/ipykernel_1/{i}", "exec"), space)
    library.collect(space[f"f_{who}_{i}"], {"exercise": "f", "stage": "03_networks", "kind": "value"})
"""
    both = [subprocess.Popen([sys.executable, "-c", code, who], cwd=room / STAGE, stdout=-3) for who in "ab"]
    assert [process.wait(60) for process in both] == [0, 0]
    assert len(library.held(room)[STAGE]) == 16


def test_the_marks_are_read_back_as_they_were_written():
    text = shelf.add("", excerpt(shelf._digest), STAGE)
    (block,) = shelf.blocks(text)
    assert (block.name, block.stage, block.edited) == ("_digest", STAGE, False)
