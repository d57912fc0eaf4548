"""JPEG files: reading, writing, and keeping the blocks that an edit does not touch."""

from inpaint_core.photo.formats.format import CERTAIN, WritableFormat, lazy, starts_with
from inpaint_core.photo.formats.jpeg.app_segments import EXIF_LIMIT

FORMAT = WritableFormat(
    id="JPEG",
    title="JPEG",
    extensions=(".jpg", ".jpeg"),
    sniff=starts_with(CERTAIN, b"\xff\xd8\xff"),
    decode=lazy("jpeg.jpeg_reader.decode_jpeg"),
    decode_small=lazy("jpeg.jpeg_reader.decode_small_jpeg"),
    has_damage=lazy("jpeg.jpeg_reader.has_damage"),
    decode_damaged=lazy("jpeg.jpeg_reader.decode_damaged_jpeg"),
    encoder=lazy("jpeg.jpeg_writer.encode_jpeg"),
    lossless_quality=None,
    has_quality=True,
    has_chroma=True,
    keeps_jpeg_blocks=True,
    exif_limit=EXIF_LIMIT,
    has_thumbnail=True,
    holds=frozenset({"segment", "comment", "resource"}),
)
