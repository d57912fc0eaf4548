"""Which libraries that the program can do without are installed."""

from __future__ import annotations

import importlib.util


def has_torch() -> bool:
    """Whether PyTorch, which networks need, is installed. Does not import it."""
    return importlib.util.find_spec("torch") is not None
