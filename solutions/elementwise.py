"""How a kernel that treats every entry alike is launched: one thread per entry, whatever the shape."""

from solutions.cuda import launch, output, to_device


def elementwise(kernel, *arrays):
    """kernel(*arrays, y) over flat arrays, one thread per entry -> y, of the first array's shape and dtype."""
    first = arrays[0]
    y = output(first.size, first.dtype)
    launch(kernel, first.size, *(to_device(array.ravel()) for array in arrays), y)
    return y.copy_to_host().reshape(first.shape)
