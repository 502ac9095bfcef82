"""Reviews in mirrored pairs, and how real ones are read from a folder."""

from collections import Counter

import numpy as np
import pytest

from course import data
from course.reviews import BETWEEN, BLAME, PRAISE


def test_a_pair_has_the_same_words_and_opposite_labels():
    texts, y = data.reviews(400, np.random.default_rng(0))
    assert len(texts) == 400 and y.shape == (400,) and y.sum() == 200
    for k in range(0, 400, 2):
        assert Counter(texts[k].split()) == Counter(texts[k + 1].split()) and texts[k] != texts[k + 1]
        assert y[k] + y[k + 1] == 1
        assert data.mirrored(texts[k]) == texts[k + 1] and data.mirrored(texts[k + 1]) == texts[k]


def verdict(sentence):
    """1 if the judgment without "not" is praise, read off by rules that know nothing of how it was made."""
    words, negated, found = sentence.split(), False, []
    for word in words:
        negated = {"not": True, ",": False}.get(word, negated)
        if word in PRAISE or word in BLAME:
            found.append((word in PRAISE) != negated)
    assert found in ([], [True, True], [False, False]), sentence
    return found and found[0]


def test_the_label_is_what_most_sentences_say():
    texts, y = data.reviews(300, np.random.default_rng(1))
    for text, praises in zip(texts, y, strict=True):
        verdicts = [verdict(sentence) for sentence in text.removesuffix(" .").split(" . ")]
        judged = [each for each in verdicts if each != []]
        assert len(judged) in (1, 3) and praises == (2 * sum(judged) > len(judged))


def test_words_stand_between_single_spaces_and_the_seed_decides():
    once, again = (data.reviews(50, np.random.default_rng(3))[0] for _ in range(2))
    assert once == again != data.reviews(50, np.random.default_rng(4))[0]
    assert all(text == " ".join(text.split()) == text.lower() and text.endswith(" .") for text in once)
    assert not {"not", *PRAISE, *BLAME} & {word for words in BETWEEN for word in words.split()}


def test_an_odd_number_is_refused():
    with pytest.raises(ValueError, match="Reviews come in pairs; 3 is odd"):
        data.reviews(3, np.random.default_rng(0))


def test_the_polarity_files(tmp_path, monkeypatch):
    (tmp_path / "rt-polarity.neg").write_bytes("Dull ,  flat\nno caf\xe9\x85 fun\n\n".encode("latin-1"))
    (tmp_path / "rt-polarity.pos").write_bytes(b"a joy .\n")
    monkeypatch.setenv("THRESHOLD_DATA", str(tmp_path))
    texts, y = data.film_reviews()
    assert texts == ["dull , flat", "no café… fun", "a joy ."] and y.tolist() == [0, 0, 1]


@pytest.mark.parametrize("place", [".", "aclImdb"])
def test_the_folder_of_imdb(tmp_path, place):
    for part, label, text in (
        ("train", "neg", "Bad.<br /><br />Really (bad)!"),
        ("train", "pos", "Good"),
        ("test", "neg", "So-so"),
        ("test", "pos", "Fine"),
    ):
        folder = tmp_path / place / part / label
        folder.mkdir(parents=True)
        (folder / "0_1.txt").write_text(text, encoding="utf-8")
    (tmp_path / place / "train" / "unsup").mkdir()
    texts, y = data.film_reviews(tmp_path)
    assert sorted(texts[:2]) == ["bad . really ( bad ) !", "so-so"] and sorted(texts[2:]) == ["fine", "good"]
    assert y.tolist() == [0, 0, 1, 1]


def test_without_reviews_a_sentence_says_what_to_put_where(tmp_path, monkeypatch):
    monkeypatch.delenv("THRESHOLD_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rt-polarity.pos").write_text("alone")
    with pytest.raises(FileNotFoundError, match=r"Put rt-polarity\.neg and rt-polarity\.pos there, or IMDB's folder"):
        data.film_reviews()
