"""What lesson 0 says of its numbers is so, for the very models it lets compete."""

import ast
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from course import data, plot
from solutions.evaluation import accuracy, train_test_split

LESSON = Path(data.__file__).parent / "stages" / "00_claims.py"
ROUNDS = range(5)


def of_the_lesson(name):
    """A function as the lesson defines it."""
    tree = ast.parse(LESSON.read_text(encoding="utf-8"))
    definition = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    scope = {"np": np, "train_test_split": train_test_split, "y": data.digits()[1]}
    exec(compile(ast.Module([definition], []), str(LESSON), "exec"), scope)
    return scope[name]


contestants, three_parts = of_the_lesson("contestants"), of_the_lesson("three_parts")


@pytest.fixture(scope="module")
def digits():
    X, y = data.digits()
    return X / 16, y


def results_at(n, digits, who):
    """One accuracy a round for each of `who`, and what they said: {name: [accuracy]}, [(test, {name: answers})]"""
    X, y = digits
    scores, answers = {name: [] for name in who}, []
    for k in ROUNDS:
        train, test = train_test_split(len(y), 0.22, np.random.default_rng(k))
        models = contestants(seed=k)
        said = {name: models[name].fit(X[train[:n]], y[train[:n]]).predict(X[test]) for name in who}
        answers.append((test, said))
        for name in who:
            scores[name].append(accuracy(y[test], said[name]))
    return scores, answers


@pytest.fixture(scope="module")
def few(digits):
    with threadpool_limits(1):
        return results_at(20, digits, contestants(0))[0]


@pytest.fixture(scope="module")
def many(digits):
    with threadpool_limits(1):
        return results_at(1400, digits, contestants(0))


def test_the_two_rules_of_the_puzzle():
    truth = np.array([1, 0, 0, 1])
    assert accuracy(truth, np.array([1, 1, 1, 0])) == 1 / 4
    assert accuracy(truth, np.zeros(4, int)) == 2 / 4


def test_the_pictures_and_their_parts(digits):
    X, y = digits
    assert X.shape == (1797, 64) and X.min() == 0 and X.max() == 1 and set(np.unique(16 * X)) == set(range(17))
    assert sorted(set(y)) == list(range(10)) and y[0] == 0
    assert [len(rows) for rows in train_test_split(len(y), 0.22, np.random.default_rng(0))] == [1402, 395]
    parts = three_parts()
    assert [len(rows) for rows in parts] == [1122, 280, 395]
    assert len(np.unique(np.concatenate(parts))) == 1797


def test_who_remembers_shuffled_labels_knows_nothing(digits):
    X, y = digits
    shuffled = np.random.default_rng(0).permutation(y)
    model = KNeighborsClassifier(1).fit(X[:1000], shuffled[:1000])
    assert accuracy(shuffled[:1000], model.predict(X[:1000])) == 1
    assert accuracy(shuffled[1000:], model.predict(X[1000:])) == pytest.approx(0.1, abs=0.01)


def test_the_luckiest_of_a_hundred():
    rng = np.random.default_rng(0)
    truth, guesses = rng.integers(0, 2, 50), rng.integers(0, 2, (100, 50))
    assert max(accuracy(truth, p) for p in guesses) == 0.66
    assert accuracy(rng.integers(0, 2, 5000), rng.integers(0, 2, 5000)) == pytest.approx(0.5, abs=0.01)


def test_the_baselines(digits):
    _, y = digits
    train, validation, _ = three_parts()
    usual = np.bincount(y[train]).argmax()
    assert round(accuracy(y[validation], np.full(280, usual)), 2) == 0.09
    assert round(float(np.mean(y[validation] != 8)), 2) == 0.91


def test_with_twenty_pictures_the_network_is_first(few):
    said = {"logistic regression": 0.56, "random forest": 0.49, "SVM": 0.36, "network": 0.62}
    assert {name: np.mean(scores) for name, scores in few.items()} == pytest.approx(said, abs=0.01)
    others = np.array([few[name] for name in few if name != "network"])
    assert (np.array(few["network"]) > others).all()


@pytest.mark.slow
def test_with_1400_the_svm_is_first(many):
    scores, _ = many
    said = {"logistic regression": 0.96, "random forest": 0.98, "SVM": 0.99, "network": 0.975}
    assert {name: np.mean(of) for name, of in scores.items()} == pytest.approx(said, abs=0.006)
    ahead = np.round(395 * (np.array(scores["SVM"]) - np.array(scores["network"])))
    assert ahead.min() > 0 and ahead.max() < 10


@pytest.mark.slow
@pytest.mark.parametrize("n", [200, 400, 700])
def test_from_200_on_the_svm_is_ahead_of_the_network(n, digits):
    with threadpool_limits(1):
        scores, _ = results_at(n, digits, ("SVM", "network"))
    assert (np.array(scores["SVM"]) > np.array(scores["network"])).all()


@pytest.mark.slow
def test_at_100_it_is_not_yet(digits):
    with threadpool_limits(1):
        scores, _ = results_at(100, digits, ("SVM", "network"))
    assert np.mean(scores["SVM"]) < np.mean(scores["network"])


@pytest.mark.slow
def test_the_claim_fails_at_both_ends_and_its_opposite_holds(few, many):
    def ahead(scores, first, second):
        return sum(a > b for a, b in zip(scores[first], scores[second], strict=True))

    assert ahead(few, "random forest", "network") == 0 and ahead(few, "network", "random forest") == 5
    assert ahead(many[0], "network", "SVM") == 0 and ahead(many[0], "SVM", "network") == 5


@pytest.mark.slow
def test_what_everybody_misreads(many, digits):
    _, y = digits
    misread = set()
    for test, said in many[1]:
        misread |= set(test[np.all([p != y[test] for p in said.values()], axis=0)])
    assert 5 <= len(misread) <= 15


def test_the_svms_poor_start_was_a_setting(few, digits):
    X, y = digits
    tuned = []
    for k in ROUNDS:
        train, test = train_test_split(len(y), 0.22, np.random.default_rng(k))
        tuned.append(accuracy(y[test], SVC(C=10).fit(X[train[:20]], y[train[:20]]).predict(X[test])))
    assert np.mean(tuned) == pytest.approx(np.mean(few["network"]), abs=0.02)


def test_the_raw_dots_serve_the_svm_best(digits):
    X, y = digits
    train, validation, _ = three_parts()
    pictures = X.reshape(-1, 8, 8)

    def score(model, F):
        return accuracy(y[validation], model.fit(F[train], y[train]).predict(F[validation]))

    by_hand = (
        pictures.sum(axis=(1, 2))[:, None],
        np.column_stack([pictures[:, :4].sum(axis=(1, 2)), pictures[:, 4:].sum(axis=(1, 2))]),
        np.hstack([pictures.sum(axis=1), pictures.sum(axis=2)]),
    )
    scores = [score(SVC(), F) for F in (*by_hand, X)]
    assert scores == sorted(scores)
    assert score(contestants(0)["network"], X) <= scores[-1]


def test_a_tree_reads_a_5_and_is_right_less_often(digits):
    X, y = digits
    train, validation, _ = three_parts()
    tree = DecisionTreeClassifier(random_state=0).fit(X[train], y[train])
    p = tree.predict(X[validation])
    assert p[0] == y[validation[0]] == 5
    assert (
        accuracy(y[validation], p)
        < 0.9
        < 0.95
        < accuracy(y[validation], SVC().fit(X[train], y[train]).predict(X[validation]))
    )


def test_five_eights_teach_no_8(digits):
    X, y = digits
    train, validation, _ = three_parts()
    rows = np.concatenate([train[y[train] != 8], train[y[train] == 8][:5]])
    p = contestants(0)["SVM"].fit(X[rows], y[rows]).predict(X[validation])
    assert round(accuracy(y[validation], p), 2) == 0.90
    assert not np.any(p[y[validation] == 8] == 8)


def test_every_picture_twice_is_cheating(digits):
    X, y = digits

    def score(X, y):
        train, test = train_test_split(len(y), 0.22, np.random.default_rng(1))
        return accuracy(y[test], SVC().fit(X[train], y[train]).predict(X[test]))

    assert score(np.vstack([X, X]), np.concatenate([y, y])) > score(X, y) + 0.005


def test_a_picture_is_its_numbers():
    picture = np.arange(6.0).reshape(2, 3)
    texts = plot.as_numbers(picture).axes[1].texts
    assert [text.get_text() for text in texts] == list("012345")


def test_a_gallery_has_a_place_for_each_picture():
    figure = plot.gallery(np.zeros((6, 8, 8)), list("abcdef"))
    assert [axes.get_title() for axes in figure.axes if axes.axison] == list("abcdef")


def test_templates_say_their_sign_without_color():
    maps = np.array([[[1.0, -1.0], [0.1, 0.0]]])
    assert [text.get_text() for text in plot.templates(maps, ["it"]).axes[0].texts] == ["+", "−"]


def test_learning_curves_show_the_mean_and_a_close_up():
    results = {(who, n): [0.5, 0.7] for who in ("A", "B") for n in (10, 200, 400)}
    whole, near = plot.learning_curves(results).axes
    assert [line.get_label() for line in whole.lines] == ["A", "B"]
    assert np.allclose(whole.lines[0].get_ydata(), 60) and list(near.lines[0].get_xdata()) == [200, 400]


def test_the_puzzle_has_four_lettered_drawings():
    assert [axes.get_title() for axes in plot.puzzle().axes] == list("ABCD")
