"""The panels docked beside the canvas. They show and choose; computing belongs elsewhere."""
