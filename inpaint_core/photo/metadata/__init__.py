"""EXIF, XMP and IPTC blocks: reading, correcting, removing; no pixels and no photo files."""
