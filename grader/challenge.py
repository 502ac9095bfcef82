"""Fresh inputs out, answers back, verdict: what a submission is worth, decided where no student code runs.

The cells of a submission run in a sandbox; its functions are called there on the visible cases, then on fresh ones
from the same generator, seeded by the class's secret and the submission itself: reproducible for an appeal,
unpredictable for a student. What comes back is data from a hostile place: it is held to its form, then judged.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass, replace

from course import compilation
from course.judge import Verdict, judge
from course.messages import say
from grader.exercises import EXERCISES
from grader.sandbox import SessionLost, open_session
from grader.stages import GRADED_SECONDS

CELLS_SECONDS = GRADED_SECONDS  # all cells that run, the student's own too
CELL_LEAST = 0.5  # for each cell, also when these are used up
CALL_SECONDS = 10.0  # one call, the student's own compile included
NOTEBOOK_SECONDS = 300.0  # all cells and calls, replayed ones too; where every exercise hangs it takes less
ASKED = ("args", "files", "launch", "compiled")  # of a case: what a call needs
SESSIONS = 3  # a session that is lost comes back this often

GIVE_UP = ("timed out", "died", "missing")  # after one such call the others are not tried: they would only cost time
TOO_LONG = "the notebook has used up the time that all of its cells and calls share"
STATUSES = {"returned", "raised", "not written", "missing", "timed out", "died"}


def grade(cells, exercises, secret, level):
    """The verdict on every exercise (name -> Verdict) and what went wrong in cells (index -> error).

    cells: the sources to run, in order. exercises: names. level: an isolation level of grader.sandbox.
    """
    return grade_seeded(cells, {name: seed_of(secret, cells, name) for name in exercises}, level)


def grade_seeded(cells, seeds, level):
    """The same from the seeds of the hidden cases (name -> seed), for a machine that does not hold the secret."""
    with Replay(level, cells) as replay:
        verdicts = {name: tried(replay, EXERCISES[name], seed).verdict for name, seed in seeds.items()}
    return verdicts, replay.errors


def seed_of(secret, cells, name):
    """The seed of the hidden cases: HMAC(class secret, submission + exercise)."""
    submission = hashlib.sha256("\0".join(cells).encode(errors="replace")).hexdigest()
    return hmac.new(secret, f"{submission}/{name}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Trial:
    """A verdict and what it rests on: (sheet, outcomes) of the visible cases and, where it came to that, the hidden."""

    verdict: Verdict
    rounds: tuple


def tried(replay, exercise, seed):
    """Visible cases first: where they fail, the student reads what their own check shows."""
    sheet = exercise.visible_sheet
    answers = _answers(replay, exercise.name, sheet, fresh=True)
    shown = judge(sheet, answers)
    if shown.status == "not attempted" or any(answer["status"] in GIVE_UP for answer in answers):
        return Trial(shown, ((sheet, answers),))
    hidden_sheet = exercise.sheet(seed, misconceptions=False)
    hidden_answers = _answers(replay, exercise.name, hidden_sheet)
    hidden = judge(hidden_sheet, hidden_answers)
    if hidden.status != "right":  # only a wrong answer needs the wrong answers to compare with: they take time
        hidden = judge(exercise.sheet(seed), hidden_answers)
    return Trial(combine(shown, hidden), ((sheet, answers), (hidden_sheet, hidden_answers)))


def combine(shown, hidden):
    """One verdict of two: a property passes where both pass; hidden inputs are never shown."""
    base = shown
    if shown.status == "right" and hidden.status != "right":
        base = replace(hidden, symptom=say("fresh inputs", symptom=hidden.symptom), example=None, by_hand=False)
    properties = {
        name: min(entry, hidden.properties[name], key=lambda e: e["points"]) for name, entry in shown.properties.items()
    }
    return replace(base, properties=properties)


def _answers(replay, name, sheet, *, fresh=False):
    """One outcome per case; they follow each other in one snapshot, as they do in `check`.

    fresh: in a new one. Its first case is asked for alone: that is where numba compiles, and where what never ends is
    found. All others are asked for together, and one by one where that fails.
    """
    questions = [{key: case[key] for key in ASKED if key in case} for case in sheet["cases"]]
    outcomes, together = [], True
    while rest := questions[len(outcomes) :]:
        several = rest if together and (outcomes or not fresh) else rest[:1]
        found = replay.calls(name, several, fresh=fresh and not outcomes)
        if len(several) > 1 and found[0]["status"] in GIVE_UP:
            together = False
            continue
        outcomes += found
        if found[-1]["status"] in GIVE_UP:
            return outcomes + [found[-1]] * (len(questions) - len(outcomes))
    return outcomes


class Replay:
    """A session that comes back after it is lost: a new one, the cells again, but for the one that ended it."""

    def __init__(self, level, cells):
        self.level, self.cells = level, cells
        self.errors = {}  # cell -> {"type", "message", "line"}
        self.fatal = set()  # cells that ended a session
        self.lost = 0
        self.session = None
        self.end = time.monotonic() + NOTEBOOK_SECONDS

    def __enter__(self):
        self._start()
        return self

    def __exit__(self, *_):
        self._close()

    def calls(self, name, questions, *, fresh):
        """The outcomes of the first calls, at least one, whatever happens; fresh: in a new snapshot (Session.calls)."""
        if self.session is None and self.lost < SESSIONS:
            self._start()
        if self.session is None:
            return [failed("died", "the notebook ended its process every time it was started")]
        left = self._left(CALL_SECONDS)
        if left == 0:
            return [failed("timed out", TOO_LONG, NOTEBOOK_SECONDS)]
        try:
            return [sound(outcome) for outcome in self.session.calls(name, questions, left, fresh=fresh)]
        except SessionLost as why:
            self._lose()
            return [failed("died", str(why))]

    def _start(self):
        """Open a session and run the cells; after a loss again, without the cell that was running."""
        while self.session is None and self.lost < SESSIONS:
            self.session = open_session(self.level)
            left = CELLS_SECONDS
            for i, source in enumerate(self.cells):
                if i in self.fatal:
                    continue
                seconds = self._left(max(CELL_LEAST, left))
                if seconds == 0:
                    self.errors[i] = stopped(TOO_LONG)
                    break
                try:
                    ran = self.session.run(source, seconds)
                except SessionLost as why:
                    self.fatal.add(i)
                    self.errors[i] = stopped(why)
                    self._lose()
                    break
                left -= ran.seconds
                if ran.error:
                    self.errors[i] = ran.error

    def _left(self, most):
        """The seconds that the next step may take: at most so many, and none when the notebook has had its time."""
        return max(0.0, min(most, self.end - time.monotonic()))

    def _lose(self):
        self.lost += 1
        self._close()

    def _close(self):
        if self.session is not None:
            self.session.close()
            self.session = None


def stopped(why):
    """The error of a cell that was not let run to its end."""
    return {"type": "Stopped", "message": str(why), "line": ""}


def failed(status, message, seconds=0.0):
    """The outcome of a call that gave no answer."""
    error = {"type": "", "message": message, "line": ""}
    return {
        "status": status, "value": None, "after": (), "files": {}, "warnings": [], "error": error, "access": None,
        "seconds": seconds,
    }  # fmt: skip


def sound(outcome):
    """An outcome from the sandbox held to the form course.attempt gives it; anything else gave no answer."""
    if not isinstance(outcome, dict) or outcome.get("status") not in STATUSES:
        return failed("died", "no proper answer came back")
    clean = failed(outcome["status"], "", _number(outcome.get("seconds")))
    clean["value"] = outcome.get("value")
    clean["after"] = outcome["after"] if isinstance(outcome.get("after"), tuple) else ()
    clean["files"] = outcome["files"] if isinstance(outcome.get("files"), dict) else {}
    warnings = outcome["warnings"] if isinstance(outcome.get("warnings"), list) else []
    clean["warnings"] = [warning[:300] for warning in warnings[:5] if isinstance(warning, str)]
    error, access, takes = outcome.get("error"), outcome.get("access"), outcome.get("takes")
    if isinstance(takes, tuple):
        clean["takes"] = tuple(name[:60] for name in takes[:20] if isinstance(name, str))
    told = isinstance(error, dict) or outcome["status"] == "raised"
    clean["error"] = {key: _text(error, key) for key in ("type", "message", "line")} if told else None
    if isinstance(access, dict):
        clean["access"] = {"fault": _text(access, "fault") or None, "signature": _text(access, "signature")}
        clean["access"]["counts"] = _counts(access.get("counts"))
    if isinstance(outcome.get("compiled"), dict):
        clean["compiled"] = compilation.clean(outcome["compiled"])
    return clean


def _counts(counts):
    """How often a kernel read and wrote; whole numbers or nothing."""
    memory = counts.get("global") if isinstance(counts, dict) else None
    found = {key: memory.get(key) for key in ("reads", "writes")} if isinstance(memory, dict) else {}
    return {"global": found} if found and all(type(n) is int and 0 <= n < 1 << 40 for n in found.values()) else {}


def _text(entry, key):
    value = entry.get(key) if isinstance(entry, dict) else None
    return value[:300] if isinstance(value, str) else ""


def _number(value):
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 1e6 else 0.0
