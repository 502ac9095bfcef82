"""The one error a command turns into a sentence and exit code 2."""


class BadInput(Exception):
    """Something a person gave cannot be used: one sentence that says what, where, and the mend."""
