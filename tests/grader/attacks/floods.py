"""Code that ends, blocks, fills or outlives its process; the answers around it are right and count."""

from tests.grader.attacks.registry import FULL, trouble

UNSAFE = "it would harm this machine"


def in_function(body):
    """`perceptron`, worth 2 points, does something else first; the other three answers count."""
    return {"perceptron": f"def perceptron(x, w, b):\n{body}\n    return 1 if x @ w + b >= 0 else 0"}


@trouble(says="ended")
def attack_cell_ends_the_process():
    return ["import os\nos._exit(3)"]


@trouble()
def attack_cell_says_exit():
    return ["exit()"]


@trouble()
def attack_cell_raises_system_exit():
    return ["raise SystemExit(0)"]


@trouble(points=FULL - 2, says="ended the Python process")
def attack_function_ends_the_process():
    return in_function("    import os\n    os._exit(0)")


@trouble(points=FULL - 2, says="ended the Python process")
def attack_segmentation_fault():
    return in_function("    import ctypes\n    ctypes.string_at(0)")


@trouble(points=FULL - 2, says="took longer than")
def attack_function_never_ends():
    return in_function("    while True:\n        pass")


@trouble(points=FULL - 2, says="took longer than", plain="nbgrader cannot interrupt compiled code")
def attack_compiled_function_never_ends():
    return {"perceptron": "from numba import njit\n\n@njit\ndef spin(n):\n    i = 0\n    while i >= 0:\n"
                          "        i = (i + 1) % 7\n    return i\n\ndef perceptron(x, w, b):\n    return spin(1)"}  # fmt: skip


@trouble(says="Stopped")
def attack_cell_never_ends():
    return ["while True:\n    pass"]


@trouble(points=FULL - 2, says="took longer than")
def attack_deaf_to_signals():
    return in_function(
        "    import signal\n    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP):\n"
        "        signal.signal(number, signal.SIG_IGN)\n    while True:\n        pass"
    )


@trouble(points=FULL - 2, plain="nbgrader waits for a stopped kernel")
def attack_stops_itself():
    return in_function("    import os, signal\n    os.kill(os.getpid(), signal.SIGSTOP)")


@trouble(points=FULL - 2, plain=UNSAFE)
def attack_kills_everything():
    return in_function("    import os\n    os.kill(-1, 9)")


@trouble(points=FULL - 2, plain=UNSAFE)
def attack_kills_its_parent():
    return in_function("    import os\n    os.kill(os.getppid(), 9)")


@trouble(points=FULL - 2, plain=UNSAFE)
def attack_fork_bomb():
    return in_function(
        "    import os\n    while True:\n        try:\n            os.fork()\n        except OSError:\n            pass"
    )


@trouble(points=FULL - 2, plain=UNSAFE)
def attack_memory_bomb():
    return in_function("    hoard = []\n    while True:\n        hoard.append(bytearray(64 << 20))")


@trouble(points=FULL - 2, plain=UNSAFE)
def attack_thread_bomb():
    return in_function(
        "    import threading, time\n    while True:\n        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    )


@trouble(points=FULL - 2, plain=UNSAFE)
def attack_disk_flood():
    return in_function(
        "    k = 0\n    while True:\n        open(f'flood{k}', 'wb').write(b'x' * (16 << 20))\n        k += 1"
    )


@trouble(points=FULL - 2, plain=UNSAFE)
def attack_inode_flood():
    return in_function("    k = 0\n    while True:\n        open(f'file{k}', 'w').close()\n        k += 1")


@trouble()
def attack_fifty_megabytes_printed():
    return ["for i in range(50):\n    print('x' * 1_000_000)"]


@trouble()
def attack_fifty_megabytes_in_a_line_printed_by_a_function():
    return in_function("    print('x' * 50_000_000)")


@trouble()
def attack_warnings_without_end():
    return in_function("    import sys, warnings\n    for k in range(1000):\n        warnings.warn(f'careful {k}')\n"
                       "        print('hm', file=sys.stderr)")  # fmt: skip


@trouble(plain=UNSAFE)
def attack_daemon_that_survives():
    return ["import subprocess\nsubprocess.Popen(['sleep', '987654'], start_new_session=True)"]


@trouble(plain=UNSAFE)
def attack_daemon_of_a_function():
    return in_function(
        "    import os, time\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n"
        "            try:\n                os.execvp('sleep', ['sleep', '987654'])\n            finally:\n                os._exit(1)\n"
        "        os._exit(0)\n    os.wait()"
    )


@trouble()
def attack_folder_removed_under_itself():
    return ["import os, shutil\nshutil.rmtree(os.getcwd(), ignore_errors=True)\nos.chdir('/')"]


@trouble()
def attack_streams_replaced():
    return ["import sys, io\nsys.stdout = sys.stderr = io.StringIO()\nsys.stdin = None"]


@trouble(says="ended", plain="it would close the kernel's sockets and wait for ever")
def attack_every_descriptor_closed():
    return ["import os\nos.closerange(0, 4096)"]


@trouble(points=FULL - 2)
def attack_recursion_without_end():
    return in_function(
        "    import sys\n    sys.setrecursionlimit(10**9)\n    def f(n):\n        return f(n + 1) + 1\n    f(0)"
    )


@trouble(plain="it would ask the network")
def attack_network_tried():
    return ["import socket\nfor host in ('127.0.0.1', '1.1.1.1'):\n    try:\n"
            "        socket.create_connection((host, 80), 1)\n    except OSError:\n        pass"]  # fmt: skip


@trouble(plain="it would trace the grader")
def attack_parent_traced():
    return ["import ctypes, os\nctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)"]


@trouble(plain=UNSAFE)
def attack_gradebook_deleted():
    return ["import os, pathlib\nfor place in pathlib.Path.cwd().parents:\n    try:\n"
            "        os.unlink(place / 'gradebook.db')\n    except OSError:\n        pass"]  # fmt: skip


@trouble(plain=UNSAFE)
def attack_gradebook_written():
    return ["import pathlib, sqlite3\nfor place in pathlib.Path.cwd().parents:\n"
            "    if (place / 'gradebook.db').is_file():\n        with sqlite3.connect(place / 'gradebook.db') as book:\n"
            "            book.execute('UPDATE grade SET manual_score = 10.0')"]  # fmt: skip


@trouble(says="Stopped")
def attack_sleeps_for_an_hour():
    return ["import time\ntime.sleep(3600)"]


@trouble()
def attack_exit_handlers():
    return ["import atexit, os\natexit.register(lambda: os.kill(0, 9))\n"
            "class Last:\n    def __del__(self):\n        os._exit(9)\nlast = Last()"]  # fmt: skip
