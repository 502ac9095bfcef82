"""Ensembles: several networks that err in different places are right more often together.

Their probabilities are averaged, not their votes: a network that is sure outweighs two that hesitate.

Source: L. Hansen, P. Salamon, "Neural network ensembles", IEEE Trans. PAMI 12 (1990).
"""

import numpy as np

from solutions.cuda import cuda, launch, to_device
from solutions.twins import compiled, operation


@operation(P="K N C")
def ensemble_predict(P):
    """label[n] = argmax_c 1/K · Σ_k P[k, n, c]                                         (a tie goes to the lowest label)

    P (K, N, C) what each of K networks says about N examples: probabilities of C classes -> labels (N,), integers.
    """
    return np.argmax(np.mean(P, axis=0), axis=1)


@ensemble_predict.twin("numba")
@compiled
def ensemble_predict_loops(P):
    K, N, C = P.shape
    labels = np.empty(N, np.int64)
    for n in range(N):
        best, most = 0, P.dtype.type(-1)
        for c in range(C):
            total = P.dtype.type(0)  # the sum decides as the mean does
            for k in range(K):
                total += P[k, n, c]
            if total > most:
                best, most = c, total
        labels[n] = best
    return labels


@cuda.jit
def ensemble_predict_kernel(P, labels):
    n = cuda.grid(1)
    K, N, C = P.shape
    if n < N:
        best, most = 0, P.dtype.type(-1)
        for c in range(C):
            total = P.dtype.type(0)
            for k in range(K):
                total += P[k, n, c]
            if total > most:
                best, most = c, total
        labels[n] = best


@ensemble_predict.twin("cuda")
def ensemble_predict_cuda(P):
    N = P.shape[1]
    labels = to_device(np.full(N, -1))  # no label: a thread that forgets to write is found out
    launch(ensemble_predict_kernel, N, to_device(P), labels)
    return labels.copy_to_host()
