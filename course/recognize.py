"""A known slip is recognized by what it does: it would have given exactly these outcomes, on every case."""

from course import compilation
from course.compare import differences
from course.findings import wasteful


def recognize(sheet, outcomes):
    """The misconceptions that would have given exactly these outcomes: (names, hint)."""
    known = [
        wrong
        for wrong in sheet["misconceptions"]
        if all(
            same(got, made, sheet["tolerance"]) and wasteful(case, got) == wasteful(case, made)
            for case, got, made in zip(sheet["cases"], outcomes, wrong["outcomes"], strict=True)
        )
    ]
    if len(known) == 1:
        return (known[0]["name"],), known[0]["hint"]
    return tuple(wrong["name"] for wrong in known), ""


def same(one, other, tolerance=None):
    """Two outcomes that nothing observable tells apart; `other` is a misconception's."""
    if one["status"] != other["status"]:
        return False
    if one["status"] == "raised":
        return one["error"]["type"] == other["error"]["type"]
    if one["status"] != "returned":
        return True
    how = signature_of(one)
    if how != signature_of(other):
        return False
    if "shared" in how or "barrier" in how:  # what is left behind depends on how the rest is spelled
        return True
    if not compilation.alike(one, other):
        return False
    return not any(differences(one[part], other[part], tolerance) for part in ("value", "after", "files"))


def signature_of(outcome):
    """What was wrong with a kernel's launch, without the names a learner is free to choose, or ''."""
    return (outcome["access"] or {}).get("signature") or ""
