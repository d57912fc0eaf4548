"""JPEG photos that lie on their side keep their orientation and, with it, their blocks."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from renders import XMP, exif_block, exif_fields, saved, scene

from inpaint_core.contract.choices import METADATA_CHOICES
from inpaint_core.contract.options import OutputOptions
from inpaint_core.photo.check_saved import check_saved
from inpaint_core.photo.formats.jpeg.app_segments import make_segment
from inpaint_core.photo.formats.jpeg.coefficients import read_planes
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Photo, turn_back, turn_upright
from inpaint_core.photo.read_photo import decode_photo, read_photo
from inpaint_core.photo.write_photo import prepare_output, write_photo
from inpaint_core.retouch.save_photo import save_photo

HERE = Path("photo.jpg")
SAMPLINGS = {
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:4:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
    "grey": None,
}
orientations = st.integers(1, 8)


def camera_jpeg(
    size: tuple[int, int], orientation: int, sampling: str = "4:2:0", progressive: bool = False
) -> bytes:
    """A JPEG with EXIF and XMP data of ``size`` (height, width) as it lies in the file."""
    pixels = cv2.GaussianBlur(scene(*size), (0, 0), 2)
    flags = [cv2.IMWRITE_JPEG_QUALITY, 85, cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive)]
    if sampling == "grey":
        pixels = pixels[:, :, 0]
    else:
        flags += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, SAMPLINGS[sampling]]
    _, coded = cv2.imencode(".jpg", pixels, flags)
    block = exif_block("<", orientation, saved(Image.new("RGB", (16, 12), "red"), "JPEG"))
    head = make_segment(0xE1, exif.PREFIX + block)
    head += make_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    return b"\xff\xd8" + head + coded.tobytes()[2:]


def opened(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def stored(data: bytes) -> np.ndarray:
    """The pixels as they lie in the file."""
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    found = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    assert found is not None
    return found


def repainted(photo: Photo, hole: np.ndarray) -> Photo:
    pixels = photo.pixels.copy()
    pixels[hole] = 255 - pixels[hole].mean(axis=1, keepdims=True).astype(np.uint8)
    return replace(photo, pixels=pixels)


@given(orientations, st.integers(1, 9), st.integers(1, 9))
def test_turning_back_undoes_turning(orientation: int, height: int, width: int) -> None:
    pixels = scene(height, width)
    upright = turn_upright(pixels, orientation)
    np.testing.assert_array_equal(turn_back(upright, orientation), pixels)


@settings(deadline=None, max_examples=80)
@given(
    st.tuples(st.integers(1, 70), st.integers(1, 70)),
    orientations,
    st.sampled_from(sorted(SAMPLINGS)),
    st.booleans(),
    st.data(),
)
def test_blocks_outside_of_a_hole_are_the_originals(
    tmp_path_factory: pytest.TempPathFactory,
    size: tuple[int, int],
    orientation: int,
    sampling: str,
    progressive: bool,
    drawn: st.DataObject,
) -> None:
    data = camera_jpeg(size, orientation, sampling, progressive)
    photo = decode_photo(data, HERE)
    hole = np.zeros(photo.shape, bool)
    y, x = (drawn.draw(st.integers(0, side - 1)) for side in photo.shape)
    hole[y : y + drawn.draw(st.integers(1, 30)), x : x + drawn.draw(st.integers(1, 30))] = True
    path = tmp_path_factory.mktemp("turned") / "a.jpg"
    result = repainted(photo, hole)
    done = save_photo(path, result, hole, OutputOptions())
    assert done.notes == ()
    written = path.read_bytes()
    assert exif.read_orientation(opened(path).info["exif"][6:]) == orientation

    before, after = read_planes(data, size), read_planes(written, size)
    (rows, columns), (down, across) = before.frame.units, before.frame.unit
    touched = np.zeros((rows * down, columns * across), bool)
    touched[: size[0], : size[1]] = turn_back(hole.astype(np.uint8), orientation) > 0
    units = touched.reshape(rows, down, columns, across).any(axis=(1, 3))
    for part, one, other in zip(before.frame.components, before.blocks, after.blocks, strict=True):
        same = ~np.repeat(np.repeat(units, part.down, 0), part.across, 1)
        np.testing.assert_array_equal(one[same], other[same])
    near = cv2.dilate(
        np.repeat(np.repeat(units, down, 0), across, 1).astype(np.uint8), np.ones((9, 9))
    )
    far = near[: size[0], : size[1]] == 0
    np.testing.assert_array_equal(stored(written)[far], stored(data)[far])

    # Another reader turns it upright by what the file says.
    shown = np.asarray(ImageOps.exif_transpose(opened(path)).convert("RGB"))
    np.testing.assert_array_equal(shown, read_photo(path).pixels)
    upright = turn_upright(far.astype(np.uint8), orientation) > 0
    np.testing.assert_array_equal(shown[upright], photo.pixels[upright])

    kept = done.check.kept
    assert kept is not None
    assert (kept.total, kept.blocks) == (units.size, units.size - int(units.sum()))
    if sampling in ("4:4:4", "4:2:2", "4:2:0", "grey"):
        assert done.check.elsewhere == 0


@pytest.mark.parametrize("orientation", range(2, 9))
def test_nothing_but_the_thumbnail_and_the_software_changes(
    tmp_path: Path, orientation: int
) -> None:
    data = camera_jpeg((41, 67), orientation)
    photo = decode_photo(data, HERE)
    path = tmp_path / "a.jpg"
    assert write_photo(path, photo) == ()
    found = opened(path)
    block = found.info["exif"].removeprefix(exif.PREFIX)
    fields, before = exif_fields(block), exif_fields(exif_block("<", orientation))
    assert fields["first"].pop(0x0131).startswith("Lacuna")
    assert (fields["exif"].pop(0xA002), fields["exif"].pop(0xA003)) == (67, 41)
    del before["exif"][0xA002], before["exif"][0xA003]
    assert fields == before
    assert b'tiff:Orientation="%d"' % orientation in found.info["xmp"]
    # The thumbnail lies as the photo does: readers turn both by one orientation.
    small = np.asarray(
        Image.open(io.BytesIO(block[block.rindex(b"\xff\xd8\xff") :])).convert("RGB")
    )
    assert small.shape == (41, 67, 3)
    assert np.abs(small.astype(int) - stored(data)).mean() < 4
    again = read_photo(path)
    assert again.exif is not None
    assert exif.read_orientation(again.exif) == 1
    assert again.origin.orientation == orientation


@pytest.mark.parametrize("choice", METADATA_CHOICES)
@pytest.mark.parametrize("orientation", [2, 5, 6])
def test_the_orientation_is_never_lost(tmp_path: Path, choice: str, orientation: int) -> None:
    photo = decode_photo(camera_jpeg((41, 67), orientation), HERE)
    path = tmp_path / "a.jpg"
    ready, _ = prepare_output(photo, OutputOptions(metadata=choice))
    write_photo(path, ready)
    np.testing.assert_array_equal(read_photo(path).pixels, photo.pixels)
    found = opened(path)
    assert found.size == (67, 41)
    if choice == "none":
        assert dict(found.getexif()) == {0x0112: orientation}
        assert "xmp" not in found.info


def test_exif_data_that_is_too_long_leaves_its_orientation_behind(tmp_path: Path) -> None:
    photo = decode_photo(camera_jpeg((24, 40), 6), HERE)
    assert photo.exif is not None
    path = tmp_path / "a.jpg"
    notes = write_photo(path, replace(photo, exif=photo.exif + bytes(70_000)))
    assert "photo.exif_too_long" in [note.key for note in notes]
    np.testing.assert_array_equal(read_photo(path).pixels, photo.pixels)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".bmp", "quality.jpg"])
def test_what_is_coded_anew_is_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    photo = decode_photo(camera_jpeg((24, 41), orientation), HERE)
    path = tmp_path / f"a{suffix}"
    quality = 100 if suffix in (".webp", "quality.jpg") else None
    write_photo(path, photo, quality=quality)
    found = opened(path)
    assert found.size == (photo.shape[1], photo.shape[0])
    assert found.getexif().get(0x0112, 1) == 1
    loss = np.abs(np.asarray(found.convert("RGB")).astype(int) - photo.pixels).max()
    assert loss <= (6 if suffix == "quality.jpg" else 0)
    assert check_saved(path, photo, np.zeros(photo.shape, bool), quality=quality).kept is None


@pytest.mark.parametrize("kind", [1, 3, 4])
def test_an_orientation_of_any_whole_number_type(kind: int) -> None:
    block = bytearray(b"MM\0*\0\0\0\x08")
    exif.append_directory(block, ">", [exif.make_field(exif.ORIENTATION, kind, [6], ">")])
    assert exif.read_orientation(bytes(block)) == 6
    upright = exif.mark_upright(bytes(block), (2, 3))
    assert exif.read_orientation(upright) == 1
    assert exif.write_orientation(upright, 6) == block


def test_an_orientation_is_added_where_there_was_none() -> None:
    block = exif.drop_fields(exif_block(">"), None, frozenset({exif.ORIENTATION}))
    found = exif.write_orientation(block, 8)
    assert exif_fields(found) == exif_fields(exif_block(">", 8))
    assert found.index(b"Lacuna\0\x01") == block.index(b"Lacuna\0\x01")
    assert exif.read_orientation(exif.write_orientation(b"", 3)) == 3


def test_the_editors_way_keeps_the_file_on_its_side(tmp_path: Path) -> None:
    """Saving twice, as after a second export, changes nothing more."""
    first, second = tmp_path / "a.jpg", tmp_path / "b.jpg"
    photo = decode_photo(camera_jpeg((41, 67), 6), HERE)
    hole = np.zeros(photo.shape, bool)
    hole[10:30, 5:20] = True
    save_photo(first, repainted(photo, hole), hole, OutputOptions())
    again = read_photo(first)
    done = save_photo(second, again, np.zeros(photo.shape, bool), OutputOptions())
    assert done.check.differing == 0
    np.testing.assert_array_equal(stored(second.read_bytes()), stored(first.read_bytes()))
