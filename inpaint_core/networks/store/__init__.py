"""Weights files, their manifest, and the precision in which networks run; no networks."""
