"""Jupyter's folders and configuration, and nbgrader's."""

import json
import os
from pathlib import Path

from jupyter_core.paths import jupyter_config_path, jupyter_data_dir, jupyter_runtime_dir
from traitlets.config import Config, PyFileConfigLoader

from course.checkups.finding import note, ok, problem

NBGRADER = "nbgrader_config.py"
SETTINGS = ("jupyter*config.py", "jupyter*config.json", "jupyter*config.d/*.json", "labconfig/*.json")


def jupyter_folders(place):
    """Where Jupyter keeps its own things must be writable, or no kernel starts."""
    for folder in (Path(jupyter_data_dir()), Path(jupyter_runtime_dir())):
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        if nearest.is_dir() and os.access(nearest, os.W_OK):
            yield ok(str(folder))
        else:
            yield problem(
                f"{folder} cannot be written", f"Make {nearest} yours, or set JUPYTER_DATA_DIR to a folder that is."
            )


def jupyter_config(place):
    """A settings file with a slip in it is skipped by Jupyter with a line nobody reads."""
    broken = False
    for path in (
        path for folder in jupyter_config_path() for glob in SETTINGS for path in sorted(Path(folder).glob(glob))
    ):
        try:
            text = path.read_text(encoding="utf-8")
            json.loads(text) if path.suffix == ".json" else compile(text, path, "exec")
        except (ValueError, SyntaxError, OSError) as fault:
            broken = True
            yield problem(f"{path} cannot be read: {fault}", "Repair the file or move it away; Jupyter ignores it.")
    if not broken:
        yield ok(", ".join(folder for folder in jupyter_config_path() if Path(folder).is_dir()) or "none, all defaults")


def nbgrader_config(place):
    """Which nbgrader_config.py applies here; each is a program and is run, as nbgrader does."""
    found = nbgrader_configs(place)
    if not found:
        yield note("none found", "Working alone you need none. In a class, ask for its nbgrader_config.py or its hub.")
        return
    broken = False
    for path in found:
        try:
            load(path)
        except Exception as fault:  # a program may raise anything
            broken = True
            yield problem(f"{path} stops with {type(fault).__name__}: {fault}", "Repair that line.")
    if not broken:
        also = f", before {', '.join(map(str, found[1:]))}" if found[1:] else ""
        yield ok(f"{found[0]}{also}")


def nbgrader_exchange(place):
    """The folder through which a class hands out and collects."""
    config, found = nbgrader_settings(place), nbgrader_configs(place)
    if not found:
        return
    if os.name != "posix":
        yield note("nbgrader has none on Windows", "Hand work in as a zip, or use WSL 2.")
    elif "root" not in config.Exchange:
        mend = f"Set c.Exchange.root in {found[0]} to a folder that students and instructors reach."
        yield note("not configured; the default is a system folder that only an administrator can make", mend)
    else:
        yield _exchange(Path(str(config.Exchange.root)), found[0].parent)


def _exchange(root, class_folder):
    if root.is_dir() and os.access(root, os.W_OK | os.X_OK):
        return ok(str(root))
    mend = f"Make {root} a folder that everyone in the class can write."
    ours_to_make = not root.exists() and class_folder in root.parents
    return problem(
        f"{root} is missing or cannot be written", mend, (lambda: root.mkdir(parents=True)) if ours_to_make else None
    )


def nbgrader_configs(place):
    """From the one with the last word down."""
    folders = [place, *map(Path, jupyter_config_path())]
    return [path for folder in folders if (path := folder / NBGRADER).is_file()]


def nbgrader_settings(place):
    """What all of them say together."""
    config = Config()
    for path in reversed(nbgrader_configs(place)):  # the first has the last word
        config.merge(load(path))
    return config


def load(path):
    return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
