from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.inspection.capture import InspectedRun
from inpaint_core.inspection.influence import find_influence
from inpaint_core.inspection.run_on_disk import move_to_disk


def test_a_run_on_disk_is_the_same_run(
    tiled: InspectedRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    count_memory_bytes: Callable[[InspectedRun], int],
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert count_memory_bytes(tiled) > 1_000_000
    stored = move_to_disk(tiled)
    assert count_memory_bytes(stored) == 0
    assert count_memory_bytes(tiled) > 0
    assert stored.taps == tiled.taps
    assert stored.result is tiled.result
    for one, other in zip(tiled.captures, stored.captures, strict=True):
        assert one.place == other.place
        assert one.maps.keys() == other.maps.keys()
        for name, values in one.maps.items():
            assert other.maps[name].dtype == values.dtype
            np.testing.assert_array_equal(other.maps[name], values)
        for field in fields(one.generator_pass.view):
            left, right = (getattr(c.generator_pass.view, field.name) for c in (one, other))
            if isinstance(left, np.ndarray):
                np.testing.assert_array_equal(left, right)
    assert stored.measure_statistics("texture-2") == tiled.measure_statistics("texture-2")
    (here,), (there,) = (
        tiled.read_map("residual-1", "entropy"),
        stored.read_map("residual-1", "entropy"),
    )
    np.testing.assert_array_equal(here.values, there.values)
    hole = tiled.result.rect
    x, y = hole.x + hole.w // 2, hole.y + hole.h // 2
    np.testing.assert_allclose(
        find_influence(tiled, x, y).photo.values, find_influence(stored, x, y).photo.values
    )
    # Nobody can write into what others may look at, and nothing is left behind.
    with pytest.raises(ValueError, match="read-only"):
        stored.captures[0].maps["texture-2"][:] = 0
    assert list(tmp_path.iterdir()) == []


def test_no_room_on_disk_is_said_and_no_file_is_left(
    tiled: InspectedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(CannotWrite, match="on disk"):
        move_to_disk(tiled)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        move_to_disk(tiled, progress)
    assert list(tmp_path.iterdir()) == []
