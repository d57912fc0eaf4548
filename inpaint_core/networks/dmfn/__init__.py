"""The dense multi-scale fusion network, at use and in training."""
