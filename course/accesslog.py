"""Every access of a launch, one by one, and what is wrong with them: races, missed barriers, arrays that end earlier."""

import functools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from course.messages import say
from course.turns import PAUSED, BarrierFault, Block, who

MAX_ACCESSES = 2_000_000


class Access(NamedTuple):
    """One read or write of one entry. `interval` counts the barriers the thread had passed, `step` its accesses."""

    array: str
    index: tuple
    memory: str  # "global" or "shared"
    write: bool
    atomic: bool
    block: tuple
    thread: tuple
    interval: int
    step: int


@dataclass
class AccessLog:
    """Every access of one launch, and what is wrong with them."""

    parameters: tuple = ()
    accesses: list = field(default_factory=list)
    outside: list = field(default_factory=list)  # accesses to entries that do not exist
    shapes: dict = field(default_factory=dict)  # array -> shape
    blocks: tuple = (1, 1, 1)
    threads: tuple = (1, 1, 1)
    barrier: BarrierFault | None = None
    returned: object = None
    block: Block | None = None  # the one that runs

    def note(self, array, index, memory, write, inside=True):
        """Called by a watched array."""
        turn = self.block.player.turn
        if not turn.atomic:
            self.pause()
        if len(self.accesses) + len(self.outside) >= MAX_ACCESSES:
            raise RuntimeError(say("kernel accesses", most=MAX_ACCESSES))
        entry = Access(array, index, memory, write, turn.atomic, turn.block, turn.index, turn.passed, turn.steps)
        turn.steps += 1
        (self.accesses if inside else self.outside).append(entry)

    def pause(self):
        """In lockstep, the end of a thread's turn."""
        if self.block.lockstep:
            self.block.wait(self.block.player.turn, PAUSED)

    def counts(self):
        """{"global": {"reads": …, "writes": …}, "shared": {…}}"""
        found = {memory: {"reads": 0, "writes": 0} for memory in ("global", "shared")}
        for access in self.accesses:
            found[access.memory]["writes" if access.write else "reads"] += 1
        return found

    @functools.cached_property
    def races(self):
        """Two accesses that nothing orders, one of them a write: (first, second, hazards), the first of each kind."""
        found, own_writes = {}, self._own_writes()
        for touched in self._by_entry().values():
            for pair in _unordered(touched):
                hazards = _hazards(*pair, touched, own_writes)
                found.setdefault((pair[0].array, hazards), (*pair, hazards))
        return list(found.values())

    def fault(self):
        """What is wrong with the launch, in a sentence that names the threads; None if nothing is."""
        if self.returned is not None:
            return say("kernel returns")
        if self.barrier is not None:
            return str(self.barrier)
        if self.outside:
            return self._missed()
        if self.races:
            return self._racing(self.races[0])
        return None if self.wrote() else say("kernel writes nothing")

    def first(self, array):
        """The entry of `array` that each thread of the first block touches first: what they ask for at one moment."""
        block = (0, 0, 0)
        found = {}
        for access in self.accesses:
            if access.array == array and access.block == block:
                found.setdefault(access.thread, access.index)
        return list(found.values())

    def __str__(self):
        counts = self.counts()
        found = [f"{memory:>6} memory: {n['reads']:,} reads, {n['writes']:,} writes" for memory, n in counts.items()]
        return "\n".join(
            [*found[: 1 + any(counts["shared"].values())], self.fault() or "no race, nothing out of place"]
        )

    def wrote(self):
        """Whether anything was left for the host to find."""
        return any(access.write and access.memory == "global" for access in self.accesses)

    def signature(self):
        """The same without what a learner is free to choose, so that one slip looks the same in every spelling."""
        found = ["returns"] * (self.returned is not None)
        if self.barrier is not None:
            return [*found, self.barrier.signature]
        outside = [(a.array if a.memory == "global" else "", a.write) for a in self.outside]
        found += [f"outside: {array} {'writes' if w else 'reads'} {outside.count((array, w))}"
                  for array, w in sorted(set(outside))]  # fmt: skip
        kinds = set()
        for one, _, hazards in self.races:
            where = f"global {one.array}" if one.memory == "global" else f"shared after {one.interval}"
            kinds |= {f"race: {where} {hazard}" for hazard in hazards}
        return found + sorted(kinds) + ["nothing written"] * (not self.wrote())

    def _racing(self, race):
        one, other, (hazard, *_) = race
        hazard = say(f"race {hazard}")
        return say("racing", cell=cell_of(one), one=self._does(one), other=self._does(other), hazard=hazard)

    def _missed(self):
        first, more = self.outside[0], len(self.outside) - 1
        shape = self.shapes[first.array]
        size = say("beyond size", size=shape[0]) if len(shape) == 1 else say("beyond shape", shape=shape)
        others = say("beyond one" if more == 1 else "beyond many", count=more) if more else ""
        return say("beyond", who=self._does(first), cell=cell_of(first), array=first.array, size=size, others=others)

    def _does(self, access):
        name = who(access.thread, access.block, self.threads, self.blocks)
        return say("thread writes" if access.write else "thread reads", who=name)

    def _by_entry(self):
        cells = defaultdict(list)
        for access in self.accesses:
            # Shared memory is private to its block; in global memory a barrier orders nothing between blocks.
            owner = access.block if access.memory == "shared" else None
            cells[access.array, access.index, owner].append(access)
        return cells

    def _own_writes(self):
        """(array, block, thread, interval) -> the thread's first and last step there that writes the array."""
        found = {}
        for access in self.accesses:
            if access.write:
                key = access.array, access.block, access.thread, access.interval
                found[key] = (found.get(key, (access.step,))[0], access.step)
        return found


def _unordered(touched):
    """Pairs of accesses to one entry by different threads that no barrier separates, the first one writing."""
    writes = [access for access in touched if access.write]
    if not writes or len({(access.block, access.thread) for access in touched}) == 1:
        return
    for write in writes[:32]:  # a race shows in the first writes as well as in the last
        for other in touched:
            same_block = write.block == other.block
            same_thread = same_block and write.thread == other.thread
            ordered = same_block and write.interval != other.interval
            if not (same_thread or ordered or (write.atomic and other.atomic)):
                yield write, other


def _hazards(write, other, touched, own_writes):
    """What a race may do. A thread writes its share of an array and reads the others': did it read before or after?"""
    if write.block != other.block:
        return ("apart",)
    its = other.block, other.thread
    if other.write or any(a.write and (a.block, a.thread) == its and a.step > other.step for a in touched):
        return ("twice",)
    first, last = own_writes.get((other.array, other.block, other.thread, other.interval), (-1, -1))
    return ("early",) * (first < other.step) + ("late",) * (last > other.step)


def cell_of(access):
    """The entry as it is written in code: a[3, 1]."""
    return f"{access.array}[{', '.join(map(str, access.index))}]"
