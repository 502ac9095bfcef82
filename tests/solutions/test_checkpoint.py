"""Checkpoints come back as they went, survive an interruption, and never run what a file says."""

import numpy as np
import pytest

from solutions.checkpoint import load_checkpoint, save_checkpoint

PARAMS = {"W1": np.arange(6, dtype=np.float32).reshape(2, 3), "b1": np.zeros(3), "steps": np.array(7)}


def assert_same(loaded, params):
    assert list(loaded) == list(params)
    for name, array in params.items():
        np.testing.assert_array_equal(loaded[name], array, strict=True)


@pytest.mark.parametrize("name", ["net.npz", "net", "epoch 3.checkpoint"])
def test_comes_back_under_the_very_name(tmp_path, name):
    save_checkpoint(tmp_path / name, PARAMS)
    assert_same(load_checkpoint(tmp_path / name), PARAMS)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_path_may_be_text_and_an_older_checkpoint_gives_way(tmp_path):
    path = str(tmp_path / "net.npz")
    save_checkpoint(path, PARAMS)
    save_checkpoint(path, {"W1": PARAMS["W1"] + 1})
    assert_same(load_checkpoint(path), {"W1": PARAMS["W1"] + 1})


def test_an_interruption_leaves_the_old_checkpoint_whole(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    save_checkpoint(path, PARAMS)

    def disk_is_full(file, **arrays):
        file.write(b"half a file")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", disk_is_full)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(path, {"W1": PARAMS["W1"] + 1})
    assert_same(load_checkpoint(path), PARAMS)


class Bomb:
    """Whoever unpickles one finds out."""

    def __reduce__(self):
        return pytest.fail, ("the file was unpickled",)


def test_is_never_unpickled(tmp_path):
    np.savez(tmp_path / "net.npz", W1=np.array([Bomb()]))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_checkpoint(tmp_path / "net.npz")
