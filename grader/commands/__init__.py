"""The instructor's commands, a file each. `course.cli` adds them where the grader is installed."""

from importlib import import_module

COMMANDS = ("release", "grade", "appeal", "report", "material", "teach")  # in the order of `threshold --help`


def add_commands(app):
    """Add the instructor's commands to the `threshold` command."""
    for name in COMMANDS:
        command = getattr(import_module(f"{__name__}.{name}"), name)
        app.command(rich_help_panel="For instructors")(command)
