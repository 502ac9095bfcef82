"""Where student code runs: it cannot read, reach or signal anything outside, and it ends when its session does.

    level = choose(None)                                    # the strongest isolation that holds on this machine
    with open_session(level) as session:
        ran = session.run("def double(x): return 2 * x", 10.0)
        outcome = session.call("double", {"args": (21,)}, 5.0)

Outside, with the grader's rights: session.py asks; launch.py, bubblewrap.py, nursery.py and plain.py start what is
asked; machine.py knows what a sandbox may read; choice.py picks the level, and canary.py tries whether it holds. Inside,
a copy beside `course` and nothing else of the project: zygote.py forks sessions into namespaces.py of their own, once
rehearsal.py and pages.py are through; inside.py gives everything up, keeper.py watches, worker.py runs student code,
under privileges.py, seccomp.py, landlock.py and limits.py, with processes.py and scratch.py to clear up after it. The
two sides talk in frames.py and course.wire. `python -m grader.sandbox` measures what a session and a call cost here.
"""

from .choice import LEVELS, NoIsolation, choose, probe
from .session import Ran, Session, SessionLost, open_session

__all__ = ["LEVELS", "NoIsolation", "Ran", "Session", "SessionLost", "choose", "open_session", "probe"]
