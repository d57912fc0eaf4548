"""What a small file can take: memory and work stay in proportion to its size."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from renders import png_bytes, saved, scene, srgb_profile, steady

from inpaint_core.contract.errors import PhotoDamaged
from inpaint_core.photo.colour import icc_profiles as profiles
from inpaint_core.photo.colour.conversion import convert_to_srgb, expand_grey_profile
from inpaint_core.photo.description import describe_photo
from inpaint_core.photo.formats.iso_boxes import sum_item_sizes
from inpaint_core.photo.formats.jpeg.app_segments import join_xmp, make_segment
from inpaint_core.photo.metadata import exif, xmp
from inpaint_core.photo.metadata.privacy import filter_metadata
from inpaint_core.photo.metadata.xmp_properties import remove_properties
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo
from inpaint_core.photo.tone import find_tone

HERE = Path("here")
PIXELS = scene(8, 8)


def peak_memory(work: Callable[[], object]) -> int:
    """The most bytes that Python and NumPy held at once."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def png(name: bytes, content: bytes) -> bytes:
    return png_bytes(PIXELS, 2, 8, ((name, content),))


def jpeg(segments: bytes) -> bytes:
    data = saved(Image.fromarray(PIXELS), "JPEG")
    return data[:2] + segments + data[2:]


def directory(count: int, size: int, tag: int = 0x9000) -> bytes:
    """EXIF data whose ``count`` fields all claim the same ``size`` bytes, the GPS directory too."""
    rows = [struct.pack("<HHII", tag + i, 7, size, 8) for i in range(count - 1)]
    rows.append(struct.pack("<HHII", exif.GPS_IFD, 4, 1, 8))
    rows.sort()
    head = b"II*\0" + struct.pack("<IH", 8, count) + b"".join(rows) + bytes(4)
    return head.ljust(size + 8, b"\x01")


def in_every_format(block: bytes) -> dict[str, bytes]:
    parts = [block[at : at + 65000] for at in range(0, len(block), 65000)]
    return {
        "png": png(b"eXIf", block),
        "jpeg": jpeg(b"".join(make_segment(0xE1, b"Exif\0\0" + part) for part in parts)),
        "webp": saved(Image.fromarray(PIXELS), "WEBP", exif=block),
    }


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_fields_that_share_their_bytes_are_not_copied(kind: str) -> None:
    block = directory(4000, 300_000)
    data = in_every_format(block)[kind]

    def use() -> None:
        photo = decode_photo(data, HERE)
        assert photo.exif == block
        described = describe_photo(photo)["metadata"]["exif"]
        assert described["readable"]
        private = filter_metadata(photo, "no_gps")
        assert private.exif is not None
        exif.update_exif(private.exif, (8, 8), "Lacuna", b"small")

    decode_photo(data, HERE)  # imports
    assert peak_memory(use) < 20 * len(data)


def test_a_directory_of_too_many_fields_is_not_read() -> None:
    block = directory(5000, 100_000)
    photo = decode_photo(png(b"eXIf", block), HERE)
    assert photo.exif == block
    assert describe_photo(photo)["metadata"]["exif"] == {"bytes": len(block), "readable": False}
    assert filter_metadata(photo, "no_gps").exif is None
    assert exif.update_exif(block, (8, 8), "Lacuna", None) == block


def tiff(rows: list[tuple[int, int, int, int]], tail: bytes = b"", following: int = 0) -> bytes:
    """A TIFF of 8 x 8 grey pixels with more ``rows`` (tag, type, count, value), and what follows;
    ``following`` is the next directory's offset in ``tail``, if it has one.
    """
    base = [
        *((256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
        *((273, 4, 1, 0), (277, 3, 1, 1), (278, 3, 1, 8), (279, 4, 1, 64)),
    ]
    table = {row[0]: row for row in (*base, *rows)}
    end = 8 + 2 + 12 * len(table) + 4
    out = b"II*\0" + struct.pack("<IH", 8, len(table))
    for tag, kind, count, value in sorted(table.values()):
        out += struct.pack("<HHII", tag, kind, count, end if tag == 273 else value)
    return out + struct.pack("<I", following and end + 64 + following - 1) + bytes(64) + tail


@pytest.mark.parametrize("photometric", [1, 3])
def test_fields_of_a_tiff_that_overlap_are_not_copied(photometric: int) -> None:
    """A palette is decoded by Pillow, which would copy each field."""
    size = 200_000
    rows = [(262, 3, 1, photometric), (320, 3, 768, 8)]
    data = tiff(rows + [(0xE000 + i, 7, size, 8) for i in range(3000)], bytes(size))

    def use() -> None:
        if photometric == 3:
            with pytest.raises(PhotoDamaged):
                decode_photo(data, HERE)
        else:
            photo = decode_photo(data, HERE)
            assert any("overlap" in str(note) for note in photo.notes)

    use()
    assert peak_memory(use) < 40 * len(data)


def test_pages_in_a_ring_are_not_counted() -> None:
    start = len(tiff([]))
    ring = b"".join(struct.pack("<HI", 0, start + 6 * ((i + 1) % 150)) for i in range(150))
    assert decode_photo(tiff([], ring, 1), HERE).shape == (8, 8)


def test_a_number_where_bytes_belong_does_not_become_as_many() -> None:
    data = tiff([(700, 4, 1, 0x7FFFFFFF), (34675, 4, 1, 0x7FFFFFFF)])
    photo = decode_photo(data, HERE)
    assert (photo.xmp, photo.icc) == (b"\xff\xff\xff\x7f", b"\xff\xff\xff\x7f")


def bomb(tag_count: int, points: int) -> bytes:
    """A profile of 12 MB whose tags are each the whole of it, and whose curves have ``points``."""
    names = [b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"rXYZ", b"gXYZ", b"bXYZ", b"A2B9"]
    names += [b"x%03d" % number for number in range(tag_count - len(names))]
    out = bytearray(12_000_000)
    out[:128] = srgb_profile()[:128]
    out[:4] = struct.pack(">I", len(out))
    at = 132 + 12 * len(names)
    table = b"".join(struct.pack(">4sII", name, at, len(out) - at) for name in names)
    out[128:at] = struct.pack(">I", len(names)) + table
    out[at : at + 12] = b"curv\0\0\0\0" + struct.pack(">I", points)
    return bytes(out)


@pytest.mark.parametrize(("tag_count", "points"), [(100, 4096), (20, 5_900_000)])
def test_tags_that_share_their_bytes_are_not_copied(tag_count: int, points: int) -> None:
    icc = bomb(tag_count, points)
    data = png(b"iCCP", b"p\0\0" + zlib.compress(icc))

    def use() -> None:
        photo = decode_photo(data, HERE)
        assert photo.icc == icc
        find_tone(photo)
        grey = expand_grey_profile(icc)
        assert grey is None or len(grey) < 1_000_000

    use()
    assert peak_memory(use) < 5 * len(icc)


def test_a_profile_of_endless_curves_or_tags_is_damaged() -> None:
    with pytest.raises(ValueError, match="too many points"):
        profiles.read_matrix_profile(bomb(20, 5_900_000))
    with pytest.raises(ValueError, match="damaged"):
        profiles.read_tags(bomb(101, 2))
    deep = Photo(PIXELS.astype(np.uint16), icc=bomb(20, 5_900_000))
    with pytest.raises(ValueError, match="too many points"):
        convert_to_srgb(deep)


@pytest.mark.parametrize("name", [b"iCCP", b"iTXt", b"zTXt"])
def test_what_inflates_to_too_much_is_left_out_and_said(name: bytes) -> None:
    packed = zlib.compress(bytes(60_000_000))
    heads = {
        b"iCCP": b"p\0\0",
        b"iTXt": b"XML:com.adobe.xmp\0\1\0\0\0",
        b"zTXt": b"Raw profile type iptc\0\0",
    }
    data = png(name, heads[name] + packed)

    def use() -> None:
        photo = decode_photo(data, HERE)
        assert (photo.icc, photo.xmp, photo.iptc) == (None, None, None)
        assert photo.notes

    use()
    assert peak_memory(use) < 70_000_000


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def test_items_of_a_heif_file_that_overlap_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """libheif would copy each of them."""
    heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    heif.from_bytes("RGB", (8, 8), PIXELS.tobytes()).save(out, exif=b"Exif\0\0II*\0")
    whole = out.getvalue()
    assert 0 < sum_item_sizes(whole) < len(whole)
    place = struct.pack(">HHHII", 1, 0, 1, 100, 50_000)
    for version, index in ((0, b""), (1, b"\0\0")):
        item = place[:2] + index + place[2:]
        places = bytes([version, 0, 0, 0, 0x44, 0]) + struct.pack(">H", 3) + item * 3
        sizes = box(b"iprp", box(b"ipco", box(b"ispe", bytes(4) + struct.pack(">II", 8, 8))))
        meta = box(b"meta", bytes(4) + sizes + box(b"iloc", places))
        data = box(b"ftyp", b"heic\0\0\0\0mif1heic") + meta + bytes(50_000)
        assert sum_item_sizes(data) == 150_000
        monkeypatch.setattr(heif, "open_heif", lambda *_, **__: pytest.fail("it was opened"))
        with pytest.raises(PhotoDamaged):
            decode_photo(data, HERE)


_LONG = 300_000
_SLOW_ONCE = (
    b"<rdf:RDF>" * (_LONG // 9),
    b"<rdf:RDF " * (_LONG // 9),
    b"<xmpMM:History><rdf:Seq>" * (_LONG // 24),
    b"<exif:GPSa>" * (_LONG // 11),
    b"<exif:GPSa " * (_LONG // 11),
    b'<exif:GPSa b="' * (_LONG // 14),
    b" exif:GPSa=\"'" * (_LONG // 13),
    b"<exif:GPS" + b"a" * _LONG,
    b"<a:" + b"aSerialNumbe" * (_LONG // 12),
    b"<a:SerialNumber>" * (_LONG // 16),
    b" " * _LONG + b"GPS SerialNumber",
    b"tiff:Orientation" + b" " * _LONG,
    b"<exif:GPSa></exif:GPSab>" * (_LONG // 24),
)


@pytest.mark.parametrize("part", range(len(_SLOW_ONCE)))
def test_no_packet_takes_a_time_beyond_its_length(part: int) -> None:
    """Each of them once took a time that grew with the square of its length: minutes."""
    packet = _SLOW_ONCE[part]
    filter_metadata(Photo(PIXELS, xmp=packet), "no_gps")
    xmp.add_history(packet, "now", "Lacuna", "filled")
    xmp.write_orientation(packet, 1)
    start = b"http://ns.adobe.com/xap/1.0/\0"
    note = b'<rdf:RDF xmpNote:HasExtendedXMP="' + b"A" * 32 + b'"/>'
    join_xmp([("APP1", start + note + packet)])


@steady
@given(st.lists(st.sampled_from([b"<a>", b"</a>", b"<b c='1'/>", b"text ", b'<d e="f">x</d>'])))
def test_properties_are_removed_and_nothing_else(parts: list[bytes]) -> None:
    marked = b"".join(part + b'<x:Gone y="/>">inside</x:Gone ><Gone/>' for part in parts)
    assert remove_properties(marked, "Gone") == b"".join(parts)
    assert remove_properties(marked, "Gon") == marked


def test_many_small_segments_and_comments_are_read() -> None:
    """A hundred thousand of each, in files of a megabyte."""
    for part in (b"\xff\xe1\0\x09Exif\0\0a", b"\xff\xfe\0\4no", b"\xff\xeb\0\6n  o"):
        photo = decode_photo(jpeg(part * 100_000), HERE)
        assert photo.shape == (8, 8)
    filled = saved(Image.fromarray(PIXELS), "JPEG")
    assert decode_photo(filled[:-2] + b"\xff" * 500_000 + b"\xff\xd9", HERE).shape == (8, 8)


def _with_size(kind: str, side: int) -> bytes:
    """A file of a few hundred bytes whose header says that it is ``side`` x ``side`` pixels."""
    image = Image.fromarray(scene(40, 56))
    if kind == "gif":
        data = bytearray(saved(image.quantize(9), "GIF"))
        data[6:10] = struct.pack("<HH", side, side)
    elif kind == "bmp":
        data = bytearray(saved(image, "BMP"))
        data[18:26] = struct.pack("<ii", side, side)
    elif kind == "png":
        data = bytearray(saved(image, "PNG"))
        data[16:24] = struct.pack(">II", side, side)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    elif kind == "jpg":
        data = bytearray(saved(image, "JPEG"))
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    elif kind == "webp":
        data = bytearray(saved(image, "WEBP"))
        data[26:30] = struct.pack("<HH", min(side, 16383), min(side, 16383))
    else:
        coding = {"tif": 1, "lzw.tif": 5, "deflate.tif": 8, "packbits.tif": 32773}[kind]
        data = bytearray(tiff([(256, 4, 1, side), (257, 4, 1, side), (278, 4, 1, side)]))
        at = data.index(struct.pack("<HHI", 259, 3, 1))
        data[at + 8 : at + 12] = struct.pack("<I", coding)
    return bytes(data)


KINDS = ("gif", "bmp", "png", "jpg", "webp", "tif", "lzw.tif", "deflate.tif", "packbits.tif")


@pytest.mark.parametrize("kind", KINDS)
def test_a_size_that_the_file_cannot_hold_is_refused_before_memory_is_taken(kind: str) -> None:
    data = _with_size(kind, 17_000)

    def use() -> None:
        with pytest.raises(PhotoDamaged) as caught:
            decode_photo(data, HERE)
        assert caught.value.message.key == "photo.too_few_bytes"

    use()
    assert peak_memory(use) < 2_000_000


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "lossless", "JPEG", "progressive"])
def test_a_picture_of_one_colour_opens_however_small_its_file(kind: str) -> None:
    """More than the 16.8 megapixels that any header may claim."""
    side = 4100
    image = Image.new("1" if kind == "PNG" else "L", (side, side))
    options = {"lossless": {"lossless": True}, "progressive": {"progressive": True}}
    name = {"lossless": "WEBP", "progressive": "JPEG"}.get(kind, kind)
    data = saved(image, name, **options.get(kind, {}))
    assert decode_photo(data, HERE).shape == (side, side)


@pytest.mark.parametrize("coding", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "group4"])
def test_a_tiff_of_one_colour_opens_however_small_its_file(coding: str) -> None:
    image = Image.new("1" if coding == "group4" else "L", (4100, 4100))
    data = saved(image, "TIFF", compression=coding)
    assert decode_photo(data, HERE).shape == (4100, 4100)
