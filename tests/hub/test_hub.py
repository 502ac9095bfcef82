"""The course on JupyterHub: fetch and submit as a student, collect and grade as the Formgrader's user, and no other way."""

import json
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: pip install -e '.[hub]'")
from tests.grader.submissions import solved
from tests.hub import house

STAGE = "01_one_neuron"
COURSE = "dl101"
GREATER = "def perceptron(x, w, b):\n    return 1 if x @ w + b > 0 else 0"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def possible():
    """A counted skip, with the reason, where no hub can be tried."""
    why = house.missing()
    if why:
        pytest.skip(why)


@pytest.fixture(scope="module")
def users(possible):
    """({name: system user}, the folder their homes are in): a grader and two students."""
    with house.people("grader", "ada", "ben") as (users, folder):
        yield users, folder
    assert not [user for user in users.values() if f"\n{user}:" in Path("/etc/passwd").read_text()]
    assert not folder.exists()


@pytest.fixture(scope="module")
def course(users):
    """(the class folder, the exchange), made by the grader as README.md says."""
    names, folder = users
    exchange, root = folder / "exchange", folder / names["grader"] / "class"
    exchange.mkdir()
    exchange.chmod(0o1777)
    made = (
        "from grader.classroom import Classroom; import sys; c = Classroom(sys.argv[1]).create(); "
        "p = c.root / 'nbgrader_config.py'; p.write_text(p.read_text().replace(\"'threshold'\", repr(sys.argv[2]))"
        ".replace('\"threshold\"', repr(sys.argv[2])) + f'c.Exchange.root = {sys.argv[3]!r}\\n')"
    )
    for command in (
        ("-c", made, str(root), COURSE, str(exchange)),
        ("-m", "course.cli", "release", "01", "--class", str(root)),
    ):
        done = house.as_user(names["grader"], sys.executable, "-P", *command)
        assert done.returncode == 0, done.stdout + done.stderr
    return root, exchange


@pytest.fixture(scope="module")
def hub(users, course):
    """The running hub."""
    names, folder = users
    proxy, api, own, service = house.free_ports(4)
    token = secrets.token_hex(16)
    env = {
        **os.environ,
        "PYTHONPATH": str(house.CLONE),
        "THRESHOLD_COURSE": COURSE, "THRESHOLD_GRADER": names["grader"], "THRESHOLD_CLASS": str(course[0]),
        "THRESHOLD_EXCHANGE": str(course[1]), "THRESHOLD_INSTRUCTORS": names["grader"],
        "THRESHOLD_FORMGRADER": f"http://127.0.0.1:{service}",
        "TEST_PORTS": json.dumps({"proxy": proxy, "api": api, "hub": own}), "TEST_PROXY": house.PROXY,
        "TEST_TOKEN": token,
    }  # fmt: skip
    place = folder / "hub"
    place.mkdir(mode=0o700)
    config = Path(__file__).with_name("jupyterhub_config.py")
    command = house.shown([sys.executable, "-P", "-m", "jupyterhub", "-f", str(config)])
    with open(place / "log", "wb") as log:
        process = subprocess.Popen(command, cwd=place, env=env, stdout=log, stderr=log, start_new_session=True)
    running = house.Hub(f"http://127.0.0.1:{proxy}", token)
    try:
        house.wait_for(lambda: process.poll() is not None or running.ask("GET", "/hub/api/users").ok, "the hub")
        assert process.poll() is None, (place / "log").read_text()[-3000:]
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        print((place / "log").read_text()[-4000:])


def test_fetch_submit_collect_grade_and_feedback(hub, users, course):
    names, folder = users
    ada, grader, ben = (hub.enter(names[name]) for name in ("ada", "grader", "ben"))
    formgrader = f"/services/{COURSE}/formgrader/api"
    house.wait_for(lambda: hub.ask("GET", f"{formgrader}/status", grader).ok, "the Formgrader")

    def grade(path, **options):
        answer = hub.ask("POST", f"{formgrader}/{path}", grader, **options).json()
        assert answer["success"], answer

    grade(f"assignment/{STAGE}/release")
    # A student's own server: fetch, solve, submit.
    hub.start(names["ada"])
    home = f"/user/{names['ada']}"
    what = {"course_id": COURSE, "assignment_id": STAGE}
    listed = hub.ask("POST", f"{home}/assignments/fetch", ada, json=what).json()
    assert [entry["status"] for entry in listed["value"]] == ["fetched"], listed
    notebook = {"type": "notebook", "format": "json", "content": solved(STAGE, perceptron=GREATER)}
    saved = hub.ask("PUT", f"{home}/api/contents/{STAGE}/{STAGE}.ipynb", ada, json=notebook)
    assert saved.ok, saved.text
    submitted = hub.ask("POST", f"{home}/assignments/submit", ada, json=what).json()
    assert submitted["success"], submitted
    assert (folder / names["ada"] / STAGE / f"{STAGE}.ipynb").owner() == names["ada"]

    # Neither the Formgrader nor the class, the exchange's inbox or a classmate's home is a student's.
    for token in (ada, ben):
        assert hub.ask("GET", f"{formgrader}/status", token).status_code == 403
    assert hub.ask("GET", f"{home}/api/contents", ben).status_code == 403
    for place in (course[0], course[0] / "gradebook.db", course[1] / COURSE / "inbound", folder / names["ada"]):
        assert house.as_user(names["ben"], "ls", str(place)).returncode != 0, place
        assert house.as_user(names["grader"], "ls", str(course[0])).returncode == 0
    assert house.as_user(names["ben"], "ls", str(course[1] / COURSE / "outbound" / STAGE)).returncode == 0

    # The Formgrader, as the user who owns the class.
    grade(f"assignment/{STAGE}/collect")
    grade(f"submission/{STAGE}/{names['ada']}/autograde")
    entry = hub.ask("GET", f"{formgrader}/submission/{STAGE}/{names['ada']}", grader).json()
    assert (entry["autograded"], entry["score"], entry["max_score"]) == (True, 8.5, 10)
    grade(f"assignment/{STAGE}/{names['ada']}/generate_feedback")
    grade(f"assignment/{STAGE}/{names['ada']}/release_feedback")
    hub.ask("POST", f"{home}/assignments/fetch_feedback", ada, json=what)
    (page,) = (folder / names["ada"] / STAGE / "feedback").rglob("*.html")
    assert "8.5" in page.read_text() and page.owner() == names["ada"]
