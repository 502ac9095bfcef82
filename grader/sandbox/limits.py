"""What a session may use: limits the kernel holds a process to, and sums over processes, which the keeper watches."""

import resource

from . import processes, scratch

THREADS = 1200  # the CUDA simulator runs one thread for each thread of a block, up to 1024
STACK = 1 << 20  # of a thread: 1024 of them must fit
PROCESSES = 64
FILES = 10_000
CPU_SECONDS = 600  # of one process: deadlines come first, this is for what escapes them


def apply(memory_mb, scratch_mb, tasks):
    """Limit this process and all it will start. `tasks`: how many the user already has outside."""
    # An eighth more than the purse allows: who grows by and by ends there at once, where a MemoryError in the depth of
    # a recursion would take a minute to find its way out.
    memory = resource.getpagesize() * _pages_mapped() + (memory_mb << 20) * 9 // 8
    for limit, value in [
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NPROC, tasks + THREADS),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_FSIZE, scratch_mb << 20),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 1 << 16),
    ]:
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))


def _pages_mapped():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0])


class Purse:
    """What all processes of a session together may hold, beyond what each was born with."""

    def __init__(self, spec, born_with):
        self.memory_mb, self.scratch_mb = spec["memory_mb"], spec["scratch_mb"]
        self.folders, self.born_with = spec["scratch"], born_with

    def overdrawn(self, pids):
        """In words, what these processes have too much of; None if nothing."""
        if len(pids) > PROCESSES:
            return f"more than {PROCESSES} processes"
        if sum(max(0, processes.memory(pid) - self.born_with) for pid in pids) > self.memory_mb << 20:
            return f"more than {self.memory_mb} MB of memory"
        used = [scratch.spent(folder, FILES) for folder in self.folders]
        if sum(files for files, _ in used) > FILES:
            return f"more than {FILES} files"
        if sum(size for _, size in used) > self.scratch_mb << 20:
            return f"more than {self.scratch_mb} MB on the disk"
        return None
