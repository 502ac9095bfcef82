"""Landlock: the kernel keeps a process, and all it starts, to the folders it was given. No privileges needed.

Struct layouts and flags: linux/landlock.h. Later kernels cover more (ABI 3: truncation, 6: signals); each is asked for
where it exists, and the canary says whether what this kernel covers is enough.
"""

import ctypes
import os
import stat
import struct

CREATE, ADD_RULE, RESTRICT = 444, 445, 446  # system calls, the same on every architecture
VERSION = 1
BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
READ = EXECUTE | READ_FILE | READ_DIR
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL  # rights that make sense on something not a folder
TCP = 0b11  # bind, connect
SCOPES = 0b11  # abstract sockets, signals

libc = ctypes.CDLL(None, use_errno=True)


def version():
    """The kernel's Landlock ABI; raises OSError where there is none."""
    return _call(CREATE, None, 0, VERSION)


def restrict(read, write):
    """From now on: read and run below the paths `read`, everything below `write`, nothing else. For good.

    Paths that do not exist are passed over. It needs no_new_privs. Raises OSError.
    """
    abi = version()
    every = (1 << (13 + (abi >= 2) + (abi >= 3) + (abi >= 5))) - 1  # the rights this kernel knows
    attributes = struct.pack("QQQ", every, TCP if abi >= 4 else 0, SCOPES if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _call(CREATE, attributes, size, 0)
    for path, rights in [*((path, READ) for path in read), *((path, every) for path in write)]:
        _allow(ruleset, path, rights & every)
    _call(RESTRICT, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset, path, rights):
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(fd).st_mode):
        rights &= ON_FILES
    _call(ADD_RULE, ruleset, BENEATH, struct.pack("=Qi", rights, fd), 0)
    os.close(fd)


def _call(number, *args):
    args = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    answer = libc.syscall(ctypes.c_long(number), *args)
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return answer
