from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile, get_sampling
from PySide6.QtCore import QSettings

from app.configuration.settings import Settings
from app.document.document import Document
from app.session.export import (
    ExportPlan,
    estimate,
    find_free_path,
    freeze,
    is_original,
    propose,
    write,
)
from inpaint_core.contract.choices import ProfileChoice
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import prepare_output
from inpaint_core.retouch import save_photo

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def scene(height: int, width: int, dtype: type = np.uint8) -> np.ndarray:
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:height, :width] / max(height, width)
    light = np.stack([0.2 + 0.6 * x, 0.8 - 0.6 * y, 0.4 + 0.2 * np.sin(9 * (x + y))], axis=2)
    most = np.iinfo(dtype).max
    noisy = light + rng.normal(0, 0.02, light.shape)
    return np.clip(np.rint(noisy * most), 0, most).astype(dtype)


@pytest.fixture
def filled(tmp_path: Path) -> Document:
    """A JPEG that was opened and in which a square was filled."""
    path = tmp_path / "shore.JPG"
    exif = Image.Exif()
    exif[0x010F] = "Lacuna Camera Works"
    exif.get_ifd(0x8825).update({1: "N", 2: (59.0, 54.0, 50.0)})
    Image.fromarray(scene(160, 240)).save(
        path, "JPEG", quality=83, subsampling=2, exif=exif, icc_profile=_SRGB
    )
    document = Document(read_photo(path), path)
    document.apply_fill(Rect(40, 30, 50, 40), np.full((40, 50, 3), 120, np.uint8))
    return document


def exported(document: Document, path: Path, **plan: object) -> Photo:
    found = write(freeze(document), path, ExportPlan(**plan), Progress())  # type: ignore[arg-type]
    assert found.size == path.stat().st_size
    return read_photo(path)


def test_other_parts_of_the_file_go_along(tmp_path: Path) -> None:
    path = tmp_path / "shore.jpg"
    Image.fromarray(scene(32, 48)).save(path, "JPEG", comment=b"holiday", extra=b"\xff\xe5\0\6mine")
    document = Document(read_photo(path), path)
    document.apply_fill(Rect(8, 8, 8, 8), np.full((8, 8, 3), 120, np.uint8))
    names = [block.name for block in exported(document, tmp_path / "a.jpg").blocks]
    assert sorted(names) == ["APP5 mine", "comment"]
    found = exported(document, tmp_path / "b.png")
    assert [(block.name, block.content) for block in found.blocks] == [("comment", b"holiday")]
    assert exported(document, tmp_path / "c.jpg", metadata="none").blocks == ()
    written = write(freeze(document), tmp_path / "d.png", ExportPlan(), Progress())
    assert any("APP5 mine" in str(note) for note in written.notes)


def test_the_plan_comes_from_the_settings(tmp_path: Path) -> None:
    settings = Settings(QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))
    assert ExportPlan.of(settings) == ExportPlan()
    for name, value in {
        "format": "tiff", "as_original": False, "quality": 80, "chroma": "4:2:2",
        "depth": "16", "profile": "p3", "metadata": "no_gps", "history": True,
    }.items():  # fmt: skip
        settings.set(f"export.{name}", value)
    assert ExportPlan.of(settings) == ExportPlan(
        format="tiff",
        quality=80,
        chroma="4:2:2",
        depth=16,
        profile="p3",
        metadata="no_gps",
        note_in_xmp=True,
    )


def test_the_name_is_beside_the_original(filled: Document) -> None:
    photo, path = filled.photo, filled.path
    assert path is not None
    assert propose(photo, path, ExportPlan(), Path()) == path.with_name("shore-lacuna.JPG")
    png = propose(photo, path, ExportPlan(format="png"), Path())
    assert png == path.with_name("shore-lacuna.png")
    again = propose(photo, path.with_name("shore-lacuna.jpg"), ExportPlan(), Path())
    assert again.name == "shore-lacuna.jpg"
    gif = propose(replace(photo, format="GIF"), Path("a.gif"), ExportPlan(), Path())
    assert gif.name == "a-lacuna.png"
    assert propose(photo, None, ExportPlan(format="tiff"), Path("/home")).suffix == ".tif"


def test_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    assert find_free_path(path) == path
    path.touch()
    (tmp_path / "a-2.jpg").touch()
    assert find_free_path(path) == tmp_path / "a-3.jpg"


def test_a_jpeg_is_compressed_as_the_original_was(filled: Document, tmp_path: Path) -> None:
    exported(filled, tmp_path / "out.jpg")
    assert filled.path is not None
    with JpegImageFile(filled.path) as before, JpegImageFile(tmp_path / "out.jpg") as after:
        assert after.quantization == before.quantization
        assert get_sampling(after) == get_sampling(before)
        assert after.info["icc_profile"] == _SRGB


def test_lossless_formats_differ_nowhere_outside_the_fill(filled: Document, tmp_path: Path) -> None:
    for name, plan in (
        ("a.png", ExportPlan(format="png")),
        ("a.tif", ExportPlan(format="tiff")),
        ("a.webp", ExportPlan(format="webp", quality=100)),
    ):
        found = write(freeze(filled), tmp_path / name, plan, Progress())
        check = found.check
        assert found.lossless
        assert not found.converted
        assert check.differing == 0
        changed = (filled.pixels != filled.photo.pixels).any(axis=2).sum()
        assert check.pixels == 160 * 240 - changed
        assert np.array_equal(read_photo(tmp_path / name).pixels, filled.pixels)


def test_a_lossy_file_says_by_how_much_it_differs(filled: Document, tmp_path: Path) -> None:
    exported = write(
        freeze(filled), tmp_path / "r.jpg", ExportPlan(format="jpeg", quality=40), Progress()
    )
    assert not exported.lossless
    rough = exported.check
    fine = write(freeze(filled), tmp_path / "f.jpg", ExportPlan(format="jpeg"), Progress()).check
    assert 0 <= fine.mean < rough.mean < 30
    back = read_photo(tmp_path / "r.jpg").pixels.astype(int)
    outside = (filled.pixels == filled.photo.pixels).all(axis=2)
    step = np.abs(back - filled.photo.pixels)[outside]
    assert rough.mean == pytest.approx(step.mean())
    assert rough.most == step.max()


def test_a_pixel_that_is_wrong_is_found(
    filled: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = save_photo.write_photo

    def careless(path: Path, photo: Photo, **how: Any) -> tuple[str, ...]:
        pixels = photo.pixels.copy()
        pixels[-1, -1, 1] ^= 3
        return real(path, replace(photo, pixels=pixels), **how)

    monkeypatch.setattr(save_photo, "write_photo", careless)
    with pytest.raises(CannotWrite, match="1 of"):
        write(freeze(filled), tmp_path / "out.png", ExportPlan(format="png"), Progress())


def test_the_original_s_blocks_are_kept_and_counted(filled: Document, tmp_path: Path) -> None:
    found = write(freeze(filled), tmp_path / "out.jpg", ExportPlan(format="jpeg"), Progress()).check
    assert found.kept is not None
    # 50 x 40 pixels from (40, 30) lie in 4 x 4 blocks of 16 pixels; the photo has 15 x 10.
    assert found.kept.size == (16, 16)
    assert (found.kept.total - found.kept.blocks, found.kept.total) == (16, 150)
    anew = write(
        freeze(filled), tmp_path / "anew.jpg", ExportPlan(format="jpeg", quality=90), Progress()
    ).check
    assert anew.kept is None


def test_a_photo_on_its_side_is_exported_on_its_side(tmp_path: Path) -> None:
    path, out = tmp_path / "tower.jpg", tmp_path / "out.jpg"
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.fromarray(scene(157, 243)).save(path, quality=83, subsampling=2, exif=exif)
    document = Document(read_photo(path), path)
    assert document.photo.shape == (243, 157)
    document.apply_fill(Rect(40, 30, 50, 40), np.full((40, 50, 3), 120, np.uint8))
    done = write(freeze(document), out, ExportPlan(), Progress())
    assert done.check.kept is not None
    # Upright, 50 x 40 pixels from (40, 30): in the file 40 x 50 from (173, 40), in 4 x 4 blocks.
    assert done.check.kept.total - done.check.kept.blocks == 16
    with Image.open(out) as image:
        assert image.size == (243, 157)
        assert image.getexif()[0x0112] == 8
    write(freeze(document), tmp_path / "out.png", ExportPlan(format="png"), Progress())
    with Image.open(tmp_path / "out.png") as image:
        assert image.size == (157, 243)
        assert image.getexif().get(0x0112, 1) == 1


def test_a_folder_that_went_away_is_named(filled: Document, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="gone"):
        write(freeze(filled), tmp_path / "gone" / "a.png", ExportPlan(format="png"), Progress())


@pytest.mark.parametrize(
    ("metadata", "gps", "maker"),
    [("all", True, True), ("no_gps", False, True), ("none", False, False)],
)
def test_metadata_goes_as_chosen(
    filled: Document, tmp_path: Path, metadata: str, gps: bool, maker: bool
) -> None:
    exported(filled, tmp_path / "out.jpg", metadata=metadata)
    with Image.open(tmp_path / "out.jpg") as image:
        exif = image.getexif()
        assert bool(exif.get_ifd(0x8825)) == gps
        assert (exif.get(0x010F) == "Lacuna Camera Works") == maker


def test_depth_is_as_chosen(tmp_path: Path) -> None:
    deep = scene(20, 30, np.uint16)
    document = Document(Photo(deep, format="TIFF"))
    assert np.array_equal(exported(document, tmp_path / "a.tif").pixels, deep)
    eight = exported(document, tmp_path / "a.png", format="png", depth=8)
    assert np.array_equal(eight.pixels, np.rint(deep / 257).astype(np.uint8))
    shallow = Document(Photo(scene(20, 30), format="PNG"))
    raised = exported(shallow, tmp_path / "b.png", depth=16).pixels
    assert raised.dtype == np.uint16
    assert np.array_equal(raised // 257, shallow.pixels)
    assert np.array_equal(raised % 257, np.zeros_like(raised))


@pytest.mark.parametrize(
    ("profile", "name"), [("srgb", "sRGB"), ("p3", "P3"), ("adobe", "Adobe RGB")]
)
def test_other_colours_are_converted_and_said(
    profile: ProfileChoice, name: str, filled: Document, tmp_path: Path
) -> None:
    plan = ExportPlan(format="png", profile=profile)
    found = write(freeze(filled), tmp_path / "a.png", plan, Progress())
    assert found.converted
    assert found.check.differing == 0
    icc = read_photo(tmp_path / "a.png").icc
    assert icc is not None
    assert name in ImageCms.getProfileDescription(ImageCms.getOpenProfile(io.BytesIO(icc)))


def test_a_profile_that_cannot_be_read_is_an_error_with_a_hint() -> None:
    photo = Photo(scene(8, 8, np.uint16), icc=b"nonsense" * 40)
    with pytest.raises(CannotWrite):
        prepare_output(photo, ExportPlan(profile="srgb"))


def test_a_photo_without_a_profile_is_in_srgb_already(tmp_path: Path) -> None:
    document = Document(Photo(scene(20, 30), format="PNG"))
    plan = ExportPlan(format="png", profile="srgb")
    found = write(freeze(document), tmp_path / "a.png", plan, Progress())
    assert not found.converted
    assert np.array_equal(read_photo(tmp_path / "a.png").pixels, document.pixels)
    plan = replace(plan, profile="adobe")
    assert write(freeze(document), tmp_path / "b.png", plan, Progress()).converted


def test_the_history_says_that_pixels_were_synthesised(filled: Document, tmp_path: Path) -> None:
    assert exported(filled, tmp_path / "a.jpg").xmp is None
    noted = exported(filled, tmp_path / "b.jpg", note_in_xmp=True).xmp
    assert noted is not None
    assert b"synthesised" in noted
    assert exported(filled, tmp_path / "c.jpg", note_in_xmp=True, metadata="none").xmp is None
    filled.undo()
    assert exported(filled, tmp_path / "d.jpg", note_in_xmp=True).xmp is None


def test_the_original_is_replaced_only_when_told_twice(filled: Document) -> None:
    path = filled.path
    assert path is not None
    before = path.read_bytes()
    for allowed in ({}, {"overwrite": True}, {"over_original": True}):
        with pytest.raises(CannotWrite):
            write(freeze(filled), path, ExportPlan(), Progress(), **allowed)
        assert path.read_bytes() == before
    write(freeze(filled), path, ExportPlan(), Progress(), overwrite=True, over_original=True)
    assert path.read_bytes() != before


def test_the_original_is_known_by_any_name(filled: Document, tmp_path: Path) -> None:
    link = tmp_path / "link.jpg"
    assert filled.path is not None
    link.symlink_to(filled.path)
    assert is_original(link, filled.path)
    assert is_original(tmp_path / "." / filled.path.name, filled.path)
    assert not is_original(tmp_path / "other.jpg", filled.path)
    assert not is_original(link, None)


def test_a_file_that_exists_stays(filled: Document, tmp_path: Path) -> None:
    taken = tmp_path / "taken.png"
    taken.write_bytes(b"mine")
    with pytest.raises(CannotWrite):
        write(freeze(filled), taken, ExportPlan(format="png"), Progress())
    assert taken.read_bytes() == b"mine"


def test_a_cancelled_export_leaves_nothing(filled: Document, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        write(freeze(filled), tmp_path / "out.png", ExportPlan(format="png"), progress)
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_painted_while_it_is_written_does_not_get_in(
    filled: Document, tmp_path: Path
) -> None:
    frozen = freeze(filled)
    want = filled.pixels.copy()
    filled.apply_fill(Rect(0, 0, 20, 20), np.zeros((20, 20, 3), np.uint8))
    write(frozen, tmp_path / "a.png", ExportPlan(format="png"), Progress())
    assert np.array_equal(read_photo(tmp_path / "a.png").pixels, want)


@pytest.mark.parametrize(
    "plan",
    [
        ExportPlan(format="jpeg", quality=90),
        ExportPlan(format="png"),
        ExportPlan(format="tiff"),
        ExportPlan(format="webp", quality=80),
    ],
    ids=lambda plan: plan.format,
)
def test_the_estimate_is_exact_for_a_small_photo_and_near_for_a_large_one(
    tmp_path: Path, plan: ExportPlan
) -> None:
    small = Document(Photo(scene(100, 150), icc=_SRGB, format="PNG"))
    path = tmp_path / f"a.{plan.format}"
    kept = {"jpeg": ".jpg", "png": ".png", "tiff": ".tif", "webp": ".webp"}[plan.format]
    path = path.with_suffix(kept)
    write(freeze(small), path, plan, Progress())
    assert estimate(small.photo, plan, Progress()) == path.stat().st_size
    large = Document(Photo(scene(1900, 2300), format="PNG"))
    write(freeze(large), path, plan, Progress(), overwrite=True)
    size = path.stat().st_size
    assert 0.85 * size < estimate(large.photo, plan, Progress()) < 1.15 * size
