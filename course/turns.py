"""The threads of a block take turns: each runs until it waits at a barrier or ends, always in the same order.

numba's simulator lets Python switch between threads when it likes, so what a race leaves behind is luck, and it opens
a barrier although some threads never come. Here nothing is luck: the same kernel does the same every time, a barrier
that some threads miss is a fault with names, and a kernel that never ends is ended.

A Python thread plays CUDA threads one after the other. Only one that has to wait at a barrier keeps its Python thread
to itself, so a kernel without barriers needs a single one.
"""

import ctypes
import itertools
import sys
import threading
import time
from collections import deque

from course.messages import say

FRESH, PAUSED, WAITING, ENDED = "fresh", "paused", "waiting", "ended"
SWITCHING = 5e-5  # seconds after which Python lets another thread run, where threads wait for one another
LOOK = 0.2  # seconds between two looks at the clock


class BarrierFault(Exception):
    """Threads of one block are not all at the same barrier. `signature` says so without names."""

    def __init__(self, words, signature):
        super().__init__(words)
        self.signature = signature


class Endless(TimeoutError):
    """A kernel that has been ended because it would not end by itself."""


class Stopped(BaseException):
    """Ends the Python thread of a CUDA thread that is not to go on."""


class Turn:
    """One CUDA thread: who it is, and how far it has come."""

    def __init__(self, block, index, number, sizes):
        self.block, self.index, self.number, self.sizes = block, index, number, sizes
        self.state, self.passed, self.place = FRESH, 0, None
        self.steps = 0  # accesses to memory so far
        self.atomic = False
        self.baton = None

    def __str__(self):
        return who(self.index, self.block, *self.sizes)


def who(thread, block, threads, blocks):
    """A thread in words, in blocks of `threads` and a grid of `blocks`: thread 3 of block (1, 0)."""
    return say("thread", thread=short(thread, threads), block=short(block, blocks))


def short(place, size):
    """A place (x, y, z) in a grid of a size with as many numbers as the grid has dimensions: 3, or (3, 1)."""
    dimensions = max([1] + [k + 1 for k, n in enumerate(size) if n > 1])
    return str(place[:dimensions] if dimensions > 1 else place[0])


class Player(threading.Thread):
    """A Python thread that plays CUDA threads; numba's stand-in for `cuda` asks it who it is."""

    def __init__(self, block, turn, dim3):
        super().__init__(daemon=True)
        self.block, self.turn, self.dim3 = block, turn, dim3

    threadIdx = property(lambda self: self.dim3(*self.turn.index))
    blockIdx = property(lambda self: self.dim3(*self.turn.block))
    thread_id = property(lambda self: self.turn.number)

    def run(self):
        try:
            self.block.play(self)
        except Stopped:
            pass
        except BaseException as fault:
            self.block.fail(fault)

    def syncthreads(self):
        self.block.wait(self.turn, WAITING, _place())

    def syncthreads_count(self, value):
        self.block.votes[self.turn.number] = bool(value)
        self.block.wait(self.turn, WAITING, _place())
        count = sum(self.block.votes.values())
        self.block.wait(self.turn, WAITING, _place())
        return count

    def syncthreads_and(self, value):
        return int(self.syncthreads_count(value) == len(self.block.turns))

    def syncthreads_or(self, value):
        return int(self.syncthreads_count(value) > 0)


def _place():
    """Where in the kernel the barrier stands: the nearest frame that is neither ours nor numba's."""
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__", "").startswith(("course.turns", "numba")):
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


class Block:
    """One block, of a size and in a grid, ready to run `call` once a thread. lockstep: a turn ends at every access."""

    def __init__(self, call, block, size, grid, dim3, lockstep=False):
        places = itertools.product(*(range(n) for n in reversed(size)))  # x runs fastest, as on a GPU
        self.turns = [Turn(block, (x, y, z), i, (size, grid)) for i, (z, y, x) in enumerate(places)]
        self.call, self.dim3, self.lockstep = call, dim3, lockstep
        self.host, self.queue, self.votes = threading.Semaphore(0), deque(), {}
        self.stopped, self.fault, self.player = False, None, None

    def run(self, deadline):
        """Run until every thread has ended. BarrierFault, Endless, or whatever the kernel raises."""
        try:
            ready = self.turns
            while ready:
                self._round(ready, deadline)
                ready = [turn for turn in self.turns if turn.state == PAUSED] or self._open_barrier()
        except (Endless, KeyboardInterrupt):
            self.stopped = True
            _interrupt(self.player)
            raise
        finally:
            self._abandon()

    def _round(self, ready, deadline):
        self.queue.extend(ready)
        self._hand_on()
        while not self.host.acquire(timeout=LOOK):
            if time.process_time() > deadline:
                raise Endless(say("kernel endless"))
        if self.fault is not None:
            raise self.fault

    def _open_barrier(self):
        """The threads that may go on once all have come; BarrierFault where some never will."""
        waiting = [turn for turn in self.turns if turn.state == WAITING]
        if not waiting:
            return []
        one, others = waiting[0], {turn.place for turn in waiting}
        gone = next((turn for turn in self.turns if turn.state == ENDED), None)
        if gone is not None:
            how = f"barrier: ended after {gone.passed}, the others wait at {one.passed + 1}"
            raise BarrierFault(say("barrier missed", one=one, other=gone), how)
        if len(others) > 1:
            other = next(turn for turn in waiting if turn.place != one.place)
            raise BarrierFault(say("barriers differ", one=one, other=other), "barrier: not the same")
        for turn in waiting:
            turn.passed += 1
        return waiting

    def play(self, player):
        """What a Python thread does: play its CUDA thread, and go on with others that are still fresh."""
        while True:
            self.player = player
            self.call()
            player.turn.state = ENDED
            if not (self.queue and self.queue[0].state == FRESH):
                return self._hand_on()
            player.turn = self.queue.popleft()

    def wait(self, turn, state, place=None):
        """Called by a CUDA thread: let the others have their turn."""
        turn.state, turn.place = state, place
        turn.baton = turn.baton or threading.Semaphore(0)
        self._hand_on()
        turn.baton.acquire()
        if self.stopped:
            raise Stopped
        self.player = threading.current_thread()

    def fail(self, fault):
        """Called by a Python thread that cannot go on."""
        self.fault = fault
        self.host.release()

    def _hand_on(self):
        if not self.queue:
            self.host.release()
        elif (turn := self.queue.popleft()).state == FRESH:
            Player(self, turn, self.dim3).start()
        else:
            turn.baton.release()

    def _abandon(self):
        self.stopped = True
        for turn in self.turns:
            if turn.baton is not None and turn.state != ENDED:
                turn.baton.release()


def _interrupt(player):
    """Make a Python thread that is busy raise Stopped, wherever it is."""
    if player is not None and player.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(player.ident), ctypes.py_object(Stopped))
