"""Open photos and what is done with them: fills, projects, export, engines. QtCore, no widgets."""
