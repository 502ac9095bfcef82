"""The stages that are written, and the words people use for them: `01` or `01_one_neuron`."""

from pathlib import Path

import course
from course import catalog
from course.errors import BadInput

GRADED_SECONDS = 10.0  # what the cells that grading runs may take together
FOLDER = Path(course.__file__).parent / "stages"


def stages():
    """The names of all stages that are written, in order."""
    return sorted(path.stem for path in FOLDER.glob("[0-9][0-9]_*.py"))


def source_of(stage):
    """The text of a stage, jupytext py:percent; BadInput where it is not written."""
    path = FOLDER / f"{stage}.py"
    if not path.exists():
        raise BadInput(f"There is no course/stages/{stage}.py; there are {', '.join(stages())}.")
    return path.read_text(encoding="utf-8")


def resolve(words):
    """The stages that `words` name, each once, in order; BadInput where there is none of that name."""
    written = stages()
    if "all" in words:
        return written
    names = sorted({catalog.find(word).name for word in words})
    coming = [name for name in names if name not in written]
    if coming:
        raise BadInput(f"Stage {coming[0]} is still to come; there are {', '.join(written)}.")
    return names
