"""The truth: every operation of the course as mathematics (NumPy), as loops (Numba) and as kernels (CUDA).

One file per concept. Read `perceptron.py` first; `twins.py` explains how the three versions belong together.
Importing a file registers its operations in `solutions.twins.OPERATIONS` and compiles nothing.
"""
