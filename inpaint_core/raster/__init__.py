"""Array operations on images and masks: composition, membrane, scaling; no choice of engine."""
