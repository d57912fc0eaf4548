"""Writing a photo to a file: as a person wants it, as far as the format can hold it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from inpaint_core.contract.errors import BadRequest, CannotWrite, OutOfMemory
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import OutputOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.atomic_file import check_free_space, write_atomically
from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.colour.icc_profiles import SpaceName
from inpaint_core.photo.file_version import FileVersion
from inpaint_core.photo.formats.format import Encoded, Strips, WritableFormat
from inpaint_core.photo.formats.registry import find_writable_format
from inpaint_core.photo.metadata import exif, xmp
from inpaint_core.photo.metadata.previews import note_previews
from inpaint_core.photo.metadata.privacy import filter_metadata
from inpaint_core.photo.photo import Photo, name_blocks, note_lost_blocks, to_eight_bits, turn_back
from inpaint_core.photo.resize import resize_photo


def write_photo(
    path: Path,
    photo: Photo,
    *,
    quality: int | None = None,
    sampling: str = "",
    overwrite: bool = False,
    progress: Progress | None = None,
    seen: FileVersion | None = None,
    check: Callable[[Path], object] | None = None,
) -> tuple[Message, ...]:
    """Write the photo in the format that the name's extension says.

    ``quality`` 1 to 100 is for JPEG and WebP (100 = lossless in WebP); None keeps the compression
    and the orientation of a photo that was a JPEG, loses nothing in WebP of a photo whose file had
    lost nothing, and is 95 otherwise. ``sampling`` is a JPEG's
    chroma: "4:4:4", "4:2:2", "4:2:0", or "" for what suits the quality. The file appears whole or
    not at all, also when ``progress`` is cancelled. EXIF data gets the program's name, the pixels'
    size and, in a JPEG, a new thumbnail. Returns notes on what could not be kept. A grey photo is
    written in grey while its channels are equal. ``seen`` is the version of the file that may be
    replaced, None the one that is there now. ``check`` is called with the finished file before that
    takes its name. Raises what ``check`` raises, `CannotWrite` (`FileChanged` for a newer version
    than ``seen``), `OutOfMemory`, `Cancelled`, or `BadRequest` for a quality or sampling out of
    range.
    """
    progress = Progress() if progress is None else progress
    if quality is not None and not 1 <= quality <= 100:
        raise BadRequest("photo.bad_quality", quality=quality)
    find_writable_format(path)
    try:
        with write_atomically(path, overwrite, seen) as stream:
            notes = _write(photo, path, stream, quality, sampling, progress)
            if check is not None:
                stream.flush()
                check(Path(stream.name))
    except MemoryError as error:
        raise OutOfMemory("photo.write_out_of_memory", path=path) from error
    return notes


def _write(
    photo: Photo,
    path: Path,
    stream: BinaryIO,
    quality: int | None,
    sampling: str,
    progress: Progress,
) -> tuple[Message, ...]:
    """Write the photo to ``stream`` in the format of ``path``; returns notes."""
    file_format = find_writable_format(path)
    ready, notes = fit_to_format(photo, file_format)
    progress.check()
    laid = lay_as_in_file(ready, file_format, quality)
    kept = frozenset(laid.blocks)
    notes += note_lost_blocks(block for block in ready.blocks if block not in kept)
    ready = stamp_exif(laid, file_format)
    if photo.origin.has_thumbnail and ready.exif and not exif.has_thumbnail(ready.exif):
        notes += (note_previews("thumbnail"),)
    encoder = file_format.encoder
    if isinstance(encoder, Strips):
        check_free_space(path, encoder.estimate(ready))
        encoder.write(ready, stream, progress)
    else:
        content, more = encoder(ready, file_format.choose_quality(photo, quality), sampling)
        notes += more
        check_free_space(path, len(content))
        progress.check()
        stream.write(content)
    progress.check()
    return notes


def lay_as_in_file(photo: Photo, file_format: WritableFormat, quality: int | None) -> Photo:
    """The photo as its pixels are to lie in the file, by its origin's orientation.

    A JPEG that keeps its compression keeps its orientation too, as blocks stay the same only where
    they are. All others are written upright, without the parts of the file that say where things
    lay before.
    """
    orientation = photo.origin.orientation
    if photo.jpeg is None or not file_format.keeps_jpeg_blocks or quality is not None:
        orientation = 1
    if orientation == 1:
        places = photo.origin.orientation == 1
        blocks = tuple(block for block in photo.blocks if places or block.role != "place")
        return replace(photo, origin=replace(photo.origin, orientation=1), blocks=blocks)
    dpi = photo.dpi
    if orientation >= 5 and dpi is not None:
        dpi = (dpi[1], dpi[0])
    return replace(
        photo.map_arrays(lambda values: turn_back(values, orientation)),
        exif=None if photo.exif is None else exif.write_orientation(photo.exif, orientation),
        xmp=None if photo.xmp is None else xmp.write_orientation(photo.xmp, orientation),
        dpi=dpi,
    )


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
    if file_format.layers == "never":
        photo = replace(photo, retouched=None)
    if photo.bits > file_format.depth:
        photo = photo.map_arrays(to_eight_bits)
        notes.append(Message("photo.rounded_to_8_bits", format=file_format.title))
    if photo.alpha is not None and not file_format.has_alpha:
        photo = replace(photo, alpha=None)
        notes.append(Message("photo.alpha_left_out", format=file_format.title))
    can_be_grey = file_format.has_grey if photo.alpha is None else file_format.has_grey_alpha
    red, green, blue = np.moveaxis(photo.pixels, 2, 0)
    grey = (
        photo.is_grey and can_be_grey and np.array_equal(red, green) and np.array_equal(red, blue)
    )
    photo = replace(photo, is_grey=grey)
    space = b"GRAY" if grey else b"RGB "
    if photo.icc is not None and file_format.has_icc and not grey and photo.icc[16:20] == b"GRAY":
        expanded = colour.expand_grey_profile(photo.icc)
        if expanded is not None:
            photo = replace(photo, icc=expanded)
            notes.append(Message("photo.profile_expanded"))
    if photo.icc is not None and file_format.has_icc and photo.icc[16:20] != space:
        photo = replace(photo, icc=None)
        notes.append(Message("photo.profile_left_out"))
    held = {
        "icc": file_format.has_icc,
        "exif": file_format.exif_limit > 0,
        "xmp": file_format.has_xmp,
        "iptc": file_format.has_iptc,
    }
    lost = [name for name, fits in held.items() if not fits and getattr(photo, name) is not None]
    kept = tuple(block for block in photo.blocks if block.kind in file_format.holds)
    # What the colours mean goes into every format as a profile.
    gone = [
        block
        for block in photo.blocks
        if block.kind not in file_format.holds and block.role != "profile"
    ]
    names = [*(Message(f"photo.block.{name}") for name in lost), *name_blocks(gone)]
    if names:
        notes.append(Message("photo.metadata_left_out", format=file_format.title, blocks=names))
    without: dict[str, Any] = dict.fromkeys(lost)
    return replace(photo, blocks=kept, **without), tuple(notes)


def encode_photo(
    photo: Photo, file_format: WritableFormat, quality: int | None, sampling: str = ""
) -> Encoded:
    """The whole file, and notes; ``photo`` comes from `fit_to_format`."""
    encoder = file_format.encoder
    photo = lay_as_in_file(photo, file_format, quality)
    if not isinstance(encoder, Strips):
        return encoder(photo, file_format.choose_quality(photo, quality), sampling)
    out = io.BytesIO()
    encoder.write(photo, out, Progress())
    return out.getvalue(), ()


def _convert_colours(photo: Photo, space: SpaceName) -> tuple[Photo, tuple[Message, ...]]:
    """As `colour.convert_colours`, with what a retouched part was before."""
    before = photo.retouched
    if before is not None:
        part = replace(photo, pixels=before.pixels, alpha=None, retouched=None)
        before = replace(before, pixels=colour.convert_colours(part, space)[0].pixels)
    converted, notes = colour.convert_colours(photo, space)
    return replace(converted, retouched=before), notes


HISTORY = "pixels were synthesised where something was removed"


def prepare_output(
    photo: Photo, options: OutputOptions, time: str | None = None
) -> tuple[Photo, tuple[Message, ...]]:
    """The photo as ``options`` want it, before it is fitted to a format, and what that cost.

    ``time`` (ISO 8601) is that of the entry in the history; None is now. Raises `CannotWrite`
    where the colours cannot be converted, `BadRequest` for a size that is too large.
    """
    notes: tuple[Message, ...] = ()
    photo = resize_photo(filter_metadata(photo, options.metadata), options.resize)
    if options.profile != "keep":
        try:
            photo, notes = _convert_colours(photo, options.profile)
        except ValueError as error:
            raise CannotWrite("photo.profile_unreadable") from error
    if options.note_in_xmp and options.metadata != "none":
        from inpaint_core.contract.version import __version__

        time = datetime.now(UTC).isoformat(timespec="seconds") if time is None else time
        packet = xmp.add_history(photo.xmp, time, f"Lacuna {__version__}", HISTORY)
        if packet is None:
            notes += (Message("photo.no_room_for_history"),)
        else:
            photo = replace(photo, xmp=packet)
    if options.depth == 8:
        photo = photo.map_arrays(to_eight_bits)
    elif options.depth == 16 and photo.bits == 8:
        # 257 = 65535 / 255: full stays full, and back is exact.
        photo = photo.map_arrays(lambda values: values.astype(np.uint16) * np.uint16(257))
    return photo, notes
