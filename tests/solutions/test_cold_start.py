"""What a learner waits for: importing compiles nothing, compiling takes moments, and it is done once on any machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python(code, **environment):
    """The last line a fresh interpreter prints, as JSON; no cache folder is named unless `environment` does."""
    kept = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


IMPORT_ALL = """
import importlib, json, pkgutil
from numba.core import event
with event.install_recorder("numba:compile") as compiled:
    import solutions
    for module in pkgutil.walk_packages(solutions.__path__, "solutions."):
        importlib.import_module(module.name)
print(json.dumps(len(compiled.buffer)))
"""


def test_importing_everything_compiles_nothing(tmp_path):
    assert python(IMPORT_ALL, NUMBA_CACHE_DIR=str(tmp_path)) == 0


# Root may write anywhere, so permissions prove nothing here: numba is left with a folder that is named to it.
NO_PLACE = """
import json, os
from numba.core.caching import CacheImpl
CacheImpl._locator_classes = [locator for locator in CacheImpl._locator_classes if "UserProvided" in locator.__name__]
{more}
import numpy as np
from solutions.relu import relu, relu_loops
assert relu.numba(np.array([-1.0, 2.0])).tolist() == [0, 2]
print(json.dumps([sum(relu_loops.stats.cache_hits.values()), sum(relu_loops.stats.cache_misses.values())]))
"""


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows' temporary folder belongs to the user")
def test_a_read_only_install_and_home_still_cache(tmp_path):
    code = NO_PLACE.format(more="")
    assert python(code, TMPDIR=str(tmp_path)) == [0, 1]
    assert python(code, TMPDIR=str(tmp_path)) == [1, 0]
    (folder,) = tmp_path.glob("threshold-numba-*")
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows' temporary folder belongs to the user")
def test_a_cache_that_others_may_write_to_is_not_used(tmp_path):
    folder = tmp_path / f"threshold-numba-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    assert python(NO_PLACE.format(more=""), TMPDIR=str(tmp_path)) == [0, 1]
    assert not list(folder.iterdir())


def test_no_writable_folder_at_all_still_computes():
    code = NO_PLACE.format(more="def makedirs(*args, **kwargs): raise OSError\nos.makedirs = makedirs")
    assert python(code) == [0, 1]


# Every operation compiles in a fork of its own, so that none finds what another has compiled.
FIRST_CALLS = """
import json, os, tempfile, time
import numpy as np
from solutions.twins import OPERATIONS
from tests.solutions.oracle import load_oracles

def first_call(name, arguments):
    start = time.process_time()
    OPERATIONS[name].numba(*arguments)
    return time.process_time() - start

took = {}
for name, oracle in load_oracles().items():
    if "numba" in OPERATIONS[name].twins:
        arguments = oracle.cases(np.float32)[0]
        read, write = os.pipe()
        if os.fork() == 0:
            os.write(write, json.dumps(first_call(name, arguments)).encode())
            os._exit(0)
        os.close(write)
        took[name] = json.loads(os.fdopen(read).read())
        os.wait()
print(json.dumps(took))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="every operation compiles in a fork of its own")
def test_first_calls_take_moments(tmp_path):
    """The goal is 2 seconds; processor time on a busy machine is worth a third less."""
    took = python(FIRST_CALLS, NUMBA_CACHE_DIR=str(tmp_path))
    assert {name: seconds for name, seconds in took.items() if seconds > 3} == {}
