"""The truth: every operation of the course as mathematics (NumPy), as loops (Numba) and as kernels (CUDA).

One file per concept. Read `perceptron.py` first; `twins.py` explains how the three versions belong together.
`networks` puts them together at full speed, on the products of `blocked.py`; `python -m solutions.bench` measures that.
Importing a file registers its operations in `solutions.twins.OPERATIONS` and compiles nothing.
"""
