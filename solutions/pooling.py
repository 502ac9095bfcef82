"""Pooling: keep the strongest answer of every window, or the mean of the whole image.

A pooled image is smaller, and it changes little when a pattern moves by a pixel. Pooling has no weights; its
backward pass only decides who gets the gradient: the winner of each window, or everybody an equal share.

Source: max pooling, K. Yamaguchi et al. (1990); global averages, M. Lin et al., "Network in network" (2013).
"""

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.twins import compiled, operation


@operation(X="N C H W", k=":int > 0", stride=":int > 0")
def maxpool_forward(X, k, stride):
    """Y[n, c, h, w] = max_i max_j X[n, c, h·stride + i, w·stride + j],   0 ≤ i, j < k     (max pooling)

    X (N, C, H, W) images, k: the window's side, stride: pixels per step (windows overlap where stride < k)
    -> Y (N, C, Ho, Wo) with Ho = ⌊(H − k) / stride⌋ + 1, and Wo likewise.
    Raises ValueError where the window does not fit into the images.
    """
    windows = np.lib.stride_tricks.sliding_window_view(X, (k, k), axis=(2, 3))
    return np.max(windows[:, :, ::stride, ::stride], axis=(4, 5))


@compiled
def pooled_size(size, k, stride):
    if not 1 <= k <= size:
        raise ValueError("the window does not fit into the image")
    return (size - k) // stride + 1


@compiled
def winner(image, top, left, k):
    """The row and column of a window's maximum, the first of equals."""
    row, col = top, left
    for i in range(top, top + k):
        for j in range(left, left + k):
            if image[i, j] > image[row, col]:
                row, col = i, j
    return row, col


@maxpool_forward.twin("numba")
@compiled
def maxpool_forward_loops(X, k, stride):
    N, C, H, W = X.shape
    Ho, Wo = pooled_size(H, k, stride), pooled_size(W, k, stride)
    Y = np.empty((N, C, Ho, Wo), X.dtype)
    for n in range(N):
        for c in range(C):
            for h in range(Ho):
                for w in range(Wo):
                    row, col = winner(X[n, c], h * stride, w * stride, k)
                    Y[n, c, h, w] = X[n, c, row, col]
    return Y


@cuda.jit
def maxpool_forward_kernel(X, k, stride, Y):
    cell = cuda.grid(1)
    _, C, Ho, Wo = Y.shape
    if cell < Y.size:
        n, c, h, w = cell // (C * Ho * Wo), cell // (Ho * Wo) % C, cell // Wo % Ho, cell % Wo
        best = X[n, c, h * stride, w * stride]
        for i in range(k):
            for j in range(k):
                best = max(best, X[n, c, h * stride + i, w * stride + j])
        Y[n, c, h, w] = best


@maxpool_forward.twin("cuda")
def maxpool_forward_cuda(X, k, stride):
    N, C, H, W = X.shape
    Y = output((N, C, pooled_size(H, k, stride), pooled_size(W, k, stride)), X.dtype)
    launch(maxpool_forward_kernel, Y.size, to_device(X), k, stride, Y)
    return Y.copy_to_host()


@operation(dY="N C Ho Wo", X="N C H W", k=":int > 0", stride=":int > 0")
def maxpool_backward(dY, X, k, stride):
    """dX[n, c, row, col] = Σ dY[n, c, h, w] over the windows (h, w) whose maximum lies at (row, col)

    dY (N, C, Ho, Wo) the gradient of the loss at Y; X, k, stride as in the forward pass -> dX (N, C, H, W).
    The first of equal maxima (row by row) gets the whole gradient; windows that overlap add up.
    Raises ValueError unless dY has the forward output's shape.
    """
    (N, C, H, W), (_, _, Ho, Wo) = X.shape, dY.shape
    if (fits := ((H - k) // stride + 1, (W - k) // stride + 1)) != (Ho, Wo):
        raise ValueError(f"dY holds images of {Ho} × {Wo}, but the forward pass gives {fits[0]} × {fits[1]}")
    dX = np.zeros_like(X)
    n, c = np.ogrid[:N, :C]
    for h in range(Ho):
        for w in range(Wo):
            top, left = h * stride, w * stride
            window = X[:, :, top : top + k, left : left + k].reshape(N, C, k * k)
            i, j = np.divmod(np.argmax(window, axis=2), k)
            dX[n, c, top + i, left + j] += dY[:, :, h, w]
    return dX


@maxpool_backward.twin("numba")
@compiled
def maxpool_backward_loops(dY, X, k, stride):
    N, C, H, W = X.shape
    _, _, Ho, Wo = dY.shape
    if Ho != pooled_size(H, k, stride) or Wo != pooled_size(W, k, stride):
        raise ValueError("dY does not have the shape that the forward pass gives")
    dX = np.zeros(X.shape, X.dtype)
    for n in range(N):
        for c in range(C):
            for h in range(Ho):
                for w in range(Wo):
                    row, col = winner(X[n, c], h * stride, w * stride, k)
                    dX[n, c, row, col] += dY[n, c, h, w]
    return dX


@cuda.jit
def maxpool_backward_kernel(dY, X, k, stride, dX):
    """One thread per image channel: overlapping windows add to one pixel, and one thread needs no atomics."""
    n, c = cuda.grid(2)
    N, C, Ho, Wo = dY.shape
    if n < N and c < C:
        for h in range(Ho):
            for w in range(Wo):
                row, col = h * stride, w * stride
                for i in range(h * stride, h * stride + k):
                    for j in range(w * stride, w * stride + k):
                        if X[n, c, i, j] > X[n, c, row, col]:
                            row, col = i, j
                dX[n, c, row, col] += dY[n, c, h, w]


@maxpool_backward.twin("cuda")
def maxpool_backward_cuda(dY, X, k, stride):
    (N, C, H, W), (_, _, Ho, Wo) = X.shape, dY.shape
    if (Ho, Wo) != (pooled_size(H, k, stride), pooled_size(W, k, stride)):
        raise ValueError("dY does not have the shape that the forward pass gives")
    dX = to_device(np.zeros_like(X))
    launch(maxpool_backward_kernel, (N, C), to_device(dY), to_device(X), k, stride, dX)
    return dX.copy_to_host()


@operation(X="N C H W")
def global_average_pool(X):
    """Y[n, c] = (1 / (H · W)) Σ_h Σ_w X[n, c, h, w]                  (one number per channel, whatever the size)

    X (N, C, H, W) images -> Y (N, C). Raises ValueError unless X is four-dimensional.
    """
    return np.mean(X, axis=(2, 3))


@global_average_pool.twin("numba")
@compiled
def global_average_pool_loops(X):
    N, C, H, W = X.shape
    Y = np.zeros((N, C), X.dtype)
    for n in range(N):
        for c in range(C):
            for h in range(H):
                for w in range(W):
                    Y[n, c] += X[n, c, h, w]
            Y[n, c] /= X.dtype.type(H * W)  # divided by an int, float32 would widen to float64
    return Y


@cuda.jit
def global_average_pool_kernel(X, Y):
    n, c = cuda.grid(2)
    N, C, H, W = X.shape
    if n < N and c < C:
        total = Y.dtype.type(0)
        for h in range(H):
            for w in range(W):
                total += X[n, c, h, w]
        Y[n, c] = total / Y.dtype.type(H * W)


@global_average_pool.twin("cuda")
def global_average_pool_cuda(X):
    Y = output(X.shape[:2], X.dtype)
    launch(global_average_pool_kernel, Y.shape, to_device(X), Y)
    return Y.copy_to_host()


@operation(dY="N C", X="N C H W")
def global_average_pool_backward(dY, X):
    """dX[n, c, h, w] = dY[n, c] / (H · W)                            (every pixel gets an equal share)

    dY (N, C) the gradient of the loss at Y, X (N, C, H, W) as in the forward pass -> dX (N, C, H, W).
    Raises ValueError unless dY has one entry per image and channel.
    """
    _, _, H, W = X.shape
    return np.zeros_like(X) + dY[:, :, None, None] / (H * W)


@global_average_pool_backward.twin("numba")
@compiled
def global_average_pool_backward_loops(dY, X):
    N, C, H, W = X.shape
    dX = np.empty(X.shape, X.dtype)
    for n in range(N):
        for c in range(C):
            for h in range(H):
                for w in range(W):
                    dX[n, c, h, w] = dY[n, c] / dY.dtype.type(H * W)
    return dX


@cuda.jit
def global_average_pool_backward_kernel(dY, dX):
    cell = cuda.grid(1)
    _, C, H, W = dX.shape
    if cell < dX.size:
        n, c, h, w = cell // (C * H * W), cell // (H * W) % C, cell // W % H, cell % W
        dX[n, c, h, w] = dY[n, c] / dY.dtype.type(H * W)


@global_average_pool_backward.twin("cuda")
def global_average_pool_backward_cuda(dY, X):
    dX = output(X.shape, X.dtype)
    launch(global_average_pool_backward_kernel, dX.size, to_device(dY), dX)
    return dX.copy_to_host()
