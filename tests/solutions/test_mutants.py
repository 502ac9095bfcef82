"""Every function behind an operation, broken in one place: a promise of tests/solutions/test_operations.py must fail.

Model answers, twins, their kernels and helpers are broken one at a time, as plain Python. A twin is held to the answers of
the sound model answer; a broken model answer to its oracle and to finite differences.
"""

import inspect
import sys
from unittest import mock

import pytest

from solutions import cuda
from solutions.twins import OPERATIONS, Operation
from tests.mutants import mutants, survives
from tests.solutions import test_operations as promises
from tests.solutions.oracle import DTYPES

TRUE = promises.answers
BLOCKS = promises.SMALL_BLOCKS, {1: (7,), 2: (5, 3), 3: (3, 5, 2)}  # at every edge, one of them has a thread beyond it
SOUND = {  # what a break leaves as it was, by function, and why
    # at exactly 0 both sides say the same
    "relu_loops": {"target[i] = 0 if source[i] <= 0 else source[i]"},
    "relu_kernel": {"y[i] = 0 if x[i] <= 0 else x[i]"},
    "sigmoid": {"return np.where(x > 0, 1, e) / (1 + e)"},
    "sigmoid_loops": {"target[i] = (one if source[i] > 0 else e) / (one + e)"},
    "sigmoid_kernel": {"y[i] = (one if x[i] > 0 else e) / (one + e)"},
    "bce_with_logits_backward": {"p = np.where(z > 0, 1, e) / (1 + e)"},
    "bce_with_logits_backward_loops": {"p = (one if z[n, 0] > 0 else e) / (one + e)"},
    "bce_with_logits_backward_kernel": {"p = (one if z[n] > 0 else e) / (one + e)"},
    "discriminator_loss_backward": {
        "p_real = np.where(real > 0, 1, e_real) / (1 + e_real)",
        "p_fake = np.where(fake > 0, 1, e_fake) / (1 + e_fake)",
    },
    "generator_loss_backward": {"p = np.where(fake > 0, 1, e) / (1 + e)"},
    # the search for the largest looks at all of them, so it may begin anywhere; and there is a label 0 at least
    "softmax_loops": {"largest = z[n, 1]"},
    "softmax_kernel": {"largest, total = (z[n, 1], z.dtype.type(0))"},
    "cross_entropy_loops": {"largest = z[n, 1]"},
    "softmax_cross_entropy_backward_loops": {"largest = z[n, 1]"},
    "class_weights_loops": {"C = 1"},
    # … and a label of C is asked about in test_losses.py
    "cross_entropy_kernel": {
        "largest = z[n, 1]",
        "if n < z.shape[0] and y[n] >= 0 and (y[n] <= z.shape[1]):",
    },
    "softmax_cross_entropy_backward_kernel": {
        "largest = z[n, 1]",
        "if n < z.shape[0] and y[n] >= 0 and (y[n] <= z.shape[1]):",
    },
    # where a sum of exponentials of differences from the largest is 1, dividing by it changes nothing
    "masked_softmax": {"if total > 1:"},
    "attention_kernel": {"if sum_of_exp > 1:"},
    # Σ (x + μ)(x − μ) is Σ (x − μ)²
    "batch_statistics_loops": {
        "sigma2[d] += (X[n, d] + mu[d]) * (X[n, d] - mu[d])",
        "sigma2[d] += (X[n, d] - mu[d]) * (X[n, d] + mu[d])",
    },
    "batch_statistics_kernel": {
        "square += (X[n, d] + mean) * (X[n, d] - mean)",
        "square += (X[n, d] - mean) * (X[n, d] + mean)",
    },
    # an error is 1 or −1; mistakes are counted to see whether there were any, and an epoch more changes nothing
    "perceptron_train": {
        "w, b = (w + lr * error * x, b + lr / error)",
        "w, b = (w + lr / error * x, b + lr * error)",
        "for x, label in zip(X, y, strict=False):",
        "mistakes += 2",
        "mistakes -= 1",
        "mistakes = 1",
    },
    "perceptron_train_loops": {
        "b += lr / error",
        "w[d] += lr / error * X[n, d]",
        "mistakes += 2",
        "mistakes -= 1",
        "mistakes = 1",
    },
    # after the last barrier any thread of the block may hand the sum on, and every thread may write the same
    "reduce_sum": {"if lane == 1:"},
    "weighted_sum_kernel": {"if lane != 0:", "if lane == 1:"},
    # more blocks, more threads or more room than there is work for
    "weighted_sum_cuda": {"weighted_sum_kernel[2, LANES](to_device(x), to_device(w), z)", "z = output(2, np.float64)"},
    "attention_backward_cuda": {"(N, Tq, _), Tk = (Q.shape, K.shape[2])"},
    "matmul_cuda": {"blocks = (-(-N * TILE), -(-M // TILE))", "blocks = (-(-N // TILE), -(-M * TILE))"},
    "sum_of": {
        "reduce_sum[-(-values.size * LANES), LANES](values, total)",
        "total = to_device(np.zeros(2, values.dtype))",
    },
    "gru_step_cuda": {"h_next, gates = (output((N, H), x.dtype), output((N, 5 * H), x.dtype))"},
    "gru_backward_cuda": {
        "da, dq = (output((N, T, 3 * H), hs.dtype), output((N, T, 4 * H), hs.dtype))",
        "da, dq = (output((N, T, 4 * H), hs.dtype), output((N, T, 3 * H), hs.dtype))",
    },
    "gru_backward_loops": {
        "da, dq = (np.empty((N, T, 3 * H), hs.dtype), np.empty((N, T, 4 * H), hs.dtype))",
        "da, dq = (np.empty((N, T, 4 * H), hs.dtype), np.empty((N, T, 3 * H), hs.dtype))",
    },
    "lstm_step_cuda": {
        "h_next, c_next, gates = (output((N, H), x.dtype), output((N, H), x.dtype), output((N, 5 * H), x.dtype))"
    },
    "lstm_step_backward_cuda": {
        "h_next, c_next, gates = (output((N, H), x.dtype), output((N, H), x.dtype), output((N, 5 * H), x.dtype))",
        "dc, dz, later = (to_device(dc_next), output((N, 5 * H), x.dtype), to_device(np.zeros_like(h)))",
    },
    # threads share out the pixels otherwise: the sides have no common factor
    "moved_kernel": {"n, c, h, w = (cell // (C * H * W), cell // (H * W) % C, cell * W % H, cell % W)"},
    "global_average_pool_backward_kernel": {
        "n, c, h, w = (cell // (C * H * W), cell * (H * W) % C, cell // W % H, cell % W)",
        "n, c, h, w = (cell // (C * H * W), cell // (H * W) % C, cell * W % H, cell % W)",
    },
    # no draw is exactly ½, or exactly what has been summed up so far; an image more is one that nobody looks at
    "augment": {
        "P = np.pad(X, ((0, 1), (0, 0), (shift, shift), (shift, shift)))",
        "corners, mirrored = (rng.integers(2 * shift + 1, size=(N, 2)), rng.random(N) <= 0.5)",
    },
    "draws": {"corners, mirrored = (rng.integers(2 * shift + 1, size=(N, 2)), rng.random(N) <= 0.5)"},
    # … the search for the peak may begin anywhere, and only a sum that is rounded below 1 comes to the last line
    "pick": {"if so_far >= u * total:", "peak, total = (z[1], 0.0)", "return V + 1", "return V - 2"},
    # the filters are squares; wrong shapes are asked about in test_out_of_bounds.py
    "output_sides": {"return tuple((conv_out_size(side, K.shape[3], stride, pad) for side in X.shape[2:]))"},
    "conv2d_forward_kernel": {"for i in range(K.shape[3]):"},
    "conv2d_input_gradient_kernel": {"for i in range(K.shape[3]):"},
    "conv2d_backward_loops": {"without check_outputs(dY, X, K, stride, pad)"},
    "conv2d_backward_cuda": {"without check_outputs(dY, X, K, stride, pad)"},
    # to NumPy any number below 0 is the size that is left
    "rows_of": {"return ids.reshape(-2)"},
    "dense_over_time": {"dX, dW, db = dense_backward(*(array.reshape(-2, array.shape[2]) for array in (dz, X)), W)"},
    # the largest of the sums is the largest of the means, also where each is larger by 1; a first one is always found
    "ensemble_predict": {"return np.argmax(np.sum(P, axis=0), axis=1)"},
    "ensemble_predict_loops": {
        "best, most = (0, P.dtype.type(-2))",
        "best, most = (1, P.dtype.type(-1))",
        "total = P.dtype.type(1)",
    },
    "ensemble_predict_kernel": {
        "best, most = (0, P.dtype.type(-2))",
        "best, most = (1, P.dtype.type(-1))",
        "total = P.dtype.type(1)",
    },
    "ensemble_predict_cuda": {"labels = to_device(np.full(N, -2))"},
    # every entry is written before anybody reads it, or only the shape counts
    "conv2d_backward": {"dP, dK = (np.zeros_like(P), np.ones_like(K))"},
    "rnn_forward": {"hs = np.ones((N, T, h0.shape[1]), X.dtype)"},
    "bptt": {"dX, dWx = (np.ones_like(X), np.zeros_like(Wx))", "dWh, db = (np.zeros_like(Wh), np.zeros_like(Wh[1]))"},
    "gru_forward": {
        "hs, gates = (np.ones((N, T, H), X.dtype), np.zeros((N, T, 4 * H), X.dtype))",
        "hs, gates = (np.zeros((N, T, H), X.dtype), np.ones((N, T, 4 * H), X.dtype))",
    },
    "gru_backward": {
        "dX, dWx, dWh = (np.ones_like(X), np.zeros_like(Wx), np.zeros_like(Wh))",
        "dbx, dbh, dh = (np.zeros_like(Wx[1]), np.zeros_like(Wh[0]), np.zeros_like(h0))",
        "dbx, dbh, dh = (np.zeros_like(Wx[0]), np.zeros_like(Wh[1]), np.zeros_like(h0))",
    },
    "lstm_forward": {
        "hs, cs = (np.ones((N, T, H), X.dtype), np.zeros((N, T, H), X.dtype))",
        "hs, cs = (np.zeros((N, T, H), X.dtype), np.ones((N, T, H), X.dtype))",
        "gates = np.ones((N, T, 4 * H), X.dtype)",
    },
    "lstm_backward": {
        "dX, dWx, dWh, db = (np.ones_like(X), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wh[0]))",
        "dX, dWx, dWh, db = (np.zeros_like(X), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wh[1]))",
    },
    "attention_loops": {
        "A, Y, root = (np.ones((N, Tq, Tk), Q.dtype), np.zeros((N, Tq, Dv), Q.dtype), Q.dtype.type(math.sqrt(D)))"
    },
    "numeric_gradient": {"g = np.ones(x.shape)"},
}


def plain(thing):
    """The Python function inside an operation, a compiled function or a kernel; None for anything else."""
    if isinstance(thing, Operation):
        thing = thing.twins["numpy"]
    inner = getattr(thing, "py_func", None) or getattr(thing, "fn", None) or thing
    return inner if inspect.isfunction(inner) else None


def own(module):
    """{name: the function behind it} of everything that a module defines itself."""
    found = {name: plain(thing) for name, thing in vars(module).items()}
    return {name: one for name, one in found.items() if one is not None and one.__module__ == module.__name__}


def around(function):
    """The cells of what stands around a function that was made in another one."""
    return [cell for cell in function.__closure__ or () if plain(cell.cell_contents)]


def parts(name, backend):
    """The functions of its own module that an operation runs on a backend."""
    module = OPERATIONS[name].__module__
    ours, found, waiting = own(sys.modules[module]), [], [plain(OPERATIONS[name].twins[backend])]
    while waiting:
        one = waiting.pop()
        if one.__module__ == module and one not in found:
            found.append(one)
            waiting += [ours[used] for used in sorted(names_in(one.__code__) & ours.keys())]
            waiting += [plain(cell.cell_contents) for cell in around(one)]
    return found


def names_in(code):
    return set(code.co_names).union(*(names_in(inner) for inner in code.co_consts if inspect.iscode(inner)))


def users():
    """Function -> the runs (operation, backend) that it is part of."""
    found = {}
    for name, backend in promises.RUNS:
        for part in parts(name, backend):
            found.setdefault(part, []).append((name, backend))
    return found


USERS = users()


def install(sound, broken):
    """Put `broken` in the place of `sound` wherever its module has it, and plain Python in that of compiled functions."""
    module, done = sys.modules[sound.__module__], set()

    def instead(thing):
        one = plain(thing)
        if one is None or one.__module__ != module.__name__:
            return thing
        if one not in done:
            done.add(one)
            for cell in around(one):
                cell.cell_contents = instead(cell.cell_contents)
        if hasattr(thing, "__getitem__"):  # a kernel: its grid stands in brackets
            return cuda.cuda.jit(broken, device=thing._device) if one is sound else thing
        return broken if one is sound else one

    for place, thing in list(vars(module).items()):
        if isinstance(thing, Operation):
            thing.twins.update({backend: instead(twin) for backend, twin in thing.twins.items()})
        else:
            setattr(module, place, instead(thing))


def keeps_every_promise(sound, broken):
    """Run in a process of its own, which it leaves as broken as the function."""
    install(sound, broken)
    for name, backend in USERS[sound]:
        promises.answers = lambda *run, backend=backend: (TRUE.__wrapped__ if run[1] == backend else TRUE)(*run)
        for blocks in BLOCKS if backend == "cuda" else BLOCKS[:1]:
            with mock.patch.object(promises, "SMALL_BLOCKS", blocks):
                keeps_promises(name, backend)


def keeps_promises(name, backend):
    for dtype in DTYPES.values():
        if backend != "numpy":
            promises.test_twin_agrees_with_the_model_answer(name, backend, dtype)
        elif promises.ORACLES[name].expected:
            promises.test_model_answer_agrees_with_the_oracle(name, dtype)
        promises.test_leaves_its_arguments_alone(name, backend, dtype)
    if backend == "numpy" and promises.ORACLES[name].gradient_of:
        promises.test_gradient_agrees_with_finite_differences(name)


@pytest.mark.full
@pytest.mark.parametrize("sound", USERS, ids=lambda one: f"{one.__module__.partition('.')[2]}-{one.__qualname__}")
def test_no_broken_function_keeps_every_promise(sound):
    for name, _ in USERS[sound]:
        for dtype in DTYPES.values():
            TRUE(name, "numpy", dtype)
    assert survives(keeps_every_promise, sound, sound), "in plain Python it does as it should"
    found = {what for what, broken in mutants(sound) if survives(keeps_every_promise, sound, broken)}
    assert found == SOUND.get(sound.__name__, set()), "an input that tells it apart, or a reason why none can"


def test_a_broken_twin_is_noticed():
    sound = next(one for one in USERS if one.__name__ == "relu_derivative_loops")
    broken = [one for what, one in mutants(sound) if what == "target[i] = 1 if source[i] >= 0 else 0"]
    assert survives(keeps_every_promise, sound, sound)
    assert len(broken) == 1 and not survives(keeps_every_promise, sound, broken[0])
