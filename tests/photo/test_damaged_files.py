"""Files that are no photo, or no longer one: a named error, one sentence, one hint."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from renders import exif_block, png_bytes, saved, scene, srgb_profile, steady

from inpaint_core.contract.errors import (
    FileUnreadable,
    InpaintError,
    PhotoDamaged,
    PhotoTooLarge,
)
from inpaint_core.photo.formats.registry import writable_formats
from inpaint_core.photo.metadata.privacy import filter_metadata
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo, read_photo
from inpaint_core.photo.write_photo import encode_photo

HERE = Path("photo.x")
IMAGE = Image.fromarray(scene(24, 40))


def ours(suffix: str, pixels: np.ndarray) -> bytes:
    photo = Photo(pixels, icc=srgb_profile(), exif=exif_block())
    return encode_photo(photo, writable_formats()[suffix], 90)[0]


WHOLE = {
    "jpeg": ours(".jpg", scene(24, 40)),
    "progressive": saved(IMAGE, "JPEG", progressive=True),
    "cmyk": saved(IMAGE.convert("CMYK"), "JPEG"),
    "png": ours(".png", scene(24, 40)),
    "png16": ours(".png", scene(24, 40, np.uint16)),
    "palette": saved(IMAGE.quantize(9), "PNG"),
    "tiff": ours(".tif", scene(24, 40)),
    "tiff16": ours(".tif", scene(24, 40, np.uint16)),
    "lzw": saved(IMAGE, "TIFF", compression="tiff_lzw"),
    "webp": ours(".webp", scene(24, 40)),
    "lossless": saved(IMAGE, "WEBP", lossless=True),
    "bmp": saved(IMAGE, "BMP"),
    "gif": saved(IMAGE.quantize(9), "GIF"),
}


@pytest.mark.parametrize(
    "kind", ["jpeg", "progressive", "png", "png16", "tiff16", "webp", "bmp", "gif"]
)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_file_cut_off_is_damaged(tmp_path: Path, kind: str, part: float) -> None:
    data = WHOLE[kind]
    path = tmp_path / "cut"
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(PhotoDamaged) as caught:
        read_photo(path)
    assert str(path) in str(caught.value.message)
    assert str(caught.value.hint)


@pytest.mark.parametrize("kind", sorted(WHOLE))
@steady
@given(data=st.data())
def test_any_damage_is_a_photo_or_a_named_error(kind: str, data: st.DataObject) -> None:
    whole = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    damaged = bytes(whole[:cut]) if data.draw(st.booleans()) else bytes(whole)
    try:
        photo = decode_photo(damaged, HERE, 1_000_000)
    except InpaintError as error:
        assert str(error.message).endswith(".")  # noqa: PT017 (both outcomes are right)
        assert str(error.hint).endswith(".")  # noqa: PT017
    else:
        assert photo.pixels.ndim == 3


@steady
@given(st.binary(max_size=200))
def test_any_bytes_are_a_named_error(data: bytes) -> None:
    for head in (
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"II*\0",
        b"RIFF....WEBP",
        b"GIF89a",
        b"BM",
    ):
        with pytest.raises(InpaintError):
            decode_photo(head + data, HERE, 1_000_000)


def test_a_wrong_checksum_is_damage() -> None:
    data = bytearray(png_bytes(scene(6, 6), 2, 8))
    data[45] ^= 1
    with pytest.raises(PhotoDamaged, match="damaged"):
        decode_photo(bytes(data), HERE)


def test_odd_metadata_does_not_stop_a_photo() -> None:
    extra = ((b"iCCP", b"x\0\0not zlib"), (b"eXIf", b"?"), (b"iTXt", b"XML:com.adobe.xmp\0\1"))
    photo = decode_photo(png_bytes(scene(6, 6), 2, 8, extra), HERE)
    assert (photo.icc, photo.xmp) == (None, None)


def test_a_compressed_block_that_opens_to_far_too_much_is_left_out() -> None:
    bomb = zlib.compress(bytes(100 << 20), 9)
    photo = decode_photo(png_bytes(scene(6, 6), 2, 8, ((b"iCCP", b"x\0\0" + bomb),)), HERE)
    assert photo.icc is None


def test_missing_empty_folder_and_not_a_picture(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="no file"):
        read_photo(tmp_path / "missing.jpg")
    with pytest.raises(FileUnreadable, match="folder"):
        read_photo(tmp_path)
    with pytest.raises(FileUnreadable):
        read_photo(tmp_path / "a.jpg" / "b.jpg")
    empty = tmp_path / "empty.jpg"
    empty.touch()
    with pytest.raises(PhotoDamaged, match="empty"):
        read_photo(empty)
    text = tmp_path / "text.png"
    text.write_text("This is not a picture.")
    with pytest.raises(PhotoDamaged, match="not a picture"):
        read_photo(text)


def test_a_name_that_no_system_takes() -> None:
    with pytest.raises(FileUnreadable):
        read_photo(Path("x" * 5000))


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(WHOLE["jpeg"])

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)  # permissions do not stop root
    with pytest.raises(FileUnreadable, match="do not have permission"):
        read_photo(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    with pytest.raises(FileUnreadable, match="ordinary"):
        read_photo(pipe)


def header_of(kind: str, width: int, height: int) -> bytes:
    """The beginning of a file that claims a size and holds nothing."""
    if kind == "png":
        return png_bytes(np.zeros((1, 1, 3)), 2, 8).replace(
            struct.pack(">II", 1, 1), struct.pack(">II", width, height), 1
        )
    if kind == "jpeg":
        at = WHOLE["jpeg"].index(b"\xff\xc0") + 5
        size = struct.pack(">HH", height, width)
        return WHOLE["jpeg"][:at] + size + WHOLE["jpeg"][at + 4 :]
    if kind == "gif":
        return b"GIF89a" + struct.pack("<HH", width, height) + WHOLE["gif"][10:]
    if kind == "bmp":
        return WHOLE["bmp"][:18] + struct.pack("<ii", width, height) + WHOLE["bmp"][26:]
    if kind == "webp":
        body = struct.pack("<I", 1 << 4)[:4] + (width - 1).to_bytes(3, "little")
        body += (height - 1).to_bytes(3, "little")
        return b"RIFF" + struct.pack("<I", 300) + b"WEBPVP8X" + struct.pack("<I", 10) + body
    if kind == "lossless":
        packed = struct.pack("<I", (width - 1) | (height - 1) << 14)
        return WHOLE["lossless"][:21] + packed + WHOLE["lossless"][25:]
    data = bytearray(WHOLE[kind])
    for tag, value in ((256, width), (257, height)):
        at = data.rindex(struct.pack("<HHI", tag, 4, 1)) + 8
        data[at : at + 4] = struct.pack("<I", value)
    return bytes(data)


@pytest.mark.parametrize(
    "kind", ["png", "jpeg", "gif", "bmp", "webp", "lossless", "tiff", "tiff16"]
)
def test_a_decompression_bomb_is_refused_from_its_header(kind: str) -> None:
    width, height = (16_000, 16_000) if kind in ("webp", "lossless") else (60_000, 60_000)
    limit = 100_000_000 if kind in ("webp", "lossless") else 300_000_000
    with pytest.raises(PhotoTooLarge, match=f"{width} x {height}") as caught:
        decode_photo(header_of(kind, width, height), HERE, limit)
    assert "limit" in str(caught.value.hint)


def test_the_limit_can_be_moved(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(WHOLE["png"])
    assert read_photo(path, max_pixels=24 * 40).shape == (24, 40)
    with pytest.raises(PhotoTooLarge):
        read_photo(path, max_pixels=24 * 40 - 1)


def test_pillows_own_limit_is_not_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    # A WebP has at most 268 megapixels, below Pillow's limit.
    for kind in ("jpeg", "cmyk", "palette", "tiff", "bmp", "gif"):
        assert decode_photo(WHOLE[kind], HERE).shape == (24, 40)


def test_a_file_too_big_for_its_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse.tif"
    with path.open("wb") as stream:
        stream.truncate(3 << 30)
    with pytest.raises(PhotoTooLarge, match="GB"):
        read_photo(path)


def test_warnings_of_decoders_stay_inside() -> None:
    data = WHOLE["jpeg"].replace(exif_block()[8:60], bytes(52), 1)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        decode_photo(data, HERE)
    assert heard == []


def test_a_resolution_out_of_this_world_is_left_out() -> None:
    """Found by the fuzz tool: no TIFF can hold such a number."""
    density = struct.pack(">IIB", 0xFFFFFFFF, 11811, 1)
    photo = decode_photo(png_bytes(scene(6, 6), 2, 8, ((b"pHYs", density),)), HERE)
    assert photo.dpi is None
    for suffix in (".tif", ".png", ".jpg", ".bmp"):
        assert decode_photo(ours(suffix, photo.pixels), HERE).shape == (6, 6)


def test_padding_in_xmp_data_takes_no_time() -> None:
    """Found by the fuzz tool: thousands of spaces were scanned again from each of them."""
    packet = b"<x>" + b" " * 3_000_000 + b"</x>"
    photo = filter_metadata(Photo(scene(6, 6), xmp=packet), "no_gps")
    assert photo.xmp == packet


def test_a_strip_that_inflates_without_end_is_damage() -> None:
    """The header says 24 x 40 pixels; the strip is 200 MB of zeros."""
    out = io.BytesIO()
    tifffile.imwrite(out, scene(24, 40, np.uint16), photometric="rgb", compression="deflate")
    data = bytearray(out.getvalue())
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tags = file.pages[0].tags
        place, size = tags[273], tags[279]
    bomb = zlib.compress(bytes(200 << 20), 9)
    for tag, value in ((place, len(data)), (size, len(bomb))):
        letter = {3: "H", 4: "I", 16: "Q"}[tag.dtype]
        at = tag.valueoffset
        if letter == "H":  # a size of two bytes would not do
            struct.pack_into("<HI", data, tag.offset + 2, 4, 1)
            letter = "I"
        struct.pack_into("<" + letter, data, at, value)
    tracemalloc.start()
    with pytest.raises(PhotoDamaged):
        decode_photo(bytes(data) + bomb, HERE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 << 20


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_tiles_far_larger_than_the_photo_are_damage(compression: str | None) -> None:
    out = io.BytesIO()
    tifffile.imwrite(
        out,
        scene(24, 40, np.uint16),
        photometric="rgb",
        compression=compression,
        tile=(16, 16),
    )
    data = bytearray(out.getvalue())
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        for name in ("TileWidth", "TileLength"):
            tag = file.pages[0].tags[name]
            struct.pack_into("<HII", data, tag.offset + 2, 4, 1, 1 << 24)
    tracemalloc.start()
    with pytest.raises(PhotoDamaged):
        decode_photo(bytes(data), HERE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 << 20


def test_a_jpeg_of_endless_scans_is_damage() -> None:
    data = WHOLE["progressive"]
    start = data.rindex(b"\xff\xda")
    scan = data[start:-2]
    assert decode_photo(data[:-2] + scan * 20 + data[-2:], HERE).shape == (24, 40)
    with pytest.raises(PhotoDamaged):
        decode_photo(data[:-2] + scan * 1000 + data[-2:], HERE)
