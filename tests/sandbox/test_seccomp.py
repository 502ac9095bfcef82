"""The filters say no to what they name, on both architectures, and yes to what Python needs."""

import errno
import os
import platform
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from grader.sandbox import seccomp
from grader.sandbox.seccomp import CALLS, MACHINES, STUDENT, WHERE, WORLD

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
HARMLESS = {  # read, write, openat, mmap, futex, exit_group
    "x86_64": (0, 1, 257, 9, 202, 231),
    "aarch64": (63, 64, 56, 222, 98, 94),
}
machines = pytest.mark.parametrize("machine", MACHINES)


def verdict(names, machine, number, *args, arch=None):
    """What a filter says of one system call: the machine that the kernel has for this, in Python."""
    data = {seccomp.NR: number, seccomp.ARCH: MACHINES[machine][1] if arch is None else arch}
    data |= {seccomp.ARGS + 8 * i: arg & 0xFFFF_FFFF for i, arg in enumerate(args)}
    code, at, loaded = seccomp.program(names, machine), 0, 0
    tests = {
        seccomp.EQUAL: lambda k: loaded == k,
        seccomp.ABOVE: lambda k: loaded > k,
        seccomp.ANY: lambda k: bool(loaded & k),
    }
    while True:
        operation, yes, no, k = code[at]
        at += 1
        if operation == seccomp.RETURN:
            return k
        if operation == seccomp.LOAD:
            loaded = data.get(k, 0)
        else:
            at += yes if tests[operation](k) else no


def refused(number=errno.EPERM):
    return seccomp.FAIL | number


@machines
@pytest.mark.parametrize("names", [WORLD, STUDENT], ids=["world", "student"])
def test_what_is_named_is_refused_and_nothing_else(machine, names):
    column = MACHINES[machine][0]
    named = {CALLS[name][column]: name for name in names if CALLS[name][column] is not None}
    for number in range(seccomp.NEWEST + 1):
        name = named.get(number)
        if name is None:
            assert verdict(names, machine, number) == seccomp.ALLOW, number
        elif name not in WHERE:
            assert verdict(names, machine, number) == refused(errno.ENOSYS if name == "clone3" else errno.EPERM), name
    assert not set(HARMLESS[machine]) & set(named)


@machines
def test_new_namespaces_are_refused_and_threads_are_not(machine):
    clone = CALLS["clone"][MACHINES[machine][0]]
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(WORLD, machine, clone, flag | 17) == refused()
        assert verdict(WORLD, machine, clone, flag | 1 << 40) == refused()
    assert verdict(WORLD, machine, clone, 0x3D0F00) == seccomp.ALLOW  # pthread_create
    assert verdict(WORLD, machine, clone, 17) == seccomp.ALLOW  # fork


@machines
@pytest.mark.parametrize(
    ("name", "args", "allowed"),
    [
        ("socketpair", (1, 1, 0), True),
        ("socketpair", (2, 1, 0), False),
        ("socketpair", (16, 1, 0), False),
        ("prlimit64", (0, 7), True),
        ("prlimit64", (4711, 7), False),
        ("fcntl", (3, 1), True),
        ("fcntl", (3, 8), False),
        ("fcntl", (3, 10), False),
        ("fcntl", (3, 15), False),
        ("ioctl", (3, 0x5401), True),
        ("ioctl", (3, 0x5412), False),
        ("ioctl", (3, 0x8901), False),
    ],
)
def test_arguments_decide_where_they_must(machine, name, args, allowed):
    number = CALLS[name][MACHINES[machine][0]]
    assert verdict(WORLD, machine, number, *args) == (seccomp.ALLOW if allowed else refused())


@machines
def test_calls_newer_than_the_table_do_not_exist(machine):
    for number in (seccomp.NEWEST + 1, 463, 999):
        assert verdict(WORLD, machine, number) == refused(errno.ENOSYS)


@machines
def test_a_foreign_architecture_kills(machine):
    assert verdict(WORLD, machine, 0, arch=0x4000_0003) == seccomp.KILL  # i386, by int 0x80
    assert verdict(WORLD, machine, seccomp.X32) == verdict(WORLD, machine, seccomp.X32 | 41) == seccomp.KILL


@machines
def test_the_numbers_are_the_kernels(machine):
    if not HEADERS[machine].exists():
        pytest.skip(f"the kernel's headers are not installed: {HEADERS[machine]}")
    lines = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text())
    kernels = {name: int(number) for name, number in lines}
    assert {name: kernels.get(name) for name in CALLS} == {name: CALLS[name][MACHINES[machine][0]] for name in CALLS}


@pytest.mark.skipif(platform.machine() not in MACHINES, reason=f"no filter is written for {platform.machine()}")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="seccomp is Linux's")
def test_a_process_under_both_filters_still_runs_threads_and_programs():
    script = """
        import os, signal, socket, subprocess, sys, threading
        from grader.sandbox import seccomp
        seccomp.prctl(seccomp.SET_NO_NEW_PRIVS, 1)
        seccomp.install(seccomp.WORLD)
        seccomp.install(seccomp.STUDENT)
        threading.Thread(target=print, args=("thread",)).start()
        print(subprocess.run([sys.executable, "-c", "print('program')"], capture_output=True, text=True).stdout.strip())
        a, b = socket.socketpair()
        for refused in (
            socket.socket,
            lambda: os.kill(os.getpid(), 0),
            lambda: os.setpgid(0, 0),
            lambda: os.chmod(sys.executable, 0o755),
            lambda: os.memfd_create("hidden"),
        ):
            try:
                refused()
            except PermissionError:
                print("refused")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, env={**os.environ}
    )
    assert done.stdout.split() == ["thread", "program", *["refused"] * 5], done.stderr
