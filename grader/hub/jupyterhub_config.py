"""JupyterHub for one course: JupyterLab for every student, the Formgrader as a service for the instructors.

    jupyterhub -f grader/hub/jupyterhub_config.py

Read README.md beside this file first: it makes the system user, the class and the exchange that are named here.
"""

import os
import sys
from pathlib import Path

from course import profiles, quickly
from grader import hub

c = get_config()  # noqa: F821

COURSE = os.environ.get("THRESHOLD_COURSE", "threshold")  # course_id in the class's nbgrader_config.py
GRADER = os.environ.get("THRESHOLD_GRADER", "grader")  # the system user who owns the class
CLASS = os.environ.get("THRESHOLD_CLASS", f"/home/{GRADER}/class")
EXCHANGE = os.environ.get("THRESHOLD_EXCHANGE", "/srv/nbgrader/exchange")
INSTRUCTORS = os.environ.get("THRESHOLD_INSTRUCTORS", "").split()  # who may open the Formgrader
FORMGRADER = os.environ.get("THRESHOLD_FORMGRADER", "http://127.0.0.1:9999")  # where the service listens

# What both kinds of server are told. PATH: nbgrader starts programs of this environment by name.
ours = {
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
    "THRESHOLD_COURSE": COURSE,
    "THRESHOLD_EXCHANGE": EXCHANGE,
}
student = profiles.environment("learner", class_dir=Path(hub.__file__).parent / "etc", base=ours)
formgrader = profiles.environment("instructor", class_dir=CLASS, base=ours)

# Everybody: JupyterLab in the home folder, as the system user of that name.
c.Spawner.default_url = "/lab"
c.Spawner.cmd = [sys.executable, "-P", quickly.__file__, "jupyterhub.singleuser"]
c.Spawner.environment = student

# The Formgrader: one server in the class folder, as the user who owns it, for the group of instructors.
c.JupyterHub.services = [
    {
        "name": COURSE,
        "url": FORMGRADER,
        "user": GRADER,
        "cwd": CLASS,
        "command": [
            sys.executable,
            "-P",
            quickly.__file__,
            "jupyterhub.singleuser",
            f"--ServerApp.root_dir={CLASS}",
        ],
        "environment": formgrader,
        "oauth_no_confirm": True,
    }
]
c.JupyterHub.load_groups = {f"formgrade-{COURSE}": {"users": INSTRUCTORS}}
c.JupyterHub.load_roles = [
    {"name": "formgrader", "scopes": [f"access:services!service={COURSE}"], "groups": [f"formgrade-{COURSE}"]}
]
c.Authenticator.allowed_users = set(INSTRUCTORS)
