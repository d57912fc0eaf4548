"""ZITS: edges and lines completed by a transformer, then added to a network of the picture."""
