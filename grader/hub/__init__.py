"""JupyterHub for one course: its configuration, what a student's nbgrader is told, and a page on how to use both."""
