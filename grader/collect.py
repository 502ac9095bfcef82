"""Collecting from the exchange: the time that counts is when a submission arrived, and nobody hands in for another.

nbgrader believes the time and the student in a submission's name, and the student's own program wrote that name; it
also ends at the first entry that it cannot copy, and copies what a link points at, with the instructor's rights.
"""

import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect
from traitlets import Dict, Float

from grader.copying import copy_folder

STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"
NOBODY = {"username": None, "filename": "", "timestamp": datetime.min}  # the record of what is left out


class Collect(ExchangeCollect):
    """nbgrader's collect, with the server's time and owners. What it leaves out it logs as an error.

    `tolerance_minutes`: how far a claimed time may precede the arrival. `attempts`: {"01_one_neuron": 3, "*": 5}.
    """

    tolerance_minutes = Float(5.0, help="A submission may say that it is older than its files by this much.").tag(
        config=True
    )

    attempts = Dict(
        help="Stage -> how many submissions count; '*' stands for all stages. Later ones are left alone."
    ).tag(config=True)

    def init_src(self):
        """nbgrader's own, without what is left out."""
        super().init_src()
        self.src_records = [record for record in self.src_records if record["username"]]

    def copy_files(self):
        """One record after the other: what cannot be copied stops nobody else's."""
        self.check_owner = False  # that was checked before the newest was picked
        for records in [[record] for record in self.src_records] or [[]]:
            self.src_records = records
            try:
                super().copy_files()
            except Exception as fault:  # of the file system, or of what lies there from before
                self._left_out(records[0]["filename"], fault)

    def _sort_by_timestamp(self, records):
        """The newest first; of those that count."""
        most = self.attempts.get(self.coursedir.assignment_id, self.attempts.get("*"))
        arrived = super()._sort_by_timestamp(records)
        if most is None or len(arrived) <= most or not arrived[0]["username"]:
            return arrived
        self.log.warning("%s has submitted %d times; attempt %d counts", arrived[0]["username"], len(arrived), most)
        return arrived[-max(1, int(most)) :]

    def _path_to_record(self, path):
        """A submission with the time that counts; NOBODY's, where it is left out."""
        try:
            record = self._dated(path)
            record["username"].encode()
            owner = stranger(path, record["username"]) if self.check_owner else None
        except (OSError, UnicodeError) as fault:  # it has just been taken away; no gradebook holds such a name
            return self._left_out(path, fault)
        if owner is not None:
            return self._left_out(path, f"{record['username']} is a user here, and it belongs to another, {owner}")
        return record

    def _left_out(self, path, why):
        self.log.error("%s is left out: %s", printable(path), printable(why))
        return NOBODY

    def _dated(self, path):
        """A submission with the time that counts; one whose name cannot be read is as old as its files."""
        arrived = arrival(path)
        try:
            record = super()._path_to_record(path)
        except Exception:
            parts = Path(path).name.split("+")
            return {"username": parts[0], "filename": Path(path).name, "timestamp": arrived}
        if arrived - record["timestamp"] > timedelta(minutes=self.tolerance_minutes):
            self.log.warning(
                "%s says %s, but it arrived at %s; that counts",
                printable(path),
                record["timestamp"].strftime(STAMP),
                arrived,
            )
            record["timestamp"] = arrived
        return record

    def do_copy(self, src, dest, log=None):
        """Copy a submission as it lies there: links stay links, which the gate takes out; one flood stops nobody."""
        aside = Path(dest).with_name(f".{Path(dest).name}.part")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        self._copy_files(src, aside)
        stamp = aside / "timestamp.txt"
        if stamp.is_dir() and not stamp.is_symlink():
            shutil.rmtree(stamp)
        stamp.unlink(missing_ok=True)
        stamp.write_text(self._dated(str(src))["timestamp"].strftime(STAMP))
        os.replace(aside, dest)

    def _copy_files(self, src, dest):
        """What can be copied; the gate says of an empty folder that there is nothing to grade."""
        try:
            left_out = copy_folder(src, dest, 1000 * self.coursedir.max_dir_size)
        except OSError as fault:
            self.log.error("%s cannot be read: %s", printable(src), printable(fault))
        else:
            if left_out:
                self.log.warning("%s: %d files are too large or cannot be read", printable(src), left_out)


def arrival(path):
    """When a submission was written, by the file system's own clock, which its owner cannot set back (UTC, naive)."""
    latest = 0.0
    with suppress(OSError):  # no folder, or a closed one; closing it is a change of its own
        for entry in os.scandir(path):
            latest = max(latest, entry.stat(follow_symlinks=False).st_ctime)
    latest = max(latest, os.lstat(path).st_ctime)
    return datetime.fromtimestamp(latest, UTC).replace(tzinfo=None)


def printable(what):
    """As a text that any terminal and any log will take: to the system names are bytes, of any kind."""
    return str(what).encode(errors="replace").decode()


def stranger(path, student):
    """Whose a submission is, as a user id, where its name is that of another user of this system; else None."""
    import pwd  # Unix alone; releasing does not need it

    with suppress(KeyError):
        owner = os.lstat(path).st_uid
        return None if owner == pwd.getpwnam(student).pw_uid else owner
    return None
