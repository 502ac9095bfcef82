"""The Jupyter configuration of a learner and of an instructor, as folders that are put on Jupyter's search paths.

both/        offline and calm: no news, no package index, notebooks drawn whole
learner/     no formgrader, no course list, no create-assignment
instructor/  formgrader and create-assignment on, no course map (a class folder has none)
share/       the kernel of this environment, the launcher card, offline mathematics for exported pages

A person's own settings and an institution's nbgrader configuration (the Exchange above all) stay in force: nothing
here sets what they set, and JUPYTER_CONFIG_DIR is left alone.
"""

import os
from pathlib import Path

HERE = Path(__file__).parent
KINDS = ("learner", "instructor")


def environment(kind, *, class_dir=None, state=None, base=None):
    """`base` (default: this process's environment) with what makes JupyterLab the learner's or the instructor's.

    class_dir: a class folder whose nbgrader_config.py applies. state: a folder that keeps which tabs were open, apart
    from the person's other JupyterLab sessions. Raises ValueError for an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
    env = dict(os.environ if base is None else base)
    folders = [class_dir] if class_dir is not None else []
    env["JUPYTER_CONFIG_PATH"] = _path([*folders, HERE / kind, HERE / "both"], env.get("JUPYTER_CONFIG_PATH"))
    env["JUPYTER_PATH"] = _path([HERE / "share"], env.get("JUPYTER_PATH"))
    if state is not None:
        env["JUPYTERLAB_WORKSPACES_DIR"] = str(Path(state).absolute() / "lab")
    return env


def _path(folders, rest):
    """Ours first: the first folder on Jupyter's search paths has the last word."""
    return os.pathsep.join([*(str(Path(folder).absolute()) for folder in folders), *([rest] if rest else [])])
