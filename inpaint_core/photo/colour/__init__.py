"""ICC profiles and conversion between colour spaces; no files and no formats."""
