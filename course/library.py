"""The learner's own library: a function that passes its check goes into `my_library.py`, and later lessons use it.

    @yours(lesson=2)
    def softmax(z):          # the course's, for whoever has none of their own
        ...

`softmax` is then the learner's, if the library has one, and `whose("softmax")` says in a demonstration which it was.
In a notebook that has imported `course`, `import my_library` works from any folder of the workspace.
"""

import importlib
import importlib.util
import json
import re
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import SourceFileLoader
from pathlib import Path

from course import progress, widgets
from course.catalog import STAGES
from course.demo import unattended
from course.messages import say

MODULE, FILE = "my_library", "my_library.py"

_lent = {}  # {name: (lesson, whether it is the learner's)}: what `yours` gave out in this notebook
_seen = None  # the stamp of the file that is loaded


def home():
    """The folder of the library: the workspace. Stages fetched through nbgrader lie side by side: what holds them."""
    place = progress.workspace()
    return place.parent if place.name in {stage.name for stage in STAGES} else place


def held(folder):
    """{stage: the names of its functions in the library of a workspace, in order}; empty where there is none."""
    from course.shelf import blocks

    try:
        text = _text(Path(folder) / FILE)
    except (OSError, ValueError):  # a folder of that name, or no text: nothing of ours is in it
        return {}
    found = {}
    for block in blocks(text):
        found.setdefault(block.stage, []).append(block.name)
    return found


def collect(function, sheet):
    """Put a function that has passed into the library, and say so if that changed it. Never raises.

    Nothing is written while nbgrader runs the notebook. What the learner writes for a probe is no function to keep.
    """
    if unattended() or sheet["kind"] == "probe":
        return
    try:
        news = _keep(function, sheet["stage"])
    except Exception as fault:  # a check that passed must not end in an error of ours
        words = getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
        news = say("library unwritable", exercise=sheet["exercise"], fault=words)
    if news:
        widgets.show(widgets.page(f"<p>{widgets.prose(news)}</p>", news.replace("`", "")))


def _keep(function, stage):
    from course import files, shelf
    from course.excerpt import NotAlone, excerpt

    try:
        piece = excerpt(function)
    except NotAlone as reason:
        return str(reason)
    path = home() / FILE
    (path.parent / progress.FOLDER).mkdir(exist_ok=True)
    with files.locked(path.parent / progress.FOLDER / "library.lock"):
        old = _text(path)
        try:
            new = shelf.add(old, piece, stage, _sequence(stage))
        except shelf.Refused as reason:
            return str(reason)
        if new == old:
            return ""
        ends = "\r\n" if path.is_file() and b"\r\n" in path.read_bytes() else "\n"
        files.put(path, new.replace("\n", ends).encode())
    if MODULE in sys.modules:
        setattr(sys.modules[MODULE], piece.name, function)  # whoever has imported it need not do so again
    count = len(shelf.blocks(new))
    if count == len(shelf.blocks(old)):
        return say("library again", exercise=piece.name)
    return say("library new" if count > 1 else "library first", exercise=piece.name, count=count)


def _text(path):
    try:
        return path.read_text(encoding="utf-8-sig")  # any line end is read as \n
    except FileNotFoundError:
        return ""


def _sequence(stage):
    """The names of a stage's exercises as its notebook, the one we are in, has them; [] if it cannot be read."""
    path = Path.cwd() / f"{stage}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [
            name for cell in cells for name in re.findall(r"^check\((\w+)\)", "".join(cell["source"]), re.MULTILINE)
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def yours(lesson):
    """Decorate the course's version of a function of an earlier lesson: the learner's takes its place if there is one."""

    def choose(ours):
        mine = None if unattended() else _own(ours.__name__)
        _lent[ours.__name__] = (lesson, mine is not None)
        return mine or ours

    return choose


def whose(*names):
    """Print whose functions a demonstration runs on: one line for the learner's, one for the course's."""
    mine = [f"{name} (lesson {_lent[name][0]})" for name in names if _lent[name][1]]
    ours = [f"{name} (lesson {_lent[name][0]})" for name in names if not _lent[name][1]]
    if mine:
        print(f"Runs on your own {_listed(mine)}.")
    if ours:
        print(f"Runs on the course's {_listed(ours)}, until yours {'is' if len(ours) == 1 else 'are'} in {FILE}.")


def _listed(words):
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _own(name):
    """The learner's function of that name; None where there is none or the library cannot be imported."""
    module = load()
    mine = getattr(module, name, None)
    return mine if callable(mine) else None


def load():
    """`my_library` as it is on the disk now; None where there is none. One that stumbles is told once."""
    global _seen
    path = home() / FILE
    try:
        stamp = (path, path.stat().st_mtime_ns)
    except OSError:
        return None
    known, _seen = _seen, stamp
    try:
        if stamp == known:
            return sys.modules.get(MODULE)
        return importlib.reload(sys.modules[MODULE]) if MODULE in sys.modules else importlib.import_module(MODULE)
    except Exception as fault:  # the learner's file may raise anything
        sys.modules.pop(MODULE, None)
        print(say("library stumbles", fault=f"{type(fault).__name__}: {fault}").replace("`", ""))
        return None


class Source(SourceFileLoader):
    """Compiles what is on the disk now: no `__pycache__` among the learner's folders, and none that is stale."""

    def get_code(self, name):
        return compile(self.get_data(self.path), self.path, "exec", dont_inherit=True)


class Finder(MetaPathFinder):
    """Finds `my_library`, and nothing else, in the workspace of whoever asks: no folder goes on sys.path for it."""

    def find_spec(self, name, path=None, target=None):
        if name != MODULE or not (file := home() / FILE).is_file():
            return None
        return importlib.util.spec_from_file_location(name, file, loader=Source(name, str(file)))


sys.meta_path.append(Finder())
