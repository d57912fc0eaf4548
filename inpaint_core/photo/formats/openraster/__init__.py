"""OpenRaster files: read as one picture, written with what was retouched as a layer."""

from pathlib import Path

from inpaint_core.photo.formats.format import CERTAIN, NO, WritableFormat, lazy


def _sniff(data: bytes, path: Path) -> int:
    """An archive whose first file, named so and not packed, says what it is."""
    start = data[:100]
    return CERTAIN if start[:4] == b"PK\3\4" and b"mimetypeimage/openraster" in start else NO


FORMAT = WritableFormat(
    id="ORA",
    title="OpenRaster",
    extensions=(".ora",),
    sniff=_sniff,
    decode=lazy("openraster.openraster_reader.decode_openraster"),
    encoder=lazy("openraster.openraster_writer.encode_openraster"),
    depth=16,
    has_alpha=True,
    has_grey_alpha=False,  # its pictures are PNG files
    holds=frozenset({"chunk", "late chunk", "comment", "resource"}),
    layers="always",
)
