"""Which process has the window that others hand their photos to."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

from filelock import FileLock, Timeout

from inpaint_core.local.own_folders import config_folder, make_private, state_folder


def window_address() -> Path:
    """Where the window of this user, this machine and these settings listens: a socket in a folder
    that nobody else can enter, or a name for a pipe on Windows.
    """
    # Machines may share a home, and a socket reaches only its own.
    key = hashlib.sha256(f"{config_folder()}\0{platform.node()}".encode(errors="surrogateescape"))
    return state_folder() / f"window-{key.hexdigest()[:12]}"


def claim_window(address: Path) -> FileLock | None:
    """A lock that this process holds from now on, until it releases it or ends in any way; None if
    another process holds it. Raises OSError where no lock can be had.
    """
    make_private(address.parent)
    claim = FileLock(address.with_suffix(".lock"), timeout=0, mode=0o600)
    try:
        claim.acquire()
    except Timeout:
        return None
    except NotImplementedError as error:  # a file system without locks
        raise OSError(str(error)) from error
    return claim
