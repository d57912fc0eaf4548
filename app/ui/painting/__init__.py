"""What is painted, as arrays and images: levels, colours, overlays, view geometry; no widgets."""
