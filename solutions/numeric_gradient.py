"""Slopes without calculus, and walking down them.

Central differences are the yardstick every analytic gradient of the course is measured with: their error shrinks
with ε², a forward difference's only with ε. In float32 they are useless, so they are always taken in float64.

Source: W. Press et al., "Numerical recipes", Cambridge University Press (2007), section 5.7; the descent:
A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", Comptes rendus 25 (1847).
"""

import numpy as np

from solutions.twins import operation


# No twins: the time goes into f, two calls for every entry of x.
@operation(x="*:number", eps=":float > 0")
def numeric_gradient(f, x, eps=1e-5):
    """g[i] = (f(x + ε·e_i) − f(x − ε·e_i)) / 2ε           (e_i: 1 at entry i, 0 elsewhere)

    f a function from an array to one number, x any shape -> g of the shape of x, always float64.
    x comes out as it went in; integers in x are taken as floats, for an integer cannot move by ε.
    """
    x = np.array(x, dtype=float)  # a copy
    g = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        middle = x[i]
        x[i] = middle + eps
        above = f(x)
        x[i] = middle - eps
        below = f(x)
        x[i] = middle
        g[i] = (above - below) / (2 * eps)
    return g


# No twins: each step needs the one before it, and the time goes into `gradient`.
@operation(x0="*", lr="", steps=":int >= 0")
def gradient_descent(gradient, x0, lr=0.1, steps=100):
    """x_{t+1} = x_t − lr · gradient(x_t)

    gradient a function from an array to an array of its shape, x0 the start, of any shape
    -> the path (steps + 1, *x0.shape): x0 first, the answer last.
    """
    path = [x0]
    for _ in range(steps):
        path.append(path[-1] - lr * gradient(path[-1]))
    return np.stack(path)
