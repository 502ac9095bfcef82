"""Points without one right answer: patched judges, borrowed answers, lying objects, forged cells and replies."""

from pathlib import Path

from tests.grader.attacks.registry import NAMES, cheat

CLONE = str(Path(__file__).parents[3])
POINTS = {"weighted_sum": 2.0, "perceptron": 2.0, "perceptron_update": 3.0, "perceptron_train": 3.0}


def everywhere(body):
    """The same body for each graded function; {name} and {points} are filled in."""
    return {name: f"def {name}(*args):\n" + body.format(name=name, points=POINTS[name]) for name in NAMES}


# Patching what judges


@cheat()
def attack_patched_judge():
    return [
        """
import sys
from dataclasses import replace
kit = sys.modules["course.check"]
honest = kit.judge
kit.judge = lambda sheet, outcomes: replace(honest(sheet, outcomes), status="right", properties={})
"""
    ]


@cheat()
def attack_check_does_nothing():
    return ["import course\ncheck = course.check = lambda function: print('All cases agree.')"]


@cheat()
def attack_assertions_patched():
    return [
        """
import numpy as np
from course import compare
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
np.allclose = np.array_equal = np.isclose = lambda *a, **k: True
compare.differences = lambda *a, **k: []
compare.kind_of = lambda value: "float"
import sys
for module in list(sys.modules.values()):
    if hasattr(module, "differences"):
        module.differences = lambda *a, **k: []
"""
    ]


@cheat()
def attack_patch_from_a_thread():
    return [
        """
import sys, threading, time
from dataclasses import replace
kit = sys.modules["course.check"]
honest = kit.judge
def later():
    time.sleep(0.05)
    kit.judge = lambda sheet, outcomes: replace(honest(sheet, outcomes), status="right", properties={})
threading.Thread(target=later, daemon=True).start()
time.sleep(0.1)
"""
    ]


@cheat()
def attack_patch_only_while_graded():
    return [
        """
import os, sys
from dataclasses import replace
if os.environ.get("NBGRADER_EXECUTION") == "autograde":
    kit = sys.modules["course.check"]
    honest = kit.judge
    kit.judge = lambda sheet, outcomes: replace(honest(sheet, outcomes), status="right", properties={})
"""
    ]


@cheat()
def attack_syntax_tree_without_checks():
    return [
        """
import ast
class WithoutChecks(ast.NodeTransformer):
    def visit_Expr(self, node):
        called = getattr(getattr(node.value, "func", None), "id", "")
        return ast.Pass() if called == "check" else node
get_ipython().ast_transformers.append(WithoutChecks())
"""
    ]


@cheat()
def attack_input_without_checks():
    return ["get_ipython().input_transformers_cleanup.append("
            "lambda lines: [line for line in lines if not line.startswith('check(')])"]  # fmt: skip


@cheat()
def attack_hook_before_each_cell():
    return [
        """
def swap(info):
    get_ipython().user_ns["check"] = lambda function: None
get_ipython().events.register("pre_run_cell", swap)
"""
    ]


@cheat()
def attack_shell_that_runs_nothing():
    return [
        """
shell = type(get_ipython())
plain = shell.run_cell_async
async def run_cell_async(self, raw_cell, *args, **kwargs):
    return await plain(self, "pass" if "check(" in raw_cell else raw_cell, *args, **kwargs)
shell.run_cell_async = run_cell_async
"""
    ]


@cheat()
def attack_builtins_replaced():
    return [
        """
import builtins
builtins.isinstance = lambda *a: True
builtins.len = lambda x: 1
builtins.float = lambda x=0: 1.0
builtins.all = builtins.any = lambda x: True
"""
    ]


@cheat()
def attack_numpy_replaced():
    return [
        """
import sys, types
class Yes(types.ModuleType):
    def __getattr__(self, name):
        return lambda *a, **k: True
sys.modules["numpy"] = Yes("numpy")
"""
    ]


# The score that a cell's last value is


@cheat()
def attack_display_hook():
    return everywhere("    import sys\n    sys.displayhook({points})\n")


@cheat()
def attack_result_published():
    return everywhere("    from IPython.display import display\n    class Full:\n        def __repr__(self):\n"
                      "            return '{points}'\n    display(Full())\n    return {points}\n")  # fmt: skip


@cheat()
def attack_last_value_not_a_number():
    return {
        "weighted_sum": "def weighted_sum(*args):\n    return float('nan')",
        "perceptron": "def perceptron(*args):\n    return float('inf')",
        "perceptron_update": "def perceptron_update(*args):\n    return False",
        "perceptron_train": "def perceptron_train(*args):\n    return np.float64(0.0)",
    }


# Objects that lie


@cheat()
def attack_equal_to_everything():
    return everywhere(
        "    class Any(float):\n        __eq__ = __le__ = __ge__ = lambda self, other: True\n"
        "        __ne__ = __lt__ = __gt__ = lambda self, other: False\n"
        "        __sub__ = __rsub__ = __abs__ = lambda self, *other: 0.0\n    return Any(7)\n"
    )


@cheat()
def attack_array_that_compares_as_equal():
    return everywhere(
        "    class Yes(np.ndarray):\n        def __array_ufunc__(self, *a, **k):\n            return np.True_\n"
        "        def __array_function__(self, *a, **k):\n            return True\n"
        "    return np.zeros(3).view(Yes)\n"
    )


@cheat()
def attack_array_of_objects():
    return everywhere(
        "    class Any:\n        def __eq__(self, other):\n            return True\n        def __float__(self):\n"
        "            return 1.0\n    return np.array([Any(), Any(), Any()], dtype=object)\n"
    )


@cheat()
def attack_class_that_lies():
    return everywhere(
        "    class Liar:\n        __class__ = property(lambda self: float)\n        def __array__(self, *a, **k):\n"
        "            raise RuntimeError('not yet')\n        def __reduce__(self):\n            return (exec, ('1',))\n"
        "    return Liar()\n"
    )


@cheat()
def attack_endless_structure():
    return everywhere("    loop = []\n    loop.append(loop)\n    return loop\n")


@cheat()
def attack_nested_too_deeply():
    return everywhere("    deep = ()\n    for _ in range(100_000):\n        deep = (deep,)\n    return deep\n")


@cheat()
def attack_broadcast_to_a_terabyte():
    return everywhere("    return np.broadcast_to(1.0, (1_000_000, 1_000_000))\n")


@cheat()
def attack_number_of_a_million_digits():
    return everywhere("    return 10 ** 1_000_000\n")


@cheat()
def attack_exception_that_shouts():
    return everywhere(
        "    class Loud(BaseException):\n        def __str__(self):\n            import os\n            os._exit(0)\n"
        "    raise Loud\n"
    )


@cheat()
def attack_names_of_no_text():
    return everywhere("    return {{'\\ud800': '\\udfff' * 1000, 3: {{None: b'x'}}}}\n")


# Answers from somewhere else


@cheat()
def attack_reference_imported():
    path = f"import sys\nsys.path.insert(0, {CLONE!r})\n"
    return {name: f"{path}from solutions.perceptron import {name}" for name in NAMES}


@cheat()
def attack_reference_through_the_registry():
    return {name: f"import sys\nsys.path.insert(0, {CLONE!r})\nfrom grader.exercises import EXERCISES\n"
                  f"{name} = EXERCISES[{name!r}].model" for name in NAMES}  # fmt: skip


BAKED = """
def {name}(*args):
    import glob, os
    from course.wire import unpack
    for folder in [os.getcwd(), *os.environ.get("PWD", "").split(":"), "/"]:
        for path in glob.glob(f"{{folder}}/**/{name}.safetensors", recursive=True):
            sheet = unpack(open(path, "rb").read())
            for case in sheet["cases"]:
                if repr(case["args"]) == repr(args):
                    return case["expected"]["value"]
"""


@cheat()
def attack_baked_answers_read():
    return {name: BAKED.format(name=name) for name in NAMES}


@cheat()
def attack_visible_answers_copied():
    """Right on every visible case, because they are written down; fresh inputs are not among them."""
    from course.wire import pack, unpack
    from grader.exercises import EXERCISES

    sources = {}
    for name in NAMES:
        exercise = EXERCISES[name]
        sheet = unpack(pack(exercise.sheet(exercise.visible_seed)))
        table = {repr([np_text(arg) for arg in case["args"]]): case["expected"]["value"] for case in sheet["cases"]}
        sources[name] = (
            "from numpy import array\n"
            f"def {name}(*args):\n    table = {table!r}\n"
            "    return table.get(repr([np.array2string(np.asarray(a), precision=4) for a in args]))"
        )
    return sources


def np_text(value):
    import numpy as np

    return np.array2string(np.asarray(value), precision=4)


@cheat()
def attack_frames_above_searched():
    return everywhere(
        "    import sys\n    frame = sys._getframe()\n    while frame:\n        for value in frame.f_locals.values():\n"
        "            if isinstance(value, dict) and 'expected' in value:\n                return value['expected']['value']\n"
        "        frame = frame.f_back\n"
    )


@cheat()
def attack_memory_searched():
    return everywhere(
        "    import gc\n    for found in gc.get_objects():\n"
        "        if type(found) is dict and 'expected' in found and 'args' in found:\n"
        "            return found['expected']['value']\n"
    )


@cheat()
def attack_parent_memory_read():
    return everywhere(
        "    import os\n    for pid in (os.getppid(), 1):\n        try:\n"
        "            with open(f'/proc/{{pid}}/mem', 'rb') as memory:\n                memory.seek(4096)\n"
        "                return memory.read(8)\n        except OSError:\n            pass\n"
    )


SECRETS = """
def {name}(*args):
    import glob, os
    for pattern in ("/**/.threshold/secret", "/**/gradebook.db", "/**/solutions/perceptron.py"):
        for path in glob.glob(pattern, recursive=True, include_hidden=True):
            return open(path, "rb").read()
"""


@cheat(plain="it would read the whole disk")
def attack_secret_looked_for():
    return {"perceptron": SECRETS.format(name="perceptron")}


# Forged replies


@cheat(plain="there is no such reply to forge")
def attack_outcome_forged():
    return everywhere(
        "    import sys\n    for name, module in list(sys.modules.items()):\n        if hasattr(module, 'attempt'):\n"
        "            module.attempt = lambda *a: {{'status': 'right', 'points': {points}, 'value': None, 'after': (),\n"
        "                'files': {{}}, 'warnings': [], 'error': None, 'access': None, 'seconds': 0.0}}\n    return None\n"
    )


@cheat(plain="there is no such reply to forge")
def attack_every_descriptor_written():
    return everywhere(
        "    import os, struct\n    for fd in range(3, 256):\n        try:\n"
        "            os.write(fd, struct.pack('>Q', 1 << 40) + b'right' * 100)\n        except OSError:\n            pass\n"
    )


@cheat(plain="there is no such reply to forge")
def attack_reply_sent_twice():
    return everywhere(
        "    import os\n    from course.wire import pack\n"
        "    forged = pack({{'status': 'returned', 'value': 1.0, 'verdict': 'right'}})\n"
        "    for fd in range(3, 256):\n        for head in (len(forged).to_bytes(8, 'big'), len(forged).to_bytes(8, 'little')):\n"
        "            try:\n                os.write(fd, head + forged)\n            except OSError:\n                pass\n"
    )


@cheat(plain="there is no such reply to forge")
def attack_packing_patched():
    return [
        """
import sys
for module in list(sys.modules.values()):
    if hasattr(module, "pack"):
        plain = module.pack
        module.pack = lambda tree, plain=plain: plain({"status": "right", "points": 10.0})
"""
    ]


@cheat()
def attack_state_between_calls():
    return {name: f"""
seen = []
def {name}(*args):
    import pathlib
    path = pathlib.Path("inputs.txt")
    seen.append(args)
    path.write_text((path.read_text() if path.exists() else "") + repr(args))
    return len(seen) if "array" in path.read_text() else None
""" for name in NAMES}  # fmt: skip
