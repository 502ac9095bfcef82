"""Checkpoints: the parameters of a network on the disk, so that training can go on and the best epoch can come back.

A file of plain arrays (.npz) and no pickle: loading one runs nobody's code. These are no operations, for there is
nothing to compute on another backend.
"""

import os

import numpy as np


def save_checkpoint(path, params):
    """the file at `path` = the arrays of params under their names                 (written beside it, then renamed)

    path of a file, params {"W1": (D, M), "b1": (M,), …}. What stood at `path` before is there, whole, until the new
    file is: an interruption costs the new checkpoint, never the old one.
    """
    beside = f"{path}.part"
    with open(beside, "wb") as file:  # given a name instead, savez would append .npz to it
        np.savez(file, **params)
    os.replace(beside, path)


def load_checkpoint(path):
    """params = the arrays in the file at `path`, under their names

    path of a file that save_checkpoint wrote -> {"W1": (D, M), "b1": (M,), …}, same shapes, same dtypes.
    Raises ValueError where the file holds pickled objects: they are never unpickled.
    """
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
