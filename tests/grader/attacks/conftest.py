"""One class with every attack in it, graded once here and, with -m full, once by plain nbgrader.

The contrast is then printed at the end (tests/conftest.py).
"""

import multiprocessing
import os
import queue
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from nbgrader.apps.nbgraderapp import main

from grader import ahead, challenge
from grader.ahead import look_at
from grader.grading import grade_stage, look_up
from tests.grader.attacks import cells, files, floods, forging  # noqa: F401  registering
from tests.grader.attacks.registry import ATTACKS, STAGE
from tests.grader.submissions import solved, submit

READY = multiprocessing.get_context("forkserver")
READY.set_forkserver_preload([__name__])
PLAIN = "c = get_config()\nc.CourseDirectory.course_id = 'plain'\nc.CourseDirectory.root = {root!r}\n" \
        "c.ExecutePreprocessor.timeout = 5\nc.Execute.timeout = 5\n"  # fmt: skip
GOOD = ("anna", "zeno")
AT_ONCE = 3  # grading them is waiting, most of the time


@pytest.fixture(scope="session")
def attacked(class_of_stage_01, copy_of):
    """(the class, attack -> Result) after grading two honest students among all attackers."""
    classroom = copy_of(class_of_stage_01)
    for student in GOOD:
        submit(classroom, STAGE, solved(STAGE), student)
    for name, attack in ATTACKS.items():
        attack.make(classroom, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "look_at", look_at_in_haste)
        results = {result.student: result for result in grade_stage(classroom, STAGE, jobs=AT_ONCE)}
    return classroom, results


def look_at_in_haste(*item):
    """What a worker of the grader does with a submission; what never ends is waited for less long."""
    challenge.CALL_SECONDS, challenge.CELLS_SECONDS = 3.0, 4.0
    return look_at(*item)


@pytest.fixture(scope="session")
def plain(class_of_stage_01, copy_of):
    """plain(names of attacks) -> {name: what became of it in a class of nbgrader as it comes}: points, or "lost"."""
    classes, found = queue.SimpleQueue(), {}
    for _ in range(AT_ONCE):
        classroom = copy_of(class_of_stage_01)
        (classroom.root / "nbgrader_config.py").write_text(PLAIN.format(root=str(classroom.root)))
        classes.put(classroom)

    def what_became_of(name):
        if ATTACKS[name].plain:
            return f"not run: {ATTACKS[name].plain}"
        classroom = classes.get()
        try:
            ATTACKS[name].make(classroom, name)
            return outcome_in(classroom, name)
        finally:
            classes.put(classroom)

    def asked(names):
        new = [name for name in names if name not in found]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found.update(zip(new, pool.map(what_became_of, new), strict=True))
        return {name: found[name] for name in names}

    return asked


def outcome_in(classroom, name):
    """Autograde one submission as an instructor would, in a process of its own."""
    log = classroom.root / f"{name}.log"
    process = READY.Process(target=autograde, args=(classroom.root, name, log))
    process.start()
    process.join(90)
    if process.is_alive():
        os.killpg(process.pid, signal.SIGKILL)
        return "hangs"
    book = look_up(classroom.api(), STAGE, name)
    if process.exitcode:
        return "lost, with a traceback" if "Traceback" in log.read_text(errors="replace") else "lost"
    return "lost" if book is None else f"{book.points:g}"


def autograde(root, name, log):
    """What the command does, in a fork of a process that has imported nbgrader: a hundred times two seconds less."""
    os.setsid()
    with open(log, "w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(root)
    sys.argv = ["nbgrader", "autograde", STAGE, "--create", f"--student={name}"]
    main()
