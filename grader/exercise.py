"""One declarative object per exercise, and the answer sheet that is baked from it."""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from course import compilation
from course.attempt import attempt
from course.errors import BadInput
from course.findings import PROPERTIES
from course.wire import pack, unpack

KINDS = ("value", "callable", "rng", "file", "kernel", "behavior", "probe", "compiled")
REVEALS = ("none", "parsons", "fill_in", "worked")


class BadExercise(BadInput, ValueError):
    """A declaration that cannot be meant: which exercise, what came, and the mend."""


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that can be run, the name of the mistake, and a question that leads out of it."""

    name: str
    wrong: Callable
    hint: str


@dataclass(frozen=True)
class Exercise:
    """One graded function.

    reference: the operation in solutions/ (or a plain function); its source becomes the stub and the solution. For
    kind "compiled" it is the operation's Numba twin (or a compiled function), and the stub begins with @njit.
    cases: a function from a seeded generator to a list of cases, always equally many (see `case`).
    points: property ("value", "shape", "stability", "purity", "traffic", "compiled") -> points; none for a worked exercise.
    tolerance: relative to the largest expected entry; None: by dtype (course.compare).
    hints: steps of text from a nudge to nearly the way, for `hint(f)`; grader.aids refuses what gives the answer away.
    reveal: what the stub gives away. "worked": all of it, for no points. "fill_in": the body with `blanks` cut out of
    it. "parsons": its lines, out of order and without indentation.
    """

    name: str
    stage: str
    reference: Callable
    cases: Callable
    points: Mapping[str, float] = field(default_factory=dict)
    misconceptions: tuple = ()
    kind: str = "value"
    tolerance: float | None = None
    reveal: str = "none"
    blanks: tuple = ()
    hints: tuple = ()
    version: int = 1
    model: Callable = field(init=False)

    def __post_init__(self):
        if not isinstance(self.points, Mapping):
            raise BadExercise(
                f"{self.name}: points is {self.points!r}; say what for, as in {{'value': 1.5, 'shape': 0.5}}"
            )
        for what, said, known in (
            ("kind", [self.kind], KINDS),
            ("reveal", [self.reveal], REVEALS),
            ("points", self.points, PROPERTIES),
        ):
            if unknown := [word for word in said if word not in known]:
                raise BadExercise(f"{self.name}: {what} names {unknown[0]!r}; there are {', '.join(known)}")
        if odd := [worth for worth in self.points.values() if not isinstance(worth, int | float)]:
            raise BadExercise(f"{self.name}: points holds {odd[0]!r}, which is no number")
        if not callable(self.reference):
            raise BadExercise(
                f"{self.name}: reference is no function; of a module take the function in it, truth.{self.name}"
            )
        if not callable(self.cases):
            raise BadExercise(f"{self.name}: cases is no function; write one that takes rng and returns the list")
        for what, kind in (("misconceptions", Misconception), ("hints", str)):
            said = getattr(self, what)
            if isinstance(said, kind) or not all(isinstance(each, kind) for each in said):
                raise BadExercise(
                    f"{self.name}: {what} is no tuple of {kind.__name__}; one alone has a comma behind it"
                )
        if ("value" in self.points) == (self.reveal == "worked"):
            raise BadExercise(
                f"{self.name}: points must contain 'value', as in {{'value': 1.5, 'shape': 0.5}}, but a worked exercise "
                "carries no points"
            )
        if bool(self.blanks) != (self.reveal == "fill_in"):
            raise BadExercise(f"{self.name}: blanks belong to reveal='fill_in', and to nothing else")
        # An operation of solutions/ validates and dispatches; what a student writes is its NumPy model answer, or,
        # where it is to be compiled, the loops.
        backend = "numba" if self.kind == "compiled" else "numpy"
        model = getattr(self.reference, "twins", {}).get(backend, self.reference)
        object.__setattr__(self, "model", model)
        if backend == "numpy" and (called := getattr(model, "__name__", self.name)) != self.name:
            raise BadExercise(
                f"{self.name}: the function is called {called!r}, and a student's stub takes that name: say one"
            )

    @property
    def arguments(self):
        return list(inspect.signature(self.model).parameters)

    @property
    def total(self):
        """All its points."""
        return float(sum(self.points.values()))

    @property
    def visible_seed(self):
        return f"{self.name}/{self.version}"

    @cached_property
    def visible_sheet(self):
        """The sheet that `check` uses, through the wire as the student's copy was."""
        return unpack(pack(self.sheet(self.visible_seed)))

    def sheet(self, seed, *, misconceptions=True):
        """The answer sheet for one seed (any text): cases with the reference's outcome, and each wrong answer's."""
        cases = self.cases(rng_of(seed))
        if odd := [entry for entry in cases if not (isinstance(entry, dict) and isinstance(entry.get("label"), str))]:
            raise BadExercise(f'{self.name}: cases returns {odd[0]!r:.60}; write case("in words", *args) for each')
        for entry in cases:
            entry |= {"compiled": True} if self.kind == "compiled" else {}
            entry["expected"] = steady(attempt(self.model, entry))
            if "judge" in entry:  # a judge needs no model answer, and for a probe that would give it away
                entry["expected"]["value"] = None
        wrong = [
            {"name": m.name, "hint": m.hint, "outcomes": [_quiet(steady(attempt(m.wrong, entry))) for entry in cases]}
            for m in (self.misconceptions if misconceptions else ())
        ]
        return {
            "exercise": self.name,
            "stage": self.stage,
            "version": self.version,
            "kind": self.kind,
            "points": dict(self.points),
            "tolerance": self.tolerance,
            "arguments": self.arguments,
            "cases": cases,
            "misconceptions": wrong,
        }


def case(label, *args, stable=False, judge=None, **extras):
    """One case: what it probes, in words a learner may read, and the arguments.

    stable: an extreme input, whose value counts as "stability". judge: a name from course.judges with what it wants.
    extras: "files", "launch" as in course.kinds.
    """
    entry = {"label": label, "property": "stability" if stable else "value", "args": args, **extras}
    return entry | ({"judge": judge} if judge else {})


def rng_of(seed):
    """A generator from any text, the same on every machine."""
    return np.random.default_rng(np.frombuffer(hashlib.sha256(seed.encode()).digest(), np.uint32))


def steady(outcome):
    """An outcome without what differs from run to run, so that a sheet is the same to the byte."""
    error = outcome["error"] and outcome["error"] | {"line": "", "message": ""}
    facts = {"compiled": compilation.steady(outcome["compiled"])} if outcome.get("compiled") else {}
    kept = {key: value for key, value in outcome.items() if key != "takes"}  # of no concern to anybody but its author
    return kept | {"seconds": 0.0, "error": error} | facts


def _quiet(outcome):
    """An outcome without its warnings: a wrong answer is known by what it returns, and numba's name files of ours."""
    return outcome | {"warnings": []}
