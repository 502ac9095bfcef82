"""The parts of the report: how it measures, what it calls alike, and that nothing students wrote runs anywhere."""

import io
import time
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from rich.console import Console

from course.judge import Verdict
from grader import insight
from grader.insight import clusters, items, mistakes, page, terminal, words
from grader.insight.fingerprints import GRAM, WINDOW, fingerprints, tokens
from grader.insight.gather import Submission
from grader.insight.similarity import PUBLISHED, pairs, to_published
from tests.grader.corpus import HOSTILE
from tests.grader.phrasings import OWN_WAY, SPELLINGS, right
from tests.grader.synthetic import STAGE, class_of

# The page, whatever students wrote


ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "section", "article", "footer", "h1", "h2", "h3", "p", "b",
    "dl", "dt", "dd", "div", "table", "thead", "tbody", "tr", "th", "td", "i", "code", "pre", "mark", "details", "summary",
    "figure", "figcaption", "svg", "line", "rect", "text",
}  # fmt: skip


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = Counter(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_data(self, data):
        self.text.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def hostile(text, kind="wrong"):
    """An Insight in which everything a student can choose is this text."""
    entry = {"value": {"passed": False, "points": 0.0, "maximum": 1.0}}
    example = {"label": "a case", "call": text, "got": text, "expected": "1"}
    verdict = Verdict("f", "wrong", entry, symptom=text, example=example, cases=(0, 3))
    submission = Submission(
        text, "needs a person", text, 1.0, scores={"f": 0.0}, verdicts={"f": verdict}, parts={"f": text}
    )
    found = clusters.clusters("f", [submission])
    pair = insight.similarity.Pair(text, text, 0.5, 40.0, ((text, 40.0),), (text, text, (1,), text, (1,)))
    return insight.Insight(
        STAGE, 1.0, [submission], items.items([submission], {"f": 1.0}), {"f": mistakes.tally("f", [submission])},
        {"f": found}, [pair], [replace(pair, other=PUBLISHED)],
    )  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_students_wrote_is_markup(text):
    reader = read(page.page([hostile(text)]))
    assert set(reader.tags) <= ALLOWED
    assert not [name for _, name, _ in reader.attributes if name.startswith("on") or name in ("href", "src", "srcset")]
    plain = read(page.page([hostile("x")]))
    assert {tag: n for tag, n in reader.tags.items() if tag not in ("code", "mark")} == {
        tag: n for tag, n in plain.tags.items() if tag not in ("code", "mark")
    }


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_students_wrote_commands_a_terminal(text):
    stream = io.StringIO()
    terminal.show(hostile(text), Console(file=stream, width=200, no_color=True))
    assert not [c for c in stream.getvalue() if not c.isprintable() and c != "\n"]


# How hard, and how telling


def test_difficulty_and_discrimination_of_a_table_done_by_hand():
    # The third item is right for exactly those who fail at the others.
    scores = np.array([[1, 1, 0]] * 6 + [[0, 0, 1]] * 6, float)
    table = [
        Submission(str(i), "graded", points=1.0, scores=dict(zip("abc", row, strict=True)))
        for i, row in enumerate(scores)
    ]
    a, _, c = items.items(table, dict.fromkeys("abc", 1.0))
    assert (a.difficulty, c.difficulty) == (0.5, 0.5)
    assert c.discrimination == pytest.approx(-1)
    assert "read the exercise again" in c.says
    assert a.discrimination is None  # the other two together never vary: nothing to compare with


def test_discrimination_leaves_the_item_out_of_the_total():
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 2, (4000, 2)).astype(float)
    assert abs(items.discrimination(scores, 0)) < 0.05  # with the item in its own total it would be about 0.7


@pytest.mark.parametrize("n", [0, 1, items.ENOUGH - 1])
def test_too_few_tell_nothing(n):
    scores = np.eye(max(n, 1), 2)[:n]
    assert n == 0 or items.discrimination(scores, 0) is None


def test_every_score_falls_into_one_bin():
    points = [0.0, 0.3, 9.99, 10.0, 5.0]
    bins = items.histogram(points, 10.0)
    assert sum(n for _, _, n in bins) == len(points)
    assert bins[-1] == (9.0, 10.0, 2)


def test_the_first_sentence_is_the_most_frequent_mistake_and_its_share():
    tally = mistakes.Tally("f", 300, {"right": 150, "summed over the wrong axis": 111, "transposed": 39})
    assert words.lead(tally) == "37 % made the mistake “summed over the wrong axis” (111 of 300)."


# Form


def test_names_comments_and_layout_leave_no_trace():
    source = OWN_WAY["perceptron_update"]
    other = (
        source.replace("terms", "t")
        .replace("push", "delta")
        .replace("\n    said", "\n    # thought of it myself\n\n    said")
    )
    assert other != source
    assert list(fingerprints(other)) == list(fingerprints(source))


@pytest.mark.parametrize("source", ["", "def f(:", "\0", "(" * 5000, "x = 1", "a" * 60_000], ids=range(6))
def test_any_text_has_a_form_or_none(source):
    assert isinstance(fingerprints(source), dict)


@pytest.mark.parametrize("seed", range(20))
def test_a_shared_passage_of_ten_tokens_is_always_found(seed):
    rng = np.random.default_rng(seed)

    def noise(k):
        return "\n".join(f"q{i} = {rng.integers(1000, 9999)} {rng.choice(list('+-*/'))} len(z)" for i in range(k))

    passage = "while left[0] > 3:\n    left = [abs(v) for v in left if v]"
    assert len(tokens(passage)) >= GRAM + WINDOW - 1
    one, other = f"{noise(5)}\n{passage}\n{noise(3)}", f"{noise(9)}\n{passage}\n{noise(1)}"
    assert set(fingerprints(one)) & set(fingerprints(other)) & set(fingerprints(passage))


def a_class(n, seed=0):
    rng = np.random.default_rng(seed)
    return {f"s{i}": {name: right(rng, name) for name in SPELLINGS} for i in range(n)}


def test_right_answers_of_independent_people_are_no_pairs_and_a_copy_among_them_is():
    submissions = a_class(60)
    before = [(pair.one, pair.other) for pair in pairs(submissions, [])]
    submissions["s7"] = dict(OWN_WAY)
    submissions["s8"] = {name: source.replace("terms", "t").replace("said", "u") for name, source in OWN_WAY.items()}
    found = pairs(submissions, [])
    assert {found[0].one, found[0].other} == {"s7", "s8"}
    assert found[0].share > 0.95
    assert all(found[0].bits > 2 * pair.bits for pair in found[1:])
    assert len(before) <= 5


def test_what_the_release_gave_or_half_the_class_writes_does_not_count():
    shared = OWN_WAY["perceptron_train"]
    given = {f"s{i}": {"f": shared} for i in range(2)} | {
        f"t{i}": {"f": f"def f(x):\n    return x + {i}"} for i in range(8)
    }
    assert [(pair.one, pair.other) for pair in pairs(given, [])] == [("s0", "s1")]
    assert pairs(given, [shared]) == []
    assert pairs({f"s{i}": {"f": shared} for i in range(10)}, []) == []


def test_the_published_solution_is_recognized_under_other_names():
    submissions = a_class(40) | {
        "copy": {"f": OWN_WAY["perceptron_train"].replace("order", "o").replace("wrong", "errors")}
    }
    found = to_published(submissions, [], {"f": OWN_WAY["perceptron_train"]})
    assert [(pair.one, pair.other) for pair in found] == [("copy", PUBLISHED)]
    part, mine, lines, *_ = found[0].shown
    assert part == "f"
    assert len(lines) > 5
    assert max(lines) <= len(mine.splitlines())


def test_three_hundred_students_with_ten_exercises_are_compared_in_seconds():
    rng = np.random.default_rng(0)
    submissions = {
        f"s{i}": {f"{name}{k}": right(rng, name) for name in SPELLINGS for k in range(3)} | {"own": f"x{i} = {i}"}
        for i in range(300)
    }  # thirteen parts each
    start = time.process_time()
    pairs(submissions, [])
    assert time.process_time() - start < 20


def test_the_class_of_three_hundred_has_ten_pairs_and_they_come_first():
    students = class_of(300)
    submissions = {s.name: {n: source for n, source in s.sources.items() if source} for s in students if s.sources}
    copied = {s.name for s in students if s.kind == "copied"}
    first = pairs(submissions, [])[:10]
    assert all({pair.one, pair.other} <= copied for pair in first)
