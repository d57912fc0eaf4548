"""Photos with small holes, and what the network gains in them."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
from PIL.Image import fromarray as from_array
from test_table import ROWS

from inpaint_core.cli.entry import main
from inpaint_core.contract.errors import BadRequest, WeightsUnavailable
from inpaint_core.contract.progress import Progress
from inpaint_core.lab.evaluation.gain_table import find_better, rate_fill
from inpaint_core.lab.evaluation.photo_groups import name_depth
from inpaint_core.lab.evaluation.scenes.small_holes import (
    KINDS,
    OBJECT,
    SCRATCH,
    SPOT,
    WIRE,
    draw_small_holes,
)
from inpaint_core.lab.evaluation.weights_measurement import format_better
from inpaint_core.networks.store.manifest import DepthGain, read_better


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    from_array(skimage.data.astronaut()[:300, :400]).save(place / "face.png")
    from_array(skimage.data.coffee()[:300, :400]).save(place / "cup.png")
    from_array(skimage.data.coffee()[:100, :400]).save(place / "low.png")
    (place / "torn.jpg").write_bytes(b"no photo")
    return place


def test_every_photo_gets_a_hole_of_each_kind(folder: Path) -> None:
    drawn = dict(draw_small_holes(folder, Progress()))
    assert [name[4:] for name in drawn] == [
        f"{kind}_{stem}" for stem in ("cup", "face") for kind in KINDS
    ]
    widths = {"spot": SPOT, "object": OBJECT, "scratch": SCRATCH, "wire": WIRE}
    for name, sample in drawn.items():
        kind = name.split("_")[1]
        away = cv2.distanceTransform(sample.hole.astype(np.uint8), cv2.DIST_L2, 5)
        assert 0.5 * widths[kind][0] <= 2 * away.max() <= widths[kind][1] + 2
        if kind == "wire":
            assert sample.hole[:, 0].any()
            assert sample.hole[:, -1].any()


def test_a_hole_depends_on_its_photo_and_the_seed_alone(folder: Path) -> None:
    first = {name[4:]: sample.hole for name, sample in draw_small_holes(folder, Progress())}
    (folder / "cup.png").unlink()
    for name, sample in draw_small_holes(folder, Progress()):
        np.testing.assert_array_equal(sample.hole, first[name[4:]])
    other = dict(draw_small_holes(folder, Progress(), seed=1))
    assert any((sample.hole != first[name[4:]]).any() for name, sample in other.items())


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest):
        list(draw_small_holes(tmp_path, Progress()))


def row(name: str, photo: str, features: float, ssim: float, processor: float) -> object:
    held = ROWS[0]
    assert held.scores is not None
    scores = replace(held.scores, features=features, ssim_hole=ssim)
    return replace(
        held, photo=photo, candidate=name, scores=scores, group=name_depth("plain", 0, 4),
        seconds=9.0, processor=processor,
    )  # fmt: skip


def test_gains_are_differences_of_means_by_group(tmp_path: Path) -> None:
    rows = []
    for number in range(6):
        gain = 0.3 if number % 2 else -0.1
        rows.append(row("exemplar", str(number), 1.0 + number, 0.5, 0.2))
        rows.append(row("tsgl", str(number), 1.0 + number - gain, 0.5 + gain, 1.2 + number % 2 * 2))
    deep, found = find_better(rows, "tsgl")  # type: ignore[arg-type]
    assert found == [DepthGain("plain", 4.0, 6, 0.1, 0.1, 2.0)]
    assert deep == {"plain": 4.0}
    slow = [replace(each, processor=each.processor * 9) for each in rows]  # type: ignore
    assert find_better(slow, "tsgl")[0] == {}
    alone = [each for each in rows if each.candidate == "tsgl"]  # type: ignore[attr-defined]
    assert find_better(alone, "tsgl") == ({}, [])
    assert find_better([*rows, row("tsgl", "9", 0, 0, 0)], "tsgl") == (deep, found)  # type: ignore
    path = tmp_path / "better.json"
    better = {"better_for": deep, "better_up_to": 500, "gains": found, "trust": 0.3}
    better |= {"shown": (0.5, 0.5, 0.4, 0.2), "worst_ratio": 1.1}
    path.write_text(json.dumps(format_better(better)), "utf-8")
    assert dict(read_better(path)) == {**better, "gains": tuple(found)}


def test_without_features_a_gain_is_estimated_and_blur_is_none() -> None:
    held = row("exemplar", "1", 1.0, 0.5, 0.2)
    plain = replace(held, scores=replace(held.scores, features=None))  # type: ignore
    better = replace(plain, scores=replace(plain.scores, ssim_hole=0.6))  # type: ignore
    blurred = replace(better, scores=replace(better.scores, edges=held.scores.edges + 0.4))  # type: ignore
    assert rate_fill(held) == (1.0, 0.5)  # type: ignore
    assert rate_fill(better)[0] < rate_fill(plain)[0] < rate_fill(blurred)[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"gains": [{"holes": "two"}]},
        {"gains": [{"situation": 3}]},
        {"gains": 1},
        {"shown": [0.5, 0.5, 0.4]},
        {"shown": [0.5, 0.5, 0.4, 0.0]},
        {"shown": [0.5, 0.5, 0.4, "no"]},
        {"worst_ratio": 0.5},
        {"trust": 2.0},
        {"more": 1},
    ],
)
def test_damaged_measurements_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    gain = asdict(DepthGain("plain", 4.0, 2, 0.1, 0.05, 2.0))
    good = {"better_for": {}, "better_up_to": 0, "gains": [gain], "trust": 0.3, "shown": []}
    if isinstance(wrong.get("gains"), list):
        wrong = {"gains": [gain | wrong["gains"][0]]}
    path = tmp_path / "better.json"
    path.write_text(json.dumps({**good, "worst_ratio": 0.0}), "utf-8")
    assert read_better(path)["gains"]
    path.write_text(json.dumps({**good, "worst_ratio": 0.0, **wrong}), "utf-8")
    with pytest.raises(WeightsUnavailable):
        read_better(path)


def test_small_holes_are_scored_with_their_time(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    code = main(
        ["evaluate", "--small", str(folder), "--only", "*_spot_cup", "--engine", "harmonic",
         "--no-sheet", "--out-dir", str(out)]
    )  # fmt: skip
    assert code == 0
    assert "processor" in capsys.readouterr().out
    (held,) = json.loads((out / "scores.json").read_text("utf-8"))["rows"]
    assert held["photo"] == "000_spot_cup"
    assert held["processor"] > 0
    assert (out / "small" / "masks" / "000_spot_cup.png").is_file()
