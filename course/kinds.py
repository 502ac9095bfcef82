"""What a case may hold besides values: functions known by name, seeded generators, files, a kernel's launch.

A case is a dict, so that it travels as it is:

    {"label": "exactly on the threshold", "property": "value", "args": (x, w, b),
     "files": {"net.npz": {...}},               # written into the empty folder before the call
     "launch": {"blocks": 3, "threads": 4},     # the function is a CUDA kernel; its outputs are among its args
                                                # "constants": {"TILE": 4}: globals; "frugal": True: traffic counts
     "compiled": True,                          # the function is to be compiled by numba (course.compiled)
     "judge": {"name": "separates", ...}}       # how to look at the answer; without one: like the reference's
"""

from pathlib import Path

import numpy as np

from course.wire import Named, Scratch, Seeded

FUNCTIONS = {
    "square": lambda x: float(np.sum(x**2)),
    "cube": lambda x: float(np.sum(x**3)),
    "wave": lambda x: float(np.sum(np.sin(x) * np.arange(1, np.size(x) + 1).reshape(np.shape(x)))),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "saddle": lambda x: float(np.sum(x[..., 0] ** 2 - 2 * x[..., -1] ** 2)),
    "product": lambda x: float(np.prod(x)),
    "slope of square": lambda x: 2 * x,
    "slope of wave": lambda x: np.cos(x) * np.arange(1, np.size(x) + 1).reshape(np.shape(x)),
    "slope of saddle": lambda x: x * np.array([2.0, -4.0]),  # of two entries
}


def materialize(tree, folder):
    """A private copy of `tree`, every marker replaced by what it stands for."""
    if isinstance(tree, np.ndarray):
        return tree.copy()
    if isinstance(tree, (list, tuple)):
        return type(tree)(materialize(item, folder) for item in tree)
    if isinstance(tree, dict):
        return {key: materialize(item, folder) for key, item in tree.items()}
    if isinstance(tree, Named):
        return FUNCTIONS[tree.name]
    if isinstance(tree, Seeded):
        return np.random.default_rng(tree.seed)
    if isinstance(tree, Scratch):
        return str(Path(folder) / tree.name)
    return tree


def write_files(files, folder):
    """Put a case's files into its folder: a dict of arrays as .npz, a str as text."""
    for name, content in files.items():
        path = Path(folder) / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            np.savez(path, **content)


def read_files(folder, *, limit=1 << 24):
    """What a function left in its folder, by name: .npz as arrays (never unpickled), the rest as text."""
    found = {}
    for path in sorted(Path(folder).iterdir()):
        if not path.is_file() or path.is_symlink() or path.stat().st_size > limit:
            continue
        try:
            if path.suffix == ".npz" or path.read_bytes()[:2] == b"PK":  # savez's archive under any name
                with np.load(path, allow_pickle=False) as archive:
                    found[path.name] = {key: archive[key] for key in sorted(archive.files)}
            else:
                found[path.name] = path.read_text(encoding="utf-8", errors="replace")
        except (ValueError, OSError, EOFError) as fault:
            found[path.name] = f"unreadable: {type(fault).__name__}"
    return found
