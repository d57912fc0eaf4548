"""A JPEG of which something is missing opens with what is there, and never without a word."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from renders import saved, scene

from inpaint_core.cli import main
from inpaint_core.contract.errors import PhotoDamaged
from inpaint_core.photo.formats.jpeg.damage import find_extent
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo, interpret_mask_file, read_photo
from inpaint_core.photo.write_photo import write_photo

HERE = Path("photo.jpg")
SHAPE = (240, 320)
IMAGE = Image.fromarray(scene(*SHAPE))
WHOLE = {
    "baseline": saved(IMAGE, "JPEG", quality=90),
    "progressive": saved(IMAGE, "JPEG", quality=90, progressive=True),
    "restarts": saved(IMAGE, "JPEG", quality=90, restart_marker_blocks=4),
    "grey": saved(IMAGE.convert("L"), "JPEG", quality=90),
    "cmyk": saved(IMAGE.convert("CMYK"), "JPEG", quality=90),
}
RESTART = re.compile(rb"\xff[\xd0-\xd7]")
VIDEO = struct.pack(">I4s4sI", 16, b"ftyp", b"mp42", 0)


def zeroed(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(600) + data[middle + 600 :]


def scrambled(data: bytes) -> bytes:
    middle = len(data) // 2
    noise = np.random.default_rng(2).integers(0, 255, 600, np.uint8).tobytes()
    return data[:middle] + noise + data[middle + 600 :]


def shortened(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + data[middle + 600 :]


@pytest.mark.parametrize("sampling", [0, 2])
def test_zeros_are_said_wherever_they_lie(sampling: int) -> None:
    """Zeros are valid codes, and here and there leave as many blocks as before."""
    whole = saved(IMAGE, "JPEG", quality=90, subsampling=sampling)
    for at in range(800, len(whole) - 200, len(whole) // 40):
        data = whole[:at] + bytes(100) + whole[at + 100 :]
        assert is_said(decode_photo(data, HERE))


def test_extreme_pixels_are_no_damage() -> None:
    rng = np.random.default_rng(4)
    black_and_white = (rng.random((96, 96)) < 0.5).astype(np.uint8) * 255
    flat = np.full((96, 96), 255, np.uint8)
    point = flat.copy()
    point[::8, ::8] = 0
    for pixels in (
        black_and_white,
        flat,
        255 - flat,
        point,
        rng.integers(0, 256, (96, 96), np.uint8),
    ):
        for quality in (1, 50, 100):
            data = saved(Image.fromarray(pixels), "JPEG", quality=quality, optimize=True)
            assert not is_said(decode_photo(data, HERE))


def change_restart(number: int, new: bytes) -> bytes:
    """The file with restarts, with another marker in the place of one of them."""
    data = WHOLE["restarts"]
    place = [found.span() for found in RESTART.finditer(data)][number]
    return data[: place[0]] + new + data[place[1] :]


def is_said(photo: Photo) -> bool:
    return any(note.key == "photo.partly_damaged" for note in photo.notes)


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_a_whole_file_is_not_called_damaged(kind: str) -> None:
    assert not is_said(decode_photo(WHOLE[kind], HERE))


@pytest.mark.parametrize("damage", [zeroed, scrambled, shortened])
@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_damage_in_the_middle_is_said(
    kind: str, damage: object, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = decode_photo(WHOLE[kind], HERE)
    photo = decode_photo(damage(WHOLE[kind]), HERE)
    assert is_said(photo)
    assert photo.shape == SHAPE
    assert (photo.pixels != whole.pixels).any()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "data",
    [
        change_restart(5, b""),
        change_restart(5, b"\xff\xd7"),
        RESTART.sub(b"", WHOLE["restarts"]),
    ],
    ids=["missing", "another", "none"],
)
def test_restart_markers_that_are_wrong_are_said(data: bytes) -> None:
    assert is_said(decode_photo(data, HERE))


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_a_missing_end_marker_is_no_damage(kind: str) -> None:
    whole = decode_photo(WHOLE[kind], HERE)
    photo = decode_photo(WHOLE[kind][:-2], HERE)
    assert not is_said(photo)
    np.testing.assert_array_equal(photo.pixels, whole.pixels)


@pytest.mark.parametrize("kind", sorted(WHOLE))
@pytest.mark.parametrize("part", [0.2, 0.5, 0.8, 0.99])
def test_a_file_that_is_cut_off_is_refused(kind: str, part: float) -> None:
    data = WHOLE[kind]
    with pytest.raises(PhotoDamaged, match="cut off"):
        decode_photo(data[: int(part * len(data))], HERE)


def test_a_progressive_file_that_ends_between_two_scans_is_cut_off() -> None:
    data = WHOLE["progressive"]
    # A scan's Huffman table comes before it.
    last = data.rindex(b"\xff\xc4")
    with pytest.raises(PhotoDamaged, match="cut off"):
        decode_photo(data[:last], HERE)


@pytest.mark.parametrize(
    "padding", [bytes(30), b"\xff" * 30, b"\x12\x34"], ids=["zeros", "ones", "two"]
)
def test_padding_before_the_end_is_no_damage(padding: bytes) -> None:
    data = WHOLE["baseline"]
    photo = decode_photo(data[:-2] + padding + data[-2:], HERE)
    assert not is_said(photo)
    np.testing.assert_array_equal(photo.pixels, decode_photo(data, HERE).pixels)


def test_a_restart_marker_at_the_very_end_is_no_damage() -> None:
    data = WHOLE["restarts"]
    number = RESTART.findall(data)[-1][1] + 1
    assert not is_said(decode_photo(data[:-2] + bytes((0xFF, number)) + data[-2:], HERE))


@pytest.mark.parametrize("what", ["noise", "video", "picture", "zeros"])
def test_what_is_appended_is_no_damage_and_goes_with_a_word(tmp_path: Path, what: str) -> None:
    """A camera's video of the moment before, a raw file, a gain map: 20 MB of noise hold all
    markers there are, several hundred of each.
    """
    noise = np.random.default_rng(1).bytes(20 << 20)
    tail = {
        "noise": noise,
        "video": VIDEO + noise,
        "picture": WHOLE["progressive"],
        "zeros": bytes(5000),
    }[what]
    path, out = tmp_path / "a.jpg", tmp_path / "b.jpg"
    path.write_bytes(WHOLE["baseline"] + tail)
    photo = read_photo(path)
    assert not is_said(photo)
    assert bool(photo.notes) == (what != "zeros")
    assert photo.jpeg is not None
    assert len(photo.jpeg.source) < 1 << 20
    np.testing.assert_array_equal(photo.pixels, decode_photo(WHOLE["baseline"], HERE).pixels)
    write_photo(out, photo)
    data = out.read_bytes()
    assert find_extent(data).end == len(data)


def test_scans_are_counted_in_the_picture_alone_and_bounded_by_its_size() -> None:
    data = saved(Image.new("L", (64, 64)), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    many = data[:-2] + data[start:-2] * 200 + data[-2:]
    assert find_extent(many + data[start:-2] * 200).scans < 250
    assert decode_photo(many, HERE).shape == (64, 64)
    at = many.index(b"\xff\xc2") + 5
    comments = (b"\xff\xfe\xff\xff" + bytes(65533)) * 3  # for so many bytes may hold that size
    large = many[:2] + comments + many[2:at] + struct.pack(">HH", 9000, 9000) + many[at + 4 :]
    with pytest.raises(PhotoDamaged, match="passes over its pixels"):
        decode_photo(large, HERE)


def test_every_command_says_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    photo, mask, out = (tmp_path / name for name in ("a.jpg", "m.png", "b.png"))
    photo.write_bytes(zeroed(WHOLE["baseline"]))
    hole = np.zeros(SHAPE, np.uint8)
    hole[20:40, 30:60] = 255
    Image.fromarray(hole).save(mask)
    assert main(["info", str(photo)]) == 0
    assert "warning      The file is damaged" in capfd.readouterr().out
    argv = ["fill", photo, "--mask", mask, "--out", out, "--engine", "harmonic"]
    assert main([*map(str, argv)]) == 0
    assert "note: The file is damaged" in capfd.readouterr().err


def test_a_damaged_mask_is_said_too(tmp_path: Path) -> None:
    hole = np.zeros(SHAPE, np.uint8)
    hole[20:200, 30:260] = 255
    path = tmp_path / "mask.jpg"
    path.write_bytes(zeroed(saved(Image.fromarray(hole), "JPEG", quality=100)))
    reading = interpret_mask_file(path, SHAPE)
    assert any("is damaged" in str(note) for note in reading.notes)


@pytest.mark.parametrize("compression", ["jpeg", "packbits", "tiff_lzw"])
@pytest.mark.parametrize("damage", [zeroed, scrambled])
def test_damaged_strips_are_said_or_refused(compression: str, damage: object) -> None:
    noise = np.random.default_rng(3).integers(0, 4, (*SHAPE, 3), np.uint8) * 20
    out = io.BytesIO()
    Image.fromarray(noise // 20 if compression == "packbits" else scene(*SHAPE)).save(
        out, "TIFF", compression=compression
    )
    whole = out.getvalue()
    assert not is_said(decode_photo(whole, Path("a.tif")))
    try:
        photo = decode_photo(damage(whole), Path("a.tif"))
    except PhotoDamaged:
        return
    assert is_said(photo)
