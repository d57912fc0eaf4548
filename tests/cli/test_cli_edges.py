"""``--edges``: a picture of strokes reaches the engine, or the message says what is wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from shots import Shot

from inpaint_core.cli import main
from inpaint_core.retouch.guide_files import MIN_STRENGTH, read_edges


def strokes(shot: Shot, rows: slice, value: int = 255) -> np.ndarray:
    drawn = np.zeros(shot.hole.shape, np.uint8)
    drawn[rows] = value
    return drawn


def test_strokes_are_read_however_they_are_drawn(shot: Shot) -> None:
    drawn = strokes(shot, slice(30, 33))
    path = shot.folder / "edges.png"
    Image.fromarray(drawn).save(path)
    np.testing.assert_array_equal(read_edges(path, shot.hole.shape), drawn > 0)
    layer = np.zeros((*shot.hole.shape, 4), np.uint8)
    layer[30:33] = (200, 30, 30, 255)
    Image.fromarray(layer).save(path)
    np.testing.assert_array_equal(read_edges(path, shot.hole.shape), drawn > 0)
    Image.fromarray(drawn).save(shot.folder / "edges.jpg", quality=60)
    np.testing.assert_array_equal(read_edges(shot.folder / "edges.jpg", shot.hole.shape), drawn > 0)


def test_another_drawing_is_another_fill(shot: Shot) -> None:
    fills = []
    for row in (28, 36):
        path, report = shot.folder / "edges.png", shot.folder / "report.json"
        Image.fromarray(strokes(shot, slice(row, row + 2))).save(path)
        more = ("--edges", path, "--overwrite", "--report", report)
        assert shot.fill(*more, engine="exemplar") == 0
        assert json.loads(report.read_text("utf-8"))["options"]["edges"] == str(path)
        fills.append(np.asarray(Image.open(shot.out)))
    assert (fills[0] != fills[1]).any()


def test_edges_beside_the_hole_are_told(shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    path = shot.folder / "edges.png"
    Image.fromarray(strokes(shot, slice(0, 2))).save(path)
    assert shot.fill("--edges", path) == 0
    assert "No edge of" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("value", "crop", "said"),
    [
        (255, 60, "are 96 x 60 pixels, the photo 96 x 64"),
        (0, 64, "holds no edge"),
        (MIN_STRENGTH - 1, 64, "holds no edge"),
    ],
)
def test_a_picture_that_is_of_no_use_is_named(
    shot: Shot, capfd: pytest.CaptureFixture[str], value: int, crop: int, said: str
) -> None:
    path = shot.folder / "edges.png"
    Image.fromarray(strokes(shot, slice(30, 32), value)[:crop]).save(path)
    assert shot.fill("--edges", path) == 2
    what, hint = capfd.readouterr().err.splitlines()
    assert said in what
    assert hint.startswith("hint:")
    assert not shot.out.exists()


def test_edges_are_no_output(shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    drawn = strokes(shot, slice(30, 32))
    Image.fromarray(drawn).save(shot.out)
    assert shot.fill("--edges", shot.out, "--overwrite") == 2
    np.testing.assert_array_equal(np.asarray(Image.open(shot.out)), drawn)


def test_a_batch_takes_edges_too(shot: Shot) -> None:
    path, clean = shot.folder / "edges.png", shot.folder / "clean"
    Image.fromarray(strokes(shot, slice(30, 32))).save(path)
    command = ["batch", shot.photo, "--mask", shot.mask, "--out-dir", clean, "--edges", path]
    assert main([*map(str, command), "--engine", "exemplar"]) == 0
    assert shot.fill("--edges", path, engine="exemplar") == 0
    assert (clean / "photo.png").read_bytes() == shot.out.read_bytes()
