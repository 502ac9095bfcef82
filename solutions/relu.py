"""The rectified linear unit: passes what is positive, stops the rest, and lets gradients through unchanged.

Source: V. Nair, G. Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML (2010).
"""

import numpy as np

from solutions.cuda import cuda
from solutions.elementwise import elementwise
from solutions.twins import compiled, operation


@operation(x="*")
def relu(x):
    """y = max(x, 0)

    x any shape -> y of the same shape.
    """
    return np.maximum(x, 0)


@relu.twin("numba")
@compiled
def relu_loops(x):
    y = np.empty(x.shape, x.dtype)
    source, target = x.ravel(), y.ravel()
    for i in range(x.size):
        target[i] = 0 if source[i] < 0 else source[i]  # this way round a NaN stays one
    return y


@cuda.jit
def relu_kernel(x, y):
    """y[i] = max(x[i], 0)                        (thread t of T takes entries t, t + T, t + 2T, …: a grid-stride loop)

    x and y (N,); any number of blocks and threads.
    """
    for i in range(cuda.grid(1), x.size, cuda.gridsize(1)):
        y[i] = 0 if x[i] < 0 else x[i]


@relu.twin("cuda")
def relu_cuda(x):
    return elementwise(relu_kernel, x)


@operation(x="*")
def relu_derivative(x):
    """dy/dx = 1 where x > 0, else 0                         (at the kink, x = 0, the field's choice is 0)

    x any shape, the input of relu -> dy/dx of the same shape.
    """
    return np.heaviside(x, 0)


@relu_derivative.twin("numba")
@compiled
def relu_derivative_loops(x):
    dydx = np.empty(x.shape, x.dtype)
    source, target = x.ravel(), dydx.ravel()
    for i in range(x.size):
        target[i] = 1 if source[i] > 0 else 0
    return dydx


@cuda.jit
def relu_derivative_kernel(x, dydx):
    i = cuda.grid(1)
    if i < x.size:
        dydx[i] = 1 if x[i] > 0 else 0


@relu_derivative.twin("cuda")
def relu_derivative_cuda(x):
    return elementwise(relu_derivative_kernel, x)


@operation(dy="*", z="*")
def relu_backward(dy, z):
    """dz = dy where z > 0, else 0                                      (chain rule; z, the forward pass's input)

    dy and z of one shape, dy the gradient of the loss with respect to y = relu(z) -> dz of the same shape.
    """
    return np.where(z > 0, dy, 0)


@relu_backward.twin("numba")
@compiled
def relu_backward_loops(dy, z):
    dz = np.empty(z.shape, z.dtype)
    upstream, source, target = dy.ravel(), z.ravel(), dz.ravel()
    for i in range(z.size):
        target[i] = upstream[i] if source[i] > 0 else 0
    return dz


@cuda.jit
def relu_backward_kernel(dy, z, dz):
    i = cuda.grid(1)
    if i < z.size:
        dz[i] = dy[i] if z[i] > 0 else 0


@relu_backward.twin("cuda")
def relu_backward_cuda(dy, z):
    return elementwise(relu_backward_kernel, dy, z)
