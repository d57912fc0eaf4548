"""A retouched JPEG: blocks that no stroke touched are the original's, and the others no further
from what was painted than their quantisation must take them.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from app.document.document import Document
from app.document.retouching.copy_placement import CopyPlacement
from app.document.retouching.copy_stroke import CopyStroke, HealingStroke
from app.document.retouching.restoring_stroke import RestoringStroke
from app.document.stroke import Stroke
from app.session.export import ExportPlan, freeze, write
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.formats.jpeg.coefficients import CoefficientPlanes, read_planes
from inpaint_core.photo.read_photo import read_photo

SHAPE = (232, 310)  # neither is a multiple of 16
HOLE = Rect(40, 40, 90, 70)
SAMPLINGS = {
    "4:4:4": (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444, (8, 8)),
    "4:2:2": (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422, (8, 16)),
    "4:2:0": (cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, (16, 16)),
}


def draw(document: Document, stroke: type[Stroke], *points: tuple[float, float]) -> None:
    with document.edit("history.stroke") as editing:
        size, hardness = 22.0, 0.4
        if issubclass(stroke, CopyStroke):
            placement = CopyPlacement((200.0, 170.0), points[0])
            painted: Stroke = stroke(editing, SHAPE, size, hardness, placement)
        else:
            painted = RestoringStroke(editing, SHAPE, size, hardness)
        for point in points:
            painted.draw_to(*point)
            painted.show()
        painted.finish()


def wanted_coefficients(pixels: np.ndarray, planes: CoefficientPlanes) -> list[np.ndarray]:
    """What the blocks of ``pixels`` would hold if nothing were rounded, by OpenCV's transform."""
    (rows, columns), (down, across) = planes.frame.units, planes.frame.unit
    height, width = pixels.shape[:2]
    large = cv2.copyMakeBorder(
        pixels, 0, rows * down - height, 0, columns * across - width, cv2.BORDER_REPLICATE
    ).astype(np.float64)
    red, green, blue = np.moveaxis(large, 2, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    found = []
    for part, plane in zip(
        planes.frame.components,
        (luma - 128, (blue - luma) / 1.772, (red - luma) / 1.402),
        strict=True,
    ):
        size = (columns * part.across * 8, rows * part.down * 8)
        shrunk = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
        blocks = shrunk.reshape(rows * part.down, 8, columns * part.across, 8).swapaxes(1, 2)
        flat = blocks.reshape(-1, 8, 8)
        found.append(np.array([cv2.dct(block) for block in flat]).reshape(blocks.shape))
    return found


@pytest.mark.parametrize("sampling", sorted(SAMPLINGS))
def test_untouched_blocks_are_the_originals_and_others_only_rounded(
    tmp_path: Path, sampling: str
) -> None:
    flag, unit = SAMPLINGS[sampling]
    before, after = tmp_path / "photo.jpg", tmp_path / "retouched.jpg"
    pixels = np.ascontiguousarray(data.coffee()[: SHAPE[0], : SHAPE[1]])
    flags = [cv2.IMWRITE_JPEG_QUALITY, 88, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, flag]
    assert cv2.imwrite(str(before), pixels[..., ::-1], flags)
    document = Document(read_photo(before), before)
    document.apply_fill(HOLE, np.full((HOLE.h, HOLE.w, 3), (90, 120, 60), np.uint8))
    draw(document, RestoringStroke, (50, 60), (100, 75))
    draw(document, CopyStroke, (180, 40), (240, 60))
    draw(document, HealingStroke, (60, 180), (110, 200))
    write(freeze(document), after, ExportPlan(), Progress())

    one, other = (read_planes(path.read_bytes(), SHAPE) for path in (before, after))
    (rows, columns), found_unit = one.frame.units, one.frame.unit
    assert found_unit == unit
    touched = np.zeros((rows * unit[0], columns * unit[1]), np.bool_)
    touched[: SHAPE[0], : SHAPE[1]] = (document.pixels != document.photo.pixels).any(axis=2)
    changed = touched.reshape(rows, unit[0], columns, unit[1]).any(axis=(1, 3))
    assert 0.05 < changed.mean() < 0.6
    wanted = wanted_coefficients(document.pixels, one)
    for part, old, new, ideal, table in zip(
        one.frame.components, one.blocks, other.blocks, wanted, other.tables, strict=True
    ):
        recoded = np.repeat(np.repeat(changed, part.down, 0), part.across, 1)
        np.testing.assert_array_equal(old[~recoded], new[~recoded])
        error = np.abs(new[recoded] * table.astype(float) - ideal[recoded])
        assert (error <= table / 2 + 0.01).all()
    again = read_photo(after).pixels
    untouched = cv2.dilate(
        np.repeat(np.repeat(changed, unit[0], 0), unit[1], 1).astype(np.uint8), np.ones((5, 5))
    )[: SHAPE[0], : SHAPE[1]]  # smoothed chroma reaches a pixel or two over a block's edge
    np.testing.assert_array_equal(again[untouched == 0], document.photo.pixels[untouched == 0])


def test_what_was_taken_back_as_a_whole_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    before, after = tmp_path / "photo.jpg", tmp_path / "retouched.jpg"
    assert cv2.imwrite(str(before), data.coffee()[: SHAPE[0], : SHAPE[1]])
    document = Document(read_photo(before), before)
    document.apply_fill(HOLE, np.full((HOLE.h, HOLE.w, 3), (90, 120, 60), np.uint8))
    with document.edit("history.restore") as editing:
        RestoringStroke(editing, SHAPE, 400, 1).draw_to(85, 75)
    exported = write(freeze(document), after, ExportPlan(), Progress())
    one, other = (read_planes(path.read_bytes(), SHAPE) for path in (before, after))
    for old, new in zip(one.blocks, other.blocks, strict=True):
        np.testing.assert_array_equal(old, new)
    assert exported.check.differing == 0
