"""One file per paper whose figures can be drawn; each ends in ``SPEC = PaperSpec(…)``."""
