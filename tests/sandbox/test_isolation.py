"""What student code sees and reaches, at the levels that keep it in."""

import os

import pytest

from grader.sandbox import launch, machine, nursery, probe, session
from tests.sandbox.conftest import TIGHT, call, define, value

pytestmark = pytest.mark.slow


@pytest.fixture(params=TIGHT)
def tight(request, sessions):
    """A session that keeps student code in, also one that was not forked."""
    return sessions.at(request.param)


@pytest.mark.parametrize("level", TIGHT)
def test_the_canary_finds_no_hole(level, sessions):
    sessions.at(level)
    assert probe(level) == []


@pytest.mark.skipif("bubblewrap" not in TIGHT, reason="weakens bubblewrap")
@pytest.mark.parametrize("level", ["bubblewrap", "one-shot"])
def test_the_canary_finds_the_holes_of_a_weakened_sandbox(level, monkeypatch, sessions):
    kind = sessions.at(level).kind
    readable, start = machine.readable(), launch.start
    monkeypatch.setattr(machine, "readable", lambda: [*readable, str(machine.PROJECT)])
    monkeypatch.setattr(launch, "start", lambda *args, **options: start(*args, **{**options, "env": dict(os.environ)}))
    weak = nursery.Nursery()
    weak.kind = kind
    monkeypatch.setitem(session.SANDBOXES, level, weak.session)
    assert set(probe(level)) == {
        "read the answers",
        "import the reference",
        "import the grader",
        "see the host's environment",
    }
    weak.close()


def test_the_environment_is_the_one_it_was_given(tight):
    define(tight, "import os\ndef environment(): return dict(os.environ)")
    seen = value(tight, "environment")
    given = machine.environment(seen["HOME"])
    # Python and libraries add some of their own; nothing of the host's is among them.
    assert given.items() <= seen.items()
    assert set(seen) - set(given) <= {"PWD", "LC_CTYPE", "LINES", "COLUMNS", "KMP_INIT_AT_FORK", "KMP_DUPLICATE_LIB_OK"}
    assert not any("NBGRADER" in name for name in seen)


def test_student_code_is_nobody_in_particular(tight):
    define(
        tight,
        """
        import os
        def who():
            try: lines = open("/proc/self/status").read().splitlines()
            except OSError: lines = []
            facts = dict(line.split(":\\t", 1) for line in lines if ":\\t" in line)
            names = ["CapInh", "CapPrm", "CapEff", "CapAmb"] + ["CapBnd"] * os.path.exists("/threshold")
            capabilities = [int(facts[name], 16) for name in names if name in facts]
            return {
                "ids": [*os.getresuid(), *os.getresgid()],
                "groups": os.getgroups(),
                "capabilities": capabilities,
                "rules": {name: int(facts[name]) for name in ("NoNewPrivs", "Seccomp") if name in facts},
            }
        """,
    )
    seen = value(tight, "who")
    assert seen["rules"] in ({"NoNewPrivs": 1, "Seccomp": 2}, {})  # Landlock hides /proc
    assert 0 not in seen["ids"]
    assert not any(seen["capabilities"])
    if os.geteuid() == 0:
        assert seen["groups"] == []


def test_the_file_system_is_read_only_but_for_the_scratch_folder(tight):
    define(
        tight,
        """
        import os
        def writable():
            found = []
            for folder in ("/", "/tmp", "/usr", "/etc", "/dev", "/proc", "/sys", "/home", "/root", "/var/tmp", "/threshold",
                           os.path.dirname(os.__file__), os.path.dirname(__import__("course").__file__)):
                try:
                    open(os.path.join(folder, "canary"), "w").close()
                except OSError:
                    continue
                found.append(os.path.realpath(folder))
            return found
        """,
    )
    assert set(value(tight, "writable")) <= {"/scratch"}


def test_of_the_project_only_the_course_without_its_stages_is_there(tight):
    define(
        tight,
        """
        import os, sys, course
        def project():
            folder = os.path.dirname(course.__file__)
            importable = []
            for name in ("solutions", "grader", "tests"):
                try: __import__(name)
                except ImportError: continue
                importable.append(name)
            return {"stages": os.path.exists(os.path.join(folder, "stages")), "importable": importable}
        """,
    )
    assert value(tight, "project") == {"stages": False, "importable": []}


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.create_connection(('127.0.0.1', 22), 1)",
        "os.memfd_create('hidden')",
        "os.unshare(0x10000000) if hasattr(os, 'unshare') else libc('unshare', 0x10000000)",
        "libc('ptrace', 0, 0, 0, 0)",
        "libc('mount', b'none', b'/tmp', b'tmpfs', 0, None)",
        "libc('shmget', 0, 4096, 0o1666)",
        "libc('semget', 0, 1, 0o1666)",
        "libc('msgget', 0, 0o1666)",
        "libc('chroot', b'/tmp')",
        "libc('personality', 0x0040000)",
        "libc('process_vm_readv', os.getppid(), None, 0, None, 0, 0)",
        "os.setsid()",
        "os.sched_setaffinity(0, {0})",
        "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))",
        "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
        "os.setuid(0)",
        "os.chown('.', 0, 0)",
        "open(f'/proc/{os.getppid()}/mem', 'r+b')",
        "open('/proc/1/environ', 'rb').read()",
    ],
)
def test_what_is_forbidden_is_refused(tight, attempt):
    define(
        tight,
        f"""
        import ctypes, os, resource, socket
        def libc(name, *args):
            c = ctypes.CDLL(None, use_errno=True)
            if getattr(c, name)(*args) < 0:
                raise OSError(ctypes.get_errno(), name)
        def attempt():
            {attempt}
        """,
    )
    outcome = call(tight, "attempt")
    assert outcome["status"] == "raised"
    # OSError: an id that does not exist there; ValueError: a limit that was to be raised
    assert outcome["error"]["type"] in ("PermissionError", "OSError", "ValueError"), outcome["error"]


@pytest.mark.skipif("bubblewrap" not in TIGHT, reason="only bubblewrap has processes of its own")
@pytest.mark.parametrize("level", ["bubblewrap", "one-shot"])
def test_the_processes_of_the_host_are_out_of_sight(level, sessions):
    session = sessions.at(level)
    define(session, "import os\ndef seen(): return sorted(int(name) for name in os.listdir('/proc') if name.isdigit())")
    assert len(value(session, "seen")) == 3  # the keeper, the state, the snapshot
