"""Stage 09 as different people write it: loops in several orders and spellings, all right; and wrong ones of their own.

`RIGHT` are right on any number of threads. `UNNAMED` are wrong in ways the registry does not know, and worth nothing:
each fails in most cases, and then nothing else counts.
"""

from textwrap import dedent


def _sources(*texts):
    return tuple(dedent(text).strip() for text in texts)


RIGHT = {
    "matmul_njit": _sources(
        """
        @njit
        def matmul_njit(A, B):
            rows, inner = A.shape
            columns = B.shape[1]
            out = np.zeros((rows, columns), A.dtype)
            for i in range(rows):
                for j in range(columns):
                    for k in range(inner):
                        out[i, j] += A[i, k] * B[k, j]
            return out
        """,
        """
        @njit(parallel=True)
        def matmul_njit(A, B):
            C = np.zeros((A.shape[0], B.shape[1]), dtype=A.dtype)
            for m in prange(A.shape[0]):  # a row for each turn
                for k in range(A.shape[1]):
                    for n in range(B.shape[1]):
                        C[m, n] = C[m, n] + A[m, k] * B[k, n]
            return C
        """,
        """
        @numba.njit
        def matmul_njit(A, B):
            M, K, N = A.shape[0], A.shape[1], B.shape[1]
            C = np.empty((M, N), A.dtype)
            C[:] = 0
            for k in range(K):
                for m in range(M):
                    for n in range(N):
                        C[m, n] += A[m, k] * B[k, n]
            return C
        """,
    ),
    "row_sums": _sources(
        """
        @njit(parallel=True)
        def row_sums(A):
            sums = np.empty(A.shape[0], A.dtype)
            for i in prange(A.shape[0]):
                sums[i] = 0
                for j in range(A.shape[1]):
                    sums[i] += A[i, j]
            return sums
        """,
        """
        @njit  # one thread is enough for me
        def row_sums(A):
            s = np.zeros(len(A), A.dtype)
            for n in range(A.shape[1]):
                for m in range(len(A)):
                    s[m] += A[m, n]
            return s
        """,
    ),
    "softmax_njit": _sources(
        """
        @njit(parallel=True)
        def softmax_njit(z):
            out = np.zeros(z.shape, z.dtype)
            for i in prange(z.shape[0]):
                top = z[i, 0]
                for j in range(z.shape[1]):
                    if z[i, j] > top:
                        top = z[i, j]
                weight = 0.0
                for j in range(z.shape[1]):
                    weight += math.exp(z[i, j] - top)
                for j in range(z.shape[1]):
                    out[i, j] = math.exp(z[i, j] - top) / weight
            return out
        """,
        """
        @njit
        def softmax_njit(z):
            p = z.copy()
            for n in range(len(p)):
                p[n] -= np.max(p[n])
                p[n] = np.exp(p[n])
                p[n] /= np.sum(p[n])
            return p
        """,
    ),
    "conv2d_macs": _sources(
        """
        def conv2d_macs(N, C, H, W, F, k, stride=1, pad=0):
            down = (H + 2 * pad - k) // stride + 1
            along = (W + 2 * pad - k) // stride + 1
            return N * F * down * along * C * k * k
        """,
        """
        def conv2d_macs(N, C, H, W, F, k, stride=1, pad=0):
            places = len(range(0, H + 2 * pad - k + 1, stride)) * len(range(0, W + 2 * pad - k + 1, stride))
            return N * places * F * C * k**2
        """,
    ),
    "conv2d_njit": _sources(
        """
        @njit(parallel=True)
        def conv2d_njit(X, K, b):
            N, C, H, W = X.shape
            F, _, k, _ = K.shape
            out = np.zeros((N, F, H - k + 1, W - k + 1), X.dtype)
            for f in prange(F):  # a filter for each turn
                for n in range(N):
                    for h in range(H - k + 1):
                        for w in range(W - k + 1):
                            out[n, f, h, w] = b[f]
                            for c in range(C):
                                for i in range(k):
                                    for j in range(k):
                                        out[n, f, h, w] += X[n, c, h + i, w + j] * K[f, c, i, j]
            return out
        """,
        """
        @njit
        def conv2d_njit(images, filters, biases):
            N, C, H, W = images.shape
            F, k = filters.shape[0], filters.shape[2]
            out = np.empty((N, F, H - k + 1, W - k + 1), images.dtype)
            for n in range(N):
                for f in range(F):
                    for h in range(H - k + 1):
                        for w in range(W - k + 1):
                            window = images[n, :, h : h + k, w : w + k]
                            out[n, f, h, w] = biases[f] + np.sum(window * filters[f])
            return out
        """,
    ),
}

UNNAMED = {
    "matmul_njit": {
        "a dict, which numba does not take": _sources(
            """
            @njit
            def matmul_njit(A, B):
                sizes = {"rows": A.shape[0], "dtype": A.dtype}
                return np.zeros((sizes["rows"], B.shape[1]), sizes["dtype"])
            """
        ),
    },
    "row_sums": {
        "the largest of each row": _sources(
            """
            @njit(parallel=True)
            def row_sums(A):
                s = np.zeros(len(A), A.dtype)
                for m in prange(len(A)):
                    s[m] = A[m, 0]
                    for n in range(A.shape[1]):
                        s[m] = max(s[m], A[m, n] + 1)
                return s
            """
        ),
    },
    "softmax_njit": {
        "calls a plain function": _sources(
            """
            def largest_of(row):
                return max(row)

            @njit(parallel=True)
            def softmax_njit(z):
                p = np.empty(z.shape, z.dtype)
                for n in prange(len(z)):
                    p[n] = np.exp(z[n] - largest_of(z[n]))
                    p[n] /= np.sum(p[n])
                return p
            """
        ),
    },
    "conv2d_macs": {
        "additions counted as well": _sources(
            """
            def conv2d_macs(N, C, H, W, F, k, stride=1, pad=0):
                places = ((H + 2 * pad - k) // stride + 1) * ((W + 2 * pad - k) // stride + 1)
                return 2 * N * F * places * C * k * k + 1
            """
        ),
    },
    "conv2d_njit": {
        "a filter that never moves": _sources(
            """
            @njit(parallel=True)
            def conv2d_njit(X, K, b):
                N, C, H, W = X.shape
                F, _, k, _ = K.shape
                Y = np.zeros((N, F, H - k + 1, W - k + 1), X.dtype)
                for n in prange(N):
                    for f in range(F):
                        for h in range(H - k + 1):
                            for w in range(W - k + 1):
                                Y[n, f, h, w] = 2 * b[f] + np.sum(X[n, :, :k, :k] * K[f]) + 1
                return Y
            """
        ),
    },
}
