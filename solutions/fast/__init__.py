"""What makes `networks` fast, and what a reader may skip: no concept of the course needs it.

`blocked.py` multiplies matrices in plain loops that keep the arithmetic busy. `simd.py` does the same in vector
instructions, which `registers.py` writes, and `arithmetic.py` has an exponential function and a hyperbolic tangent that
become such; `vectors.py` tells LLVM what it has to know for that. `by_address.py`, `tape.py` and `threads.py` call
compiled loops without Python in between, and on several threads.
"""
