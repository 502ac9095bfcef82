"""Photographs that come with scikit-learn, and large image sets that are on your disk or are fetched once when asked for.

    (X, y), (X_test, y_test) = mnist("my/data")       # by default the folder THRESHOLD_DATA names, else `data`
    (X, y), (X_test, y_test) = mnist(download=True)   # once, with a network; from then on without

What is fetched is checked against the hash its authors publish, and stays in the user's cache folder. A file is bytes
and nothing more: nothing is unpickled, nothing is unpacked onto the disk. Where something is missing, a sentence says
what, and what to do.
"""

import gzip
import os
import tarfile
import zlib
from pathlib import Path

import numpy as np

IMAGES, LABELS = 2051, 2049  # the numbers with which the two kinds of IDX files begin
MNIST = {  # file: MD5
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
FASHION = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}
CIFAR10 = {"cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530"}
MIRRORS = {
    "MNIST": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    "Fashion-MNIST": (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    "CIFAR-10": ("https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"),
}
SPELLINGS = {  # how a file may be called in the learner's folder; a bare name is MNIST's
    "MNIST": ("{}", "mnist-{}", "mnist/{}", "MNIST/raw/{}"),
    "Fashion-MNIST": ("fashion-mnist-{}", "fashion-mnist/{}", "fashion/{}", "FashionMNIST/raw/{}"),
    "CIFAR-10": ("{}", "cifar-10/{}", "CIFAR10/{}"),
}


def photographs():
    """The two photographs that come with scikit-learn, at half their size.

    -> {"temple": (3, 213, 320), "flower": …}: red, green and blue, brightness from 0 to 1. The temple is by the
    Flickr user danielbuechele, the flower by vultilion, both under the license CC BY 2.0.
    """
    from sklearn.datasets import load_sample_image

    found = {}
    for name, file in (("temple", "china.jpg"), ("flower", "flower.jpg")):
        pixels = load_sample_image(file)[:426, :640] / 255
        found[name] = pixels.reshape(213, 2, 320, 2, 3).mean(axis=(1, 3)).transpose(2, 0, 1)
    return found


def mnist(folder=None, download=False):
    """70,000 handwritten digits, 28 × 28 (Y. LeCun, C. Cortes, C. J. C. Burges, 1998).

    -> (X, y), (X_test, y_test): X (60000, 1, 28, 28), X_test (10000, …) brightness 0 … 255; y the digit.
    FileNotFoundError, which says what to put where, if a file is not there; ValueError if one is damaged.
    """
    return _idx_pairs(_files("MNIST", MNIST, folder, download))


def fashion_mnist(folder=None, download=False):
    """70,000 pieces of clothing, 28 × 28, of ten kinds (H. Xiao, K. Rasul, R. Vollgraf, 2017). As `mnist`."""
    return _idx_pairs(_files("Fashion-MNIST", FASHION, folder, download))


def cifar10(folder=None, download=False):
    """60,000 small photographs in color, 32 × 32, of ten kinds of things (A. Krizhevsky, 2009). Errors as for `mnist`.

    -> (X, y), (X_test, y_test): X (50000, 3, 32, 32) brightness 0 … 255 of red, green and blue, X_test (10000, …);
    y 0 … 9: airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck
    """
    (archive,) = _files("CIFAR-10", CIFAR10, folder, download)
    parts = [f"data_batch_{number}.bin" for number in range(1, 6)], ["test_batch.bin"]
    try:
        with tarfile.open(archive) as tar:
            members = {Path(member.name).name: member for member in tar if member.isfile()}
            return tuple(_records(b"".join(tar.extractfile(members[name]).read() for name in part)) for part in parts)
    except (KeyError, ValueError, EOFError, OSError, zlib.error, tarfile.TarError) as fault:
        raise ValueError(f"{archive} is not the file it should be ({fault}); fetch it again.") from None


def data_folder(folder=None):
    """Where a learner's data sets lie: `folder`, else what THRESHOLD_DATA names, else `data` beside the notebook."""
    return Path(folder or os.environ.get("THRESHOLD_DATA", "data")).expanduser()


def _files(title, hashes, folder, download):
    """A path for each file of a data set, in order: from the folder, else from the cache or, if asked for, a mirror."""
    folder, found, missing = data_folder(folder), [], []
    for name, md5 in hashes.items():
        names = [pattern.format(each) for pattern in SPELLINGS[title] for each in (name, name.removesuffix(".gz"))]
        path = next((folder / each for each in names if (folder / each).is_file()), None)
        path = path or _fetched(title, name, md5, download)
        (missing if path is None else found).append(path or name)
    if missing:
        what, them = ("files", "them") if len(missing) > 1 else ("file", "it")
        mend = "No mirror could be reached." if download else f"With a network, download=True fetches {them} once."
        raise FileNotFoundError(
            f"{title} is not in {folder}. Put the {what} {', '.join(missing)} there, or name another folder in "
            f"THRESHOLD_DATA. {mend} The lesson goes on without {them}."
        )
    return found


def _fetched(title, name, md5, download):
    """The file in the cache, fetched from the first mirror that has it whole; None where that cannot be."""
    import pooch

    cache = Path(pooch.os_cache("threshold")) / title
    if (cache / name).is_file() and pooch.file_hash(str(cache / name), alg="md5") == md5:
        return cache / name
    pooch.get_logger().setLevel("ERROR")  # what it tells on stderr would look like a fault
    for mirror in MIRRORS[title] if download else ():
        try:
            return Path(pooch.retrieve(mirror + name, f"md5:{md5}", fname=name, path=cache))
        except (OSError, ValueError):  # no network, no such host, or another file; the errors of requests are OSErrors
            continue
    return None


def _idx_pairs(files):
    images, labels, test_images, test_labels = map(_idx, files)
    pairs = (images, labels), (test_images, test_labels)
    if any(len(X) != len(y) for X, y in pairs):
        raise ValueError(f"{files[0].parent} holds files that do not belong together: not as many labels as pictures.")
    return tuple((X[:, None], y.astype(int)) for X, y in pairs)


def _idx(path):
    """The array in an IDX file: a number that says which kind, the sizes, then the bytes."""
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            raw = file.read()
        sizes = np.frombuffer(raw, ">i4", {IMAGES: 3, LABELS: 1}[int.from_bytes(raw[:4], "big")], 4)
        return np.frombuffer(raw, np.uint8, offset=4 + 4 * len(sizes)).reshape(sizes)
    except (KeyError, ValueError, EOFError, OSError, zlib.error) as fault:
        raise ValueError(f"{path} is not the file it should be ({fault}); fetch it again.") from None


def _records(raw):
    """CIFAR's bytes: a label, then red, green and blue of 32 × 32 pixels, picture after picture."""
    rows = np.frombuffer(raw, np.uint8).reshape(-1, 1 + 3 * 32 * 32)
    return rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0].astype(int)
