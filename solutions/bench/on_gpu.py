"""The kernels on a GPU against PyTorch's, that is, against the vendor's libraries and hand-written fused kernels.

Everything lies on the card before, and a sample ends when the card has finished. Sizes are large, so that what is
measured are the kernels and not how long Python takes to launch one. Each contestant's answer is looked at first.
"""

import numpy as np

from solutions import cuda as door
from solutions.adam import adam_step_kernel
from solutions.bench.measure import versus
from solutions.matmul import TILE, matmul_tiled
from solutions.relu import relu_kernel
from solutions.softmax import LANES, softmax_kernel

cuda = door.cuda
THREADS = 256  # of a block, for kernels that treat every entry alike
SIZES = {"side": 2048, "entries": 1 << 24, "parameters": 10_000_000, "logits": (8192, 1024)}


def missing():
    """What is missing here for a measurement, in a sentence; "" where nothing is."""
    import torch

    if door.SIMULATED:
        return "kernels run in numba's simulator here, whose times say nothing; unset NUMBA_ENABLE_CUDASIM"
    if not cuda.is_available():
        return "no CUDA GPU answers here; `threshold doctor` says what is missing"
    return "" if torch.cuda.is_available() else "this PyTorch was built without CUDA"


def card():
    """The name of the GPU."""
    name = cuda.get_current_device().name
    return name.decode() if isinstance(name, bytes) else name


def finished_by(finish, function):
    """The function, with what waits for all that it has started."""

    def started():
        function()

    started.finish = finish
    return started


def contest(name, ours, theirs, answers, goal, finish):
    """A row of two who start work on the card; answers: two arrays, theirs and ours, of the first call of each."""
    ours, theirs = (finished_by(finish, function) for function in (ours, theirs))
    ours(), theirs()
    finish()
    mine, others = (np.asarray(array) for array in answers())
    if not np.max(np.abs(mine - others)) <= 1e-4 * np.max(np.abs(others)):
        raise ArithmeticError(f"{name}: ours and PyTorch's differ by {np.max(np.abs(mine - others)):.1e}")
    return versus(name, ours, {"PyTorch's": theirs}, goal)


def rows(device, sizes=SIZES):
    """Tiled product, element-wise steps and softmax; device "cpu" is for a look at all of it without a GPU."""
    import torch

    torch.backends.cuda.matmul.allow_tf32 = False  # products of float32 in float32, as ours
    rng = np.random.default_rng(0)

    def finish():
        cuda.synchronize()
        if device == "cuda":
            torch.cuda.synchronize()

    def there(*shape):
        """The same random numbers on the card twice: ours, theirs."""
        numbers = rng.standard_normal(shape).astype(np.float32)
        return cuda.to_device(numbers), torch.tensor(numbers, device=device)

    yield product_row(torch, there, sizes["side"], finish)
    yield relu_row(torch, there, sizes["entries"], finish)
    yield adam_row(torch, there, sizes["parameters"], finish)
    yield softmax_row(torch, there, sizes["logits"], finish)


def product_row(torch, there, S, finish):
    (A, tA), (B, tB), (C, tC) = there(S, S), there(S, S), there(S, S)
    grid = (door.blocks_for(S, TILE),) * 2

    def ours():
        matmul_tiled[grid, (TILE, TILE)](A, B, C)

    def theirs():
        torch.mm(tA, tB, out=tC)

    name = f"tiled product, {S} × {S}"
    return contest(name, ours, theirs, lambda: (C.copy_to_host(), tC.cpu()), 0.2, finish)


def relu_row(torch, there, N, finish):
    (x, tx), (y, ty) = there(N), there(N)
    blocks = door.blocks_for(N, THREADS)

    def ours():
        relu_kernel[blocks, THREADS](x, y)

    def theirs():
        torch.clamp_min(tx, 0, out=ty)

    return contest(f"ReLU, {N:,} entries", ours, theirs, lambda: (y.copy_to_host(), ty.cpu()), 1, finish)


def adam_row(torch, there, N, finish, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    (p, tp), (g, tg) = there(N), there(N)
    m, v = (cuda.to_device(np.zeros(N, np.float32)) for _ in range(2))
    weights, blocks = tp.requires_grad_(), door.blocks_for(N, THREADS)
    weights.grad, step = tg, 0
    optimizer = torch.optim.Adam([weights], lr=lr, betas=(beta1, beta2), eps=eps, fused=True)

    def ours():
        nonlocal step
        step += 1
        averages = beta1, 1 - beta1, 1 / (1 - beta1**step), beta2, 1 - beta2, 1 / (1 - beta2**step)
        adam_step_kernel[blocks, THREADS](p, g, m, v, *map(np.float32, (lr, eps, *averages)))

    def answers():
        return p.copy_to_host(), weights.detach().cpu()

    return contest(f"a step of Adam, {N:,} parameters", ours, optimizer.step, answers, 1, finish)


def softmax_row(torch, there, shape, finish):
    (z, tz), (p, tp) = there(*shape), there(*shape)

    def ours():
        softmax_kernel[shape[0], LANES](z, p)

    def theirs():
        torch.softmax(tz, 1, out=tp)

    name = f"softmax, {' × '.join(map(str, shape))}"
    return contest(name, ours, theirs, lambda: (p.copy_to_host(), tp.cpu()), 0.8, finish)
