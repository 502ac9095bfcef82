"""The judge: turns the stages into releases, and submissions into verdicts that student code cannot touch.

Read `exercise.py` first, then `challenge.py`: fresh inputs out, answers back, verdict.
"""

import os

# Kernels are graded in numba's simulator, where every access can be watched; it must be chosen before numba is imported.
os.environ.setdefault("NUMBA_ENABLE_CUDASIM", "1")
