"""What of this machine a sandbox may read: the system's libraries, the interpreter, the packages, and the kit.

The kit is a copy, made once per process, of what a session runs: `course/` without its stages, and this package's files
that work inside. Nothing lies beside it: no solutions, no grader, no hidden inputs.
"""

import atexit
import functools
import importlib.util
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
INSIDE = ("inside", "zygote", "rehearsal", "keeper", "worker", "frames", "limits", "processes", "scratch")
INSIDE += ("namespaces", "pages", "privileges", "seccomp", "landlock")
PACKAGES = ("numpy", "numba", "llvmlite", "scipy", "matplotlib", "IPython", "safetensors")
# What some stages' notebooks import, behind `course.data`: each of its libraries makes every fork dearer. A zygote imports
# it once it has had a session that did.
ON_DEMAND = ("sklearn.datasets",)
IMPORTS = re.compile(r"^from (course[.\w]*) import ([\w, ]+)$", re.MULTILINE)
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


@functools.cache
def kit():
    """The folder that holds what a session runs."""
    folder = Path(tempfile.mkdtemp(prefix="threshold-kit-"))
    atexit.register(_remove, folder, os.getpid())
    folder.chmod(0o755)  # a session may run as another user
    leave = shutil.ignore_patterns("stages", "profiles")
    shutil.copytree(PROJECT / "course", folder / "course", ignore=leave)
    (folder / "sandbox").mkdir()
    (folder / "sandbox" / "__init__.py").touch()
    for name in INSIDE:
        shutil.copy2(PROJECT / "grader" / "sandbox" / f"{name}.py", folder / "sandbox")
    (folder / "fonts").mkdir()
    for cache in _font_caches():
        shutil.copy2(cache, folder / "fonts")
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def _remove(folder, maker):
    if os.getpid() == maker:  # and not a fork of it
        shutil.rmtree(folder, ignore_errors=True)


def _font_caches():
    """matplotlib's list of fonts; without it each session takes half a second to look for them."""
    import matplotlib

    return Path(matplotlib.get_cachedir()).glob("fontlist-*.json")


@functools.cache
def interpreter():
    """The real path of Python's binary; virtual environments are links to it."""
    return os.path.realpath(sys.executable)


@functools.cache
def package_folders():
    """The folders from which the packages of a session are imported, in the order in which this process looks."""
    origins = [importlib.util.find_spec(name).origin for name in PACKAGES]
    folders = {os.path.dirname(os.path.dirname(origin)) for origin in origins}
    return [folder for folder in dict.fromkeys(sys.path) if folder in folders]


@functools.cache
def preload():
    """What a zygote imports for all its sessions: the modules of the course that notebooks import."""
    names = {"course.compiled"}
    for path in sorted((PROJECT / "course" / "stages").glob("*.py")):
        for module, imported in IMPORTS.findall(path.read_text(encoding="utf-8")):
            names |= {module, *(f"{module}.{name.strip()}" for name in imported.split(","))}  # not all are modules
    return sorted(names)


@functools.cache
def readable():
    """Every path outside the kit that a session may read."""
    # Not the whole prefix: it may be somebody's home, or /.
    prefixes = {sys.base_prefix, os.path.dirname(os.path.dirname(interpreter()))}
    python = [os.path.join(prefix, part) for prefix in prefixes for part in ("bin", "lib", "lib64")]
    return [path for path in (*SYSTEM, *sorted(python), *package_folders()) if os.path.exists(path)]


def environment(scratch):
    """The environment of a session: nothing of the host's, and no word of grading."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "TMPDIR": scratch,
        "USER": "learner",
        "LOGNAME": "learner",
        "IPYTHONDIR": f"{scratch}/.ipython",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": f"{scratch}/.matplotlib",
        "PYTHONSAFEPATH": "1",
        "NUMBA_CACHE_DIR": f"{scratch}/.numba",
        "NUMBA_ENABLE_CUDASIM": "1",
        "NUMBA_NUM_THREADS": "2",
        "NUMBA_OPT": "1",  # a quarter less time to compile what runs for milliseconds
        "NUMBA_THREADING_LAYER": "workqueue",  # GNU OpenMP kills a fork
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MB of the address space, which is limited
    }
