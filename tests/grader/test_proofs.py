"""Each proof of a release, tried on a release in which the very fault it is for was planted."""

import base64
import time

import nbformat
import numpy as np
import pytest

from course.wire import pack
from grader import answers, helpers, leaks, markers, proofs, release, stages
from grader.exercise import Misconception
from grader.notebook import instructor_notebook, model_source, to_bytes
from tests.grader.conftest import SOURCE
from tests.grader.kinds import KINDS

SECRET = b"5ec2e7" * 10
RELEASED_CELL = "shuffled"


@pytest.fixture
def files(stage_of_kinds):
    """A sound release, to be spoiled."""
    return dict(release.student_files(stage_of_kinds))


def leaks_of(stage, files):
    return list(leaks.leaks(stage, files, secrets=[SECRET], places=["/srv/classes/dl101"]))


def spoil(stage, files, change):
    """Change the released notebook."""
    notebook = nbformat.reads(files[f"{stage}.ipynb"].decode(), as_version=4)
    change({cell.id: cell for cell in notebook.cells}, notebook)
    files[f"{stage}.ipynb"] = to_bytes(notebook)


def write_into(stage, files, text, cell=RELEASED_CELL):
    def change(cells, _):
        cells[cell].source += text

    spoil(stage, files, change)


def test_a_sound_release_leaks_nothing(stage_of_kinds, files):
    assert leaks_of(stage_of_kinds, files) == []


class TestLeaks:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("\nreturn  rng.permutation( n )  # psst", "`return rng.permutation(n)`"),
            ("\n# return rng.permutation(n)", "`return rng.permutation(n)`"),
            ("\n# for i in np.ndindex(x.shape): step = np.zeros_like(\n#    x)\n#step[\n#i] = 1e-5\n# g[i]", "“"),
        ],
        ids=["in other spacing", "in a comment", "in a comment, over lines"],
    )
    def test_an_answer_in_a_cell(self, stage_of_kinds, files, text, told):
        write_into(stage_of_kinds, files, text)
        (found,) = leaks_of(stage_of_kinds, files)
        assert found.startswith(f"{stage_of_kinds}.ipynb, cell shuffled: contains {told}")

    def test_an_answer_under_other_names(self, stage_of_kinds, files):
        text = "\ndef mine(h, a):\n    q = np.zeros_like(a)\n    for k in np.ndindex(a.shape):\n"
        text += "        t = np.zeros_like(a)\n        t[k] = 1e-5\n        q[k] = (h(a + t) - h(a - t)) / 2e-5\n"
        write_into(stage_of_kinds, files, text)
        (found,) = leaks_of(stage_of_kinds, files)
        assert "with other names perhaps, from the solution of slope" in found

    def test_an_answer_in_prose(self, stage_of_kinds, files):
        source = "\n".join(model_source(KINDS["slope"].model, solution=True))

        def change(_, notebook):
            notebook.cells.append(nbformat.v4.new_markdown_cell(f"Try this:\n\n{source}", id="told"))

        spoil(stage_of_kinds, files, change)
        assert any(f"{stage_of_kinds}.ipynb, cell told: contains" in found for found in leaks_of(stage_of_kinds, files))

    @pytest.mark.parametrize("quoted", ["It is `{}`, in one line.", "Like this:\n\n```python\n{}\n```\n"])
    def test_a_short_answer_in_prose_without_its_return(self, stage_of_kinds, files, quoted):
        bodies = {name: model_source(KINDS[name].model, solution=True)[1] for name in KINDS}
        name, expression = next((name, value) for name in bodies for value in answers.returned(bodies[name]))

        def change(_, notebook):
            notebook.cells.append(nbformat.v4.new_markdown_cell(quoted.format(expression), id="told"))

        spoil(stage_of_kinds, files, change)
        (found,) = leaks_of(stage_of_kinds, files)
        assert found == f"{stage_of_kinds}.ipynb, cell told: contains `{expression}` from the solution of {name}"

    def test_the_instructors_notebook(self, stage_of_kinds, files):
        files[f"{stage_of_kinds}.ipynb"] = to_bytes(instructor_notebook(stage_of_kinds))
        found = leaks_of(stage_of_kinds, files)
        assert f"{stage_of_kinds}.ipynb: contains BEGIN SOLUTION" in found
        assert sum("from the solution of" in line for line in found) >= len(KINDS) - 1

    def test_what_an_exercise_reveals_is_no_leak_and_what_it_keeps_is(self, stage_of_kinds, files):
        slope = KINDS["slope"]
        object.__setattr__(slope, "reveal", "parsons")
        try:
            shown = dict(release.student_files(stage_of_kinds))
            assert "out of order" in shown[f"{stage_of_kinds}.ipynb"].decode()
            assert leaks_of(stage_of_kinds, shown) == []
        finally:
            object.__setattr__(slope, "reveal", "none")
        assert any("slope" in line for line in leaks_of(stage_of_kinds, shown))

    def test_an_output(self, stage_of_kinds, files):
        def change(cells, _):
            cells["shuffled"].outputs = [nbformat.v4.new_output("stream", text="[2 0 1]")]

        spoil(stage_of_kinds, files, change)
        assert "cell shuffled: has an output already" in leaks_of(stage_of_kinds, files)[0]

    @pytest.mark.parametrize(
        "name", ["solution.py", "__pycache__/x.pyc", "gradebook.db", "checks/../dense.so", "checks/twins.so", "a.c"]
    )
    def test_a_file_of_a_kind_that_is_not_released(self, stage_of_kinds, files, name):
        files[name] = b""
        assert leaks_of(stage_of_kinds, files) == [f"{name}: this kind of file has no place in a release"]

    @pytest.mark.parametrize(
        ("content", "what"),
        [
            (b"\x7fELF\2\1\1", "compiled code"),
            (b"\xa7\r\r\n" + bytes(12), "compiled Python"),
            (b"SQLite format 3\0", "a database, and grades are kept in one"),
            (b"PK\3\4", "an archive"),
        ],
        ids=["library", "bytecode", "gradebook", "zip"],
    )
    def test_such_a_file_under_an_innocent_name(self, stage_of_kinds, files, content, what):
        files["checks/scale.safetensors"] = content
        assert f"checks/scale.safetensors: is {what}" in leaks_of(stage_of_kinds, files)

    @pytest.mark.parametrize(
        ("word", "what"),
        [
            (SECRET, "the class secret"),
            (SECRET[::-1], "the class secret"),
            (bytes.fromhex(SECRET.decode()), "the class secret"),
            (base64.b64encode(SECRET), "the class secret"),
            (b"/srv/classes/dl101/source", "a path of this machine, /srv/classes/dl101"),
            (str(leaks.CLONE).encode() + b"/solutions", f"a path of this machine, {leaks.CLONE}"),
            (b"/Users/ada/secret.txt", "the path of somebody's folder, /Users/ada"),
            (b"C:\\\\Users\\\\ada\\\\x", "the path of somebody's folder, C:\\\\Users\\\\ada"),
            (b"### BEGIN HIDDEN TEST", "HIDDEN TEST"),
        ],
        ids=["secret", "turned", "bytes", "base64", "class", "clone", "home", "windows", "mark"],
    )
    def test_a_word_in_a_sheet(self, stage_of_kinds, files, word, what):
        files["checks/scale.safetensors"] += word
        found = leaks_of(stage_of_kinds, files)
        assert f"checks/scale.safetensors: contains {what}" in found
        assert len(found) == 2  # and it is no part of the sheet

    def test_hidden_inputs_in_a_sheet(self, stage_of_kinds, files):
        files["checks/scale.safetensors"] = pack(KINDS["scale"].sheet("a hidden seed"))
        assert leaks_of(stage_of_kinds, files) == ["checks/scale.safetensors: holds other inputs than the visible ones"]

    def test_bytes_hidden_in_a_sheet(self, stage_of_kinds, files):
        sheet = KINDS["scale"].sheet(KINDS["scale"].visible_seed)
        files["checks/scale.safetensors"] = pack(sheet | {"cases": sheet["cases"][:2]})
        assert leaks_of(stage_of_kinds, files) == ["checks/scale.safetensors: holds other inputs than the visible ones"]
        files["checks/scale.safetensors"] = b"nothing"
        assert "checks/scale.safetensors: is no answer sheet (WireError)" in leaks_of(stage_of_kinds, files)

    def test_the_sheet_of_another_stage(self, stage_of_kinds, files):
        files["checks/adam_step.safetensors"] = files["checks/scale.safetensors"]
        (found,) = leaks_of(stage_of_kinds, files)
        assert found == f"checks/adam_step.safetensors: is the answer sheet of no exercise of {stage_of_kinds}"

    def test_a_release_without_its_notebook(self, stage_of_kinds, files):
        del files[f"{stage_of_kinds}.ipynb"]
        assert leaks_of(stage_of_kinds, files) == [f"{stage_of_kinds}.ipynb: is missing"]


class TestMarks:
    @pytest.mark.parametrize(
        ("line", "meant"),
        [
            ("### BEGIN HIDDEN TEST", "BEGIN HIDDEN TESTS"),
            ("### END HIDDEN TEST", "END HIDDEN TESTS"),
            ("### BEGIN SOLUTON", "BEGIN SOLUTION"),
            ("### BEGIN SOLUTIONS", "BEGIN SOLUTION"),
            ("###BEGIN SOLUTION", "BEGIN SOLUTION"),
            ("# BEGIN SOLUTION", "BEGIN SOLUTION"),
            ("### Begin Solution", "BEGIN SOLUTION"),
            ("### BEGIN_SOLUTION", "BEGIN SOLUTION"),
            ("    ### END SOLUTOIN", "END SOLUTION"),
            ("### BEGIN MARKSCHEME", "BEGIN MARK SCHEME"),
            ("<!-- BEGIN SOLUTION -->", "BEGIN SOLUTION"),
        ],
    )
    def test_a_slip_marks_nothing_and_is_refused(self, line, meant):
        (found, *_) = markers.faults_of_markers(f"x = 1\n{line}\ny = 2")
        assert found == f"line 2: `{line.strip()}` marks nothing; is `### {meant}` meant?"

    @pytest.mark.parametrize(
        "source",
        [
            "### BEGIN SOLUTION\nx = 1\n### END SOLUTION",
            "# begin with the easy case",
            "# the solution begins to oscillate",
            "### The end of the solution",
            "begin solution",
            "# hidden units",
        ],
    )
    def test_marks_in_order_and_words_that_are_none_pass(self, source):
        assert list(markers.faults_of_markers(source)) == []

    def test_hidden_tests_have_no_use_here(self):
        found = list(markers.faults_of_markers("### BEGIN HIDDEN TESTS\nassert f(1)\n### END HIDDEN TESTS"))
        assert len(found) == 2 and all("has no use here" in line for line in found)

    @pytest.mark.parametrize("marks", [["BEGIN"], ["END", "BEGIN"], ["BEGIN", "BEGIN", "END", "END"]], ids=" ".join)
    def test_marks_without_their_partner(self, marks):
        (found,) = markers.faults_of_markers("\n".join(f"### {mark} SOLUTION" for mark in marks))
        assert "each BEGIN SOLUTION needs its END SOLUTION" in found

    @pytest.mark.parametrize("key", ["exercize", "excercise", "rol", "point", "ids"])
    def test_a_misspelled_key_of_a_cell(self, key):
        (found,) = markers.faults_of_keys([key, "role"])
        assert found.startswith(f"`{key}=` is no key of a cell; is ")

    def test_the_fault_names_file_and_cell(self, stage_of_kinds, tmp_path, monkeypatch):
        slip = "# ### BEGIN HIDDEN TEST\n# %% id='odd' rol='setup'\n### BEGIN HIDDEN TEST\nassert True\n"
        (tmp_path / f"{stage_of_kinds}.py").write_text(SOURCE + slip)
        monkeypatch.setattr(stages, "FOLDER", tmp_path)
        assert list(proofs.faults_of_source(stage_of_kinds)) == [
            f"course/stages/{stage_of_kinds}.py, cell odd: `rol=` is no key of a cell; is role meant?"
        ]
        (found,) = proofs.faults_of_cells(
            stage_of_kinds, nbformat.v4.new_notebook(cells=[instructor_notebook(stage_of_kinds).cells[-1]])
        )
        assert found == (
            f"{stage_of_kinds}.ipynb, cell odd: line 1: `### BEGIN HIDDEN TEST` marks nothing; "
            "is `### BEGIN HIDDEN TESTS` meant?"
        )


class TestExercises:
    """Model answer, stub, misconceptions: a fault planted in an exercise is named with its file."""

    def faults(self, **changes):
        exercise = KINDS["scale"]
        before = {name: getattr(exercise, name) for name in changes}
        try:
            for name, value in changes.items():
                object.__setattr__(exercise, name, value)
            return list(proofs.faults_of_exercise(exercise))
        finally:
            for name, value in before.items():
                object.__setattr__(exercise, name, value)

    def test_a_sound_exercise(self):
        assert self.faults() == []

    def test_a_model_answer_that_is_not_right(self):
        calls = iter(range(1000))

        def drifting(x, factor):
            """Never the same twice."""
            return {"scaled": x * factor + next(calls), "largest": 0.0}

        found = self.faults(model=drifting, misconceptions=())
        assert found and all(line.startswith("tests/grader/kinds.py, scale: the model answer gets") for line in found)

    def test_a_stub_that_earns_points(self, monkeypatch):
        monkeypatch.setattr(proofs, "_stub", KINDS["scale"].model)
        assert any("scale: an untouched stub is right with 2 points" in line for line in self.faults())

    def test_a_misconception_that_is_right_after_all(self):
        found = self.faults(misconceptions=(Misconception("fine", KINDS["scale"].model, "?"),))
        assert "tests/grader/kinds.py, scale: the misconception “fine” gets full points" in found
        assert "tests/grader/kinds.py, scale: the misconception “fine” is diagnosed as right" in found

    def test_two_misconceptions_that_nobody_can_tell_apart(self):
        wrong = KINDS["scale"].misconceptions[0]
        found = self.faults(misconceptions=(wrong, Misconception("adds, too", wrong.wrong, "?")))
        assert any("“adds” is diagnosed as adds, adds, too" in line for line in found)


@pytest.mark.slow
class TestRuns:
    """The proofs that run notebooks, tried on notebooks with a fault."""

    def faults(self, stage, source, role="demo"):
        notebook = instructor_notebook(stage)
        notebook.cells = [notebook.cells[1], nbformat.v4.new_code_cell(source, id="odd")]
        notebook.cells[1].metadata["threshold"] = {"role": role}
        return proofs.faults_of_run(stage, notebook, release.student_files(stage))

    def test_an_error(self, stage_of_kinds):
        assert self.faults(stage_of_kinds, "1 / 0") == [
            f"{stage_of_kinds}.ipynb, cell odd: ZeroDivisionError: division by zero"
        ]

    def test_stderr(self, stage_of_kinds):
        faults = self.faults(stage_of_kinds, "import sys; print('hm', file=sys.stderr)", role="setup")
        assert faults == [f"{stage_of_kinds}.ipynb, cell odd: writes to stderr: hm"]

    def test_a_figure_without_alternative_text(self, stage_of_kinds):
        source = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()"
        (found,) = self.faults(stage_of_kinds, source)
        assert found.startswith(f"{stage_of_kinds}.ipynb, cell odd: a figure without alternative text")

    @pytest.mark.parametrize(("html", "faults"), [("<img src='x'>", 1), ("<img alt='a cat' src='x'>", 0)])
    def test_a_picture_in_html(self, stage_of_kinds, html, faults):
        source = f"from IPython.display import HTML, display\ndisplay(HTML({html!r}))"
        assert len(self.faults(stage_of_kinds, source)) == faults

    def test_a_setup_that_takes_too_long(self, stage_of_kinds, monkeypatch):
        monkeypatch.setattr(proofs, "GRADED_SECONDS", 0.2)
        faults = self.faults(stage_of_kinds, "import time; time.sleep(0.5)", role="setup")
        assert any("0.2 s are allowed" in line for line in faults)

    def test_a_cell_that_never_ends(self, stage_of_kinds, monkeypatch):
        monkeypatch.setattr(proofs, "CELL_SECONDS", 5)
        began = time.monotonic()
        faults = self.faults(stage_of_kinds, "while True: pass")
        assert faults == [f"{stage_of_kinds}.ipynb, cell odd: takes longer than the 5 s allowed"]
        assert time.monotonic() - began < 60

    def test_a_cell_that_kills_its_kernel(self, stage_of_kinds):
        faults = self.faults(stage_of_kinds, "import os; os._exit(1)")
        assert faults == [f"{stage_of_kinds}.ipynb, cell odd: ends the Python process it runs in"]

    def test_a_student_notebook_that_passes_its_checks_unwritten(self, stage_of_kinds):
        notebook = instructor_notebook(stage_of_kinds)
        faults = proofs.faults_of_stub_run(stage_of_kinds, notebook, release.student_files(stage_of_kinds))
        says = "should raise NotWritten at a stub; it says nothing: it passes"
        assert faults == [f"{stage_of_kinds}.ipynb, cell check-{name}: {says}" for name in KINDS]

    def test_a_second_check_that_passes_unwritten_is_found_behind_the_first(self, stage_of_kinds, files):
        notebook = nbformat.reads(files[f"{stage_of_kinds}.ipynb"].decode(), as_version=4)
        assert proofs.faults_of_stub_run(stage_of_kinds, notebook, files) == []
        last = list(KINDS)[-1]
        next(cell for cell in notebook.cells if cell.id == f"check-{last}").source = "1 + 1"
        (found,) = proofs.faults_of_stub_run(stage_of_kinds, notebook, files)
        assert f"cell check-{last}: should raise NotWritten" in found

    def test_a_student_notebook_that_stops_before_its_first_check(self, stage_of_kinds, files):
        def change(cells, notebook):
            notebook.cells.insert(
                1, nbformat.v4.new_code_cell("1 / 0", id="odd", metadata={"threshold": {"role": "demo"}})
            )

        spoil(stage_of_kinds, files, change)
        notebook = nbformat.reads(files[f"{stage_of_kinds}.ipynb"].decode(), as_version=4)
        (found,) = proofs.faults_of_stub_run(stage_of_kinds, notebook, files)
        assert (
            found
            == f"{stage_of_kinds}.ipynb, cell odd: stops the student's notebook: ZeroDivisionError: division by zero"
        )


def test_a_helper_beside_the_model_answer(stage_of_kinds):
    notebook = instructor_notebook(stage_of_kinds)
    cells = {cell.id: cell for cell in notebook.cells}
    assert helpers.missing_names(notebook) == {}
    cells["shuffled"].source += "\n\ndef other(n):\n    return [_helped(k, np, n, len) for k in range(n)]"
    said = "cell shuffled: the answer uses `_helped` from outside its body: write it out"
    assert said in " ".join(proofs.faults_of_cells(stage_of_kinds, notebook))
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source += "\ndef _helped(*_): ..."
    assert helpers.missing_names(notebook) == {}, "what a cell above defines is there"
    first.metadata["threshold"]["role"] = "demo"
    assert "_helped" in helpers.missing_names(notebook)["shuffled"], "but not what grading does not run"


def test_a_picture_in_prose_without_words(stage_of_kinds):
    def faults(source):
        cells = [nbformat.v4.new_markdown_cell(source, id="seen")]
        return list(proofs.faults_of_cells(stage_of_kinds, nbformat.v4.new_notebook(cells=cells)))

    assert faults("![](x.png)") and faults("<img src='x.png'>") and faults('<img alt="" src="x.png">')
    assert not faults("![a cat](x.png)") and not faults('<img src="x.png" alt="a cat">')


def test_shapes_are_blind_to_names_and_see_everything_else():
    one = answers.shapes("w = w - rate * (x * (y - np.exp(z) / np.sum(np.exp(z)))) + np.exp(w)")
    assert one.keys() & answers.shapes("q = q - r * (a * (b - xp.exp(c) / xp.sum(xp.exp(c)))) + xp.exp(q)").keys()
    assert not one.keys() & answers.shapes("q = q + r * (a * (b + xp.exp(c) * xp.sum(xp.exp(c)))) + xp.exp(q)").keys()
    assert np.all([len(text) > 12 for text in one.values()])
