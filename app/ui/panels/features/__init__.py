"""The Features panel: feature maps and where a fill came from. Nothing here computes a map."""
