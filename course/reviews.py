"""Film reviews: some that are made up here, with a "not" on which everything hangs, and real ones where you have them.

Made up: every review has a mirror image, in which each "not" stands before the other judgment of its sentence. The two
hold exactly the same words and mean the opposite. So whoever only counts words is right on exactly half of a pair.
"""

import numpy as np

from course.images import data_folder

SUBJECTS = ["plot", "acting", "music", "script", "ending", "dialog", "cast", "pace"]
PRAISE = ["gripping", "funny", "clever", "moving", "fresh", "warm"]
BLAME = ["dull", "flat", "silly", "cold", "stale", "slow"]
BETWEEN = ("", "", "very", "really", "all that", "to my mind", "from first to last", "as everybody had promised me")
ASIDES = (
    "i saw it with my sister on a rainy sunday",
    "it runs for two hours",
    "the director has made three films before",
    "somebody behind us ate popcorn all the time",
    "it is based on a book",
)
POLARITY = ("rt-polarity.neg", "rt-polarity.pos")  # of B. Pang and L. Lee, 2005: a sentence a line


def reviews(n, rng):
    """n made-up film reviews in which the place of "not" decides, in pairs of mirror images with the same words.

    n even; rng a generator -> texts, a list of n strings of words between single spaces, no capitals; y (n,): 1 if the
    review praises the film, else 0. texts[2k] and texts[2k + 1] are a pair. ValueError if n is odd.
    """
    if n % 2:
        raise ValueError(f"Reviews come in pairs; {n} is odd.")
    texts, y = [], []
    for _ in range(n // 2):
        text, praises = _review(rng)
        texts += [text, mirrored(text)]
        y += [praises, 1 - praises]
    return texts, np.array(y)


def mirrored(text):
    """The same review with every "not" moved to the other judgment of its sentence: same words, opposite meaning."""
    return " . ".join(_mirrored_sentence(sentence) for sentence in text.split(" . "))


def _review(rng):
    """One or three sentences about the film, asides around them: (text, 1 if most of the sentences praise)."""
    count = int(rng.choice([1, 3]))
    judged = [_judgment(subject, rng) for subject in rng.permutation(SUBJECTS)[:count]]
    sentences, praises = [text for text, _ in judged], sum(good for _, good in judged)
    for aside in rng.permutation(ASIDES)[: rng.integers(0, 3)]:
        sentences.insert(int(rng.integers(0, len(sentences) + 1)), str(aside))
    return " . ".join(sentences) + " .", int(2 * praises > count)


def _judgment(subject, rng):
    """A sentence with praise and blame of which one is taken back: (text, 1 if it is the blame)."""
    words = [str(rng.choice(PRAISE)), str(rng.choice(BLAME))]
    swapped, second = int(rng.integers(2)), int(rng.integers(2))
    words = words[::-1] if swapped else words
    halves = [f"{rng.choice(BETWEEN)} {word}".strip() for word in words]
    halves[second] = f"not {halves[second]}"
    return f"the {subject} was {halves[0]} , it was {halves[1]}", int(second != swapped)


def _mirrored_sentence(sentence):
    first, comma, second = sentence.partition(" , it was ")
    if not comma:
        return sentence
    if " was not " in first:
        return first.replace(" was not ", " was ") + comma + "not " + second
    return first.replace(" was ", " was not ") + comma + second.removeprefix("not ")


def film_reviews(folder=None):
    """Real film reviews from your disk: the two files rt-polarity.pos and .neg, or IMDB's folder aclImdb.

    folder: where they are; by default the one that THRESHOLD_DATA names, else `data` beside the notebook -> texts, a
    list of strings without capitals, the negative ones first; y (N,): 1 if the review praises the film, else 0.
    FileNotFoundError, which says what to put where, if neither is there.
    """
    folder = data_folder(folder)
    found = _polarity(folder) or _imdb(folder) or _imdb(folder / "aclImdb")
    if not found:
        raise FileNotFoundError(
            f"No film reviews in {folder}. Put {' and '.join(POLARITY)} there, or IMDB's folder aclImdb, or name another "
            "folder in THRESHOLD_DATA. The lesson goes on without them."
        )
    texts = [text for part in found for text in part]
    return texts, np.repeat([0, 1], [len(part) for part in found])


def _polarity(folder):
    """(negative, positive) sentences of the two files, or None."""
    files = [folder / name for name in POLARITY]
    if not all(file.is_file() for file in files):
        return None
    # bytes first: in this encoding a line may hold what str.splitlines takes for its end
    lines = [[_words(line.decode("cp1252", "replace")) for line in file.read_bytes().split(b"\n")] for file in files]
    return [[line for line in part if line] for part in lines]


def _imdb(folder):
    """(negative, positive) reviews of IMDB's folder, a file each, train and test together, or None."""
    files = [sorted(folder.glob(f"t*/{label}/*.txt")) for label in ("neg", "pos")]
    if not all(files):
        return None
    return [[_words(file.read_text(encoding="utf-8")) for file in part] for part in files]


def _words(text):
    """Lower-case words and signs between single spaces."""
    text = text.lower().replace("<br />", " ")
    for sign in '.,;:!?()"':
        text = text.replace(sign, f" {sign} ")
    return " ".join(text.split())
