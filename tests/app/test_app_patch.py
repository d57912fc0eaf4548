"""The patch tool, with real events: what is outlined is healed with what it is dragged to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from handwork import Workbench, at_work
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.configuration.text import t
from app.document.document import Document
from app.document.retouching.patching import heal_region
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo

LOOP = [(60, 200), (110, 200), (110, 250), (60, 250)]
INSIDE = Rect(61, 201, 48, 48)


@pytest.fixture
def workbench(qapp: QApplication, tmp_path: Path) -> Iterator[Workbench]:
    with at_work(tmp_path) as workbench:
        yield workbench


def test_a_drag_heals_what_was_outlined_as_one_step(workbench: Workbench) -> None:
    document = workbench.document
    original = document.pixels.copy()
    tool = workbench.use("patch")
    workbench.drag([*LOOP, LOOP[0]])
    assert tool.hint == t("tools.patch.hint")
    assert not workbench.names
    workbench.press((80, 220))
    workbench.move((180, 150))  # over the disc
    ratio, inside = workbench.canvas.devicePixelRatioF(), workbench.at((80, 220))
    shown = workbench.canvas.grab().toImage().pixelColor((inside * ratio).toPoint())
    assert shown.red() > 200 > 100 > shown.green()
    assert np.array_equal(document.pixels, original)
    workbench.move((280, 221))
    workbench.release((280, 221))
    assert workbench.names == ["history.patch"]
    there = INSIDE.translate(200, 1)
    error = document.pixels[INSIDE.slices].astype(int) - original[there.slices]
    assert np.abs(error - error.mean()).max() <= 2  # its grain, at another brightness
    outside = np.ones(document.shape, np.bool_)
    outside[199:252, 59:112] = False
    assert np.array_equal(document.pixels[outside], original[outside])
    workbench.drag([(80, 220), (80, 120)])
    assert workbench.names == ["history.patch"] * 2
    document.undo()
    document.undo()
    assert np.array_equal(document.pixels, original)


def test_esc_puts_the_outline_back_then_removes_it_and_a_click_does_nothing(
    workbench: Workbench,
) -> None:
    tool = workbench.use("patch")
    workbench.drag([*LOOP, LOOP[0]])
    workbench.press((80, 220))
    workbench.move((180, 150))
    assert workbench.key(Qt.Key.Key_Escape)
    workbench.release((180, 150))
    workbench.click((80, 220))
    assert (tool.is_active, workbench.names) == (True, [])
    assert workbench.key(Qt.Key.Key_Escape)
    assert not tool.is_active
    workbench.drag([(80, 220), (180, 150)])  # a line: no outline
    assert (tool.is_active, workbench.names) == (False, [])


def test_beyond_the_photo_there_is_nothing_to_heal_with(workbench: Workbench) -> None:
    told: list[str] = []
    tool = workbench.use("patch")
    tool.notice_posted.connect(lambda text, _: told.append(text))
    workbench.drag([*LOOP, LOOP[0]])
    workbench.drag([(80, 220), (80, 620)])
    assert (told, workbench.names) == ([t("tools.copy.beyond")], [])
    original = workbench.document.pixels.copy()
    workbench.drag([(80, 220), (80, 290)])  # partly
    changed = (workbench.document.pixels != original).any(axis=(1, 2))
    assert changed[205:228].any()
    assert not changed[230:].any()


@pytest.mark.parametrize(
    ("dtype", "has_alpha"), [(np.uint8, False), (np.uint16, False), (np.uint8, True)]
)
def test_the_light_fits_at_any_depth_and_nothing_else_changes(
    dtype: type[np.uint8] | type[np.uint16], has_alpha: bool
) -> None:
    top = int(np.iinfo(dtype).max)
    y, x = np.mgrid[:120, :240]
    light = (0.2 + 0.002 * x + 0.001 * y)[..., np.newaxis] * np.array([1.0, 0.8, 0.6])
    texture = np.random.default_rng(2).normal(0, 0.01, (120, 240, 1))
    clean = np.rint((light + texture) * top).astype(dtype)
    spoilt = clean.copy()
    spoilt[40:80, 40:80] = top
    alpha = np.full((120, 240), top, dtype) if has_alpha else None
    if alpha is not None:
        alpha[:20] = 0
        spoilt[:20] = 0
    document = Document(Photo(spoilt, alpha=alpha))
    rect = Rect(36, 36, 48, 48)
    with document.edit("history.patch") as editing:
        heal_region(editing, rect, np.full((48, 48), 255, np.uint8), (100, 10))
    outside = np.ones(document.shape, np.bool_)
    outside[rect.slices] = False
    assert np.array_equal(document.pixels[outside], spoilt[outside])
    error = document.pixels[rect.slices].astype(float) - light[rect.slices] * top
    assert np.abs(error.mean(axis=2)).mean() < 0.013 * top
    assert abs(error[:24].mean() - error[24:].mean()) < 0.006 * top
