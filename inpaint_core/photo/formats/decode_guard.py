"""Reading a file's bytes within bounds, and turning what decoders raise into named errors."""

from __future__ import annotations

import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inpaint_core.contract.errors import (
    FileUnreadable,
    InpaintError,
    OutOfMemory,
    PhotoDamaged,
    PhotoTooLarge,
)

MAX_PIXELS = 300_000_000
"""Pixels a photo may have unless said otherwise: 16-bit RGB then takes 1.8 GB."""

INFLATION = 1032
"""The most bytes that one byte of Deflate can become: a match of 258 bytes in 2 bits."""
LZW_INFLATION = 2560
"""The same of LZW: a string of 3840 bytes, the longest that the table can hold, in 12 bits."""
_ANY_FILE = 1 << 24


def read_bytes(path: Path, max_pixels: int) -> bytes:
    """The whole file. Raises `FileUnreadable`, `PhotoDamaged` (empty) or `PhotoTooLarge`."""
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise IsADirectoryError
        if not stat.S_ISREG(info.st_mode):  # opening a pipe would block for ever
            raise FileUnreadable("photo.not_a_file", path=path)
        # No photo needs more than 16-bit RGBA, metadata aside.
        if info.st_size > 8 * max_pixels + (256 << 20):
            raise PhotoTooLarge(
                "photo.file_too_large", path=path, size=info.st_size / 1e9, limit=max_pixels
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise FileUnreadable("photo.no_such_file", path=path) from error
    except IsADirectoryError as error:
        raise FileUnreadable("photo.is_folder", path=path) from error
    except PermissionError as error:
        raise FileUnreadable("photo.no_permission", path=path) from error
    except OSError as error:
        reason = error.strerror or error
        raise FileUnreadable("photo.unreadable", path=path, reason=reason) from error
    if not data:
        raise PhotoDamaged("photo.empty", path=path)
    return data


def check_size(width: int, height: int, max_pixels: int, path: Path) -> None:
    """Raise `PhotoTooLarge` from the size a header states, before memory is taken."""
    if width <= 0 or height <= 0:
        raise PhotoDamaged("photo.impossible_size", path=path, width=width, height=height)
    if width * height > max_pixels:
        raise PhotoTooLarge(
            "photo.too_large",
            path=path,
            width=width,
            height=height,
            pixels=width * height,
            limit=max_pixels,
        )


def check_capacity(width: int, height: int, most: float, path: Path) -> None:
    """Raise `PhotoDamaged` where a header states more than ``most`` pixels, all that the file's
    bytes can hold in its coding, before memory is taken.

    Up to 16.8 megapixels, which take some 100 MB, any header is believed: a photo may be cut off.
    """
    if width * height > max(most, _ANY_FILE):
        raise PhotoDamaged("photo.too_few_bytes", path=path, width=width, height=height)


@contextmanager
def guard_decoding(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises over bad bytes into an `InpaintError`.

    Decoders parse bytes from anywhere and raise nearly every kind of exception over them, so here,
    and only here, all are caught. Their warnings (odd metadata that they skip) are suppressed.
    `warnings.catch_warnings` is not thread-safe: files are read on one thread.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InpaintError:
        raise
    except MemoryError as error:
        raise OutOfMemory("photo.out_of_memory", path=path) from error
    except Exception as error:
        raise damaged_photo(path, "truncated" in str(error).lower()) from error


def damaged_photo(path: Path, is_cut_off: bool = False) -> PhotoDamaged:
    """The error for a file that cannot be decoded: it ends too early, or is wrong inside."""
    if is_cut_off:
        return PhotoDamaged("photo.cut_off", path=path)
    return PhotoDamaged("photo.damaged", path=path)
