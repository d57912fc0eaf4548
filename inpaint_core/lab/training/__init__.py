"""Trains the networks on photos and drawn pictures; imports PyTorch, and only `cli` may use it."""
