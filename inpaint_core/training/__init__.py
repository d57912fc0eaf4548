"""Training of the networks: photos, holes, losses, the loop and its checkpoints."""
