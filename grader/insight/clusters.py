"""Wrong answers that nobody has named yet, put together where they do the same: the next misconception to declare.

Two do the same where the first visible case that they fail gives the same answer, they pass equally many, and lose the
same properties: visible cases are alike for everybody. Where only fresh inputs tell (they differ from student to
student), those are put together whose code is alike in form.
"""

import re
from dataclasses import dataclass

from grader.insight.fingerprints import fingerprints, overlap
from grader.insight.mistakes import UNNAMED, answer_of

ALIKE = 0.7  # share of fingerprints in common from which two answers count as one in form


@dataclass(frozen=True)
class Cluster:
    """Students who made one mistake. symptom: what the judge says of it. example: the shortest of their sources."""

    students: tuple
    symptom: str
    case: str
    got: str
    expected: str
    example: str
    passed: tuple  # visible cases: passed, of

    def __len__(self):
        return len(self.students)


def clusters(exercise, submissions):
    """The Clusters of one exercise's unnamed wrong answers, the largest first."""
    wrong = [one for one in submissions if answer_of(one.verdicts.get(exercise)) == UNNAMED]
    groups = {}
    for one in wrong:
        groups.setdefault(behavior(one.verdicts[exercise]), []).append(one)
    in_form = groups.pop(None, [])
    made = [_cluster(exercise, group) for group in [*groups.values(), *_by_form(exercise, in_form)]]
    return sorted(made, key=lambda cluster: (-len(cluster), cluster.students))


def behavior(verdict):
    """What can be told apart of a wrong answer: the same for two that do the same; None where inputs were fresh."""
    if not verdict.example:
        return None
    lost = tuple(name for name, entry in verdict.properties.items() if not entry["passed"])
    return verdict.example["label"], _without_names(verdict.example["got"]), tuple(verdict.cases), lost


def _without_names(got):
    """An answer as shown; of an error the kind and what it complains of, not the names that a student chose."""
    kind = re.match(r"raised (\w+)|is not compiled by numba", got)
    if not kind:
        return got
    return re.sub(r"(['\"`]).*?\1", "…", got.partition(", at `")[0])


def _by_form(exercise, submissions):
    """Groups of those whose code is alike: each joins the first whose founder it resembles."""
    groups = []
    for one in submissions:
        prints = set(fingerprints(one.parts.get(exercise, "")))
        for founder, group in groups:
            if overlap(founder, prints) >= ALIKE:
                group.append(one)
                break
        else:
            groups.append((prints, [one]))
    return [group for _, group in groups]


def _cluster(exercise, group):
    shortest = min(group, key=lambda one: (len(one.parts.get(exercise, "")), one.student))
    verdict = shortest.verdicts[exercise]
    example = verdict.example or {"label": "", "got": "", "expected": ""}
    return Cluster(
        tuple(one.student for one in group),
        verdict.symptom,
        example["label"],
        example["got"],
        example["expected"],
        shortest.parts.get(exercise, ""),
        tuple(verdict.cases),
    )
