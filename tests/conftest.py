"""Settings every test shares, made before numba and matplotlib are imported anywhere."""

import os

# A machine with a GPU runs the same tests on it with NUMBA_ENABLE_CUDASIM=0.
os.environ.setdefault("NUMBA_ENABLE_CUDASIM", "1")
os.environ.setdefault("MPLBACKEND", "agg")

import sys

# The simulator runs one Python thread per CUDA thread; switching faster makes its barriers 6–9 times faster.
sys.setswitchinterval(5e-5)
