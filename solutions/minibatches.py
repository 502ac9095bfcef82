"""Mini-batches: one epoch as a row of small random groups that together hold every example once."""

from solutions.twins import operation


# No twins: one draw and some slices. Randomness comes from the host on every backend.
@operation(n=":int > 0", batch_size=":int > 0")
def minibatches(n, batch_size, rng):
    """batch k = order[k · batch_size : (k + 1) · batch_size]     order = a random permutation of 0 … n−1

    n examples, batch_size ≥ 1, rng a np.random.Generator, drawn from once: order = rng.permutation(n)
    -> a list of index arrays; the last is shorter where batch_size does not divide n. No example is lost.
    """
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]
