"""Collecting from the exchange: the time that counts is when a submission arrived, and a link stays a link.

nbgrader believes the time in a submission's name, and the student's own program wrote that name; it also copies what a
link points at, with the instructor's rights.
"""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect
from traitlets import Dict, Float

STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"


class Collect(ExchangeCollect):
    """nbgrader's collect, with the server's time.

    `tolerance_minutes`: how far a claimed time may precede the arrival. `attempts`: {"01_one_neuron": 3, "*": 5}.
    """

    tolerance_minutes = Float(5.0, help="A submission may say that it is older than its files by this much.").tag(
        config=True
    )

    attempts = Dict(
        help="Stage -> how many submissions count; '*' stands for all stages. Later ones are left alone."
    ).tag(config=True)

    def _sort_by_timestamp(self, records):
        """The newest first; of those that count."""
        most = self.attempts.get(self.coursedir.assignment_id, self.attempts.get("*"))
        arrived = super()._sort_by_timestamp(records)
        if most is None or len(arrived) <= most:
            return arrived
        self.log.warning("%s has submitted %d times; attempt %d counts", arrived[0]["username"], len(arrived), most)
        return arrived[-max(1, int(most)) :]

    def _path_to_record(self, path):
        """A submission with the time that counts; one whose name cannot be read is as old as its files."""
        arrived = arrival(path)
        try:
            record = super()._path_to_record(path)
        except Exception:
            parts = Path(path).name.split("+")
            return {"username": parts[0], "filename": Path(path).name, "timestamp": arrived}
        if arrived - record["timestamp"] > timedelta(minutes=self.tolerance_minutes):
            self.log.warning(
                "%s says %s, but it arrived at %s; that counts", path, record["timestamp"].strftime(STAMP), arrived
            )
            record["timestamp"] = arrived
        return record

    def do_copy(self, src, dest, log=None):
        """Copy a submission as it lies there: links stay links, which the gate takes out; one flood stops nobody."""
        aside = Path(dest).with_name(f".{Path(dest).name}.part")
        shutil.rmtree(aside, ignore_errors=True)
        if os.path.islink(src):
            aside.mkdir()
        else:
            self._copy_files(src, aside)
        stamp = aside / "timestamp.txt"
        if stamp.is_dir() and not stamp.is_symlink():
            shutil.rmtree(stamp)
        stamp.unlink(missing_ok=True)
        stamp.write_text(self._path_to_record(str(src))["timestamp"].strftime(STAMP))
        os.replace(aside, dest)

    def _copy_files(self, src, dest):
        flood = size_of(src) > 1000 * self.coursedir.max_dir_size
        if flood:
            self.log.warning("%s is too large; only its notebooks are collected", src)

        def left_out(folder, names):
            paths = {name: os.path.join(folder, name) for name in names}
            wrong = {name for name, path in paths.items() if not (os.path.islink(path) or is_plain(path))}
            return wrong | {name for name in names if flood and not name.endswith(".ipynb")}

        try:
            shutil.copytree(src, dest, symlinks=True, ignore=left_out)
        except shutil.Error as unread:  # what could be read is there
            self.log.warning("%s: %d files could not be read", src, len(unread.args[0]))


def arrival(path):
    """When a submission was written, by the file system's own clock, which its owner cannot set back (UTC, naive)."""
    entries = [path, *(entry.path for entry in os.scandir(path))] if os.path.isdir(path) else [path]
    latest = max(os.lstat(entry).st_ctime for entry in entries)
    return datetime.fromtimestamp(latest, UTC).replace(tzinfo=None)


def size_of(folder):
    """Bytes in all files of a folder, links not followed."""
    files = (os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)
    return sum(os.lstat(file).st_size for file in files)


def is_plain(path):
    """A file or a folder: no pipe, no socket, no device."""
    return os.path.isfile(path) or os.path.isdir(path)
