"""A session's own namespaces, within the zygote's: what bubblewrap does once for the zygote, in a millisecond.

Everything here runs in a process that holds no student code yet, and that gives the right to do it up afterwards
(privileges.py). Flags: linux/sched.h, linux/mount.h.
"""

import ctypes
import os

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x2_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000
READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS, REMOUNT, BIND = 1, 2, 4, 8, 32, 4096
RECURSIVE, PRIVATE = 1 << 14, 1 << 18
INODES = 100_000  # of one tmpfs: the keeper ends a session long before, this is for the second it takes
FIRST_TO_GO = 500  # oom_score_adj: where the machine runs out of memory, a session ends, not the grader

libc = ctypes.CDLL(None, use_errno=True)


def fork(own):
    """os.fork, and the child is the first process of a new PID namespace: when it ends, so does everybody in there.

    own: a descriptor of this process's PID namespace, to which its next children belong again.
    """
    call("unshare", NEWPID)
    pid = None
    try:
        pid = os.fork()
    finally:
        if pid != 0:
            call("setns", own, NEWPID)
    return pid


def part(folders, *, new_user):
    """Leave the namespaces of the zygote; empty tmpfs of so many MB are mounted over `folders`, and a /proc of its own.

    new_user: also into a user namespace, as the same user. A limit of processes counts there from 0, and its
    capabilities reach nothing: the mounts just made belong to the namespace outside. Raises OSError.
    """
    os.setsid()
    zygotes = os.open("/proc", os.O_PATH | os.O_CLOEXEC)  # it can be written to, the one to come cannot
    _write(zygotes, "oom_score_adj", FIRST_TO_GO)
    call("unshare", NEWNS | NEWIPC | NEWNET | NEWUTS)
    mount(None, "/", RECURSIVE | PRIVATE)
    mount("proc", "/proc", NO_SUID | NO_DEVICES | NO_PROGRAMS)
    mount(None, "/proc", REMOUNT | BIND | READ_ONLY | NO_SUID | NO_DEVICES | NO_PROGRAMS)
    for folder, megabytes in folders.items():
        mount("tmpfs", folder, NO_SUID | NO_DEVICES, f"size={megabytes}m,mode=1777,nr_inodes={INODES}")
    if new_user:
        user, group = os.getuid(), os.getgid()
        call("unshare", NEWUSER)
        _write(zygotes, "setgroups", "deny")
        _write(zygotes, "uid_map", f"{user} {user} 1")
        _write(zygotes, "gid_map", f"{group} {group} 1")
    os.close(zygotes)


def mount(kind, folder, flags, options=None):
    """mount(2): a file system of a kind on a folder, or, without a kind, other flags for what is mounted there."""
    names = [name and name.encode() for name in (kind, folder, kind)]
    call("mount", *names, flags, options and options.encode())


def call(name, *args):
    """A system call by the C library's function for it; Python has these from 3.12 on. Raises OSError."""
    if getattr(libc, name)(*(ctypes.c_ulong(arg) if isinstance(arg, int) else arg for arg in args)) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _write(proc, name, text):
    fd = os.open(f"self/{name}", os.O_WRONLY, dir_fd=proc)
    with os.fdopen(fd, "w") as file:
        file.write(str(text))
