"""The exercises of solutions/lstm.py: one step, a whole sequence with its gates kept, and the way back through time."""

import numpy as np

from grader.exercise import Exercise, Misconception, case
from solutions import lstm as truth

STAGE = "13_lstm"


def weights(rng, D, H, parts=4, dtype=float):
    """Wx (D, 4H), Wh (H, 4H), b (4H,): each of the four parts has biases of a size of its own, so no two look alike."""
    b = np.repeat([1.0, -0.6, 0.3, 1.8][:parts], H) + 0.3 * rng.normal(size=parts * H)
    return tuple(array.astype(dtype) for array in (rng.normal(size=(D, parts * H)), rng.normal(size=(H, parts * H)), b))


def states(rng, N, H, dtype=float):
    """h, c (N, H): no state and no cell is 0, so whoever forgets one is seen."""
    return (np.tanh(rng.normal(size=(N, H)) + 0.3).astype(dtype), (1.5 * rng.normal(size=(N, H))).astype(dtype))


def sigma(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def lstm_step_cases(rng):
    """N ≠ D ≠ H, everything alike, one of each; sums of ±1000, where a careless exp overflows."""

    def step(N, D, H, dtype=float):
        return rng.normal(size=(N, D)).astype(dtype), *states(rng, N, H, dtype), *weights(rng, D, H, dtype=dtype)

    def extreme(size):
        x, h, c, Wx, Wh, _ = step(2, 3, 2)
        return x, h, c, Wx, Wh, size * np.where(np.arange(8) % 2, -1.0, 1.0)

    return [
        case("three examples, two inputs, five cells", *step(3, 2, 5)),
        case("more inputs than cells", *step(2, 6, 3)),
        case("four of everything", *step(4, 4, 4)),
        case("a single example", *step(1, 3, 2)),
        case("a single cell", *step(5, 2, 1)),
        case("float32 stays float32", *step(3, 4, 2, np.float32)),
        case("biases of ±1000: gates wide open and shut tight", *extreme(1000.0), stable=True),
        case("and with their signs turned around", *extreme(-1000.0), stable=True),
    ]


def _step(
    order=lambda a, b, c, d: (a, b, c, d),
    sums=lambda x, h, Wx, Wh, b: x @ Wx + h @ Wh + b,
    gate=sigma,
    candidate=np.tanh,
    cell=lambda i, f, g, h, c: f * c + i * g,
    show=lambda o, c, c_next: o * np.tanh(c_next),
    answer=lambda h, c: (h, c),
):
    """One step with one thing wrong. order: which of the four parts of z is taken for i, f, g and o."""

    def wrong(x, h, c, Wx, Wh, b):
        z_i, z_f, z_g, z_o = order(*np.split(sums(x, h, Wx, Wh, b), 4, axis=1))
        i, f, g, o = gate(z_i), gate(z_f), candidate(z_g), gate(z_o)
        c_next = cell(i, f, g, h, c)
        return answer(show(o, c, c_next), c_next)

    return wrong


def _naive(z):
    return 1 / (1 + np.exp(-z))


def _other_form(z):
    return np.exp(z) / (1 + np.exp(z))


def _by_columns(x, h, c, Wx, Wh, b):
    z = (x @ Wx + h @ Wh + b).reshape(len(x), -1, 4)
    i, f, g, o = sigma(z[..., 0]), sigma(z[..., 1]), np.tanh(z[..., 2]), sigma(z[..., 3])
    c_next = f * c + i * g
    return o * np.tanh(c_next), c_next


def _into_c(x, h, c, Wx, Wh, b):
    i, f, g, o = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    c *= sigma(f)
    c += sigma(i) * np.tanh(g)
    return sigma(o) * np.tanh(c), c


lstm_step = Exercise(
    "lstm_step",
    STAGE,
    truth.lstm_step,
    lstm_step_cases,
    points={"value": 2.25, "shape": 0.25, "stability": 0.25, "purity": 0.25},
    hints=(
        "Compute all four sums at once, (N, 4H), then cut them: `np.split` with axis=1 cuts columns into equal parts.",
        "The order is i, f, g, o. Three of them go through σ, one through tanh: which one is not a gate?",
        "exp overflows for large sums; σ(z) is also 0.5 + 0.5 · tanh(z / 2), which does not.",
        "The new cell: what is kept of the old one, plus what is let in of the new. The state shows the new "
        "cell through tanh, and through the output gate.",
    ),
    misconceptions=(
        Misconception(
            "g through the sigmoid",
            wrong=_step(candidate=sigma),
            hint="Your cells only ever grow. g is not a gate but what is to be written. Between which two numbers must it lie, "
            "so that it can also take away?",
        ),
        Misconception(
            "cut in the order i, f, o, g",
            wrong=_step(order=lambda i, f, o, g: (i, f, g, o)),
            hint="Four parts, and two of them have changed places. Which of the four stands third in the columns?",
        ),
        Misconception(
            "i and f swapped",
            wrong=_step(order=lambda i, f, g, o: (f, i, g, o)),
            hint="What should keep the old is letting in the new, and the other way around. Which gate stands first?",
        ),
        Misconception(
            "cells side by side, not gates",
            wrong=_by_columns,
            hint="You read the columns as i, f, g, o of cell 0, then of cell 1. With one cell that is the same. How do the four "
            "parts lie if all the i come first?",
        ),
        Misconception(
            "cell shown without tanh",
            wrong=_step(show=lambda o, c, c_next: o * c_next),
            hint="c′ is right, and h′ leaves the range from −1 to 1. What does the cell pass before the output gate?",
        ),
        Misconception(
            "old cell shown",
            wrong=_step(show=lambda o, c, c_next: o * np.tanh(c)),
            hint="c′ is right, and h′ is a step late. Which cell does the output gate show, the one before or after?",
        ),
        Misconception(
            "input gate left out",
            wrong=_step(cell=lambda i, f, g, h, c: f * c + g),
            hint="Everything that comes along is written at full strength. Who decides how much of g gets in?",
        ),
        Misconception(
            "nothing is forgotten",
            wrong=_step(cell=lambda i, f, g, h, c: c + i * g),
            hint="That was the LSTM of 1997: it had no forget gate. What becomes of the old cell today before g is added?",
        ),
        Misconception(
            "one gate for both",
            wrong=_step(cell=lambda i, f, g, h, c: (1 - i) * c + i * g),
            hint="Here whatever comes in pushes out as much of the old. An LSTM can keep all and still add. Which gate have you "
            "not used?",
        ),
        Misconception(
            "h for c",
            wrong=_step(cell=lambda i, f, g, h, c: f * h + i * g),
            hint="The forget gate is applied to what was shown last. To which of the two memories does it belong?",
        ),
        Misconception(
            "bias lost",
            wrong=_step(sums=lambda x, h, Wx, Wh, b: x @ Wx + h @ Wh),
            hint="All four parts are off, at every step alike. What else is added to x Wx + h Wh?",
        ),
        Misconception(
            "exp overflows",
            wrong=_step(gate=_naive),
            hint="The numbers are right until a sum is far below 0: then exp is asked for something no float can hold. How did "
            "you write the sigmoid of lesson 2, or which of its relatives never overflows?",
        ),
        Misconception(
            "infinity by infinity",
            wrong=_step(gate=_other_form),
            hint="The numbers are right until a sum is far above 0: then infinity is divided by infinity. How did you write the "
            "sigmoid of lesson 2, or which of its relatives never overflows?",
        ),
        Misconception(
            "c first, then h",
            wrong=_step(answer=lambda h, c: (c, h)),
            hint="The numbers are right, in the other order. Which does the description return first?",
        ),
        Misconception(
            "writes into c",
            wrong=_into_c,
            hint="The numbers are right, but the caller's c has changed as well. `c *= f` works inside the array that came in. "
            "Where could a new one begin?",
        ),
    ),
)


def lstm_forward_cases(rng):
    """T > 2, and not one state 0; N ≠ T ≠ D ≠ H, and all alike."""

    def run(N, T, D, H, dtype=float):
        return rng.normal(size=(N, T, D)).astype(dtype), *states(rng, N, H, dtype), *weights(rng, D, H, dtype=dtype)

    return [
        case("three sequences, four steps, two inputs, five cells", *run(3, 4, 2, 5)),
        case("three of everything", *run(3, 3, 3, 3)),
        case("a single step", *run(4, 1, 2, 3)),
        case("a single sequence of six steps", *run(1, 6, 3, 2)),
        case("float32 stays float32", *run(2, 3, 4, 3, np.float32)),
    ]


def _forward(
    start=lambda h0, c0: (h0, c0),
    order=lambda T: range(T),
    carry=lambda h, c, h0, c0: (h, c),
    keep=lambda z, i, f, g, o: (i, f, g, o),
    show=lambda o, c, c_next: o * np.tanh(c_next),
    answer=lambda hs, cs, gates: (hs, cs, gates),
):
    """An LSTM over a sequence with one thing wrong."""

    def wrong(X, h0, c0, Wx, Wh, b):
        (N, T, _), H = X.shape, h0.shape[1]
        hs, cs, gates = np.zeros((N, T, H), X.dtype), np.zeros((N, T, H), X.dtype), np.zeros((N, T, 4 * H), X.dtype)
        h, c = start(h0, c0)
        for t in order(T):
            z = np.split(X[:, t] @ Wx + h @ Wh + b, 4, axis=1)
            i, f, g, o = sigma(z[0]), sigma(z[1]), np.tanh(z[2]), sigma(z[3])
            c_next = f * c + i * g
            h_next = show(o, c, c_next)
            hs[:, t], cs[:, t], gates[:, t] = h_next, c_next, np.concatenate(keep(z, i, f, g, o), axis=1)
            h, c = carry(h_next, c_next, h0, c0)
        return answer(hs, cs, gates)

    return wrong


_right = _forward()


def _into_start(X, h0, c0, Wx, Wh, b):
    hs, cs, gates = _right(X, h0, c0, Wx, Wh, b)
    h0[:], c0[:] = hs[:, -1], cs[:, -1]
    return hs, cs, gates


lstm_forward = Exercise(
    "lstm_forward",
    STAGE,
    truth.lstm_forward,
    lstm_forward_cases,
    points={"value": 1.25, "shape": 0.5, "purity": 0.25},
    reveal="fill_in",
    blanks=(
        "X[:, t] @ Wx + h @ Wh + b",
        "f * c + i * g",
        "o * np.tanh(c)",
        "h, c, np.concatenate([i, f, g, o], axis=1)",
    ),
    hints=(
        "It is `lstm_step` in a loop: the input is step t of X, h and c are those of the step before.",
        "After the gates: first the new cell from the old one, then the new state from the new cell.",
        "Three arrays are filled in at step t: states, cells, and the gates' values, side by side in the order "
        "i, f, g, o. Values, so after σ and tanh.",
    ),
    misconceptions=(
        Misconception(
            "every step begins anew",
            wrong=_forward(carry=lambda h, c, h0, c0: (h0, c0)),
            hint="The first step is right. After it, nobody remembers anything. Which h and c does step t read?",
        ),
        Misconception(
            "the cell is not carried on",
            wrong=_forward(carry=lambda h, c, h0, c0: (h, c0)),
            hint="The first step is right, and h travels on. But every step starts from c0 again. What else travels?",
        ),
        Misconception(
            "the state is not carried on",
            wrong=_forward(carry=lambda h, c, h0, c0: (h0, c)),
            hint="The first step is right, and the cell travels on. But the gates look at h0 every time. What else travels?",
        ),
        Misconception(
            "begins with zeros",
            wrong=_forward(start=lambda h0, c0: (0 * h0, 0 * c0)),
            hint="Even the first step is off. What is there before the first step: nothing, or h0 and c0?",
        ),
        Misconception(
            "last step first",
            wrong=_forward(order=lambda T: reversed(range(T))),
            hint="A single step is right. A sequence is read from its first entry to its last: which way do you go?",
        ),
        Misconception(
            "sums kept, not gates",
            wrong=_forward(keep=lambda z, i, f, g, o: z),
            hint="States and cells are right. What you keep in `gates` goes beyond 1, and a gate cannot. Before or after σ and "
            "tanh?",
        ),
        Misconception(
            "kept in the order i, f, o, g",
            wrong=_forward(keep=lambda z, i, f, g, o: (i, f, o, g)),
            hint="States and cells are right, and the gates lie in another order than their columns. Which one is third?",
        ),
        Misconception(
            "cell shown without tanh",
            wrong=_forward(show=lambda o, c, c_next: o * c_next),
            hint="h leaves the range from −1 to 1. What does the cell pass before the output gate?",
        ),
        Misconception(
            "old cell shown",
            wrong=_forward(show=lambda o, c, c_next: o * np.tanh(c)),
            hint="The first cell is right, its state is not. Which cell does the output gate show, the one before or after?",
        ),
        Misconception(
            "cells for states",
            wrong=_forward(answer=lambda hs, cs, gates: (cs, hs, gates)),
            hint="The numbers are right, in other places. Which comes first, hs or cs?",
        ),
        Misconception(
            "only the last step",
            wrong=_forward(answer=lambda hs, cs, gates: (hs[:, -1], cs[:, -1], gates[:, -1])),
            hint="One state came back for each sequence. The way back will need the states of all T steps: where are they?",
        ),
        Misconception(
            "overwrites h0 and c0",
            wrong=_into_start,
            hint="All is right, but the caller's h0 and c0 now hold the last state and cell. How does each step get new arrays?",
        ),
    ),
)


def lstm_backward_cases(rng):
    """T > 2, so that what is lost on the way is missed; all alike; a loss at the last step alone; no state is 0."""

    def run(N, T, D, H, dtype=float, losses=slice(None)):
        X, (h0, c0) = rng.normal(size=(N, T, D)).astype(dtype), states(rng, N, H, dtype)
        Wx, Wh, b = weights(rng, D, H, dtype=dtype)
        hs, cs, gates = truth.lstm_forward.twins["numpy"](X, h0, c0, Wx, Wh, b)
        dhs = np.zeros_like(hs)
        dhs[:, losses] = rng.normal(size=dhs[:, losses].shape).astype(dtype)
        return dhs, X, h0, c0, hs, cs, gates, Wx, Wh

    return [
        case("three sequences, four steps, two inputs, five cells", *run(3, 4, 2, 5)),
        case("three of everything", *run(3, 3, 3, 3)),
        case("a loss at the last step only", *run(2, 5, 3, 2, losses=slice(-1, None))),
        case("a single step", *run(4, 1, 2, 3)),
        case("a single sequence of six steps", *run(1, 6, 3, 4)),
        case("float32 stays float32", *run(2, 3, 4, 3, np.float32)),
    ]


def _backward(
    order=lambda T: reversed(range(T)),
    dh_here=lambda own, later: own + later,
    dc_here=lambda later, dh, o, shown: later + dh * o * (1 - shown**2),
    for_i=lambda dc, g, c_before: dc * g,
    for_f=lambda dc, g, c_before, c: dc * c_before,
    for_o=lambda dh, shown, c_before: dh * shown,
    of_sigma=lambda gate: gate * (1 - gate),
    of_tanh=lambda g: 1 - g**2,
    parts=lambda i, f, g, o: (i, f, g, o),
    add=lambda total, share: total + share,
    states_before=lambda hs, cs, h0, c0, t: (hs[:, t - 1], cs[:, t - 1]) if t > 0 else (h0, c0),
    h_read=lambda hs, h_before, t: h_before,
    dc_back=lambda dc, f: dc * f,
    answer=lambda dX, dh, dc, dWx, dWh, db: (dX, dh, dc, dWx, dWh, db),
    share=1,
):
    """The way back through an LSTM with one thing wrong."""

    def wrong(dhs, X, h0, c0, hs, cs, gates, Wx, Wh):
        dX, dWx, dWh, db = np.zeros_like(X), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wh[0])
        dh, dc = np.zeros_like(h0), np.zeros_like(c0)
        scale = X.dtype.type(1 / len(X) if share == "mean" else 1)
        for t in order(X.shape[1]):
            h_before, c_before = states_before(hs, cs, h0, c0, t)
            i, f, g, o = np.split(gates[:, t], 4, axis=1)
            shown = np.tanh(cs[:, t])
            dh = dh_here(dhs[:, t], dh)
            dc = dc_here(dc, dh, o, shown)
            dz_i, dz_f = for_i(dc, g, c_before) * of_sigma(i), for_f(dc, g, c_before, cs[:, t]) * of_sigma(f)
            dz_g, dz_o = dc * i * of_tanh(g), for_o(dh, shown, c_before) * of_sigma(o)
            dz = np.concatenate(parts(dz_i, dz_f, dz_g, dz_o), axis=1)
            dX[:, t] = dz @ Wx.T
            dWx, dWh = add(dWx, X[:, t].T @ dz * scale), add(dWh, h_read(hs, h_before, t).T @ dz * scale)
            db = add(db, np.sum(dz, axis=0) * scale)
            dh, dc = dz @ Wh.T, dc_back(dc, f)
        return answer(dX, dh, dc, dWx, dWh, db)

    return wrong


def _into_dhs(dhs, X, h0, c0, hs, cs, gates, Wx, Wh):
    dh, dc = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(X.shape[1])):
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        dhs[:, t] += dh
        shown, c_before = np.tanh(cs[:, t]), cs[:, t - 1] if t > 0 else c0
        dc = dc + dhs[:, t] * o * (1 - shown**2)
        by_gate = dc * g * i * (1 - i), dc * c_before * f * (1 - f), dc * i * (1 - g**2)
        dz = np.concatenate([*by_gate, dhs[:, t] * shown * o * (1 - o)], axis=1)
        dh, dc = dz @ Wh.T, dc * f
    return _backward(dh_here=lambda own, later: own)(dhs, X, h0, c0, hs, cs, gates, Wx, Wh)


lstm_backward = Exercise(
    "lstm_backward",
    STAGE,
    truth.lstm_backward,
    lstm_backward_cases,
    points={"value": 4, "shape": 0.5, "purity": 0.5},
    hints=(
        "Backward in time, with two carriers: dh for the state, dc for the cell. Both begin as zeros.",
        "In a round, first collect: dh gets this step's dhs; dc gets what comes through the state, dh · o · (1 "
        "− tanh²(c)). And find h and c of the step before: for t = 0 they are h0 and c0.",
        "Then the four parts of dz, each with its partner and its slope: i with g, f with the cell before, g "
        "with i, o with tanh(c). Values of the gates are given, so σ' is i (1 − i).",
        "Put the four side by side: dX, dWx, dWh and db follow as in `bptt`.",
        "Hand on: dh through Wh, dc through the forget gate. What is left after the loop belongs to h0 and c0.",
    ),
    misconceptions=(
        Misconception(
            "the cell's way back is lost",
            wrong=_backward(dc_here=lambda later, dh, o, shown: dh * o * (1 - shown**2)),
            hint="The last step is right. Before it, no cell hears what later cells made of it, and that was the point of the "
            "LSTM. Which two gradients arrive at c[t]?",
        ),
        Misconception(
            "the state's way back is lost",
            wrong=_backward(dh_here=lambda own, later: own),
            hint="The last step is right. Before it, nobody hears what the later gates made of h. Which two gradients arrive at "
            "h[t]?",
        ),
        Misconception(
            "back past the forget gate",
            wrong=_backward(dc_back=lambda dc, f: dc),
            hint="Even with a single step dc0 is too large. On the way there c was multiplied by something before it reached c′. "
            "By what?",
        ),
        Misconception(
            "σ taken twice",
            wrong=_backward(of_sigma=lambda gate: sigma(gate) * (1 - sigma(gate))),
            hint="`gates` holds values after σ, not the sums before it. What is σ′ in terms of the gate itself?",
        ),
        Misconception(
            "σ′ forgotten",
            wrong=_backward(of_sigma=lambda gate: np.ones_like(gate)),
            hint="A gate that is wide open hardly moves when it is pushed. Which factor says so?",
        ),
        Misconception(
            "g with the slope of a sigmoid",
            wrong=_backward(of_tanh=lambda g: g * (1 - g)),
            hint="Only the columns of g are off. Which function made g, and what is its slope in terms of g?",
        ),
        Misconception(
            "o through the old cell",
            wrong=_backward(for_o=lambda dh, shown, c_before: dh * np.tanh(c_before)),
            hint="The output gate's columns are off. h[t] was o times the tanh of which cell: before this step, or after?",
        ),
        Misconception(
            "f through the new cell",
            wrong=_backward(for_f=lambda dc, g, c_before, c: dc * c),
            hint="The forget gate's columns are off. Which cell did f multiply: the one before this step, or after?",
        ),
        Misconception(
            "i and f have each other's partner",
            wrong=_backward(for_i=lambda dc, g, c_before: dc * c_before, for_f=lambda dc, g, c_before, c: dc * g),
            hint="In a product, the gradient for one factor is multiplied by the other. Whom did i multiply, and whom f?",
        ),
        Misconception(
            "tanh of the cell skipped",
            wrong=_backward(dc_here=lambda later, dh, o, shown: later + dh * o),
            hint="The columns of o are right at the last step, the other three too large. The cell passed something before o "
            "let it out: what is its slope?",
        ),
        Misconception(
            "output gate skipped",
            wrong=_backward(dc_here=lambda later, dh, o, shown: later + dh * (1 - shown**2)),
            hint="The columns of o are right at the last step, the other three too large. A gate that was nearly shut lets "
            "nearly nothing back: where does o enter?",
        ),
        Misconception(
            "parts in the order i, f, o, g",
            wrong=_backward(parts=lambda i, f, g, o: (i, f, o, g)),
            hint="Two blocks of columns have changed places, in dWx, dWh and db. In which order do the weights hold them?",
        ),
        Misconception(
            "weight gradients overwritten",
            wrong=_backward(add=lambda total, share: share),
            hint="dX is right. dWx, dWh and db hold what the first step says, and nobody else. What becomes of the gradients of "
            "T steps?",
        ),
        Misconception(
            "first step to last",
            wrong=_backward(order=lambda T: range(T)),
            hint="A single step is right. Who has to be finished before step t can begin: t − 1 or t + 1?",
        ),
        Misconception(
            "the state after, not before",
            wrong=_backward(h_read=lambda hs, h_before, t: hs[:, t]),
            hint="dWh is off, all else is right. Which state was multiplied by Wh at step t?",
        ),
        Misconception(
            "wraps around to the last step",
            wrong=_backward(states_before=lambda hs, cs, h0, c0, t: (hs[:, t - 1], cs[:, t - 1])),
            hint="It goes wrong at t = 0, where `hs[:, t - 1]` is `hs[:, -1]`: the last state. Which was there before the first?",
        ),
        Misconception(
            "begins with zeros",
            wrong=_backward(
                states_before=lambda hs, cs, h0, c0, t: (hs[:, t - 1], cs[:, t - 1]) if t > 0 else (0 * h0, 0 * c0)
            ),
            hint="It goes wrong at t = 0. The first step began with h0 and c0: which gradients need them?",
        ),
        Misconception(
            "gradient at the first cell forgotten",
            wrong=_backward(answer=lambda dX, dh, dc, dWx, dWh, db: (dX, dh, np.zeros_like(dc), dWx, dWh, db)),
            hint="All is right but the third answer, which is 0. What is left in dc when the loop is over?",
        ),
        Misconception(
            "dc0 before dh0",
            wrong=_backward(answer=lambda dX, dh, dc, dWx, dWh, db: (dX, dc, dh, dWx, dWh, db)),
            hint="The numbers are right, in other places. Which comes second, dh0 or dc0?",
        ),
        Misconception(
            "shared by the sequences",
            wrong=_backward(share="mean"),
            hint="With a single sequence all is right; else dWx, dWh and db are N times too small. The mean is the loss's: has "
            "dhs seen it already?",
        ),
        Misconception(
            "adds into dhs",
            wrong=_into_dhs,
            hint="The gradients are right, but the caller's dhs is no longer what it was. Where else can the sum of the two go?",
        ),
    ),
)
