"""How a process stops being anybody in particular: another user, no capability, and none to be had again."""

import ctypes
import os
import struct

from . import seccomp

DROP_FROM_BOUNDING_SET, AMBIENT, CLEAR_ALL = 24, 47, 4  # prctl(2)
CAPABILITIES = 64  # the kernel knows 41
VERSION = 0x2008_0522  # of struct __user_cap_header_struct, linux/capability.h

libc = ctypes.CDLL(None, use_errno=True)


def give_up(user):
    """Become `user`, where there is one, and lose every capability. Raises OSError."""
    try:
        for capability in range(CAPABILITIES):
            seccomp.prctl(DROP_FROM_BOUNDING_SET, capability)
    except OSError:  # there are no more, or the right to do this is not there either: no_new_privs says the same
        pass
    if user is not None:
        os.setgroups([])
        os.setresgid(*[user] * 3)
        os.setresuid(*[user] * 3)
    seccomp.prctl(AMBIENT, CLEAR_ALL)
    if libc.capset(struct.pack("Ii", VERSION, 0), bytes(24)):
        raise OSError(ctypes.get_errno(), "capset")
