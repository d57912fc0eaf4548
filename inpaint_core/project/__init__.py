"""Projects: the edits of a photo in a file (docs/project.md). Nothing here fills or shows them."""
