"""How long a learner waits: python -m course.bench [--json] [--rounds N]"""
