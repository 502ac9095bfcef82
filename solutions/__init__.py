"""The truth: every operation of the course as mathematics (NumPy), as loops (Numba) and as kernels (CUDA).

One file per concept. Read `perceptron.py` first; `twins.py` explains how the three versions belong together.
`networks` puts them together at full speed, where you say so on several threads, and `fast` has what makes them fast;
`python -m solutions.bench` measures that. Importing a file registers its operations in `solutions.twins.OPERATIONS` and
compiles nothing.

What holds for every operation: it leaves its arguments as they are; float32 stays float32 and float64 float64, unless
its docstring says "a float" or float64; arguments of another rank, size or kind are refused with a ValueError that
names the argument, says what came and what was expected (`shapes.py`).
"""
