"""Projects: what was done to a photo, in a file that can be opened again (docs/project.md)."""
