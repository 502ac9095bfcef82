"""A class folder: a plain nbgrader course directory, with a configuration, a secret and a record of what was built."""

import os
import secrets
import sysconfig
import tempfile
from contextlib import suppress
from pathlib import Path

from course.errors import NO_CLASS, BadInput
from course.files import put

CONFIG_NAME = "nbgrader_config.py"
SQLITE = b"SQLite format 3\0"
CONFIG = '''"""nbgrader's settings for this class. Yours to edit: Threshold writes this file once and never again."""

from grader.nbgrader import configure

c = get_config()  # noqa: F821
configure(c, __file__)

c.CourseDirectory.course_id = "threshold"
# Students on the same machine or hub need an exchange they can reach; this folder is closed to them:
# c.Exchange.root = "/srv/nbgrader/exchange"
'''


class Classroom:
    """The folder of one class. Everything in it is private to its owner: it holds answers and grades."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.state = self.root / ".threshold"

    @classmethod
    def find(cls, option=None):
        """The class named by `option`, else the nearest parent that holds one, else ./class."""
        if option is not None:
            return cls(option)
        here = Path.cwd()
        nearest = next((place for place in (here, *here.parents) if (place / CONFIG_NAME).is_file()), None)
        return cls(nearest or here / "class")

    def create(self):
        """Make the folder ready; what is there stays as it is."""
        if self.root.exists() and not self.root.is_dir():
            raise BadInput(f"{self.root} is a file; name a folder with --class.")
        config = self.root / CONFIG_NAME
        if self.root.is_dir() and not config.exists() and any(self.root.iterdir()):
            raise BadInput(f"{self.root} holds other things and no {CONFIG_NAME}; name an empty folder with --class.")
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o700)
            self.state.mkdir(mode=0o700, exist_ok=True)
        except OSError as fault:
            why = fault.strerror or type(fault).__name__
            raise BadInput(f"{self.root} cannot be made a class ({why}); name another folder with --class.") from None
        exchange = self.root / "exchange"
        if not exchange.exists():
            exchange.mkdir()
            exchange.chmod(0o777)  # what nbgrader asks of any exchange; the folder around this one is closed
        if not config.exists():
            put(config, CONFIG.encode())
        self.secret()
        return self

    def require(self):
        """This class, if it is one; BadInput otherwise."""
        if not (self.root / CONFIG_NAME).is_file():
            raise BadInput(NO_CLASS.format(self.root))
        released = sorted(path.name for path in self.root.glob("release/*") if path.is_dir())
        own = "db_url" not in (self.root / CONFIG_NAME).read_text(encoding="utf-8", errors="replace")
        if released and own and not (self.root / "gradebook.db").exists():
            raise BadInput(
                f"{self.root / 'gradebook.db'} is missing: put your copy of it back. Without one, `threshold release "
                f"{' '.join(released)}` makes a new gradebook, and scores given by hand are lost."
            )
        return self

    def secret(self):
        """The secret that seeds hidden cases; made once, readable by its owner alone, never released."""
        path = self.state / "secret"
        if not path.exists():
            _make_secret(path)
        if not (secret := path.read_bytes()):
            raise BadInput(f"{path} is empty, and anyone can guess that: delete it, and a new secret is made.")
        return secret

    def folder(self, step, stage, student=None):
        """source/STAGE, release/STAGE, submitted/STUDENT/STAGE, …"""
        return self.root / step / stage if student is None else self.root / step / student / stage

    def released(self, stage):
        """The file of a released notebook. Raises BadInput where the stage was never released."""
        path = self.folder("release", stage) / f"{stage}.ipynb"
        if not path.is_file():
            raise BadInput(f"{stage} was never released to this class: run `threshold release {stage}` first.")
        return path

    def students(self, stage, step="submitted"):
        """Who has a folder for this stage."""
        return sorted(path.parent.name for path in self.root.glob(f"{step}/*/{stage}") if path.is_dir())

    def api(self):
        """nbgrader, configured as the class's own commands and Formgrader are. BadInput where that cannot be."""
        from nbgrader.apps import NbGraderAPI
        from nbgrader.coursedir import CourseDirectory

        from grader import settings

        find_own_programs()
        config = settings.read(self.root / CONFIG_NAME)
        book = self.root / "gradebook.db"
        if book.is_file() and book.stat().st_size and _beginning(book) != SQLITE:
            raise BadInput(
                f"{book} is no gradebook (it does not begin as an SQLite file does): put your copy of it back."
            )
        return NbGraderAPI(CourseDirectory(config=config), config=config)


def find_own_programs():
    """Put this environment's programs on PATH: nbgrader starts alembic by name, also where nobody activated it."""
    own, path = sysconfig.get_path("scripts"), os.environ.get("PATH", "")
    if own not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join(filter(None, (own, path)))


def _make_secret(path):
    """A secret, there whole or not at all; where another process was faster, that one's stays."""
    handle, aside = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_hex(32).encode())
    with suppress(FileExistsError):
        os.link(aside, path)
    os.unlink(aside)


def _beginning(path):
    with open(path, "rb") as file:
        return file.read(len(SQLITE))
