"""Open photos and what is done with them: fills, projects, export, recovery. QtCore, no widgets."""
