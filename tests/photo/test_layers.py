"""What was retouched as a layer of its own: TIFF, Photoshop documents and OpenRaster files."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import psdtags
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Tag
from renders import scene

from inpaint_core.contract.errors import CannotWrite, PhotoDamaged, PhotoTooLarge, PhotoUnsupported
from inpaint_core.contract.options import OutputOptions
from inpaint_core.photo.colour.icc_profiles import make_profile
from inpaint_core.photo.layers import apply_mask, mark_retouched, split_layers
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo, read_photo
from inpaint_core.retouch.save_photo import save_photo

HERE = Path("photo.x")
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>'
KINDS = [(np.uint8, False, False), (np.uint16, False, False), (np.uint16, True, False)]
KINDS += [(np.uint8, True, False), (np.uint16, False, True)]


def retouched(
    dtype: Any = np.uint16, has_alpha: bool = False, is_grey: bool = False
) -> tuple[Photo, Photo]:
    """A photo of 60 × 90 pixels, and the same one with 20 × 25 of them filled, some of which are
    transparent afterwards.
    """
    pixels = scene(60, 90, dtype)
    if is_grey:
        pixels = np.repeat(pixels[:, :, :1], 3, axis=2)
    most = np.iinfo(dtype).max
    alpha = np.full((60, 90), most, dtype) if has_alpha else None
    icc = None if is_grey else make_profile("p3")
    before = Photo(
        pixels, alpha, icc, xmp=XMP, is_grey=is_grey, dpi=(300.0, 300.0), iptc=b"\x1c\2\x19\0\1a"
    )
    filled, touched = pixels.copy(), np.zeros((60, 90), np.bool_)
    touched[30:50, 40:65] = True
    touched[35, 45] = False  # a mask that is no rectangle
    filled[touched] = most - filled[touched]
    if alpha is not None:
        alpha = alpha.copy()
        alpha[32:36, 50:60] = most // 3
    after = replace(before, pixels=filled, alpha=alpha)
    return before, replace(after, retouched=mark_retouched(after, before, touched))


def compose(layers: list[tuple[int, int, NDArray[Any], NDArray[Any]]], shape: Any) -> Any:
    """Layers (left, top, pixels, opacity 0 .. 1) from the lowest up, as any program lays them over
    each other: colours and opacity 0 .. 1.
    """
    colours, alpha = np.zeros((*shape, 3)), np.zeros(shape)
    for left, top, pixels, opacity in layers:
        here = np.s_[top : top + pixels.shape[0], left : left + pixels.shape[1]]
        under = alpha[here] * (1 - opacity)
        both = opacity + under
        share = np.divide(opacity, both, out=np.zeros_like(both), where=both > 0)[..., np.newaxis]
        full = np.iinfo(pixels.dtype).max
        colours[here] = pixels / full * share + colours[here] * (1 - share)
        alpha[here] = both
    return colours, alpha


def check_composition(layers: list[Any], after: Photo) -> None:
    colours, alpha = compose(layers, after.shape)
    most = float(np.iinfo(after.pixels.dtype).max)
    want = np.ones(after.shape) if after.alpha is None else after.alpha / most
    np.testing.assert_allclose(alpha, want, atol=1e-6)
    seen = alpha > 0
    np.testing.assert_allclose(colours[seen], after.pixels[seen] / most, atol=1e-6)


@pytest.mark.parametrize(("dtype", "has_alpha", "is_grey"), KINDS)
def test_layers_are_together_the_photo(dtype: Any, has_alpha: bool, is_grey: bool) -> None:
    before, after = retouched(dtype, has_alpha, is_grey)
    lower, upper = split_layers(after)
    np.testing.assert_array_equal(lower.pixels, before.pixels)
    most = np.iinfo(dtype).max
    rows = []
    for layer in (lower, upper):
        opacity = apply_mask(layer)
        full = np.ones(layer.pixels.shape[:2]) if opacity is None else opacity / most
        rows.append((layer.rect.x, layer.rect.y, layer.pixels, full))
    check_composition(rows, after)
    assert (upper.rect.x, upper.rect.y, upper.rect.w, upper.rect.h) == (40, 30, 25, 20)
    assert (lower.mask is not None) == has_alpha


def test_a_photo_that_nothing_changed_has_one_layer() -> None:
    before, _ = retouched()
    assert mark_retouched(before, before, np.zeros(before.shape, np.bool_)) is None
    (only,) = split_layers(before)
    assert only.pixels is before.pixels


@pytest.mark.parametrize(("dtype", "has_alpha", "is_grey"), KINDS)
@pytest.mark.parametrize("suffix", [".psd", ".ora", ".tif"])
def test_a_file_with_layers_opens_as_the_photo(
    tmp_path: Path, suffix: str, dtype: Any, has_alpha: bool, is_grey: bool
) -> None:
    _, after = retouched(dtype, has_alpha, is_grey)
    path = tmp_path / f"a{suffix}"
    everything = np.ones(after.shape, np.bool_)
    saved = save_photo(path, after, ~everything, OutputOptions(layers=True))
    assert saved.check.differing == 0
    found = read_photo(path)
    np.testing.assert_array_equal(found.pixels, after.pixels)
    assert (found.alpha is None) == (after.alpha is None)
    if after.alpha is not None:
        np.testing.assert_array_equal(found.alpha, after.alpha)
    assert (found.icc, found.xmp, found.iptc) == (after.icc, XMP, after.iptc)
    assert found.is_grey == is_grey
    assert found.dpi == pytest.approx((300, 300), abs=0.01)
    assert found.origin.has_layers


@pytest.mark.parametrize("order", [b"II*\0\x08\0\0\0\0\0\0\0\0\0", b"MM\0*\0\0\0\x08\0\0\0\0\0\0"])
@pytest.mark.parametrize("is_retouched", [True, False])
@pytest.mark.parametrize("has_alpha", [True, False])
def test_layers_of_a_tiff_are_spoken_of_where_they_are_not_our_own(
    tmp_path: Path, has_alpha: bool, is_retouched: bool, order: bytes
) -> None:
    before, after = retouched(np.uint16, has_alpha)
    photo = replace(after if is_retouched else before, exif=order)
    path = tmp_path / "a.tif"
    save_photo(path, photo, np.ones(after.shape, np.bool_), OutputOptions(layers=True))
    own = read_photo(path)
    assert own.origin.has_layers == is_retouched
    assert own.notes == ()
    if is_retouched:
        data = path.read_bytes()
        theirs = decode_photo(data.replace(b"\7Retouch", b"\7Someone"), HERE)
        assert theirs.origin.has_layers
        assert [note.key for note in theirs.notes] == ["photo.flattened"]


def test_a_single_layer_of_a_document_counts_where_it_is_more_than_the_picture() -> None:
    from inpaint_core.photo.formats.psd.psd_writer import encode_psd

    for dtype in (np.uint8, np.uint16):
        before, _ = retouched(dtype)
        data, _ = encode_psd(before, None, "")
        assert not decode_photo(data, HERE).origin.has_layers
        for look in (b"8BIMmul \xff", b"8BIMnorm\x80"):
            other = data.replace(b"8BIMnorm\xff", look)
            assert decode_photo(other, HERE).origin.has_layers
        place = struct.pack(">4i", 0, 0, *before.shape)
        assert data.count(place) == 1
        moved = data.replace(place, struct.pack(">4i", -9, 0, *before.shape))
        assert decode_photo(moved, HERE).origin.has_layers


@pytest.mark.parametrize(("dtype", "has_alpha", "is_grey"), KINDS)
def test_psd_tools_finds_the_layers(
    tmp_path: Path, dtype: Any, has_alpha: bool, is_grey: bool
) -> None:
    before, after = retouched(dtype, has_alpha, is_grey)
    path = tmp_path / "a.psd"
    save_photo(path, after, np.ones(after.shape, np.bool_), OutputOptions())
    document = PSDImage.open(path)
    assert [layer.name for layer in document] == ["Photo", "Retouch"]
    rows = []
    for layer in document:
        most = np.iinfo(dtype).max
        colours = np.atleast_3d(layer.numpy("color"))
        pixels = np.rint(colours * most).astype(dtype)
        pixels = np.repeat(pixels, 3, axis=2) if is_grey else pixels
        opacity = layer.numpy("shape")[:, :, 0].astype(np.float64)
        if layer.mask is not None:
            mask = np.rint(layer.numpy("mask")[:, :, 0])
            assert (layer.mask.left, layer.mask.top) == (layer.left, layer.top)
            opacity = opacity * mask
        rows.append((layer.left, layer.top, pixels, opacity))
        if layer.name == "Photo":
            np.testing.assert_array_equal(pixels, before.pixels)
    check_composition(rows, after)


@pytest.mark.parametrize("has_alpha", [False, True])
def test_pillow_reads_the_picture_of_a_psd(tmp_path: Path, has_alpha: bool) -> None:
    _, after = retouched(np.uint8, has_alpha)
    path = tmp_path / "a.psd"
    save_photo(path, after, np.ones(after.shape, np.bool_), OutputOptions())
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(image)[:, :, :3], after.pixels)
        assert image.info["icc_profile"] == after.icc


@pytest.mark.parametrize("order", [b"II*\0\x08\0\0\0\0\0\0\0\0\0", b"MM\0*\0\0\0\x08\0\0\0\0\0\0"])
@pytest.mark.parametrize(("dtype", "has_alpha", "is_grey"), KINDS)
def test_psdtags_finds_the_layers_of_a_tiff(
    tmp_path: Path, dtype: Any, has_alpha: bool, is_grey: bool, order: bytes
) -> None:
    """In the file's byte order, which is that of its EXIF data."""
    before, after = retouched(dtype, has_alpha, is_grey)
    path = tmp_path / "a.tif"
    after = replace(after, exif=order)
    save_photo(path, after, np.ones(after.shape, np.bool_), OutputOptions(layers=True))
    assert path.read_bytes()[:2] == order[:2]
    np.testing.assert_array_equal(
        tifffile.imread(path).reshape(*after.shape, -1)[:, :, 0], after.pixels[:, :, 0]
    )
    found = psdtags.TiffImageSourceData.fromtiff(path)
    assert found.byteorder == {b"II": "<", b"MM": ">"}[order[:2]]
    assert found.layers.has_transparency == has_alpha
    assert [layer.name for layer in found.layers] == ["Photo", "Retouch"]
    rows = []
    for layer in found.layers:
        planes = {int(channel.channelid): channel.data for channel in layer.channels}
        colours = [planes[number] for number in ((0, 0, 0) if is_grey else (0, 1, 2))]
        pixels = np.stack(colours, axis=2).astype(dtype)
        opacity = planes[-1] / np.iinfo(dtype).max
        if layer.mask is not None and layer.mask.rectangle is not None:
            assert layer.mask.rectangle == layer.rectangle
            opacity = opacity * (planes[-2] > 0)
        rows.append((layer.rectangle.left, layer.rectangle.top, pixels, opacity))
        if layer.name == "Photo":
            np.testing.assert_array_equal(pixels, before.pixels)
    check_composition(rows, after)


def test_a_tiff_has_layers_only_where_they_are_wanted(tmp_path: Path) -> None:
    _, after = retouched()
    flat = replace(after, retouched=None)
    save_photo(tmp_path / "a.tif", flat, np.ones(after.shape, np.bool_), OutputOptions())
    assert not read_photo(tmp_path / "a.tif").origin.has_layers
    save_photo(tmp_path / "a.jpg", after, np.ones(after.shape, np.bool_), OutputOptions())
    assert read_photo(tmp_path / "a.jpg").shape == after.shape


@pytest.mark.parametrize(("dtype", "has_alpha", "is_grey"), KINDS)
def test_an_openraster_file_is_what_its_specification_says(
    tmp_path: Path, dtype: Any, has_alpha: bool, is_grey: bool
) -> None:
    before, after = retouched(dtype, has_alpha, is_grey)
    path = tmp_path / "a.ora"
    save_photo(path, after, np.ones(after.shape, np.bool_), OutputOptions())
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        image = ElementTree.fromstring(archive.read("stack.xml"))
        assert (image.get("w"), image.get("h"), image.get("xres")) == ("90", "60", "300")
        listed = image.findall("stack/layer")
        assert [layer.get("name") for layer in listed] == ["Retouch", "Photo"]
        rows = []
        for layer in reversed(listed):
            picture = decode_photo(archive.read(str(layer.get("src"))), HERE)
            assert (picture.icc, picture.bits) == (after.icc, after.bits)
            alpha = np.ones(picture.shape)
            if picture.alpha is not None:
                alpha = picture.alpha / np.iinfo(dtype).max
            place = int(str(layer.get("x"))), int(str(layer.get("y")))
            rows.append((*place, picture.pixels, alpha))
        np.testing.assert_array_equal(rows[0][2], before.pixels)
        check_composition(rows, after)
        with Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))) as thumbnail:
            assert thumbnail.size == (90, 60)


def test_what_was_there_before_is_converted_too(tmp_path: Path) -> None:
    """To other colours, and another depth."""
    before, after = retouched()
    options = OutputOptions(profile="srgb", depth=8)
    save_photo(tmp_path / "a.psd", after, np.ones(after.shape, np.bool_), options)
    plain = replace(before, retouched=None)
    save_photo(tmp_path / "b.tif", plain, np.ones(after.shape, np.bool_), options)
    lower = PSDImage.open(tmp_path / "a.psd")[0].numpy("color")
    np.testing.assert_array_equal(
        np.rint(lower * 255).astype(np.uint8), read_photo(tmp_path / "b.tif").pixels
    )


# -- documents of other programs -----------------------------------------------------------------


def document(mode: str, colour: Any, depth: int = 8) -> PSDImage:
    return PSDImage.new(mode, (48, 32), color=colour, depth=depth)  # type: ignore[arg-type]


def as_bytes(psd: PSDImage) -> bytes:
    out = io.BytesIO()
    psd.save(out)
    return out.getvalue()


def test_documents_that_psd_tools_wrote_are_read() -> None:
    photo = decode_photo(as_bytes(document("RGB", (200, 100, 50))), HERE)
    assert (photo.format, photo.bits, photo.shape) == ("PSD", 8, (32, 48))
    assert (photo.pixels == (200, 100, 50)).all()
    assert not photo.origin.has_layers
    grey = decode_photo(as_bytes(document("L", 77)), HERE)
    assert grey.is_grey
    assert (grey.pixels == 77).all()
    ink = decode_photo(as_bytes(document("CMYK", (255, 255, 255, 255))), HERE)
    assert (ink.pixels == 255).all()  # paper: in these documents 255 is no ink
    assert ink.origin.model == "CMYK"


def test_a_large_document_is_read_as_well() -> None:
    psd = document("RGB", (1, 2, 3))
    psd._record.header.version = 2
    data = as_bytes(psd)
    assert data[:6] == b"8BPS\0\2"
    assert (decode_photo(data, HERE).pixels == (1, 2, 3)).all()


def test_documents_without_their_picture_are_refused_by_name() -> None:
    _, after = retouched(np.uint8)
    from inpaint_core.photo.formats.psd.psd_writer import encode_psd

    data, _ = encode_psd(after, None, "")
    at = data.index(b"8BIM\x04\x21") + 6 + 2 + 4 + 4  # behind its name, length and version
    assert data[at] == 1
    with pytest.raises(PhotoUnsupported, match="only layers"):
        decode_photo(data[:at] + b"\0" + data[at + 1 :], HERE)
    with pytest.raises(PhotoUnsupported, match="Multichannel"):
        decode_photo(data[:24] + b"\0\x07" + data[26:], HERE)


def test_a_picture_that_cannot_be_decoded_is_not_black() -> None:
    from inpaint_core.photo.formats.psd.psd_writer import encode_psd

    data, _ = encode_psd(retouched(np.uint8)[1], None, "")
    with pytest.raises(PhotoDamaged):
        decode_photo(data[:-100], HERE)
    with pytest.raises(PhotoTooLarge):
        decode_photo(data, HERE, 60 * 90 - 1)
    huge = data[:14] + b"\0\0\x75\x30\0\0\x27\x10" + data[22:]  # 30,000 × 10,000
    with pytest.raises(PhotoDamaged):
        decode_photo(huge, HERE)


def test_white_under_transparent_parts_is_photoshops_own() -> None:
    """Photoshop lays white under them; other programs do not."""
    _, after = retouched(np.uint8, has_alpha=True)
    from inpaint_core.photo.formats.psd.psd_writer import encode_psd

    data, _ = encode_psd(after, None, "")
    name = "Lacuna".encode("utf-16-be")
    theirs = "Adobe Photoshop".encode("utf-16-be")
    assert data.count(name) == 2
    np.testing.assert_array_equal(decode_photo(data, HERE).pixels, after.pixels)
    at = data.index(b"8BIM\x04\x21")
    start = at + 12
    size = int.from_bytes(data[at + 8 : at + 12], "big")
    old = data[start : start + size + size % 2]
    text = b"\0\0\0\x0f" + theirs
    new = old[:5] + text + text + b"\0\0\0\1"
    new_size = len(new)
    new += bytes(new_size % 2)
    length_at = 26 + 4
    length = int.from_bytes(data[length_at : length_at + 4], "big") + len(new) - len(old)
    data = (
        data[:length_at]
        + length.to_bytes(4, "big")
        + data[length_at + 4 : at + 8]
        + new_size.to_bytes(4, "big")
        + new
        + data[start + len(old) :]
    )
    found = decode_photo(data, HERE)
    alpha = np.asarray(after.alpha)
    np.testing.assert_array_equal(found.pixels[alpha == 255], after.pixels[alpha == 255])
    part = alpha == 85
    share = 85 / 255
    again = found.pixels[part] * share + 255 * (1 - share)
    seen = after.pixels[part]
    # What is darker than white shows through cannot come from Photoshop.
    possible = seen >= 255 * (1 - share)
    assert possible.any()
    assert np.abs(again - seen)[possible].max() <= 1


def test_a_photo_that_is_too_long_for_a_document_is_refused(tmp_path: Path) -> None:
    photo = Photo(np.zeros((1, 30_001, 3), np.uint8))
    with pytest.raises(CannotWrite, match="30,000"):
        save_photo(tmp_path / "a.psd", photo, np.ones((1, 30_001), np.bool_), OutputOptions())
    assert not any(tmp_path.iterdir())


def test_an_openraster_file_of_another_program(tmp_path: Path) -> None:
    def archive(*names: str) -> bytes:
        out, png = io.BytesIO(), io.BytesIO()
        Image.fromarray(scene(20, 30)).save(png, "PNG")
        with zipfile.ZipFile(out, "w") as file:
            file.writestr("mimetype", "image/openraster", zipfile.ZIP_STORED)
            for name in names:
                file.writestr(name, png.getvalue(), zipfile.ZIP_DEFLATED)
        return out.getvalue()

    photo = decode_photo(archive("data/a.png", "data/b.png", "mergedimage.png"), HERE)
    np.testing.assert_array_equal(photo.pixels, scene(20, 30))
    assert photo.format == "ORA"
    assert photo.origin.has_layers
    assert not decode_photo(archive("data/a.png", "mergedimage.png"), HERE).origin.has_layers
    with pytest.raises(PhotoUnsupported, match="only layers"):
        decode_photo(archive("data/a.png"), HERE)
    with pytest.raises(PhotoDamaged):
        decode_photo(archive("mergedimage.png")[:-40], HERE)


def test_sixteen_bits_are_in_the_block_that_is_for_them(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    save_photo(path, retouched()[1], np.ones((60, 90), np.bool_), OutputOptions())
    blocks = PSDImage.open(path)._record.layer_and_mask_information.tagged_blocks
    assert blocks is not None
    assert Tag.LAYER_16 in blocks


def test_an_archive_that_unpacks_to_gigabytes_is_refused_by_its_first_bytes() -> None:
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    for size, error in (((1 << 30, 1 << 30), PhotoTooLarge), ((4, 4), PhotoDamaged)):
        start = header + struct.pack(">II", *size) + b"\x08\2\0\0\0" + bytes(4)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("mimetype", b"image/openraster")
            archive.writestr("mergedimage.png", start + bytes(1 << 20), zipfile.ZIP_DEFLATED)
        with pytest.raises(error):
            decode_photo(out.getvalue(), HERE)
    with pytest.raises(PhotoDamaged):  # no PNG at all: nothing more is unpacked
        decode_photo(out.getvalue().replace(b"PNG", b"XXX"), HERE)


def test_damage_in_a_photoshop_document_is_said_by_the_error_alone() -> None:
    body = b"\0\2" + zlib.compress(bytes(10_000))
    data = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 4, 4, 8, 3) + bytes(12) + body
    program = (
        "import sys; from pathlib import Path;"
        "from inpaint_core.photo.read_photo import decode_photo;"
        f"decode_photo({data!r}, Path('x.psd'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "PhotoDamaged" in done.stderr
    assert "replaced with black" not in done.stderr.partition("Traceback")[0]
