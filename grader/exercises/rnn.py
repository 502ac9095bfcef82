"""The exercises of solutions/rnn.py: one step, a whole sequence, and the way back through time."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import rnn as truth

STAGE = "12_rnn"


def weights(rng, D, H, dtype=float):
    """Wx (D, H), Wh (H, H), b (H,): Wh far from symmetric, biases large enough to matter."""
    return tuple(
        array.astype(dtype) for array in (rng.normal(size=(D, H)), rng.normal(size=(H, H)), rng.normal(size=H))
    )


def sequences(rng, N, T, D, H, dtype=float):
    """X (N, T, D), h0 (N, H): no state begins at 0, so whoever forgets it is seen."""
    return rng.normal(size=(N, T, D)).astype(dtype), rng.normal(size=(N, H)).astype(dtype)


def rnn_step_cases(rng):
    """D and H differ loudly, then they are one number; signs mix, so a sigmoid shows; sums beyond what exp can hold."""

    def step(N, D, H, dtype=float):
        return rng.normal(size=(N, D)).astype(dtype), rng.normal(size=(N, H)).astype(dtype), *weights(rng, D, H, dtype)

    x, h, Wx, Wh, b = step(2, 3, 4)
    return [
        case("five sequences, three inputs, four units", *step(5, 3, 4)),
        case("more inputs than units", *step(3, 6, 2)),
        case("three of everything", *step(3, 3, 3)),
        case("a single sequence", *step(1, 2, 5)),
        case("float32 stays float32", *step(4, 2, 3, np.float32)),
        case("sums beyond 1000", 1000 * x, h, Wx, Wh, b, stable=True),
    ]


def _step(
    activation=np.tanh, bias=1, inputs=lambda x, W: x @ W, states=lambda h, W: h @ W, after=lambda h_next, h: h_next
):
    """One step with one thing wrong."""
    return lambda x, h, Wx, Wh, b: after(activation(inputs(x, Wx) + states(h, Wh) + bias * b), h)


def _sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def _by_exponentials(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


rnn_step = Exercise(
    "rnn_step",
    STAGE,
    truth.rnn_step,
    rnn_step_cases,
    points={},
    reveal="worked",
    misconceptions=(
        Misconception(
            "Wx and Wh exchanged",
            wrong=lambda x, h, Wx, Wh, b: np.tanh(x @ Wh + h @ Wx + b),
            hint="Only where there are as many inputs as units does this run, and it is wrong there too. Which of the two "
            "weights has a row for each input?",
        ),
        Misconception(
            "sigmoid for tanh",
            wrong=_step(activation=_sigmoid),
            hint="No entry is below 0. Which activation does the formula name, and between which numbers do its answers lie?",
        ),
        Misconception(
            "no activation",
            wrong=_step(activation=lambda z: z),
            hint="Some entries lie outside −1 to 1: these are the sums. What is done to a sum before it becomes a state?",
        ),
        Misconception(
            "old state added outside",
            wrong=_step(states=lambda h, W: 0, after=lambda h_next, h: h_next + h),
            hint="The old state is added behind the tanh, and never meets Wh. Where in the formula does h stand?",
        ),
        Misconception(
            "old state ignored",
            wrong=_step(states=lambda h, W: 0),
            hint="Change h, and nothing changes. What is left to remember with?",
        ),
        Misconception(
            "bias forgotten",
            wrong=_step(bias=0),
            hint="Input and state are there. Each unit also has a number of its own: where does b enter?",
        ),
        Misconception(
            "Wh transposed",
            wrong=_step(states=lambda h, W: h @ W.T),
            hint="Wh is square, so no shape complains. Row i of Wh belongs to the old unit i: is it summed along rows or down "
            "columns?",
        ),
        Misconception(
            "tanh from exponentials that overflow",
            wrong=_step(activation=_by_exponentials),
            hint="All is right until a sum is large: then ∞ is divided by ∞. Who has written a tanh that knows better?",
        ),
    ),
)


def rnn_forward_cases(rng):
    """N, T, D and H all different; one number for all; a single step, a single sequence; starts that are not 0."""

    def run(N, T, D, H, dtype=float):
        return *sequences(rng, N, T, D, H, dtype), *weights(rng, D, H, dtype)

    return [
        case("two sequences, four steps, three inputs, five units", *run(2, 4, 3, 5)),
        case("three of everything", *run(3, 3, 3, 3)),
        case("a single step", *run(4, 1, 2, 3)),
        case("a single sequence of seven steps", *run(1, 7, 2, 4)),
        case("more sequences than steps", *run(6, 2, 3, 2)),
        case("float32 stays float32", *run(2, 3, 4, 2, np.float32)),
    ]


def _forward(
    start=lambda h0: h0,
    order=lambda T: range(T),
    read=lambda X, t: X[:, t],
    carry=lambda h, h_next, h0: h_next,
    answer=lambda hs: hs,
    dtype=None,
):
    """A whole sequence with one thing wrong."""

    def wrong(X, h0, Wx, Wh, b):
        N, T, _ = X.shape
        hs, h = np.zeros((N, T, h0.shape[1]), dtype or X.dtype), start(h0)
        for t in order(T):
            h_next = np.tanh(read(X, t) @ Wx + h @ Wh + b)
            hs[:, t], h = h_next, carry(h, h_next, h0)
        return answer(hs)

    return wrong


def _by_rows(X, h0, Wx, Wh, b):
    hs, h = [], h0
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t] @ Wx + h @ Wh + b)
        hs.append(h)
    return np.array(hs)


def _overwrites_h0(X, h0, Wx, Wh, b):
    hs = np.zeros((*X.shape[:2], h0.shape[1]), X.dtype)
    for t in range(X.shape[1]):
        h0[:] = np.tanh(X[:, t] @ Wx + h0 @ Wh + b)
        hs[:, t] = h0
    return hs


rnn_forward = Exercise(
    "rnn_forward",
    STAGE,
    truth.rnn_forward,
    rnn_forward_cases,
    points={"value": 1.25, "shape": 0.5, "purity": 0.25},
    reveal="fill_in",
    blanks=("(N, T, h0.shape[1])", "np.tanh(X[:, t] @ Wx + h @ Wh + b)", "hs[:, t]"),
    hints=(
        "The states of all steps go into one array: examples, steps, and as many numbers as a state has. What "
        "tells you that number?",
        "One step is what you know from `rnn_step`: this step's input, the state before, two matrices, the bias, tanh.",
        "This step's input is column t of X, for all examples. The new h replaces the old one, and is stored at "
        "its step.",
    ),
    misconceptions=(
        Misconception(
            "the state is not handed on",
            wrong=_forward(carry=lambda h, h_next, h0: h0),
            hint="The first step is right, all others begin with h0 again. Which state does step t begin with?",
        ),
        Misconception(
            "begins with zeros",
            wrong=_forward(start=lambda h0: 0 * h0),
            hint="Your first step is off already: it knows nothing of what came before. What is h0 for?",
        ),
        Misconception(
            "backward in time",
            wrong=_forward(order=lambda T: reversed(range(T))),
            hint="The last step comes out as if it were the first. In which order is a text read?",
        ),
        Misconception(
            "sequences taken for steps",
            wrong=_forward(read=lambda X, t: X[t]),
            hint="`X[t]` is sequence t, from its first step to its last. Along which axis of (N, T, D) does time run?",
        ),
        Misconception(
            "the first step at every step",
            wrong=_forward(read=lambda X, t: X[:, 0]),
            hint="The same input is read again and again. Which part of X belongs to step t?",
        ),
        Misconception(
            "only the last state",
            wrong=_forward(answer=lambda hs: hs[:, -1]),
            hint="One state a sequence came back. The description asks for the states after *every* step: where do they go?",
        ),
        Misconception(
            "time as the first axis",
            wrong=_by_rows,
            hint="Your states lie as (T, N, H). The description has the sequences first: how do they get there?",
        ),
        Misconception(
            "start among the states",
            wrong=lambda X, h0, Wx, Wh, b: np.concatenate(
                [h0[:, None], truth.rnn_forward.twins["numpy"](X, h0, Wx, Wh, b)], axis=1
            ),
            hint="T + 1 states came back, and the first is h0. How many steps were there?",
        ),
        Misconception(
            "float64 whatever comes in",
            wrong=_forward(dtype=np.float64),
            hint="The numbers are right, and take twice the memory that was asked for. Which dtype does X have?",
        ),
        Misconception(
            "writes into h0",
            wrong=_overwrites_h0,
            hint="The states are right, but the caller's h0 now holds the last of them. How does each step get a new array?",
        ),
    ),
)


def bptt_cases(rng):
    """T > 2, so that a gradient lost on the way is missed; N > 1; squares; a loss at the last step alone."""

    def run(N, T, D, H, dtype=float, losses=slice(None)):
        X, h0 = sequences(rng, N, T, D, H, dtype)
        Wx, Wh, b = weights(rng, D, H, dtype)
        hs = truth.rnn_forward.twins["numpy"](X, h0, Wx, Wh, b)
        dhs = np.zeros_like(hs)
        dhs[:, losses] = rng.normal(size=dhs[:, losses].shape).astype(dtype)
        return dhs, X, h0, hs, Wx, Wh

    return [
        case("three sequences, four steps, two inputs, five units", *run(3, 4, 2, 5)),
        case("three of everything", *run(3, 3, 3, 3)),
        case("a loss at the last step only", *run(2, 4, 3, 2, losses=slice(-1, None))),
        case("a single step", *run(4, 1, 2, 3)),
        case("a single sequence of six steps", *run(1, 6, 3, 4)),
        case("float32 stays float32", *run(2, 3, 4, 3, np.float32)),
    ]


def _bptt(
    order=lambda T: reversed(range(T)),
    slope=lambda h, before: 1 - h**2,
    collect=lambda dh_own, dh_later: dh_own + dh_later,
    add=lambda total, share: total + share,
    bias=lambda dz: np.sum(dz, axis=0),
    before_of=lambda h0, hs, t: hs[:, t - 1] if t > 0 else h0,
    back=lambda dz, dh_all, Wh: dz @ Wh.T,
    dx=lambda dz, Wx: dz @ Wx.T,
    dh0=lambda dh: dh,
    share=1,
):
    """Backpropagation through time with one thing wrong."""

    def wrong(dhs, X, h0, hs, Wx, Wh):
        dX, dWx, dWh, db = np.zeros_like(X), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wh[0])
        dh = np.zeros_like(h0)
        for t in order(X.shape[1]):
            before = before_of(h0, hs, t)
            dh_all = collect(dhs[:, t], dh)
            dz = dh_all * slope(hs[:, t], before)
            dX[:, t] = dx(dz, Wx)
            scale = dz.dtype.type(1 / len(X) if share == "mean" else 1)
            dWx, dWh = add(dWx, X[:, t].T @ dz * scale), add(dWh, before.T @ dz * scale)
            db = add(db, bias(dz) * scale)
            dh = back(dz, dh_all, Wh)
        return dX, dh0(dh), dWx, dWh, db

    return wrong


def _into_dhs(dhs, X, h0, hs, Wx, Wh):
    for t in reversed(range(1, X.shape[1])):
        dhs[:, t - 1] += (dhs[:, t] * (1 - hs[:, t] ** 2)) @ Wh.T
    return _bptt(collect=lambda dh_own, dh_later: dh_own)(dhs, X, h0, hs, Wx, Wh)


def _of_sums(h, before):
    return 1 - np.arctanh(np.clip(h, -1 + 1e-7, 1 - 1e-7)) ** 2


bptt = Exercise(
    "bptt",
    STAGE,
    truth.bptt,
    bptt_cases,
    points={"value": 3.25, "shape": 0.5, "purity": 0.25},
    reveal="parsons",
    hints=(
        "Backward in time: the loop counts down, and dh carries what later steps send back. Before the loop it is 0.",
        "Inside, first find the state before this step: for t = 0 it is h0. Then dz: all that reaches this "
        "state, through the slope of tanh.",
        "From dz come this step's dX, and its share of dWx, dWh and db. The shares of all steps add up, hence `+=`.",
        "The last line of the loop hands dh on to the step before. After the loop, dh is the gradient of h0.",
    ),
    misconceptions=(
        Misconception(
            "what comes from later is dropped",
            wrong=_bptt(collect=lambda dh_own, dh_later: dh_own),
            hint="With a single step you are right. With more, no step hears of the losses after it. Which two gradients "
            "arrive at a state?",
        ),
        Misconception(
            "only what comes from later",
            wrong=_bptt(collect=lambda dh_own, dh_later: dh_later),
            hint="All gradients are 0: what comes from the step after the last is 0, and you never add the loss's own. Which "
            "two gradients arrive at a state?",
        ),
        Misconception(
            "1 − z² for 1 − h²",
            wrong=_bptt(slope=_of_sums),
            hint="The slope of tanh is 1 minus the square of something. Of the sum that goes in, or of the state that comes "
            "out?",
        ),
        Misconception(
            "tanh taken twice",
            wrong=_bptt(slope=lambda h, before: 1 - np.tanh(h) ** 2),
            hint="`hs` holds states: tanh has been there already. What is 1 − tanh(z)², said with h?",
        ),
        Misconception(
            "slope of the sigmoid",
            wrong=_bptt(slope=lambda h, before: h * (1 - h)),
            hint="h · (1 − h) is negative where h is. Which activation has that slope, and which one is in this cell?",
        ),
        Misconception(
            "slope left out",
            wrong=_bptt(slope=lambda h, before: np.ones_like(h)),
            hint="A state near 1 sits where tanh is flat and passes hardly anything on. Where does 1 − h² enter?",
        ),
        Misconception(
            "slope of the state before",
            wrong=_bptt(slope=lambda h, before: 1 - before**2),
            hint="You take the slope at h[t−1]. The gradient has arrived at h[t]: through whose tanh does it go now?",
        ),
        Misconception(
            "weight gradients overwritten",
            wrong=_bptt(add=lambda total, share: share),
            hint="dX is right. dWx, dWh and db hold what the first step says, and nobody else. The same weights served every "
            "step: what becomes of their T gradients?",
        ),
        Misconception(
            "first step to last",
            wrong=_bptt(order=lambda T: range(T)),
            hint="The last step is right only by accident. Who has to be finished before step t can begin: t − 1 or t + 1?",
        ),
        Misconception(
            "Wh for its transpose",
            wrong=_bptt(back=lambda dz, dh_all, Wh: dz @ Wh),
            hint="Wh is square, so no shape complains. How must a weight lie on the way back?",
        ),
        Misconception(
            "passes back what has not met the slope",
            wrong=_bptt(back=lambda dz, dh_all, Wh: dh_all @ Wh.T),
            hint="What goes to the step before must pass the tanh first. Is that dh or dz?",
        ),
        Misconception(
            "the state after, not before",
            wrong=_bptt(before_of=lambda h0, hs, t: hs[:, t]),
            hint="dWh is off, all else is right. Which state was multiplied by Wh at step t?",
        ),
        Misconception(
            "begins with zeros",
            wrong=_bptt(before_of=lambda h0, hs, t: hs[:, t - 1] if t > 0 else 0 * h0),
            hint="dWh is off, and most with a single step: what the first step read from h0 is missing. What did it begin "
            "with?",
        ),
        Misconception(
            "wraps around to the last state",
            wrong=_bptt(before_of=lambda h0, hs, t: hs[:, t - 1]),
            hint="dWh is off. At t = 0, `hs[:, t - 1]` is `hs[:, -1]`: the last state. Which one was there before the first?",
        ),
        Misconception(
            "shared by the sequences",
            wrong=_bptt(share="mean"),
            hint="With a single sequence all is right; else dWx, dWh and db are N times too small. The mean is the loss's: has "
            "dhs seen it already?",
        ),
        Misconception(
            "gradient at the start forgotten",
            wrong=_bptt(dh0=lambda dh: np.zeros_like(dh)),
            hint="All is right but the second answer, which is 0. What is left in dh when the loop is over?",
        ),
        Misconception(
            "adds into dhs",
            wrong=_into_dhs,
            hint="The gradients are right, but the caller's dhs is no longer what it was. Where else can the sum of the two "
            "go?",
        ),
    ),
)
