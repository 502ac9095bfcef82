"""Three system users and a hub for them, and everything gone again at the end."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import requests

CLONE = Path(__file__).parent.parent.parent
PROXY = os.environ.get("THRESHOLD_PROXY") or shutil.which("configurable-http-proxy")
NEEDED = "import course, grader, jupyterhub, nbgrader"
# An interpreter in a folder closed to others (a root's own pyenv) is shown to the users, in mounts of this command alone.
SHOWN = """
set -e
home=$1 kept=$(mktemp -d) && shift
mount --bind "$home" "$kept"
closed=/$(echo "$home" | cut -d/ -f2)
mount -t tmpfs -o mode=755 tmpfs "$closed"
mkdir -p "$home" && mount --bind "$kept" "$home" && umount "$kept" && rmdir "$kept"
exec "$@"
"""


def shown(command):
    """A command that ordinary users may take part in: with the interpreter in view, where it lies out of it."""
    home = Path(sys.base_prefix).resolve()
    closed = any(not place.stat().st_mode & 1 for place in (home, *home.parents))
    return ["unshare", "-m", "bash", "-c", SHOWN, "bash", str(home), *command] if closed else list(command)


def missing():
    """Why no hub can be tried on this machine, or ''."""
    if os.geteuid() != 0:
        return "only root can make system users and start servers for them"
    if PROXY is None:
        return "configurable-http-proxy is not installed: npm install -g configurable-http-proxy"
    absent = [name for name in ("useradd", "userdel", "runuser", "unshare") if shutil.which(name) is None]
    if absent:
        return f"this machine has no {absent[0]}"
    tried = subprocess.run(
        shown(["runuser", "-u", "nobody", "--", sys.executable, "-P", "-c", NEEDED]),
        cwd="/", env={**os.environ, "HOME": "/nonexistent", "PYTHONPATH": str(CLONE)}, capture_output=True, text=True,
    )  # fmt: skip
    return "" if tried.returncode == 0 else f"ordinary users cannot import the course: {tried.stderr.strip()[-200:]}"


@contextmanager
def people(*names):
    """Fresh system users {name: system name} with homes in a folder of their own: (they, the folder). Removed after."""
    folder = Path(tempfile.mkdtemp(prefix="threshold-hub-"))
    folder.chmod(0o755)
    users = {name: f"th{name}{secrets.token_hex(3)}" for name in names}
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for user in users.values():
            stack.callback(remove, user)
            subprocess.run(
                ["useradd", "--create-home", "--base-dir", str(folder), "--shell", "/bin/bash", user], check=True
            )
            (folder / user).chmod(0o700)
        yield users, folder


def remove(user):
    """End all that runs as a user, then remove the user."""
    with suppress(KeyError):
        number = pwd.getpwnam(user).pw_uid
        for _ in range(50):
            running = processes_of(number)
            for pid in running:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if not running:
                break
            time.sleep(0.1)
        subprocess.run(["userdel", user], capture_output=True)


def processes_of(number):
    """What runs as the user of this number."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if path.stat().st_uid == number:
                found.append(int(path.name))
    return found


def as_user(user, *command, **environment):
    """Run a command as a system user: CompletedProcess. What it prints is text."""
    env = {"PATH": os.environ["PATH"], "HOME": pwd.getpwnam(user).pw_dir, "PYTHONPATH": str(CLONE), **environment}
    line = shown(["runuser", "-u", user, "--", *command])
    return subprocess.run(line, cwd=env["HOME"], env=env, capture_output=True, text=True, timeout=300)


def free_ports(count):
    """Ports of loopback that nobody listens at."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class Hub:
    """A running hub, asked over HTTP: as its administrator, or as one of its users with a token of theirs."""

    def __init__(self, address, token):
        self.address, self.admin = address, token

    def ask(self, method, path, token=None, **options):
        """A response, whatever its status."""
        headers = {"Authorization": f"token {token or self.admin}"}
        return requests.request(method, self.address + path, headers=headers, timeout=240, **options)

    def api(self, method, path, **options):
        """What the hub's own API answers, which must be a success."""
        answer = self.ask(method, f"/hub/api{path}", **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def enter(self, user):
        """A token of a user's own, as their browser would have after logging in."""
        self.ask("POST", f"/hub/api/users/{user}")
        return self.api("POST", f"/users/{user}/tokens", json={"note": "test"})["token"]

    def start(self, user):
        """Start a user's JupyterLab and wait until it is there."""
        self.api("POST", f"/users/{user}/server")
        wait_for(lambda: self.api("GET", f"/users/{user}")["servers"].get("", {}).get("ready"), f"{user}'s server")


def wait_for(condition, what, seconds=120):
    """Wait until a condition holds; requests that are refused count as no."""
    end = time.monotonic() + seconds
    while True:
        with suppress(requests.RequestException):
            if condition():
                return
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.3)
