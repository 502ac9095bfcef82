"""Look at a machine: what would stop the course, what is good to know, and how to mend each.

The looking is done by course.checkups. One that trips over something is itself a finding; a doctor does not faint.
"""

from dataclasses import replace

from rich.markup import escape
from rich.table import Table

from course.checkups import CHECKUPS
from course.checkups.finding import note

MARKS = {"ok": "[green]✓[/]", "note": "[cyan]·[/]", "problem": "[red]✗[/]", "fixed": "[green]✓[/]"}


def examine(place, *, fix=False, checkups=CHECKUPS):
    """All findings at the folder `place`; with `fix`, after mending what can be mended safely."""
    findings = [finding for checkup in checkups for finding in _look(checkup, place)]
    return [_mend(finding) for finding in findings] if fix else findings


def healthy(findings):
    """Whether no problem is left."""
    return all(finding.status != "problem" for finding in findings)


def document(findings):
    """The findings as one JSON-ready dict."""
    rows = [{key: getattr(finding, key) for key in ("name", "status", "found", "mend")} for finding in findings]
    return {"ok": healthy(findings), "findings": rows}


def table(findings):
    """The findings for a terminal, each mend beneath what it mends."""
    grid = Table.grid(padding=(0, 1))
    for finding in findings:
        grid.add_row(MARKS[finding.status], f"[bold]{escape(finding.name)}[/]", escape(finding.found))
        if finding.mend:
            grid.add_row("", "", f"[yellow]→ {escape(finding.mend)}[/]")
    return grid


def _look(checkup, place):
    name = checkup.__name__.replace("_", " ")
    findings = []
    try:
        findings.extend(checkup(place))
    except Exception as fault:  # a sick machine raises anything
        findings.append(note(f"could not be looked at ({type(fault).__name__}: {fault})"))
    return [replace(finding, name=name) for finding in findings]


def _mend(finding):
    if finding.status != "problem" or finding.fix is None:
        return finding
    try:
        finding.fix()
    except OSError as fault:
        return replace(finding, found=f"{finding.found} (and could not be mended: {fault})")
    return replace(finding, status="fixed", found=f"mended: {finding.found}", mend="")
