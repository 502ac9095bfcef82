"""nbgrader's marks, and what almost is one: `### BEGIN HIDDEN TEST` marks nothing, and what it should hide ships.

nbgrader looks for the exact words and says nothing of others, so a slip of the pen is found here or by the students.
"""

import re
from difflib import get_close_matches

KNOWN = ("exercise", "id", "manual", "points", "role")  # the keys of a cell in a stage's source
MARKS = (
    "BEGIN SOLUTION",
    "END SOLUTION",
    "BEGIN HIDDEN TESTS",
    "END HIDDEN TESTS",
    "BEGIN MARK SCHEME",
    "END MARK SCHEME",
)
OURS = MARKS[:2]  # the others have no use here: hidden cases are made by the grader, and notes stand in a solution
ALIKE = 0.75  # of difflib's ratio; "BEGINNING" and "END OF THE SOLUTION" stay below


def near_markers(source):
    """(line number, line, mark) of each line that is one of nbgrader's marks, or nearly."""
    for number, line in enumerate(source.splitlines(), 1):
        words = re.sub(r"[^A-Z]+", " ", line.upper()).strip()
        close = get_close_matches(words, MARKS, 1, ALIKE)
        if close and re.match(r"\s*(#|<!-)", line):
            yield number, line.strip(), close[0]


def faults_of_markers(source):
    """What is wrong with the marks of one cell's source, a sentence each: slips, marks without use, no pair."""
    exact = []
    for number, line, mark in near_markers(source):
        if line != f"### {mark}":
            yield f"line {number}: `{line}` marks nothing; is `### {mark}` meant?"
        elif mark not in OURS:
            yield f"line {number}: `{line}` has no use here: hidden cases come from the exercise in grader/exercises"
        else:
            exact.append(mark)
    if exact != [*OURS] * (len(exact) // 2):
        yield f"the marks are {', '.join(exact)}, and each BEGIN SOLUTION needs its END SOLUTION after it"


def faults_of_keys(keys):
    """A misspelled key of a stage's cell: `# %% exercize="dense"` would be a demonstration, and no exercise."""
    for key in keys:
        meant = get_close_matches(key, KNOWN, 1, 0.6)
        if key not in KNOWN and meant:
            yield f"`{key}=` is no key of a cell; is {meant[0]} meant?"
