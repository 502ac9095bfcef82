"""Shared memory that is shared: numba's simulator looks for a block's array first and stores a new one after.

Two threads that arrive together may so get one each, and a sum loses what the second one's holds. It happens once
in some ten thousand blocks, on a busy machine. Finding and storing in one step mends it.
"""

import sys

import numpy as np
import pytest
from numba.core import types
from numba.np import numpy_support

from solutions import cuda
from solutions.fast.threads import set_threads
from solutions.networks import tier


@pytest.fixture(autouse=True, scope="session")
def one_shared_array_per_block():
    if not cuda.SIMULATED:
        yield
        return
    from numba.cuda.simulator.kernelapi import FakeCUDAShared

    def array(self, shape, dtype):
        caller = sys._getframe(1)  # like numba, tell allocations apart by their line
        dtype = numpy_support.as_dtype(dtype) if isinstance(dtype, types.Type) else dtype
        return self._allocations.setdefault((caller.f_code, caller.f_lineno), np.empty(shape, dtype))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeCUDAShared, "array", array)
        yield


@pytest.fixture
def tier_as_before():
    """For tests that choose how networks compute: the next one finds what this one found."""
    before = tier.tier()
    yield
    tier.set_tier(before)
    set_threads(1)
