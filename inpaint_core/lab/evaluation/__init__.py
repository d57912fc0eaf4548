"""Scores fills against the truth and tabulates scores and times. It may not import training."""
