"""The one error a command turns into a sentence and exit code 2, and a sentence that several commands say."""

NO_CLASS = "{} is no class folder: make one with `threshold release`, or name it with --class."


class BadInput(Exception):
    """Something a person gave cannot be used: one sentence that says what, where, and the mend."""
