"""The course wheel: the kit with students' notebooks and answer sheets baked into it, and not one answer.

Built by hatchling, as a plain wheel is, from a copy of `course/` without stages and with `baked/`; no network. Its
version ends in a fingerprint of its content, so that pip takes a corrected wheel for another one, and the same content
gives the same bytes.
"""

import contextlib
import hashlib
import io
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from course.files import put
from grader import CLONE
from grader.leaks import answers_in_kit, leaks, leaks_of_file

BAKED = "course/baked/"
KIT = re.compile(r"course/[\w./-]+\.(py|css|js|json|j2|svg|md|txt)|[\w.+-]+\.dist-info/[\w/.-]+")
LEFT_OUT = ("stages", "baked", "__pycache__", "*.pyc", "*.nbi", "*.nbc", ".*", "*.ipynb", "README.md")
PACKAGING = ("pyproject.toml", "README.md", "LICENSE")


def build_wheel(files):
    """(file name, bytes) of the wheel. files: stage -> {path: bytes}, as a student gets them."""
    with tempfile.TemporaryDirectory(prefix="threshold-wheel-") as folder:
        root = Path(folder)
        _lay_out(root, files)
        with contextlib.redirect_stdout(io.StringIO()):  # hatchling says where it wrote it
            (path,) = WheelBuilder(str(root)).build(directory=str(root / "dist"), versions=["standard"])
        return Path(path).name, Path(path).read_bytes()


def leaks_of_wheel(content, secrets=(), places=()):
    """What a wheel gives away, a line each: in the kit by file, in the baked stages as in any release."""
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist()}
    stages = {}
    for name, data in sorted(held.items()):
        if name.startswith(BAKED):
            stage, _, path = name.removeprefix(BAKED).partition("/")
            stages.setdefault(stage, {})[path] = data
        elif name.startswith("course/stages/"):
            yield f"{name}: a stage's source tells where its answers are"
        else:
            yield from (f"{name}: {what}" for what in leaks_of_file(name, data, secrets, places, allowed=KIT))
    kit = {name: data for name, data in held.items() if not name.startswith(BAKED)}
    yield from answers_in_kit(kit, stages)
    for stage, files in stages.items():
        yield from (f"{BAKED}{stage}/{leak}" for leak in leaks(stage, files, secrets, places))


def put_wheel(classroom, files):
    """Write the wheel of these stages into the class's dist; ({"name", "sha256", "stages"}, leaks).

    Where it leaks, nothing is written. An older wheel is taken away: two of them are one too many to choose from.
    """
    name, content = build_wheel(files)
    found = list(leaks_of_wheel(content, [classroom.secret()], [classroom.root]))
    if found:
        return None, found
    dist = classroom.root / "dist"
    for old in dist.glob("threshold_course-*.whl"):
        old.unlink()
    put(dist / name, content)
    return {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "stages": sorted(files)}, []


def _lay_out(root, files):
    """A source tree for hatchling: the kit, the baked stages, and a version of its own."""
    for name in PACKAGING:
        shutil.copy(CLONE / name, root)
    shutil.copytree(CLONE / "course", root / "course", ignore=shutil.ignore_patterns(*LEFT_OUT))
    for stage, held in files.items():
        for name, content in held.items():
            path = root / BAKED / stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "([^"]+)"$', text, re.MULTILINE)[1]
    own = f'version = "{version}+course{_fingerprint(root)}"'
    (root / "pyproject.toml").write_text(text.replace(f'version = "{version}"', own, 1), encoding="utf-8")


def _fingerprint(root):
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:10]
