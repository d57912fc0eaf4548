"""The open photo: layers, edits, history and mask drawing. No Qt, no files, no engine."""
