"""What others use of the library: its public names and the examples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import inpaint_core
from inpaint_core import FillOptions, Photo, fill

_ROOT = Path(inpaint_core.__file__).parents[1]


def run(*words: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, words)], capture_output=True, text=True, cwd=_ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photos and their masks."""
    for name in ("photos", "masks"):
        (tmp_path / name).mkdir()
    mask = np.zeros((64, 96), np.uint8)
    mask[24:40, 40:60] = 255
    for seed, stem in enumerate(("a", "b")):
        pixels = np.random.default_rng(seed).integers(90, 160, (64, 96, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{stem}.png")
        Image.fromarray(mask).save(tmp_path / "masks" / f"{stem}.png")
    return tmp_path


def test_every_public_name_is_there() -> None:
    for name in inpaint_core.__all__:
        assert getattr(inpaint_core, name) is not None
    assert set(inpaint_core.__all__) <= set(dir(inpaint_core))
    with pytest.raises(AttributeError, match="nothing"):
        inpaint_core.nothing  # noqa: B018


def test_importing_the_library_loads_nothing_heavy() -> None:
    program = """
import sys
import inpaint_core
print(*sorted(m for m in sys.modules if m.split(".")[0] in
              ("numpy", "cv2", "PIL", "torch", "numba", "PySide6", "resources")))
"""
    assert run("-c", program).strip() == ""


def test_a_help_text_and_the_editor_s_settings_load_no_numpy() -> None:
    program = """
import contextlib, io, sys
import app.configuration.settings
from inpaint_core.cli import main
from inpaint_core.cli.entry import COMMANDS
for name in COMMANDS.keys() - {"engines"}:
    with contextlib.redirect_stdout(io.StringIO()):
        main([name, "--help"])
    print(*(f"{name}: {m}" for m in ("numpy", "cv2", "PIL", "torch") if m in sys.modules))
"""
    assert run("-c", program).strip() == ""


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_array_comes_back_filled(dtype: type) -> None:
    pixels = np.full((40, 50, 3), 100, dtype)
    pixels[10:20, 10:20] = 255
    before = pixels.copy()
    mask = np.zeros((40, 50), bool)
    mask[10:20, 10:20] = True
    options = FillOptions[np.ndarray](engine="harmonic")
    filled = fill(pixels, mask, options)
    assert (filled == 100).all()
    assert filled.dtype == dtype
    np.testing.assert_array_equal(pixels, before)
    as_photo = fill(Photo(pixels), mask.astype(np.uint8) * np.uint8(255), options)
    np.testing.assert_array_equal(as_photo.pixels, filled)


def test_the_transparency_of_a_photo_is_filled_too() -> None:
    alpha = np.tile(np.linspace(0, 255, 50).astype(np.uint8), (40, 1))
    alpha[10:20, 10:20] = 255
    mask = np.zeros((40, 50), bool)
    mask[10:20, 10:20] = True
    photo = Photo(np.full((40, 50, 3), 100, np.uint8), alpha)
    filled = fill(photo, mask, FillOptions(engine="harmonic"))
    assert filled.alpha is not None
    assert filled.alpha[10:20, 10:20].max() < 150
    assert alpha[10:20, 10:20].min() == 255


def test_the_examples_for_photos(folder: Path) -> None:
    photo, mask, out = folder / "photos" / "a.png", folder / "masks" / "a.png", folder / "out.png"
    hole = np.asarray(Image.open(mask)) > 0
    for name in ("fill_one_photo", "own_generator"):
        run(f"examples/{name}.py", photo, mask, out)
        before, after = np.asarray(Image.open(photo)), np.asarray(Image.open(out))
        assert (before != after)[hole].any()
        np.testing.assert_array_equal(before[:18], after[:18])
        out.unlink()
    run("examples/fill_a_folder.py", folder / "photos", folder / "masks", folder / "out")
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["a.png", "b.png"]


def test_the_example_for_feature_maps(folder: Path) -> None:
    said = run("examples/feature_maps.py", folder / "photos" / "a.png", folder / "masks" / "a.png")
    assert len(said.splitlines()) == 2
