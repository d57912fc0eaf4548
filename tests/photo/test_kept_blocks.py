"""A JPEG's blocks: read and written without loss, and kept where nothing was changed."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from renders import XMP, exif_block, saved, scene

from inpaint_core.contract.message import Message
from inpaint_core.contract.options import OutputOptions
from inpaint_core.photo.check_saved import check_saved
from inpaint_core.photo.formats.jpeg import coefficient_writer as huffman
from inpaint_core.photo.formats.jpeg import huffman_decoder as scans
from inpaint_core.photo.formats.jpeg import huffman_encoder as emit
from inpaint_core.photo.formats.jpeg.coefficient_writer import encode_body
from inpaint_core.photo.formats.jpeg.coefficients import CoefficientPlanes, read_planes
from inpaint_core.photo.formats.jpeg.kept_blocks import (
    compare_blocks,
    compile_ahead,
    recode_blocks,
)
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo, read_photo
from inpaint_core.photo.write_photo import prepare_output, write_photo

HERE = Path("photo.jpg")
SAMPLINGS = {
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:4:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
    "4:1:1": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411,
}
steady = settings(deadline=None, max_examples=40)
sizes = st.tuples(st.integers(1, 70), st.integers(1, 70))


def jpeg(
    pixels: np.ndarray,
    sampling: str,
    quality: int = 85,
    progressive: bool = False,
    restart: int = 0,
) -> bytes:
    flags = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, SAMPLINGS[sampling]]
    flags += [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_RST_INTERVAL, restart]
    flags += [cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive)]
    done, data = cv2.imencode(".jpg", pixels[:, :, ::-1], flags)
    assert done
    return bytes(data)


def shown(data: bytes) -> np.ndarray:
    found = cv2.imdecode(
        np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    )
    assert found is not None
    return found


def file_of(found: CoefficientPlanes) -> bytes:
    """A whole file; who reads it takes three planes called 1, 2, 3 for luma and chroma."""
    return b"\xff\xd8" + encode_body(found)


def others() -> Iterator[tuple[str, bytes]]:
    """Files that OpenCV does not write."""
    image = Image.fromarray(scene(43, 61))
    yield "grey", saved(image.convert("L"), "JPEG")
    yield "grey progressive", saved(image.convert("L"), "JPEG", progressive=True)
    yield "RGB", saved(image, "JPEG", keep_rgb=True)
    tables = [[3] * 64, [5] * 64, [7] * 64]
    yield "three tables", saved(image, "JPEG", qtables=tables, subsampling=2)
    yield "optimised", saved(image, "JPEG", optimize=True, quality=20)
    sampled = bytearray(saved(image.convert("L"), "JPEG"))
    sampled[sampled.find(b"\xff\xc0") + 11] = 0x22
    yield "grey that says it is sampled", bytes(sampled)
    yield "black", saved(Image.new("RGB", (33, 33)), "JPEG")
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    yield "noise at 100", saved(Image.fromarray(noise), "JPEG", quality=100, subsampling=0)


@steady
@given(
    sizes, st.sampled_from(sorted(SAMPLINGS)), st.integers(5, 100), st.booleans(), st.integers(0, 5)
)
def test_writing_coefficients_again_changes_no_pixel(
    size: tuple[int, int], sampling: str, quality: int, progressive: bool, restart: int
) -> None:
    data = jpeg(scene(*size), sampling, quality, progressive, restart)
    found = read_planes(data, size)
    again = file_of(found)
    np.testing.assert_array_equal(shown(again), shown(data))
    counted = compare_blocks(found, read_planes(again, size))
    assert counted is not None
    assert counted[0].blocks == counted[0].total
    assert not counted[1].any()


@pytest.mark.parametrize("name", [name for name, _ in others()])
def test_rare_files_keep_their_pixels(tmp_path: Path, name: str) -> None:
    data = dict(others())[name]
    photo = decode_photo(data, HERE)
    path = tmp_path / "a.jpg"
    assert write_photo(path, photo) == ()
    np.testing.assert_array_equal(read_photo(path).pixels, photo.pixels)
    check = check_saved(path, photo, np.zeros(photo.shape, bool))
    assert check.differing == 0
    assert check.kept is not None
    assert check.kept.blocks == check.kept.total
    # Another decoder than the one that the photo was read with.
    other = Image.open(io.BytesIO(data)).convert("RGB")
    np.testing.assert_array_equal(np.asarray(Image.open(path).convert("RGB")), np.asarray(other))


@steady
@given(sizes, st.sampled_from(sorted(SAMPLINGS)), st.booleans(), st.data())
def test_blocks_outside_of_a_hole_are_the_originals(
    tmp_path_factory: pytest.TempPathFactory,
    size: tuple[int, int],
    sampling: str,
    progressive: bool,
    drawn: st.DataObject,
) -> None:
    data = jpeg(scene(*size), sampling, 90, progressive)
    photo = decode_photo(data, HERE)
    y, x = (drawn.draw(st.integers(0, side - 1)) for side in size)
    high, wide = drawn.draw(st.integers(1, 30)), drawn.draw(st.integers(1, 30))
    pixels = photo.pixels.copy()
    hole = np.zeros(size, bool)
    hole[y : y + high, x : x + wide] = True
    pixels[hole] ^= 255
    path = tmp_path_factory.mktemp("blocks") / "a.jpg"
    assert write_photo(path, replace(photo, pixels=pixels)) == ()
    before, after = read_planes(data, size), read_planes(path.read_bytes(), size)
    (rows, columns), (down, across) = before.frame.units, before.frame.unit
    touched = np.zeros((rows * down, columns * across), bool)
    touched[: size[0], : size[1]] = hole
    units = touched.reshape(rows, down, columns, across).any(axis=(1, 3))
    for part, one, other in zip(before.frame.components, before.blocks, after.blocks, strict=True):
        same = ~np.repeat(np.repeat(units, part.down, 0), part.across, 1)
        np.testing.assert_array_equal(one[same], other[same])
    # Where a pixel's own samples and those beside them are kept, so is the pixel.
    far = cv2.dilate(
        np.repeat(np.repeat(units, down, 0), across, 1).astype(np.uint8), np.ones((9, 9))
    )
    far = far[: size[0], : size[1]] == 0
    np.testing.assert_array_equal(shown(path.read_bytes())[far], photo.pixels[far])
    check = check_saved(path, photo, hole)
    assert check.kept is not None
    assert (check.kept.total, check.kept.blocks) == (units.size, units.size - int(units.sum()))
    assert f"{check.kept.blocks:,} of {units.size:,} blocks of {across} × {down}" in " ".join(
        map(str, check.messages)
    )
    if sampling in ("4:4:4", "4:2:2", "4:2:0"):
        assert check.elsewhere == 0
        assert ("All differing" in " ".join(map(str, check.messages))) == (check.differing > 0)


@pytest.mark.parametrize("sampling", sorted(SAMPLINGS))
def test_new_blocks_are_as_good_as_libjpegs(sampling: str) -> None:
    pixels = scene(70, 90)
    pixels[:, :45, 0] //= 3  # an edge in the colours
    data = jpeg(pixels, sampling, 88)
    theirs = read_planes(data, (70, 90))
    ours = CoefficientPlanes(
        theirs.frame, tuple(np.zeros_like(b) for b in theirs.blocks), theirs.tables
    )
    recode_blocks(ours, pixels, np.ones(ours.frame.units, bool))
    for part, one, other in zip(ours.frame.components, ours.blocks, theirs.blocks, strict=True):
        rows, columns = ours.frame.size(part)  # those beyond the edge show nothing
        step = np.abs(one.astype(int) - other)[:rows, :columns]
        assert step.max() <= 4  # beyond the edge libjpeg repeats chroma that is shrunk already
        assert (step > 0).mean() < 0.03
    loss = [np.abs(shown(d).astype(int) - pixels).mean() for d in (file_of(ours), data)]
    assert loss[0] < 1.02 * loss[1]


def test_what_is_asked_for_otherwise_is_coded_anew(tmp_path: Path) -> None:
    photo = decode_photo(jpeg(scene(40, 50), "4:2:0"), HERE)
    path = tmp_path / "a.jpg"
    for quality, sampling in ((None, "4:4:4"), (85, "4:2:0"), (None, "4:2:0"), (None, "")):
        assert write_photo(path, photo, quality=quality, sampling=sampling, overwrite=True) == ()
        check = check_saved(path, photo, np.zeros(photo.shape, bool), quality=quality)
        assert (check.kept is not None) == (quality is None and sampling != "4:4:4")


def test_colour_in_a_grey_photo_is_not_lost(tmp_path: Path) -> None:
    grey = decode_photo(saved(Image.fromarray(scene(40, 50)).convert("L"), "JPEG"), HERE)
    pixels = grey.pixels.copy()
    pixels[10:20, 10:20] = (200, 30, 30)
    (note,) = write_photo(tmp_path / "a.jpg", replace(grey, pixels=pixels))
    assert note == Message("photo.jpeg_recoded", reason=Message("photo.jpeg.no_longer_grey"))
    again = read_photo(tmp_path / "a.jpg")
    assert np.abs(again.pixels[12:18, 12:18].astype(int) - (200, 30, 30)).max() < 25


def test_metadata_and_choices_hold_on_kept_blocks_too(tmp_path: Path) -> None:
    data = saved(
        Image.fromarray(scene(24, 40)),
        "JPEG",
        exif=b"Exif\0\0" + exif_block(),
        xmp=XMP,
        dpi=(240, 240),
        icc_profile=b"",
    )
    photo = decode_photo(data, HERE)
    plain, private = tmp_path / "a.jpg", tmp_path / "b.jpg"
    ready, _ = prepare_output(photo, OutputOptions(note_in_xmp=True), "2025-01-02T03:04:05+00:00")
    assert write_photo(plain, ready) == ()
    again = read_photo(plain)
    assert again.dpi == (240, 240)
    assert again.xmp is not None
    assert b"2025-01-02T03:04:05" in again.xmp
    assert again.exif is not None
    assert photo.exif is not None
    assert b"Lacuna\0\x01" in again.exif  # the maker's note
    bare, _ = prepare_output(photo, OutputOptions(metadata="no_gps"))
    assert write_photo(private, bare) == ()
    hidden = read_photo(private).exif
    assert hidden is not None
    assert b"Lacuna\0\x01" not in hidden
    for path in (plain, private):
        assert (read_photo(path).pixels == photo.pixels).all()


def test_damage_is_refused_by_name_and_never_more() -> None:
    images = [
        jpeg(scene(40, 56), "4:2:0", progressive=True),
        jpeg(scene(40, 56), "4:2:2", restart=2),
        dict(others())["grey"],
    ]
    refused = 0
    for number in range(1500):
        rng = random.Random(number)
        data = bytearray(rng.choice(images))
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(2, len(data))] = rng.randrange(256)
        if number % 7 == 0:
            del data[rng.randrange(2, len(data)) :]
        try:
            encode_body(read_planes(bytes(data), (40, 56) if rng.random() < 0.9 else (43, 61)))
        except ValueError:
            refused += 1
    assert 300 < refused < 1500


def test_a_plane_without_a_scan_is_damage() -> None:
    data = jpeg(scene(40, 56), "4:4:4", progressive=True)
    start = data.index(b"\xff\xda")
    # The first scan says that it has one plane only, the first.
    head = b"\xff\xda\x00\x08\x01" + data[start + 5 : start + 7] + b"\0\0\x01"
    end = data.index(b"\xff\xc4", start)
    with pytest.raises(ValueError, match=r"cut off|damaged"):
        read_planes(data[:start] + head + data[start + 14 : end] + b"\xff\xd9", (40, 56))


def test_a_photo_whose_file_is_damaged_is_coded_anew_with_a_note(tmp_path: Path) -> None:
    data = bytearray(jpeg(scene(64, 96), "4:2:0"))
    photo = decode_photo(bytes(data), HERE)
    assert photo.jpeg is not None
    broken = replace(photo, jpeg=replace(photo.jpeg, source=bytes(data[:-300])))
    (note,) = write_photo(tmp_path / "a.jpg", broken)
    assert note.key == "photo.jpeg_recoded"
    assert "quantisation tables" in str(note)
    assert read_photo(tmp_path / "a.jpg").shape == (64, 96)
    check = check_saved(tmp_path / "a.jpg", broken, np.zeros((64, 96), bool))
    assert check.kept is None


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=256), st.booleans())
def test_huffman_codes_are_codes(counts: list[int], steep: bool) -> None:
    weights = np.zeros(256, np.int64)
    weights[: len(counts)] = counts
    if steep:  # Fibonacci's numbers make the deepest trees
        one, other = 1, 1
        for place in range(min(len(counts), 60)):
            weights[place] = one
            one, other = other, one + other
    if not weights.any():
        weights[7] = 1
    lengths, symbols = huffman.build_huffman_table(weights)
    assert sorted(symbols) == np.flatnonzero(weights).tolist()
    found = huffman.assign_codes(lengths, symbols)
    used = [f"{code:0{size}b}" for code, size in found[list(symbols)]]
    assert max(map(len, used)) <= 16
    assert all("0" in code for code in used)
    ordered = sorted(used)
    assert not any(b.startswith(a) for a, b in pairwise(ordered))
    more = sorted(symbols, key=lambda s: -weights[s])
    assert [found[s][1] for s in more] == sorted(found[s][1] for s in more)


def test_a_photo_without_its_file_is_written_with_its_tables(tmp_path: Path) -> None:
    photo = decode_photo(jpeg(scene(40, 56), "4:2:0"), HERE)
    assert photo.jpeg is not None
    bare: Photo = replace(photo, jpeg=replace(photo.jpeg, source=b""))
    assert write_photo(tmp_path / "a.jpg", bare) == ()
    again = read_photo(tmp_path / "a.jpg").jpeg
    assert again == photo.jpeg
    assert check_saved(tmp_path / "a.jpg", bare, np.zeros((40, 56), bool)).kept is None


@pytest.mark.parametrize("progressive", [False, True])
def test_nothing_is_left_to_compile_when_a_photo_is_saved(
    tmp_path: Path, progressive: bool
) -> None:
    loops = (scans.unstuff, scans.decode_scan, emit.count_symbols, emit.write_blocks)
    compile_ahead()
    before = [list(loop.signatures) for loop in loops]
    assert all(before)
    photo = decode_photo(jpeg(scene(40, 56), "4:2:0", 90, progressive), HERE)
    pixels = photo.pixels.copy()
    pixels[10:20, 10:20] ^= 255
    assert write_photo(tmp_path / "a.jpg", replace(photo, pixels=pixels)) == ()
    assert [list(loop.signatures) for loop in loops] == before
