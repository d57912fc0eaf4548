"""TODO: one sentence on what lives here and what may not."""
