"""JupyterHub with three throw-away system users: a test for root, a counted skip for everybody else."""
