"""Weights of other programs: imported, listed, and when they were used; asks nothing of photos."""
