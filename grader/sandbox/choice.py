"""Which isolation level to use: the strongest that holds, found by trying, or the one that was asked for."""

import sys
from functools import cache

from . import canary
from .launch import SessionLost
from .session import SANDBOXES

LEVELS = tuple(SANDBOXES)  # strongest first

MEND = """\
What helps: install bubblewrap (Debian, Ubuntu: `sudo apt install bubblewrap`; Fedora: `sudo dnf install bubblewrap`).
On Ubuntu 24.04 and later AppArmor closes user namespaces; allow them to bwrap alone, in /etc/apparmor.d/bwrap:
    abi <abi/4.0>,
    include <tunables/global>
    profile bwrap /usr/bin/bwrap flags=(unconfined) {
      userns,
    }
then `sudo systemctl reload apparmor`. `threshold doctor` shows what this machine has.
On your own responsibility, for submissions you trust: --isolation none."""


class NoIsolation(Exception):
    """Nothing keeps student code in on this machine; the message says what was tried and the mend."""


@cache
def choose(requested=None):
    """The level to use: `requested` if it holds, else the strongest that does. NoIsolation where none does."""
    if not sys.platform.startswith("linux"):
        raise NoIsolation("Nothing is graded: grading needs Linux, or WSL 2 on Windows.")
    if requested == "none":
        return "none"
    tried = []
    for level in [requested] if requested else LEVELS[:-1]:
        try:
            found = probe(level)
        except SessionLost as why:
            tried.append(f"  {level}: {why}")
            continue
        if not found:
            return level
        tried.append(f"  {level}: student code could {', '.join(found)}")
    raise NoIsolation("\n".join(["Nothing is graded: nothing keeps student code in here.", *tried, MEND]))


def probe(level):
    """What student code could do at this level that it must not; [] where it holds. SessionLost if it does not start."""
    return canary.holes(level)
