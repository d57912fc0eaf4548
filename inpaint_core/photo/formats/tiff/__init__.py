"""TIFF files: reading, writing in strips, and reading back the strips that were written."""

from inpaint_core.photo.formats.format import MAYBE, Strips, WritableFormat, lazy, starts_with

FORMAT = WritableFormat(
    id="TIFF",
    title="TIFF",
    extensions=(".tif", ".tiff"),
    # Most raw files of cameras begin like this too.
    sniff=starts_with(MAYBE, b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    decode=lazy("tiff.tiff_reader.decode_tiff"),
    encoder=Strips(
        estimate=lazy("tiff.tiff_writer.estimate_tiff"),
        write=lazy("tiff.tiff_writer.write_tiff"),
        read_back=lazy("tiff.tiff_strips.read_strips"),
    ),
    depth=16,
    has_alpha=True,
    holds=frozenset({"field", "resource"}),
    layers="on demand",
)
