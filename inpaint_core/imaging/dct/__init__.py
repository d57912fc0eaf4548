"""A JPEG's own numbers: reading, changing and writing DCT coefficients without decoding them."""
