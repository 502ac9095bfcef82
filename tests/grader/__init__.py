"""The judge: exercises, releases, verdicts, attacks."""
