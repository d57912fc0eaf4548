"""Every format is found by its folder, knows its own files, and loads nothing early."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from renders import saved, scene

from inpaint_core.contract.errors import PhotoDamaged, PhotoUnsupported
from inpaint_core.photo.formats.format import CERTAIN, MAYBE, NAMED, NO, Strips
from inpaint_core.photo.formats.registry import (
    find_writable_format,
    formats,
    readable_extensions,
    recognise_format,
    writable_formats,
)
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo
from inpaint_core.photo.write_photo import encode_photo, fit_to_format

HERE = Path("photo.x")
RGB8 = scene(24, 40)
PICTURES = {
    "AVIF": saved(Image.fromarray(RGB8), "AVIF"),
    "BMP": saved(Image.fromarray(RGB8), "BMP"),
    "GIF": saved(Image.fromarray(RGB8).quantize(9), "GIF"),
    "JPEG": saved(Image.fromarray(RGB8), "JPEG"),
    "PNG": saved(Image.fromarray(RGB8), "PNG"),
    "TIFF": saved(Image.fromarray(RGB8), "TIFF"),
    "WEBP": saved(Image.fromarray(RGB8), "WEBP"),
    "HEIF": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "JXL": b"\x00\x00\x00\x0cJXL \r\n\x87\n",
    "RAW": b"FUJIFILMCCD-RAW 0201",
    "PSD": b"8BPS\0\x01",
    "ORA": b"PK\x03\x04" + bytes(26) + b"mimetypeimage/openraster",
}


def test_all_formats_are_there_with_names_of_their_own() -> None:
    assert set(formats()) == set(PICTURES)
    assert len(set(readable_extensions())) == len(readable_extensions())
    assert set(writable_formats()) <= set(readable_extensions())
    for known in formats().values():
        assert all(ending == ending.lower() and ending[0] == "." for ending in known.extensions)


@pytest.mark.parametrize("name", PICTURES)
def test_one_format_is_surest_of_its_own_bytes(name: str) -> None:
    data = PICTURES[name]
    assert recognise_format(data, HERE).id == name
    sure = {known.id: known.sniff(data, HERE) for known in formats().values()}
    assert all(sure[name] > found for other, found in sure.items() if other != name)


def test_a_raw_name_outweighs_bytes_that_formats_share_but_no_signature() -> None:
    named = Path("photo.DNG")
    assert recognise_format(PICTURES["TIFF"], named).id == "RAW"
    assert recognise_format(b"who knows", named).id == "RAW"
    for name in ("JPEG", "PNG", "GIF", "WEBP"):
        assert recognise_format(PICTURES[name], named).id == name
    assert NO < MAYBE < NAMED < CERTAIN


def test_an_avif_that_calls_itself_a_heif_too_is_an_avif() -> None:
    data = b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf"
    assert recognise_format(data, HERE).id == "AVIF"
    assert recognise_format(data.replace(b"avif", b"none"), HERE).id == "HEIF"
    assert recognise_format(b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", HERE).id == "RAW"


def test_other_files_are_refused() -> None:
    for data in (b"gimp xcf", b"%PDF-1.7", b"\0\0\0\x18ftypisom\0\0\0\0isommp42"):
        with pytest.raises(PhotoUnsupported):
            recognise_format(data, HERE)
    with pytest.raises(PhotoDamaged):
        recognise_format(b"nothing", HERE)


@pytest.mark.parametrize("suffix", sorted(writable_formats()))
def test_a_format_that_calls_itself_lossless_is(suffix: str) -> None:
    known = find_writable_format(Path(f"a{suffix}"))
    for quality in (None, 1, 99, 100):
        photo, _ = fit_to_format(Photo(scene(24, 40, np.uint16)), known)
        assert photo.bits == known.depth
        data, _ = encode_photo(photo, known, quality)
        if known.is_lossless(quality):
            np.testing.assert_array_equal(decode_photo(data, HERE).pixels, photo.pixels)
        else:
            assert known.has_quality
    assert known.is_lossless(100) == (known.id != "JPEG")
    assert isinstance(known.encoder, Strips) == (known.id in ("PNG", "TIFF"))


def test_finding_formats_imports_no_library() -> None:
    code = (
        "import sys; from inpaint_core.photo.formats.registry import readable_extensions;"
        "readable_extensions();"
        "late = ('numpy', 'cv2', 'PIL', 'tifffile', 'numba', 'psd_tools', 'psdtags');"
        "print([m for m in late if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
