"""A word while something takes long: an endless loop says nothing by itself."""

import threading
from contextlib import contextmanager

from course.demo import unattended
from course.messages import say

SOON = 10  # seconds; what a check tries takes milliseconds, and a first compilation a few seconds


@contextmanager
def patience(exercise):
    """Say once, after a while, that `exercise` is still at work and how to stop it; nothing where nobody watches."""
    word = threading.Timer(SOON, lambda: print(say("still at work", exercise=exercise, seconds=SOON), flush=True))
    word.daemon = True
    if not unattended():
        word.start()
    try:
        yield
    finally:
        word.cancel()
