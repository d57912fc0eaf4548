"""From a photo to a file, whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from inpaint_core.contract.errors import BadRequest, CannotWrite, OutOfMemory
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.atomic_file import check_room, replacing
from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.formats.jpeg import jpeg
from inpaint_core.photo.formats.png import png
from inpaint_core.photo.mask_picture import eight_bits
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Photo

_Parts = Sequence[bytes]


class _Strips(Protocol):
    """A format that is written in strips."""

    def estimate(self, photo: Photo) -> int:
        """About how many bytes the pixels will take."""

    def write(self, photo: Photo, stream: BinaryIO, progress: Progress) -> None:
        """Write the whole file."""


_WEBP_SIDE = 16383


@dataclass(frozen=True, slots=True)
class Format:
    """What a file format can hold beside 8-bit RGB."""

    name: str
    deep: bool = False
    alpha: bool = False
    grey: bool = True
    icc: bool = True
    exif: bool = True
    xmp: bool = True
    iptc: bool = True


_JPEG = Format("JPEG")
_PNG = Format("PNG", deep=True, alpha=True)
_TIFF = Format("TIFF", deep=True, alpha=True)
_WEBP = Format("WebP", alpha=True, grey=False, iptc=False)
_BMP = Format("BMP", icc=False, exif=False, xmp=False, iptc=False)
FORMATS = {
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".png": _PNG,
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".webp": _WEBP,
    ".bmp": _BMP,
}
"""What can be written, by the name's extension in lower case."""


def format_of(path: Path) -> Format:
    """The format that the name's extension stands for. Raises `CannotWrite` for any other."""
    known = FORMATS.get(path.suffix.lower())
    if known is None:
        why = f"“{path.suffix}” is no format known here" if path.suffix else "it has no extension"
        raise CannotWrite(
            f"“{path}” cannot be written: {why}.",
            f"Choose a name that ends in one of {', '.join(FORMATS)}.",
        )
    return known


def write_photo(
    path: Path,
    photo: Photo,
    *,
    quality: int | None = None,
    sampling: str = "",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> tuple[str, ...]:
    """Write the photo in the format that the name's extension says.

    ``quality`` 1 to 100 is for JPEG and WebP (100 = lossless in WebP); None is, for a photo that
    was a JPEG, the source's own compression, else 95. ``sampling`` is a JPEG's chroma: "4:4:4",
    "4:2:2", "4:2:0", or "" for what suits the quality. The file appears whole or not at all, also
    when ``progress`` is cancelled on the way. EXIF data gets the program's name, the pixels' size
    and, in a JPEG, a new thumbnail. Returns sentences for a person on what could not be
    kept. A grey photo is written in grey while its channels are equal. Raises `CannotWrite`,
    `OutOfMemory`, `Cancelled`, or `BadRequest` for a quality or sampling out of range.
    """
    progress = Progress() if progress is None else progress
    if quality is not None and not 1 <= quality <= 100:
        raise BadRequest(f"The quality {quality} is not between 1 and 100.", "Choose 90 to 95.")
    kind = format_of(path)
    try:
        with replacing(path, overwrite) as stream:
            ready, notes = fitted(photo, kind)
            progress.check()
            more = _put(path, stream, stamped(ready, kind), kind, quality, sampling, progress)
            progress.check()
    except MemoryError as error:
        raise OutOfMemory(
            f"There is not enough memory to write “{path}”.", "Close other programs."
        ) from error
    return notes + more


def _put(
    path: Path,
    stream: BinaryIO,
    photo: Photo,
    kind: Format,
    quality: int | None,
    sampling: str,
    progress: Progress,
) -> tuple[str, ...]:
    """Write the file's content into ``stream``, by strips where the format can; returns notes."""
    by_strips = _by_strips(kind)
    if by_strips is not None:
        check_room(path, by_strips.estimate(photo))
        by_strips.write(photo, stream, progress)
        return ()
    parts, notes = encode(photo, kind, quality, sampling)
    check_room(path, sum(memoryview(part).nbytes for part in parts))
    for part in parts:
        progress.check()
        stream.write(part)
    return notes


def _by_strips(kind: Format) -> _Strips | None:
    if kind is _PNG:
        return png
    if kind is _TIFF:
        from inpaint_core.photo.formats.tiff import tiff_writer as strips

        return strips
    return None


def stamped(photo: Photo, kind: Format) -> Photo:
    """The photo, its EXIF data brought up to date: size, software, and a JPEG's thumbnail.

    Where the data gets too long for a JPEG by that, it goes without a thumbnail, or as it was.
    """
    if photo.exif is None:
        return photo
    from inpaint_core import __version__

    size = (photo.shape[1], photo.shape[0])
    small = None
    if kind is _JPEG:
        from inpaint_core.photo.thumbnail import embedded

        small = embedded(photo)
    most = jpeg.EXIF_MOST if kind is _JPEG else 1 << 32
    for thumbnail in (small, None):
        block = exif.stamped(photo.exif, size, f"Lacuna {__version__}", thumbnail)
        if len(block) <= most:
            return replace(photo, exif=block)
    return photo


def fitted(photo: Photo, kind: Format) -> tuple[Photo, tuple[str, ...]]:
    """The photo as far as the format holds it, and what had to go."""
    notes = []
    if photo.bits == 16 and not kind.deep:
        pixels, alpha = eight_bits(photo.pixels), photo.alpha
        alpha = None if alpha is None else eight_bits(alpha)
        photo = replace(photo, pixels=pixels, alpha=alpha)
        notes.append(f"{kind.name} has 8 bits per channel: the photo's 16 were rounded.")
    if photo.alpha is not None and not kind.alpha:
        photo = replace(photo, alpha=None)
        notes.append(f"{kind.name} has no transparency: it was left out.")
    grey = photo.grey and kind.grey and _is_grey(photo)
    if kind is _PNG and photo.alpha is not None:
        grey = False  # OpenCV writes no PNG of grey and alpha; RGBA holds the same
    photo = replace(photo, grey=grey)
    space = b"GRAY" if grey else b"RGB "
    if photo.icc is not None and kind.icc and not grey and photo.icc[16:20] == b"GRAY":
        photo = replace(photo, icc=colour.as_rgb(photo.icc) or photo.icc)
    if photo.icc is not None and kind.icc and photo.icc[16:20] != space:
        photo = replace(photo, icc=None)
        notes.append("The colour profile was left out: it is for another kind of pixels.")
    blocks = {
        "the colour profile": (photo.icc, kind.icc),
        "EXIF data": (photo.exif, kind.exif),
        "XMP data": (photo.xmp, kind.xmp),
        "IPTC data": (photo.iptc, kind.iptc),
    }
    lost = [title for title, (block, held) in blocks.items() if block is not None and not held]
    if lost:
        notes.append(f"{kind.name} cannot hold {' and '.join(lost)}: left out.")
    photo = replace(
        photo,
        icc=photo.icc if kind.icc else None,
        exif=photo.exif if kind.exif else None,
        xmp=photo.xmp if kind.xmp else None,
        iptc=photo.iptc if kind.iptc else None,
    )
    return photo, tuple(notes)


def _is_grey(photo: Photo) -> bool:
    red = photo.pixels[:, :, 0]
    return all(np.array_equal(red, photo.pixels[:, :, channel]) for channel in (1, 2))


def encode(
    photo: Photo, kind: Format, quality: int | None, sampling: str = ""
) -> tuple[_Parts, tuple[str, ...]]:
    """The parts of the file, in order, and notes. ``photo`` must be `fitted` to the format."""
    if kind is _JPEG:
        coded, notes = jpeg.encode(photo, quality, sampling)
        return [coded], notes
    by_strips = _by_strips(kind)
    if by_strips is not None:
        out = io.BytesIO()
        by_strips.write(photo, out, Progress())
        return [out.getvalue()], ()
    if kind is _WEBP:
        return [_webp(photo, jpeg.DEFAULT_QUALITY if quality is None else quality)], ()
    return [_bmp(photo)], ()


def _webp(photo: Photo, quality: int) -> bytes:
    from PIL import Image, WebPImagePlugin  # noqa: F401 (registers the encoder)

    if max(photo.shape) > _WEBP_SIDE:
        raise CannotWrite(
            f"A WebP holds at most {_WEBP_SIDE} pixels a side.",
            "Write a JPEG, PNG or TIFF instead.",
        )
    values = photo.pixels if photo.alpha is None else np.dstack([photo.pixels, photo.alpha])
    lossless = quality == 100
    out = io.BytesIO()
    Image.fromarray(values).save(
        out,
        "WEBP",
        lossless=lossless,
        # Lossless, these two are effort: measured, the least takes an eighth of the time of the
        # usual and makes the file 4 % larger.
        quality=0 if lossless else quality,
        method=0 if lossless else 4,
        exact=True,  # keeps the colours under full transparency
        icc_profile=photo.icc or b"",
        exif=photo.exif or b"",
        xmp=photo.xmp or b"",
    )
    return out.getvalue()


def _bmp(photo: Photo) -> bytes:
    from PIL import BmpImagePlugin, Image  # noqa: F401 (registers the encoder)

    out = io.BytesIO()
    pixels = photo.pixels[:, :, 0] if photo.grey else photo.pixels
    Image.fromarray(pixels).save(out, "BMP", dpi=photo.dpi or (96, 96))
    return out.getvalue()
