"""The exercises of solutions/checkpoint.py: files in a scratch folder, before and after."""

import os
import pickle

import numpy as np

from course.wire import Scratch
from grader.exercise import Exercise, Misconception, case
from solutions import checkpoint as truth

STAGE = "08_generalize"


def networks(rng):
    """Parameters of three networks: float64, float32, and one with a counter in it."""
    deep = {"W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4), "W2": rng.normal(size=(4, 2)), "b2": np.zeros(2)}
    small = {"W1": rng.normal(size=(2, 5)).astype(np.float32), "b1": rng.normal(size=5).astype(np.float32)}
    counted = {"scale": rng.normal(size=(2, 3, 2)), "epoch": np.array(rng.integers(1, 99), np.int64)}
    return deep, small, counted


def save_cases(rng):
    """An empty folder, an older checkpoint in the way, another network's beside it, a name without an ending."""
    deep, small, counted = networks(rng)
    older = {"W1": rng.normal(size=(2, 2)), "left over": rng.normal(size=3)}
    return [
        case("two layers", Scratch("net.npz"), deep),
        case("float32 stays float32", Scratch("best.npz"), small),
        case("over an older checkpoint", Scratch("net.npz"), counted, files={"net.npz": older}),
        case("beside another network's", Scratch("a.npz"), small, files={"b.npz": older}),
        case("a name without an ending", Scratch("best"), deep),
    ]


def _names_lost(path, params):
    with open(path, "wb") as file:
        np.savez(file, *params.values())


def _dict_at_once(path, params):
    with open(path, "wb") as file:
        np.savez(file, params)


def _savez_by_name(path, params):
    np.savez(path, **params)


def _never_renamed(path, params):
    with open(f"{path}.part", "wb") as file:
        np.savez(file, **params)


def _pickled(path, params):
    with open(path, "wb") as file:
        pickle.dump(params, file, protocol=4)


def _save(change):
    def wrong(path, params):
        kept = change(path, params)  # first: opening a file for writing empties it
        with open(path, "wb") as file:
            np.savez(file, **kept)

    return wrong


def _added(path, params):
    return (truth.load_checkpoint(path) if os.path.exists(path) else {}) | params


save_checkpoint = Exercise(
    "save_checkpoint",
    STAGE,
    truth.save_checkpoint,
    save_cases,
    points={"value": 0.75, "purity": 0.25},
    kind="file",
    reveal="fill_in",
    blanks=("**params", "os.replace(beside, path)"),
    hints=(
        "`params` is a dict of names and arrays. `np.savez` takes arrays as named arguments: what turns a dict "
        "into named arguments?",
        "Two stars in front of a dict do. The first blank is two stars and a name.",
        "When the new file is whole, it takes the old one's place. Which function of `os` puts one file in the "
        "place of another, in one step?",
    ),
    misconceptions=(
        Misconception(
            "names lost",
            wrong=_names_lost,
            hint="The arrays are there, called arr_0, arr_1 and so on. What do the two stars in a call do with a "
            "dict's keys?",
        ),
        Misconception(
            "the dict as one array",
            wrong=_dict_at_once,
            hint="np.savez made one array of your dict, and pickled it to do so. What do two stars make of a dict in a "
            "call?",
        ),
        Misconception(
            "savez chose the name",
            wrong=_savez_by_name,
            hint="Asked for `best`, you wrote `best.npz`. What does np.savez do with a name, and what with an open "
            "file?",
        ),
        Misconception(
            "never renamed",
            wrong=_never_renamed,
            hint="All is written, under the wrong name. What is still to happen to the file that ends in .part?",
        ),
        Misconception(
            "pickled",
            wrong=_pickled,
            hint="Whoever loads a pickle runs what is in it. Which of NumPy's functions writes several plain arrays?",
        ),
        Misconception(
            "biases left out",
            wrong=_save(lambda path, params: {name: w for name, w in params.items() if w.ndim > 1}),
            hint="Only the matrices are in the file. What does a network answer whose biases are gone?",
        ),
        Misconception(
            "everything in float32",
            wrong=_save(lambda path, params: {name: w.astype(np.float32) for name, w in params.items()}),
            hint="What comes back is not quite what went. Who said that the numbers may be rounded?",
        ),
        Misconception(
            "the old arrays stay in",
            wrong=_save(_added),
            hint="An array of the older network is still in the file. Should a checkpoint be added to, or replaced?",
        ),
    ),
)


def load_cases(rng):
    """The same networks, now in files."""
    deep, small, counted = networks(rng)
    other = {"W1": rng.normal(size=(2, 2))}
    return [
        case("two layers", Scratch("net.npz"), files={"net.npz": deep}),
        case("float32 stays float32", Scratch("net.npz"), files={"net.npz": small}),
        case("a counter among the arrays", Scratch("net.npz"), files={"net.npz": counted}),
        case("another network's file beside it", Scratch("net.npz"), files={"net.npz": deep, "a.npz": other}),
    ]


def _load(change):
    def wrong(path):
        with np.load(path, allow_pickle=False) as archive:
            return change({name: archive[name] for name in archive.files})

    return wrong


load_checkpoint = Exercise(
    "load_checkpoint",
    STAGE,
    truth.load_checkpoint,
    load_cases,
    points={"value": 0.75, "shape": 0.25},
    kind="file",
    hints=(
        "`np.load` opens an archive: a box that reads an array each time you ask for a name. The names stand in "
        "its `.files`.",
        "Once the box is closed it answers no more. So take every array out while it is open, inside `with`.",
        "Build a plain dict: name → `archive[name]` for each name in `.files`. And tell `np.load` that nothing "
        "may be unpickled: it has an argument for that.",
    ),
    misconceptions=(
        Misconception(
            "the open archive itself",
            wrong=lambda path: np.load(path),
            hint="That is a file that can be asked for arrays, and it stays open. What should stand in memory "
            "afterwards?",
        ),
        Misconception(
            "names lost",
            wrong=_load(lambda params: list(params.values())),
            hint="A row of arrays: which of them is W1? Under what would a network look for it?",
        ),
        Misconception(
            "only the names",
            wrong=_load(lambda params: list(params)),
            hint="You return what the arrays are called. How do you ask the archive for one of them?",
        ),
        Misconception(
            "biases left out",
            wrong=_load(lambda params: {name: w for name, w in params.items() if w.ndim > 1}),
            hint="Only the matrices came back. Which arrays of the file does your loop pass over?",
        ),
        Misconception(
            "everything in float32",
            wrong=_load(lambda params: {name: w.astype(np.float32) for name, w in params.items()}),
            hint="The dtype has changed on the way. Why touch the arrays at all?",
        ),
        Misconception(
            "lists instead of arrays",
            wrong=_load(lambda params: {name: w.tolist() for name, w in params.items()}),
            hint="Python lists came back. Can a network multiply a list by a matrix?",
        ),
    ),
)
