"""Which system calls student code may not make: two filters in classic BPF, written by hand.

WORLD closes what reaches outside the sandbox or widens the kernel's attack surface; the keeper and everything below it
live under it. STUDENT is added before student code runs: no signals to anyone, so that a function cannot kill the
process that asks it; no leaving of the process group, so that one signal reaches all of them; and no change of a file's
metadata, which Landlock does not cover.

A refused call fails with EPERM. Calls newer than this table, and clone3, whose flags a filter cannot read, do not exist
(ENOSYS: libraries then use the older call). A foreign architecture, x32 included, kills the process.
Numbers: asm/unistd_64.h (x86-64) and asm-generic/unistd.h (aarch64); None where an architecture has no such call.
"""

import ctypes
import errno
import os
import platform
import struct
from functools import cache

# name: (x86-64, aarch64)
CALLS = {
    "ioctl": (16, 29), "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "socket": (41, 198),
    "socketpair": (53, 199), "clone": (56, 220), "kill": (62, 129), "semget": (64, 190), "semop": (65, 193),
    "semctl": (66, 191), "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187),
    "fcntl": (72, 25), "chmod": (90, None), "fchmod": (91, 52), "chown": (92, None), "fchown": (93, 55),
    "lchown": (94, None), "ptrace": (101, 117), "syslog": (103, 116), "setpgid": (109, 154), "setsid": (112, 157),
    "rt_sigqueueinfo": (129, 138), "utime": (132, None), "uselib": (134, None), "personality": (135, 92), "setpriority": (141, 140),
    "sched_setparam": (142, 118), "sched_setscheduler": (144, 119), "vhangup": (153, 58), "modify_ldt": (154, None),
    "pivot_root": (155, 41), "adjtimex": (159, 171), "chroot": (161, 51), "acct": (163, 89), "settimeofday": (164, 170),
    "mount": (165, 40), "umount2": (166, 39), "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142),
    "sethostname": (170, 161), "setdomainname": (171, 162), "iopl": (172, None), "ioperm": (173, None),
    "init_module": (175, 105), "delete_module": (176, 106), "quotactl": (179, 60), "setxattr": (188, 5),
    "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14), "lremovexattr": (198, 15),
    "fremovexattr": (199, 16), "tkill": (200, 130), "sched_setaffinity": (203, 122), "lookup_dcookie": (212, 18),
    "semtimedop": (220, 192), "clock_settime": (227, 112), "tgkill": (234, 131), "utimes": (235, None),
    "mq_open": (240, 180), "mq_unlink": (241, 181), "kexec_load": (246, 104), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "ioprio_set": (251, 30), "inotify_add_watch": (254, 27),
    "migrate_pages": (256, 238), "fchownat": (260, 54), "futimesat": (261, None), "fchmodat": (268, 53),
    "unshare": (272, 97), "move_pages": (279, 239), "utimensat": (280, 88), "rt_tgsigqueueinfo": (297, 240),
    "perf_event_open": (298, 241), "fanotify_init": (300, 262), "prlimit64": (302, 261),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "clock_adjtime": (305, 266), "setns": (308, 268),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272), "finit_module": (313, 273),
    "sched_setattr": (314, 274), "memfd_create": (319, 279), "kexec_file_load": (320, 294), "bpf": (321, 280),
    "userfaultfd": (323, 282), "pidfd_send_signal": (424, 424), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "clone3": (435, 435),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "mount_setattr": (442, 442), "quotactl_fd": (443, 443),
    "memfd_secret": (447, 447),
}  # fmt: skip
NEWEST = 450  # set_mempolicy_home_node, Linux 5.17

SIGNALS = {"kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"}
METADATA = {
    "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "futimesat",
    "utimensat", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
}  # fmt: skip
# Refused only where an argument says so: name -> (which argument, how it is compared, with what).
NAMESPACES = 0x7E02_0000  # CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET
WHERE = {
    "clone": (0, "any of", [NAMESPACES]),
    "socketpair": (0, "other than", [1]),  # AF_UNIX: asyncio and subprocesses use it
    "prlimit64": (0, "other than", [0]),  # a process may limit itself
    "fcntl": (1, "equal", [8, 10, 15]),  # F_SETOWN, F_SETSIG, F_SETOWN_EX: a signal by way of a descriptor
    "ioctl": (1, "equal", [0x8901, 0x8902, 0x5412, 0x541C]),  # FIOSETOWN, SIOCSPGRP; TIOCSTI, TIOCLINUX: typing
}
STUDENT = frozenset(SIGNALS | METADATA | {"setpgid", "setsid"})
WORLD = frozenset(CALLS) - STUDENT

MACHINES = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}  # column in CALLS, AUDIT_ARCH
LOAD, EQUAL, ABOVE, ANY, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06  # BPF: ld abs, jeq, jgt, jset, ret
ALLOW, FAIL, KILL = 0x7FFF_0000, 0x0005_0000, 0x8000_0000
NR, ARCH, ARGS = 0, 4, 16  # offsets in struct seccomp_data
X32 = 0x4000_0000
# prctl(2)
SET_PDEATHSIG, SET_DUMPABLE, SET_SECCOMP, SET_CHILD_SUBREAPER, SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38

libc = ctypes.CDLL(None, use_errno=True)


def program(names, machine):
    """The filter that refuses `names`, as a list of (code, jump if true, jump if false, value)."""
    column, arch = MACHINES[machine]
    code = [(LOAD, 0, 0, ARCH), (EQUAL, 1, 0, arch), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NR)]
    code += [(ABOVE, 0, 1, X32 - 1), (RETURN, 0, 0, KILL), (ABOVE, 0, 1, NEWEST), (RETURN, 0, 0, FAIL | errno.ENOSYS)]
    for name in CALLS:
        number = CALLS[name][column]
        if name in names and number is not None:
            rule = _rule(name)
            code += [(EQUAL, 0, len(rule), number), *rule]
    return [*code, (RETURN, 0, 0, ALLOW)]


def _rule(name):
    """What happens to a call of this name."""
    if name not in WHERE:
        return [(RETURN, 0, 0, FAIL | (errno.ENOSYS if name == "clone3" else errno.EPERM))]
    argument, how, values = WHERE[name]
    # The low half of the argument: the kernel reads these as 32 bits. Both machines are little-endian.
    rule = [(LOAD, 0, 0, ARGS + 8 * argument)]
    for value in values:
        jump = {"any of": (ANY, 0, 1), "equal": (EQUAL, 0, 1), "other than": (EQUAL, 1, 0)}[how]
        rule += [(*jump, value), (RETURN, 0, 0, FAIL | errno.EPERM)]
    return [*rule, (RETURN, 0, 0, ALLOW)]


def install(names):
    """Put this process and all it will start under the filter. It needs no_new_privs. Raises OSError."""
    code = assembled(names, platform.machine())
    lines = ctypes.create_string_buffer(code)
    header = struct.pack("HP", len(code) // 8, ctypes.addressof(lines))  # struct sock_fprog
    prctl(SET_SECCOMP, 2, header)  # SECCOMP_MODE_FILTER


@cache
def assembled(names, machine):
    """The bytes of that filter; a zygote asks for them once, before there is a session. Raises OSError."""
    if machine not in MACHINES:
        raise OSError(f"no filter of system calls is written for {machine}")
    return b"".join(struct.pack("HBBI", *line) for line in program(names, machine))


def prctl(option, *args):
    """prctl(2); raises OSError."""
    args = [*args, 0, 0, 0, 0][:4]
    if libc.prctl(option, *(ctypes.c_ulong(arg) if isinstance(arg, int) else arg for arg in args)):
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")
