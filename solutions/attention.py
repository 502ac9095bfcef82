"""Attention: every query looks at all keys, and takes the mean of their values, weighted by how well they match.

The weights are a softmax over the keys. A mask says what may be looked at; a query that may look at nothing
gets zeros, not a division by zero. The weights come back beside the result: they are the attention map, and
the backward pass needs them again.

Source: A. Vaswani et al., "Attention is all you need", NeurIPS (2017), equation (1).
"""

import math

import numpy as np

from solutions.cuda import cuda, launch, output, to_device
from solutions.twins import compiled, operation


@operation(Q="N Tq D", K="N Tk D", V="N Tk Dv", mask="N Tq Tk:bool")
def attention(Q, K, V, mask):
    """S = Q Kᵀ / √D;   A[n, q, k] = exp(S[n, q, k]) / Σ_j exp(S[n, q, j]) where the mask is True, else 0;   Y = A V

    The sum runs over the keys j the mask allows. Q (N, Tq, D) queries, K (N, Tk, D) keys, V (N, Tk, Dv) values,
    mask (N, Tq, Tk) booleans: True where query q may attend to key k -> Y (N, Tq, Dv), A (N, Tq, Tk) the weights.
    A query that may attend to nothing gets weights and a result of zeros.
    Raises ValueError unless the shapes agree.
    """
    S = np.where(mask, Q @ K.transpose(0, 2, 1) / Q.shape[2] ** 0.5, -np.inf)
    lowest = np.finfo(S.dtype).min  # a finite peak even in a row of −∞, where −∞ − (−∞) would be NaN
    E = np.exp(S - np.max(S, axis=2, keepdims=True, initial=lowest))
    A = E / np.maximum(np.sum(E, axis=2, keepdims=True), 1)  # the peak adds exp(0) = 1: below 1 is an empty row
    return A @ V, A


@compiled
def masked_softmax(scores, allowed):
    """Overwrite a row of scores with its softmax over the allowed entries, with zeros elsewhere."""
    K = scores.shape[0]
    zero = scores.dtype.type(0)
    peak, total = scores.dtype.type(-math.inf), zero
    for k in range(K):
        if allowed[k]:
            peak = max(peak, scores[k])
    for k in range(K):
        scores[k] = math.exp(scores[k] - peak) if allowed[k] else zero
        total += scores[k]
    if total > 0:
        for k in range(K):
            scores[k] /= total


@attention.twin("numba")
@compiled
def attention_loops(Q, K, V, mask):
    (N, Tq, D), (_, Tk, Dv) = Q.shape, V.shape
    A, Y, root = np.zeros((N, Tq, Tk), Q.dtype), np.zeros((N, Tq, Dv), Q.dtype), Q.dtype.type(math.sqrt(D))
    for n in range(N):
        for q in range(Tq):
            for k in range(Tk):
                for d in range(D):
                    A[n, q, k] += Q[n, q, d] * K[n, k, d]
                A[n, q, k] /= root
            masked_softmax(A[n, q], mask[n, q])
            for k in range(Tk):
                for d in range(Dv):
                    Y[n, q, d] += A[n, q, k] * V[n, k, d]
    return Y, A


@cuda.jit
def attention_kernel(Q, K, V, mask, Y, A):
    """One thread per query: score every key, make its row of A a softmax, mix the values."""
    n, q = cuda.grid(2)
    N, Tq, D = Q.shape
    Tk, Dv = V.shape[1], V.shape[2]
    if n < N and q < Tq:
        zero, root = Q.dtype.type(0), Q.dtype.type(math.sqrt(D))
        peak, sum_of_exp = Q.dtype.type(-math.inf), zero
        for k in range(Tk):
            score = zero
            for d in range(D):
                score += Q[n, q, d] * K[n, k, d]
            A[n, q, k] = score / root
            if mask[n, q, k]:
                peak = max(peak, A[n, q, k])
        for k in range(Tk):
            A[n, q, k] = math.exp(A[n, q, k] - peak) if mask[n, q, k] else zero
            sum_of_exp += A[n, q, k]
        if sum_of_exp > 0:
            for k in range(Tk):
                A[n, q, k] /= sum_of_exp
        for d in range(Dv):
            mixed = zero
            for k in range(Tk):
                mixed += A[n, q, k] * V[n, k, d]
            Y[n, q, d] = mixed


@attention.twin("cuda")
def attention_cuda(Q, K, V, mask):
    (N, Tq, _), (_, Tk, Dv) = Q.shape, V.shape
    Y, A = output((N, Tq, Dv), Q.dtype), output((N, Tq, Tk), Q.dtype)
    launch(attention_kernel, (N, Tq), *map(to_device, (Q, K, V, mask)), Y, A)
    return Y.copy_to_host(), A.copy_to_host()


@operation(dY="N Tq Dv", Q="N Tq D", K="N Tk D", V="N Tk Dv", A="N Tq Tk")
def attention_backward(dY, Q, K, V, A):
    """dV = Aᵀ dY;   dA = dY Vᵀ;   dS = A ⊙ (dA − Σ_k A ⊙ dA) / √D;   dQ = dS K;   dK = dSᵀ Q

    dY (N, Tq, Dv) the gradient of the loss at Y; Q (N, Tq, D), K (N, Tk, D), V (N, Tk, Dv) as in the forward pass,
    A (N, Tq, Tk) its weights; where A is 0, by the mask or not, nothing flows
    -> dQ (N, Tq, D), dK (N, Tk, D), dV (N, Tk, Dv). Raises ValueError unless the shapes agree.
    """
    dA = dY @ V.transpose(0, 2, 1)
    dS = A * (dA - np.sum(A * dA, axis=2, keepdims=True)) / Q.shape[2] ** 0.5
    return dS @ K, dS.transpose(0, 2, 1) @ Q, A.transpose(0, 2, 1) @ dY


@attention_backward.twin("numba")
@compiled
def attention_backward_loops(dY, Q, K, V, A):
    (N, Tq, D), (_, Tk, Dv) = Q.shape, V.shape
    dQ, dK, dV = np.zeros(Q.shape, Q.dtype), np.zeros(K.shape, K.dtype), np.zeros(V.shape, V.dtype)
    dA, zero, root = np.empty(Tk, A.dtype), A.dtype.type(0), A.dtype.type(math.sqrt(D))
    for n in range(N):
        for q in range(Tq):
            mean = zero
            for k in range(Tk):
                total = zero
                for d in range(Dv):
                    total += dY[n, q, d] * V[n, k, d]
                for d in range(Dv):
                    dV[n, k, d] += A[n, q, k] * dY[n, q, d]
                dA[k] = total
                mean += A[n, q, k] * total
            for k in range(Tk):
                dS = A[n, q, k] * (dA[k] - mean) / root
                for d in range(D):
                    dQ[n, q, d] += dS * K[n, k, d]
                    dK[n, k, d] += dS * Q[n, q, d]
    return dQ, dK, dV


@cuda.jit
def attention_query_gradient_kernel(dY, K, V, A, dS, dQ):
    """One thread per query: its row of dS, and dQ from it."""
    n, q = cuda.grid(2)
    N, Tq, D = dQ.shape
    Tk, Dv = V.shape[1], V.shape[2]
    if n < N and q < Tq:
        zero, root = dQ.dtype.type(0), dQ.dtype.type(math.sqrt(D))
        mean = zero
        for k in range(Tk):
            dA = zero
            for d in range(Dv):
                dA += dY[n, q, d] * V[n, k, d]
            dS[n, q, k] = dA
            mean += A[n, q, k] * dA
        for k in range(Tk):
            dS[n, q, k] = A[n, q, k] * (dS[n, q, k] - mean) / root
        for d in range(D):
            total = zero
            for k in range(Tk):
                total += dS[n, q, k] * K[n, k, d]
            dQ[n, q, d] = total


@cuda.jit
def transposed_product_kernel(A, B, out):
    """out = Aᵀ B for every example, one thread per row of out: each key gathers from all queries, without atomics."""
    n, k = cuda.grid(2)
    N, Tk, D = out.shape
    if n < N and k < Tk:
        for d in range(D):
            total = out.dtype.type(0)
            for q in range(A.shape[1]):
                total += A[n, q, k] * B[n, q, d]
            out[n, k, d] = total


@attention_backward.twin("cuda")
def attention_backward_cuda(dY, Q, K, V, A):
    (N, Tq, _), Tk = Q.shape, K.shape[1]
    dQ, dK, dV, dS = (output(array.shape, array.dtype) for array in (Q, K, V, A))
    dY, Q, K, V, A = map(to_device, (dY, Q, K, V, A))
    launch(attention_query_gradient_kernel, (N, Tq), dY, K, V, A, dS, dQ)
    launch(transposed_product_kernel, (N, Tk), dS, Q, dK)
    launch(transposed_product_kernel, (N, Tk), A, dY, dV)
    return dQ.copy_to_host(), dK.copy_to_host(), dV.copy_to_host()
