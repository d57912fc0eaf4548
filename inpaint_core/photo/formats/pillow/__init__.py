"""BMP, GIF (the first picture) and WebP files: Pillow reads and writes them."""

from __future__ import annotations

from pathlib import Path

from inpaint_core.photo.formats.format import (
    CERTAIN,
    MAYBE,
    NO,
    Format,
    WritableFormat,
    lazy,
    starts_with,
)


def _sniff_webp(data: bytes, path: Path) -> int:
    return CERTAIN if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else NO


BMP = WritableFormat(
    id="BMP",
    title="BMP",
    extensions=(".bmp",),
    sniff=starts_with(MAYBE, b"BM"),
    decode=lazy("pillow.pillow_image.decode_bmp"),
    encoder=lazy("pillow.pillow_image.encode_bmp"),
    has_icc=False,
    exif_limit=0,
    has_xmp=False,
    has_iptc=False,
)
GIF = Format(
    id="GIF",
    title="GIF",
    extensions=(".gif",),
    sniff=starts_with(CERTAIN, b"GIF87a", b"GIF89a"),
    decode=lazy("pillow.pillow_image.decode_gif"),
)
WEBP = WritableFormat(
    id="WEBP",
    title="WebP",
    extensions=(".webp",),
    sniff=_sniff_webp,
    decode=lazy("pillow.pillow_image.decode_webp"),
    encoder=lazy("pillow.pillow_image.encode_webp"),
    lossless_quality=100,
    has_quality=True,
    has_alpha=True,
    has_grey=False,
    has_grey_alpha=False,
    has_iptc=False,
    holds=frozenset({"piece"}),
)
