"""PNG files: reading, writing in strips, and reading back the strips that were written."""

from inpaint_core.photo.formats.format import CERTAIN, Strips, WritableFormat, lazy, starts_with

FORMAT = WritableFormat(
    id="PNG",
    title="PNG",
    extensions=(".png",),
    sniff=starts_with(CERTAIN, b"\x89PNG\r\n\x1a\n"),
    decode=lazy("png.png_reader.decode_png"),
    encoder=Strips(
        estimate=lazy("png.png_writer.estimate_png"),
        write=lazy("png.png_writer.write_png"),
        read_back=lazy("png.png_writer.read_rows"),
    ),
    depth=16,
    has_alpha=True,
    has_grey_alpha=False,  # RGBA holds the same
    holds=frozenset({"chunk", "late chunk", "comment", "resource"}),
)
