"""The story: what a learner reads and runs. Notebooks begin with `from course import check, data, hint, plot, quiz`."""

import importlib

from course import undefined
from course.check import check
from course.demo import demo
from course.hints import hint
from course.predict import predict
from course.puzzle import puzzle
from course.quiz import quiz

__all__ = ["check", "data", "demo", "gpu", "hint", "plot", "predict", "puzzle", "quiz", "start"]

LAZY = {"data", "gpu", "plot", "start"}  # modules that would make the first import slow

undefined.explain()


def __getattr__(name):
    if name in LAZY:
        return importlib.import_module(f"course.{name}")
    raise AttributeError(f"module 'course' has no attribute {name!r}")
