"""Settings every test shares, made before numba and matplotlib are imported anywhere."""

import os

# A machine with a GPU runs the same tests on it with NUMBA_ENABLE_CUDASIM=0.
os.environ.setdefault("NUMBA_ENABLE_CUDASIM", "1")
os.environ.setdefault("MPLBACKEND", "agg")
# Where several processes test, BLAS keeps to one thread in each: more would wait for each other, spinning.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys

import pytest
from hypothesis import settings

import course.quickly  # noqa: F401  before anything imports nbformat

# The simulator runs one Python thread per CUDA thread; switching faster makes its barriers 6–9 times faster.
sys.setswitchinterval(5e-5)

# How long an example takes says nothing on a machine that does other things as well.
settings.register_profile("threshold", deadline=None)
settings.load_profile("threshold")


QUICK = "not slow and not browser and not full"


def pytest_configure(config):
    """`pytest` by itself runs what is quick. Who names files gets all of them, and with -m whatever that says.

    Several processes take file after file in the order below, not those with the most tests first.
    """
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False
    if not any(word.startswith("-m") for word in config.invocation_params.args):
        marks = "not full" if config.args_source is config.ArgsSource.ARGS else QUICK
        config.option.markexpr = os.environ.setdefault("THRESHOLD_MARKS", marks)  # its processes are told files


def pytest_collection_modifyitems(config, items):
    """For several processes, files with slow tests come first: in the end, nobody waits for one who has just begun one."""
    if not hasattr(config, "workerinput"):
        return
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """What was printed and logged travels between processes as text, and names of files may hold bytes that are none."""
    report = yield
    report.sections = [(title, text.encode(errors="replace").decode()) for title, text in report.sections]
    return report


def pytest_terminal_summary(terminalreporter):
    """What became of hostile and broken submissions in plain nbgrader, beside what became of them here."""
    rows = {}
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        for kind, found in getattr(report, "user_properties", ()):
            if kind in ("here", "plain"):
                rows.setdefault(found[0], {})[kind] = found[1]
    if not any("plain" in row for row in rows.values()):
        return
    width = max(map(len, rows))
    terminalreporter.section("hostile and broken submissions: plain nbgrader, and here (of 10 points)")
    for name, row in sorted(rows.items()):
        plain, here = row.get("plain", ""), row.get("here", "")
        terminalreporter.write_line(f"{name.removeprefix('attack_'):{width}}  {plain:45}  {here}")


def pytest_unconfigure():
    """A widget that is left says good-bye to a notebook that never was: pages of it, below the summary one looks for."""
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].Widget.__del__ = lambda widget: None
