"""How an operation, its shapes and its twins belong together.

    @operation(x="N D", w="D M", b="M")
    def dense_forward(x, w, b):            # the model answer: NumPy that reads like the mathematics
        return x @ w + b

    @dense_forward.twin("numba")           # the same operation as plain loops
    @compiled
    def dense_forward_loops(x, w, b): ...

`dense_forward(x, w, b)` runs the model answer, `dense_forward.numba(x, w, b)` the twin. Both first hold the
arguments against the declared shapes; the kernels themselves stay bare.
"""

import functools
import hashlib
import inspect
import os
import stat
import tempfile
from pathlib import Path

import numba

from solutions.shapes import declared

OPERATIONS = {}  # name -> Operation, in order of definition

# NaN checks must survive, so not fastmath=True; without error_model="numpy" a division does not vectorize; nobody calls
# these functions from C, so a twentieth of the time to compile them can be saved.
JIT_OPTIONS = {
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp", "reassoc"},
    "nogil": True,
    "no_cfunc_wrapper": True,
}


def compiled(function=None, *, parallel=False, exact=False, inside=False, by_address=False):
    """Compile loops with the course's options, on first call, cached on disk where any disk will have it.

    exact: without the options that let LLVM reorder a sum, as a learner's bare @njit; then any number of threads, and
    the interpreter, agree to the last bit.
    inside: where other compiled loops call it, it is written into them instead of being compiled for itself first.
    by_address: it is called through `fast` and by compiled loops alone. There is no way in from Python, which would take
    a third of the time to compile.
    """
    if function is None:
        return functools.partial(compiled, parallel=parallel, exact=exact, inside=inside, by_address=by_address)
    if numba.config.DISABLE_JIT:  # NUMBA_DISABLE_JIT=1, for who wants to follow loops in a debugger
        return function
    options = {**({} if exact else JIT_OPTIONS), "parallel": parallel, "inline": "always" if inside else "never"}
    if by_address:
        return _closed(_jitted(function, options | {"no_cpython_wrapper": True}))
    return _jitted(function, options)


def _closed(loops):
    """The same loops, which say so where Python calls them."""

    def refuse(*args, **kwargs):
        raise TypeError(f"{loops.__name__} is called by its address, not from Python: hand it to in_shares")

    loops._insert, loops._compile_for_args = (lambda *args, **kwargs: None), refuse
    return loops


def _jitted(function, options):
    """Compiled, with a cache where there can be one."""
    try:
        return _watching(numba.njit(cache=True, **options)(function))
    except RuntimeError:  # a read-only install and an unwritable home: numba finds no place for its cache
        pass
    try:
        numba.config.CACHE_DIR = numba.config.CACHE_DIR or _own_folder()
        return _watching(numba.njit(cache=True, **options)(function))
    except (OSError, RuntimeError):
        return numba.njit(**options)(function)


def _watching(loops):
    """The same loops, whose cache forgets them when a file changes that they may be written with.

    Numba looks at the file of a function alone. For a concept that is enough: it has no other. What `networks` and
    `fast` compile contains functions of each other, and a call that is older than what it calls would end Python.
    """
    package, _, inside = loops.__module__.partition(".")
    file = getattr(loops._cache, "_cache_file", None)
    if file is not None and (package != "solutions" or "." in inside):
        file._source_stamp = file._source_stamp, _digest()
    return loops


@functools.cache
def _digest():
    """Of all that lies in `fast` and `networks`."""
    folder = Path(__file__).parent
    files = sorted(path for name in ("fast", "networks") for path in (folder / name).glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _own_folder():
    """A folder among the temporary ones, the same for every process of this user; OSError where there is none."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    folder = os.path.join(tempfile.gettempdir(), f"threshold-numba-{user}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    found = os.lstat(folder)
    # What lies in a cache gets executed, so a folder that anybody else made or may write to will not do.
    if hasattr(os, "getuid") and (found.st_uid != user or stat.S_IMODE(found.st_mode) != 0o700):
        raise PermissionError(f"{folder} is not a folder of this user alone")
    return folder


class Operation:
    """A model answer that knows its shapes and its twins; calling it runs the model answer."""

    def __init__(self, model, shapes):
        functools.update_wrapper(self, model)
        self.signature = inspect.signature(model)
        unknown = set(shapes) - set(self.signature.parameters)
        if unknown:
            raise TypeError(f"{model.__name__}: shapes given for {sorted(unknown)}, which are not arguments")
        self.shapes = {name: declared(text) for name, text in shapes.items()}
        self.twins = {"numpy": model}

    def twin(self, backend):
        """Register the decorated function as this operation's twin on `backend` ("numba" or "cuda")."""

        def register(function):
            self.twins[backend] = function
            return function

        return register

    def on(self, backend):
        """The validated operation on one backend; KeyError names the backends there are."""
        if backend not in self.twins:
            raise KeyError(f"{self.__name__} has no {backend} twin; it has {', '.join(self.twins)}")
        return functools.partial(self._run, self.twins[backend])

    numpy = property(lambda self: self.on("numpy"))
    numba = property(lambda self: self.on("numba"))
    cuda = property(lambda self: self.on("cuda"))

    def __call__(self, *args, **kwargs):
        return self._run(self.twins["numpy"], *args, **kwargs)

    def __repr__(self):
        return f"<operation {self.__name__}{self.signature}: {', '.join(self.twins)}>"

    def _run(self, function, *args, **kwargs):
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        sizes = {}
        for name, shape in self.shapes.items():
            bound.arguments[name] = shape.accept(f"{self.__name__}: {name}", bound.arguments[name], sizes)
        return function(*bound.args, **bound.kwargs)


def operation(**shapes):
    """Declare an operation: its function is the model answer, `shapes` maps arguments to texts (see shapes.py)."""

    def declare(model):
        OPERATIONS[model.__name__] = Operation(model, shapes)
        return OPERATIONS[model.__name__]

    return declare
