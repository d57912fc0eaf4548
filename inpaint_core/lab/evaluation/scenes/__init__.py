"""Rendered photos for scoring and timing. Training pictures are drawn elsewhere, on purpose."""
