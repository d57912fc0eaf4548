"""A photo in linear light: every command gives the engine the same pixels."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inpaint_core.cli import main
from inpaint_core.cli.benchmark_probe import probe
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.photo.colour import icc_profiles
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.tone import find_tone
from inpaint_core.photo.write_photo import write_photo
from inpaint_core.project.model import Edit, Part, Recipe
from inpaint_core.project.photo_location import describe_original
from inpaint_core.project.write_project import write_project
from inpaint_core.raster.composition import to_float

SHAPE, HOLE = (64, 96), Rect(40, 24, 20, 16)


class Stop(Exception):
    """The engine was asked."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo, its mask, and a project that fills the same hole."""
    found = tmp_path_factory.mktemp("linear")
    gamma, light = struct.pack(">IH", 1, 563), struct.pack(">IH", 1, 256)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    pixels = np.stack([x * 700, y * 1000, x * y * 10], axis=-1).astype(np.uint16)
    icc = icc_profiles.make_profile("adobe").replace(gamma, light)
    write_photo(found / "photo.tif", Photo(pixels, icc=icc))
    mask = np.zeros((*SHAPE, 3), np.uint8)
    mask[HOLE.slices] = 255
    write_photo(found / "mask.png", Photo(mask))
    part = Part.of(HOLE, mask[HOLE.slices][..., 0])
    recipe = Recipe(part, FillOptions(engine="harmonic"))
    original = describe_original(found / "photo.tif", found / "p.lacuna", SHAPE, 16, 9, None)
    write_project(found / "p.lacuna", original, [(0, Edit("history.fill", (), {}, recipe))], 1)
    return found


def commands(folder: Path, out: Path) -> dict[str, list[object]]:
    photo, mask = folder / "photo.tif", ["--mask", folder / "mask.png"]
    into = ["--out-dir", out]
    return {
        "fill": ["fill", photo, *mask, "--out", out / "a.tif", "--engine", "harmonic"],
        "batch": ["batch", photo, *mask, *into, "--engine", "harmonic"],
        "replay": ["batch", photo, "--project", folder / "p.lacuna", *into],
        "features": ["features", photo, *mask, *into, "--engine", "auto"],
        "explain": ["explain", photo, *mask, *into, "--engine", "exemplar", "--at", "45,30"],
        "priors": ["priors", photo, *mask, *into, "--prior", "grey"],
        "benchmark": [],
    }


@pytest.mark.parametrize("name", list(commands(Path(), Path())))
def test_every_command_gives_the_engine_the_same_pixels(
    name: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[InpaintRequest] = []
    seen: list[np.ndarray] = []

    def inpaint(_: Engine, request: InpaintRequest, *more: Any, **others: Any) -> None:
        asked.append(request)
        if request.mask.shape == SHAPE:
            raise Stop

    def compute(_: str, image: np.ndarray, *more: Any) -> None:
        seen.append(image)
        raise Stop

    monkeypatch.setattr(Engine, "inpaint", inpaint)
    monkeypatch.setattr("inpaint_core.inspection.prior_pictures.compute_prior", compute)
    if name == "benchmark":
        order = {"engine": "harmonic", "device": "cpu", "repeat": 1, "born": 0.0}
        files = {
            "photo": folder / "photo.tif",
            "mask": folder / "mask.png",
            "out": tmp_path / "o.png",
        }
        with pytest.raises(Stop):
            probe({**order, **files})
    else:
        main(list(map(str, commands(folder, tmp_path)[name])))
    photo = read_photo(folder / "photo.tif")
    tone = find_tone(photo)
    assert tone is not None
    working = tone.to_working(photo.pixels)
    if name == "priors":
        hole = np.zeros(SHAPE, bool)
        hole[HOLE.grow(4).slices] = True
        assert np.array_equal(seen[0][~hole], to_float(working)[~hole])
    else:
        assert np.array_equal(asked[-1].image, working)
