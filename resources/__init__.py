"""Files that ship with Lacuna: its sentences in every language, sample photos and the icon."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """The file ``name``, relative to this folder, in a checkout and in an installed wheel alike.

    Raises FileNotFoundError: a missing file means a broken installation.
    """
    found = _ROOT / name
    if not found.is_file():
        raise FileNotFoundError(f"this installation lacks resources/{name}")
    return found
