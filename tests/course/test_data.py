"""The data sets are what the lessons say of them."""

import os
import subprocess
import sys

import numpy as np
import pytest

from course import data


def test_calorie_plans():
    X, y = data.calorie_plans()
    kcal = X @ [100, 150, 200]
    assert X.shape == (512, 3) and X.dtype == float and y.shape == (512,)
    assert len(np.unique(X, axis=0)) == 512 and X.min() == 0 and X.max() == 7
    assert X[:2].tolist() == [[0, 0, 0], [0, 0, 1]], "swimming counts fastest"
    assert y.tolist() == (kcal >= 1400).astype(int).tolist()
    assert (y.sum(), (kcal == 1400).sum()) == (317, 15)
    assert not np.any((kcal > 1350) & (kcal < 1400))


def test_calorie_plans_of_another_week():
    X, y = data.calorie_plans(goal=3, kcal=(1, 2), most=1)
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == [0, 0, 0, 1]


def test_vacation_agrees_with_the_weights_of_the_lesson():
    X, y = data.vacation()
    assert X.shape == (8, 3)
    assert y.tolist() == (X @ [2, 4, 1] >= 5).astype(int).tolist() == [0, 0, 0, 1, 0, 0, 1, 1]


def test_xor():
    X, y = data.xor()
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("module", ["data", "demo", "predict", "quiz"])
def test_importing_the_kit_loads_nothing_heavy(module):
    code = (
        f"import sys, course.{module}; print(*(m for m in ('sklearn', 'matplotlib', 'ipywidgets') if m in sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert ran.stdout.strip() == ""
