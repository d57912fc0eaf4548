"""Exemplar texture synthesis, which copies real texture into the hole; no networks."""
