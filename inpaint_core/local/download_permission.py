"""Whether anything may be fetched from the network: one switch for the editor and for commands."""

from __future__ import annotations

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.local.own_folders import config_folder, write_private

_OFF_FILE = "downloads-off"


def are_downloads_allowed() -> bool:
    """True unless somebody switched them off. Nothing is fetched without being asked for anyway."""
    return not (config_folder() / _OFF_FILE).exists()


def allow_downloads(on: bool) -> None:
    """Allow downloads, or switch them off. Raises `CannotWrite`."""
    path = config_folder() / _OFF_FILE
    try:
        if on:
            path.unlink(missing_ok=True)
        else:
            write_private(path, b"Nothing is fetched while this file is here.\n")
    except OSError as error:
        raise CannotWrite("weights.no_folder", path=path.parent) from error
