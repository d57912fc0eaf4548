"""Masks whose numbers are not 0 and 255, as people and programs write them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shots import Shot


def fill_with(shot: Shot, mask: np.ndarray, *more: str | Path) -> np.ndarray:
    Image.fromarray(mask.astype(np.uint8)).save(shot.mask)
    assert shot.fill("--overwrite", *more) == 0
    with Image.open(shot.out) as image:
        return np.asarray(image)


@pytest.mark.parametrize(
    "remove", [15, 1, 128, (255, 0, 0), (128, 0, 0), (0, 0, 160)], ids=lambda remove: str(remove)
)
def test_two_numbers_fill_as_black_and_white_do(
    shot: Shot, remove: int | tuple[int, int, int], capfd: pytest.CaptureFixture[str]
) -> None:
    right = fill_with(shot, shot.hole * 255)
    assert capfd.readouterr().err == ""
    hole = shot.hole if isinstance(remove, int) else shot.hole[..., None]
    report = shot.folder / "r.json"
    found = fill_with(shot, hole * np.array(remove), "--report", report)
    np.testing.assert_array_equal(found, right)
    said = capfd.readouterr().err
    assert said.startswith("note: The darkest value of the mask “")
    assert said.count("\n") == 1
    content = json.loads(report.read_text("utf-8"))
    assert f"note: {content['losses'][0]}\n" == said
    assert content["mask"]["pixels"] == shot.hole.sum()


def test_a_noisy_floor_is_no_hole(shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    right = fill_with(shot, shot.hole * 255)
    noise = np.random.default_rng(0).integers(0, 4, shot.hole.shape)
    np.testing.assert_array_equal(fill_with(shot, np.where(shot.hole, 255 - noise, noise)), right)
    assert capfd.readouterr().err == ""


def test_an_inverted_mask_is_said(shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    kept = np.ones(shot.hole.shape, np.uint8) * 255
    kept[20:40, 30:60] = 0
    fill_with(shot, kept)
    assert "looks inverted: it marks 90 % of the photo" in capfd.readouterr().err
    fill_with(shot, kept, "--quiet")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("option", ["--protect", "--source"])
def test_masks_with_a_threshold_of_their_own_keep_it(
    shot: Shot, option: str, capfd: pytest.CaptureFixture[str]
) -> None:
    beside = shot.folder / "beside.png"
    values = np.where(np.arange(shot.hole.shape[1]) < 20, 100, 0).astype(np.uint8)
    Image.fromarray(np.tile(values, (shot.hole.shape[0], 1))).save(beside)
    code = shot.fill("--overwrite", option, beside, engine="exemplar")
    said = capfd.readouterr().err
    if option == "--protect":
        assert code == 0
        assert "beside.png” marks nothing: its brightest value is 100 of 255" in said
    else:
        assert code == 2


def test_what_keeps_a_fill_from_being_good_is_said(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    y, x = np.indices(shot.hole.shape)
    columns = fill_with(shot, (x % 2) * 255)
    said = capfd.readouterr().err
    assert "does not fade over 2 pixels but is sharp" in said
    assert "copied" not in said
    np.testing.assert_array_equal(columns[:, ::2], shot.pixels[:, ::2])
    assert shot.fill("--overwrite", engine="exemplar") == 0
    assert "Too little of the photo may be copied" in capfd.readouterr().err

    away = np.hypot(y - 32, x - 48) - 18
    cover = np.clip(0.5 - away / 4, 0, 1)[..., None]
    Image.fromarray((cover * 20 + (1 - cover) * shot.pixels).astype(np.uint8)).save(shot.photo)
    fill_with(shot, (away < 0) * 255)
    assert "Grow the mask by" not in capfd.readouterr().err  # it grew by itself
    assert shot.fill("--overwrite", "--grow", "0") == 0
    assert "Grow the mask by" in capfd.readouterr().err
    fill_with(shot, (away < 0) * 255, "--grow", "4")
    assert capfd.readouterr().err == ""


def test_a_mask_grown_to_everything_is_grown_less_and_that_is_said(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    fill_with(shot, shot.hole * 255, "--grow", "200")
    assert "was grown by" in capfd.readouterr().err
