"""The photo formats, one file or folder each with the same verbs, and what they share.

Nothing outside of a format's own file or folder asks which format it has."""
