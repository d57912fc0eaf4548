"""Photo files: decode, encode, colour, metadata. No torch, no Qt."""
