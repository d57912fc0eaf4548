"""Finding pictures among any other bytes."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from renders import saved, scene, steady

from inpaint_core.photo.metadata.embedded_pictures import find_pictures

SMALL = Image.fromarray(scene(24, 32))
JPEG, PNG = saved(SMALL, "JPEG", quality=80), saved(SMALL, "PNG")
WEBP = saved(SMALL, "WEBP", quality=80)
OTHERS = {
    "GIF": saved(SMALL, "GIF"),
    "BMP": saved(SMALL, "BMP"),
    "TIFF": saved(SMALL, "TIFF"),
    "deflated TIFF": saved(SMALL, "TIFF", compression="tiff_adobe_deflate"),
    "JPEG 2000": saved(SMALL, "JPEG2000"),
    "JPEG 2000 codestream": saved(SMALL, "JPEG2000", no_jp2=True),
    "AVIF": saved(SMALL, "AVIF"),
    "progressive": saved(SMALL, "JPEG", progressive=True),
    "grey": saved(SMALL.convert("L"), "JPEG"),
    "one pixel": saved(SMALL.crop((0, 0, 1, 1)), "JPEG"),
    "with its own thumbnail": saved(SMALL, "JPEG", exif=b"Exif\0\0" + JPEG),
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_kind_is_found_from_end_to_end(name: str) -> None:
    data = b"before" + OTHERS[name] + b"after"
    assert find_pictures(data) == [(6, 6 + len(OTHERS[name]))]


@pytest.mark.parametrize("picture", [JPEG, PNG, WEBP, saved(SMALL, "GIF"), saved(SMALL, "TIFF")])
@pytest.mark.parametrize("before", [b"", b"x", b"data:image/x;base64,", b"picture:\n"])
def test_base64_is_found_in_lines_and_in_one(picture: bytes, before: bytes) -> None:
    digits = base64.b64encode(picture)
    lines = base64.encodebytes(picture).rstrip()
    safe = base64.urlsafe_b64encode(picture)
    for text in (digits, lines, safe):
        ((start, end),) = find_pictures(before + text + b" after")
        assert start <= len(before)
        assert end == len(before + text)


@pytest.mark.parametrize("picture", [JPEG, PNG, saved(SMALL, "BMP")])
def test_digits_are_found_in_hex_and_in_texts_of_two_bytes(picture: bytes) -> None:
    lines = "\n".join(re.findall(".{1,72}", picture.hex()))
    for text in (picture.hex(), picture.hex(" ").upper(), lines):
        assert find_pictures(b"(" + text.encode() + b")") == [(1, 1 + len(text))]
    digits = base64.b64encode(picture).decode()
    for text in (digits, picture.hex()):
        assert find_pictures(text.encode("utf-16-le")) == [(0, 2 * len(text))]
        assert find_pictures(text.encode("utf-16-be") + b"\0") == [(1, 2 * len(text) + 1)]


@pytest.mark.parametrize(
    "harmless",
    [
        b"https://a.com/wp-content/uploads/2023/05/a-long-name-of-a-photo-of-a-harbour-at-dawn",
        b"/wp-content/uploads/2023/05/a-long-name-of-a-photo-of-a-harbour-at-dawn-and-more",
        b"BM" + bytes(40),
        b"II*\0\x08\0\0\0\1\0\x0f\1\2\0\4\0\0\0abc\0\0\0\0\0",
        b"GIF8",
        b"",
        b"\xff\xd8\xff",
        JPEG[:100],
        b"A" * 4000,
        base64.b64encode(bytes(range(256)) * 9),
    ],
)
def test_what_is_no_picture_is_not_found(harmless: bytes) -> None:
    assert find_pictures(harmless) == []


@steady
@given(st.binary(max_size=60), st.sampled_from([JPEG, PNG, WEBP]), st.binary(max_size=60))
def test_a_picture_is_found_between_any_bytes(before: bytes, picture: bytes, after: bytes) -> None:
    spans = find_pictures(before + b"\0" + picture + after)
    assert (len(before) + 1, len(before) + 1 + len(picture)) in [
        (max(start, len(before) + 1), end) for start, end in spans
    ]


def test_the_search_is_quick_in_hostile_data() -> None:
    """Each of many places begins a chain of segments that leads nowhere."""
    chain = b"\xff\xe0\0\x04\0\xd8" * 100_000
    assert find_pictures(chain) == []
