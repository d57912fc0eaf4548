"""Photoshop documents: read as one picture, written with what was retouched as a layer."""

from inpaint_core.photo.formats.format import CERTAIN, WritableFormat, lazy, starts_with

FORMAT = WritableFormat(
    id="PSD",
    title="Photoshop",
    extensions=(".psd",),
    # The second is that of large documents, which are read only.
    sniff=starts_with(CERTAIN, b"8BPS\0\1", b"8BPS\0\2"),
    decode=lazy("psd.psd_reader.decode_psd"),
    encoder=lazy("psd.psd_writer.encode_psd"),
    depth=16,
    has_alpha=True,
    holds=frozenset({"resource"}),
    layers="always",
)
