"""The photo being worked on, without Qt: mask, fills, history."""
