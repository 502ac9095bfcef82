"""The place where student code runs: what it can do there, and what it cannot."""
