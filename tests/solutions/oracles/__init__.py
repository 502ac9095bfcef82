"""One module per concept: what its operations are held against (see `Oracle` in tests/solutions/oracle.py)."""
