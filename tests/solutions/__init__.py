"""The reference against its twins, its oracles and finite differences."""
