"""The kit a learner has in hand: what it shows, what it remembers, what it never does."""
