"""The permissions of a shared exchange, where three folders need three different ones.

outbound: everybody reads, only instructors write. inbound: everybody writes, nobody lists (or students read what others
hand in). feedback: everybody passes through to a folder whose name only they know, nobody lists.
"""

import os
from pathlib import Path

from course.checkups import jupyter
from course.checkups.finding import note, ok, problem

WRONG = {  # folder -> (bits that others must not have, what they could do with them, the mode that mends it)
    "inbound": (0o004, "students can list what others hand in", 0o733),
    "outbound": (0o002, "students can change what is handed out", 0o755),
    "feedback": (0o006, "students can find the feedback of others", 0o711),
}


def exchange_permissions(place):
    """Whether students reach the exchange, and only what is theirs."""
    config = jupyter.nbgrader_settings(place)
    if os.name != "posix" or "root" not in config.Exchange:
        return
    root = Path(str(config.Exchange.root))
    if not root.is_dir():
        return
    yield from _reached(root)
    for path in sorted(root.glob("*/*")):
        forbidden, what, mode = WRONG.get(path.name, (0, "", 0))
        if forbidden and path.is_dir() and path.stat().st_mode & forbidden:
            yield problem(
                f"{what}: {path}", f"Run `chmod {mode:o} {path}`.", lambda path=path, mode=mode: path.chmod(mode)
            )


def _reached(root):
    closed = next((path for path in (root, *root.parents) if not path.stat().st_mode & 0o001), None)
    if closed is None:
        yield ok(f"every account on this machine reaches {root}")
    else:
        mend = (
            "Right for one account. For students with accounts of their own, set c.Exchange.root to a folder outside."
        )
        yield note(f"only the owner of {closed} reaches the exchange {root}", mend)
