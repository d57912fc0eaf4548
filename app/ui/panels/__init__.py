"""The docks beside the canvas: one file per panel."""
