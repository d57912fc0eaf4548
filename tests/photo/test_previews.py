"""Pictures inside of files: after an edit none of them shows the photo as it was."""

from __future__ import annotations

import base64
import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin
from renders import XMP, exif_block, exif_fields, saved, scene, steady

from inpaint_core.contract.choices import METADATA_CHOICES
from inpaint_core.contract.options import OutputOptions
from inpaint_core.photo.formats.jpeg.app_segments import make_segment, split_xmp
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.metadata.embedded_pictures import find_pictures
from inpaint_core.photo.metadata.previews import (
    remove_exif_previews,
    remove_iptc_previews,
    remove_previews,
)
from inpaint_core.photo.metadata.xmp_previews import remove_xmp_previews
from inpaint_core.photo.photo import Block, Photo
from inpaint_core.photo.read_photo import decode_photo
from inpaint_core.photo.write_photo import prepare_output, write_photo

PIXELS = scene(48, 64)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
OLD = scene(24, 32, seed=1)[::-1, ::-1] // 2  # unlike the photo
JPEG = saved(Image.fromarray(OLD), "JPEG", quality=80)
PNG = saved(Image.fromarray(OLD), "PNG")
WEBP = saved(Image.fromarray(OLD), "WEBP", quality=80)
RDF = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
GIMG = (
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/"'
)


def base64_lines(data: bytes, end: bytes) -> bytes:
    return end.join(re.findall(b".{1,76}", base64.b64encode(data)))


def packet(inside: bytes) -> bytes:
    return b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + RDF + inside + b"</rdf:RDF></x:xmpmeta>"


def thumbnails(image: bytes) -> bytes:
    return packet(
        b"<rdf:Description " + GIMG + b' xmp:Label="kept"><xmp:Thumbnails><rdf:Alt>'
        b'<rdf:li rdf:parseType="Resource"><xmpGImg:width>32</xmpGImg:width>' + image + b"</rdf:li>"
        b"</rdf:Alt></xmp:Thumbnails><xmp:Rating>4</xmp:Rating></rdf:Description>"
    )


XMP_PACKETS = {
    "element": thumbnails(
        b"<xmpGImg:image>" + base64_lines(JPEG, b"&#xA;") + b"</xmpGImg:image>"
    ),
    "plain lines": thumbnails(
        b"<xmpGImg:image>\n" + base64_lines(JPEG, b"\n  ") + b"</xmpGImg:image>"
    ),
    "attribute": packet(
        b'<rdf:Description xmlns:GImage="http://ns.google.com/photos/1.0/image/" xmlns:xmp="x"'
        b' xmp:Label="kept" GImage:Mime="image/jpeg" GImage:Data="'
        + base64.b64encode(JPEG) + b'"/>'
    ),
    "depth map": packet(
        b'<rdf:Description xmlns:GDepth="http://ns.google.com/photos/1.0/depthmap/" xmlns:xmp="x"'
        b' xmp:Label="kept"><GDepth:Data>' + base64.b64encode(PNG) + b"</GDepth:Data>"
        b"</rdf:Description>"
    ),
    "list": packet(
        b'<rdf:Description xmlns:my="my" xmlns:xmp="x" xmp:Label="kept"><my:pictures><rdf:Bag>'
        b"<rdf:li>"
        + base64.b64encode(WEBP)
        + b"</rdf:li></rdf:Bag></my:pictures><my:words><rdf:Bag><rdf:li>a word</rdf:li></rdf:Bag>"
        b"</my:words></rdf:Description>"
    ),
    "text around": packet(
        b'<rdf:Description xmlns:my="my" xmlns:xmp="x" xmp:Label="kept" my:note="see'
        b" data:image/jpeg;base64," + base64.b64encode(JPEG) + b'"/>'
    ),
}  # fmt: skip


def nikon(order: str) -> bytes:
    """A note with a TIFF structure of its own, whose field 0x0011 points to a preview."""
    at = 8 + 2 + 12 + 4
    inner = b"MM\0*" + struct.pack(">I", 8) + struct.pack(">HHHII", 1, 0x11, 4, 1, at) + bytes(4)
    picture = at + 2 + 24 + 4
    inner += struct.pack(">HHHIIHHIII", 2, 0x201, 4, 1, picture, 0x202, 4, 1, len(JPEG), 0)
    return b"Nikon\0\x02\x10\0\0" + inner + JPEG + b"more of the note"


def minolta(order: str) -> bytes:
    """A preview whose first byte is wrong."""
    return b"MLT0\0" + bytes(9) + b"\x02" + JPEG[1:] + b"more"


NOTES: dict[str, Callable[[str], bytes]] = {
    "Nikon": nikon,
    "Minolta": minolta,
    "inside a header": lambda order: b"Casio\0" + bytes(32) + JPEG + bytes(3),
    "two": lambda order: b"OLYMP\0" + JPEG + b"between" + PNG + b"end",
    "cut off": lambda order: b"PENT" + JPEG[:-30],
    "base64": lambda order: b"note: " + base64.b64encode(JPEG) + b" end of it",
}


def block_with_note(note: bytes, order: str = "<", thumbnail: bytes = b"") -> bytes:
    """EXIF data whose maker note is ``note``, and perhaps a thumbnail behind everything."""
    block = bytearray(b"II*\0" + bytes(4) if order == "<" else b"MM\0*" + bytes(4))
    shot = exif.append_directory(
        block,
        order,
        [exif.make_field(0x927C, 7, note, order), exif.make_field(0x9000, 7, b"0232", order)],
    )
    fields = [exif.make_field(exif.EXIF_IFD, 4, [shot], order)]
    first = exif.append_directory(
        block, order, [*fields, exif.make_field(exif.ORIENTATION, 3, [1], order)]
    )
    struct.pack_into(order + "I", block, 4, first)
    if thumbnail:
        struct.pack_into(order + "I", block, len(block) - 4, len(block))
        exif.append_directory(
            block,
            order,
            [
                exif.make_field(0x0201, 4, [len(block) + 2 + 24 + 4], order),
                exif.make_field(0x0202, 4, [len(thumbnail)], order),
            ],
        )
        block += thumbnail
    return bytes(block)


def raw_thumbnail(order: str, depth: int) -> bytes:
    """EXIF data with an uncompressed picture in two strips: the thumbnail (1), a directory behind
    it (2), or a directory inside of the first (0).
    """
    block = bytearray(b"II*\0" + bytes(4) if order == "<" else b"MM\0*" + bytes(4))
    rows = OLD.tobytes()
    places = [len(block), len(block) + len(rows) // 2]
    block += rows
    strips = [
        exif.make_field(0x0111, 4, places, order),
        exif.make_field(0x0117, 4, [len(rows) // 2] * 2, order),
    ]
    picture = exif.append_directory(block, order, strips)
    if depth == 2:
        between = exif.append_directory(block, order, [exif.make_field(0x0103, 3, [1], order)])
        struct.pack_into(order + "I", block, len(block) - 4, picture)
        picture = between
    fields = [exif.make_field(exif.ORIENTATION, 3, [1], order)]
    if depth == 0:
        fields.append(exif.make_field(0x014A, 4, [picture], order))
    first = exif.append_directory(block, order, fields)
    struct.pack_into(order + "I", block, 4, first)
    if depth:
        struct.pack_into(order + "I", block, len(block) - 4, picture)
    return bytes(block)


def resources(number: int, content: bytes) -> bytes:
    return (
        b"8BIM" + struct.pack(">HHI", number, 0, len(content)) + content + bytes(len(content) % 2)
    )


def dataset(record: int, number: int, content: bytes) -> bytes:
    if len(content) < 0x8000:
        return struct.pack(">3BH", 0x1C, record, number, len(content)) + content
    return struct.pack(">3BHI", 0x1C, record, number, 0x8004, len(content)) + content


IPTC = dataset(2, 105, b"kept") + dataset(2, 202, JPEG) + dataset(2, 25, b"kept too")
PHOTOSHOP = b"Photoshop 3.0\0" + resources(0x040C, struct.pack(">I24x", 1) + JPEG)
PHOTOSHOP += resources(0x0404, IPTC) + resources(0x0FA0, b"plug-in" + JPEG)
MAIN = b"http://ns.adobe.com/xap/1.0/\0"


def jpeg_with(*segments: tuple[int, bytes], behind: bytes = b"", plain: bytes = b"") -> bytes:
    data = plain or saved(Image.fromarray(PIXELS), "JPEG", quality=90)
    return data[:2] + b"".join(make_segment(*part) for part in segments) + data[2:] + behind


def long_xmp() -> bytes:
    """A packet in several segments, whose picture lies across their borders."""
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    image = base64.b64encode(saved(Image.fromarray(noise), "JPEG", quality=95))
    short, rest = split_xmp(thumbnails(b"<xmpGImg:image>" + image + b"</xmpGImg:image>"))
    data = saved(Image.fromarray(PIXELS), "JPEG")
    return data[:2] + make_segment(0xE1, MAIN + short) + rest + data[2:]


def png_with(block: bytes, **chunks: bytes) -> bytes:
    info = PngImagePlugin.PngInfo()
    for name, content in chunks.items():
        info.add(name.encode(), content)
    return saved(Image.fromarray(PIXELS), "PNG", pnginfo=info, exif=block)


def tiff_with(smaller_pages: bool) -> bytes:
    out = io.BytesIO()
    with tifffile.TiffWriter(out) as file:
        tags = [
            (34377, 7, len(PHOTOSHOP) - 14, PHOTOSHOP[14:], True),
            (700, 1, len(XMP_PACKETS["element"]), XMP_PACKETS["element"], True),
        ]
        file.write(
            PIXELS, photometric="rgb", metadata=None, extratags=tags, subifds=int(not smaller_pages)
        )
        file.write(OLD, photometric="rgb", metadata=None, subfiletype=1)
    return out.getvalue()


def files() -> Iterator[tuple[str, bytes]]:
    for name, note in NOTES.items():
        yield f"note {name}", jpeg_with((0xE1, exif.PREFIX + block_with_note(note("<"), "<", JPEG)))
    for name, content in XMP_PACKETS.items():
        yield f"XMP {name}", jpeg_with((0xE1, MAIN + content))
    yield "long XMP", long_xmp()
    yield "thumbnail", jpeg_with((0xE1, exif.PREFIX + exif_block(">", 1, JPEG)))
    jfif = b"JFIF\0\x01\x02\0\0\x48\0\x48"
    plain = saved(Image.fromarray(PIXELS), "JPEG")
    bare = plain[:2] + plain[20:]  # without its JFIF segment
    yield "JFIF", jpeg_with((0xE0, jfif + bytes([32, 24]) + OLD.tobytes()), plain=bare)
    yield "JFXX", jpeg_with((0xE0, jfif + b"\0\0"), (0xE0, b"JFXX\0\x10" + JPEG), plain=bare)
    yield "FlashPix", jpeg_with((0xE2, b"FPXR\0\0\x02\0\0\0\0\0" + JPEG))
    yield "MPF", jpeg_with((0xE2, b"MPF\0MM\0*" + bytes(40)), behind=JPEG)
    yield "behind the end", jpeg_with(behind=JPEG)
    yield "Photoshop", jpeg_with((0xED, PHOTOSHOP))
    yield "unknown segment", jpeg_with((0xE7, b"MINE\0" + JPEG))
    yield "comment", jpeg_with((0xFE, base64.b64encode(JPEG)))
    half = len(JPEG) // 2
    yield "segments that go on", jpeg_with((0xE4, JPEG[:half]), (0xE5, JPEG[half:]))
    digits = base64.b64encode(JPEG)
    yield "comments that go on", jpeg_with((0xFE, digits[:90]), (0xFE, digits[90:]))
    yield "profile", jpeg_with((0xE2, b"ICC_PROFILE\0\1\1" + PROFILE + JPEG))
    yield "text", png_with(exif_block(), tEXt=b"Thumb\0" + JPEG)
    yield "packed text", png_with(exif_block(), zTXt=b"Thumb\0\0" + zlib.compress(JPEG))
    yield (
        "PNG",
        png_with(
            block_with_note(nikon("<"), "<", JPEG),
            iTXt=b"XML:com.adobe.xmp" + bytes(5) + XMP_PACKETS["attribute"],
            zTXt=b"Thumb\0\0" + zlib.compress(base64.b64encode(JPEG)),
            prVt=JPEG,
        ),
    )
    yield "TIFF", tiff_with(smaller_pages=False)
    yield "TIFF with pages", tiff_with(smaller_pages=True)
    heif = pillow_heif.from_bytes("RGB", (64, 48), PIXELS.tobytes())
    out = io.BytesIO()
    heif.save(out, quality=-1, thumbnails=[32], exif=exif.PREFIX + exif_block("<", 1, JPEG))
    yield "HEIF", out.getvalue()
    yield (
        "WebP",
        saved(
            Image.fromarray(PIXELS),
            "WEBP",
            lossless=True,
            exif=block_with_note(minolta("<"), "<", JPEG),
            xmp=XMP_PACKETS["element"],
        ),
    )


FILES = dict(files())


def pictures_in(data: bytes) -> Iterator[np.ndarray]:
    """Every picture that Pillow finds anywhere in a file but at its beginning."""
    texts = [data]
    for start in re.finditer(b"\x78[\x01\x5e\x9c\xda]", data):
        try:
            texts.append(zlib.decompressobj().decompress(data[start.start() :], 1 << 20))
        except zlib.error:
            continue
    for text in list(texts):
        packed = b"".join(re.sub(b"&#x?[0-9A-Fa-f]+;", b"", text).split())
        for found in re.finditer(rb"(?:/9j/|iVBORw0KGgo|UklGR)[A-Za-z0-9+/]{80,}={0,2}", packed):
            texts.append(b" " + base64.b64decode(found.group() + b"=="))
    for text in texts:
        for start in re.finditer(rb"\xff\xd8\xff|\x89PNG\r\n|RIFF....WEBP", text[1:], re.DOTALL):
            try:
                with Image.open(io.BytesIO(text[1 + start.start() :])) as image:
                    yield np.asarray(image.convert("RGB"))
            except (OSError, SyntaxError, ValueError):
                continue


def test_the_search_finds_what_is_there() -> None:
    shown = {name: len(list(pictures_in(data))) for name, data in FILES.items()}
    hidden = {name for name, count in shown.items() if not count}
    # Cut off, with a wrong first byte, without any coding, or in pieces.
    expected = {"note cut off", "note Minolta", "JFIF", "TIFF with pages", "long XMP"}
    assert hidden <= expected | {"comments that go on", "packed text"}


@pytest.mark.parametrize("name", FILES)
def test_no_output_shows_what_was_there(tmp_path: Path, name: str) -> None:
    photo = decode_photo(FILES[name], Path("photo.x"))
    had_thumbnail = name.startswith("note") or name in ("thumbnail", "PNG", "WebP", "HEIF")
    for choice in METADATA_CHOICES:
        ready, _ = prepare_output(photo, OutputOptions(metadata=choice))
        for suffix in (".jpg", ".png", ".tif", ".webp"):
            path = tmp_path / f"{choice}{suffix}"
            notes = write_photo(path, ready)
            says = any("EXIF thumbnail" in str(note) for note in notes)
            assert says == (had_thumbnail and suffix != ".jpg" and choice != "none")
            data = path.read_bytes()
            assert JPEG[-32:-4] not in data
            assert OLD.tobytes()[100:140] not in data
            for found in pictures_in(data):
                size = (found.shape[1], found.shape[0])
                want = np.asarray(Image.fromarray(PIXELS).resize(size, Image.Resampling.BOX))
                assert np.abs(found.astype(int) - want).mean() < 12
    said = [note for note in photo.notes if note.key == "photo.blocks_left_out"]
    assert len(said) == (name != "thumbnail")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", NOTES)
def test_of_a_makers_note_only_the_preview_changes(name: str, order: str) -> None:
    block = block_with_note(NOTES[name](order), order)
    found, places, _ = remove_exif_previews(block)
    assert places == ["maker_note"]
    assert len(found) == len(block)
    changed = np.frombuffer(found, np.uint8) != np.frombuffer(block, np.uint8)
    assert not np.frombuffer(found, np.uint8)[changed].any()
    start = next(part for part in (JPEG[1:40], base64.b64encode(JPEG)[:40]) if part in block)
    at = block.index(start)
    assert np.flatnonzero(changed)[0] in (at - 1, at)
    assert exif_fields(found)["exif"][0x9000] == b"0232"
    assert find_pictures(found) == []
    assert remove_exif_previews(found) == (found, [], False)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_pictures_without_coding_go_too(depth: int, order: str) -> None:
    block = raw_thumbnail(order, depth)
    found, places, had_thumbnail = remove_exif_previews(block)
    assert places == ([] if depth == 1 else ["exif"])
    assert had_thumbnail == (depth == 1)
    assert not any(found[8 : 8 + OLD.size])
    _, first = exif.read_first_directory(found)
    assert first.next == 0
    assert set(first.entries) == {exif.ORIENTATION}


def test_a_thumbnail_that_claims_too_much_takes_nothing_with_it() -> None:
    block = bytearray(exif_block("<", 1, JPEG))
    _, first = exif.read_first_directory(bytes(block))
    thumbnail = exif.read_directory(bytes(block), "<", first.next).entries
    struct.pack_into("<I", block, thumbnail[0x0201].at, 8)  # all of the data
    struct.pack_into("<I", block, thumbnail[0x0202].at, len(block) - 8)
    found, _, _ = remove_exif_previews(bytes(block))
    assert exif_fields(found) == exif_fields(exif_block("<", 1))
    assert find_pictures(found) == []


@pytest.mark.parametrize("name", XMP_PACKETS)
def test_the_rest_of_a_packet_stays(name: str) -> None:
    content = XMP_PACKETS[name]
    found = remove_xmp_previews(content)
    assert b"kept" in found
    assert (b"xmp:Rating>4<" in found) == (b"xmp:Rating" in content)
    assert (b"a word" in found) == (b"a word" in content)
    assert remove_xmp_previews(found) == found
    decode_photo(saved(Image.fromarray(PIXELS), "PNG"), Path("a.png"))


def test_packets_that_cannot_be_parsed_go_whole() -> None:
    content = XMP_PACKETS["attribute"]
    assert remove_xmp_previews(content.replace(b"</x:xmpmeta>", b"</x>")) == b""
    assert remove_xmp_previews(b"<!DOCTYPE x>" + content) == b""
    assert remove_xmp_previews(b"<!--" + base64.b64encode(JPEG) + b"-->" + packet(b"")) == b""
    assert remove_xmp_previews(content.decode().encode("utf-16")) == b""
    for harmless in (XMP, XMP.decode().encode("utf-16"), b"not XML <", b""):
        assert remove_xmp_previews(harmless) == harmless


def test_iptc_previews_go_dataset_by_dataset() -> None:
    assert remove_iptc_previews(IPTC) == dataset(2, 105, b"kept") + dataset(2, 25, b"kept too")
    long = dataset(2, 120, b"c" * 40_000) + dataset(8, 10, JPEG)
    assert remove_iptc_previews(long) == dataset(2, 120, b"c" * 40_000)
    hidden = dataset(2, 120, JPEG)
    assert remove_iptc_previews(hidden) == dataset(2, 120, bytes(len(JPEG)))
    pieces = b"".join(dataset(2, 230, JPEG[at : at + 99]) for at in range(0, len(JPEG), 99))
    keywords = dataset(2, 25, b"one") + dataset(2, 25, b"two")
    assert remove_iptc_previews(keywords + pieces) == keywords
    for odd in (b"", b"\x1c", b"\x1c\x02\x05\xff\xff", IPTC[:11]):
        assert remove_iptc_previews(odd) == odd


def test_items_and_references_of_a_packet_are_read_together() -> None:
    digits = base64.b64encode(JPEG)
    items = b"".join(b"<rdf:li>%s</rdf:li>" % line for line in re.findall(b".{1,50}", digits))
    for value in (
        b"<rdf:Seq>" + items + b"</rdf:Seq>",
        digits.replace(b"A", b"&#65;"),
        JPEG.hex().encode(),
    ):
        inside = b'<rdf:Description a:b="kept"><a:c>' + value + b"</a:c></rdf:Description>"
        want = packet(b'<rdf:Description a:b="kept"></rdf:Description>')
        assert remove_xmp_previews(packet(inside)) == want


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_picture_in_numbers_of_a_tiff_is_found(order: str) -> None:
    numbers = np.frombuffer(JPEG + bytes(-len(JPEG) % 4), order + "u4")
    out = io.BytesIO()
    field = (65000, 4, len(numbers), numbers.tolist(), True)
    tifffile.imwrite(out, PIXELS, photometric="rgb", byteorder=order, extratags=[field])
    assert JPEG in out.getvalue()
    photo = decode_photo(out.getvalue(), Path("photo.tif"))
    assert "65000" not in [block.name for block in photo.blocks]
    assert "65000" in " ".join(map(str, photo.notes))


def test_blocks_with_pictures_are_named() -> None:
    blocks = (Block("segment", "APP7 MINE", JPEG), Block("comment", "COM", b"a word"))
    found = remove_previews(Photo(PIXELS, blocks=blocks))
    assert found.blocks == blocks[1:]
    assert "APP7 MINE" in str(found.notes[0])
    assert remove_previews(replace(found, notes=())).notes == ()


@steady
@given(st.binary(max_size=300))
def test_any_bytes_are_survived(data: bytes) -> None:
    for head in (
        b"",
        b"II*\0\x08\0\0\0",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"\x1c\x02\xca\x80",
    ):
        remove_exif_previews(head + data)
        remove_iptc_previews(head + data)
        remove_xmp_previews(head + data)
        for start, end in find_pictures(head + data):
            assert 0 <= start < end <= len(head + data)
