"""A whole session as a person has it: real files, real events, the real engine."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from playing import pixels, play, stroke
from skimage import data

from app.ui.shell.editor import Editor
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo


def scenery(bits: int) -> np.ndarray:
    """A photo of 240x180 pixels, colourful, whose lower bits differ everywhere at 16 bits."""
    picture = np.asarray(data.astronaut()[:180, :240])
    if bits == 8:
        return picture
    grain = np.random.default_rng(1).integers(0, 257, picture.shape)
    return np.minimum(picture.astype(np.int64) * 256 + grain, 65535).astype(np.uint16)


@pytest.mark.parametrize(("bits", "ending"), [(8, "png"), (16, "tif"), (16, "png")])
def test_from_a_photo_to_a_clean_one(
    editor: Editor, tmp_path: Path, bits: int, ending: str
) -> None:
    before = scenery(bits)
    write_photo(tmp_path / f"photo.{ending}", Photo(before))
    reports = play(
        editor,
        tmp_path,
        {"do": "set", "id": "fill.feather", "value": 0},
        {"do": "open", "path": f"photo.{ending}"},
        {"do": "tool", "id": "brush", "size": 24, "hardness": 100},
        stroke((60, 60), (80, 66), (100, 60)),
        stroke((150, 110, 0.3), (165, 120, 1.0), (180, 112, 0.6), device="pen"),
        stroke((98, 60), (104, 60), eraser=True, device="pen"),
        {"do": "grab", "path": "painted-window.png", "of": "canvas"},
        {"do": "export", "path": "painted.png", "what": "mask"},
        {"do": "key", "keys": "Return"},
        {"do": "wait"},
        {"do": "grab", "path": "filled-window.png", "of": "canvas"},
        {"do": "export", "path": "filled-mask.png", "what": "mask"},
        {"do": "export", "path": f"filled.{ending}"},
        {"do": "action", "id": "edit.undo"},
        {"do": "export", "path": "undone-mask.png", "what": "mask"},
        {"do": "export", "path": f"undone.{ending}"},
        {"do": "action", "id": "edit.redo"},
        {"do": "export", "path": f"redone.{ending}"},
        {"do": "open", "path": f"redone.{ending}"},
    )
    assert "error" not in reports[-1], reports[-1]
    mask = pixels(tmp_path / "painted.png")
    assert mask[60, 70] == mask[118, 163] == 255
    assert mask[60, 101] == 0  # rubbed out again
    assert not pixels(tmp_path / "filled-mask.png").any()
    np.testing.assert_array_equal(pixels(tmp_path / "undone-mask.png"), mask)

    filled = read_photo(tmp_path / f"filled.{ending}").pixels
    assert filled.dtype == before.dtype
    np.testing.assert_array_equal(filled[mask == 0], before[mask == 0])
    inside = cv2.erode(mask, np.ones((3, 3), np.uint8)) == 255
    assert (filled[inside] != before[inside]).any(axis=1).mean() > 0.9
    np.testing.assert_array_equal(read_photo(tmp_path / f"undone.{ending}").pixels, before)
    np.testing.assert_array_equal(read_photo(tmp_path / f"redone.{ending}").pixels, filled)

    opened = editor.window.controller.current
    assert opened is not None
    np.testing.assert_array_equal(opened.document.pixels, filled)

    painted = pixels(tmp_path / "painted-window.png").astype(int)
    shown = pixels(tmp_path / "filled-window.png").astype(int)
    redder = (painted[..., 0] - painted[..., 2]) - (shown[..., 0] - shown[..., 2])
    assert (redder > 40).sum() > 500  # the mask was seen, and is gone
    assert shown.std() > 20  # the photo is seen


def test_a_session_leaves_no_thread_behind(editor: Editor, tmp_path: Path, photo: Path) -> None:
    before = set(threading.enumerate())
    play(
        editor,
        tmp_path,
        {"do": "open", "path": photo.name},
        {"do": "tool", "id": "brush", "size": 9},
        stroke((20, 20), (40, 30)),
        {"do": "action", "id": "fill.run"},
        {"do": "action", "id": "fill.cancel"},
        {"do": "action", "id": "fill.run"},
        {"do": "wait"},
        {"do": "export", "path": "out.png"},
    )
    assert read_photo(tmp_path / "out.png").shape == (60, 90)
    started = {thread.name for thread in set(threading.enumerate()) - before}
    assert any(name.startswith("engine") for name in started)
    editor.close()
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert not left
