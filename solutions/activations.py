"""What a neuron does with its weighted sum: the step, the straight line, and one neuron with any activation.

The activations that learn have a file each, their slopes beside them, and may be imported from here as well.
"""

import numpy as np

from solutions.cuda import cuda
from solutions.elementwise import elementwise
from solutions.perceptron import weighted_sum_cuda, weighted_sum_loops
from solutions.relu import relu, relu_backward, relu_derivative
from solutions.sigmoid import sigmoid, sigmoid_backward, sigmoid_derivative
from solutions.tanh import tanh, tanh_derivative
from solutions.twins import compiled, operation

__all__ = [
    "linear",
    "neuron",
    "relu",
    "relu_backward",
    "relu_derivative",
    "sigmoid",
    "sigmoid_backward",
    "sigmoid_derivative",
    "step",
    "tanh",
    "tanh_derivative",
]


@operation(x="*")
def step(x):
    """y = 1 where x ≥ 0, else 0                     (the perceptron's activation; its slope is 0 wherever it has one)

    x any shape -> y of the same shape. Exactly 0 fires.
    """
    return np.heaviside(x, 1)


@step.twin("numba")
@compiled
def step_loops(x):
    y = np.empty(x.shape, x.dtype)
    source, target = x.ravel(), y.ravel()
    for i in range(x.size):
        target[i] = 1 if source[i] >= 0 else 0
    return y


@cuda.jit
def step_kernel(x, y):
    i = cuda.grid(1)
    if i < x.size:
        y[i] = 1 if x[i] >= 0 else 0


@step.twin("cuda")
def step_cuda(x):
    return elementwise(step_kernel, x)


@operation(x="*")
def linear(x):
    """y = x                                         (no activation at all: what an output that is a quantity needs)

    x any shape -> y of the same shape, a new array. The slope is 1 everywhere, so linear layers in a row are one.
    """
    return 1 * x


@linear.twin("numba")
@compiled
def linear_loops(x):
    y = np.empty(x.shape, x.dtype)
    source, target = x.ravel(), y.ravel()
    for i in range(x.size):
        target[i] = source[i]
    return y


@cuda.jit
def linear_kernel(x, y):
    i = cuda.grid(1)
    if i < x.size:
        y[i] = x[i]


@linear.twin("cuda")
def linear_cuda(x):
    return elementwise(linear_kernel, x)


@operation(x="D:number", w="D:number", b="")
def neuron(x, w, b, activation):
    """y = activation(Σ_d x[d] · w[d] + b)                              (weighted sum, bias, activation)

    x (D,) inputs, w (D,) weights, b the bias, activation a function of one number, such as relu -> y, one number.
    Raises ValueError unless x and w are one-dimensional and of equal length and b is a number.
    """
    return activation(np.sum(x * w) + b)


@neuron.twin("numba")
def neuron_numba(x, w, b, activation):
    return activation(weighted_sum_loops(x, w) + b)


@neuron.twin("cuda")
def neuron_cuda(x, w, b, activation):
    return activation(weighted_sum_cuda(x, w) + b)
