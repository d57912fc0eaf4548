"""Writing JPEG files: with the photo's own blocks where it came from a JPEG, else by Pillow."""

from __future__ import annotations

import io
from typing import Any

from inpaint_core.contract.choices import CHROMA_SAMPLINGS
from inpaint_core.contract.errors import BadRequest, CannotWrite
from inpaint_core.contract.message import Message
from inpaint_core.photo.formats.format import DEFAULT_QUALITY, Encoded
from inpaint_core.photo.formats.jpeg import app_segments as segments
from inpaint_core.photo.formats.jpeg.jpeg_blocks import write_segments
from inpaint_core.photo.metadata.exif import PREFIX, write_orientation
from inpaint_core.photo.photo import Photo

_LONGEST_SIDE = 65500
_TABLES = b"\xff\xdb"
_FULL_CHROMA_FROM = 90  # the quality below which chroma is halved (4:2:0)


def encode_jpeg(photo: Photo, quality: int | None, sampling: str = "") -> Encoded:
    """A baseline JPEG of an 8-bit photo, and notes on what could not be kept.

    ``photo`` lies as it is to lie in the file, which says so by its origin's orientation.
    ``quality`` 1 to 100; None keeps the blocks of the JPEG that the photo came from where no pixel
    changed, bit for bit, and codes the others with its quantisation tables. Where that is not
    possible, a note says why, and the whole photo is coded anew with its tables. Photos that were
    not a JPEG get 95. ``sampling`` other than the source's codes all blocks anew; "" is the
    source's with its tables, else full chroma from quality 90 on. Raises `CannotWrite`, or
    `BadRequest` for an unknown sampling.
    """
    from PIL import Image, JpegImagePlugin  # noqa: F401 (registers the encoder)

    if max(photo.shape) > _LONGEST_SIDE:
        raise CannotWrite("photo.jpeg_too_large", longest=_LONGEST_SIDE)
    if sampling and sampling not in CHROMA_SAMPLINGS:
        known = ", ".join(CHROMA_SAMPLINGS)
        raise BadRequest("photo.unknown_sampling", sampling=sampling, known=known)
    options, notes = _pillow_options(photo)
    if quality is None and photo.jpeg is not None:
        coding = photo.jpeg
        if coding.source and sampling in ("", coding.sampling):
            from inpaint_core.photo.formats.jpeg.kept_blocks import recode_jpeg

            try:
                body, rgb = recode_jpeg(coding.source, photo.pixels, photo.is_grey)
            except ValueError as error:
                notes += (Message("photo.jpeg_recoded", reason=error),)
            else:
                return _encode_head(options, rgb) + body, notes
        options |= {"qtables": coding.tables, "subsampling": sampling or coding.sampling or "4:4:4"}
    else:
        chosen = DEFAULT_QUALITY if quality is None else quality
        chroma = sampling or ("4:4:4" if chosen >= _FULL_CHROMA_FROM else "4:2:0")
        options |= {"quality": chosen, "subsampling": chroma}
    pixels = photo.pixels[:, :, 0] if photo.is_grey else photo.pixels
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", **options)
    return out.getvalue(), notes


def _pillow_options(photo: Photo) -> tuple[dict[str, Any], tuple[Message, ...]]:
    """Pillow's options for the metadata, and notes on what does not fit."""
    # Not "optimize": it makes Pillow guess the file's size, and fail on noisy photos.
    options: dict[str, Any] = {"icc_profile": photo.icc, "dpi": photo.dpi or (0, 0)}
    notes: tuple[Message, ...] = ()
    if photo.icc is not None and len(photo.icc) > segments.ICC_LIMIT:
        options["icc_profile"] = None
        notes += (Message("photo.profile_too_long"),)
    block = photo.exif
    if block is not None and len(block) > segments.EXIF_LIMIT:
        notes += (Message("photo.exif_too_long"),)
        block = None
    if block is None and photo.origin.orientation != 1:
        block = write_orientation(b"", photo.origin.orientation)
    if block is not None:
        options["exif"] = PREFIX + block
    extra, more = write_segments(photo.blocks, photo.iptc)
    notes += more
    if photo.xmp is not None and len(photo.xmp) > segments.XMP_LIMIT:
        options["xmp"], rest = segments.split_xmp(photo.xmp)
        extra = rest + extra
    elif photo.xmp is not None:
        options["xmp"] = photo.xmp
    if extra:
        options["extra"] = extra
    return options, notes


def _encode_head(options: dict[str, Any], rgb: bool) -> bytes:
    """A JPEG file up to its quantisation tables, with the metadata that Pillow writes."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", keep_rgb=rgb, **options)
    whole = out.getvalue()
    at = 2
    while whole[at : at + 2] != _TABLES:
        at += 2 + int.from_bytes(whole[at + 2 : at + 4], "big")
    return whole[:at]
