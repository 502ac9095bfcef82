"""Convolution: one small kernel slides over the whole image, so a pattern is found wherever it lies.

What deep learning calls a convolution is a cross-correlation: the kernel is not flipped. Every version walks
over the k × k *taps* of the kernel: tap (i, j) multiplies the image shifted by (i, j), and the shifts add up.

Source: Y. LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE 86 (1998);
sizes: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.
"""

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.twins import compiled, operation


@operation(size=":int > 0", k=":int > 0", stride=":int > 0", pad=":int >= 0")
def conv_out_size(size, k, stride=1, pad=0):
    """out = ⌊(size + 2 · pad − k) / stride⌋ + 1                    (how often a kernel fits along one side)

    size: pixels along the side, k: the kernel's side, stride: pixels per step, pad: zeros added at either end
    -> the output's size, an int.
    Raises ValueError where the kernel does not fit into the padded side.
    """
    if k > size + 2 * pad:
        raise ValueError(f"a kernel of {k} does not fit into {size} pixels with {pad} of padding at either end")
    return (size + 2 * pad - k) // stride + 1


# No CUDA twin: three integers are no work to share.
@conv_out_size.twin("numba")
@compiled
def conv_out_size_loops(size, k, stride=1, pad=0):
    if k > size + 2 * pad:
        raise ValueError("the kernel does not fit into the padded image")
    return (size + 2 * pad - k) // stride + 1


@operation(X="N C H W", K="F C k k", b="F", stride=":int > 0", pad=":int >= 0")
def conv2d_forward(X, K, b, stride=1, pad=0):
    """Y[n, f, h, w] = b[f] + Σ_c Σ_i Σ_j P[n, c, h·stride + i, w·stride + j] · K[f, c, i, j]  (cross-correlation)

    P is X with pad zeros around every image. X (N, C, H, W) images, K (F, C, k, k) kernels, b (F,) biases
    -> Y (N, F, Ho, Wo) with Ho = ⌊(H + 2 · pad − k) / stride⌋ + 1, and Wo likewise.
    Raises ValueError where the kernel does not fit into the padded images.
    """
    (N, _, H, W), (F, _, k, _) = X.shape, K.shape
    Ho, Wo = (H + 2 * pad - k) // stride + 1, (W + 2 * pad - k) // stride + 1
    if Ho < 1 or Wo < 1:
        raise ValueError(f"a {k} × {k} kernel does not fit into {H} × {W} images with {pad} of padding")
    P = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Y = np.zeros((N, F, Ho, Wo), X.dtype) + b[:, None, None]
    for i in range(k):
        for j in range(k):
            seen = P[:, :, i : i + stride * Ho : stride, j : j + stride * Wo : stride]
            Y += np.einsum("nchw,fc->nfhw", seen, K[:, :, i, j])
    return Y


def output_sides(X, K, stride, pad):
    """(Ho, Wo), or the ValueError of a kernel that does not fit."""
    return tuple(conv_out_size(side, K.shape[2], stride, pad) for side in X.shape[2:])


def padded(X, pad):
    return np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))


def filters_last(K):
    """K as (C, k, k, F): one pixel meets all filters at one place in memory, and the loop over them vectorizes."""
    return np.ascontiguousarray(K.transpose(1, 2, 3, 0))


@compiled
def correlate(P, taps, b, stride, Ho, Wo):
    N = P.shape[0]
    C, k, _, F = taps.shape
    Y, total = np.empty((N, F, Ho, Wo), P.dtype), np.empty(F, P.dtype)
    for n in range(N):
        for h in range(Ho):
            for w in range(Wo):
                for f in range(F):
                    total[f] = b[f]
                for c in range(C):
                    for i in range(k):
                        for j in range(k):
                            for f in range(F):
                                total[f] += P[n, c, h * stride + i, w * stride + j] * taps[c, i, j, f]
                for f in range(F):
                    Y[n, f, h, w] = total[f]
    return Y


@conv2d_forward.twin("numba")
def conv2d_forward_loops(X, K, b, stride=1, pad=0):
    Ho, Wo = output_sides(X, K, stride, pad)
    return correlate(padded(X, pad), filters_last(K), b, stride, Ho, Wo)


@cuda.jit
def conv2d_forward_kernel(X, K, b, stride, pad, Y):
    """One thread per entry of Y; it skips the taps that fall into the padding."""
    cell = cuda.grid(1)
    _, C, H, W = X.shape
    _, F, Ho, Wo = Y.shape
    if cell < Y.size:
        n, f, h, w = cell // (F * Ho * Wo), cell // (Ho * Wo) % F, cell // Wo % Ho, cell % Wo
        total = b[f]
        for c in range(C):
            for i in range(K.shape[2]):
                row = h * stride + i - pad
                for j in range(K.shape[3]):
                    col = w * stride + j - pad
                    if 0 <= row < H and 0 <= col < W:
                        total += X[n, c, row, col] * K[f, c, i, j]
        Y[n, f, h, w] = total


@conv2d_forward.twin("cuda")
def conv2d_forward_cuda(X, K, b, stride=1, pad=0):
    Y = output((len(X), len(K), *output_sides(X, K, stride, pad)), X.dtype)
    launch(conv2d_forward_kernel, Y.size, to_device(X), to_device(K), to_device(b), stride, pad, Y)
    return Y.copy_to_host()


@operation(dY="N F Ho Wo", X="N C H W", K="F C k k", stride=":int > 0", pad=":int >= 0")
def conv2d_backward(dY, X, K, stride=1, pad=0):
    """dK[f, c, i, j] = Σ_n Σ_h Σ_w dY[n, f, h, w] · P[n, c, h·stride + i, w·stride + j]
    dP[n, c, h·stride + i, w·stride + j] += Σ_f dY[n, f, h, w] · K[f, c, i, j]  for every h, w, i, j
    db[f] = Σ_n Σ_h Σ_w dY[n, f, h, w];   dX is dP without its padding

    dY (N, F, Ho, Wo) the gradient of the loss at Y; X (N, C, H, W), K (F, C, k, k), stride and pad as in the forward
    pass; P is X with pad zeros around every image
    -> dX (N, C, H, W), dK (F, C, k, k), db (F,). Windows overlap, so a pixel collects from several outputs.
    Raises ValueError unless dY has the forward output's shape.
    """
    (_, _, H, W), (_, _, k, _), (_, _, Ho, Wo) = X.shape, K.shape, dY.shape
    fits = (H + 2 * pad - k) // stride + 1, (W + 2 * pad - k) // stride + 1
    if (Ho, Wo) != fits:
        raise ValueError(f"dY holds images of {Ho} × {Wo}, but the forward pass gives {fits[0]} × {fits[1]}")
    P = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dP, dK = np.zeros_like(P), np.zeros_like(K)
    for i in range(k):
        for j in range(k):
            seen = np.s_[:, :, i : i + stride * Ho : stride, j : j + stride * Wo : stride]
            dK[:, :, i, j] = np.einsum("nfhw,nchw->fc", dY, P[seen])
            dP[seen] += np.einsum("nfhw,fc->nchw", dY, K[:, :, i, j])
    return dP[:, :, pad : pad + H, pad : pad + W].copy(), dK, np.sum(dY, axis=(0, 2, 3))


def check_outputs(dY, X, K, stride, pad):
    """The loops and kernels check no bounds, so a gradient of another shape must not reach them."""
    fits = output_sides(X, K, stride, pad)
    if dY.shape[2:] != fits:
        raise ValueError(
            f"dY holds images of {dY.shape[2]} × {dY.shape[3]}, but the forward pass gives {fits[0]} × {fits[1]}"
        )


@compiled
def correlate_backward(dY, P, taps, stride):
    N, F, Ho, Wo = dY.shape
    C, k, _, _ = taps.shape
    dP, dtaps, db = np.zeros(P.shape, P.dtype), np.zeros(taps.shape, taps.dtype), np.zeros(F, dY.dtype)
    dy = np.empty(F, dY.dtype)
    for n in range(N):
        for h in range(Ho):
            for w in range(Wo):
                for f in range(F):
                    dy[f] = dY[n, f, h, w]
                    db[f] += dy[f]
                for c in range(C):
                    for i in range(k):
                        for j in range(k):
                            row, col = h * stride + i, w * stride + j
                            total = P.dtype.type(0)
                            for f in range(F):
                                total += dy[f] * taps[c, i, j, f]
                                dtaps[c, i, j, f] += dy[f] * P[n, c, row, col]
                            dP[n, c, row, col] += total
    return dP, dtaps, db


@conv2d_backward.twin("numba")
def conv2d_backward_loops(dY, X, K, stride=1, pad=0):
    check_outputs(dY, X, K, stride, pad)
    H, W = X.shape[2:]
    dP, dtaps, db = correlate_backward(dY, padded(X, pad), filters_last(K), stride)
    dX, dK = dP[:, :, pad : pad + H, pad : pad + W], dtaps.transpose(3, 0, 1, 2)
    return np.ascontiguousarray(dX), np.ascontiguousarray(dK), db


@cuda.jit
def conv2d_input_gradient_kernel(dY, K, stride, pad, dX):
    """One thread per pixel: it gathers from every output whose window saw it, so no two threads add to one cell."""
    cell = cuda.grid(1)
    _, C, H, W = dX.shape
    _, F, Ho, Wo = dY.shape
    if cell < dX.size:
        n, c, row, col = cell // (C * H * W), cell // (H * W) % C, cell // W % H, cell % W
        total = dX.dtype.type(0)
        for i in range(K.shape[2]):
            h, beside_h = divmod(row + pad - i, stride)
            for j in range(K.shape[3]):
                w, beside_w = divmod(col + pad - j, stride)
                if beside_h == 0 and beside_w == 0 and 0 <= h < Ho and 0 <= w < Wo:
                    for f in range(F):
                        total += dY[n, f, h, w] * K[f, c, i, j]
        dX[n, c, row, col] = total


@cuda.jit
def conv2d_kernel_gradient_kernel(dY, X, stride, pad, dK):
    """One thread per weight: it sums over every image and every place its tap touched."""
    cell = cuda.grid(1)
    _, C, k, _ = dK.shape
    N, _, Ho, Wo = dY.shape
    if cell < dK.size:
        f, c, i, j = cell // (C * k * k), cell // (k * k) % C, cell // k % k, cell % k
        total = dK.dtype.type(0)
        for n in range(N):
            for h in range(Ho):
                row = h * stride + i - pad
                for w in range(Wo):
                    col = w * stride + j - pad
                    if 0 <= row < X.shape[2] and 0 <= col < X.shape[3]:
                        total += dY[n, f, h, w] * X[n, c, row, col]
        dK[f, c, i, j] = total


@cuda.jit
def conv2d_bias_gradient_kernel(dY, db):
    f = cuda.grid(1)
    N, F, Ho, Wo = dY.shape
    if f < F:
        total = db.dtype.type(0)
        for n in range(N):
            for h in range(Ho):
                for w in range(Wo):
                    total += dY[n, f, h, w]
        db[f] = total


@conv2d_backward.twin("cuda")
def conv2d_backward_cuda(dY, X, K, stride=1, pad=0):
    check_outputs(dY, X, K, stride, pad)
    dX, dK, db = output(X.shape, X.dtype), output(K.shape, K.dtype), output(len(K), dY.dtype)
    dY, X, K = to_device(dY), to_device(X), to_device(K)
    launch(conv2d_input_gradient_kernel, dX.size, dY, K, stride, pad, dX)
    launch(conv2d_kernel_gradient_kernel, dK.size, dY, X, stride, pad, dK)
    launch(conv2d_bias_gradient_kernel, len(K), dY, db)
    return dX.copy_to_host(), dK.copy_to_host(), db.copy_to_host()
