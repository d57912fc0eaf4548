"""Finding pictures among any other bytes."""

from __future__ import annotations

import base64

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
@pytest.mark.parametrize("before", [b"", b"x", b"data:image/x;base64,"])
def test_base64_is_found_in_lines_and_in_one(picture: bytes, before: bytes) -> None:
    digits = base64.b64encode(picture)
    lines = base64.encodebytes(picture).rstrip()
    safe = base64.urlsafe_b64encode(picture)
    for text in (digits, lines, safe):
        ((start, end),) = find_pictures(before + text + b" after")
        assert start <= len(before)
        assert end == len(before + text)


@pytest.mark.parametrize(
    "harmless",
    [b"", b"\xff\xd8\xff", JPEG[:100], b"A" * 4000, base64.b64encode(bytes(range(256)) * 9)],
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
