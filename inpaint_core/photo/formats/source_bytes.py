"""The bytes of a picture file, and what kind of picture they are."""

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
    PhotoUnsupported,
)

MAX_PIXELS = 300_000_000
"""Pixels a photo may have unless said otherwise: 16-bit RGB then takes 1.8 GB."""

_RAW = (
    ".3fr .arw .cr2 .cr3 .crw .dng .erf .iiq .kdc .mos .mrw .nef .nrw .orf .pef .raf .raw .rw2"
    " .rwl .sr2 .srf .srw .x3f"
)
ENDINGS = (
    *("jpg", "jpeg", "png", "tif", "tiff", "webp", "heic", "heif", "hif", "avif", "jxl"),
    *("bmp", "gif"),
    *_RAW.replace(".", "").split(),
)
"""The usual endings of files that can be read, some only where an optional decoder is."""

_READABLE = "Convert it to JPEG, PNG, TIFF or WebP first."
# Fuji, Olympus (two), Panasonic, Minolta, Sigma: raw files that are no TIFF in the plain sense.
_RAW_STARTS = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"IIU\0", b"\0MRM", b"FOVb")
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


def read_bytes(path: Path, max_pixels: int) -> bytes:
    """The whole file. Raises `FileUnreadable`, `PhotoDamaged` (empty) or `PhotoTooLarge`."""
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise IsADirectoryError
        if not stat.S_ISREG(info.st_mode):  # opening a pipe would wait for ever
            raise FileUnreadable(f"“{path}” is not an ordinary file.", "Choose a photo file.")
        # No photo needs more than 16-bit RGBA, metadata aside.
        if info.st_size > 8 * max_pixels + (256 << 20):
            raise PhotoTooLarge(
                f"“{path}” has {info.st_size / 1e9:.1f} GB, more than a photo of"
                f" {max_pixels / 1e6:g} megapixels can have.",
                "Raise the limit (--max-pixels) if this is really a photo.",
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise FileUnreadable(f"There is no file “{path}”.", "Check the name.") from error
    except IsADirectoryError as error:
        raise FileUnreadable(f"“{path}” is a folder.", "Choose a photo in it.") from error
    except PermissionError as error:
        raise FileUnreadable(f"“{path}” may not be read.", "Check its permissions.") from error
    except OSError as error:
        raise FileUnreadable(
            f"“{path}” cannot be read: {error.strerror or error}.", "Check the name and the disk."
        ) from error
    if not data:
        raise PhotoDamaged(f"“{path}” is empty.", "Copy the photo again from where it came.")
    return data


def kind_of(data: bytes, path: Path) -> str:
    """The format's name from the first bytes, whatever the file is called; only a camera's raw
    file is known by its name.

    Raises `PhotoUnsupported` for a picture that is known but not read, `PhotoDamaged` otherwise.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if path.suffix.lower() in _RAW.split():
        return "RAW"  # most of them look like a TIFF
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data.startswith(b"BM"):
        return "BMP"
    if data[4:8] == b"ftyp":
        return _container(data, path)
    if data.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")):
        return "JXL"
    if data.startswith(_RAW_STARTS):
        return "RAW"
    name = _unsupported(data)
    if name is not None:
        raise PhotoUnsupported(f"“{path}” is a {name}, which cannot be read.", _READABLE)
    raise PhotoDamaged(
        f"“{path}” is not a picture, or its beginning is damaged.",
        "Choose a JPEG, PNG, TIFF or WebP photo.",
    )


def _container(data: bytes, path: Path) -> str:
    """What a file of ISO boxes holds, by its brands (ISO/IEC 14496-12, section 4.3)."""
    end = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))}
    if data[8:12] == b"crx ":
        return "RAW"  # Canon's CR3
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIF_BRANDS:
        return "HEIF"
    raise PhotoUnsupported(
        f"“{path}” is a video or photo of a kind not known here, which cannot be read.", _READABLE
    )


def _unsupported(data: bytes) -> str | None:
    for magic, name in {
        b"8BPS": "Photoshop document",
        b"\x00\x00\x00\x0cjP  ": "JPEG 2000 picture",
        b"gimp xcf": "GIMP project",
        b"%PDF": "PDF document",
        b"\x76\x2f\x31\x01": "OpenEXR picture",
        b"#?RADIANCE": "Radiance HDR picture",
    }.items():
        if data.startswith(magic):
            return name
    return None


def check_size(width: int, height: int, max_pixels: int, path: Path) -> None:
    """Raise `PhotoTooLarge` from the size a header states, before memory is taken."""
    if width <= 0 or height <= 0:
        raise PhotoDamaged(
            f"“{path}” says it is {width} x {height} pixels.", "Export it again from its source."
        )
    if width * height > max_pixels:
        raise PhotoTooLarge(
            f"“{path}” has {width} x {height} = {width * height / 1e6:,.0f} megapixels;"
            f" the limit is {max_pixels / 1e6:,.6g}.",
            "Raise the limit (--max-pixels) if you trust the file and have the memory.",
        )


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises over bad bytes into an `InpaintError`.

    The decoders parse bytes from anywhere and raise nearly every exception there is over them, so
    here, and only here, all are caught. Their warnings (odd metadata that they skip) are no news
    to a person. `warnings.catch_warnings` is not thread-safe: files are read on one thread.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InpaintError:
        raise
    except MemoryError as error:
        raise OutOfMemory(
            f"“{path}” does not fit into memory.", "Close other programs, or use a smaller copy."
        ) from error
    except Exception as error:
        raise damaged(path, str(error)) from error


def damaged(path: Path, reason: str) -> PhotoDamaged:
    """The refusal of a file whose pixels cannot be decoded."""
    if "truncated" in reason.lower():
        return PhotoDamaged(
            f"“{path}” is cut off before its end.", "Copy the photo again from where it came."
        )
    return PhotoDamaged(
        f"“{path}” is damaged and cannot be decoded.",
        "Open it in another program and export it again, or copy it again from where it came.",
    )
