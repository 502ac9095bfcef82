"""The registry: every exercise of the course by name. Each file mirrors the one of the same name in solutions/."""

from importlib import import_module
from pkgutil import iter_modules

from grader.exercise import Exercise

EXERCISES = {}
for _module in sorted(info.name for info in iter_modules(__path__)):
    for _value in vars(import_module(f"{__name__}.{_module}")).values():
        if isinstance(_value, Exercise):
            if _value.name in EXERCISES:
                raise ValueError(f"two exercises are called {_value.name!r}")
            EXERCISES[_value.name] = _value


def of_stage(stage):
    """The exercises of one stage, by name."""
    return {name: exercise for name, exercise in EXERCISES.items() if exercise.stage == stage}
