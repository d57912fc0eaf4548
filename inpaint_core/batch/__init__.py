"""Many photos, one after the other: which, with what mask, and what became of each."""
