"""A class's nbgrader_config.py: what is wrong with it is said in one line, with its file and line, before anything runs."""

import pytest

from course.errors import BadInput
from grader import settings
from grader.classroom import CONFIG_NAME, Classroom
from grader.release import prove, student_files
from tests.grader.typed import threshold

STAGE = "01_one_neuron"
WRONG = {
    "no value": ("c.LatePolicy.most = ", "line {}: invalid syntax: `c.LatePolicy.most =`"),
    "no such name": ("c.CourseDirectory.course_id = dl101", "line {}: NameError: name 'dl101' is not defined"),
    "no such module": ("import nosuch", "line {}: ModuleNotFoundError: No module named 'nosuch'"),
    "misspelled option": (
        "c.LatePolicy.penalty_per_dya = 0.1",
        "line {}: c.LatePolicy.penalty_per_dya sets nothing: is c.LatePolicy.penalty_per_day meant?",
    ),
    "misspelled owner": (
        "c.LatePolcy.most = 0.5",
        "line {}: c.LatePolcy sets nothing: there is no such thing. Is c.LatePolicy meant?",
    ),
    "unknown option": (
        "c.Collect.zzz = 1",
        "line {}: c.Collect.zzz sets nothing: there are assignment_dir, attempts, ",
    ),
    "text for a number": ('c.LatePolicy.most = "half"', "line {}: c.LatePolicy.most cannot be 'half': "),
    "a share above 1": ("c.LatePolicy.penalty_per_day = 10", "line {}: c.LatePolicy.penalty_per_day cannot be 10: "),
    "a number for a table": ("c.Collect.attempts = 3", "line {}: c.Collect.attempts cannot be 3: "),
    "exchange": ('c.Exchange.rot = "/srv"', "line {}: c.Exchange.rot sets nothing: is c.Exchange.root meant?"),
}
RIGHT = (
    "c.LatePolicy.grace_minutes = 30",
    "c.LatePolicy.most = 1",
    'c.Collect.attempts = {"01_one_neuron": 3, "*": 5}',
    'c.Exchange.root = "/srv/nbgrader/exchange"',
    'c.CourseDirectory.course_id = "dl101"\nc.CourseDirectory.ignore.append("*.log")',
    'c.FormgradeApp.port = 1\nc.JupyterApp.answer_yes = True\nc.MyOwnPlugin.anything = "goes"',
)


@pytest.fixture
def classroom(tmp_path):
    return Classroom(tmp_path / "class").create()


def add(classroom, line):
    """Write a line at the end of the class's settings; returns its number."""
    path = classroom.root / CONFIG_NAME
    path.write_text(path.read_text() + line + "\n")
    return len(path.read_text().splitlines())


def test_what_a_new_class_has_is_right(classroom):
    assert settings.read(classroom.root / CONFIG_NAME).CourseDirectory.root == str(classroom.root)


@pytest.mark.parametrize("line", RIGHT)
def test_what_can_be_set_is_left_alone(classroom, line):
    add(classroom, line)
    classroom.api()


@pytest.mark.parametrize(("line", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_told_with_its_line(classroom, line, said):
    number = add(classroom, line)
    with pytest.raises(BadInput) as refused:
        classroom.api()
    assert str(refused.value).startswith(f"{classroom.root / CONFIG_NAME}, {said.format(number)}")
    assert "\n" not in str(refused.value)


def test_a_class_that_cannot_be_made_is_refused_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="name another folder with --class"):
        Classroom(tmp_path / "file" / "class").create()


def test_a_gradebook_that_is_none_is_told_before_anything_runs(classroom):
    (classroom.root / "gradebook.db").write_bytes(b"cut off")
    with pytest.raises(BadInput, match=r"gradebook.db is no gradebook .*: put your copy of it back"):
        classroom.api()


def test_a_lost_gradebook_is_told_with_what_makes_a_new_one(classroom):
    assert classroom.require() is classroom, "nothing is released yet, so nothing is lost"
    classroom.folder("release", STAGE).mkdir(parents=True)
    with pytest.raises(BadInput, match=rf"gradebook.db is missing: .* `threshold release {STAGE}` makes a new"):
        classroom.require()
    add(classroom, 'c.CourseDirectory.db_url = "postgresql://host/grades"')
    assert classroom.require() is classroom


def test_an_empty_secret_is_no_secret(classroom):
    (classroom.state / "secret").write_bytes(b"")
    with pytest.raises(BadInput, match="secret is empty"):
        classroom.secret()


def test_where_the_record_of_builds_is_damaged_every_source_counts_as_edited(classroom):
    source = classroom.folder("source", STAGE)
    source.mkdir(parents=True)
    (source / f"{STAGE}.ipynb").write_text("mine")
    (classroom.state / "built.json").write_text("{")
    with pytest.raises(BadInput, match="left alone"):
        prove(classroom, STAGE)


@pytest.mark.slow
@pytest.mark.parametrize("command", [("grade", "01"), ("release", "01"), ("teach", "--no-browser")], ids=" ".join)  # fmt: skip
def test_every_command_says_so_and_ends_with_code_2(classroom, command):
    add(classroom, WRONG["misspelled option"][0])
    classroom.folder("release", STAGE).mkdir(parents=True)
    (classroom.root / "gradebook.db").touch()
    (classroom.folder("release", STAGE) / f"{STAGE}.ipynb").write_bytes(student_files(STAGE)[f"{STAGE}.ipynb"])
    code, out, shown = threshold(*command, folder=classroom.root)
    assert code == 2
    assert "Traceback" not in out + shown
    assert "is c.LatePolicy.penalty_per_day meant?" in shown
