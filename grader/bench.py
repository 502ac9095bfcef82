"""python -m grader.bench [--submissions N] [--json]: what grading costs, against plain `nbgrader autograde`.

The same submissions of the same release go through nbgrader as it comes and through ours, one after the other in one
run. A ratio is ours against plain nbgrader's, per submission: what a command costs before its first submission is
taken off by grading a few and many. Lower is better. The processor's time is that of everything a command starts, counted
by a control group (cpugroup.py); where none can be made, nothing is measured.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from nbformat.v4 import new_code_cell

from course.bench.row import row
from grader import CLONE
from grader.classroom import Classroom
from grader.cpugroup import NoGroups, cpu_group
from grader.exercises import of_stage
from grader.notebook import instructor_notebook, model_source, student_notebook
from grader.release import release

PLAIN = "c = get_config()\nc.CourseDirectory.course_id = 'plain'\nc.CourseDirectory.root = {root!r}\n"
PLOT = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2, 4])\nplt.show()"
NOTEBOOKS = {"compiled": "09_numba", "NumPy": "01_one_neuron"}
FEW = 2


def main(argv=None):
    """Measure, print, and exit with 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m grader.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=12, metavar="N", help="of each kind of notebook")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median counts")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")
    chosen = parser.parse_args(argv)
    if chosen.submissions <= FEW or chosen.rounds < 1:
        parser.error(f"--submissions must be more than {FEW}, --rounds at least 1")
    try:
        with cpu_group():
            pass
    except NoGroups as refusal:
        parser.error(str(refusal))
    rows = []
    with tempfile.TemporaryDirectory(prefix="threshold-bench-") as folder:
        for kind, stage in NOTEBOOKS.items():
            rows += rows_of(Path(folder), kind, stage, chosen)
    if chosen.json:
        json.dump({"machine": machine(), "rows": [asdict(one) for one in rows]}, sys.stdout, indent=1)
    else:
        print(f"{machine()}; {chosen.submissions} submissions of each notebook", *map(line, rows), sep="\n")
    return int(not all(one.met for one in rows))


def line(row):
    """A Row as it is printed."""
    met = "met" if row.met else "MISSED"
    return f"{row.name:58} {row.ratio:6.3f}  ({row.low:.3f} … {row.high:.3f})  goal ≤ {row.goal:g}: {met}"


def rows_of(folder, kind, stage, chosen):
    """The rows of one kind of notebook."""
    built = Classroom(folder / f"{kind}-built").create()
    release(built, stage)
    costs = [one_round(folder / f"{kind}-{k}", built, stage, chosen.submissions) for k in range(chosen.rounds)]
    goals = {"compiled": (0.6, 0.4), "NumPy": (0.1, 0.1)}[kind]
    cpu = [cost["ours"].cpu / cost["plain"].cpu for cost in costs]
    wall = [cost["pair"].wall / cost["plain"].wall for cost in costs]
    return [
        row(f"{kind} notebook: CPU, ours / plain", cpu, goals[0]),
        row(f"{kind} notebook: wall to the scores, 2 at a time, ours / plain", wall, goals[1]),
        row(f"{kind} notebook: again, unchanged: seconds each", [cost["again"].wall for cost in costs], 0.2),
    ]


@dataclass(frozen=True)
class Cost:
    """Seconds for one submission."""

    cpu: float
    wall: float


def one_round(folder, built, stage, many):
    """Costs of one submission: plain, ours one at a time, ours two at a time, ours when nothing has changed."""
    plain = [sys.executable, "-m", "nbgrader", "autograde", stage]
    ours = [sys.executable, "-m", "course.cli", "grade", stage, "--no-feedback", "--jobs"]
    found, again = {}, []
    for name, command in (("plain", plain), ("ours", [*ours, "1"]), ("pair", [*ours, "2"])):
        runs = []
        for count in (FEW, many):
            root = class_with(folder / f"{name}-{count}", built, stage, count, plain=name == "plain")
            runs.append(timed(command, root))
            if name == "pair":
                again.append(timed(command, root))
        found[name] = per_submission(*runs, many)
    return found | {"again": per_submission(*again, many)}


def per_submission(few, whole, many):
    """The slope between a few and many submissions."""
    return Cost((whole.cpu - few.cpu) / (many - FEW), (whole.wall - few.wall) / (many - FEW))


def class_with(root, built, stage, count, *, plain):
    """A copy of the class with `count` solved submissions, no two alike."""
    shutil.copytree(built.root, root)
    if plain:
        (root / "nbgrader_config.py").write_text(PLAIN.format(root=str(root)))
    for k in range(count):
        folder = root / "submitted" / f"student{k:03}" / stage
        folder.mkdir(parents=True)
        (folder / f"{stage}.ipynb").write_text(json.dumps(solved(stage, k)))
        shutil.copytree(root / "release" / stage / "checks", folder / "checks")
    return root


def solved(stage, k):
    """The student's notebook with model answers and a plot, and a cell that makes it another notebook."""
    notebook = student_notebook(instructor_notebook(stage))
    for name, exercise in of_stage(stage).items():
        cell = next(cell for cell in notebook.cells if cell.id == name)
        cell.source = "\n".join(model_source(exercise.model, solution=True))
    notebook.cells += [new_code_cell(f"# {k}", id="own-0"), new_code_cell(PLOT, id="own-1")]
    return notebook


def timed(command, root):
    """What a command costs, with all it starts."""
    environment = os.environ | {"PYTHONPATH": str(CLONE)}
    with cpu_group() as group:
        start = time.perf_counter()
        run = group.run(command, cwd=root, capture_output=True, text=True, env=environment)
        wall = time.perf_counter() - start
        if run.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{run.stderr[-2000:]}")
        return Cost(group.seconds(), wall)


def machine():
    """What the figures were measured on."""
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
