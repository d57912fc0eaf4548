"""Networks' weights that ship with Lacuna, and the manifest that says what each file is."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
"""Where the weights files and their manifest lie."""


def path(name: str) -> Path:
    """The file ``name``, relative to this folder, in a checkout and in an installed wheel alike.

    Raises FileNotFoundError when this installation does not carry it.
    """
    found = FOLDER / name
    if not found.is_file():
        raise FileNotFoundError(f"this installation lacks weights/{name}")
    return found


def manifest() -> list[dict[str, Any]]:
    """One entry per weight file, as `manifest.json` lists them."""
    listed: dict[str, list[dict[str, Any]]] = json.loads(path("manifest.json").read_text("utf-8"))
    return [*listed["weights"], *listed.get("helpers", [])]
