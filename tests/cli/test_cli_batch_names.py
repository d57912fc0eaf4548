"""Which files of a batch are photos, which are masks, and whose."""

from __future__ import annotations

import json
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shots import Shot, scene

from inpaint_core.batch.batch_items import PAINTED_MASK, list_photos
from inpaint_core.batch.batch_journal import NAME
from inpaint_core.cli import main


def photo(path: Path, seed: int = 1) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(scene(seed=seed)).save(path)
    return path


def batch(folder: Path, *arguments: object) -> int:
    argv = ["batch", *arguments, "--out-dir", folder / "out", "--engine", "harmonic"]
    return main([str(a) for a in (*argv, "--report", folder / "r.json", "--overwrite")])


def masks_used(folder: Path) -> dict[str, str]:
    """The mask's name for each photo that was filled."""
    done = [p for p in json.loads((folder / "r.json").read_text("utf-8"))["photos"] if "mask" in p]
    return {Path(p["photo"]["path"]).name: Path(p["mask"]["path"]).name for p in done}


@pytest.mark.parametrize("ending", ["_mask", "-mask"])
@pytest.mark.parametrize("named", ["one", "all", "folder", "pattern"])
def test_a_photo_is_no_mask_where_masks_lie_beside_it(
    shot: Shot, ending: str, named: str, capfd: pytest.CaptureFixture[str]
) -> None:
    album = shot.folder / "album"
    photos = [photo(album / "a.png"), photo(album / "b.jpg"), photo(album / "café.tif")]
    masks = [path.with_name(f"{path.stem}{ending}.png") for path in photos]
    for mask in masks:
        shutil.copy(shot.mask, mask)
    shutil.copy(shot.mask, album / f"a{ending}.edges.png")
    arguments = {
        "one": photos[:1],
        "all": [*photos, *masks],
        "folder": [album],
        "pattern": [album / "*.png", album / "*.jpg", album / "*.tif"],
    }[named]
    assert batch(shot.folder, *arguments, "--masks", album) == 0
    right = {path.name: mask.name for path, mask in zip(photos, masks, strict=True)}
    assert masks_used(shot.folder) == (right if named != "one" else {"a.png": f"a{ending}.png"})
    said = capfd.readouterr().err
    assert ("as masks of other photos: " in said) == (named != "one")


def test_no_photo_of_the_batch_is_a_mask(shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    album = shot.folder / "album"
    one, other = photo(album / "a.jpg", 1), photo(album / "a.png", 2)
    assert batch(shot.folder, one, other, "--masks", album) == 1
    assert masks_used(shot.folder) == {}
    assert capfd.readouterr().err.count("There is no mask for") == 2
    link = shot.folder / "link.png"
    link.symlink_to(other)
    assert batch(shot.folder, one, link, "--masks", album) == 1
    assert masks_used(shot.folder) == {}


def test_a_copy_of_the_photo_is_no_mask(shot: Shot) -> None:
    path = photo(shot.folder / "album" / "a.png")
    masks = shot.folder / "masks"
    masks.mkdir()
    shutil.copy(path, masks)
    assert batch(shot.folder, path, "--masks", masks) == 1
    shutil.copy(shot.mask, masks / "a-mask.png")
    assert batch(shot.folder, path, "--masks", masks) == 0
    assert masks_used(shot.folder) == {"a.png": "a-mask.png"}


@pytest.mark.parametrize("forms", [("NFD", "NFC"), ("NFC", "NFD")])
@pytest.mark.parametrize("ending", ["", "_mask"])
@pytest.mark.parametrize("name", ["café", "Å 한국", "ü"])
def test_names_are_one_in_every_unicode_form(
    shot: Shot, forms: tuple[str, str], ending: str, name: str
) -> None:
    stem, other = (unicodedata.normalize(form, name) for form in forms)
    path = photo(shot.folder / "album" / f"{stem}.jpg")
    (shot.folder / "masks").mkdir()
    shutil.copy(shot.mask, shot.folder / "masks" / f"{other}{ending}.png")
    assert batch(shot.folder, path, "--masks", shot.folder / "masks") == 0
    assert len(masks_used(shot.folder)) == 1


def test_two_forms_of_a_name_would_be_one_result(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    names = [unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD")]
    paths = [photo(shot.folder / f"{i}" / name) for i, name in enumerate(names)]
    assert batch(shot.folder, *paths, "--mask", shot.mask) == 2
    assert "would both become" in capfd.readouterr().err


def test_a_folder_stands_for_its_photos_in_order(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    album = shot.folder / "album"
    for name in ("b.jpg", "a.png", "C.tif", ".hidden.png"):
        photo(album / name)
    (album / "notes.txt").write_text("no photo")
    (album / "deeper.png").mkdir()
    shutil.copy(shot.mask, album / "mask.png")
    assert batch(shot.folder, album, "--mask", album / "mask.png") == 0
    photos = json.loads((shot.folder / "r.json").read_text("utf-8"))["photos"]
    assert [Path(p["photo"]["path"]).name for p in photos] == ["C.tif", "a.png", "b.jpg"]
    assert "mask.png" in capfd.readouterr().err
    empty = shot.folder / "empty"
    empty.mkdir()
    assert batch(shot.folder, empty, "--mask", shot.mask) == 2
    assert "There is no photo to fill in" in capfd.readouterr().err


def test_evaluate_takes_no_photo_for_its_mask(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    album = shot.folder / "album"
    photo(album / "a.png")
    argv = ["evaluate", "--photos", album, "--masks", album, "--out-dir", shot.folder / "ev"]
    assert main([str(a) for a in (*argv, "--engine", "harmonic")]) == 2
    assert "has a mask" in capfd.readouterr().err


def test_the_whole_mask_was_used(shot: Shot) -> None:
    album = shot.folder / "album"
    path = photo(album / "a.png")
    shutil.copy(shot.mask, album / "a_mask.png")
    assert batch(shot.folder, album, "--masks", album) == 0
    with Image.open(path) as before, Image.open(shot.folder / "out" / "a.png") as after:
        differ = (np.asarray(before) != np.asarray(after)).any(axis=2)
    assert differ[shot.hole].mean() > 0.9
    assert not differ[shot.far()].any()


def test_results_beside_their_photos_are_no_photos_when_it_is_run_again(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    album = shot.folder / "album"
    photo(album / "a.png")
    photo(album / "b.png")
    argv = [album, "--mask", shot.mask, "--out-dir", album, "--format", "tif"]
    for arguments in (argv, argv, [album / "*", *argv[1:]]):
        assert main([str(a) for a in ("batch", *arguments, "--engine", "harmonic")]) == 0
    said = capfd.readouterr()
    assert said.out.count("2 filled") == 1
    assert said.out.count("2 finished before") == 2
    assert sorted(path.name for path in album.glob("*.tif")) == ["a.tif", "b.tif"]
    # One that was changed since, or was there before, is a photo like others.
    photo(album / "a.tif", seed=2)
    assert main([str(a) for a in ("batch", *argv, "--engine", "harmonic")]) == 2
    assert "a.tif" in capfd.readouterr().err


def test_the_mask_that_was_painted_for_a_batch_is_no_photo_of_its_results(shot: Shot) -> None:
    results = shot.folder / "results"
    photo(results / "a.png")
    shutil.copy(shot.mask, results / PAINTED_MASK)
    photos, masks = list_photos([results], None, None)
    assert (len(photos), masks) == (2, [])  # it is not beside the record of a batch
    (results / NAME).touch()
    assert list_photos([results], None, None) == (
        [results / "a.png"],
        [results / PAINTED_MASK],
    )


def test_a_report_does_not_replace_the_record_of_the_batch(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    path = photo(shot.folder / "album" / "a.png")
    report = shot.folder / "out" / NAME
    assert batch(shot.folder, path, "--mask", shot.mask) == 0
    argv = ["batch", path, "--mask", shot.mask, "--out-dir", report.parent, "--report", report]
    assert main([str(a) for a in (*argv, "--overwrite", "--engine", "harmonic")]) == 2
    assert NAME in capfd.readouterr().err
