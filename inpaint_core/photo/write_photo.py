"""Writing a photo to a file."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np

from inpaint_core.contract.arrays import Pixels
from inpaint_core.contract.errors import BadRequest, CannotWrite, OutOfMemory
from inpaint_core.contract.message import Message
from inpaint_core.contract.output_options import OutputOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.atomic_file import check_free_space, write_atomically
from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.formats.format import Strips, WritableFormat
from inpaint_core.photo.formats.registry import find_writable_format
from inpaint_core.photo.metadata import exif, xmp
from inpaint_core.photo.metadata.privacy import filter_metadata
from inpaint_core.photo.photo import Photo, to_eight_bits


def write_photo(
    path: Path,
    photo: Photo,
    *,
    quality: int | None = None,
    sampling: str = "",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> tuple[Message, ...]:
    """Write the photo in the format that the name's extension says.

    ``quality`` 1 to 100 is for JPEG and WebP (100 = lossless in WebP); None keeps the compression
    of a photo that was a JPEG, and is 95 otherwise. ``sampling`` is a JPEG's chroma: "4:4:4",
    "4:2:2", "4:2:0", or "" for what suits the quality. The file appears whole or not at all, also
    when ``progress`` is cancelled. EXIF data gets the program's name, the pixels' size and, in a
    JPEG, a new thumbnail. Returns notes on what could not be kept. A grey photo is written in grey
    while its channels are equal. Raises `CannotWrite`,
    `OutOfMemory`, `Cancelled`, or `BadRequest` for a quality or sampling out of range.
    """
    progress = Progress() if progress is None else progress
    if quality is not None and not 1 <= quality <= 100:
        raise BadRequest("photo.bad_quality", quality=quality)
    file_format = find_writable_format(path)
    try:
        with write_atomically(path, overwrite) as stream:
            ready, notes = fit_to_format(photo, file_format)
            progress.check()
            more = _write(
                path,
                stream,
                stamp_exif(ready, file_format),
                file_format,
                quality,
                sampling,
                progress,
            )
            progress.check()
    except MemoryError as error:
        raise OutOfMemory("photo.write_out_of_memory", path=path) from error
    return notes + more


def _write(
    path: Path,
    stream: BinaryIO,
    photo: Photo,
    file_format: WritableFormat,
    quality: int | None,
    sampling: str,
    progress: Progress,
) -> tuple[Message, ...]:
    """Write the file into ``stream``, strip by strip where the format can; returns notes."""
    if isinstance(file_format.encoder, Strips):
        check_free_space(path, file_format.encoder.estimate(photo))
        file_format.encoder.write(photo, stream, progress)
        return ()
    content, notes = file_format.encoder(photo, quality, sampling)
    check_free_space(path, len(content))
    progress.check()
    stream.write(content)
    return notes


def stamp_exif(photo: Photo, file_format: WritableFormat) -> Photo:
    """The photo with its EXIF data brought up to date: size, software, thumbnail.

    Where the data gets too long for the format, it goes without a thumbnail, or as it was.
    """
    if photo.exif is None:
        return photo
    from inpaint_core.contract.version import __version__

    size = (photo.shape[1], photo.shape[0])
    small = None
    if file_format.has_thumbnail:
        from inpaint_core.photo.thumbnail import make_exif_thumbnail

        small = make_exif_thumbnail(photo)
    for thumbnail in (small, None):
        block = exif.update_exif(photo.exif, size, f"Lacuna {__version__}", thumbnail)
        if len(block) <= file_format.exif_limit:
            return replace(photo, exif=block)
    return photo


def fit_to_format(photo: Photo, file_format: WritableFormat) -> tuple[Photo, tuple[Message, ...]]:
    """The photo reduced to what the format can hold, and notes on what was lost."""
    notes = []
    if photo.bits > file_format.depth:
        pixels, alpha = to_eight_bits(photo.pixels), photo.alpha
        alpha = None if alpha is None else to_eight_bits(alpha)
        photo = replace(photo, pixels=pixels, alpha=alpha)
        notes.append(Message("photo.rounded_to_8_bits", format=file_format.title))
    if photo.alpha is not None and not file_format.has_alpha:
        photo = replace(photo, alpha=None)
        notes.append(Message("photo.alpha_left_out", format=file_format.title))
    can_be_grey = file_format.has_grey if photo.alpha is None else file_format.has_grey_alpha
    grey = photo.is_grey and can_be_grey and _is_grey(photo)
    photo = replace(photo, is_grey=grey)
    space = b"GRAY" if grey else b"RGB "
    if photo.icc is not None and file_format.has_icc and not grey and photo.icc[16:20] == b"GRAY":
        photo = replace(photo, icc=colour.expand_grey_profile(photo.icc) or photo.icc)
    if photo.icc is not None and file_format.has_icc and photo.icc[16:20] != space:
        photo = replace(photo, icc=None)
        notes.append(Message("photo.profile_left_out"))
    blocks = {
        Message("photo.block.icc"): (photo.icc, file_format.has_icc),
        Message("photo.block.exif"): (photo.exif, file_format.exif_limit > 0),
        Message("photo.block.xmp"): (photo.xmp, file_format.has_xmp),
        Message("photo.block.iptc"): (photo.iptc, file_format.has_iptc),
    }
    lost = [title for title, (block, held) in blocks.items() if block is not None and not held]
    if lost:
        notes.append(Message("photo.metadata_left_out", format=file_format.title, blocks=lost))
    photo = replace(
        photo,
        icc=photo.icc if file_format.has_icc else None,
        exif=photo.exif if file_format.exif_limit > 0 else None,
        xmp=photo.xmp if file_format.has_xmp else None,
        iptc=photo.iptc if file_format.has_iptc else None,
    )
    return photo, tuple(notes)


def _is_grey(photo: Photo) -> bool:
    red = photo.pixels[:, :, 0]
    return all(np.array_equal(red, photo.pixels[:, :, channel]) for channel in (1, 2))


def encode_photo(
    photo: Photo, file_format: WritableFormat, quality: int | None, sampling: str = ""
) -> tuple[bytes, tuple[Message, ...]]:
    """The whole file, and notes; ``photo`` comes from `fit_to_format`."""
    if isinstance(file_format.encoder, Strips):
        out = io.BytesIO()
        file_format.encoder.write(photo, out, Progress())
        return out.getvalue(), ()
    return file_format.encoder(photo, quality, sampling)


HISTORY = "pixels were synthesised where something was removed"


def prepare_output(
    photo: Photo, options: OutputOptions, time: str | None = None
) -> tuple[Photo, tuple[Message, ...]]:
    """The photo as ``options`` want it, before it is fitted to a format, and what that cost.

    ``time`` (ISO 8601) is that of the entry in the history; None is now. Raises `CannotWrite`
    where the colours cannot be converted.
    """
    notes: tuple[Message, ...] = ()
    photo = filter_metadata(photo, options.metadata)
    if options.profile != "keep":
        try:
            photo, notes = colour.convert_colours(photo, options.profile)
        except ValueError as error:
            raise CannotWrite("photo.profile_unreadable") from error
    if options.history and options.metadata != "none":
        from inpaint_core.contract.version import __version__

        time = datetime.now(UTC).isoformat(timespec="seconds") if time is None else time
        packet = xmp.add_history(photo.xmp, time, f"Lacuna {__version__}", HISTORY)
        if packet is None:
            notes += (Message("photo.no_room_for_history"),)
        else:
            photo = replace(photo, xmp=packet)
    return _at_depth(photo, options.depth), notes


def _at_depth(photo: Photo, depth: int) -> Photo:
    if depth in (0, photo.bits):
        return photo

    def convert(values: Pixels) -> Pixels:
        # 257 = 65535 / 255: full stays full, and back is exact.
        return to_eight_bits(values) if depth == 8 else values.astype(np.uint16) * np.uint16(257)

    alpha = None if photo.alpha is None else convert(photo.alpha)
    return replace(photo, pixels=convert(photo.pixels), alpha=alpha)
