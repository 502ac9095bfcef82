"""The parts of the report: how it measures, what it calls alike, and that nothing students wrote runs anywhere."""

import io
import time
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import combinations

import numpy as np
import pytest
from rich.console import Console

from course.judge import Verdict
from grader import insight
from grader.insight import clusters, items, mistakes, page, terminal, words
from grader.insight.fingerprints import GRAM, WINDOW, fingerprints, tokens
from grader.insight.gather import Submission
from grader.insight.groups import SAME, Group, grouped
from grader.insight.similarity import PUBLISHED, alike, to_published
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


def group_of(text, pair):
    names = text, f"{text}.", f"{text}.."
    return Group(names, dict.fromkeys(combinations(names, 2), 0.9), 40.0, pair)


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
        {"f": found}, [group_of(text, pair)], [pair], [replace(pair, other=PUBLISHED)],
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
    assert not [c for c in in_terminal(hostile(text)) if not c.isprintable() and c != "\n"]


def in_terminal(seen):
    stream = io.StringIO()
    terminal.show(seen, Console(file=stream, width=200, no_color=True))
    return stream.getvalue()


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
    _, before = alike(submissions, [])
    submissions["s7"] = dict(OWN_WAY)
    submissions["s8"] = {name: source.replace("terms", "t").replace("said", "u") for name, source in OWN_WAY.items()}
    groups, found = alike(submissions, [])
    assert groups == []
    assert {found[0].one, found[0].other} == {"s7", "s8"}
    assert found[0].share > 0.95
    assert all(found[0].bits > 2 * pair.bits for pair in found[1:])
    assert len(before) <= 5


def test_what_the_release_gave_or_half_the_class_writes_does_not_count():
    shared = OWN_WAY["perceptron_train"]
    given = {f"s{i}": {"f": shared} for i in range(2)} | {
        f"t{i}": {"f": f"def f(x):\n    return x + {i}"} for i in range(8)
    }
    assert [(pair.one, pair.other) for pair in alike(given, [])[1]] == [("s0", "s1")]
    assert alike(given, [shared]) == ([], [])
    assert alike({f"s{i}": {"f": shared} for i in range(10)}, []) == ([], [])


def test_those_who_need_a_person_for_one_reason_stand_together():
    two = [Submission(name, "needs a person", why) for name, why in (("ada", "a"), ("ben", "b"), ("cleo", "a"))]
    seen = replace(hostile("x"), submissions=two)
    assert words.waiting(seen) == [("ada, cleo", "a"), ("ben", "b")]
    assert "  ada, cleo: a\n  ben: b\n" in in_terminal(seen)
    assert "<tr><th>ada, cleo</th><td>a</td></tr><tr><th>ben</th>" in page.page([seen])


# Groups


def test_four_who_copied_are_one_group_and_none_of_their_pairs_is_listed():
    copies = ["s11", "s12", "s2", "s30"]
    groups, found = alike(a_class(40) | dict.fromkeys(copies, OWN_WAY), [])
    assert [group.students for group in groups] == [tuple(sorted(copies))]
    assert groups[0].shares == pytest.approx(dict.fromkeys(combinations(sorted(copies), 2), 1.0))
    assert not [pair for pair in found if {pair.one, pair.other} <= set(copies)]
    assert groups[0].pair.shown[1] == OWN_WAY[groups[0].pair.shown[0]]


def test_a_group_is_whole_though_it_has_more_pairs_than_a_list_holds():
    copies = [f"c{i:02}" for i in range(12)]  # 66 pairs
    groups, found = alike(a_class(60) | dict.fromkeys(copies, OWN_WAY), [])
    assert [group.students for group in groups] == [tuple(copies)]
    assert not {pair.one for pair in found} & set(copies)


@pytest.mark.parametrize(
    ("likeness", "groups", "remaining"),
    [
        ({}, [], []),
        ({(0, 1): 1.0}, [], [(0, 1)]),
        ({(0, 1): 1.0, (1, 2): SAME}, [[0, 1, 2]], []),  # a chain, though 0 and 2 are no tie
        ({(0, 1): 1.0, (1, 2): SAME, (0, 2): 0.5}, [[0, 1, 2]], []),
        ({(0, 1): 0.79, (1, 2): 0.79, (0, 2): 0.79}, [], [(0, 1), (1, 2), (0, 2)]),  # likeness alone ties nobody
        ({(0, 1): 1.0, (1, 2): 1.0, (2, 3): 0.7, (0, 3): 0.6, (3, 4): 0.5}, [[0, 1, 2]], [(2, 3), (3, 4)]),
        ({(0, 1): 1.0, (1, 2): 1.0, (3, 4): 1.0, (4, 5): 1.0, (2, 3): 0.7, (1, 4): 0.6}, [[0, 1, 2], [3, 4, 5]], [(2, 3)]),
        ({(0, 1): 1.0, (1, 2): 0.5, (0, 2): 0.5}, [], [(0, 1), (1, 2), (0, 2)]),  # two are a pair, not a group
    ],
)  # fmt: skip
def test_ties_make_groups_and_what_they_say_is_not_said_again(likeness, groups, remaining):
    assert grouped(6, likeness) == (groups, remaining)


def test_a_class_in_which_nobody_is_judged_has_no_groups():
    assert alike({}, []) == ([], [])


def test_a_group_says_how_much_any_two_share_in_the_terminal_and_on_the_page():
    pair = insight.similarity.Pair("ada", "ben", 0.98, 90.0, (("f", 90.0),), ("f", "x = 1", (1,), "x = 1", (1,)))
    shares = {("ada", "ben"): 0.98, ("ada", "cleo"): 0.71, ("ben", "cleo"): 0.85}
    seen = replace(hostile("x"), groups=[Group(("ada", "ben", "cleo"), shares, 61.0, pair)], pairs=[], published=[])
    text, html = in_terminal(seen), page.page([seen])
    for said in ("3 students handed in nearly the same", "at least 71 % of what is unusual (at least 61 bits), in f"):
        assert said in text
        assert said in html
    lines = [line.split() for line in text.splitlines()]
    start = lines.index(["1", "ada"])
    assert lines[start + 1 : start + 4] == [["2", "ben", "98", "%"], ["3", "cleo", "71", "%", "85", "%"], ["1", "2"]]
    assert html.count('style="--share:71%">71 %</td>') == 1
    assert html.count("<details class=") == 1  # the two most alike, side by side


def test_of_a_large_group_the_names_are_said_and_a_whole_one_is_said_to_be_the_same():
    names = tuple(f"s{i:02}" for i in range(20))
    seen = hostile("x")
    group = Group(names, dict.fromkeys(combinations(names, 2), 1.0), 61.0, seen.pairs[0])
    seen = replace(seen, groups=[group])
    said = f"20 students handed in the same: {', '.join(names)}"
    assert said in in_terminal(seen)
    assert said in "".join(read(page.page([seen])).text)


def test_the_terminal_says_how_many_pairs_it_leaves_out():
    seen = hostile("x")
    assert "more, less alike" not in in_terminal(seen)
    seen = replace(seen, pairs=seen.pairs * (terminal.FEW + 3))
    assert "… and 3 pairs more, less alike" in in_terminal(seen)


def test_two_who_share_code_in_different_exercises_are_a_pair_without_code_beside_code():
    moved = {"s0": {"f": OWN_WAY["perceptron_train"]}, "s1": {"g": OWN_WAY["perceptron_train"]}}
    _, (pair,) = alike(moved | {f"t{i}": {"f": f"def f(x):\n    return x + {i}"} for i in range(8)}, [])
    assert (pair.one, pair.other, pair.parts, pair.shown) == ("s0", "s1", (), ())
    seen = replace(hostile("x"), groups=[], pairs=[pair], published=[])
    assert "in exercises that differ" in in_terminal(seen)
    assert "in exercises that differ" in page.page([seen])


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
    alike(submissions, [])
    assert time.process_time() - start < 20


def test_the_copies_of_three_hundred_are_one_group_and_so_are_those_of_the_published_solution():
    students = class_of(300)
    submissions = {s.name: {n: source for n, source in s.sources.items() if source} for s in students if s.sources}
    groups, _ = alike(submissions, [])
    found = [set(group.students) for group in groups]
    assert found[0] == {s.name for s in students if s.kind == "copied"}
    assert any(group >= {s.name for s in students if s.kind == "published"} for group in found)
