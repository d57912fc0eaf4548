"""Camera raw files, with the package rawpy (extra “raw”)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.errors import PhotoDamaged, PhotoUnsupported
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.decode_guard import check_size
from inpaint_core.photo.formats.format import CERTAIN, NAMED, NO, Format
from inpaint_core.photo.formats.iso_boxes import read_brands

if TYPE_CHECKING:
    from inpaint_core.photo.photo import Photo

_EXTENSIONS = (
    *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dng", ".erf", ".iiq", ".kdc", ".mos", ".mrw"),
    *(".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw"),
    ".x3f",
)
# Fuji, Olympus (two), Panasonic, Minolta, Sigma: raw files that are not plain TIFFs.
_STARTS = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"IIU\0", b"\0MRM", b"FOVb")
_CANON = b"crx "  # the brand of CR3 files

_TIFFS = (b"II*\0", b"MM\0*")
_NEARLY_TIFFS = (b"IIRO", b"IIRS", b"IIU\0")  # but for their third and fourth byte
_XMP = 700

_TURNS = {0: 1, 3: 3, 5: 8, 6: 6}
"""LibRaw's orientations as EXIF orientations."""


def _sniff(data: bytes, path: Path) -> int:
    """Most of them begin as a TIFF does, so the name decides."""
    if data.startswith(_STARTS) or (data[8:12] == _CANON and read_brands(data)):
        return CERTAIN
    return NAMED if path.suffix.lower() in _EXTENSIONS else NO


def develop_raw(data: bytes, path: Path, max_pixels: int) -> tuple[Photo, int]:
    """Develop a raw photo plainly: 16 bits in Display P3, the camera's white balance, no automatic
    brightness. Returns it upright, and the orientation 1.

    Raises `PhotoUnsupported` where rawpy is not installed or does not know the camera.
    """
    try:
        import rawpy
    except ImportError as error:
        raise PhotoUnsupported("photo.raw_decoder_missing", path=path) from error
    from inpaint_core.photo.colour.icc_profiles import make_profile
    from inpaint_core.photo.photo import Origin, Photo, as_pixels

    preview = b""
    try:
        with rawpy.imread(io.BytesIO(data)) as raw:
            sizes: Any = raw.sizes
            check_size(sizes.width, sizes.height, max_pixels, path)
            check_size(sizes.raw_width, sizes.raw_height, 2 * max_pixels, path)
            pixels = raw.postprocess(
                output_bps=16,
                use_camera_wb=True,
                no_auto_bright=True,
                # Else the brightest pixel becomes white from 3/4 of the range on, and the shots
                # of a burst differ in brightness.
                adjust_maximum_thr=0.0,
                gamma=(2.4, 12.92),  # sRGB's curve
                output_color=rawpy.ColorSpace.P3D65,
            )
            if not data.startswith(_TIFFS):
                preview = _read_preview(raw)
    except rawpy.LibRawFileUnsupportedError as error:
        raise PhotoUnsupported("photo.raw_unknown", path=path) from error
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise PhotoDamaged("photo.raw_without_colours", path=path)
    block, xmp, said = _read_metadata(data, preview)
    photo = Photo(
        as_pixels(pixels),
        icc=make_profile("p3"),
        exif=block,
        xmp=xmp,
        notes=(Message("photo.raw_developed"), *said),
        format="RAW",
        origin=Origin("camera raw", 16, orientation=_TURNS.get(int(sizes.flip), 1)),
    )
    return photo, 1


def _read_preview(raw: Any) -> bytes:
    """The JPEG in a raw file, b"" without one."""
    import rawpy

    try:
        preview = raw.extract_thumb()
    except rawpy.LibRawError:
        return b""
    return bytes(preview.data) if preview.format == rawpy.ThumbFormat.JPEG else b""


def _read_metadata(
    data: bytes, preview: bytes
) -> tuple[bytes | None, bytes | None, tuple[Message, ...]]:
    """EXIF data (camera, lens, exposure) and XMP data (crop, rating), and notes; of a file that is
    no TIFF, the EXIF data of its ``preview``.
    """
    from inpaint_core.photo.formats.jpeg.app_segments import join_exif, split_segments
    from inpaint_core.photo.metadata import exif
    from inpaint_core.photo.metadata.xmp_properties import remove_properties

    for start in _NEARLY_TIFFS:
        if data.startswith(start):
            data = data[:2] + (b"*\0" if data.startswith(b"II") else b"\0*") + data[4:]
    notes: tuple[Message, ...] = ()
    try:
        block = exif.extract_from_tiff(data)
    except ValueError:
        block, notes = None, (Message("photo.exif_overlaps"),)
    if block is None and preview:
        block = join_exif(split_segments(preview)[0])
    try:
        packet = exif.read_first_directory(data)[1].entries.get(_XMP)
    except ValueError:
        packet = None
    if packet is None:
        return block, None, notes
    try:
        # Else Lightroom and Camera Raw would develop once more what is developed already.
        return block, remove_properties(bytes(packet.value), "HasSettings"), notes
    except ValueError:
        unread = Message("photo.metadata_unreadable", blocks=[Message("photo.block.xmp")])
        return block, None, (*notes, unread)


FORMAT = Format(
    id="RAW", title="camera raw", extensions=_EXTENSIONS, sniff=_sniff, decode=develop_raw
)
