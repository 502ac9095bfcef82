"""The promises: parametrized over the registries, so that a new exercise is tested by existing."""
