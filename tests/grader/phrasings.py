"""Stage 01 as different people write it: right answers put together from many small habits, and wrong ones nobody named.

`right(rng, exercise)` is right by construction. `UNNAMED` are wrong in ways the registry does not know, each with the
properties that it loses: all of them, for each fails on most cases, and then nothing else counts.
"""

SUMS = (
    "np.sum({x} * {w})",
    "np.dot({x}, {w})",
    "{x} @ {w}",
    "({w} * {x}).sum()",
    "sum(p * q for p, q in zip({x}, {w}))",
    "sum({x}[i] * {w}[i] for i in range(len({x})))",
)


def right(rng, exercise):
    """A right answer to an exercise of stage 01, in one of many spellings."""
    return SPELLINGS[exercise](rng)


def _one(rng, options):
    return options[int(rng.integers(len(options)))]


def _sum(rng, x="x", w="w"):
    return _one(rng, SUMS).format(x=x, w=w)


def _weighted_sum(rng):
    z = _one(rng, ("z", "total", "s", "result"))
    whole = _sum(rng)
    return "def weighted_sum(x, w):\n" + _one(
        rng,
        (
            f"    return float({whole})",
            f"    {z} = {whole}\n    return float({z})",
            f"    {z} = 0.0\n    for i in range(len(x)):\n        {z} += x[i] * w[i]\n    return float({z})",
            f"    {z} = 0.0\n    for a, c in zip(x, w):\n        {z} = {z} + a * c\n    return float({z})",
            f"    products = x * w\n    {z} = float(products.sum())\n    return {z}",
        ),
    )


def _fires(rng, z):
    """Lines that set `fires`."""
    return _one(
        rng,
        (
            f"fires = 1 if {z} >= 0 else 0",
            f"fires = int({z} >= 0)",
            f"if {z} >= 0:\n    fires = 1\nelse:\n    fires = 0",
            f"fires = 0\nif {z} >= 0:\n    fires = 1",
            f"if {z} < 0:\n    fires = 0\nelse:\n    fires = 1",
        ),
    )


def _indented(lines, by):
    return "\n".join(" " * by + line for line in lines.splitlines())


def _perceptron(rng):
    z = _one(rng, ("z", "s", "total"))
    lines = [f"{z} = {_sum(rng)} + b"] if rng.random() < 0.6 else [f"{z} = b", f"{z} = {z} + {_sum(rng)}"]
    return "def perceptron(x, w, b):\n" + _indented("\n".join([*lines, _fires(rng, z), "return fires"]), 4)


def _perceptron_update(rng):
    lines = [_fires(rng, f"{_sum(rng)} + b"), "error = y - fires"]
    lines += _one(
        rng,
        (
            ["return w + lr * error * x, b + lr * error"],
            ["step = lr * error", "return w + step * x, b + step"],
            ["new_w = w + lr * error * x", "new_b = b + lr * error", "return new_w, new_b"],
            ["if error == 0:", "    return w.copy(), b", "return w + lr * error * x, b + lr * error"],
        ),
    )
    return "def perceptron_update(w, b, x, y, lr=1.0):\n" + _indented("\n".join(lines), 4)


def _perceptron_train(rng):
    row, label = _one(rng, (("row", "label"), ("xi", "yi"), ("x", "target")))
    walk = _one(
        rng,
        (
            f"for {row}, {label} in zip(X, y):",
            f"for n in range(len(X)):\n    {row}, {label} = X[n], y[n]",
            f"for n, {row} in enumerate(X):\n    {label} = y[n]",
        ),
    )
    inner = [_fires(rng, f"{_sum(rng, row)} + b"), f"error = {label} - fires"]
    move = _one(
        rng,
        (
            f"w, b = w + lr * error * {row}, b + lr * error",
            f"w = w + lr * error * {row}\nb = b + lr * error",
            f"step = lr * error\nw = w + step * {row}\nb += step",
        ),
    )
    flag = rng.random() < 0.5
    note = "clean = False" if flag else "mistakes += 1"
    inner += ["if error != 0:", _indented(move + "\n" + note, 4)]
    body = _indented("\n".join(inner), 4)
    end = "if clean:" if flag else "if mistakes == 0:"
    epoch = "\n".join(["clean = True" if flag else "mistakes = 0", walk, body, end, "    break"])
    start = _one(rng, ("w, b = np.zeros(X.shape[1]), 0.0", "w = np.zeros(X.shape[1])\nb = 0.0"))
    body = f"{start}\nfor epoch in range(max_epochs):\n{_indented(epoch, 4)}\nreturn w, float(b)"
    return "def perceptron_train(X, y, lr=1.0, max_epochs=1000):\n" + _indented(body, 4)


SPELLINGS = {
    "weighted_sum": _weighted_sum,
    "perceptron": _perceptron,
    "perceptron_update": _perceptron_update,
    "perceptron_train": _perceptron_train,
}

# exercise -> name -> spellings that behave alike.
UNNAMED = {
    "weighted_sum": {
        "inputs plus weights": (
            "def weighted_sum(x, w):\n    return float(np.sum(x + w))",
            "def weighted_sum(x, w):\n    z = 0.0\n    for i in range(len(x)):\n        z += x[i] + w[i]\n    return float(z)",
        ),
        "a method numpy has not": (
            "def weighted_sum(x, w):\n    return float(x.dotproduct(w))",
            "def weighted_sum(a, b):\n    return float(a.dot_product(b))",
        ),
    },
    "perceptron": {
        "fires when it should be silent": (
            "def perceptron(x, w, b):\n    return 0 if np.sum(x * w) + b >= 0 else 1",
            "def perceptron(x, w, b):\n    z = x @ w + b\n    if z < 0:\n        return 1\n    return 0",
        ),
    },
    "perceptron_update": {
        "returns the step alone": (
            "def perceptron_update(w, b, x, y, lr=1.0):\n    error = y - (1 if x @ w + b >= 0 else 0)\n"
            "    return lr * error * x, lr * error",
            "def perceptron_update(w, b, x, y, lr=1.0):\n    fires = int(np.dot(w, x) + b >= 0)\n"
            "    step = lr * (y - fires)\n    return step * x, step",
        ),
    },
    "perceptron_train": {
        "calls a function of another name": (
            "def perceptron_train(X, y, lr=1.0, max_epochs=1000):\n    w, b = np.zeros(X.shape[1]), 0.0\n"
            "    for _ in range(max_epochs):\n        for x, t in zip(X, y):\n            w, b = update(w, b, x, t, lr)\n"
            "    return w, float(b)",
        ),
    },
}  # fmt: skip

# One person's own way with all four, and a way of thinking in a cell of its own: what a copy of it gives away.
OWN_WAY = {
    "weighted_sum": "def weighted_sum(x, w):\n    pairs = list(zip(x, w))\n    running = 0.0\n    while pairs:\n"
    "        left, right = pairs.pop()\n        if left == 0:\n            continue\n        running += left * right\n"
    "    return float(running)",
    "perceptron": "def perceptron(x, w, b):\n    terms = [b]\n    for k, value in enumerate(x):\n"
    "        terms.append(w[k] * value)\n    highest = max(np.sum(terms), -1)\n    return 1 - int(highest < 0)",
    "perceptron_update": "def perceptron_update(w, b, x, y, lr=1.0):\n    terms = [b] + [w[k] * v for k, v in enumerate(x)]\n"
    "    said = 1 - int(np.sum(terms) < 0)\n    if said == y:\n        return np.array(w), b\n"
    "    push = lr if y > said else -lr\n    return np.array([w[k] + push * v for k, v in enumerate(x)]), b + push",
    "perceptron_train": "def perceptron_train(X, y, lr=1.0, max_epochs=1000):\n    w, b, left = np.zeros(X.shape[1]), 0.0, max_epochs\n"
    "    while left > 0:\n        left -= 1\n        wrong = 0\n        order = iter(range(X.shape[0]))\n"
    "        for k in order:\n            said = 1 - int(np.dot(X[k], w) + b < 0)\n            if said == y[k]:\n"
    "                continue\n            push = lr if y[k] > said else -lr\n            w = w + push * X[k]\n"
    "            b = b + push\n            wrong += 1\n        if not wrong:\n            left = 0\n    return w, float(b)",
}  # fmt: skip
