"""Measures and trains engines. Only the command line and the developers' tools may import it."""
