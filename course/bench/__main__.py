"""python -m course.bench [--json] [--rounds N]: how long a learner waits, against what we promise."""

import argparse
import json
import platform
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from course.bench import kernel, page


def main(argv=None):
    """Measure, print, and exit with 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m course.bench", description="How long a learner waits.")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout and nothing else")
    parser.add_argument("--rounds", type=int, default=5, help="how often each wait is measured (5)")
    chosen = parser.parse_args(argv)
    if chosen.rounds < 1:
        parser.error("--rounds: at least 1")
    rows, missing = kernel.rows(chosen.rounds), page.missing()
    rows += [] if missing else page.rows(chosen.rounds)
    if chosen.json:
        skipped = {"skipped": missing} if missing else {}
        machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        json.dump({"machine": machine, "rows": [asdict(row) for row in rows]} | skipped, sys.stdout, indent=1)
    else:
        Console().print(_table(rows))
        if missing:
            print(missing)
    return int(not all(row.met for row in rows))


def _table(rows):
    table = Table("", "what", "measured", "from", "to", "goal", box=None)
    for row in rows:
        table.add_row(
            "✓" if row.met else "✗", row.name, *(f"{x:.3g}" for x in (row.ratio, row.low, row.high, row.goal))
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
