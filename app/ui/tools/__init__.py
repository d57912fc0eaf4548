"""The tools, which turn pointer events over the canvas into edits; they do not know the canvas."""
