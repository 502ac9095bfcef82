"""What a layer costs, in multiply-accumulates (MACs): one product and one sum, what hardware does in one instruction.

Parameters are not compute: a dense layer uses each weight once per example, a convolution once per pixel of its
output. `dense.count_parameters` counts the parameters.
"""

from solutions.twins import operation

# No twins: the arithmetic of a few integers.


@operation(N=":int > 0", D=":int > 0", M=":int > 0")
def dense_macs(N, D, M):
    """MACs = N · M · D                                                  (D products for each of N · M outputs)

    N examples, D inputs, M units -> MACs of the forward pass, an int; biases are left out.
    """
    return N * M * D


@operation(
    N=":int > 0",
    C=":int > 0",
    H=":int > 0",
    W=":int > 0",
    F=":int > 0",
    k=":int > 0",
    stride=":int > 0",
    pad=":int >= 0",
)
def conv2d_macs(N, C, H, W, F, k, stride=1, pad=0):
    """MACs = N · F · Ho · Wo · C · k²     Ho = ⌊(H + 2 · pad − k) / stride⌋ + 1, Wo likewise

    N images of C channels and H × W pixels, F filters of k × k, steps of `stride` pixels, `pad` zeros at every edge
    -> MACs of the forward pass, an int: C · k² products for each output. Biases are left out, padding is counted.
    """
    Ho = (H + 2 * pad - k) // stride + 1
    Wo = (W + 2 * pad - k) // stride + 1
    return N * F * Ho * Wo * C * k**2
