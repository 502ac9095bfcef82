"""The processes of ahead.py, on other machines: bytes of a submission go to a Dask worker, its verdicts return as JSON.

    dask scheduler                                       # anywhere the others reach it
    dask worker tcp://host:8786 --nworkers auto          # on each machine that grades: Linux, with this same project
    threshold grade 03 --scheduler tcp://host:8786       # where the class is

A worker is a grading machine, trusted as this one is: it holds the reference and runs the sandboxes. What it is told is
the cells of one submission and the seeds of its hidden cases, which are good for nothing else. The class's secret, the
gradebook and the students' names stay here. Whoever reaches a scheduler can run anything on its workers: keep it in a
closed network, or give all three Dask's TLS settings and an address that begins with tls://.
"""

import json
import logging
import threading
import time
import traceback
import warnings
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress

from course.errors import BadInput
from course.files import put
from grader import challenge, verdicts
from grader.ahead import Ahead, opened
from grader.sandbox import NoIsolation, choose

CONNECT_SECONDS = 10.0
PATIENCE_SECONDS = 60.0  # without any worker: one that was killed may be coming back
IN_FLIGHT = 3  # submissions a worker's thread has before it: it must never wait, and ours must not pile up
ALONE = threading.Lock()  # a worker's threads take turns: the reference's own are not to be shared


class ClusterLost(Exception):
    """The cluster cannot be reached any more, or no worker is left. What is graded is kept."""


# On the worker


def graded_from(work):
    """Bytes in, JSON out: the verdicts on one submission, or {"fault": why there are none}."""
    asked = json.loads(work)
    with ALONE:
        try:
            why = misfit(facts(asked["level"]), asked["level"], asked["code"])
            if why:
                return json.dumps({"fault": f"the worker {why}"}).encode()
            found = challenge.grade_seeded(asked["cells"], asked["seeds"], asked["level"])
            return verdicts.dump(verdicts.Graded(*found, asked["level"]))
        except Exception as fault:  # the grader's own failure: told as one, and no zero
            return json.dumps({"fault": f"{type(fault).__name__}: {fault}"}).encode()


def facts(level):
    """What this process would grade with: its code, and the level of isolation that holds here."""
    try:
        return {"code": verdicts.code(), "level": choose(level)}
    except NoIsolation:
        return {"code": verdicts.code(), "level": None}


def misfit(found, level, code):
    """Why a process with these facts cannot grade for us, in words, or ''."""
    if not isinstance(found, dict):
        missing = isinstance(found, ImportError)
        return f"does not have the course installed ({found})" if missing else f"cannot grade: {found}"
    if found["code"] != code:
        return "has another version of the course, of Python, or of what computes: install there what is installed here"
    return "" if found["level"] == level else f"cannot keep student code in by {level}, which holds here"


# Where the class is


@contextmanager
def connect(address, level):
    """The Cluster at a scheduler's address. Raises BadInput where it cannot be reached or a worker cannot grade for us."""
    try:
        from distributed import Client
    except ImportError:
        raise BadInput("--scheduler needs Dask: run `pip install -e '.[cluster]'` in the course's folder.") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a lost connection is told once, by us
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # versions that differ are told by us as well
        try:
            client = Client(address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError, TypeError) as fault:
            words = str(fault).strip().splitlines()
            _close(Client, fault)
            raise BadInput(f"No Dask scheduler answers at {address} ({words[0] if words else 'no reason'}).") from None
        try:
            yield _of_one_mind(Cluster(client, address), level)
        finally:
            client.close(timeout=CONNECT_SECONDS)


def _close(kind, fault):
    """Close the client that never connected: one that is found dead while another starts would lock up both."""
    for frame, _ in traceback.walk_tb(fault.__traceback__):
        client = frame.f_locals.get("self")
        if isinstance(client, kind):
            client.close()


def _of_one_mind(cluster, level):
    """The cluster, if it has workers and all of them would give our verdicts."""
    try:
        found = cluster.client.run(facts, level, on_error="return")
    except OSError:
        raise cluster.lost("does not answer any more") from None
    found = {worker: about for worker, about in found.items() if not isinstance(about, OSError)}  # it has just left
    if not found:
        raise BadInput(f"{cluster.address} has no workers: start some with `dask worker {cluster.address}`.")
    for worker, about in sorted(found.items()):
        why = misfit(about, level, verdicts.code())
        if why:
            raise BadInput(f"Nothing is graded: the worker {worker} {why}.")
    return cluster


class Cluster:
    """Workers of Dask in place of processes: `grade_ahead` does what ahead.grade_ahead does."""

    def __init__(self, client, address):
        self.client, self.address = client, address

    def grade_ahead(self, classroom, stage, students, level, *, jobs=None, again=False):
        """Grade these students' submissions; yields an Ahead for each as it is done. jobs: as many as workers take.

        Raises ClusterLost.
        """
        waiting = {}
        try:
            for student in students:
                found, cells, names = opened(classroom, stage, student)
                place = verdicts.place_of(classroom, stage, cells, names, level)
                if found.fault or (not again and verdicts.load(place)):
                    yield found
                    continue
                while len(waiting) >= self._room():
                    yield from self._done(waiting)
                work = _work(classroom.secret(), cells, names, level)
                waiting[self.client.submit(graded_from, work, pure=False)] = found, names, place
            while waiting:
                yield from self._done(waiting)
        finally:
            self.client.cancel(list(waiting))

    def _room(self):
        """How many submissions may be under way."""
        return max(1, IN_FLIGHT * self._threads())

    def _threads(self):
        try:
            return sum(self.client.nthreads().values())
        except OSError:
            raise self.lost("does not answer any more") from None

    def _done(self, waiting):
        """An Ahead for each submission that is done by now, and at least one."""
        from distributed import wait

        since, finished = time.monotonic(), set()
        while not finished:
            try:
                finished = wait(list(waiting), timeout=1, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                since = self._alive(since)
            except CancelledError:
                raise self.lost("does not answer any more") from None
        for future in finished:
            found, names, place = waiting.pop(future)
            yield _kept(future, found, names, place)

    def _alive(self, since):
        """The last time, on the monotonic clock, that there was a worker. Raises ClusterLost after PATIENCE_SECONDS."""
        if self._threads():
            return time.monotonic()
        if time.monotonic() - since < PATIENCE_SECONDS:
            return since
        raise self.lost(f"has had no worker for {PATIENCE_SECONDS:g} s")

    def lost(self, why):
        """The ClusterLost to raise."""
        kept = "What is graded is kept; the same command goes on from there."
        return ClusterLost(f"The cluster at {self.address} {why}. {kept}")


def _work(secret, cells, names, level):
    """What a worker is told of a submission."""
    seeds = {name: challenge.seed_of(secret, cells, name) for name in names}
    return json.dumps({"cells": cells, "seeds": seeds, "level": level, "code": verdicts.code()}).encode()


def _kept(future, found, names, place):
    """Keep the verdicts that came back; the Ahead of the submission, with the fault where none did."""
    from distributed.scheduler import KilledWorker

    try:
        answer = future.result()
    except KilledWorker:
        return Ahead(found.student, found.notes, "the grading process ended every time it had this submission")
    except Exception as fault:
        return Ahead(found.student, found.notes, f"the cluster gave no verdict: {type(fault).__name__}: {fault}")
    graded = verdicts.parse(answer)
    if graded is None or set(graded.verdicts) != set(names):
        return Ahead(found.student, found.notes, _fault_in(answer))
    put(place, answer)
    return found


def _fault_in(answer):
    with suppress(ValueError, TypeError, KeyError):
        return str(json.loads(answer)["fault"])
    return "the worker's answer is no verdict"
