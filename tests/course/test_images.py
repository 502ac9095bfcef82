"""Image sets on the disk are found and read, what is missing is named, and nothing damaged gets through."""

import gzip
import io
import tarfile

import numpy as np
import pytest

from course import data, images


@pytest.fixture(autouse=True)
def no_cache(monkeypatch, tmp_path):
    """No file of this machine's, and no network."""
    monkeypatch.delenv("THRESHOLD_DATA", raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache")
    monkeypatch.setattr("pooch.retrieve", unreachable)


def unreachable(url, *args, **kwargs):
    raise OSError(f"no network: {url}")


def idx(array):
    """An array as the bytes of an IDX file."""
    magic = {3: images.IMAGES, 1: images.LABELS}[array.ndim]
    return b"".join(number.to_bytes(4, "big") for number in (magic, *array.shape)) + array.astype(np.uint8).tobytes()


def digits(rng, n):
    return rng.integers(0, 256, (n, 28, 28)), rng.integers(0, 10, n)


def lay_out(folder, pattern, packed=True, counts=(5, 3)):
    """The four files of an MNIST of a few digits, each named by the pattern -> what they hold."""
    rng, held = np.random.default_rng(0), []
    for part, n in zip(("train", "t10k"), counts, strict=True):
        X, y = digits(rng, n)
        for what, array in (("images-idx3", X), ("labels-idx1", y)):
            path = folder / pattern.format(f"{part}-{what}-ubyte" + (".gz" if packed else ""))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
        held.append((X, y))
    return held


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
@pytest.mark.parametrize(
    ("load", "pattern"),
    [
        (data.mnist, "{}"),
        (data.mnist, "mnist-{}"),
        (data.mnist, "MNIST/raw/{}"),
        (data.fashion_mnist, "fashion-mnist/{}"),
    ],
)
def test_four_files_become_pictures_with_labels(tmp_path, load, pattern, packed):
    held = lay_out(tmp_path, pattern, packed)
    for (X, y), (pixels, labels) in zip(load(tmp_path), held, strict=True):
        assert X.shape == (len(y), 1, 28, 28) and X.dtype == np.uint8 and y.dtype.kind == "i"
        assert np.array_equal(X[:, 0], pixels) and y.tolist() == labels.tolist()


def test_the_folder_comes_from_the_environment_or_is_called_data(tmp_path, monkeypatch):
    lay_out(tmp_path / "data", "{}")
    monkeypatch.chdir(tmp_path)
    assert len(data.mnist()[0][1]) == 5
    lay_out(tmp_path / "other", "{}", counts=(2, 1))
    monkeypatch.setenv("THRESHOLD_DATA", str(tmp_path / "other"))
    assert len(data.mnist()[0][1]) == 2


def test_mnists_bare_names_are_not_taken_for_clothes(tmp_path):
    lay_out(tmp_path, "{}")
    with pytest.raises(FileNotFoundError, match="Fashion-MNIST is not in"):
        data.fashion_mnist(tmp_path)


def test_what_is_missing_is_named(tmp_path):
    lay_out(tmp_path, "{}")
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError) as told:
        data.mnist(tmp_path)
    assert str(tmp_path) in str(told.value) and "t10k-labels-idx1-ubyte.gz" in str(told.value)
    assert "t10k-images" not in str(told.value) and "download=True" in str(told.value)
    with pytest.raises(FileNotFoundError, match="No mirror could be reached"):
        data.mnist(tmp_path, download=True)


def test_nothing_is_fetched_unless_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("pooch.retrieve", lambda *args, **kwargs: pytest.fail("fetched"))
    with pytest.raises(FileNotFoundError):
        data.cifar10(tmp_path)


def test_the_next_mirror_is_asked_and_the_hash_goes_along(tmp_path, monkeypatch):
    asked = []

    def retrieve(url, known_hash, fname, path):
        asked.append(url)
        assert known_hash == f"md5:{images.MNIST[fname]}"
        if url.startswith(images.MIRRORS["MNIST"][0]):
            raise OSError("down")
        return tmp_path / "whole" / fname

    monkeypatch.setattr("pooch.retrieve", retrieve)
    held = lay_out(tmp_path / "whole", "{}")
    (X, _), _ = data.mnist(tmp_path, download=True)
    assert np.array_equal(X[:, 0], held[0][0]) and len(asked) == 8


@pytest.mark.parametrize("damage", [lambda raw: raw[:40], lambda raw: b"not a picture at all", lambda raw: b""])
def test_a_damaged_file_is_refused_by_name(tmp_path, damage):
    lay_out(tmp_path, "{}")
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz is not the file it should be"):
        data.mnist(tmp_path)


def test_labels_of_another_set_are_refused(tmp_path):
    lay_out(tmp_path, "{}")
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.zeros(9))))
    with pytest.raises(ValueError, match="do not belong together"):
        data.mnist(tmp_path)


def archive(path, names, n=2):
    rng = np.random.default_rng(0)
    held = {name: rng.integers(0, 256, (n, 1 + 3072)).astype(np.uint8) for name in names}
    with tarfile.open(path, "w:gz") as tar:
        for name, rows in held.items():
            rows[:, 0] %= 10
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = rows.nbytes
            tar.addfile(member, io.BytesIO(rows.tobytes()))
    return held


BATCHES = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]


def test_cifar_is_read_from_its_archive_channels_first(tmp_path):
    held = archive(tmp_path / "cifar-10-binary.tar.gz", BATCHES)
    (X, y), (X_test, y_test) = data.cifar10(tmp_path)
    assert X.shape == (10, 3, 32, 32) and X_test.shape == (2, 3, 32, 32) and y.shape == (10,) and y_test.shape == (2,)
    first = held["data_batch_1.bin"][0]
    assert y[0] == first[0] and X[0, 1, 0, 5] == first[1 + 1024 + 5], "green begins after 1024 bytes of red"
    assert list(tmp_path.iterdir()) == [tmp_path / "cifar-10-binary.tar.gz"], "nothing was unpacked"


def test_an_archive_without_all_its_parts_is_refused(tmp_path):
    archive(tmp_path / "cifar-10-binary.tar.gz", BATCHES[:3])
    with pytest.raises(ValueError, match="is not the file it should be"):
        data.cifar10(tmp_path)


def test_every_set_has_mirrors_and_hashes():
    for title, hashes in (("MNIST", images.MNIST), ("Fashion-MNIST", images.FASHION), ("CIFAR-10", images.CIFAR10)):
        assert len(images.MIRRORS[title]) >= 2 and all(mirror.endswith("/") for mirror in images.MIRRORS[title])
        assert all(len(md5) == 32 for md5 in hashes.values())
    assert len({*images.MNIST.values(), *images.FASHION.values()}) == 8
