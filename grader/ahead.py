"""Submissions graded ahead of nbgrader, several at a time: each is admitted, and its verdicts are stored.

A worker is a process of its own, forked from a server that has imported everything once. It dies with the command that
started it, however that ends, and its sandboxes die with it.
"""

import contextlib
import multiprocessing
import os
import select
import signal
import threading
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace

from grader.admission import admit_folder
from grader.classroom import Classroom
from grader.sandbox import seccomp


@dataclass(frozen=True)
class Ahead:
    """One submission looked at: the gate's notes, or why it cannot be graded."""

    student: str
    notes: tuple = ()
    fault: str = ""


def grade_ahead(classroom, stage, students, level, *, jobs=1, again=False):
    """Grade these students' submissions; yields an Ahead for each as it is done."""
    work = [(classroom.root, stage, student, level, again) for student in students]
    if min(jobs, len(work)) <= 1:
        yield from (look_at(*item) for item in work)
        return
    broken = []
    for student, done in _in_pool(work, jobs):
        if done is None:
            broken.append(student)
        else:
            yield done
    for student in broken:  # a worker that dies takes its pool along: the others, and then it, get one of their own
        item = next(item for item in work if item[2] == student)
        for _, done in _in_pool([item], 1):
            yield done or Ahead(student, fault="the grading process ended twice on this submission")


def _in_pool(work, jobs, look=None):
    """(student, Ahead) as each is done; (student, None) where the worker, or a neighbor of it, died."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["grader.ahead", "grader.nbgrader", "grader.verdicts"])
    pool = ProcessPoolExecutor(min(jobs, len(work)), context, _begin, (os.getpid(),))
    futures = {pool.submit(look or look_at, *item): item[2] for item in work}
    try:
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenExecutor:
                yield futures[future], None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        pool.shutdown()  # its thread has ended before Python does, which would write to a pipe that is closed


def look_at(root, stage, student, level, again):
    """Admit one submission and have its verdicts stored, whatever it holds."""
    from grader import verdicts

    classroom = Classroom(root)
    found, cells, names = opened(classroom, stage, student)
    if found.fault:
        return found
    try:
        verdicts.graded(classroom, stage, cells, names, level, again=again)
    except Exception as fault:  # the grader's own failure: told as one, and no zero
        return replace(found, fault=f"{type(fault).__name__}: {fault}")
    return found


def opened(classroom, stage, student):
    """Admit one submission: (its Ahead, the cells that run, the exercises to judge). No student code runs."""
    from grader import nbgrader

    notes = ()
    try:
        notes, notebook = admit_folder(classroom, stage, student)
        notebook, _ = nbgrader.restored(classroom, stage, notebook)
        runs, checks = nbgrader.challenges(stage, notebook)
    except OSError as fault:
        return Ahead(student, tuple(notes), f"the submitted folder cannot be used: {fault}"), [], []
    except Exception as fault:  # whatever it holds; the others go on
        return Ahead(student, tuple(notes), f"{type(fault).__name__}: {fault}"), [], []
    return Ahead(student, tuple(notes)), [cell.source for cell in runs], list(checks)


def _begin(command):
    """A worker's first step: leave Ctrl+C to the command, and end when the command ends, however that happens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    seccomp.prctl(seccomp.SET_PDEATHSIG, signal.SIGKILL)  # with the server it was forked from
    threading.Thread(target=_end_with, args=(command,), daemon=True).start()


def _end_with(command):
    with contextlib.suppress(ProcessLookupError):
        poller = select.poll()
        poller.register(os.pidfd_open(command), select.POLLIN)
        poller.poll()
    os.kill(os.getpid(), signal.SIGKILL)
