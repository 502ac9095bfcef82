"""The judge: turns the stages into releases, and submissions into verdicts that student code cannot touch.

Read `exercise.py` first, then `challenge.py`: fresh inputs out, answers back, verdict.
"""
