"""The machine beneath: isolation for grading, GPU, browser, network, disk, encoding."""

import locale
import platform
import shutil
import socket
import subprocess
from pathlib import Path

from course import gpu as where
from course.checkups.finding import note, ok, problem

GIB = 1 << 30
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox")
SYSTEM = Path("/proc/sys")
SWITCHES = {  # what turns user namespaces off -> (its value then, what turns them on for bubblewrap)
    "kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "put `abi <abi/4.0>, profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }` into /etc/apparmor.d/bwrap and "
        "run `systemctl reload apparmor`",
    ),
    "kernel/unprivileged_userns_clone": ("0", "run `sysctl kernel.unprivileged_userns_clone=1`"),
    "user/max_user_namespaces": ("0", "run `sysctl user.max_user_namespaces=10000`"),
}
SECURITY_MODULES = Path("/sys/kernel/security/lsm")


def isolation(place):
    """Grading runs student code behind a wall; learning needs none. `threshold grade` proves the wall before it trusts it."""
    if platform.system() != "Linux":
        yield note("grading needs Linux", "On Windows grade in WSL 2. Learning works here.")
        return
    line = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    if shutil.which("bwrap") and subprocess.run(line, capture_output=True, timeout=30).returncode == 0:
        yield ok("bubblewrap works")
        return
    landlock = SECURITY_MODULES.is_file() and "landlock" in SECURITY_MODULES.read_text()
    also = "Landlock is there instead" if landlock else "and there is no Landlock"
    mend = f"To grade, {_way_to_bubblewrap()}. Learning needs neither."
    yield note(f"bubblewrap does not work here, {also}", mend)


def _way_to_bubblewrap():
    """What stands between this machine and bubblewrap, as an order."""
    if not shutil.which("bwrap"):
        return "install the system's package bubblewrap, and allow unprivileged user namespaces"
    for name, (forbids, mend) in SWITCHES.items():
        switch = SYSTEM / name
        if switch.is_file() and switch.read_text().strip() == forbids:
            return f"let an administrator {mend} (now {'.'.join(switch.parts[-2:])} = {forbids})"
    return "allow unprivileged user namespaces (in a container, its host has to)"


def gpu(place):
    """Where the kernels of stage 10 will run, found out as the stage itself does."""
    try:
        mode, why = where.find()
    except RuntimeError as fault:
        yield problem(str(fault).removesuffix(f". {where.UNASKED}"), where.UNASKED)
        return
    if mode == "gpu":
        yield ok(f"stage 10 runs on it: {why}")
    elif why.startswith(where.VARIABLE) or not where.devices()[0]:
        yield ok(f"stage 10 runs in numba's simulator: {why}")
    else:
        yield note(why, "Install `numba-cuda`, or let stage 10 run in numba's simulator, as it will by itself.")


def browser(place):
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found or platform.system() != "Linux":
        yield ok(found or "the system's own")
    else:
        yield note("none found", "`threshold learn --no-browser` prints an address to open elsewhere.")


def loopback(place):
    """JupyterLab, its kernels and the browser talk over 127.0.0.1."""
    with socket.socket() as server, socket.socket() as client:
        try:
            server.bind(("127.0.0.1", 0))
            server.listen()
            client.settimeout(5)
            client.connect(server.getsockname())
        except OSError as fault:
            mend = "Allow connections to 127.0.0.1 in the firewall: the course talks to this machine and to no other."
            yield problem(f"127.0.0.1 does not answer ({fault})", mend)
        else:
            yield ok("127.0.0.1 answers")


def disk(place):
    free = shutil.disk_usage(place).free / GIB
    if free < 1:
        yield problem(f"{free:.1f} GiB free at {place}", "Free 1 GiB or more, or notebooks may not be saved.")
    else:
        yield ok(f"{free:.0f} GiB free")


def text_encoding(place):
    encoding = locale.getencoding()
    if encoding.lower().replace("-", "") == "utf8":
        yield ok(encoding)
    else:
        yield note(f"{encoding}, not UTF-8", "Set PYTHONUTF8=1, or accents and formulas may come out garbled.")
