"""The pixels of one fill after the other in one array."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.document.document import Document
from app.session import frozen_request
from app.session.frozen_request import FrozenPixels, WorkingCopy
from inpaint_core.contract.geometry import Rect
from inpaint_core.photo.photo import Photo


def opened(seed: int) -> Document:
    pixels: Any = np.random.default_rng(seed).integers(0, 255, (300, 530, 3), np.uint8)
    return Document(Photo(pixels))


def fill(document: Document, rect: Rect, value: int) -> None:
    document.apply_fill(rect, np.full((rect.h, rect.w, 3), value, np.uint8))


def test_it_is_what_the_document_shows_after_fills_and_undo() -> None:
    document, copy = opened(1), WorkingCopy()
    assert copy.update(FrozenPixels.of(document)) is document.photo.pixels
    fill(document, Rect(10, 20, 30, 30), 7)
    first = copy.update(FrozenPixels.of(document))
    np.testing.assert_array_equal(first, document.pixels)
    fill(document, Rect(400, 270, 30, 30), 9)
    second = copy.update(FrozenPixels.of(document))
    assert second is first
    np.testing.assert_array_equal(second, document.pixels)
    document.undo()
    document.undo()
    fill(document, Rect(290, 100, 5, 5), 3)
    np.testing.assert_array_equal(copy.update(FrozenPixels.of(document)), document.pixels)
    other = opened(2)
    fill(other, Rect(0, 0, 9, 9), 1)
    np.testing.assert_array_equal(copy.update(FrozenPixels.of(other)), other.pixels)
    np.testing.assert_array_equal(copy.update(FrozenPixels.of(document)), document.pixels)


def test_it_is_given_up_with_the_photo() -> None:
    document, copy = opened(1), WorkingCopy()
    fill(document, Rect(10, 20, 30, 30), 7)
    held: weakref.ref[NDArray[Any]] = weakref.ref(copy.update(FrozenPixels.of(document)))
    assert held() is not None
    del document
    gc.collect()
    assert held() is None


def test_a_very_large_photo_is_copied_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen_request, "_MOST_KEPT", 1000)
    document, copy = opened(1), WorkingCopy()
    fill(document, Rect(10, 20, 30, 30), 7)
    first, second = (copy.update(FrozenPixels.of(document)) for _ in range(2))
    assert first is not second
    np.testing.assert_array_equal(first, document.pixels)
