"""No point forged, no submission lost, no process left, nobody else's grade touched."""

from pathlib import Path

import nbformat
import pytest

from tests.grader.attacks.conftest import GOOD
from tests.grader.attacks.registry import ATTACKS, FULL, STAGE
from tests.grader.submissions import text_of

pytestmark = pytest.mark.slow

every = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)


@every
def test_it_ends_with_its_points_its_status_and_its_words(attacked, attack, record_property):
    classroom, results = attacked
    result = results[attack.name]
    record_property("here", [attack.name, f"{result.status}, {result.points}"])
    assert (result.status, result.points) == (attack.status, attack.points), result.why
    assert attack.says in everything_read(classroom, attack.name)
    assert "Traceback" not in result.why


def everything_read(classroom, student):
    path = classroom.folder("autograded", STAGE, student) / f"{STAGE}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    return "\n".join(cell.source + text_of(cell.get("outputs", [])) for cell in notebook.cells)


def test_there_are_at_least_sixty():
    assert len(ATTACKS) >= 60


@pytest.mark.parametrize("student", GOOD)
def test_honest_work_beside_them_is_graded_as_if_nothing_were(attacked, student):
    _, results = attacked
    assert (results[student].status, results[student].points) == ("graded", FULL)


def test_nobody_is_lost(attacked):
    _, results = attacked
    assert set(results) == {*ATTACKS, *GOOD}


def test_no_process_survives(attacked):
    running = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if readable(path)]
    assert not [command for command in running if b"987654" in command]


def readable(path):
    try:
        path.read_bytes()
    except OSError:
        return False
    return True


def test_no_feedback_is_large_or_holds_a_script(attacked):
    classroom, results = attacked
    for student in results:
        page = (classroom.folder("feedback", STAGE, student) / f"{STAGE}.html").read_text()
        assert len(page.encode()) < 300_000, student
        assert "<script" not in page, student


# The contrast, not a rule: plain nbgrader gives points to whoever has no right answer, and loses others' work.
FOOLED = "check_does_nothing", "display_hook", "hook_before_each_cell", "patched_judge", "reference_imported"
LOST = "cell_says_exit", "check_cell_copied", "nested_json", "not_unicode", "renamed"
CHEATS = [
    name for name, attack in ATTACKS.items() if attack.points == 0 and attack.status == "graded" and not attack.plain
]


def fooled(became):
    return {name for name, what in became.items() if what[:1].isdigit() and float(what) > 0}


def test_plain_nbgrader_is_fooled_and_loses_some(plain):
    cheats, lost = ([f"attack_{name}" for name in names] for names in (FOOLED, LOST))
    became = plain(cheats + lost)
    assert set(cheats) <= set(CHEATS) and fooled(became) == set(cheats)
    assert all(became[name].startswith("lost") for name in lost)


@pytest.mark.full
def test_what_plain_nbgrader_makes_of_each(plain, record_property):
    became = plain(tuple(ATTACKS))
    for name, what in became.items():
        record_property("plain", [name, what])
    assert len(fooled(became) & set(CHEATS)) >= 12
    assert sum(what.startswith(("lost", "hangs")) for what in became.values()) >= 20
