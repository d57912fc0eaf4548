"""``inpaint batch --project``: the fills of one photo on others of its size."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from making import photo_at, recipe
from PIL import Image

from inpaint_core.cli import failure_message as failure
from inpaint_core.cli import main
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.photo.colour import icc_profiles as profiles
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.tone import find_tone
from inpaint_core.photo.write_photo import write_photo
from inpaint_core.project.model import Edit, Part
from inpaint_core.project.photo_location import describe_original, sha256
from inpaint_core.project.write_project import write_project

SHAPE = (60, 90)
HOLES = (Rect(10, 10, 12, 9), Rect(50, 30, 20, 14))


@pytest.fixture(autouse=True)
def _log(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path_factory.mktemp("log") / "inpaint.log"
    monkeypatch.setattr(failure, "log_path", lambda: path)


@pytest.fixture
def burst(tmp_path: Path) -> list[Path]:
    """Three photos of one size, the last with 16 bits."""
    first = [photo_at(tmp_path / f"{n}.png", seed=n, shape=SHAPE) for n in range(2)]
    return [*first, photo_at(tmp_path / "2.tif", 16, shape=SHAPE)]


def project(path: Path, photo: Path, engine: str = "harmonic", count: int = 2) -> Path:
    """Two fills that were done and one that was undone."""
    parts = [Part.of(hole, np.full((hole.h, hole.w), 255, np.uint8)) for hole in HOLES]
    undone = Part.of(Rect(0, 0, 5, 5), np.full((5, 5), 255, np.uint8))
    edits = [
        Edit("history.fill", (), {}, recipe(part, seed, engine, grow=seed, feather=3.0))
        for seed, part in enumerate([*parts, undone])
    ]
    original = describe_original(photo, path, SHAPE, 8, photo.stat().st_size, sha256(photo))
    write_project(path, original, enumerate(edits), count, overwrite=True)
    return path


def run(*args: object) -> int:
    return main(["batch", *map(str, args)])


def by_hand(photo: Path) -> np.ndarray:
    """What two fills one after the other give."""
    read = read_photo(photo)
    pixels, alpha = read.pixels, None if read.alpha is None else read.alpha.copy()
    for seed, hole in enumerate(HOLES):
        mask = np.zeros(SHAPE, np.uint8)
        mask[hole.slices] = 255
        options = FillOptions(engine="harmonic", seed=seed, grow=seed, feather=3.0)
        result = Engine().inpaint(InpaintRequest(pixels, mask, options, alpha=alpha), Progress())
        pixels = result.applied_to(pixels)
        if alpha is not None and result.alpha is not None:
            alpha[result.rect.slices] = result.alpha
    return pixels


def test_a_burst_gets_the_fills_of_one_photo(burst: list[Path], tmp_path: Path) -> None:
    file = project(tmp_path / "p.lacuna", burst[0])
    report = tmp_path / "report.json"
    out = tmp_path / "out"
    assert run(*burst, "--project", file, "--out-dir", out, "--report", report) == 0
    for photo in burst:
        done = read_photo(out / photo.name).pixels
        assert np.array_equal(done, by_hand(photo))
        assert done.dtype == read_photo(photo).pixels.dtype
    content = json.loads(report.read_text("utf-8"))
    assert content["summary"]["done"] == 3
    check = content["photos"][0]["output"]["check"]
    assert check["differing"] == 0
    assert check["pixels"] < SHAPE[0] * SHAPE[1]
    fills = content["photos"][0]["fills"]
    assert [(fill["engine"], fill["seed"]) for fill in fills] == [("harmonic", 0), ("harmonic", 1)]


@pytest.mark.parametrize("linear", [False, True])
def test_one_fill_is_what_the_same_mask_gives(tmp_path: Path, linear: bool) -> None:
    """Also of a photo in linear light, which is filled with another tone curve."""
    gamma, light = struct.pack(">IH", 1, 563), struct.pack(">IH", 1, 256)
    icc = profiles.make_profile("adobe").replace(gamma, light) if linear else None
    photo, hole = tmp_path / "photo.tif", HOLES[1]
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    pixels = np.stack([x * 700, y * 1000, x * y * 12], axis=-1).astype(np.uint16)
    write_photo(photo, Photo(pixels, icc=icc))
    assert (find_tone(read_photo(photo)) is not None) is linear
    mask = np.zeros(SHAPE, np.uint8)
    mask[hole.slices] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    made = recipe(Part.of(hole, mask[hole.slices]), 4, grow=2, feather=3.0)
    file, out = tmp_path / "p.lacuna", tmp_path / "out"
    original = describe_original(photo, file, SHAPE, 16, 9, None)
    write_project(file, original, [(0, Edit("history.fill", (), {}, made))], 1)
    assert run(photo, "--project", file, "--out-dir", out) == 0
    same = ["--engine", "harmonic", "--seed", "4", "--grow", "2", "--feather", "3"]
    mask_of = ["--mask", str(tmp_path / "mask.png"), "--out", str(tmp_path / "filled.tif")]
    assert main(["fill", str(photo), *mask_of, *same]) == 0
    assert (out / "photo.tif").read_bytes() == (tmp_path / "filled.tif").read_bytes()


def test_what_is_finished_is_not_done_again_unless_the_project_changed(
    burst: list[Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file, out = project(tmp_path / "p.lacuna", burst[0]), tmp_path / "out"
    assert run(*burst, "--project", file, "--out-dir", out) == 0
    assert run(*burst, "--project", file, "--out-dir", out) == 0
    assert "3 finished before" in capfd.readouterr().out
    project(file, burst[0], count=1)
    assert run(*burst, "--project", file, "--out-dir", out) == 0
    assert "3 filled" in capfd.readouterr().out


def test_a_photo_of_another_size_is_refused_with_both_sizes(
    burst: list[Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file, out = project(tmp_path / "p.lacuna", burst[0]), tmp_path / "out"
    other = photo_at(tmp_path / "other.png", shape=(50, 91))
    assert run(burst[0], other, "--project", file, "--out-dir", out) == 1
    said = capfd.readouterr().err
    assert "91 x 50" in said
    assert "90 x 60" in said
    assert (out / burst[0].name).exists()
    assert not (out / other.name).exists()


@pytest.mark.parametrize(
    "option",
    [
        ("--engine", "exemplar"),
        ("--seed", "3"),
        ("--grow", "0"),
        ("--feather", "1"),
        ("--regularity", "off"),
    ],
)
def test_what_the_project_says_is_not_said_twice(
    burst: list[Path], tmp_path: Path, option: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    file, out = project(tmp_path / "p.lacuna", burst[0]), tmp_path / "out"
    assert run(burst[0], "--project", file, "--out-dir", out, *option) == 2
    assert option[0] in capfd.readouterr().err


def test_a_project_that_cannot_be_replayed_is_refused_at_once(
    burst: list[Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    nothing = project(tmp_path / "p.lacuna", burst[0], count=0)
    assert run(burst[0], "--project", nothing, "--out-dir", out) == 2
    assert "Nothing was filled" in capfd.readouterr().err
    unknown = project(tmp_path / "p.lacuna", burst[0], engine="of-tomorrow")
    assert run(burst[0], "--project", unknown, "--out-dir", out) == 2
    assert "of-tomorrow" in capfd.readouterr().err
    assert run(burst[0], "--project", burst[1], "--out-dir", out) == 2
    assert "not a Lacuna project" in capfd.readouterr().err
    assert run(burst[0], "--project", nothing, "--mask", burst[1], "--out-dir", out) == 2
    assert not out.exists()


def test_other_weights_are_said(burst: list[Path], tmp_path: Path) -> None:
    hole = Part.of(HOLES[0], np.full((HOLES[0].h, HOLES[0].w), 255, np.uint8))
    edit = Edit("history.fill", (), {}, recipe(hole, weights_sha256="0" * 64))
    file, report = tmp_path / "p.lacuna", tmp_path / "report.json"
    write_project(file, describe_original(burst[0], file, SHAPE, 8, 9, None), [(0, edit)], 1)
    out = tmp_path / "out"
    assert run(burst[0], "--project", file, "--out-dir", out, "--report", report) == 0
    (photo,) = json.loads(report.read_text("utf-8"))["photos"]
    assert any("other weights" in loss for loss in photo["losses"])
