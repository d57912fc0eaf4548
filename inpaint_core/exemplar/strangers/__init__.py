"""Things that must not be copied into a hole; looks at arrays and fills nothing."""
