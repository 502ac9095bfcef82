"""The report as tables: one row for each student and exercise, and one JSON document."""

import csv
import io
from dataclasses import asdict

from grader.export import harmless
from grader.insight.items import histogram
from grader.insight.mistakes import answer_of

COLUMNS = (
    "stage", "student_id", "status", "why", "score", "max_score", "late_submission_penalty",
    "exercise", "exercise_score", "exercise_max_score", "answer",
)  # fmt: skip


def as_csv(insights):
    """One row for each student and graded cell; `answer` is right, the misconception, or that it has no name."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for insight in insights:
        for one in insight.submissions:
            for row in _rows(insight, one):
                writer.writerow({name: harmless(value) for name, value in row.items()})
    return stream.getvalue()


def _rows(insight, one):
    base = {
        "stage": insight.stage, "student_id": one.student, "status": one.status, "why": one.reason,
        "score": one.points, "max_score": insight.maximum, "late_submission_penalty": one.penalty,
    }  # fmt: skip
    for item in insight.items if one.points is not None else ():
        verdict = one.verdicts.get(item.name)
        yield base | {
            "exercise": item.name,
            "exercise_score": one.scores.get(item.name, 0.0),
            "exercise_max_score": item.maximum,
            "answer": answer_of(verdict) if item.name in insight.mistakes else "",
        }
    if one.points is None:
        yield base


def as_dict(insight):
    """One stage as plain values. Students' sources are left out, but for one example of each unnamed mistake."""
    return {
        "stage": insight.stage,
        "maximum": insight.maximum,
        "handed_in": len(insight.submissions),
        "graded": len(insight.graded),
        "points": [
            {"from": low, "to": high, "students": n}
            for low, high, n in histogram([one.points for one in insight.graded], insight.maximum)
        ],
        "needs_a_person": [{"student": student, "why": why} for student, why in insight.waiting],
        "items": [asdict(item) | {"says": item.says} for item in insight.items],
        "exercises": {
            name: {
                "judged": tally.total,
                "answers": [
                    {"answer": answer, "students": n, "share": round(tally.share(answer), 4)}
                    for answer, n in tally.counts.items()
                ],
                "unnamed": [asdict(cluster) for cluster in insight.clusters[name]],
            }
            for name, tally in insight.mistakes.items()
        },
        "similar_groups": [
            {"students": list(group.students), "share": round(group.least, 4), "bits": round(group.bits, 1),
             "most_alike": _pair(group.pair)}
            for group in insight.groups
        ],
        "similar": [_pair(pair) for pair in insight.pairs],
        "similar_to_published": [_pair(pair) for pair in insight.published],
        "students": [
            {"student": one.student, "status": one.status, "why": one.reason, "points": one.points,
             "penalty": one.penalty, "scores": one.scores,
             "answers": {name: answer_of(one.verdicts.get(name)) for name in insight.mistakes if one.judged}}
            for one in insight.submissions
        ],
    }  # fmt: skip


def _pair(pair):
    parts = [{"part": part, "bits": round(bits, 1)} for part, bits in pair.parts]
    return {
        "one": pair.one,
        "other": pair.other,
        "share": round(pair.share, 4),
        "bits": round(pair.bits, 1),
        "parts": parts,
    }
