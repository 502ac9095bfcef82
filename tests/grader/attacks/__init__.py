"""Hostile and broken submissions: each is one function `attack_…`, graded here and, where that is safe, by plain nbgrader."""
