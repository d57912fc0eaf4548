"""Registration of Lacuna's file types with the desktop; no Qt."""
