"""A demonstration runs at once, steps aside for nbgrader, and says in a line what it still needs."""

import pytest

from course.demo import demo
from course.progress import record

pytestmark = pytest.mark.usefixtures("notebook_folder")


def perceptron_train():
    raise NotImplementedError


def test_it_runs_at_once_and_stays_a_function(capfd):
    @demo
    def shown():
        print("here")
        return 3

    assert capfd.readouterr() == ("here\n", "")
    assert shown() == 3


@pytest.mark.parametrize("after", [None, "xor-rows"])
def test_it_does_nothing_while_nbgrader_runs_the_notebook(monkeypatch, capfd, after):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")

    @demo(after=after)
    def heavy():
        raise AssertionError("must not run")

    out, err = capfd.readouterr()
    assert out.count("\n") == 1 and err == ""


def test_an_exercise_not_written_yet_is_named(capfd):
    @demo
    def picture():
        perceptron_train()

    out, err = capfd.readouterr()
    assert out == "This demonstration needs your perceptron_train (above). Write it, then run this cell again.\n"
    assert err == ""


def test_a_cell_not_run_yet_is_named(capfd):
    @demo
    def picture():
        print(sum(weighted_sum(x) for x in [1]))  # noqa: F821

    assert "needs weighted_sum, from a cell above" in capfd.readouterr().out


def test_a_slip_inside_the_learners_function_is_shown_as_it_is():
    space = {}
    exec(compile("def perceptron(x):\n    return wieghts * x", "another cell", "exec"), space)

    with pytest.raises(NameError, match="wieghts"):

        @demo
        def picture():
            space["perceptron"](1)


def test_every_other_error_is_shown_as_it_is():
    with pytest.raises(ZeroDivisionError):

        @demo
        def picture():
            1 / 0  # noqa: B018


def test_it_waits_for_the_prediction(capfd):
    def reveal():
        print("no")

    assert demo(after="xor-rows")(reveal) is reveal
    assert capfd.readouterr().out.startswith("First your prediction")
    record("prediction", "xor-rows", "2")
    demo(after="xor-rows")(reveal)
    assert capfd.readouterr().out == "no\n"


@pytest.mark.parametrize(("status", "said"), [("wrong", "Your layer_tests did not pass the last check"), ("right", "")])
def test_a_function_that_did_not_pass_its_check_is_named_beside_what_it_broke(capfd, status, said):
    record("check", "layer_tests", {"stage": "03_networks", "status": status})
    record("check", "perceptron_train", {"stage": "01_one_neuron", "status": "wrong"})
    layer_tests = lambda: None  # noqa: E731
    space = {"layer_tests": layer_tests, "demo": demo}
    with pytest.raises(TypeError, match="NoneType"):
        exec("@demo\ndef picture():\n    return len(layer_tests())", space)
    out = capfd.readouterr().out
    assert said in out and "perceptron_train" not in out
