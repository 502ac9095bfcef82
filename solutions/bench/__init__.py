"""How fast the reference is, measured side by side with what others would use: `python -m solutions.bench`.

Ratios only, and only of what ran in the same process, turn by turn: an absolute time says more about the machine
and what else it was doing. A miss is printed as a miss.
"""
